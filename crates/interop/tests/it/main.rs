//! Replug against servers nobody here wrote: the TypeScript, the Python and the Rust SDK of MCP, and a certified OpenID provider. What is
//! wrong on purpose is tried with the lab, in the engine's tests.
//!
//! The servers for Node and Python are installed by `cargo xtask test interop`, which names them in `REPLUG_INTEROP` and
//! `REPLUG_INTEROP_PYTHON`. Without it their tests leave themselves out, visibly.

#![expect(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod bench;
mod everything;
mod oidc;
mod page;
mod program;
mod python_sdk;
mod rust_sdk;
mod typescript_demo;
