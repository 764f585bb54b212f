//! Hands `tauri.conf.json` and the icons to the compiler. What the window does is in `src/`.

fn main() {
    tauri_build::build();
}
