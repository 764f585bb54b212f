//! Where the data folder is, and where a person's files begin. The system and its variables are values passed in, so that every
//! system is tested on each.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use replug_apps::Computer;
use replug_core::Platform;

/// The data folder: `REPLUG_DATA_DIR` when it is set, else `$XDG_DATA_HOME/replug` (or `~/.local/share/replug`),
/// `~/Library/Application Support/Replug`, `%LOCALAPPDATA%\Replug`. `None` when the variables for it are missing.
///
/// `variable` looks a variable of the environment up; empty ones count as missing, and so do relative folders, as the XDG
/// Base Directory Specification asks. They need not be text.
pub fn default_data_dir(platform: Platform, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(chosen) = folder("REPLUG_DATA_DIR") {
        return Some(chosen);
    }
    match platform {
        Platform::Linux => {
            let xdg = folder("XDG_DATA_HOME").filter(|folder| is_below_root(folder));
            let usual = || folder("HOME").map(|home| home.join(".local/share"));
            Some(xdg.or_else(usual)?.join("replug"))
        }
        Platform::MacOs => Some(folder("HOME")?.join("Library/Application Support/Replug")),
        Platform::Windows => Some(folder("LOCALAPPDATA")?.join("Replug")),
    }
}

/// The computer as the files of AI apps see it. For whom the variables name no home folder, the system's root stands in for
/// it.
pub fn computer(platform: Platform, variable: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Computer {
    let home = if platform == Platform::Windows { "USERPROFILE" } else { "HOME" };
    let root = if platform == Platform::Windows { r"C:\" } else { "/" };
    let home = variable(home).filter(|home| !home.is_empty()).map_or_else(|| PathBuf::from(root), PathBuf::from);
    Computer::new(platform, home, move |name| variable(name)?.into_string().ok())
}

/// Not by the rules of the system this runs on: Windows takes no folder for absolute that begins with a slash.
fn is_below_root(folder: &Path) -> bool {
    folder.as_os_str().as_encoded_bytes().starts_with(b"/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(platform: Platform, variables: &[(&str, &str)]) -> Option<PathBuf> {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into());
        default_data_dir(platform, value)
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_whose_name_is_no_text_is_used_as_it_is() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = || OsString::from_vec(b"/data/\xff\xfe".to_vec());
        let of = |known: &'static str| default_data_dir(Platform::Linux, move |name| (name == known).then(odd));
        assert_eq!(of("REPLUG_DATA_DIR"), Some(odd().into()));
        assert_eq!(of("XDG_DATA_HOME"), Some(PathBuf::from(odd()).join("replug")));
    }

    #[test]
    fn each_system_has_its_own_place() {
        use Platform::{Linux, MacOs, Windows};
        assert_eq!(at(Linux, &[("HOME", "/h")]), Some("/h/.local/share/replug".into()));
        assert_eq!(at(Linux, &[("HOME", "/h"), ("XDG_DATA_HOME", "/x")]), Some("/x/replug".into()));
        assert_eq!(
            at(Linux, &[("HOME", "/h"), ("XDG_DATA_HOME", "x")]),
            Some("/h/.local/share/replug".into()),
            "relative"
        );
        assert_eq!(at(MacOs, &[("HOME", "/h")]), Some("/h/Library/Application Support/Replug".into()));
        assert_eq!(at(Windows, &[("LOCALAPPDATA", "C:/l")]), Some("C:/l/Replug".into()));
        assert_eq!(at(Linux, &[]), None);
    }

    #[test]
    fn the_variable_goes_before_every_system() {
        for platform in [Platform::Linux, Platform::MacOs, Platform::Windows] {
            assert_eq!(at(platform, &[("REPLUG_DATA_DIR", "/d"), ("HOME", "/h")]), Some("/d".into()));
        }
    }
}
