//! The fuzz target `challenge`. What it checks is in `replug_hostile::challenge`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| replug_hostile::challenge::check(bytes));
