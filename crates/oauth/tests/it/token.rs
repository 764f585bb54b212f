//! The token endpoint.

mod claims;
mod reading;
mod requests;
mod verdicts;
