#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    samverka_world::decoders::body_change(bytes);
});
