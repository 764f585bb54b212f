//! Where answers go: one document or one page to standard output, everything else to standard error. How a page is laid out
//! is in `page`; what stands on it, in the modules beside that.

mod apps;
mod connector;
mod diagnosis;
mod document;
mod list;
mod other;
mod page;
mod sign;

use std::io::{self, IsTerminal as _, Write};

use clap::builder::StyledStr;
use jiff::Timestamp;
use replug_core::{Code, Failure, sanitize};
use replug_engine::wire::ErrorBody;
use serde::Serialize;

use crate::exit::Exit;
use page::Page;

pub(crate) use document::{Document, Leaving, Removed, ServiceSaid, ToolOwner};

/// What a person or a script looks at. Copies write to the same place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Screen {
    json: bool,
    plain: bool,
}

/// An error as a document.
#[derive(Serialize)]
struct ErrorDocument {
    error: ErrorBody,
}

impl Screen {
    /// A screen for a script (`json`) or for a person, `plain` when they asked for no colours.
    pub(crate) const fn new(json: bool, plain: bool) -> Self {
        Self { json, plain }
    }

    /// Whether a script is reading.
    pub(crate) const fn is_json(self) -> bool {
        self.json
    }

    /// Prints the answer of a command. Ages are counted from `now`.
    pub(crate) fn answer(self, document: &Document, now: Timestamp) -> Exit {
        if self.json {
            return self.object(document).map_or_else(|exit| exit, |()| document.exit());
        }
        let aside = document.leaves_stdout_alone();
        let mut page = Page::new(if aside { self.colours_stderr() } else { self.colours_stdout() });
        document.draw(&mut page, now);
        if aside {
            to_stderr(page.text());
            return document.exit();
        }
        to_stdout(page.text()).map_or_else(|exit| exit, |()| document.exit())
    }

    /// Prints one object on a line of its own.
    pub(crate) fn object(self, object: &impl Serialize) -> Result<(), Exit> {
        match serde_json::to_string(object) {
            Ok(text) => to_stdout(&format!("{text}\n")),
            Err(error) => {
                self.remark(&format!("The answer cannot be written as JSON: {error}."));
                Err(Exit::Bug)
            }
        }
    }

    /// Prints why a command could not do what was asked.
    pub(crate) fn failure(self, failure: &Failure) -> Exit {
        if self.json {
            let document = ErrorDocument { error: failure.into() };
            return self.object(&document).map_or_else(|exit| exit, |()| Exit::of_failure(failure));
        }
        let mut page = Page::new(self.colours_stderr());
        other::failure(&mut page, failure);
        to_stderr(page.text());
        Exit::of_failure(failure)
    }

    /// Prints help or the version; as a document, under this name.
    pub(crate) fn text_answer(self, name: &str, text: &StyledStr) -> Exit {
        let printed = if self.json {
            let text = text.to_string().trim_end().to_owned();
            self.object(&serde_json::Map::from_iter([(name.to_owned(), text.into())]))
        } else if self.colours_stdout() {
            to_stdout(&text.ansi().to_string())
        } else {
            to_stdout(&text.to_string())
        };
        printed.map_or_else(|exit| exit, |()| Exit::Done)
    }

    /// Tells what is going on; never part of the answer.
    pub(crate) fn remark(self, text: &str) {
        let mut page = Page::new(self.colours_stderr());
        page.line(0, text);
        to_stderr(page.text());
    }

    /// Tells of something that went wrong beside what was asked.
    pub(crate) fn warning(self, failure: &Failure) {
        let mut page = Page::new(self.colours_stderr());
        other::failure(&mut page, failure);
        to_stderr(page.text());
    }

    fn colours_stdout(self) -> bool {
        !self.plain && io::stdout().is_terminal()
    }

    fn colours_stderr(self) -> bool {
        !self.plain && io::stderr().is_terminal()
    }
}

/// Prints a line that is meant to be taken as it is, such as an address.
pub(crate) fn bare_line(line: &str) -> Result<(), Exit> {
    to_stdout(&format!("{}\n", sanitize(line, line.len())))
}

/// Writes and flushes. A reader that has gone away (`replug list | head -1`) has seen what it wanted; every other error means
/// that the answer was lost.
fn to_stdout(text: &str) -> Result<(), Exit> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            to_stderr(&format!("{} ({error})\n", Code::LocalDisk.info().text));
            Err(Exit::Computer)
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Nothing is left to do where even the message cannot be written.
fn to_stderr(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
