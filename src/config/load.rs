//! Finds the configuration file, reads it, and lays the environment over it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use directories::BaseDirs;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::{Config, KEYS, SectionKey, ShotMap};
use crate::files;
use crate::remote::Chosen;

/// Settings of one render folder, in it.
const FOLDER_FILE: &str = "cosmos.toml";

/// What a configuration depends on outside its file.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Environment variables.
    pub variables: Vec<(OsString, OsString)>,
    /// Where `config.toml` is looked for; empty for the process's current directory.
    pub current_dir: PathBuf,
    /// What `~` stands for, if it is known.
    pub home: Option<PathBuf>,
    /// The user's configuration folder, in which `cosmos/config.toml` is looked for.
    pub config_dir: Option<PathBuf>,
}

impl Environment {
    /// The environment of this process and its user.
    #[must_use]
    pub fn of_process() -> Self {
        let user = BaseDirs::new();
        Self {
            variables: std::env::vars_os().collect(),
            current_dir: PathBuf::new(),
            home: user.as_ref().map(|user| user.home_dir().to_owned()),
            config_dir: user.as_ref().map(|user| user.config_dir().to_owned()),
        }
    }

    /// The value of `name`, unless it is empty.
    fn get(&self, name: &str) -> Option<&OsStr> {
        let found = self
            .variables
            .iter()
            .find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_os_str())
    }
}

/// A configuration and where it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings, with `~` expanded.
    pub config: Config,
    /// The file that was read; none if there was none to be found.
    pub file: Option<PathBuf>,
}

/// Where a setting was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// On this line of this file, counted from 1.
    File {
        /// The file.
        path: PathBuf,
        /// The line of the key.
        line: usize,
    },
    /// In this environment variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A file that was asked for by name is not there.
    #[error("the config file {} does not exist (named by {named_by})", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// Who asked for it: `--config` or `$COSMOS_CONFIG`.
        named_by: &'static str,
    },
    /// A file that is there cannot be read.
    #[error("cannot read the config file {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file is not TOML.
    #[error("{origin}: {message}")]
    Syntax {
        /// The place in the file.
        origin: Origin,
        /// What the parser says.
        message: String,
    },
    /// A file has a section, or a key before the first section, that does not exist.
    #[error("{origin}: unknown section [{name}]")]
    UnknownSection {
        /// The place in the file.
        origin: Origin,
        /// What stands there.
        name: String,
        /// The section that was probably meant.
        nearest: &'static str,
    },
    /// A section is given a plain value.
    #[error("{origin}: `{section}` is a section, not a key")]
    NotASection {
        /// The place in the file.
        origin: Origin,
        /// The section.
        section: &'static str,
    },
    /// A section has a key that does not exist.
    #[error("{origin}: unknown key `{key}` in [{section}]")]
    UnknownKey {
        /// The place in the file.
        origin: Origin,
        /// The section.
        section: &'static str,
        /// What stands there.
        key: String,
        /// The key that was probably meant.
        nearest: &'static str,
    },
    /// A key stands in another section than its own, or in none.
    #[error("{origin}: `{key}` belongs in [{section}]")]
    MisplacedKey {
        /// The place in the file.
        origin: Origin,
        /// The key.
        key: &'static str,
        /// The section it belongs in.
        section: &'static str,
    },
    /// An environment variable is named like a setting that does not exist.
    #[error("environment variable {name} names no setting")]
    UnknownVariable {
        /// The variable.
        name: String,
        /// The variable that was probably meant.
        nearest: String,
    },
    /// A key has a value that it cannot take.
    #[error("{origin}: {key} in [{section}] is {value}, expected {expected}")]
    InvalidValue {
        /// Where the value was given.
        origin: Origin,
        /// The section.
        section: &'static str,
        /// The key.
        key: &'static str,
        /// The value as it was given, shortened if it is long.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
    /// `~` is used and nobody knows the home folder.
    #[error("cannot expand ~ in {}: the home folder is unknown", path.display())]
    NoHome {
        /// The path.
        path: PathBuf,
    },
}

impl ConfigError {
    /// What the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => {
                Some("check the path; without one, the built-in defaults are used".to_owned())
            }
            Self::UnknownSection { nearest, .. } => Some(format!("did you mean [{nearest}]?")),
            Self::NotASection { section, .. } => Some(format!(
                "write [{section}] on a line of its own, and its keys below it"
            )),
            Self::UnknownKey {
                section, nearest, ..
            } => {
                let siblings = KEYS.iter().filter(|key| key.section == *section);
                let names: Vec<&str> = siblings.map(|key| key.name).collect();
                Some(format!(
                    "did you mean `{nearest}`? [{section}] takes {}",
                    names.join(", ")
                ))
            }
            Self::MisplacedKey { section, .. } => {
                Some(format!("move it below the line [{section}]"))
            }
            Self::UnknownVariable { nearest, .. } => Some(format!("did you mean {nearest}?")),
            Self::NoHome { .. } => Some("set HOME, or write the path in full".to_owned()),
            Self::Read { .. } | Self::Syntax { .. } | Self::InvalidValue { .. } => None,
        }
    }
}

impl Config {
    /// The settings for this user and folder: the defaults, then one file, then the environment.
    ///
    /// The file is the first of: `explicit` (`--config`); the one that the variable `COSMOS_CONFIG` names;
    /// `config.toml` in the current directory; `cosmos/config.toml` in the user's configuration folder. One that
    /// is named has to exist; without any the defaults hold.
    ///
    /// `COSMOS_<SECTION>_<KEY>` overrides a key. For `[remote]` alone, `REMOTE_HOST`, `REMOTE_USER`,
    /// `REMOTE_SSH_KEY` and `REMOTE_PORT` do so too, beaten by the longer form. An empty variable counts as not
    /// set. `COSMOS_CONFIG`, `COSMOS_LOG` and `COSMOS_MODELS` are no settings.
    ///
    /// `~` at the start of a path on this machine becomes the home folder.
    ///
    /// # Errors
    ///
    /// Any [`ConfigError`].
    pub fn load(explicit: Option<&Path>, environment: &Environment) -> Result<Loaded, ConfigError> {
        let mut layers = Layers::new();
        let file = find_and_read(explicit, environment)?;
        if let Some((path, text)) = &file {
            layers.add_file(path, text)?;
        }
        layers.add_environment(environment)?;
        let is_chosen = |key| {
            let remote = layers.table.get("remote").and_then(Value::as_table);
            remote.is_some_and(|remote| remote.contains_key(key))
        };
        let chosen = Chosen {
            user: is_chosen("user"),
            port: is_chosen("port"),
        };
        let mut config = layers.config;
        config.remote.chosen = chosen;
        expand_home(&mut config, environment.home.as_deref())?;
        Ok(Loaded {
            config,
            file: file.map(|(path, _)| path),
        })
    }
}

/// The first configuration file there is, and its text.
fn find_and_read(
    explicit: Option<&Path>,
    environment: &Environment,
) -> Result<Option<(PathBuf, String)>, ConfigError> {
    let by_variable = environment.get("COSMOS_CONFIG").map(Path::new);
    let named = explicit
        .map(|path| (path, "--config"))
        .or(by_variable.map(|path| (path, "$COSMOS_CONFIG")));
    if let Some((path, named_by)) = named {
        return match read(path)? {
            Some(text) => Ok(Some((path.to_owned(), text))),
            None => Err(ConfigError::Missing {
                path: path.to_owned(),
                named_by,
            }),
        };
    }
    let in_current_dir = environment.current_dir.join("config.toml");
    let of_user = environment
        .config_dir
        .as_ref()
        .map(|dir| dir.join("cosmos").join("config.toml"));
    for path in std::iter::once(in_current_dir).chain(of_user) {
        if let Some(text) = read(&path)? {
            return Ok(Some((path, text)));
        }
    }
    Ok(None)
}

/// What `cosmos.toml` in the render folder `folder` says of its sequences; nothing without one.
pub(super) fn shot_map_of(folder: &Path) -> Result<ShotMap, ConfigError> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct FolderFile {
        map: ShotMap,
    }
    let path = folder.join(FOLDER_FILE);
    let text = match read(&path) {
        Ok(text) => text.unwrap_or_default(),
        // What is wrong with the folder itself is told by whoever looks into it.
        Err(ConfigError::Read { source, .. }) if source.kind() == io::ErrorKind::NotADirectory => {
            String::new()
        }
        Err(error) => return Err(error),
    };
    let at = |offset: usize| Origin::File {
        path: path.clone(),
        line: 1 + text
            .bytes()
            .take(offset)
            .filter(|&byte| byte == b'\n')
            .count(),
    };
    let file: FolderFile = toml::from_str(&text).map_err(|error| ConfigError::Syntax {
        origin: at(error.span().map_or(0, |span| span.start)),
        message: error.message().to_owned(),
    })?;
    for key in KEYS.iter().filter(|key| key.section == "map") {
        let config = Config {
            map: file.map.clone(),
            ..Config::default()
        };
        if !(key.is_usable)(&config) {
            let value = file
                .map
                .entries()
                .find(|(modality, _)| modality.name() == key.name)
                .map_or_else(String::new, |(_, name)| name.to_owned());
            return Err(ConfigError::InvalidValue {
                origin: at(text.find(&value).unwrap_or(0)),
                section: key.section,
                key: key.name,
                value: format!("\"{value}\""),
                expected: key.takes,
            });
        }
    }
    Ok(file.map)
}

/// The text of `path`, or nothing if there is no such file.
fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    match files::read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ConfigError::Read {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The layers laid so far: as a table, so that a key can be set by name, and as what the table means.
struct Layers {
    table: Table,
    config: Config,
}

impl Layers {
    fn new() -> Self {
        Self {
            table: Table::new(),
            config: Config::default(),
        }
    }

    fn add_file(&mut self, path: &Path, text: &str) -> Result<(), ConfigError> {
        let at = |offset: usize| Origin::File {
            path: path.to_owned(),
            line: 1 + text
                .bytes()
                .take(offset)
                .filter(|&byte| byte == b'\n')
                .count(),
        };
        let syntax = |error: toml::de::Error| ConfigError::Syntax {
            origin: at(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        };
        let spans = DeTable::parse(text).map_err(syntax)?;
        let values: Table = text.parse().map_err(syntax)?;

        for (name, section) in in_file_order(spans.get_ref()) {
            let origin = at(name.span().start);
            let name = name.get_ref().as_ref();
            let Some(section_name) = find_section(name) else {
                return Err(unknown_section(origin, name));
            };
            let value = values.get(name);
            self.add_section(section_name, (section.get_ref(), value), origin, &at)?;
        }
        Ok(())
    }

    /// Adds the keys of a section, and the sections in it. `section` is it twice: with the places of its keys in the
    /// file, and with their values.
    fn add_section(
        &mut self,
        name: &'static str,
        (section, values): (&DeValue<'_>, Option<&Value>),
        origin: Origin,
        at: &dyn Fn(usize) -> Origin,
    ) -> Result<(), ConfigError> {
        let DeValue::Table(keys) = section else {
            return Err(ConfigError::NotASection {
                origin,
                section: name,
            });
        };
        for (key, item) in in_file_order(keys) {
            let origin = at(key.span().start);
            let key = key.get_ref().as_ref();
            let value = values.and_then(|values| values.get(key));
            if let Some(inner) = find_section(&format!("{name}.{key}")) {
                self.add_section(inner, (item.get_ref(), value), origin, at)?;
                continue;
            }
            // A name with a point that is not quoted is two names.
            if let DeValue::Table(halves) = item.get_ref()
                && let [(half, inner)] = in_file_order(halves).as_slice()
                && let Some(section) = find_section(&format!("{name}.{key}.{}", half.get_ref()))
            {
                let value = value.and_then(|value| value.get(half.get_ref().as_ref()));
                self.add_section(section, (inner.get_ref(), value), origin, at)?;
                continue;
            }
            let Some(known) = find_key(name, key) else {
                return Err(unknown_key(origin, name, key));
            };
            if let Some(value) = value {
                self.set(known, value.clone(), origin)?;
            }
        }
        Ok(())
    }

    fn add_environment(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        for key in KEYS.iter() {
            let short = (key.section == "remote").then(|| variable_suffix(key));
            for name in short.into_iter().chain([variable(key)]) {
                if let Some(value) = environment.get(&name) {
                    self.set_from_text(key, value, name)?;
                }
            }
        }
        let set = environment
            .variables
            .iter()
            .filter(|(_, value)| !value.is_empty());
        for name in set.filter_map(|(name, _)| name.to_str()) {
            let names_section = |key: &&SectionKey| {
                name.starts_with(&format!("COSMOS_{}_", as_variable(key.section)))
            };
            let siblings: Vec<String> = KEYS.iter().filter(names_section).map(variable).collect();
            if !siblings.iter().any(|sibling| sibling == name)
                && let Some(nearest) = nearest(name, siblings)
            {
                return Err(ConfigError::UnknownVariable {
                    name: name.to_owned(),
                    nearest,
                });
            }
        }
        Ok(())
    }

    /// Sets `key` to the text of an environment variable, read as the type that the key has.
    fn set_from_text(
        &mut self,
        key: &'static SectionKey,
        value: &OsStr,
        name: String,
    ) -> Result<(), ConfigError> {
        let text = value.to_string_lossy().into_owned();
        // A text that is no number or truth value stays a text, which `set` then refuses in the key's own words.
        let readings = [
            Some(Value::String(text.clone())),
            text.trim().parse().ok().map(Value::Integer),
            text.trim().parse().ok().map(Value::Float),
            text.trim().to_lowercase().parse().ok().map(Value::Boolean),
            Some(Value::Array(
                text.split(',').map(|item| item.trim().into()).collect(),
            )),
            format!("value = {text}")
                .parse::<Table>()
                .ok()
                .and_then(|mut table| table.remove("value")),
        ];
        let origin = Origin::Variable(name);
        let refused = invalid_value(key, &Value::String(text), origin.clone());
        if value.to_str().is_none() {
            return Err(refused);
        }
        let mut readings = readings.into_iter().flatten();
        if readings.any(|reading| self.set(key, reading, origin.clone()).is_ok()) {
            Ok(())
        } else {
            Err(refused)
        }
    }

    /// Sets `key` if it can take `value`; otherwise changes nothing.
    fn set(
        &mut self,
        key: &'static SectionKey,
        value: Value,
        origin: Origin,
    ) -> Result<(), ConfigError> {
        let refused = invalid_value(key, &value, origin);
        let mut table = self.table.clone();
        let (outer, inner) = match key.section.split_once('.') {
            Some((outer, inner)) => (outer, Some(inner)),
            None => (key.section, None),
        };
        let mut section = &mut table;
        for name in std::iter::once(outer).chain(inner) {
            let entry = section.entry(name).or_insert_with(|| Table::new().into());
            let Value::Table(inside) = entry else {
                return Err(refused);
            };
            section = inside;
        }
        section.insert(key.name.to_owned(), value);
        match table.clone().try_into::<Config>() {
            Ok(config) if (key.is_usable)(&config) => {
                *self = Self { table, config };
                Ok(())
            }
            _ => Err(refused),
        }
    }
}

fn invalid_value(key: &SectionKey, value: &Value, origin: Origin) -> ConfigError {
    const LONGEST: usize = 60;
    let shown = match value {
        Value::String(text) => format!("{text:?}"),
        other => other.to_string().replace('\n', " "),
    };
    let value = match shown.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", shown.get(..end).unwrap_or_default()),
        None => shown,
    };
    ConfigError::InvalidValue {
        origin,
        section: key.section,
        key: key.name,
        value,
        expected: key.takes,
    }
}

/// Keys and values as they stand in the file, so that the first mistake is the one reported.
fn in_file_order<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(
    &'t Spanned<toml::de::DeString<'i>>,
    &'t Spanned<DeValue<'i>>,
)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn find_key(section: &str, name: &str) -> Option<&'static SectionKey> {
    KEYS.iter()
        .find(|key| key.section == section && key.name == name)
}

/// The section called `name`, or `outer.inner` for one inside another.
fn find_section(name: &str) -> Option<&'static str> {
    let mut sections = KEYS.iter().map(|key| key.section);
    sections.find(|known| *known == name)
}

/// A name as it stands in a variable.
fn as_variable(name: &str) -> String {
    name.replace('.', "_").to_uppercase()
}

/// `REMOTE_HOST` for `host` in `[remote]`.
fn variable_suffix(key: &SectionKey) -> String {
    as_variable(&format!("{}_{}", key.section, key.name))
}

/// `COSMOS_REMOTE_HOST` for `host` in `[remote]`.
fn variable(key: &SectionKey) -> String {
    format!("COSMOS_{}", variable_suffix(key))
}

/// `name` is no section: it is a key that lacks its section, or is misspelt.
fn unknown_section(origin: Origin, name: &str) -> ConfigError {
    match KEYS.iter().find(|key| key.name == name) {
        Some(key) => ConfigError::MisplacedKey {
            origin,
            key: key.name,
            section: key.section,
        },
        None => ConfigError::UnknownSection {
            origin,
            name: name.to_owned(),
            nearest: nearest(name, KEYS.iter().map(|key| key.section)).unwrap_or_default(),
        },
    }
}

/// `name` is no key of `section`: it belongs in another one, or is misspelt.
fn unknown_key(origin: Origin, section: &'static str, name: &str) -> ConfigError {
    let siblings = KEYS.iter().filter(|key| key.section == section);
    match KEYS.iter().find(|key| key.name == name) {
        Some(key) => ConfigError::MisplacedKey {
            origin,
            key: key.name,
            section: key.section,
        },
        None => ConfigError::UnknownKey {
            origin,
            section,
            key: name.to_owned(),
            nearest: nearest(name, siblings.map(|key| key.name)).unwrap_or_default(),
        },
    }
}

/// The candidate most like `name`, whatever the case: by typing mistakes, and by pairs of letters in common, which
/// find `ssh_key` for `key`.
fn nearest<T: AsRef<str>>(name: &str, candidates: impl IntoIterator<Item = T>) -> Option<T> {
    let name = name.to_lowercase();
    let similarity = |candidate: &T| {
        let candidate = candidate.as_ref().to_lowercase();
        strsim::normalized_damerau_levenshtein(&name, &candidate)
            + strsim::sorensen_dice(&name, &candidate)
    };
    candidates
        .into_iter()
        .max_by(|a, b| similarity(a).total_cmp(&similarity(b)))
}

/// Replaces a leading `~` by `home`. While nobody knows it, a default that nobody asked for may keep its `~`.
fn expand_home(config: &mut Config, home: Option<&Path>) -> Result<(), ConfigError> {
    let mut defaults = Config::default();
    for (path, default) in config
        .local_paths_mut()
        .into_iter()
        .zip(defaults.local_paths_mut())
    {
        let Ok(rest) = path.strip_prefix("~") else {
            continue;
        };
        match home {
            Some(home) => *path = home.join(rest),
            None if path == default => {}
            None => return Err(ConfigError::NoHome { path: path.clone() }),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Crf, Paths, Setting};
    use crate::specs::Model;
    use proptest::prelude::*;

    /// A user with a home, a current directory and a configuration folder of their own.
    struct User {
        dir: tempfile::TempDir,
        environment: Environment,
    }

    impl User {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let [current, config] = ["current", "config/cosmos"].map(|name| dir.path().join(name));
            std::fs::create_dir_all(&current).unwrap();
            std::fs::create_dir_all(&config).unwrap();
            let environment = Environment {
                variables: Vec::new(),
                current_dir: current,
                home: Some("/home/ada".into()),
                config_dir: config.parent().map(Path::to_owned),
            };
            Self { dir, environment }
        }

        fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
            self.environment.variables.push((name.into(), value.into()));
            self
        }

        fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
            let path = self.dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        }

        fn load(&self) -> Result<Loaded, ConfigError> {
            Config::load(None, &self.environment)
        }

        /// The error and hint that `text` as the current directory's file gives, without the folder's name.
        fn load_error_for(&self, text: impl AsRef<[u8]>) -> String {
            self.file("current/config.toml", text);
            self.load_error()
        }

        fn load_error(&self) -> String {
            let error = self.load().unwrap_err();
            let message = format!("{error} | {}", error.hint().unwrap_or_default());
            message.replace(&format!("{}/", self.environment.current_dir.display()), "")
        }
    }

    #[test]
    fn the_first_file_found_wins() {
        let user = User::new();
        let host = |user: &User, explicit: Option<&Path>| {
            let loaded = Config::load(explicit, &user.environment).unwrap();
            (loaded.config.remote.host, loaded.file)
        };
        assert_eq!(host(&user, None), (String::new(), None));
        let of_user = user.file("config/cosmos/config.toml", "remote.host = 'of-user'");
        assert_eq!(host(&user, None), ("of-user".to_owned(), Some(of_user)));
        let here = user.file("current/config.toml", "remote.host = 'here'");
        assert_eq!(host(&user, None), ("here".to_owned(), Some(here)));
        let by_variable = user.file("variable.toml", "remote.host = 'by-variable'");
        let user = user.with("COSMOS_CONFIG", &by_variable);
        assert_eq!(
            host(&user, None),
            ("by-variable".to_owned(), Some(by_variable))
        );
        let by_flag = user.file("flag.toml", "remote.host = 'by-flag'");
        assert_eq!(
            host(&user, Some(&by_flag)),
            ("by-flag".to_owned(), Some(by_flag.clone()))
        );
    }

    #[test]
    fn a_file_asked_for_by_name_has_to_be_there() {
        let user = User::new();
        user.file("current/config.toml", "");
        let missing = user.dir.path().join("missing.toml");
        let error = Config::load(Some(&missing), &user.environment)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("missing.toml") && error.contains("--config"),
            "{error}"
        );
        let user = user.with("COSMOS_CONFIG", &missing);
        let message = user.load_error();
        assert!(
            message.contains("missing.toml") && message.contains("$COSMOS_CONFIG"),
            "{message}"
        );
    }

    #[test]
    fn a_file_that_cannot_be_read_is_not_passed_over() {
        let user = User::new();
        std::fs::create_dir(user.environment.current_dir.join("config.toml")).unwrap();
        assert!(
            user.load_error()
                .starts_with("cannot read the config file config.toml")
        );
        let user = User::new();
        let message = user.load_error_for(b"[remote]\nhost = \"\xff\"");
        assert!(
            message.starts_with("cannot read the config file config.toml"),
            "{message}"
        );
    }

    #[test]
    fn the_shipped_file_gives_the_defaults_with_home_expanded() {
        let user = User::new();
        let bare = user.load().unwrap().config;
        user.file("current/config.toml", include_str!("../../config.toml"));
        let mut shipped = user.load().unwrap().config;
        let chosen = std::mem::take(&mut shipped.remote.chosen);
        assert!(chosen.user && chosen.port);
        assert_eq!(shipped, bare);
        let mut expected = Config::default();
        expected.remote.ssh_key = "/home/ada/.ssh/key.pem".into();
        assert_eq!(bare, expected);
    }

    #[test]
    fn the_environment_beats_the_file_and_the_long_form_the_short() {
        let user = User::new()
            .with("REMOTE_HOST", "short")
            .with("COSMOS_REMOTE_HOST", "long")
            .with("REMOTE_PORT", "2222")
            .with("REMOTE_USER", "")
            .with("REMOTE_SSH_KEY", "~/id")
            .with("COSMOS_VIDEO_CRF", "18")
            .with("COSMOS_VIDEO_PRESET", "")
            .with("COSMOS_VIDEO_FPS", "23.976")
            .with("COSMOS_EXECUTION_DEFAULT_GUIDANCE_SCALE", "7")
            .with("COSMOS_EXECUTION_OFFLOAD_VAE", "False")
            .with("COSMOS_PATHS_LOCAL_VIDEOS_DIR", "~/videos")
            // No settings of ours.
            .with("COSMOS_LOG", "debug")
            .with("COSMOS_MODELS", "/models")
            .with("COSMOS_TOKEN", "x")
            .with("VIDEO_CRF", "99")
            .with("REMOTE_ADDR", "x");
        user.file(
            "current/config.toml",
            "[remote]\nhost = 'file'\nuser = 'file'\n[video]\ncrf = 30\n",
        );
        let config = user.load().unwrap().config;
        assert_eq!(config.remote.host, "long");
        assert_eq!(config.remote.user, "file");
        assert_eq!(config.remote.port, 2222);
        assert_eq!(config.remote.ssh_key, Path::new("/home/ada/id"));
        assert_eq!(config.video.crf, Setting::Fixed(Crf::new(18).unwrap()));
        assert_eq!(config.video.preset, Setting::Auto);
        assert_eq!(config.video.fps.to_string(), "24000/1001");
        assert_eq!(config.execution.default_guidance_scale, 7.0);
        assert!(!config.execution.offload_vae && config.execution.offload_models);
        assert_eq!(config.paths.local_videos_dir, Path::new("/home/ada/videos"));
    }

    #[test]
    fn every_key_can_be_set_by_its_variable() {
        let defaults = Table::try_from(Config::default()).unwrap();
        // A variable that is set to nothing counts as not set.
        let has_text =
            |key: &&SectionKey| key.name != "host" && !key.section.starts_with("cosmos.");
        for key in KEYS.iter().filter(has_text) {
            let default = defaults[key.section][key.name].clone();
            let text = match &default {
                Value::String(text) => text.clone(),
                Value::Array(items) => {
                    let items = items.iter().filter_map(Value::as_str);
                    items.collect::<Vec<_>>().join(", ")
                }
                other => other.to_string(),
            };
            let user = User::new().with(&variable(key), text);
            assert_eq!(
                user.load().unwrap().config,
                User::new().load().unwrap().config,
                "{}",
                key.name
            );
            let user = User::new().with(&variable(key), "-\u{1} ?");
            let message = user.load_error();
            assert!(
                message.contains(&variable(key)) && message.contains(key.takes),
                "{message}"
            );
        }
    }

    #[test]
    fn each_model_has_settings_of_its_own() {
        let user = User::new()
            .with("COSMOS_COSMOS_TRANSFER1_IMAGE", "upscaler:1")
            .with("COSMOS_COSMOS_COSMOS3_SET", "{ shift = 5.0 }");
        user.file(
            "current/config.toml",
            "[cosmos]\nmodel = 'cosmos3'\n[cosmos.transfer1]\nremote_dir = '/srv/t1'\n\
             [cosmos.transfer2.5.set]\nnum_steps = 20\n'depth.control_weight' = 0.5\n",
        );
        let config = user.load().unwrap().config;
        assert_eq!(config.remote_dir(Model::Transfer1), "/srv/t1");
        assert_eq!(
            config.remote_dir(Model::Cosmos3),
            Paths::default().remote_dir
        );
        assert_eq!(config.image(Model::Transfer1), "upscaler:1");
        assert!(config.has_upscaler(Model::Cosmos3));
        assert_eq!(config.cosmos.cosmos3.set["shift"], 5.0);
        let quoted = config.cosmos.transfer2_5.set.clone();
        assert_eq!(quoted["num_steps"], 20);
        assert_eq!(quoted["depth.control_weight"], 0.5);
        user.file(
            "current/config.toml",
            "[cosmos.'transfer2.5']\nset.num_steps = 20\nset.'depth.control_weight' = 0.5\n",
        );
        assert_eq!(user.load().unwrap().config.cosmos.transfer2_5.set, quoted);
        let message = User::new().load_error_for("[cosmos.transfer1]\nimages = 'x'");
        assert!(
            message.starts_with(
                "config.toml:2: unknown key `images` in [cosmos.transfer1] | did you mean `image`?"
            ),
            "{message}"
        );
        let message = User::new().load_error_for("[paths]\nremote_dir = '/a:b'");
        assert!(
            message.starts_with("config.toml:2: remote_dir in [paths] is"),
            "{message}"
        );
    }

    #[test]
    fn a_variable_that_names_no_setting_is_refused() {
        for (name, nearest) in [
            ("COSMOS_VIDEO_PRESETT", "COSMOS_VIDEO_PRESET"),
            ("COSMOS_VIDEO_crf", "COSMOS_VIDEO_CRF"),
            ("COSMOS_PATHS_VIDEOS_DIR", "COSMOS_PATHS_LOCAL_VIDEOS_DIR"),
            ("COSMOS_REMOTE_KEY", "COSMOS_REMOTE_SSH_KEY"),
        ] {
            let message = User::new().with(name, "x").load_error();
            let expected =
                format!("environment variable {name} names no setting | did you mean {nearest}?");
            assert_eq!(message, expected);
        }
    }

    #[test]
    fn what_is_unknown_in_a_file_is_named_with_its_line_and_the_nearest_known() {
        let user = User::new();
        for (text, expected) in [
            (
                "# video\n[video]\nfps = 24\npresett = 'fast'\nzzz = 1",
                "config.toml:4: unknown key `presett` in [video] | did you mean `preset`? \
                 [video] takes fps, codec, pixel_format, crf, preset, background, fit",
            ),
            (
                "video.pixel_fmt = 'yuv420p'",
                "config.toml:1: unknown key `pixel_fmt` in [video] | did you mean `pixel_format`?",
            ),
            (
                "\r\n[paths]\r\nvideos_dir = 'x'\r\n",
                "config.toml:3: unknown key `videos_dir` in [paths] | did you mean `local_videos_dir`?",
            ),
            (
                "\n[vidoe]\nfps = 24",
                "config.toml:2: unknown section [vidoe] | did you mean [video]?",
            ),
            (
                "fps = 24",
                "config.toml:1: `fps` belongs in [video] | move it below the line [video]",
            ),
            (
                "[remote]\nfps = 24",
                "config.toml:2: `fps` belongs in [video] | move it below the line [video]",
            ),
            (
                "video = 24",
                "config.toml:1: `video` is a section, not a key | write [video] on a line of its own",
            ),
            (
                "[[video]]\nfps = 24",
                "config.toml:1: `video` is a section, not a key |",
            ),
            ("[video]\nfps 24", "config.toml:2: "),
            (
                "[video]\nfps = 24\nfps = 25",
                "config.toml:3: duplicate key",
            ),
            ("[video]\n[video]", "config.toml:2: "),
        ] {
            let message = user.load_error_for(text);
            assert!(message.starts_with(expected), "{message}\n{expected}");
        }
    }

    #[test]
    fn a_value_that_does_not_fit_is_named_with_what_would() {
        let user = User::new();
        for (text, expected) in [
            (
                "[video]\n\ncrf = 52",
                "config.toml:3: crf in [video] is 52, expected \"auto\" or a whole number from 0 (best) to 51 |",
            ),
            (
                "[video]\ncrf = 18.5",
                "config.toml:2: crf in [video] is 18.5, expected",
            ),
            (
                "[video]\nfps = 0",
                "config.toml:2: fps in [video] is 0, expected frames a second from 1/60 to 1000",
            ),
            (
                "[video]\nfps = true",
                "config.toml:2: fps in [video] is true, expected frames a second",
            ),
            (
                "[video]\nbackground = 112233",
                "config.toml:2: background in [video] is 112233, expected six",
            ),
            (
                "[video]\nfit = 'fill'",
                "config.toml:2: fit in [video] is \"fill\", expected \"pad\", \"crop\" or",
            ),
            (
                "[remote]\nport = 0",
                "config.toml:2: port in [remote] is 0, expected a whole number from 1 to 65535",
            ),
            (
                "[remote]\nport = 70000",
                "config.toml:2: port in [remote] is 70000, expected a whole number",
            ),
            (
                "[remote]\nport = '22'",
                "config.toml:2: port in [remote] is \"22\", expected a whole number",
            ),
            (
                "[remote]\nhost = '-oProxyCommand=x'",
                "config.toml:2: host in [remote] is \"-oProxyCommand=x\", exp",
            ),
            (
                "[remote]\nhost = 'a b'",
                "config.toml:2: host in [remote] is \"a b\", expected a host name",
            ),
            (
                "[paths]\nremote_dir = 'x'",
                "config.toml:2: remote_dir in [paths] is \"x\", expected a folder on",
            ),
            (
                "[paths]\nlocal_notes_dir = '~eve/x'",
                "config.toml:2: local_notes_dir in [paths] is \"~eve/x\"",
            ),
            (
                "[paths]\nlocal_notes_dir = ''",
                "config.toml:2: local_notes_dir in [paths] is \"\"",
            ),
            (
                "[paths]\nlocal_notes_dir.a = 1",
                "config.toml:2: local_notes_dir in [paths] is",
            ),
            (
                "[docker]\nshm_size = '0g'",
                "config.toml:2: shm_size in [docker] is \"0g\"",
            ),
            (
                "[docker]\nshm_size = '8 GB'",
                "config.toml:2: shm_size in [docker] is \"8 GB\"",
            ),
            (
                "[docker]\nipc_mode = 'hosts'",
                "config.toml:2: ipc_mode in [docker] is \"hosts\"",
            ),
            (
                "[execution]\ndefault_num_steps = -1",
                "config.toml:2: default_num_steps in [execution] is -1",
            ),
            (
                "[execution]\ndefault_guidance_scale = nan",
                "config.toml:2: default_guidance_scale in",
            ),
            (
                "[execution]\ndefault_guidance_scale = inf",
                "config.toml:2: default_guidance_scale in",
            ),
            (
                "[execution]\ndefault_upscale_weight = 1.5",
                "config.toml:2: default_upscale_weight in",
            ),
            (
                "[execution]\noffload_vae = 'yes'",
                "config.toml:2: offload_vae in [execution] is \"yes\", expected true",
            ),
        ] {
            let message = user.load_error_for(text);
            assert!(message.starts_with(expected), "{message}\n{expected}");
        }
        let message = user.load_error_for(format!("[video]\nfit = '{}'", "é".repeat(1000)));
        assert!(message.contains("...") && message.len() < 300, "{message}");
    }

    #[test]
    fn values_may_be_written_as_artists_would() {
        let user = User::new();
        user.file(
            "current/config.toml",
            "\u{feff}video = { fps = 29.97, crf = '17', background = '#FF8000' }\n\
             [docker]\nipc_mode = 'container:cosmos'\nshm_size = '512m'\n[execution]\ndefault_guidance_scale = 8\n",
        );
        let config = user.load().unwrap().config;
        assert_eq!(config.video.fps.to_string(), "30000/1001");
        assert_eq!(config.video.crf, Setting::Fixed(Crf::new(17).unwrap()));
        assert_eq!(config.video.background.to_string(), "ff8000");
        assert_eq!(config.execution.default_guidance_scale, 8.0);
    }

    #[test]
    fn without_a_home_only_a_path_that_needs_it_is_refused() {
        let mut user = User::new();
        user.environment.home = None;
        assert_eq!(user.load().unwrap().config, Config::default());
        let message = user.load_error_for("paths.local_videos_dir = '~/videos'");
        assert!(
            message.starts_with("cannot expand ~ in ~/videos"),
            "{message}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_text_is_refused() {
        use std::os::unix::ffi::OsStringExt;
        let user = User::new().with(
            "COSMOS_PATHS_LOCAL_VIDEOS_DIR",
            OsString::from_vec(vec![b'x', 0xff]),
        );
        assert!(
            user.load_error().starts_with(
                "environment variable COSMOS_PATHS_LOCAL_VIDEOS_DIR: local_videos_dir"
            )
        );
    }

    proptest! {
        #[test]
        fn no_file_and_no_variable_panics(
            text in "\\PC{0,60}|(\\[[a-z]{0,7}\\]\n|[a-z_.]{0,8} ?= ?[-'\"{}\\[\\]a-z0-9.]{0,8}\n){0,6}",
            name in "COSMOS_(VIDEO|REMOTE|)_?[A-Z_é]{0,8}",
            value in "\\PC{0,20}",
        ) {
            let mut layers = Layers::new();
            let _ = layers.add_file(Path::new("config.toml"), &text);
            let environment = Environment { variables: vec![(name.into(), value.into())], ..Environment::default() };
            let _ = layers.add_environment(&environment);
            prop_assert!(KEYS.iter().all(|key| (key.is_usable)(&layers.config)));
        }
    }
}
