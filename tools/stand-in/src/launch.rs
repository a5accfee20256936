//! The launcher: what torchrun reads, and what it says of a program that failed.

use jiff::ZonedDateTime;

use crate::failure::Failure;

/// The options of the launcher with a value; all have their use on one host.
const WITH_VALUE: [&str; 15] = [
    "nnodes",
    "nproc-per-node",
    "rdzv-backend",
    "rdzv-endpoint",
    "rdzv-id",
    "rdzv-conf",
    "max-restarts",
    "monitor-interval",
    "start-method",
    "role",
    "log-dir",
    "node-rank",
    "master-addr",
    "master-port",
    "local-addr",
];

/// What torchrun is told.
#[derive(Debug, PartialEq, Eq)]
pub struct Launch<'a> {
    pub processes: u32,
    /// Whether the program is a module.
    pub module: bool,
    /// The program and its own options.
    pub rest: &'a [String],
}

/// The options of torchrun (`torch/distributed/run.py:get_args_parser`).
pub fn torchrun(words: &[String]) -> Result<Launch<'_>, Failure> {
    let fail = |says: String| Failure::end(format!("torchrun: error: {says}"), 2);
    let (mut processes, mut module, mut at) = (1, false, 0);
    while let Some(word) = words.get(at).filter(|word| word.starts_with('-')) {
        at += 1;
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (word.as_str(), None),
        };
        let name = name.trim_start_matches('-').replace('_', "-");
        match name.as_str() {
            "m" | "module" => module = true,
            "standalone" | "no-python" | "run-path" => {}
            known if WITH_VALUE.contains(&known) => {
                let value = match (attached, words.get(at)) {
                    (Some(value), _) => value,
                    (None, Some(value)) => {
                        at += 1;
                        value.as_str()
                    }
                    (None, None) => {
                        return Err(fail(format!("argument --{known}: expected one argument")));
                    }
                };
                if known == "nproc-per-node" {
                    let count = value.parse().ok().filter(|count| *count > 0);
                    processes = count.ok_or_else(|| {
                        Failure::end(
                            format!("ValueError: Unsupported nproc_per_node value: {value}"),
                            1,
                        )
                    })?;
                }
            }
            _ => return Err(fail(format!("unrecognized arguments: {word}"))),
        }
    }
    match words.get(at..) {
        Some(rest @ [_, ..]) => Ok(Launch {
            processes,
            module,
            rest,
        }),
        _ => Err(fail(
            "the following arguments are required: training_script".into(),
        )),
    }
}

/// What torchrun says when a process of `program` has ended with `code`; it ends with 1 itself.
pub fn report(program: &str, code: u8) -> String {
    let now = ZonedDateTime::now();
    let (stamp, time) = (
        now.strftime("%m%d %H:%M:%S%.6f").to_string(),
        now.strftime("%Y-%m-%d_%H:%M:%S").to_string(),
    );
    const PACKAGES: &str = "/usr/local/lib/python3.12/dist-packages";
    let frames = [
        ("/usr/local/bin/torchrun", 8, "<module>"),
        (
            "torch/distributed/elastic/multiprocessing/errors/__init__.py",
            355,
            "wrapper",
        ),
        ("torch/distributed/run.py", 918, "main"),
        ("torch/distributed/run.py", 909, "run"),
        ("torch/distributed/launcher/api.py", 138, "__call__"),
        ("torch/distributed/launcher/api.py", 269, "launch_agent"),
    ];
    let frames = frames.map(|(file, line, function)| {
        let file = match file.strip_prefix('/') {
            Some(_) => file.to_owned(),
            None => format!("{PACKAGES}/{file}"),
        };
        // The second line stands for what is in the first.
        format!("  File \"{file}\", line {line}, in {function}\n    ...\n")
    });
    let (heavy, light) = ("=".repeat(60), "-".repeat(60));
    format!(
        "E{stamp} 1 torch/distributed/elastic/multiprocessing/api.py:874] failed (exitcode: {code}) local_rank: 0 \
         (pid: 64) of binary: /usr/bin/python3\nTraceback (most recent call last):\n{}\
         torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n{heavy}\n{program} FAILED\n{light}\n\
         Failures:\n  <NO_OTHER_FAILURES>\n{light}\nRoot Cause (first observed failure):\n[0]:\n  time      : {time}\n  \
         host      : stand-in\n  rank      : 0 (local_rank: 0)\n  exitcode  : {code} (pid: 64)\n  error_file: <N/A>\n  \
         traceback : To enable traceback see: https://pytorch.org/docs/stable/elastic/errors.html\n{heavy}\n",
        frames.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_launcher_s_options_end_where_the_program_begins() {
        let read = |line: &str| {
            let words = shlex::split(line).unwrap();
            let launch = torchrun(&words).map_err(|failure| failure.code)?;
            Ok((launch.processes, launch.module, launch.rest.join(" ")))
        };
        for (line, expected) in [
            (
                "--nproc_per_node=4 --nnodes=1 a.py --x",
                Ok((4, false, "a.py --x".to_owned())),
            ),
            (
                "--nproc-per-node 2 --master-port=1 -m a.b -i c",
                Ok((2, true, "a.b -i c".to_owned())),
            ),
            ("a.py", Ok((1, false, "a.py".to_owned()))),
            ("--nproc_per_node=0 a.py", Err(1)),
            ("--bogus=2 a.py", Err(2)),
            ("--standalone", Err(2)),
        ] {
            assert_eq!(read(line), expected, "{line}");
        }
    }
}
