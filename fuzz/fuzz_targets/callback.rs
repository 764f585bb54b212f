//! The fuzz target `callback`. What it checks is in `replug_hostile::callback`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| replug_hostile::callback::check(bytes));
