//! The fuzz target `metadata`. What it checks is in `replug_hostile::metadata`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| replug_hostile::metadata::check(bytes));
