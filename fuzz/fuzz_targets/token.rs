//! The fuzz target `token`. What it checks is in `replug_hostile::token`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| replug_hostile::token::check(bytes));
