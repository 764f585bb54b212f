//! The checkout the tasks work in, and the few facts about its surroundings that they depend on. Read once, at the start.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Outcome, While as _};
use crate::process;

/// The repository's root and what is true around it.
pub(crate) struct Checkout {
    root: PathBuf,
    /// Whether a window can be shown.
    pub(crate) has_display: bool,
    /// Whether this is a run in CI, where nothing may be changed behind the developer's back.
    pub(crate) in_ci: bool,
}

impl Checkout {
    /// The checkout this program was built from.
    pub(crate) fn find() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .ok_or_else(|| Failure::new("xtask does not lie in a folder of the repository"))?;
        Ok(Self {
            root: root.to_owned(),
            has_display: !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY"),
            in_ci: is_set("CI"),
        })
    }

    /// The folder of the workspace's manifest.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The folder of the user interface.
    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// The folder of the servers from elsewhere.
    pub(crate) fn interop(&self) -> PathBuf {
        self.root.join("interop")
    }

    /// `cargo` with `arguments`, in the root.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// `npm` with `arguments`, in the folder of the user interface.
    pub(crate) fn npm(&self, arguments: &[&str]) -> Command {
        npm_in(&self.ui(), arguments)
    }

    /// The folder that Cargo builds into, wherever the developer has put it.
    pub(crate) fn target_folder(&self) -> Outcome<PathBuf> {
        let text = process::capture(&mut self.cargo(&["metadata", "--format-version", "1", "--no-deps"]))?;
        let metadata: serde_json::Value =
            serde_json::from_str(&text).while_doing(|| "reading `cargo metadata`".to_owned())?;
        metadata["target_directory"]
            .as_str()
            .map(PathBuf::from)
            .ok_or_else(|| Failure::new("`cargo metadata` names no target folder"))
    }
}

/// `npm` with `arguments`, in `folder`.
pub(crate) fn npm_in(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder).args(arguments);
    command
}

#[expect(
    clippy::disallowed_methods,
    reason = "xtask is a shell of its own, and this is where it reads the environment"
)]
fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
