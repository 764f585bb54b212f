//! The fuzz target `address`. What it checks is in `replug_hostile::address`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| replug_hostile::address::check(bytes));
