//! The token endpoint: requests as it sees them, and every answer it may give.

mod claims;
mod reading;
mod requests;
mod verdicts;
