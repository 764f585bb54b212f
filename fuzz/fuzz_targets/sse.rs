//! The fuzz target `sse`. What it checks is in `replug_hostile::sse`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| replug_hostile::sse::check(bytes));
