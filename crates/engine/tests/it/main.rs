//! The engine through its front door, against the lab's servers.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod attempts;
mod bench;
mod browser;
mod calls;
mod canary;
mod challenges;
mod crowd;
mod data_folder;
mod editing;
mod events;
mod first;
mod fixtures;
mod forgotten;
mod keychain;
mod leaving;
mod obstacles;
mod own_client;
mod refused_tokens;
mod registration;
mod renewal;
mod scene;
mod steady;
