//! What `cargo metadata` says about the packages, as far as the rules ask. What may be said about them is in the rules.

use semver::Version;
use serde::Deserialize;

use crate::checkout::Checkout;
use crate::failure::{Outcome, While as _};
use crate::process;

/// All packages of the lock file, for every platform.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
    workspace_members: Vec<String>,
}

/// One package in one version.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) version: Version,
    pub(super) license: Option<String>,
    pub(super) rust_version: Option<String>,
    /// The registries it may be published to; none at all is an empty list.
    pub(super) publish: Option<Vec<String>>,
    pub(super) dependencies: Vec<Dependency>,
}

/// One entry of a manifest's dependency tables.
#[derive(Debug, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// `dev`, `build`, or nothing for a normal one.
    kind: Option<String>,
}

impl Metadata {
    /// Asks Cargo.
    pub(super) fn of(checkout: &Checkout) -> Outcome<Self> {
        let text = process::capture(&mut checkout.cargo(&["metadata", "--format-version", "1", "--all-features"]))?;
        Self::parse(&text)
    }

    pub(super) fn parse(text: &str) -> Outcome<Self> {
        serde_json::from_str(text).while_doing(|| "reading `cargo metadata`".to_owned())
    }

    /// The packages of this repository.
    pub(super) fn own(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }
}

impl Dependency {
    /// Whether only its tests and examples use it.
    pub(super) fn is_for_tests(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

#[cfg(test)]
pub(super) mod fixture {
    use super::Metadata;

    /// A package of this repository with `dependencies`, each a name and its kind.
    pub(in super::super) fn own(name: &str, dependencies: &[(&str, Option<&str>)]) -> serde_json::Value {
        let dependencies: Vec<_> =
            dependencies.iter().map(|(name, kind)| serde_json::json!({ "name": name, "kind": kind })).collect();
        serde_json::json!({
            "id": format!("own {name}"), "name": name, "version": "0.1.0", "license": "MIT OR Apache-2.0",
            "rust_version": "1.94", "publish": [], "dependencies": dependencies,
        })
    }

    /// A package from elsewhere.
    pub(in super::super) fn foreign(name: &str, version: &str, license: &str) -> serde_json::Value {
        serde_json::json!({
            "id": format!("{name} {version}"), "name": name, "version": version, "license": license,
            "rust_version": null, "publish": null, "dependencies": [],
        })
    }

    pub(in super::super) fn metadata(packages: &[serde_json::Value]) -> Metadata {
        let members: Vec<_> =
            packages.iter().map(|package| &package["id"]).filter(|id| id.to_string().contains("own ")).collect();
        let text = serde_json::json!({ "packages": packages, "workspace_members": members }).to_string();
        Metadata::parse(&text).expect("the fixture has the shape of cargo's answer")
    }
}
