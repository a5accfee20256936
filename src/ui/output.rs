//! Results and errors, as text for people or JSON for machines.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt;
use std::io::{self, Write, stderr};
use std::path::Path;
use std::time::Duration;

use console::style;
use cosmos_workflow::cosmos::{Handling, Processing, Resize};
use cosmos_workflow::frames::{Problem, Sequence, SequenceReport, ShotReport, Warning};
use cosmos_workflow::layers::LayerUse;
use cosmos_workflow::metadata::VideoMetadata;
use cosmos_workflow::modality::Modality;
use cosmos_workflow::seen::{ObjectInFrame, Seen};
use cosmos_workflow::specs::ExecutionStatus;
use cosmos_workflow::workflows::{
    Advice, Cleaned, ConvertPlan, ConvertReport, CreateRunReport, CreateSpecReport, DescribeReport,
    DescribedFile, DryRun, DryStep, EncodedVideo, ExrMetadata, FailedFile, Inspection, ModelReport,
    ModelState, ModelsReport, PlannedVideo, PreparePlan, PrepareReport, RunReport, SpecDetails,
    SpecEntry, SpecList, StandardizeReport,
};
use cosmos_workflow::{Error, ExitCode};
use indicatif::{HumanBytes, HumanDuration};
use serde::Serialize;
use serde_json::{Value, json};

use super::escape::shown;
use super::standard_output;
use super::table::Table;

/// More beginnings of windows than this are not printed.
const SEAMS_SHOWN: usize = 8;
/// The last line of a dry run here.
const NOTHING_WRITTEN: &str = "dry run: nothing was written";

/// How results are printed.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// As JSON.
    pub json: bool,
    /// Errors with their causes.
    pub verbose: bool,
}

impl Output {
    /// Prints why a command failed.
    pub fn error(self, error: &Error) {
        let problems = error.problems();
        if self.json {
            print_json(&json!({
                "error": error.to_string(),
                "hint": error.hint(),
                "exit_code": error.exit_code() as u8,
                "problems": problems_json(problems),
                "blocked": error.block(),
                "log": error.log_tail(),
            }));
        }
        for problem in problems {
            say("error", &problem.to_string(), Some(&problem.hint()));
        }
        for line in error.log_tail() {
            eprint(format_args!("  {line}"));
        }
        say("error", &error.to_string(), error.hint().as_deref());
        if self.verbose {
            let mut cause = error.source();
            while let Some(error) = cause {
                eprint(format_args!("caused by: {error}"));
                cause = error.source();
            }
        }
    }

    /// Says that the result could not be printed.
    pub fn unwritable(self, error: &io::Error) {
        say(
            "error",
            &format!("cannot write to standard output: {error}"),
            Some("the work itself is done; only what it prints is lost"),
        );
    }

    /// Prints what is wrong with the command line: `message` and `hint` as JSON, else `text`, which says both.
    pub fn usage(self, message: &str, hint: &str, text: &str) {
        if self.json {
            print_json(&json!({
                "error": message,
                "hint": hint,
                "exit_code": ExitCode::Usage as u8,
                "problems": [],
                "blocked": null,
                "log": [],
            }));
        }
        eprint(format_args!("{}", text.trim_end()));
    }

    /// Prints what `prepare-inference` made, and the command to go on with.
    pub fn prepared(self, report: &PrepareReport, next: &str, elapsed: Duration) {
        advise(&report.warnings);
        notes(&report.dropped);
        notes(&report.notes);
        if self.json {
            let mut value = with_seconds(report, elapsed);
            add_field(&mut value, "next", next);
            return print_json(&value);
        }
        let metadata = &report.metadata;
        let range = &metadata.source.frame_range;
        let [width, height] = metadata.resolution;
        print(format_args!(
            "{}: {} frames ({}-{}), {width}x{height}, {} fps",
            style(&metadata.name).bold(),
            metadata.frame_count,
            range.first,
            range.last,
            metadata.frame_rate,
        ));
        for (modality, word) in &report.aliases {
            print(format_args!("  {modality} from `{word}`"));
        }
        print_layers(&metadata.source.layers);
        print_videos(&report.videos, elapsed);
        if !metadata.description.is_empty() {
            print(format_args!("shows     {}", metadata.description));
        }
        print_tags_and_objects(&metadata.seen);
        print(format_args!("folder    {}", report.output.display()));
        print(format_args!("preview   {}", report.preview_path.display()));
        print(format_args!("metadata  {}", report.metadata_path.display()));
        if let Some(handling) = &report.cosmos {
            print(format_args!("model     {}", handled(handling)));
        }
        print(format_args!("next      {next}"));
    }

    /// Prints what `prepare-inference` would make.
    pub fn would_prepare(self, plan: &PreparePlan) {
        advise(&plan.warnings);
        notes(&plan.dropped);
        if self.json {
            return print_json(plan);
        }
        let name = plan.name.as_deref();
        let title = match name {
            Some(name) => name.to_owned(),
            None => plan.input.display().to_string(),
        };
        print(format_args!(
            "{}: {} frames ({}-{}), {} fps",
            style(title).bold(),
            plan.frame_count,
            plan.frame_range.first(),
            plan.frame_range.last(),
            plan.frame_rate,
        ));
        for (modality, word) in &plan.aliases {
            print(format_args!("  {modality} from `{word}`"));
        }
        print(format_args!("{}", planned_table(&plan.videos).to_fit()));
        if name.is_none() {
            print(format_args!(
                "name      made from what the AI models see; --name sets it"
            ));
        }
        let folder = plan.videos_dir.join(name.unwrap_or("<name>"));
        print(format_args!("folder    {}_<date>_<time>", folder.display()));
        if let Some(handling) = &plan.cosmos {
            print(format_args!("model     {}", handled(handling)));
        }
        print(format_args!("{NOTHING_WRITTEN}"));
    }

    /// Prints what `create-spec` made, and the command to go on with.
    pub fn prompt_created(self, report: &CreateSpecReport, next: &str) {
        advise(&report.warnings);
        notes(&report.notes);
        if self.json {
            let mut value = serde_json::to_value(report).unwrap_or_default();
            add_field(&mut value, "next", next);
            return print_json(&value);
        }
        let spec = &report.spec;
        print_created(&spec.name, &spec.id, report.existing, &report.path);
        for (modality, path) in spec.videos() {
            print(format_args!("  {modality:<12} {}", path.display()));
        }
        print(format_args!("next      {next}"));
    }

    /// Prints what `create-run` made, and the command to go on with.
    pub fn run_created(self, report: &CreateRunReport, next: &str) {
        advise(&report.warnings);
        notes(&report.notes);
        if self.json {
            let mut value = serde_json::to_value(report).unwrap_or_default();
            add_field(&mut value, "next", next);
            return print_json(&value);
        }
        let run = &report.spec;
        print_created(&run.name, &run.id, report.existing, &report.path);
        for (control, weight) in &run.control_weights {
            print(format_args!("  {control:<12} {weight}"));
        }
        let parameters = &run.parameters;
        let mut facts = vec![report.checked_for.to_string()];
        facts.extend(parameters.num_steps.map(|steps| format!("{steps} steps")));
        facts.extend(
            parameters
                .guidance_scale
                .map(|scale| format!("guidance {scale}")),
        );
        facts.extend(parameters.seed.map(|seed| format!("seed {seed}")));
        print(format_args!("{}", facts.join(", ")));
        if let Some(processing) = &report.processing {
            print(format_args!("works     {}", processing_facts(processing)));
        }
        print(format_args!("state     {}", run.execution_status));
        print(format_args!("output    {}", run.output_path.display()));
        print(format_args!("next      {next}"));
    }

    /// Prints what became of `wanted` runs; `next` is the command that goes on with one.
    pub fn ran(
        self,
        results: &[(&Path, Result<RunReport, Error>)],
        wanted: usize,
        next: &dyn Fn(&Path) -> String,
    ) {
        for (_, result) in results {
            if let Ok(report) = result {
                advise(&report.warnings);
                notes(&report.notes);
            }
        }
        if self.json {
            let runs: Vec<Value> = results.iter().map(|(path, r)| run_json(path, r)).collect();
            return print_json(&json!({"runs": runs, "not_started": wanted - runs.len()}));
        }
        for (path, result) in results {
            match result {
                Ok(report) => print_run(report, next),
                Err(error) => {
                    let state = match error.block() {
                        Some(_) => ExecutionStatus::Blocked,
                        None => ExecutionStatus::Failed,
                    };
                    print(format_args!("{}: {state}", path.display()));
                    self.error(error);
                }
            }
        }
        if wanted > 1 {
            let done = results.iter().filter(|(_, result)| result.is_ok()).count();
            let errors = results
                .iter()
                .filter_map(|(_, result)| result.as_ref().err());
            let blocked = errors.filter(|error| error.block().is_some()).count();
            let failed = results.len() - done - blocked;
            let left = wanted - results.len();
            let blocked = match blocked {
                0 => String::new(),
                count => format!(", {count} blocked"),
            };
            print(format_args!(
                "{done} done, {failed} failed{blocked}, {left} not started"
            ));
        }
    }

    /// Prints what a run would do.
    pub fn dry_run(self, dry_run: &DryRun) {
        notes(&dry_run.notes);
        if self.json {
            return print_json(dry_run);
        }
        let run = &dry_run.run;
        let host = match dry_run.host.as_str() {
            "" => "no GPU host is set".to_owned(),
            host => format!("on {host}"),
        };
        print(format_args!(
            "{}  {}  {host}",
            style(&run.name).bold(),
            run.id,
        ));
        if let Some(processing) = &dry_run.processing {
            print(format_args!("works     {}", processing_facts(processing)));
        }
        for step in &dry_run.steps {
            match step {
                DryStep::Upload { from, to } => {
                    print(format_args!("upload    {} -> {to}", from.display()));
                }
                DryStep::Write { path, content } => match content {
                    Value::String(text) => {
                        print(format_args!("write     {path}\n{}", text.trim_end()))
                    }
                    json => print(format_args!("write     {path}\n{json:#}")),
                },
                DryStep::Command { line, .. } => print(format_args!("$ {line}")),
                DryStep::Download { from, to } => {
                    print(format_args!("download  {from} -> {}", to.display()));
                }
            }
        }
    }

    /// Prints a line of a log.
    pub fn line(self, line: &str) {
        print(format_args!("{line}"));
    }

    /// Prints what `cancel` ended.
    pub fn cancelled(self, containers: &[String]) {
        if self.json {
            return print_json(&json!({"ended": containers}));
        }
        if containers.is_empty() {
            print(format_args!("the run has no job on the host"));
        }
        for name in containers {
            print(format_args!("ended {name}"));
        }
    }

    /// Prints what `clean` removed.
    pub fn cleaned(self, cleaned: &Cleaned) {
        if self.json {
            return print_json(cleaned);
        }
        for name in &cleaned.containers {
            print(format_args!("removed container {name}"));
        }
        for name in &cleaned.files {
            print(format_args!("removed {name}"));
        }
        for line in &cleaned.kept {
            print(format_args!("kept {line}"));
        }
        if cleaned.containers.is_empty() && cleaned.files.is_empty() {
            print(format_args!("nothing to remove"));
        }
    }

    /// Prints which AI models there are, and what runs them. `label` is what their problems are to the command.
    pub fn models(self, report: &ModelsReport, label: &str) {
        let runtime = &report.runtime;
        if let Some(message) = &runtime.warning {
            say("warning", message, None);
        }
        let problems = runtime.problem.iter().chain(
            report
                .models
                .iter()
                .filter_map(|model| model.problem.as_ref()),
        );
        for problem in problems {
            say(label, &problem.message, problem.hint.as_deref());
        }
        if self.json {
            return print_json(report);
        }
        if let (Some(library), Some(version), Some(device), Some(threads)) = (
            &runtime.library,
            &runtime.version,
            runtime.device,
            runtime.threads,
        ) {
            let threads = match threads {
                1 => "1 thread".to_owned(),
                count => format!("{count} threads"),
            };
            print(format_args!(
                "onnxruntime {version} on {device}, {threads}  {}",
                library.display()
            ));
        }
        if report.models.is_empty() {
            print(format_args!("no models; looked into"));
            for folder in &report.folders {
                print(format_args!("  {}", folder.display()));
            }
            return;
        }
        print(format_args!("{}", model_table(&report.models).to_fit()));
    }

    /// Prints which AI model was added.
    pub fn model_added(self, model: &ModelReport) {
        if self.json {
            return print_json(model);
        }
        print(format_args!(
            "added {} ({}) to {}",
            style(&model.name).bold(),
            HumanBytes(model.bytes),
            model.folder.display()
        ));
    }

    /// Prints which AI model was removed.
    pub fn model_removed(self, model: &ModelReport) {
        if self.json {
            return print_json(model);
        }
        print(format_args!(
            "removed {} ({}) from {}",
            style(&model.name).bold(),
            HumanBytes(model.bytes),
            model.folder.display()
        ));
    }

    /// Prints which prompts and runs there are.
    pub fn listed(self, list: &SpecList) {
        advise(&list.warnings);
        if self.json {
            return print_json(list);
        }
        if list.specs.is_empty() {
            return print(format_args!("no prompts and no runs"));
        }
        print(format_args!("{}", spec_table(&list.specs).to_fit()));
    }

    /// Prints one prompt or run.
    pub fn shown(self, details: &SpecDetails) {
        if self.json {
            return print_json(details);
        }
        let entry = &details.entry;
        print(format_args!("{}  {}", style(&entry.name).bold(), entry.id));
        if let Some(state) = entry.state {
            print(format_args!("state     {state}"));
        }
        print(format_args!("made      {}", age(entry)));
        if entry.output.is_some() {
            print(format_args!("output    {}", output_place(entry)));
        }
        print(format_args!("file      {}", entry.path.display()));
        print(format_args!("{:#}", details.spec));
        if !details.runs.is_empty() {
            print(format_args!("{}", spec_table(&details.runs).to_fit()));
        }
    }

    /// Prints what `convert-sequence` made.
    pub fn converted(self, report: &ConvertReport, elapsed: Duration) {
        advise(&report.warnings);
        notes(&report.dropped);
        notes(&report.notes);
        if self.json {
            return print_json(&with_seconds(report, elapsed));
        }
        print(format_args!(
            "{}: frames {}",
            report.source, report.frame_range
        ));
        print_videos(std::slice::from_ref(&report.video), elapsed);
        if let Some(metadata) = &report.metadata {
            if let Some(analysis) = &metadata.seen.analysis {
                print(format_args!("shows     {}", analysis.description));
            }
            print_tags_and_objects(&metadata.seen);
        }
        print(format_args!("video     {}", report.video.path.display()));
        if let Some(path) = &report.metadata_path {
            print(format_args!("metadata  {}", path.display()));
        }
    }

    /// Prints what `convert-sequence` would make.
    pub fn would_convert(self, plan: &ConvertPlan) {
        advise(&plan.warnings);
        notes(&plan.dropped);
        if self.json {
            return print_json(plan);
        }
        print(format_args!(
            "{}: {} frames ({}), {} fps",
            style(&plan.video.source).bold(),
            plan.video.frame_count,
            plan.frame_range,
            plan.frame_rate
        ));
        let videos = std::slice::from_ref(&plan.video);
        print(format_args!("{}", planned_table(videos).to_fit()));
        print(format_args!("video     {}", plan.output.display()));
        if let Some(path) = &plan.metadata_path {
            print(format_args!("metadata  {}", path.display()));
        }
        print(format_args!("model     {}", handled(&plan.cosmos)));
        print(format_args!("{NOTHING_WRITTEN}"));
    }

    /// Prints what `probe` found.
    pub fn probed(self, metadata: &VideoMetadata) {
        if self.json {
            return print_json(metadata);
        }
        let stats = &metadata.middle_frame_stats;
        let colors: Vec<String> = stats
            .dominant_colors
            .iter()
            .map(|[r, g, b]| format!("#{r:02x}{g:02x}{b:02x}"))
            .collect();
        print(format_args!("{}", metadata.file_path.display()));
        print(format_args!(
            "  video       {} {}",
            metadata.codec, metadata.pixel_format
        ));
        print(format_args!(
            "  size        {}x{}",
            metadata.width, metadata.height
        ));
        print(format_args!(
            "  length      {} frames, {:.3} s at {} fps",
            metadata.frame_count, metadata.duration, metadata.frame_rate
        ));
        print(format_args!(
            "  file        {}, sha256 {}",
            HumanBytes(metadata.file_size),
            metadata.hash
        ));
        print(format_args!(
            "  brightness  {:.1}, contrast {:.1}",
            stats.brightness, stats.contrast
        ));
        print(format_args!("  colours     {}", colors.join(" ")));
    }

    /// Prints what `probe` found in an OpenEXR file.
    pub fn probed_exr(self, metadata: &ExrMetadata) {
        /// Names of objects that are shown of a layer.
        const SHOWN: usize = 8;
        if self.json {
            return print_json(metadata);
        }
        print(format_args!("{}", metadata.file_path.display()));
        print(format_args!(
            "  size        {}x{}",
            metadata.width, metadata.height
        ));
        if let Some(software) = &metadata.software {
            print(format_args!("  written by  {software}"));
        }
        for view in &metadata.views {
            print(format_args!("  view        {view}"));
        }
        for part in &metadata.parts {
            let [left, top, right, bottom] = part.data_window;
            print(format_args!(
                "  part        {}{} channels, {}, data window {left},{top} to {right},{bottom}",
                part.name
                    .as_ref()
                    .map_or_else(String::new, |name| format!("`{name}`: ")),
                part.channels,
                part.compression
            ));
        }
        for layer in &metadata.layers {
            let takes = metadata
                .controls
                .iter()
                .filter(|(_, name)| **name == layer.name);
            let takes: Vec<&str> = takes.map(|(modality, _)| modality.name()).collect();
            let becomes = match (&layer.refused, takes.is_empty()) {
                (Some(why), _) => format!("  cannot be used: {why}"),
                (None, true) => String::new(),
                (None, false) => format!("  -> {}", takes.join(", ")),
            };
            print(format_args!(
                "  layer       {}  {}{becomes}",
                style(&layer.name).bold(),
                layer.holds
            ));
            print(format_args!("              {}", layer.channels.join(", ")));
            if !layer.objects.is_empty() {
                let shown: Vec<&str> = layer
                    .objects
                    .iter()
                    .take(SHOWN)
                    .map(String::as_str)
                    .collect();
                let more = match layer.objects.len().saturating_sub(SHOWN) {
                    0 => String::new(),
                    left => format!(" and {left} more"),
                };
                print(format_args!(
                    "              names: {}{more}",
                    shown.join(", ")
                ));
            }
        }
    }

    /// Prints what `describe` found.
    pub fn described(self, report: &DescribeReport, elapsed: Duration) {
        advise(&report.warnings);
        for FailedFile { problem, .. } in &report.failed {
            say("error", &problem.message, problem.hint.as_deref());
        }
        if self.json {
            return print_json(&with_seconds(report, elapsed));
        }
        for file in &report.files {
            print_described(file);
        }
        let (count, failed) = (report.files.len(), report.failed.len());
        let known = report.files.iter().filter(|file| file.cached).count();
        let mut counts = format!("{count} described");
        if known > 0 {
            counts.push_str(&format!(" ({known} known from before)"));
        }
        if failed > 0 {
            counts.push_str(&format!(", {failed} failed"));
        }
        print(format_args!("{counts}, {:.1} s", elapsed.as_secs_f64()));
    }

    /// Prints what `standardize` made.
    pub fn standardized(self, report: &StandardizeReport) {
        if self.json {
            return print_json(report);
        }
        print(format_args!(
            "{}: {} frames (from {}), {:.3} s, {}x{}, {}",
            report.output.display(),
            report.frame_count,
            report.source_frames,
            report.duration,
            report.width,
            report.height,
            HumanBytes(report.bytes)
        ));
    }

    /// Prints what `validate` found in a shot.
    pub fn checked_shot(
        self,
        report: &ShotReport,
        inspection: &Inspection,
        handling: Option<&Handling>,
    ) {
        let sequences: Vec<_> = report
            .shot
            .sequences
            .iter()
            .map(|(modality, sequence)| {
                (
                    modality.to_string(),
                    sequence,
                    problems_of(report, modality),
                )
            })
            .collect();
        let dropped: Vec<String> = report.dropped.iter().map(ToString::to_string).collect();
        self.checked(
            &report.shot.folder,
            &sequences,
            &report.problems,
            &report.warnings,
            &dropped,
            inspection,
            handling,
        );
    }

    /// Prints what `validate` found in a single sequence.
    pub fn checked_sequence(
        self,
        report: &SequenceReport,
        inspection: &Inspection,
        handling: Option<&Handling>,
    ) {
        let sequences: Vec<_> = report
            .sequence
            .iter()
            .map(|sequence| (sequence.name.clone(), sequence, report.problems.len()))
            .collect();
        let dropped: Vec<String> = report.dropped.iter().map(ToString::to_string).collect();
        self.checked(
            &report.folder,
            &sequences,
            &report.problems,
            &report.warnings,
            &dropped,
            inspection,
            handling,
        );
    }

    fn checked(
        self,
        folder: &Path,
        sequences: &[(String, &Sequence, usize)],
        problems: &[Problem],
        warnings: &[Warning],
        dropped: &[String],
        inspection: &Inspection,
        handling: Option<&Handling>,
    ) {
        let cautions = handling.iter().flat_map(|handling| &handling.cautions);
        let warnings: Vec<Advice> = cautions
            .map(Advice::from)
            .chain(warnings.iter().map(Advice::from))
            .chain(inspection.warnings.iter().cloned())
            .collect();
        if self.json {
            return print_json(&json!({
                "folder": folder.to_string_lossy(),
                "ok": problems.is_empty(),
                "sequences": sequences.iter().map(|(name, sequence, _)| sequence_json(name, sequence)).collect::<Vec<_>>(),
                "problems": problems_json(problems),
                "warnings": warnings,
                "dropped": dropped,
                "notes": inspection.notes,
                "layers": inspection.layers,
                "cosmos": handling,
            }));
        }
        print(format_args!("{}", folder.display()));
        if !sequences.is_empty() {
            print(format_args!("{}", table(folder, sequences).to_fit()));
        }
        print_layers(&inspection.layers);
        if let Some(handling) = handling {
            print(format_args!("{}", handled(handling)));
        }
        for problem in problems {
            print(format_args!("{} {problem}", style("error:").red().bold()));
            print(format_args!("help:  {}", problem.hint()));
        }
        for warning in &warnings {
            print(format_args!(
                "{} {}",
                style("warning:").yellow().bold(),
                warning.message
            ));
            if let Some(hint) = &warning.hint {
                print(format_args!("help:  {hint}"));
            }
        }
        for line in dropped.iter().chain(&inspection.notes) {
            print(format_args!("note: {line}"));
        }
        match problems.len() {
            0 => print(format_args!("{}", style("no problems").green())),
            1 => print(format_args!("1 problem")),
            count => print(format_args!("{count} problems")),
        }
    }
}

/// What a model will do with a clip, in a line.
fn handled(handling: &Handling) -> String {
    let Handling {
        model,
        tier,
        working_size,
        resize,
        ..
    } = handling;
    let how = match resize {
        Resize::Stretch => "stretched to",
        Resize::CoverCrop => "scaled and cropped to",
    };
    let windows = match &handling.windows {
        Some(cut) if cut.count == 1 => format!("1 window of {} frames", cut.window),
        Some(cut) if cut.count > 1 => {
            let seams = &handling.seam_frames;
            let mut shown: Vec<String> =
                seams.iter().take(SEAMS_SHOWN).map(u64::to_string).collect();
            if seams.len() > SEAMS_SHOWN {
                shown.push("...".to_owned());
            }
            format!(
                "{} windows of {} frames, new windows begin at frame {}",
                cut.count,
                cut.window,
                shown.join(", ")
            )
        }
        _ => "no window".to_owned(),
    };
    format!("{model} (tier {tier}): {how} {working_size}, {windows}")
}

fn problems_of(report: &ShotReport, modality: &Modality) -> usize {
    report
        .problems
        .iter()
        .filter(|problem| problem.modality() == Some(*modality))
        .count()
}

fn table(folder: &Path, sequences: &[(String, &Sequence, usize)]) -> Table {
    let mut table = Table::new(
        [
            "sequence", "files", "frames", "range", "padding", "size", "bits", "alpha", "problems",
        ],
        &["padding", "alpha", "bits"],
    );
    for (name, sequence, problems) in sequences {
        let header = &sequence.header;
        table.add_row([
            name.clone(),
            sequence.pattern_below(folder),
            sequence.frames.len().to_string(),
            sequence.range().to_string(),
            sequence.padding.to_string(),
            format!("{}x{}", header.width, header.height),
            header.bits.to_string(),
            if header.alpha { "yes" } else { "no" }.to_owned(),
            match problems {
                0 => "-".to_owned(),
                count => count.to_string(),
            },
        ]);
    }
    table
}

fn planned_table(videos: &[PlannedVideo]) -> Table {
    let mut table = Table::new(
        [
            "video", "from", "size", "codec", "format", "quality", "preset",
        ],
        &["format", "codec", "preset", "quality"],
    );
    for video in videos {
        table.add_row([
            video.file.clone(),
            video.source.clone(),
            format!("{}x{}", video.width, video.height),
            video.codec.to_string(),
            video.pixel_format.to_string(),
            video.quality.to_string(),
            video.preset.to_string(),
        ]);
    }
    table
}

fn print_described(file: &DescribedFile) {
    let seen = &file.description.seen;
    print(format_args!("{}", style(file.path.display()).bold()));
    if let Some(analysis) = &seen.analysis {
        print(format_args!("  {}", analysis.description));
    }
    for (label, text) in tags_and_objects(seen) {
        print(format_args!("  {label:<9}{text}"));
    }
}

/// Prints the surest tags and the objects of a shot.
fn print_tags_and_objects(seen: &Seen) {
    for (label, text) in tags_and_objects(seen) {
        print(format_args!("{label:<10}{text}"));
    }
}

/// The surest tags and the objects with their scores, each kind with its label, as far as there are any.
fn tags_and_objects(seen: &Seen) -> impl Iterator<Item = (&'static str, String)> {
    let tags: Vec<String> = seen
        .ai_tags
        .iter()
        .take(3)
        .map(|tag| format!("{} {:.2}", tag.label, tag.score))
        .collect();
    let objects: Vec<String> = seen
        .detected_objects
        .iter()
        .map(|ObjectInFrame { object, .. }| format!("{} {:.2}", object.label, object.score))
        .collect();
    [("tags", tags), ("objects", objects)]
        .into_iter()
        .filter(|(_, found)| !found.is_empty())
        .map(|(label, found)| (label, found.join(", ")))
}

fn print_run(report: &RunReport, next: &dyn Fn(&Path) -> String) {
    let run = &report.run;
    let state = match report.left {
        Some(step) => format!("{step} runs on {}", report.host),
        None => run.execution_status.to_string(),
    };
    print(format_args!(
        "{}  {}  {state} after {:.0} s",
        style(&run.name).bold(),
        run.id,
        report.seconds
    ));
    for video in &report.outputs {
        print(format_args!(
            "{:<9} {}  {}x{}, {} frames, {}",
            video.step.to_string(),
            video.path.display(),
            video.width,
            video.height,
            video.frame_count,
            HumanBytes(video.bytes)
        ));
    }
    if report.left.is_some() {
        print(format_args!("next      {}", next(&report.path)));
    }
}

fn run_json(path: &Path, result: &Result<RunReport, Error>) -> Value {
    match result {
        Ok(report) => serde_json::to_value(report).unwrap_or_default(),
        Err(error) => json!({
            "path": path.to_string_lossy(),
            "error": error.to_string(),
            "hint": error.hint(),
            "exit_code": error.exit_code() as u8,
            "blocked": error.block(),
            "log": error.log_tail(),
        }),
    }
}

fn print_created(name: &str, id: &str, existing: bool, path: &Path) {
    let existing = if existing { " (was there already)" } else { "" };
    print(format_args!("{}  {id}{existing}", style(name).bold()));
    print(format_args!("file      {}", path.display()));
}

fn spec_table(entries: &[SpecEntry]) -> Table {
    let mut table = Table::new(
        ["id", "name", "what", "made", "output"],
        &["output", "made"],
    );
    for entry in entries {
        table.add_row([
            entry.id.clone(),
            entry.name.clone(),
            entry
                .state
                .map_or_else(|| "prompt".to_owned(), |state| format!("run, {state}")),
            age(entry),
            output_place(entry),
        ]);
    }
    table
}

fn model_table(models: &[ModelReport]) -> Table {
    let mut table = Table::new(
        ["for", "name", "version", "size", "state", "folder"],
        &["folder", "version"],
    );
    for model in models {
        let state = match model.state {
            ModelState::Present => "there",
            ModelState::Intact => "intact",
            ModelState::Works => "works",
            ModelState::Broken => "broken",
        };
        let mut used = models
            .iter()
            .filter(|used| used.in_use && used.task == model.task);
        let unused = match used.next() {
            Some(used) if !model.in_use => format!(", not used: {} is", used.name),
            _ => String::new(),
        };
        table.add_row([
            model.task.to_string(),
            model.name.clone(),
            model.version.clone(),
            HumanBytes(model.bytes).to_string(),
            format!("{state}{unused}"),
            model.folder.display().to_string(),
        ]);
    }
    table
}

fn age(entry: &SpecEntry) -> String {
    entry.age_seconds.map_or_else(
        || "at an unknown time".to_owned(),
        |seconds| match seconds {
            0 => "just now".to_owned(),
            _ => format!("{} ago", HumanDuration(Duration::from_secs(seconds))),
        },
    )
}

fn output_place(entry: &SpecEntry) -> String {
    match &entry.output {
        Some(output) if entry.output_exists => output.display().to_string(),
        Some(output) => format!("{} (not there yet)", output.display()),
        None => "-".to_owned(),
    }
}

fn sequence_json(name: &str, sequence: &Sequence) -> Value {
    json!({
        "name": name,
        "folder": sequence.folder.to_string_lossy(),
        "pattern": sequence.pattern(),
        "frame_count": sequence.frames.len(),
        "frame_range": sequence.range(),
        "padding": sequence.padding,
        "width": sequence.header.width,
        "height": sequence.header.height,
        "bits": sequence.header.bits,
        "alpha": sequence.header.alpha,
        "format": sequence.header.format,
    })
}

fn problems_json(problems: &[Problem]) -> Vec<Value> {
    problems
        .iter()
        .map(|problem| {
            let mut value = serde_json::to_value(problem).unwrap_or_default();
            if let Value::Object(fields) = &mut value {
                fields.insert("message".into(), problem.to_string().into());
                fields.insert("hint".into(), problem.hint().into());
            }
            value
        })
        .collect()
}

fn print_layers(layers: &BTreeMap<Modality, LayerUse>) {
    for (modality, used) in layers {
        print(format_args!(
            "  {:<12} layer `{}` ({}): {}",
            modality.name(),
            used.layer,
            used.because,
            used.conversion
        ));
    }
}

fn print_videos(videos: &[EncodedVideo], elapsed: Duration) {
    let (mut frames, mut bytes) = (0, 0);
    for video in videos {
        frames += video.frame_count;
        bytes += video.bytes;
        print(format_args!(
            "  {:<12} {:>10}  {}x{}, {}, {}",
            video.modality.name(),
            HumanBytes(video.bytes).to_string(),
            video.width,
            video.height,
            video.quality,
            video.preset,
        ));
    }
    let seconds = elapsed.as_secs_f64();
    print(format_args!(
        "{frames} frames in {seconds:.1} s ({:.1} a second), {}",
        frames as f64 / seconds.max(1e-3),
        HumanBytes(bytes)
    ));
}

fn with_seconds(report: &impl Serialize, elapsed: Duration) -> Value {
    let mut value = serde_json::to_value(report).unwrap_or_default();
    add_field(&mut value, "seconds", elapsed.as_secs_f64());
    value
}

pub(super) fn add_field(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Value::Object(fields) = object {
        fields.insert(name.to_owned(), value.into());
    }
}

fn advise(warnings: &[Advice]) {
    for warning in warnings {
        say("warning", &warning.message, warning.hint.as_deref());
    }
}

/// How a model works through a clip, in a line.
fn processing_facts(processing: &Processing) -> String {
    let (windows, size) = (&processing.windows, &processing.working_size);
    let mut facts = format!(
        "in {} at {}",
        match windows.count {
            1 => format!("1 window of {} frames", windows.window),
            count => format!("{count} windows of {} frames", windows.window),
        },
        size.size
    );
    if windows.padding > 0 {
        facts += &format!(", {} of them padding", windows.padding);
    }
    if !windows.seams.is_empty() {
        let seams: Vec<String> = windows.seams.iter().take(8).map(u64::to_string).collect();
        let more = if windows.seams.len() > seams.len() {
            " ..."
        } else {
            ""
        };
        facts += &format!(
            ", new windows begin at frame {}{more} (counted from 0)",
            seams.join(", ")
        );
    }
    facts
}

fn notes(lines: &[String]) {
    for line in lines {
        say("note", line, None);
    }
}

pub(super) fn say(label: &str, message: &str, hint: Option<&str>) {
    let colored = style(format!("{label}:")).for_stderr().bold();
    let colored = if label == "error" {
        colored.red()
    } else {
        colored.yellow()
    };
    eprint(format_args!("{colored} {message}"));
    if let Some(hint) = hint {
        eprint(format_args!(
            "{}  {hint}",
            style("help:").for_stderr().bold()
        ));
    }
}

pub(super) fn print_json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        // A string in it is what it is.
        Ok(text) => print_exactly(format_args!("{text}")),
        Err(error) => eprint(format_args!(
            "error: cannot write the result as JSON: {error}"
        )),
    }
}

pub(super) fn print(line: fmt::Arguments<'_>) {
    print_exactly(format_args!("{}", shown(&line.to_string())));
}

pub(super) fn print_exactly(line: fmt::Arguments<'_>) {
    standard_output::write(format_args!("{line}\n"));
}

fn eprint(line: fmt::Arguments<'_>) {
    let _ = writeln!(stderr(), "{}", shown(&line.to_string()));
}
