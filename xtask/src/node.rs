//! Node's side of the tasks: installing packages, building the user interface, and its two test runners.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::SystemTime;

use crate::checkout::{self, Checkout};
use crate::failure::{Failure, Outcome, While as _};
use crate::process;
use crate::tally::{self, Tally};

/// The oldest Node that the user interface's tools run on.
const OLDEST_NODE: u64 = 20;

/// Where the lock file of the last `npm ci` is kept, to see whether another one is needed.
const INSTALLED_LOCK: &str = "node_modules/.installed-lock.json";

/// Folders below `ui` that the build does not read.
const NOT_BUILT_FROM: &[&str] =
    &["node_modules", "dist", "e2e", "window", "test-results", "playwright-report", "coverage"];

/// Brings `ui/node_modules` to what the lock file says; nothing happens when it is there already.
pub(crate) fn install(checkout: &Checkout) -> Outcome<()> {
    install_in(&checkout.ui())
}

/// The same for any folder with a lock file.
pub(crate) fn install_in(folder: &Path) -> Outcome<()> {
    let found = process::capture(Command::new("node").arg("--version")).ok();
    if found.as_deref().and_then(major).is_none_or(|version| version < OLDEST_NODE) {
        return Err(Failure::new(format!(
            "Node {OLDEST_NODE} or later is needed, and {} was found. Install it from nodejs.org or your system",
            found.as_deref().map_or("none", str::trim)
        )));
    }
    let (lock, installed) = (folder.join("package-lock.json"), folder.join(INSTALLED_LOCK));
    let wanted = fs::read(&lock).while_doing(|| format!("reading {}", lock.display()))?;
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    process::succeed(&mut checkout::npm_in(folder, &["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&installed, wanted).while_doing(|| format!("writing {}", installed.display()))
}

/// Builds the user interface when anything it is built from is newer than the last build.
pub(crate) fn build_if_stale(checkout: &Checkout) -> Outcome<()> {
    let ui = checkout.ui();
    let built = fs::metadata(ui.join("dist/index.html")).and_then(|file| file.modified()).ok();
    if built.is_some_and(|built| newest_below(&ui).is_some_and(|newest| newest <= built)) {
        return Ok(());
    }
    process::succeed(&mut checkout.npm(&["run", "build"]))
}

/// Runs the unit tests of the user interface.
pub(crate) fn unit_tests(checkout: &Checkout) -> Outcome<Tally> {
    vitest(checkout, "test", Ok)
}

/// Runs vitest by a script of `ui/package.json`, in the surroundings that `surround` gives it, and counts its tests.
pub(crate) fn vitest(
    checkout: &Checkout,
    script: &str,
    surround: impl FnOnce(Command) -> Outcome<Command>,
) -> Outcome<Tally> {
    let folder = scratch()?;
    let report = folder.path().join("vitest.json");
    let mut command = checkout.npm(&["run", script, "--", "--reporter=default", "--reporter=json"]);
    command.arg(format!("--outputFile.json={}", report.display()));
    let succeeded = process::passes(&mut surround(command)?)?;
    let summary = fs::read_to_string(report).ok();
    Ok(Tally::agreed(summary.as_deref().and_then(tally::from_vitest), succeeded))
}

/// Runs the tests of the user interface in Chromium, on the real engine.
pub(crate) fn browser_tests(checkout: &Checkout) -> Outcome<Tally> {
    let folder = scratch()?;
    let report = folder.path().join("playwright.json");
    let mut command = checkout.npm(&["run", "e2e", "--", "--reporter=line,json"]);
    command.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    let succeeded = process::passes(&mut command)?;
    let summary = fs::read_to_string(report).ok();
    Ok(Tally::agreed(summary.as_deref().and_then(tally::from_playwright), succeeded))
}

fn scratch() -> Outcome<tempfile::TempDir> {
    tempfile::tempdir().while_doing(|| "making a scratch folder".to_owned())
}

fn major(version: &str) -> Option<u64> {
    version.trim().trim_start_matches('v').split('.').next()?.parse().ok()
}

/// When anything below `folder` that the build reads was last changed; `None` when it cannot be read.
fn newest_below(folder: &Path) -> Option<SystemTime> {
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let kind = entry.file_type().ok()?;
        if kind.is_dir() {
            if NOT_BUILT_FROM.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            newest = newest.max(newest_below(&entry.path())?);
        }
        newest = newest.max(entry.metadata().ok()?.modified().ok()?);
    }
    Some(newest)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::{Duration, SystemTime};

    use super::{major, newest_below};

    #[test]
    fn the_major_version_of_node_is_read_from_its_own_words() {
        assert_eq!(major("v20.20.2\n"), Some(20));
        assert_eq!(major("node"), None);
    }

    #[test]
    fn what_the_build_writes_does_not_make_the_build_stale() {
        let ui = tempfile::tempdir().unwrap();
        let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let new = old + Duration::from_mins(1);
        let put = |name: &str, time: SystemTime| {
            let path = ui.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            File::create(&path).unwrap().set_modified(time).unwrap();
            File::open(path.parent().unwrap()).unwrap().set_modified(time).unwrap();
        };
        put("dist/index.html", new);
        put("src/main.ts", old);
        assert_eq!(newest_below(ui.path()), Some(old));
        put("src/words.ts", new);
        assert_eq!(newest_below(ui.path()), Some(new));
    }
}
