#![no_main]

libfuzzer_sys::fuzz_target!(|file: &[u8]| {
    let _ = cosmos_workflow::frames::fuzzing::frame(file);
});
