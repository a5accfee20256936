//! The listing of a host, a line feed, and the tar stream of what it listed.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|&byte| byte == b'\n');
    let (listing, stream) = input.split_at(end.unwrap_or(input.len()));
    let stream = stream.get(1..).unwrap_or_default();
    let outside = tempfile::tempdir().expect("a folder");
    let folder = outside.path().join("staging");
    std::fs::create_dir(&folder).expect("a folder");
    let _ = cosmos_workflow::remote::fuzzing::tar_stream(listing, stream, &folder);
    let beside = std::fs::read_dir(outside.path()).expect("a folder").count();
    assert_eq!(beside, 1, "something was written beside the folder");
});
