//! What the GPU host is like: `status`, once and live.

use std::io::{IsTerminal, stdout};
use std::time::Duration;

use console::{Term, style, truncate_str};
use cosmos_workflow::docker::{Container, Phase};
use cosmos_workflow::host_facts::judge::gb;
use cosmos_workflow::host_facts::{Gpu, Presence};
use cosmos_workflow::workflows::{FileStatus, HostStatus, LiveStatus, RunningJob};
use indicatif::HumanDuration;
use serde_json::Value;

use super::Output;
use super::escape::shown;
use super::output::{add_field, print, print_exactly, print_json, say};

/// Bytes in a MiB, in which `nvidia-smi` counts.
const MIB: u64 = 1 << 20;
/// The width of what goes to a file.
const COLUMNS: usize = 80;

impl Output {
    /// Prints what the host is like.
    pub fn status(self, status: &HostStatus) {
        if self.json {
            let mut value = serde_json::to_value(status).unwrap_or_default();
            add_field(&mut value, "usable", status.is_usable());
            return print_json(&value);
        }
        for (label, text) in status_lines(status, self.verbose) {
            print(format_args!("{label:<12}{text}"));
        }
        for problem in &status.problems {
            let label = if problem.prevents_runs {
                "error"
            } else {
                "warning"
            };
            say(label, &problem.message, problem.hint.as_deref());
        }
        if status.is_usable() {
            print(format_args!("{}", style("ready").green()));
        }
    }

    /// Shows what the host does at the moment: on a terminal in place of the moment before, elsewhere below it.
    pub fn live_status(self, live: &LiveStatus) {
        if self.json {
            return print_exactly(format_args!(
                "{}",
                serde_json::to_value(live).unwrap_or(Value::Null)
            ));
        }
        let lines = live_lines(live);
        let terminal = Term::buffered_stdout();
        if !stdout().is_terminal() {
            for line in lines {
                print(format_args!("{}", truncate_str(&line, COLUMNS, "…")));
            }
            return print(format_args!(""));
        }
        let (rows, columns) = terminal.size();
        // A terminal that has gone away shows nothing, which is no reason to fail.
        let _ = terminal.move_cursor_to(0, 0);
        for line in lines.iter().take(usize::from(rows).saturating_sub(1)) {
            let _ = terminal.clear_line();
            let line = shown(line);
            let _ = terminal.write_line(&truncate_str(&line, usize::from(columns), "…"));
        }
        let _ = terminal.clear_to_end_of_screen();
        let _ = terminal.flush();
    }
}

/// Label and text of each line.
fn status_lines(status: &HostStatus, verbose: bool) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut line = |label: &str, text: String| lines.push((label.to_owned(), text));
    let memory = match (status.memory_free_bytes, status.memory_bytes) {
        (Some(free), Some(all)) => format!(", {} of {} of memory free", gb(free), gb(all)),
        _ => String::new(),
    };
    line(
        "host",
        format!(
            "{}@{} port {}, {:.0} ms",
            status.user, status.host, status.port, status.latency_ms
        ),
    );
    if let Some(machine) = &status.machine {
        line("", format!("{machine}{memory}"));
    }
    line(
        "docker",
        status
            .docker_version
            .clone()
            .unwrap_or_else(|| "not usable".into()),
    );
    let cuda = status
        .image_cuda
        .as_ref()
        .map(|cuda| format!("CUDA {cuda}"));
    let facts: Vec<String> = status
        .image_architecture
        .iter()
        .cloned()
        .chain(cuda)
        .collect();
    let present = match status.image_present {
        Some(true) if facts.is_empty() => String::new(),
        Some(true) => format!(" ({})", facts.join(", ")),
        Some(false) => " (not there)".into(),
        None => " (unknown whether it is there)".into(),
    };
    line("image", format!("{}{present}", status.image));
    if let Some(driver) = &status.driver {
        let cuda = status
            .cuda
            .as_ref()
            .map_or_else(String::new, |cuda| format!(", for CUDA {cuda}"));
        line("driver", format!("{driver}{cuda}"));
    }
    for gpu in &status.gpus {
        let kind = match (gpu.architecture(), gpu.capability) {
            (Some(name), Some(capability)) => format!(", {name} ({capability})"),
            (None, Some(capability)) => format!(", {capability}"),
            _ => String::new(),
        };
        line(&format!("gpu {}", gpu.index), format!("{}{kind}", gpu.name));
        line("", gpu_facts(gpu));
    }
    let needed = status.memory_needed.map(|memory| {
        let what = if memory.weights_only {
            "for the weights alone"
        } else {
            "as its authors say"
        };
        format!("{} on each GPU, {what}", gb(memory.bytes_per_gpu))
    });
    line(
        "model",
        match (&status.run, needed) {
            (Some(run), needed) => format!("{}, for {run}{}", status.model, with_comma(needed)),
            (None, needed) => format!("{}{}", status.model, with_comma(needed)),
        },
    );
    let missing = if status.remote_dir_present {
        ""
    } else {
        " (not there)"
    };
    line("checkout", format!("{}{missing}", status.remote_dir));
    let commit = status.commit.as_deref().map(|commit| {
        let date = status.commit_date.as_deref().unwrap_or_default();
        let day = date.split('T').next().unwrap_or_default();
        format!("commit {} of {day}", commit.get(..7).unwrap_or(commit))
    });
    let room = status.free_bytes.map(|free| format!("{} free", gb(free)));
    let facts: Vec<String> = commit.into_iter().chain(room).collect();
    if !facts.is_empty() {
        line("", facts.join(", "));
    }
    let uses_cache = status.files.iter().any(|file| file.need.place.is_cached());
    if let Some(folder) = status.cache_dir.as_ref().filter(|_| uses_cache) {
        let room = status
            .cache_free_bytes
            .map(|free| format!(", {} free", gb(free)));
        let offline = if status.is_offline { ", offline" } else { "" };
        line(
            "cache",
            format!("{folder}{}{offline}", room.unwrap_or_default()),
        );
    }
    for (index, file) in status.files.iter().enumerate() {
        line(if index == 0 { "reads" } else { "" }, file_facts(file));
    }
    for container in &status.containers {
        line("container", container_facts(container, verbose));
    }
    lines
}

fn with_comma(text: Option<String>) -> String {
    text.map_or_else(String::new, |text| format!(", {text}"))
}

fn file_facts(file: &FileStatus) -> String {
    let state = match file.presence {
        Presence::There => "there",
        Presence::Missing => "missing",
        Presence::Partly => "in part",
        Presence::InContainer => "unseen",
        Presence::InImage => "in image",
        Presence::Closed => "closed",
        Presence::Unknown => "unknown",
    };
    format!("{state:<8} {}, {}", file.need.what, file.need.place.short())
}

/// Memory, use, temperature and power, as far as they are known.
fn gpu_facts(gpu: &Gpu) -> String {
    let memory = match (gpu.free_mib, gpu.memory_mib) {
        (Some(free), Some(all)) => format!("{} of {} free", gb(free * MIB), gb(all * MIB)),
        _ => "memory shared with the machine".to_owned(),
    };
    let load = gpu.load_percent.map(|percent| format!("{percent} % busy"));
    let heat = gpu.celsius.map(|celsius| format!("{celsius} °C"));
    let power = gpu.watts.map(|watts| match gpu.watts_limit {
        Some(limit) => format!("{watts:.0} of {limit:.0} W"),
        None => format!("{watts:.0} W"),
    });
    let facts: Vec<String> = [Some(memory), load, heat, power]
        .into_iter()
        .flatten()
        .collect();
    facts.join(", ")
}

fn container_facts(container: &Container, verbose: bool) -> String {
    let more = if verbose {
        format!(
            ", of {}, image {}, started {}",
            container.run_id, container.image, container.started
        )
    } else {
        String::new()
    };
    format!("{} {}{more}", container.name, phase(container))
}

fn phase(container: &Container) -> String {
    match &container.phase {
        Phase::Created { .. } => "never started".to_owned(),
        Phase::Running => "running".to_owned(),
        Phase::Exited { code, .. } => format!("ended with exit code {code}"),
    }
}

fn live_lines(live: &LiveStatus) -> Vec<String> {
    let time = live.time.as_deref().unwrap_or_default();
    let mut lines = vec![format!("{}  {time}", style(&live.host).bold())];
    for gpu in &live.gpus {
        lines.push(format!("gpu {:<8}{}", gpu.index, gpu.name));
        lines.push(format!("{:12}{}", "", gpu_facts(gpu)));
    }
    for job in &live.jobs {
        lines.extend(job_lines(job));
    }
    if live.jobs.is_empty() {
        lines.push("no job of cosmos".to_owned());
    }
    for problem in &live.problems {
        lines.push(format!("{} {problem}", style("warning:").yellow().bold()));
    }
    lines
}

fn job_lines(job: &RunningJob) -> Vec<String> {
    let age = job.age_seconds.map_or_else(String::new, |seconds| {
        format!(
            ", started {} ago",
            HumanDuration(Duration::from_secs(seconds))
        )
    });
    let mut lines = vec![format!("container   {}", job.container.name)];
    lines.push(format!("{:12}{}{age}", "", phase(&job.container)));
    if let Some(line) = &job.last_line {
        lines.push(format!("{:12}{line}", ""));
    }
    lines
}
