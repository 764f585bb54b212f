//! Rules on what is built in from elsewhere, read from `deny.toml` and held against the lock file: licences, and versions
//! that must not come back. Advisories that are not in that file are for cargo-deny.

use std::collections::BTreeSet;

use semver::VersionReq;
use serde::Deserialize;

use super::metadata::Package;
use super::{Finding, House};

/// Where both lists lie.
const FILE: &str = "deny.toml";

/// What we offer ourselves under.
const OUR_LICENCE: &str = "MIT OR Apache-2.0";

/// The oldest compiler we promise to build with.
const RUST_VERSION: &str = "1.94";

#[derive(Deserialize)]
struct Policy {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    what: String,
    reason: String,
}

/// Every package may be passed on under licences we accept, and the texts of our own are there.
pub(super) fn licences(house: &House) -> Vec<Finding> {
    let policy = match policy(house) {
        Ok(policy) => policy,
        Err(finding) => return vec![finding],
    };
    let mut findings: Vec<_> = house
        .metadata
        .packages
        .iter()
        .filter(|package| !package.license.as_deref().is_some_and(|terms| accepts(&policy.licenses.allow, terms)))
        .map(|package| {
            let terms = package.license.as_deref().unwrap_or("no licence");
            Finding::new(&place(package), format!("{terms} is not among the licences in {FILE}"))
        })
        .collect();
    for text in ["LICENSE-MIT", "LICENSE-APACHE"] {
        if house.tree.get(text).is_none() {
            findings.push(Finding::new(text, "the text of our own licence is missing"));
        }
    }
    findings
}

/// No version that is known to be broken is in the lock file.
pub(super) fn floors(house: &House) -> Vec<Finding> {
    let policy = match policy(house) {
        Ok(policy) => policy,
        Err(finding) => return vec![finding],
    };
    let mut findings = Vec::new();
    for ban in policy.bans.deny {
        let (name, versions) = ban.what.split_once(':').unwrap_or((ban.what.as_str(), "*"));
        let Ok(versions) = VersionReq::parse(versions) else {
            findings.push(Finding::new(FILE, format!("`{}` names no range of versions", ban.what)));
            continue;
        };
        let found = house.metadata.packages.iter();
        for package in found.filter(|package| package.name == name && versions.matches(&package.version)) {
            findings.push(Finding::new(&place(package), format!("must not be built in: {}", ban.reason)));
        }
    }
    findings
}

/// Our own packages say the same things about themselves, and no file pins a compiler.
pub(super) fn own_manifests(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in house.metadata.own() {
        let mut say = |text: String| findings.push(Finding::new(&package.name, text));
        if package.license.as_deref() != Some(OUR_LICENCE) {
            say(format!("its licence must be {OUR_LICENCE}"));
        }
        if package.rust_version.as_deref() != Some(RUST_VERSION) {
            say(format!("its rust-version must be {RUST_VERSION}"));
        }
        if package.publish.as_deref() != Some(&[]) {
            say("`publish = false` is missing".to_owned());
        }
    }
    for file in house.tree.files() {
        if file.name().starts_with("rust-toolchain") {
            findings.push(Finding::new(&file.path, "the compiler is the developer's choice, from rust-version up"));
        }
        if file.name() == "Cargo.toml" && !file.text.contains("[lints]\nworkspace = true") {
            findings.push(Finding::new(&file.path, "the workspace's lints are not taken over"));
        }
    }
    findings
}

fn policy(house: &House) -> Result<Policy, Finding> {
    let text = house.tree.get(FILE).ok_or_else(|| Finding::new(FILE, "it is missing"))?;
    toml::from_str(text).map_err(|error| Finding::new(FILE, error.to_string()))
}

fn place(package: &Package) -> String {
    format!("{} {}", package.name, package.version)
}

/// Whether an SPDX expression can be satisfied with `allowed` licences alone. The old `/` means OR.
fn accepts(allowed: &BTreeSet<String>, expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let satisfied = any_of(&mut words, allowed);
    satisfied && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut satisfied = all_of(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        satisfied |= all_of(words, allowed);
    }
    satisfied
}

fn all_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut satisfied = one_of(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        satisfied &= one_of(words, allowed);
    }
    satisfied
}

fn one_of(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let Some(word) = words.next() else { return false };
    if word == "(" {
        let satisfied = any_of(words, allowed);
        return words.next_if_eq(&")").is_some() && satisfied;
    }
    let mut licence = word.to_owned();
    if words.next_if_eq(&"WITH").is_some() {
        licence = format!("{word} WITH {}", words.next().unwrap_or_default());
    }
    allowed.contains(&licence)
}

#[cfg(test)]
mod tests {
    use super::super::House;
    use super::super::metadata::fixture::{foreign, metadata, own};
    use super::super::tree::Tree;
    use super::{accepts, floors, licences, own_manifests};

    const POLICY: &str = r#"
        [licenses]
        allow = ["MIT", "Apache-2.0 WITH LLVM-exception"]
        [bans]
        deny = [
          { crate = "openssl-sys", reason = "one TLS stack" },
          { crate = "rand:>=0.8, <0.8.6", reason = "unsound" },
          { crate = "rand:>=0.9, <0.9.3", reason = "unsound" },
        ]
    "#;

    fn house(packages: &[serde_json::Value]) -> House {
        let files = [("deny.toml", POLICY), ("LICENSE-MIT", "text"), ("LICENSE-APACHE", "text")];
        House { tree: Tree::of(&files), metadata: metadata(packages) }
    }

    #[test]
    fn a_licence_outside_the_list_is_refused() {
        let found = licences(&house(&[foreign("good", "1.0.0", "MIT"), foreign("bad", "1.0.0", "GPL-3.0-only")]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "bad 1.0.0");
    }

    #[test]
    fn our_own_licence_texts_must_be_there() {
        let house =
            House { tree: Tree::of(&[("deny.toml", POLICY), ("LICENSE-MIT", "text")]), metadata: metadata(&[]) };
        assert_eq!(licences(&house)[0].place, "LICENSE-APACHE");
    }

    #[test]
    fn an_expression_is_satisfied_as_spdx_means_it() {
        let allowed = ["MIT", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
        for good in [
            "MIT",
            "GPL-3.0-only OR MIT",
            "Apache-2.0/MIT",
            "(MIT OR ISC) AND MIT",
            "ISC AND ISC OR MIT",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert!(accepts(&allowed, good), "{good}");
        }
        for bad in ["", "ISC", "MIT AND ISC", "Apache-2.0", "MIT AND (ISC OR Zlib)", "(MIT", "MIT MIT"] {
            assert!(!accepts(&allowed, bad), "{bad}");
        }
    }

    #[test]
    fn a_broken_version_is_refused_in_each_series() {
        let found = floors(&house(&[
            foreign("rand", "0.8.5", "MIT"),
            foreign("rand", "0.8.8", "MIT"),
            foreign("rand", "0.9.2", "MIT"),
            foreign("rand", "0.10.3", "MIT"),
            foreign("openssl-sys", "0.9.1", "MIT"),
        ]));
        let mut places: Vec<_> = found.iter().map(|finding| finding.place.as_str()).collect();
        places.sort_unstable();
        assert_eq!(places, ["openssl-sys 0.9.1", "rand 0.8.5", "rand 0.9.2"]);
    }

    #[test]
    fn without_a_policy_nothing_passes() {
        let house = House { tree: Tree::of(&[]), metadata: metadata(&[]) };
        assert_eq!(floors(&house).len(), 1);
    }

    #[test]
    fn our_packages_agree_about_themselves() {
        let mut odd = own("replug-odd", &[]);
        odd["license"] = "MIT".into();
        odd["rust_version"] = "1.80".into();
        odd["publish"] = serde_json::Value::Null;
        let files = [("rust-toolchain.toml", ""), ("crates/odd/Cargo.toml", "[package]\n")];
        let house = House { tree: Tree::of(&files), metadata: metadata(&[odd, own("replug-core", &[])]) };
        assert_eq!(own_manifests(&house).len(), 5);
    }
}
