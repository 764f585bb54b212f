//! The answers of the callback listener: six fixed pages and the headers around them. Nothing of a request is in any.

/// Allows the pages' own style by its hash and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'sha256-mQoXh2j5gYigZG/vznD2ZIm4b8KIAa8h1XaGIk2U8FM='; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'none'";

macro_rules! style {
    () => {
        ":root{color-scheme:light dark;font:1.05rem/1.5 system-ui,sans-serif}body{max-width:30rem;margin:18vh auto 0;\
         padding:0 1.5rem}h1{font-size:1.4rem}"
    };
}

macro_rules! page {
    ($title:literal, $text:literal) => {
        concat!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" ",
            "content=\"width=device-width\"><title>Replug</title><style>",
            style!(),
            "</style></head><body><main><h1>",
            $title,
            "</h1><p>",
            $text,
            "</p></main></body></html>\n"
        )
    };
}

/// What a page says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The sign-in came back with a code.
    Done,
    /// The sign-in came back with an error.
    Failed,
    /// The sign-in came back before.
    AlreadyDone,
    /// The state is not that of this sign-in.
    OldTab,
    /// There is no answer, at least none that a browser sends on: what follows a `#` stays with it.
    NoAnswer,
    /// Everything else.
    Nothing,
    /// The answer to HEAD, which has no body.
    Empty,
}

impl Page {
    const fn body(self) -> &'static str {
        match self {
            Self::Done => {
                page!("You can go back to Replug", "The browser has handed the sign-in over. You may close this tab.")
            }
            Self::Failed => page!(
                "The sign-in did not work",
                "Go back to Replug to see why, and what to do. You may close this tab."
            ),
            Self::AlreadyDone => {
                page!("This sign-in is over", "Replug has its answer already. You may close this tab.")
            }
            Self::OldTab => page!(
                "This tab is too old",
                "It belongs to another sign-in. Use the newest tab, or start again in Replug."
            ),
            Self::NoAnswer => page!(
                "The answer did not come through",
                "If the address of this page goes on behind a #, copy all of it and paste it in Replug. Otherwise start again in \
                 Replug."
            ),
            Self::Nothing => page!("Nothing to see here", "Replug waits here for a sign-in only."),
            Self::Empty => "",
        }
    }
}

/// A status with a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) page: Page,
}

impl Reply {
    /// The whole answer.
    pub(super) fn to_bytes(self) -> Vec<u8> {
        let body = self.page.body();
        let allow = if self.status == 405 { "allow: GET, POST\r\n" } else { "" };
        format!(
            "HTTP/1.1 {} {}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n{allow}\
             cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\n\
             cross-origin-opener-policy: same-origin\r\ncontent-security-policy: {POLICY}\r\nconnection: close\r\n\r\n{body}",
            self.status,
            reason(self.status),
            body.len()
        )
        .into_bytes()
    }
}

const fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        _ => "Bad Request",
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_policy_allows_exactly_the_style_of_the_pages() {
        let hash = STANDARD.encode(Sha256::digest(style!().as_bytes()));
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "the hash is {hash}");
    }
}
