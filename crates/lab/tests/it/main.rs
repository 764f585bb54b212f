//! The lab is tested by plain HTTP: first that a healthy server does what the specifications say, then that each switch
//! does on the wire what its name says. The product's crates are not used.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod client;

mod authorize;
mod demo;
mod edge;
mod front;
mod guard;
mod healthy;
mod metadata;
mod person;
mod registration;
mod speech;
mod token;
mod tools;
mod ui;
