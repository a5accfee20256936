#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = cosmos_workflow::remote::fuzzing::known_hosts(text, "gpu");
});
