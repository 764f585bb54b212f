//! The files of a build and the headers they are sent with: those of the real window, but for where its commands go. How a
//! build is made is not known here.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::Path;
use std::{fs, io};

use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;

use crate::wire;

/// The window's configuration, where its policy stands.
const WINDOW: &str = include_str!("../../../../tauri.conf.json");

const START: &str = "/index.html";

/// The files by path, in memory, so that no path can lead out of the folder.
pub(super) struct Pages {
    files: HashMap<String, File>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

struct File {
    kind: &'static str,
    content: Bytes,
}

impl Pages {
    pub(super) fn read(dist: &Path) -> io::Result<Self> {
        let mut files = HashMap::new();
        read_below(dist, "", &mut files)?;
        if !files.contains_key(START) {
            return Err(io::Error::new(io::ErrorKind::NotFound, format!("{} holds no pages", dist.display())));
        }
        Ok(Self { files, headers: headers_of_the_window()? })
    }

    /// The file at `path` of a request, the start page at `/`.
    pub(super) fn page(&self, method: &Method, path: &str) -> Response {
        if method != Method::GET {
            return wire::text(405, "Pages are only read");
        }
        let Some(file) = self.files.get(if path == "/" { START } else { path }) else {
            return wire::text(404, "There is no such page");
        };
        let mut response = wire::typed(200, file.kind, file.content.clone());
        response.headers_mut().extend(self.headers.iter().cloned());
        response
    }
}

fn read_below(folder: &Path, path: &str, files: &mut HashMap<String, File>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{path}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            read_below(&entry.path(), &path, files)?;
        } else {
            let kind = kind_of(entry.path().extension().and_then(OsStr::to_str));
            files.insert(path, File { kind, content: fs::read(entry.path())?.into() });
        }
    }
    Ok(())
}

fn kind_of(extension: Option<&str>) -> &'static str {
    match extension {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[derive(Deserialize)]
struct Window {
    app: App,
}

#[derive(Deserialize)]
struct App {
    security: Security,
}

#[derive(Deserialize)]
struct Security {
    csp: BTreeMap<String, String>,
    headers: BTreeMap<String, String>,
}

fn headers_of_the_window() -> io::Result<Vec<(HeaderName, HeaderValue)>> {
    let mut security = serde_json::from_str::<Window>(WINDOW)?.app.security;
    // The window's commands go through a scheme of its own; here they go where the page came from.
    security.csp.insert("connect-src".to_owned(), "'self'".to_owned());
    let policy: Vec<_> = security.csp.iter().map(|(directive, sources)| format!("{directive} {sources}")).collect();
    let mut headers = vec![
        (header::CONTENT_SECURITY_POLICY, value(&policy.join("; "))?),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    for (name, text) in &security.headers {
        headers.push((name.parse().map_err(io::Error::other)?, value(text)?));
    }
    Ok(headers)
}

fn value(text: &str) -> io::Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(io::Error::other)
}
