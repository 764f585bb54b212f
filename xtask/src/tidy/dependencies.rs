//! Rules on who may depend on whom: the direction between our own packages, and the crates from elsewhere that only one
//! package may know. The reasons are in `docs/architecture.md`.

use super::metadata::{Dependency, Package};
use super::{Finding, House};

/// Our packages and their height. A package may depend on lower ones only. The tasks have none, and depend on no other.
const HEIGHTS: &[(&str, u8)] = &[
    ("replug-core", 0),
    ("replug-net", 1),
    ("replug-store", 1),
    ("replug-keychain", 1),
    ("replug-oauth", 2),
    ("replug-mcp", 2),
    ("replug-apps", 2),
    ("replug-engine", 3),
    (LAB, 4),
    (INTEROP, SHELL),
    (HOSTILE, SHELL),
    ("replug", SHELL),
    ("replug-desktop", SHELL),
];

/// The height of what a person starts. Nothing depends on a shell, tests included.
const SHELL: u8 = 5;

/// Used by tests only.
const LAB: &str = "replug-lab";

/// Used by nobody: tests, and a program for a test suite.
const INTEROP: &str = "replug-interop";

/// Used by nobody of the workspace: checks for tests of its own, and for the fuzzer.
const HOSTILE: &str = "replug-hostile";

/// Crates from elsewhere (with everything whose name continues theirs after a hyphen), and the one package that knows them.
const EDGES: &[(&str, &str)] = &[
    ("tauri", "replug-desktop"),
    ("sqlx", "replug-store"),
    ("keyring", "replug-keychain"),
    ("reqwest", "replug-net"),
    ("opener", "replug-net"),
];

/// Crates that never ship: an independent judge in tests.
const FOR_TESTS_ONLY: &[&str] = &["rmcp", "insta", "proptest", LAB];

/// Our packages depend downwards only, and nothing that ships depends on what is for tests.
pub(super) fn direction(house: &House) -> Vec<Finding> {
    house
        .metadata
        .own()
        .flat_map(|package| package.dependencies.iter().filter_map(|used| misdirected(package, used)))
        .collect()
}

fn misdirected(package: &Package, used: &Dependency) -> Option<Finding> {
    let say = |text: String| Some(Finding::new(&package.name, text));
    if FOR_TESTS_ONLY.contains(&used.name.as_str())
        && !used.is_for_tests()
        && ![LAB, INTEROP].contains(&package.name.as_str())
    {
        return say(format!("{} is for tests: it belongs into [dev-dependencies]", used.name));
    }
    let theirs = height(&used.name)?;
    let Some(ours) = height(&package.name) else {
        return say("this package has no height yet: give it one in xtask/src/tidy/dependencies.rs".to_owned());
    };
    let allowed = if used.is_for_tests() { theirs < SHELL } else { theirs < ours };
    if allowed { None } else { say(format!("{} does not lie below it", used.name)) }
}

/// Each edge of the program is known to one package.
pub(super) fn edges(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The lab plays the other side of each edge, with code of its own on purpose.
    for package in house.metadata.own().filter(|package| package.name != LAB) {
        for used in &package.dependencies {
            let owner = EDGES.iter().find(|(stem, _)| is_of_family(&used.name, stem)).map(|(_, owner)| *owner);
            if let Some(owner) = owner.filter(|owner| *owner != package.name) {
                findings.push(Finding::new(&package.name, format!("only {owner} may depend on {}", used.name)));
            }
        }
    }
    findings
}

fn height(name: &str) -> Option<u8> {
    HEIGHTS.iter().find(|(own, _)| *own == name).map(|(_, height)| *height)
}

fn is_of_family(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::super::metadata::fixture::{metadata, own};
    use super::super::{Finding, House};
    use super::{direction, edges};

    fn judged(rule: fn(&House) -> Vec<Finding>, package: &str, used: &str, kind: Option<&str>) -> usize {
        rule(&House::with_metadata(metadata(&[own(package, &[(used, kind)])]))).len()
    }

    #[test]
    fn a_package_depends_on_lower_ones_only() {
        assert_eq!(judged(direction, "replug-oauth", "replug-net", None), 0);
        assert_eq!(judged(direction, "replug-net", "replug-oauth", None), 1, "upwards");
        assert_eq!(judged(direction, "replug-store", "replug-net", None), 1, "sideways");
        assert_eq!(judged(direction, "replug-core", "replug-engine", Some("build")), 1, "a build script counts");
        assert_eq!(judged(direction, "replug-desktop", "replug", None), 1, "a shell on a shell");
    }

    #[test]
    fn tests_may_look_upwards_but_not_into_a_shell() {
        assert_eq!(judged(direction, "replug-oauth", "replug-lab", Some("dev")), 0);
        assert_eq!(judged(direction, "replug-oauth", "replug", Some("dev")), 1);
    }

    #[test]
    fn nothing_that_ships_depends_on_what_is_for_tests() {
        assert_eq!(judged(direction, "replug", "replug-lab", None), 1);
        assert_eq!(judged(direction, "replug-mcp", "rmcp", None), 1);
        assert_eq!(judged(direction, "replug-mcp", "rmcp", Some("dev")), 0);
        assert_eq!(judged(direction, "replug-lab", "rmcp", None), 0);
    }

    #[test]
    fn a_package_without_a_height_is_noticed() {
        assert_eq!(judged(direction, "replug-new", "replug-core", None), 1);
    }

    #[test]
    fn the_tasks_depend_on_nothing_of_the_product() {
        assert_eq!(judged(direction, "xtask", "replug-core", None), 1);
        assert_eq!(judged(direction, "xtask", "replug-core", Some("dev")), 1);
    }

    #[test]
    fn an_edge_is_known_to_its_package_only() {
        assert_eq!(judged(edges, "replug-desktop", "tauri-plugin-dialog", None), 0);
        assert_eq!(judged(edges, "replug-engine", "tauri", None), 1);
        assert_eq!(judged(edges, "replug-engine", "sqlx", Some("dev")), 1, "tests are no exception");
        assert_eq!(judged(edges, "replug-oauth", "keyring-core", None), 1);
        assert_eq!(judged(edges, "replug-mcp", "reqwest", None), 1);
        assert_eq!(judged(edges, "replug-mcp", "reqwestlike", None), 0);
    }
}
