//! The token endpoint: requests as it sees them, and every answer it may give.

mod claims;
mod on_device;
mod own_name;
mod reading;
mod requests;
mod table;
mod verdicts;
