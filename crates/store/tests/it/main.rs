//! The store through its front door, on real files.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod checks;
mod connectors;
mod damage;
mod processes;
mod project_entries;
mod records;
mod schema;
mod support;
