//! What the process was started with: its arguments and the variables that matter. It is read once, here, and passed on as
//! values; nothing else in this package looks at the environment.

use std::ffi::OsString;
use std::path::PathBuf;

use replug_engine::{Computer, Platform, computer, default_data_dir, proxy_hosts};

/// The variables that name proxies, in either spelling.
const PROXIES: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/// The surroundings of one run.
#[derive(Debug)]
pub(crate) struct Environment {
    /// The program's name and what was typed after it.
    pub(crate) arguments: Vec<OsString>,
    /// Where the data folder is unless an option says otherwise; `None` when this computer has no place for it.
    pub(crate) data_dir: Option<PathBuf>,
    /// Where AI apps keep their files.
    pub(crate) computer: Computer,
    /// The hosts of the proxies that are set.
    pub(crate) proxy_hosts: Vec<String>,
    /// Whether a person asked for output without colours, or has a terminal that knows none.
    pub(crate) plain: bool,
}

impl Environment {
    /// Reads them.
    pub(crate) fn read() -> Self {
        Self {
            arguments: std::env::args_os().collect(),
            data_dir: default_data_dir(Platform::current(), variable),
            computer: computer(Platform::current(), variable),
            proxy_hosts: proxy_hosts(
                PROXIES.into_iter().filter_map(variable).filter_map(|value| value.into_string().ok()),
            ),
            plain: variable("NO_COLOR").is_some_and(|value| !value.is_empty())
                || variable("TERM").is_some_and(|terminal| terminal == "dumb"),
        }
    }

    /// Whether `--json` was typed, for the case that the arguments as a whole were not understood. No option takes a value
    /// that begins with a hyphen, so the word is always the option.
    pub(crate) fn wants_json(&self) -> bool {
        self.arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--json")
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the shell, where the environment is read once")]
fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(arguments: &[&str]) -> bool {
        let arguments = arguments.iter().map(OsString::from).collect();
        let computer = computer(Platform::Linux, |_| None);
        Environment { arguments, data_dir: None, computer, proxy_hosts: Vec::new(), plain: true }.wants_json()
    }

    #[test]
    fn json_is_recognised_wherever_an_option_may_stand() {
        assert!(typed(&["replug", "--json", "list"]) && typed(&["replug", "nonsense", "--json"]));
        assert!(!typed(&["replug", "show", "--", "--json"]), "a name after the two hyphens");
        assert!(!typed(&["--json"]), "the program's own name");
    }
}
