//! What NVIDIA's programs can be told, and what is wrong with what they are told.

use console::style;
use cosmos_workflow::cosmos::check::{Finding, Severity};
use cosmos_workflow::cosmos::options::{Effect, Found, Place, Program, ProgramOption};
use cosmos_workflow::workflows::CheckSpecsReport;
use serde_json::{Value, json};

use super::Output;
use super::output::{print, print_json};

/// Digits of a commit that are shown.
const COMMIT_DIGITS: usize = 7;

impl Output {
    /// Prints every option of a program.
    pub fn options(self, program: &Program) {
        if self.json {
            return print_json(program);
        }
        print(format_args!("{}", origin(program)));
        for (place, heading) in [
            (Place::Spec, "spec file"),
            (Place::Control, "spec file, inside a control"),
            (Place::Flag, "command line"),
            (Place::Env, "environment"),
        ] {
            print(format_args!("\n{}", style(heading).underlined()));
            let options = program.options.iter();
            for option in options.filter(|option| option.place == place) {
                print(format_args!(
                    "{}  {}",
                    style(&option.key).bold(),
                    facts(option).join("; ")
                ));
                print(format_args!("    {} [{}]", option.help, option.source));
            }
        }
    }

    /// Prints one option in full.
    pub fn option(self, program: &Program, found: &Found<'_>) {
        let option = found.option;
        if self.json {
            let mut value = serde_json::to_value(option).unwrap_or_default();
            if let Value::Object(fields) = &mut value {
                fields.insert("name".into(), found.name().into());
                fields.insert("model".into(), json!(program.model));
                fields.insert("repository".into(), program.repository.clone().into());
                fields.insert("commit".into(), program.commit.clone().into());
                fields.insert("date".into(), program.date.clone().into());
            }
            return print_json(&value);
        }
        print(format_args!("{}", style(found.name()).bold()));
        print(format_args!("{}", option.help));
        for fact in facts(option) {
            print(format_args!("  {fact}"));
        }
        print(format_args!("  place: {}", option.place));
        print(format_args!("  read in {}", option.source));
        print(format_args!("  of {}", origin(program)));
    }

    /// Prints what will become of specs.
    pub fn checked_specs(self, report: &CheckSpecsReport) {
        let count = |severity| report.count(severity);
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        if self.json {
            let mut value = serde_json::to_value(report).unwrap_or_default();
            if let Value::Object(fields) = &mut value {
                fields.insert("errors".into(), errors.into());
                fields.insert("warnings".into(), warnings.into());
            }
            return print_json(&value);
        }
        for spec in &report.specs {
            let path = spec.path.display().to_string();
            let form = if spec.form.is_empty() {
                "no spec"
            } else {
                &spec.form
            };
            print(format_args!("{}: {form}", style(path).bold()));
            for placed in &spec.findings {
                print_finding(&placed.finding, placed.line);
            }
        }
        if !report.together.is_empty() {
            print(format_args!("{}", style("all in one run").bold()));
        }
        for finding in &report.together {
            print_finding(finding, None);
        }
        print(format_args!(
            "{errors} error{}, {warnings} warning{}",
            if errors == 1 { "" } else { "s" },
            if warnings == 1 { "" } else { "s" },
        ));
    }
}

fn print_finding(finding: &Finding, line: Option<usize>) {
    let label = style(finding.severity.name()).bold();
    let label = match finding.severity {
        Severity::Error => label.red(),
        Severity::Warning => label.yellow(),
        Severity::Note => label,
    };
    let line = line.map_or_else(String::new, |line| format!("line {line}: "));
    // The message mostly names the key, but not always with its control.
    let key = match &finding.key {
        Some(key) if !finding.message.starts_with(key.as_str()) => format!("{key}: "),
        _ => String::new(),
    };
    print(format_args!(
        "  {label}: {line}{key}{} [{}]",
        finding.message, finding.code
    ));
    if let Some(help) = &finding.help {
        print(format_args!("    {} {help}", style("help:").bold()));
    }
}

fn origin(program: &Program) -> String {
    let commit: String = program.commit.chars().take(COMMIT_DIGITS).collect();
    format!(
        "{}: {} at {commit} of {}",
        program.model, program.repository, program.date
    )
}

/// What there is to say of an option besides its help, a phrase each.
fn facts(option: &ProgramOption) -> Vec<String> {
    let mut facts = vec![option.kind.to_string()];
    let mut say = |label: &str, text: &str| {
        if !text.is_empty() {
            facts.push(format!("{label}{text}"));
        }
    };
    say("", &option.range());
    say("default ", &option.default);
    say("", option.tuned.as_deref().unwrap_or_default());
    say("in ", &option.controls.join(", "));
    if option.required {
        say("", "required");
    }
    say("set by ", option.set_by.as_deref().unwrap_or_default());
    say("since ", option.since.as_deref().unwrap_or_default());
    if option.effect == Effect::Ignored {
        say("", "no effect");
    }
    facts
}
