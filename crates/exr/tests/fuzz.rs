//! Files changed at random: an error or pixels, never a panic, never much memory.
#![allow(clippy::unwrap_used, reason = "a test fails by it")]

mod common;

use common::{Exr, FILES, FLOAT, HALF, bytes, read_all};
use proptest::prelude::*;

/// Peak memory of this process in bytes.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 1024
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, ..ProptestConfig::default() })]

    /// Any bytes of any file changed: an error or pixels, never a panic, never much memory.
    #[test]
    fn changed_files_are_survived(
        file in prop::sample::select(&FILES[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), any::<u8>()), 1..8),
        cut in prop::option::weighted(0.1, any::<prop::sample::Index>()),
    ) {
        let mut content = bytes(file);
        for (at, in_header, value) in changes {
            let reach = if in_header { content.len().min(1200) } else { content.len() };
            content[at.index(reach)] = value;
        }
        if let Some(cut) = cut {
            content.truncate(cut.index(content.len()));
        }
        if let Err(error) = read_all(content) {
            prop_assert!(error.to_string().starts_with("damaged.exr: "));
        }
        #[cfg(target_os = "linux")]
        prop_assert!(peak() < 512 << 20, "{} bytes", peak());
    }

    /// Numbers of the header replaced by those that break arithmetic.
    #[test]
    fn extreme_numbers_are_survived(
        file in prop::sample::select(&FILES[..]),
        changes in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(vec![
            i32::MIN, i32::MIN + 1, -1, 0, 1, 2, 255, 256, 65_535, 65_536, i32::MAX - 1, i32::MAX,
        ])), 1..4),
    ) {
        let mut content = bytes(file);
        for (at, value) in changes {
            let at = at.index(content.len().min(2500) - 4);
            content[at..at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let _ = read_all(content);
    }

    /// Headers of any attributes.
    #[test]
    fn any_header_is_survived(
        attributes in prop::collection::vec((
            prop::sample::select(vec!["channels", "compression", "dataWindow", "displayWindow", "tiles", "type", "name",
                "view", "multiView", "chunkCount", "cryptomatte/a/manifest", "cryptomatte/a/name", "cryptomatte//", "x"]),
            prop::sample::select(vec!["chlist", "compression", "box2i", "tiledesc", "string", "stringvector", "int",
                "float", "rational", "chromaticities", "v2f", "preview"]),
            prop::collection::vec(any::<u8>(), 0..40),
        ), 0..12),
        flags in prop::sample::select(vec![0_u32, 0x200, 0x400, 0x800, 0x1000, 0x1a00]),
    ) {
        let mut file = Exr::new(&[("R", HALF), ("depth.Z", FLOAT)]);
        for (name, type_name, value) in attributes {
            file = file.with(name, type_name, value);
        }
        file.flags = flags;
        let mut content = file.bytes();
        content.push(0);
        let _ = read_all(content);
    }
}
