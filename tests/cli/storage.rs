//! Disks that are full or may not be written to.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use cosmos_workflow::modality::Modality;

use crate::support::{Ends, Said, Sandbox, Shot, noise};

/// Frames that do not compress.
fn noisy_frames(sandbox: &Sandbox, frames: u32) {
    fs::create_dir(sandbox.path("frames")).unwrap();
    for number in 0..frames {
        let path = sandbox.path(format!("frames/color.{number:04}.png"));
        noise(160, 96, number).save(path).unwrap();
    }
}

/// A disk of `size` is mounted on `disk` for the time of the command; what it then holds is in `left`.
fn on_small_disk(sandbox: &Sandbox, size: &str, arguments: &str) -> Command {
    sandbox.cosmos_with_mounts(
        &format!("mount -t tmpfs -o size={size} none disk"),
        "find disk -mindepth 1 > left",
        arguments,
    )
}

#[test]
fn a_full_disk_is_named_and_left_empty() {
    // The disk fills while frames are written, when the file is completed, with the index, with what lies
    // beside the videos.
    for (frames, size, command) in [
        (
            60,
            "512k",
            "convert-sequence frames -o disk/out.mp4 --crf 0",
        ),
        (6, "64k", "convert-sequence frames -o disk/out.mp4 --crf 0"),
        (
            2,
            "4k",
            "convert-sequence frames -o disk/new/folder/out.mp4",
        ),
        (60, "512k", "prepare-inference frames --name x --crf 0"),
        (6, "64k", "prepare-inference frames --name x --crf 40"),
    ] {
        let sandbox = Sandbox::new();
        noisy_frames(&sandbox, frames);
        fs::create_dir(sandbox.path("disk")).unwrap();
        fs::write(
            sandbox.path("config.toml"),
            "[paths]\nlocal_videos_dir = \"disk/videos\"\n",
        )
        .unwrap();
        fs::write(sandbox.path("left"), "").unwrap();
        let mut run = on_small_disk(&sandbox, size, command);
        sandbox
            .leaves_no_trace(1, &mut run)
            .warns(&["disk/", "free some space"]);
    }
}

#[test]
fn a_disk_that_is_just_large_enough_will_do() {
    let sandbox = Sandbox::new();
    noisy_frames(&sandbox, 2);
    fs::create_dir(sandbox.path("disk")).unwrap();
    on_small_disk(&sandbox, "256k", "convert-sequence frames -o disk/out.mp4").assert_code(0);
    assert_eq!(
        fs::read_to_string(sandbox.path("left")).unwrap(),
        "disk/out.mp4\n"
    );
}

#[test]
fn a_disk_that_is_mounted_read_only_is_named() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("frames"));
    fs::create_dir(sandbox.path("disk")).unwrap();
    fs::write(
        sandbox.path("config.toml"),
        "[paths]\nlocal_videos_dir = \"disk/videos\"\n",
    )
    .unwrap();
    for command in [
        "convert-sequence frames -o disk/out.mp4",
        "convert-sequence frames -o disk/new/out.mp4",
        "prepare-inference frames --name x",
    ] {
        let mut run = sandbox.cosmos_with_mounts("mount -t tmpfs -o ro none disk", "true", command);
        sandbox
            .leaves_no_trace(1, &mut run)
            .warns(&["disk", "read-only", "help:"]);
    }
}

/// Frames often lie where they may only be read.
#[test]
fn frames_may_lie_on_a_read_only_disk() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("frames"));
    let mount = "mount --bind frames frames; mount -o remount,ro,bind frames";
    sandbox
        .cosmos_with_mounts(mount, "true", "convert-sequence frames -o out.mp4")
        .assert_code(0);
    sandbox
        .cosmos_with_mounts(mount, "true", "convert-sequence frames -o frames/out.mp4")
        .assert_code(1)
        .warns(&["frames", "read-only"]);
}

#[test]
fn a_folder_that_may_not_be_written_to_is_named() {
    let sandbox = Sandbox::new();
    Shot::new()
        .only(&[Modality::Color])
        .write(&sandbox.path("frames"));
    fs::create_dir(sandbox.path("locked")).unwrap();
    fs::set_permissions(sandbox.path("locked"), Permissions::from_mode(0o555)).unwrap();
    fs::write(
        sandbox.path("config.toml"),
        "[paths]\nlocal_videos_dir = \"locked\"\n",
    )
    .unwrap();
    for command in [
        "convert-sequence frames -o locked/out.mp4",
        "convert-sequence frames -o locked/new/out.mp4",
        "prepare-inference frames --name x",
    ] {
        sandbox
            .leaves_no_trace(1, &mut sandbox.cosmos_unprivileged(command))
            .warns(&["locked", "Permission denied", "make the folder writable"]);
    }
}
