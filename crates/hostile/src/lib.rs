//! What must hold for whatever bytes another side sends: one `check` for each way in, used by the property tests here and by
//! the fuzzer in `fuzz`. Nothing is generated here, and nothing of it ships.
//!
//! A check panics when something does not hold. It goes through the public interface of the crate that it is about; where
//! that is a request, through a real one to a server on this computer.

#![expect(clippy::missing_panics_doc, reason = "that it panics when something does not hold is all that a check does")]
#![expect(clippy::unwrap_used, reason = "a check whose surroundings fail has to stop where it stands")]

pub mod address;
pub mod callback;
pub mod challenge;
pub mod metadata;
mod site;
pub mod sse;
pub mod token;

/// A check of some bytes.
pub type Check = fn(&[u8]);

/// Every check by the name of its fuzz target and of its folder in `fuzz/corpus`.
pub const CHECKS: [(&str, Check); 6] = [
    ("address", address::check),
    ("callback", callback::check),
    ("challenge", challenge::check),
    ("metadata", metadata::check),
    ("sse", sse::check),
    ("token", token::check),
];

/// Replaces every occurrence, in bytes that need not be text.
fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(to);
        rest = &rest[at + from.len()..];
    }
    out.extend_from_slice(rest);
    out
}
