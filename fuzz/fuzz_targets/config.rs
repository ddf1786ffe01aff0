#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| connect_mongodb_session_fuzz::config(bytes));
