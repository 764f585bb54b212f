//! The rows: every app with its files. A new app is one entry here, and a shape if its entries look different.

use replug_core::Platform::{self, Linux, MacOs, Windows};

use super::bases::{CLAUDE_HOME, CLINE_FILE, CODEX_HOME, COPILOT_HOME, GEMINI_HOME};
use super::{Base, ClientApp, FileRow, NameRule, Pickup, ScopeKind, shapes};
use crate::dialect::Dialect::{self, Json, JsonWithComments, Jsonc, Toml, Yaml};

const ALL: &[Platform] = &[Linux, MacOs, Windows];
const SERVERS: &[&str] = &["mcpServers"];

const fn user(base: Base, path: &'static str, dialect: Dialect, keys: &'static [&'static str]) -> FileRow {
    FileRow { scope: ScopeKind::User, base, path, systems: ALL, dialect, keys }
}

const fn project(path: &'static str, dialect: Dialect, keys: &'static [&'static str]) -> FileRow {
    FileRow { scope: ScopeKind::Project, base: Base::Project, path, systems: ALL, dialect, keys }
}

const fn managed(system: &'static [Platform], path: &'static str, dialect: Dialect) -> FileRow {
    FileRow { scope: ScopeKind::Managed, base: Base::System, path, systems: system, dialect, keys: SERVERS }
}

/// The rows of VS Code or a program built from it, by the name of its folder.
macro_rules! vs_code_rows {
    ($folder:literal, $remote:literal) => {
        [
            user(Base::Roaming, concat!($folder, "/User/mcp.json"), Jsonc, &["servers"]),
            FileRow {
                scope: ScopeKind::Profile,
                ..user(Base::Roaming, concat!($folder, "/User/profiles/*/mcp.json"), Jsonc, &["servers"])
            },
            FileRow {
                scope: ScopeKind::Remote,
                ..user(Base::Home, concat!($remote, "/data/User/mcp.json"), Jsonc, &["servers"])
            },
        ]
    };
}

/// A file that an extension keeps in VS Code and in the programs built from it.
macro_rules! extension_rows {
    ($path:literal) => {
        [
            user(Base::Roaming, concat!("Code/User/globalStorage/", $path), Json, SERVERS),
            user(Base::Roaming, concat!("Code - Insiders/User/globalStorage/", $path), Json, SERVERS),
            user(Base::Roaming, concat!("VSCodium/User/globalStorage/", $path), Json, SERVERS),
            user(Base::Roaming, concat!("Cursor/User/globalStorage/", $path), Json, SERVERS),
        ]
    };
}

const CLINE_LEGACY: [FileRow; 4] = extension_rows!("saoudrizwan.claude-dev/settings/cline_mcp_settings.json");
const ROO_USER: [FileRow; 4] = extension_rows!("rooveterinaryinc.roo-cline/settings/mcp_settings.json");

/// Every app Replug knows, in the order in which they are shown.
pub static APPS: &[ClientApp] = &[
    ClientApp {
        id: "claude-code",
        name: "Claude Code",
        files: &[
            user(CLAUDE_HOME, ".claude.json", Json, SERVERS),
            FileRow {
                scope: ScopeKind::Local,
                ..user(CLAUDE_HOME, ".claude.json", Json, &["projects", "*", "mcpServers"])
            },
            project(".mcp.json", Json, SERVERS),
            managed(&[Linux], "etc/claude-code/managed-mcp.json", Json),
            managed(&[MacOs], "Library/Application Support/ClaudeCode/managed-mcp.json", Json),
            managed(&[Windows], "Program Files/ClaudeCode/managed-mcp.json", Json),
        ],
        shape: &shapes::CLAUDE_CODE,
        name_rule: NameRule::Token,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "claude-desktop",
        name: "Claude Desktop",
        files: &[
            user(Base::Roaming, "Claude/claude_desktop_config.json", Json, SERVERS),
            FileRow {
                systems: &[Windows],
                ..user(
                    Base::LocalAppData,
                    "Packages/Claude_*/LocalCache/Roaming/Claude/claude_desktop_config.json",
                    Json,
                    SERVERS,
                )
            },
        ],
        shape: &shapes::CLAUDE_DESKTOP,
        name_rule: NameRule::Any,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "cursor",
        name: "Cursor",
        files: &[user(Base::Home, ".cursor/mcp.json", Json, SERVERS), project(".cursor/mcp.json", Json, SERVERS)],
        shape: &shapes::CURSOR,
        name_rule: NameRule::Any,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "vscode",
        name: "VS Code",
        files: &{
            let [user, profile, remote] = vs_code_rows!("Code", ".vscode-server");
            // The programs built from VS Code read this file too; it is shown once.
            [user, profile, remote, project(".vscode/mcp.json", Jsonc, &["servers"])]
        },
        shape: &shapes::VS_CODE,
        name_rule: NameRule::Any,
        pickup: Pickup::Refresh,
    },
    ClientApp {
        id: "vscode-insiders",
        name: "VS Code Insiders",
        files: &vs_code_rows!("Code - Insiders", ".vscode-server-insiders"),
        shape: &shapes::VS_CODE,
        name_rule: NameRule::Any,
        pickup: Pickup::Refresh,
    },
    ClientApp {
        id: "vscodium",
        name: "VSCodium",
        files: &vs_code_rows!("VSCodium", ".vscodium-server"),
        shape: &shapes::VS_CODE,
        name_rule: NameRule::Any,
        pickup: Pickup::Refresh,
    },
    ClientApp {
        id: "windsurf",
        name: "Windsurf",
        files: &[
            user(Base::Home, ".codeium/windsurf/mcp_config.json", Json, SERVERS),
            user(Base::Home, ".codeium/mcp_config.json", Json, SERVERS),
        ],
        shape: &shapes::WINDSURF,
        name_rule: NameRule::Any,
        pickup: Pickup::Refresh,
    },
    ClientApp {
        id: "zed",
        name: "Zed",
        files: &[
            user(Base::XdgConfig, "zed/settings.json", Jsonc, &["context_servers"]),
            FileRow { systems: &[Windows], ..user(Base::Roaming, "Zed/settings.json", Jsonc, &["context_servers"]) },
            project(".zed/settings.json", Jsonc, &["context_servers"]),
        ],
        shape: &shapes::ZED,
        name_rule: NameRule::Any,
        pickup: Pickup::ByItself,
    },
    ClientApp {
        id: "gemini-cli",
        name: "Gemini CLI",
        files: &[
            user(GEMINI_HOME, ".gemini/settings.json", JsonWithComments, SERVERS),
            project(".gemini/settings.json", JsonWithComments, SERVERS),
            managed(&[Linux], "etc/gemini-cli/settings.json", JsonWithComments),
            managed(&[MacOs], "Library/Application Support/GeminiCli/settings.json", JsonWithComments),
            managed(&[Windows], "ProgramData/gemini-cli/settings.json", JsonWithComments),
        ],
        shape: &shapes::GEMINI,
        name_rule: NameRule::Any,
        pickup: Pickup::Refresh,
    },
    ClientApp {
        id: "codex",
        name: "Codex",
        files: &[
            user(CODEX_HOME, "config.toml", Toml, &["mcp_servers"]),
            project(".codex/config.toml", Toml, &["mcp_servers"]),
        ],
        shape: &shapes::CODEX,
        name_rule: NameRule::Token,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "copilot-cli",
        name: "Copilot CLI",
        files: &[
            user(COPILOT_HOME, "mcp-config.json", JsonWithComments, SERVERS),
            project(".github/mcp.json", JsonWithComments, SERVERS),
        ],
        shape: &shapes::COPILOT,
        name_rule: NameRule::Token,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "cline",
        name: "Cline",
        files: &{
            let [code, insiders, codium, cursor] = CLINE_LEGACY;
            [
                user(CLINE_FILE, "", Json, SERVERS),
                user(Base::Home, ".cline/data/settings/cline_mcp_settings.json", Json, SERVERS),
                code,
                insiders,
                codium,
                cursor,
            ]
        },
        shape: &shapes::CLINE,
        name_rule: NameRule::Any,
        pickup: Pickup::ByItself,
    },
    ClientApp {
        id: "roo-code",
        name: "Roo Code",
        files: &{
            let [code, insiders, codium, cursor] = ROO_USER;
            [code, insiders, codium, cursor, project(".roo/mcp.json", Json, SERVERS)]
        },
        shape: &shapes::ROO,
        name_rule: NameRule::Any,
        pickup: Pickup::ByItself,
    },
    ClientApp {
        id: "goose",
        name: "Goose",
        files: &[
            FileRow {
                systems: &[Linux, MacOs],
                ..user(Base::Home, ".config/goose/config.yaml", Yaml, &["extensions"])
            },
            FileRow {
                systems: &[Windows],
                ..user(Base::Roaming, "Block/goose/config/config.yaml", Yaml, &["extensions"])
            },
        ],
        shape: &shapes::GOOSE,
        name_rule: NameRule::Any,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "lm-studio",
        name: "LM Studio",
        files: &[
            user(Base::Home, ".lmstudio/mcp.json", Json, SERVERS),
            user(Base::Home, ".cache/lm-studio/mcp.json", Json, SERVERS),
        ],
        shape: &shapes::PLAIN,
        name_rule: NameRule::Any,
        pickup: Pickup::ByItself,
    },
    ClientApp {
        id: "continue",
        name: "Continue",
        files: &[
            user(Base::Home, ".continue/config.yaml", Yaml, SERVERS),
            project(".continue/mcpServers/*.yaml", Yaml, SERVERS),
            project(".continue/mcpServers/*.json", Json, SERVERS),
        ],
        shape: &shapes::PLAIN,
        name_rule: NameRule::Any,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "amazon-q",
        name: "Amazon Q",
        files: &[
            user(Base::Home, ".aws/amazonq/mcp.json", Json, SERVERS),
            user(Base::Home, ".aws/amazonq/cli-agents/*.json", Json, SERVERS),
            project(".amazonq/mcp.json", Json, SERVERS),
        ],
        shape: &shapes::PLAIN,
        name_rule: NameRule::Any,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "kiro",
        name: "Kiro",
        files: &[
            user(Base::Home, ".kiro/settings/mcp.json", Json, SERVERS),
            project(".kiro/settings/mcp.json", Json, SERVERS),
        ],
        shape: &shapes::PLAIN,
        name_rule: NameRule::Any,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "opencode",
        name: "opencode",
        files: &[
            user(Base::XdgConfig, "opencode/opencode.json", Jsonc, &["mcp"]),
            user(Base::XdgConfig, "opencode/opencode.jsonc", Jsonc, &["mcp"]),
            project("opencode.json", Jsonc, &["mcp"]),
            project("opencode.jsonc", Jsonc, &["mcp"]),
        ],
        shape: &shapes::OPENCODE,
        name_rule: NameRule::Any,
        pickup: Pickup::Restart,
    },
    ClientApp {
        id: "junie",
        name: "Junie",
        files: &[user(Base::Home, ".junie/mcp/mcp.json", Json, SERVERS), project(".junie/mcp/mcp.json", Json, SERVERS)],
        shape: &shapes::PLAIN,
        name_rule: NameRule::Any,
        pickup: Pickup::Restart,
    },
];
