//! Tables in terminals of several widths, and in a pipe.

use crate::support::{Ends, Said, Sandbox, Shot};

/// What `cosmos line` prints to a terminal of so many columns.
fn in_terminal(sandbox: &Sandbox, columns: usize, line: &str) -> String {
    let program = env!("CARGO_BIN_EXE_cosmos");
    let command = format!("stty rows 40 cols {columns}; exec {program} {line}");
    let run = sandbox
        .program("script")
        .env("NO_COLOR", "1")
        .args(["-qec", &command, "/dev/null"])
        .assert_code(0);
    run.out().replace('\r', "")
}

/// The width of the rules of a table; 0 without one.
fn table_width(text: &str) -> usize {
    let rules = text.lines().filter(|line| line.starts_with('─'));
    rules.map(|line| line.chars().count()).max().unwrap_or(0)
}

#[test]
fn a_table_fits_its_terminal_and_keeps_its_words_whole() {
    let sandbox = Sandbox::new();
    Shot::new().size(480, 270).write(&sandbox.path("shot"));
    sandbox.done("prepare-inference shot --no-ai --name tower");
    let folder = sandbox.prepared();
    let folder = folder.strip_prefix(sandbox.path("")).unwrap().display();
    let made = sandbox.done(&format!(
        "create-spec a_city_at_night_in_the_rain 'a city' --video-path {folder} --json"
    ));
    let id = made.json()["spec"]["id"].as_str().unwrap().to_owned();
    sandbox.done(&format!("create-run {id}"));
    for (line, words) in [
        ("validate shot", ["segmentation.####.png", "480x270", "1-4"]),
        (
            "prepare-inference shot --no-ai --dry-run",
            ["segmentation.####.png", "480x270", "depth.mp4"],
        ),
        (
            "list",
            [id.as_str(), "a_city_at_night_in_the_rain", "pending"],
        ),
    ] {
        for columns in [40, 60, 80, 200] {
            let text = in_terminal(&sandbox, columns, line);
            assert!(table_width(&text) <= columns, "{columns}: {text}");
            for word in words {
                assert!(text.contains(word), "{word} at {columns} in {text}");
            }
        }
        let piped = sandbox.done(line).out();
        assert!(table_width(&piped) > 60, "{piped}");
    }
}
