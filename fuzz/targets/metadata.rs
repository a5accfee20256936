#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = cosmos_workflow::specs::fuzzing::metadata(text);
});
