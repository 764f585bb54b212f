//! A throw-away desktop session with a real, unlocked keyring, for tests of the OS keychain. The developer's own keyring is
//! out of reach in it: the session has its own bus and its own folders.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::{Outcome, While as _};
use crate::process;

/// Starts and unlocks a keyring (its password guards nothing: the folder is deleted afterwards), waits until the bus knows it, runs
/// the given command, and ends the keyring: it would outlive its bus, and write into a folder that is being deleted.
const RUN_WITH_KEYRING: &str = r#"
printf scratch | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
keyring=$!
trap 'kill "$keyring"; wait "$keyring"' EXIT
gdbus wait --session --timeout 20 org.freedesktop.secrets || exit
"$@"
"#;

/// Set where a real keychain may be written to; tests of the real keychain run only then.
const MAY_USE_KEYCHAIN: &str = "REPLUG_TEST_KEYCHAIN";

/// Whether such a session can be had here.
pub(crate) fn is_available() -> bool {
    cfg!(target_os = "linux")
        && process::is_installed("dbus-run-session")
        && process::is_installed("gnome-keyring-daemon")
        && process::is_installed("gdbus")
}

/// `command`, to be run in a session of its own whose files are all below `scratch`.
pub(crate) fn in_own_session(command: &Command, scratch: &Path) -> Outcome<Command> {
    let mut session = Command::new("dbus-run-session");
    session.args(["--", "sh", "-c", RUN_WITH_KEYRING, "sh"]);
    let mut session = process::inside(session, command);
    for (variable, name) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_RUNTIME_DIR", "runtime"),
    ] {
        let folder = scratch.join(name);
        make_private(&folder).while_doing(|| format!("making {}", folder.display()))?;
        session.env(variable, folder);
    }
    session.env(MAY_USE_KEYCHAIN, "1");
    Ok(session)
}

/// A run-time folder that others may enter is refused by the programs that use it.
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{in_own_session, is_available};
    use crate::process;
    use std::process::Command;

    #[test]
    fn the_session_has_a_keyring_of_its_own() {
        if !is_available() {
            return;
        }
        let scratch = tempfile::tempdir().unwrap();
        let mut ask = Command::new("sh");
        ask.args([
            "-c",
            "echo $XDG_DATA_HOME && gdbus call --session --dest org.freedesktop.secrets \
            --object-path /org/freedesktop/secrets --method org.freedesktop.Secret.Service.ReadAlias default",
        ]);
        let said = process::capture(&mut in_own_session(&ask, scratch.path()).unwrap()).unwrap();
        assert!(said.starts_with(scratch.path().to_str().unwrap()), "its data is thrown away: {said}");
        assert!(said.contains("collection/login"), "a new item has an unlocked place to go: {said}");
    }

    #[test]
    fn the_session_ends_as_its_command_does() {
        if !is_available() {
            return;
        }
        let scratch = tempfile::tempdir().unwrap();
        let mut fail = Command::new("sh");
        fail.args(["-c", "exit 7"]);
        let status = in_own_session(&fail, scratch.path()).unwrap().status().unwrap();
        assert_eq!(status.code(), Some(7));
    }
}
