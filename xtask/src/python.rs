//! Python's side of the tasks: one environment below the target folder, with exactly the packages of a list. What runs in it is
//! decided by the callers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::checkout::Checkout;
use crate::failure::{Outcome, While as _};
use crate::process;

/// The oldest Python that the packages run on, as its major and minor version.
const OLDEST: (u64, u64) = (3, 10);

/// The interpreter of an environment with the packages that `requirements` lists. `None`, with a word about it, where there is
/// no Python or the packages cannot be had: a developer without either can still run everything else.
pub(crate) fn environment(checkout: &Checkout, requirements: &Path) -> Outcome<Option<PathBuf>> {
    let wanted = fs::read(requirements).while_doing(|| format!("reading {}", requirements.display()))?;
    let folder = checkout.target_folder()?.join("python");
    let installed = folder.join("installed.txt");
    let inner = if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" };
    let interpreter = folder.join(inner);
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(interpreter));
    }
    let Some(program) = found() else {
        println!("Python {}.{} or later was not found: its servers are left out", OLDEST.0, OLDEST.1);
        return Ok(None);
    };
    let mut make = Command::new(program);
    make.args(["-m", "venv", "--clear"]).arg(&folder);
    let mut fill = Command::new(&interpreter);
    fill.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]).arg(requirements);
    if !(process::passes(&mut make)? && process::passes(&mut fill)?) {
        println!("The servers for Python cannot be installed: they are left out");
        return Ok(None);
    }
    fs::write(&installed, wanted).while_doing(|| format!("writing {}", installed.display()))?;
    Ok(Some(interpreter))
}

/// A Python that is new enough.
fn found() -> Option<&'static str> {
    ["python3", "python"].into_iter().find(|program| {
        let said = Command::new(program).arg("--version").output().ok();
        let said = said.and_then(|output| String::from_utf8(output.stdout).ok());
        said.as_deref().and_then(version).is_some_and(|version| version >= OLDEST)
    })
}

/// Major and minor version in Python's own words.
fn version(said: &str) -> Option<(u64, u64)> {
    let mut numbers = said.trim().strip_prefix("Python ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn the_version_of_python_is_read_from_its_own_words() {
        assert_eq!(version("Python 3.11.7\n"), Some((3, 11)));
        assert!(version("Python 3.9.1") < Some((3, 10)), "nine comes before ten");
        assert_eq!(version("bash: python3"), None);
    }
}
