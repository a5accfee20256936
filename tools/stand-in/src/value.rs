//! Whether a value in a spec is what its key takes, as pydantic decides it in its lax mode: `"35"`, `35.0` and `true`
//! are whole numbers, `1` and `"yes"` are truth values, and a text is a text only.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::keys::{Default, Key, Kind};

/// One of the lines of a validation error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    place: String,
    says: String,
    kind: &'static str,
    input: Value,
}

impl Issue {
    pub fn new(
        place: impl Into<String>,
        says: impl Into<String>,
        kind: &'static str,
        input: Value,
    ) -> Self {
        let (place, says) = (place.into(), says.into());
        Self {
            place,
            says,
            kind,
            input,
        }
    }

    /// An exception of the program's own checks, of `input` as a whole.
    pub fn own(says: impl Into<String>, input: &Map<String, Value>) -> Self {
        let says = format!("Value error, {}", says.into());
        Self::new("", says, "value_error", Value::Object(input.clone()))
    }
}

/// The text of a validation error of the class `of`.
pub fn report(of: &str, issues: &[Issue]) -> String {
    let plural = if issues.len() == 1 { "" } else { "s" };
    let mut text = format!("{} validation error{plural} for {of}", issues.len());
    for Issue {
        place,
        says,
        kind,
        input,
    } in issues
    {
        if !place.is_empty() {
            text += &format!("\n{place}");
        }
        text += &format!(
            "\n  {says} [type={kind}, input_value={}, input_type={}]",
            python(input),
            python_type(input)
        );
    }
    text
}

/// The value as Python prints it, shortened in the middle.
fn python(value: &Value) -> String {
    let text = repr(value);
    let length = text.chars().count();
    if length <= 50 {
        return text;
    }
    let head: String = text.chars().take(25).collect();
    let tail: String = text.chars().skip(length - 24).collect();
    format!("{head}...{tail}")
}

/// The value as Python prints it.
pub fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let escaped = text.replace('\\', "\\\\").replace('\n', "\\n");
            match text.contains('\'') && !text.contains('"') {
                true => format!("\"{escaped}\""),
                false => format!("'{}'", escaped.replace('\'', "\\'")),
            }
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields = fields.map(|(name, value)| format!("'{name}': {}", repr(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

pub fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// The fields of `object` as the keys take them, with what the keys say where they are left out. Fields without a key
/// are left to the caller.
pub fn fields(
    object: &Map<String, Value>,
    keys: &[&Key],
    prefix: &str,
    folder: &Path,
    issues: &mut Vec<Issue>,
) -> Map<String, Value> {
    let mut read = Map::new();
    for key in keys {
        let place = format!("{prefix}{}", key.name);
        match object.get(key.name) {
            Some(value) => match take(key, value, &place, folder) {
                Ok(value) => _ = read.insert(key.name.to_owned(), value),
                Err(more) => issues.extend(more),
            },
            None => match &key.default {
                Default::Required => issues.push(Issue::new(
                    place,
                    "Field required",
                    "missing",
                    Value::Object(object.clone()),
                )),
                Default::BuiltIn => {}
                Default::Is(value) => _ = read.insert(key.name.to_owned(), value.clone()),
            },
        }
    }
    read
}

/// The value that the program goes on with. Paths are seen from `folder`. Controls are left to the caller.
pub fn take(key: &Key, value: &Value, place: &str, folder: &Path) -> Result<Value, Vec<Issue>> {
    let issue = |says: &str, kind| vec![Issue::new(place, says, kind, value.clone())];
    if value.is_null() && key.nullable {
        return Ok(Value::Null);
    }
    match key.kind {
        Kind::Text | Kind::Enum => {
            let text = value.as_str();
            if key.choices.is_empty() {
                return match text {
                    Some(_) => Ok(value.clone()),
                    None => Err(issue("Input should be a valid string", "string_type")),
                };
            }
            match text.is_some_and(|text| key.choices.contains(&text)) {
                true => Ok(value.clone()),
                false => {
                    let kind = match key.kind {
                        Kind::Enum => "enum",
                        _ => "literal_error",
                    };
                    Err(issue(&should_be(&key.choices, "'"), kind))
                }
            }
        }
        Kind::Int if !key.choices.is_empty() => {
            // Compared with the choices as it is, and never read from a text.
            let given = match value {
                Value::Bool(given) => Some(f64::from(u8::from(*given))),
                other => other.as_f64(),
            };
            let known = |choice: &&str| choice.parse().ok() == given;
            match key
                .choices
                .iter()
                .find(|choice| given.is_some() && known(choice))
            {
                Some(choice) => Ok(json!(choice.parse::<i64>().unwrap_or_default())),
                None => Err(issue(&should_be(&key.choices, ""), "literal_error")),
            }
        }
        Kind::Int => {
            let number = whole(value, place)?;
            in_range(key, number, value, place)?;
            Ok(whole_value(number))
        }
        Kind::Float => {
            let number = float(value, place)?;
            in_range(key, number, value, place)?;
            Ok(json!(number))
        }
        Kind::Bool | Kind::Switch => truth(value, place),
        Kind::Path => {
            let Some(path) = value.as_str() else {
                return Err(issue(
                    "Input is not a valid path for <class 'pathlib.Path'>",
                    "path_type",
                ));
            };
            match folder.join(path).is_file() {
                true => Ok(absolute(folder, path)),
                false => Err(issue("Path does not point to a file", "path_not_file")),
            }
        }
        Kind::PathOrFolder => match value.as_str() {
            Some(path) if folder.join(path).exists() => Ok(absolute(folder, path)),
            Some(_) => {
                let mut both = issue("Path does not point to a file", "path_not_file");
                both.extend(issue(
                    "Path does not point to a directory",
                    "path_not_directory",
                ));
                Err(both)
            }
            None => Err(issue(
                "Input is not a valid path for <class 'pathlib.Path'>",
                "path_type",
            )),
        },
        Kind::PathOrUrl => {
            let Some(path) = value.as_str() else {
                return Err(issue("Input should be a valid string", "string_type"));
            };
            let is_url = ["http://", "https://", "s3://"];
            if is_url.iter().any(|start| path.starts_with(start)) {
                return Ok(value.clone());
            }
            match folder.join(path).is_file() {
                true => Ok(absolute(folder, path)),
                false => Err(issue(
                    &format!("Value error, Path does not point to a file: {path}"),
                    "value_error",
                )),
            }
        }
        Kind::Ints => {
            let Some(items) = value.as_array() else {
                return Err(issue("Input should be a valid list", "list_type"));
            };
            let numbers = items.iter().enumerate();
            let numbers = numbers.map(|(at, item)| whole(item, &format!("{place}.{at}")));
            let numbers = numbers.collect::<Result<Vec<f64>, _>>()?;
            Ok(numbers.into_iter().map(whole_value).collect())
        }
        Kind::IntPair | Kind::FloatPair => {
            let Some(items) = value.as_array() else {
                return Err(issue("Input should be a valid tuple", "tuple_type"));
            };
            if items.len() > 2 {
                let says = format!(
                    "Tuple should have at most 2 items after validation, not {}",
                    items.len()
                );
                return Err(issue(&says, "too_long"));
            }
            let mut issues = Vec::new();
            for at in 0..2 {
                let place = format!("{place}.{at}");
                match items.get(at) {
                    None => issues.push(Issue::new(
                        place,
                        "Field required",
                        "missing",
                        value.clone(),
                    )),
                    Some(item) => {
                        let number = float(item, &place);
                        let judged = number.and_then(|number| in_range(key, number, item, &place));
                        issues.extend(judged.err().unwrap_or_default());
                    }
                }
            }
            match issues.is_empty() {
                true => Ok(value.clone()),
                false => Err(issues),
            }
        }
        Kind::Object => match value.is_object() {
            true => Ok(value.clone()),
            false => Err(issue("Input should be a valid dictionary", "dict_type")),
        },
        Kind::Control => match value.is_object() {
            true => Ok(value.clone()),
            false => Err(issue(
                "Input should be a valid dictionary or instance of the control",
                "model_type",
            )),
        },
        Kind::Folder
        | Kind::Paths
        | Kind::Texts
        | Kind::Weight
        | Kind::Regions
        | Kind::BoxOrPath => Ok(value.clone()),
    }
}

fn absolute(folder: &Path, path: &str) -> Value {
    json!(folder.join(path).display().to_string())
}

fn should_be(choices: &[&str], quote: &str) -> String {
    let quoted: Vec<String> = choices
        .iter()
        .map(|c| format!("{quote}{c}{quote}"))
        .collect();
    match quoted.split_last() {
        Some((last, [])) => format!("Input should be {last}"),
        Some((last, before)) => format!("Input should be {} or {last}", before.join(", ")),
        None => String::new(),
    }
}

/// A whole number; what is too large for 64 bits is near enough.
fn whole(value: &Value, place: &str) -> Result<f64, Vec<Issue>> {
    let issue = |says: &str, kind| vec![Issue::new(place, says, kind, value.clone())];
    match value {
        Value::Bool(given) => Ok(f64::from(u8::from(*given))),
        Value::Number(_) => {
            let number = value.as_f64().unwrap_or(f64::NAN);
            match number.fract() == 0.0 {
                true => Ok(number),
                false => Err(issue(
                    "Input should be a valid integer, got a number with a fractional part",
                    "int_from_float",
                )),
            }
        }
        Value::String(text) => {
            let number = text.trim().replace('_', "").parse::<f64>().ok();
            let number = number.filter(|number| number.fract() == 0.0);
            number.ok_or_else(|| {
                issue(
                    "Input should be a valid integer, unable to parse string as an integer",
                    "int_parsing",
                )
            })
        }
        _ => Err(issue("Input should be a valid integer", "int_type")),
    }
}

fn whole_value(number: f64) -> Value {
    match number.abs() < 9.0e15 {
        true => json!(number as i64),
        false => json!(number),
    }
}

fn float(value: &Value, place: &str) -> Result<f64, Vec<Issue>> {
    let issue = |says: &str, kind| vec![Issue::new(place, says, kind, value.clone())];
    match value {
        Value::Bool(given) => Ok(f64::from(u8::from(*given))),
        Value::Number(number) => Ok(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => text.trim().parse().map_err(|_not_a_number| {
            issue(
                "Input should be a valid number, unable to parse string as a number",
                "float_parsing",
            )
        }),
        _ => Err(issue("Input should be a valid number", "float_type")),
    }
}

fn truth(value: &Value, place: &str) -> Result<Value, Vec<Issue>> {
    let said = match value {
        Value::Bool(given) => return Ok(json!(given)),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => "false".to_owned(),
            Some(1.0) => "true".to_owned(),
            _ => String::new(),
        },
        Value::String(text) => text.to_lowercase(),
        _ => {
            let says = "Input should be a valid boolean";
            return Err(vec![Issue::new(place, says, "bool_type", value.clone())]);
        }
    };
    match said.as_str() {
        "true" | "t" | "yes" | "y" | "on" | "1" => Ok(json!(true)),
        "false" | "f" | "no" | "n" | "off" | "0" => Ok(json!(false)),
        _ => {
            let says = "Input should be a valid boolean, unable to interpret input";
            Err(vec![Issue::new(place, says, "bool_parsing", value.clone())])
        }
    }
}

fn in_range(key: &Key, number: f64, value: &Value, place: &str) -> Result<(), Vec<Issue>> {
    let issue = |says: String, kind| Err(vec![Issue::new(place, says, kind, value.clone())]);
    match (key.min, key.max) {
        (Some(min), _) if key.above_min && number <= min => issue(
            format!("Input should be greater than {min}"),
            "greater_than",
        ),
        (Some(min), _) if number < min => issue(
            format!("Input should be greater than or equal to {min}"),
            "greater_than_equal",
        ),
        (_, Some(max)) if number > max => issue(
            format!("Input should be less than or equal to {max}"),
            "less_than_equal",
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Model, Place};

    #[test]
    fn values_are_read_as_pydantic_reads_them() {
        let keys = [Model::Transfer2_5.keys(), Model::Cosmos3.keys()].concat();
        let read = |name: &str, value: &Value| {
            let key = keys
                .iter()
                .find(|key| key.name == name && key.place != Place::Flag);
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
            take(key.unwrap(), value, name, folder).ok()
        };
        for (name, value, expected) in [
            ("num_steps", json!(35.0), Some(json!(35))),
            ("num_steps", json!("35"), Some(json!(35))),
            ("num_steps", json!("35.0"), Some(json!(35))),
            ("num_steps", json!(true), Some(json!(1))),
            ("num_steps", json!(35.5), None),
            ("num_steps", json!("many"), None),
            ("num_steps", json!(0), None),
            ("num_steps", json!([1]), None),
            ("max_frames", json!(null), Some(json!(null))),
            ("seed", json!(null), None),
            ("control_weight", json!("0.5"), Some(json!(0.5))),
            ("control_weight", json!(1.5), None),
            ("control_weight", json!("half"), None),
            ("show_input", json!(1), Some(json!(true))),
            ("show_input", json!("No"), Some(json!(false))),
            ("show_input", json!(2), None),
            ("resolution", json!(720), None),
            ("num_conditional_frames", json!(1.0), Some(json!(1))),
            ("num_conditional_frames", json!("1"), None),
            ("num_conditional_frames", json!(3), None),
            ("video_path", json!("Cargo.lock.absent"), None),
            ("guidance_interval", json!([1, 2]), Some(json!([1, 2]))),
            ("guidance_interval", json!([1]), None),
            ("guidance_interval", json!([1, 2, 3]), None),
            ("guidance_interval", json!([-1, 2]), None),
            ("top_p", json!(0), None),
            ("top_p", json!(1), Some(json!(1.0))),
            (
                "vision_path",
                json!("https://example.org/a.mp4"),
                Some(json!("https://example.org/a.mp4")),
            ),
            ("vision_path", json!("absent.mp4"), None),
            (
                "guided_generation_foreground_labels",
                json!([1, "2", 3.0]),
                Some(json!([1, 2, 3])),
            ),
            ("guided_generation_foreground_labels", json!(1), None),
        ] {
            assert_eq!(read(name, &value), expected, "{name} {value}");
        }
        assert!(read("video_path", &json!("Cargo.toml")).is_some());
    }

    #[test]
    fn a_report_reads_as_pydantic_s() {
        let long = json!("a text that is longer than fifty characters, and so is cut");
        let issues = [
            Issue::new(
                "guidance",
                "Input should be less than or equal to 7",
                "less_than_equal",
                json!(8),
            ),
            Issue::new(
                "x",
                "Extra inputs are not permitted",
                "extra_forbidden",
                long,
            ),
        ];
        assert_eq!(
            report("InferenceArguments", &issues),
            "2 validation errors for InferenceArguments\nguidance\n  Input should be less than or equal to 7 \
             [type=less_than_equal, input_value=8, input_type=int]\nx\n  Extra inputs are not permitted \
             [type=extra_forbidden, input_value='a text that is longer th...aracters, and so is cut', input_type=str]"
        );
    }
}
