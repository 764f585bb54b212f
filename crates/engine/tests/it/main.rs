//! The engine through its front door, against the lab's servers.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the message")]

mod apps;
mod apps_approval;
mod apps_import;
mod attempts;
mod bench;
mod browser;
mod callback_forms;
mod calls;
mod canary;
mod carrying;
mod challenges;
mod clocks;
mod crowd;
mod data_folder;
mod documents;
mod editing;
mod events;
mod first;
mod fixtures;
mod forgotten;
mod keeping;
mod keychain;
mod killed;
mod ladder;
mod leaving;
mod lost_answers;
mod moves;
mod obstacles;
mod on_device;
mod own_client;
mod own_name;
mod permissions;
mod processes;
mod refused_tokens;
mod registration;
mod renewal;
mod scene;
mod steady;
mod strict;
mod upkeep;
mod wiping;
