//! The computer as far as apps' folders are concerned: its system, the person's home and the variables of the environment.
//! All of them are values, so that the folders of every system are tested on each.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use replug_core::Platform;

use crate::table::Base;

type Variables = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Where this computer keeps things.
#[derive(Clone)]
pub struct Computer {
    platform: Platform,
    home: PathBuf,
    system_root: PathBuf,
    variables: Variables,
}

impl Computer {
    /// A computer with this system, home folder and environment. `variable` looks a variable up; empty ones count as missing.
    pub fn new(
        platform: Platform,
        home: impl Into<PathBuf>,
        variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let system_root = if platform == Platform::Windows { r"C:\" } else { "/" };
        Self { platform, home: home.into(), system_root: system_root.into(), variables: Arc::new(variable) }
    }

    /// The same computer with its system's files below another folder.
    #[must_use]
    pub fn with_system_root(self, system_root: impl Into<PathBuf>) -> Self {
        Self { system_root: system_root.into(), ..self }
    }

    /// The system.
    pub const fn platform(&self) -> Platform {
        self.platform
    }

    /// The person's home folder.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// A variable of the environment, when it is set and not empty.
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.variables)(name).filter(|value| !value.is_empty())
    }

    /// The folder that `base` stands for; `None` where this system has none. Folders of projects are not known here.
    pub(crate) fn folder(&self, base: Base) -> Option<PathBuf> {
        match base {
            Base::Home => Some(self.home.clone()),
            Base::Roaming => Some(self.roaming()),
            Base::LocalAppData => (self.platform == Platform::Windows)
                .then(|| self.variable_folder("LOCALAPPDATA").unwrap_or_else(|| below(&self.home, "AppData/Local"))),
            Base::XdgConfig if self.platform == Platform::Windows => Some(self.roaming()),
            Base::XdgConfig => {
                Some(self.variable_folder("XDG_CONFIG_HOME").unwrap_or_else(|| below(&self.home, ".config")))
            }
            Base::Variable { name, otherwise } => {
                Some(self.variable_folder(name).unwrap_or_else(|| below(&self.home, otherwise)))
            }
            Base::OnlyVariable(name) => self.variable_folder(name),
            Base::System => Some(self.system_root.clone()),
            Base::Project => None,
        }
    }

    /// Where programs of this system keep a person's settings.
    fn roaming(&self) -> PathBuf {
        match self.platform {
            Platform::MacOs => below(&self.home, "Library/Application Support"),
            Platform::Windows => {
                self.variable_folder("APPDATA").unwrap_or_else(|| below(&self.home, "AppData/Roaming"))
            }
            Platform::Linux => self.variable_folder("XDG_CONFIG_HOME").unwrap_or_else(|| below(&self.home, ".config")),
        }
    }

    /// A folder named by a variable. A relative one means nothing outside the shell that set it.
    fn variable_folder(&self, name: &str) -> Option<PathBuf> {
        let value = self.variable(name)?;
        let absolute = match self.platform {
            Platform::Windows => value.get(1..2) == Some(":") || value.starts_with(r"\\") || value.starts_with('/'),
            Platform::Linux | Platform::MacOs => value.starts_with('/'),
        };
        absolute.then(|| PathBuf::from(value))
    }
}

/// Joins a path of the table, written with `/`, in the manner of the system that runs.
pub(crate) fn below(folder: &Path, path: &str) -> PathBuf {
    let mut joined = folder.to_path_buf();
    joined.extend(path.split('/').filter(|part| !part.is_empty()));
    joined
}

impl fmt::Debug for Computer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Computer").field("platform", &self.platform).field("home", &self.home).finish_non_exhaustive()
    }
}
