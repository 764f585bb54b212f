//! The protocol steps against real servers on this computer. What each server does is scripted in the test itself.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has to stop where it stands")]

mod fakes;
mod parts;
mod server;

mod authorize;
mod callback;
mod challenge;
mod discovery;
mod networks;
mod preflight;
mod registration;
mod resource;
mod revoke;
mod scope;
mod token;
