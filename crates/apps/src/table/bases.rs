//! Where each app's paths begin when it lets a variable decide. Both its configuration and what it stored are found from here.

use super::Base;

pub(crate) const CLAUDE_HOME: Base = Base::Variable { name: "CLAUDE_CONFIG_DIR", otherwise: "" };
/// The same variable moves the folder with the app's data.
pub(crate) const CLAUDE_DATA: Base = Base::Variable { name: "CLAUDE_CONFIG_DIR", otherwise: ".claude" };
pub(crate) const CLAUDE_SECRETS: Base = Base::OnlyVariable("CLAUDE_SECURESTORAGE_CONFIG_DIR");
pub(crate) const GEMINI_HOME: Base = Base::Variable { name: "GEMINI_CLI_HOME", otherwise: "" };
pub(crate) const CODEX_HOME: Base = Base::Variable { name: "CODEX_HOME", otherwise: ".codex" };
pub(crate) const COPILOT_HOME: Base = Base::Variable { name: "COPILOT_HOME", otherwise: ".copilot" };
pub(crate) const CURSOR_DATA: Base = Base::Variable { name: "CURSOR_DATA_DIR", otherwise: ".cursor" };
pub(crate) const CLINE_FILE: Base = Base::OnlyVariable("CLINE_MCP_SETTINGS_PATH");
pub(crate) const MCP_REMOTE_HOME: Base = Base::Variable { name: "MCP_REMOTE_CONFIG_DIR", otherwise: ".mcp-auth" };
pub(crate) const XDG_DATA: Base = Base::Variable { name: "XDG_DATA_HOME", otherwise: ".local/share" };
