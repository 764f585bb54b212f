//! What an entry looks like in each app.

use replug_core::Transport::{self, Sse, StreamableHttp};

use super::{BuiltIn, Kind, Shape, Switch};

/// What most apps do: `command` or `url`, and `type` where it is said.
const USUAL: Shape = Shape {
    inner: None,
    address: &["url"],
    kind: Kind { key: "type", words: USUAL_WORDS, required: false },
    headers: &["headers"],
    client_id: &[],
    client_secret: &[],
    callback_port: &[],
    command: &["command"],
    switch: Switch::None,
    built_in: BuiltIn { kinds: &[], members: &[] },
    only_members: None,
    takes_remote: true,
};

/// As of Codex 0.169.
const CODEX_MEMBERS: &[&str] = &[
    "command",
    "args",
    "env",
    "env_vars",
    "cwd",
    "url",
    "bearer_token_env_var",
    "http_headers",
    "env_http_headers",
    "http_headers_helper",
    "scopes",
    "oauth_resource",
    "oauth",
    "enabled",
    "required",
    "startup_timeout_sec",
    "tool_timeout_sec",
    "enabled_tools",
    "disabled_tools",
];

type Words = &'static [(&'static str, Option<Transport>)];

const USUAL_WORDS: Words =
    &[("http", Some(StreamableHttp)), ("streamable-http", Some(StreamableHttp)), ("sse", Some(Sse)), ("stdio", None)];

pub(super) static CLAUDE_CODE: Shape = Shape {
    kind: Kind { key: "type", words: USUAL_WORDS, required: true },
    client_id: &[&["oauth", "clientId"]],
    callback_port: &[&["oauth", "callbackPort"]],
    ..USUAL
};
pub(super) static CLAUDE_DESKTOP: Shape = Shape { takes_remote: false, ..USUAL };
pub(super) static CURSOR: Shape =
    Shape { client_id: &[&["auth", "CLIENT_ID"]], client_secret: &[&["auth", "CLIENT_SECRET"]], ..USUAL };
pub(super) static VS_CODE: Shape = Shape { client_id: &[&["oauth", "clientId"]], ..USUAL };
pub(super) static WINDSURF: Shape = Shape { address: &["serverUrl"], switch: Switch::Disabled("disabled"), ..USUAL };
pub(super) static ZED: Shape = Shape {
    client_id: &[&["oauth", "client_id"]],
    client_secret: &[&["oauth", "client_secret"]],
    built_in: BuiltIn { kinds: &[], members: &["settings", "source", "remote"] },
    switch: Switch::Enabled("enabled"),
    ..USUAL
};
pub(super) static GEMINI: Shape = Shape {
    address: &["url", "httpUrl"],
    client_id: &[&["oauth", "clientId"]],
    client_secret: &[&["oauth", "clientSecret"]],
    ..USUAL
};
pub(super) static CODEX: Shape = Shape {
    kind: Kind { key: "type", words: &[], required: false },
    only_members: Some(CODEX_MEMBERS),
    headers: &["http_headers"],
    client_id: &[&["oauth", "client_id"]],
    client_secret: &[&["oauth", "client_secret"]],
    switch: Switch::Enabled("enabled"),
    ..USUAL
};
pub(super) static COPILOT: Shape = Shape {
    kind: Kind {
        key: "type",
        words: &[("http", Some(StreamableHttp)), ("sse", Some(Sse)), ("local", None), ("stdio", None)],
        required: true,
    },
    client_id: &[&["oauthClientId"], &["oauth", "clientId"]],
    callback_port: &[&["auth", "redirectPort"], &["oauth", "callbackPort"]],
    ..USUAL
};
pub(super) static CLINE: Shape = Shape {
    inner: Some("transport"),
    kind: Kind {
        key: "type",
        words: &[
            ("streamableHttp", Some(StreamableHttp)),
            ("streamable-http", Some(StreamableHttp)),
            ("http", Some(StreamableHttp)),
            ("sse", Some(Sse)),
            ("stdio", None),
        ],
        required: false,
    },
    client_id: &[&["oauthClient", "clientId"]],
    client_secret: &[&["oauthClient", "clientSecret"]],
    switch: Switch::Disabled("disabled"),
    ..USUAL
};
pub(super) static ROO: Shape = Shape { switch: Switch::Disabled("disabled"), ..USUAL };
pub(super) static GOOSE: Shape = Shape {
    address: &["uri"],
    kind: Kind {
        key: "type",
        words: &[
            ("streamable_http", Some(StreamableHttp)),
            ("sse", Some(Sse)),
            ("stdio", None),
            ("builtin", None),
            ("platform", None),
        ],
        required: true,
    },
    built_in: BuiltIn { kinds: &["builtin", "platform", "frontend"], members: &[] },
    command: &["cmd"],
    switch: Switch::Enabled("enabled"),
    ..USUAL
};
pub(super) static PLAIN: Shape = Shape { switch: Switch::Disabled("disabled"), ..USUAL };
pub(super) static OPENCODE: Shape = Shape {
    kind: Kind { key: "type", words: &[("remote", Some(StreamableHttp)), ("local", None)], required: true },
    client_id: &[&["oauth", "clientId"]],
    client_secret: &[&["oauth", "clientSecret"]],
    switch: Switch::Enabled("enabled"),
    ..USUAL
};
