//! What `~/.ssh/config` says about a host: aliases, ports, users, keys.
//!
//! Reads the keywords below, `Include`, `Host` and the `Match` conditions `all` and `host`; blocks with other
//! conditions are passed over, and so are all other keywords. Refuses jump hosts, through which this tool
//! cannot go, and values that OpenSSH refuses too.

use std::io;
use std::path::{Path, PathBuf};

use cosmos_core::files;

use super::RemoteError;
use super::pattern::any_matches;

/// How deep `Include` may go, as in OpenSSH.
const MAX_DEPTH: usize = 16;

/// What was found for a host. Of each keyword the first value counts; key files add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alias {
    pub host_name: Option<String>,
    pub host_key_alias: Option<String>,
    pub user: Option<String>,
    pub port: Option<u16>,
    pub identity_files: Vec<PathBuf>,
    pub user_known_hosts: Vec<PathBuf>,
}

/// Looks `host` up in the file at `path`, which need not exist.
pub fn look_up(path: &Path, home: Option<&Path>, host: &str) -> Result<Alias, RemoteError> {
    let mut reader = Reader {
        host,
        home,
        found: Alias::default(),
        passes_jumps: false,
    };
    reader.read(path, true, 0)?;
    Ok(reader.found)
}

/// Looks `host` up in `text`, which may include no other file.
pub fn look_up_in_text(text: &str, host: &str) -> Result<Alias, RemoteError> {
    let mut reader = Reader {
        host,
        home: None,
        found: Alias::default(),
        passes_jumps: false,
    };
    reader.lines(text, Path::new("config"), true, MAX_DEPTH)?;
    Ok(reader.found)
}

struct Reader<'a> {
    host: &'a str,
    home: Option<&'a Path>,
    found: Alias,
    /// Whether `ProxyJump none` or `ProxyCommand none` came first.
    passes_jumps: bool,
}

impl Reader<'_> {
    /// Reads a file whose lines apply from the start if `applies`.
    fn read(&mut self, path: &Path, applies: bool, depth: usize) -> Result<(), RemoteError> {
        let text = match files::read(path, files::MAX_TEXT) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(problem(path, 0, format!("cannot be read: {e}"))),
        };
        self.lines(&text, path, applies, depth)
    }

    /// Reads `text`, which is that of the file at `path`.
    fn lines(
        &mut self,
        text: &str,
        path: &Path,
        mut applies: bool,
        depth: usize,
    ) -> Result<(), RemoteError> {
        let included_by_match = applies;
        for (number, line) in (1..).zip(text.lines()) {
            let words = words(line).map_err(|what| problem(path, number, what.to_owned()))?;
            let Some((keyword, values)) = words.split_first() else {
                continue;
            };
            let keyword = keyword.to_lowercase();
            let Some(value) = values.first() else {
                return Err(problem(path, number, format!("{keyword} has no value")));
            };
            match keyword.as_str() {
                "host" => {
                    let patterns = values.iter().map(String::as_str);
                    applies = included_by_match && any_matches(patterns, self.host);
                }
                "match" => applies = included_by_match && self.matches(values),
                "include" if depth >= MAX_DEPTH => {
                    return Err(problem(
                        path,
                        number,
                        "too many files include each other".into(),
                    ));
                }
                "include" if applies => {
                    for value in values {
                        self.include(path, number, value, depth)?;
                    }
                }
                _ if applies => self
                    .keep(&keyword, value, values, path)
                    .map_err(|refusal| match refusal {
                        Refusal::Value(what) => problem(path, number, what),
                        Refusal::Jump(error) => *error,
                    })?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether the conditions of a `Match` line are known to hold.
    fn matches(&self, conditions: &[String]) -> bool {
        let words: Vec<&str> = conditions.iter().map(String::as_str).collect();
        match words.as_slice() {
            [all] => all.eq_ignore_ascii_case("all"),
            [criterion, patterns] if criterion.eq_ignore_ascii_case("host") => {
                let host = self.found.host_name.as_deref().unwrap_or(self.host);
                any_matches(patterns.split(','), host)
            }
            [criterion, patterns] if criterion.eq_ignore_ascii_case("originalhost") => {
                any_matches(patterns.split(','), self.host)
            }
            _ => {
                tracing::debug!("passed over in .ssh/config: Match {}", words.join(" "));
                false
            }
        }
    }

    fn include(
        &mut self,
        from: &Path,
        line: usize,
        value: &str,
        depth: usize,
    ) -> Result<(), RemoteError> {
        let value = self.expand(value);
        // As in ssh_config(5), relative to `~/.ssh`, which is where the first file lies.
        let pattern = match self.home {
            Some(home) => home.join(".ssh").join(value),
            None => value,
        };
        let paths = glob::glob(&pattern.to_string_lossy())
            .map_err(|e| problem(from, line, format!("cannot include: {e}")))?;
        for path in paths.flatten() {
            self.read(&path, true, depth + 1)?;
        }
        Ok(())
    }

    fn keep(
        &mut self,
        keyword: &str,
        value: &str,
        values: &[String],
        path: &Path,
    ) -> Result<(), Refusal> {
        let found = &mut self.found;
        match keyword {
            "hostname" => {
                let name = value.replace("%%", "%").replace("%h", self.host);
                found.host_name.get_or_insert(name);
            }
            "hostkeyalias" => {
                found.host_key_alias.get_or_insert_with(|| value.to_owned());
            }
            "user" => {
                found.user.get_or_insert_with(|| value.to_owned());
            }
            "port" => {
                let port = value
                    .parse()
                    .ok()
                    .filter(|port| *port != 0)
                    .ok_or_else(|| {
                        Refusal::Value(format!("the port is {value:?}, not 1 to 65535"))
                    })?;
                found.port.get_or_insert(port);
            }
            "identityfile" if value != "none" => {
                let file = self.expand(value);
                self.found.identity_files.push(file);
            }
            "userknownhostsfile" if found.user_known_hosts.is_empty() => {
                let files = values.iter().filter(|value| *value != "none");
                self.found.user_known_hosts = files.map(|file| self.expand(file)).collect();
            }
            "proxyjump" | "proxycommand" if value.eq_ignore_ascii_case("none") => {
                self.passes_jumps = true;
            }
            "proxyjump" | "proxycommand" if !self.passes_jumps => {
                return Err(Refusal::Jump(Box::new(RemoteError::Jump {
                    host: self.host.to_owned(),
                    through: values.join(" "),
                    keyword: if keyword == "proxyjump" {
                        "ProxyJump"
                    } else {
                        "ProxyCommand"
                    },
                    path: path.to_owned(),
                })));
            }
            _ => {}
        }
        Ok(())
    }

    /// A path with `~` and the tokens for home and host replaced.
    fn expand(&self, text: &str) -> PathBuf {
        let home = self.home.map(Path::to_string_lossy).unwrap_or_default();
        let host = self.found.host_name.as_deref().unwrap_or(self.host);
        let mut expanded = String::new();
        let mut rest = text.chars().peekable();
        if text == "~" || text.starts_with("~/") {
            rest.next();
            expanded.push_str(&home);
        }
        while let Some(symbol) = rest.next() {
            match (symbol, rest.peek()) {
                ('%', Some('d')) => expanded.push_str(&home),
                ('%', Some('h')) => expanded.push_str(host),
                ('%', Some('n')) => expanded.push_str(self.host),
                ('%', Some('%')) => expanded.push('%'),
                _ => {
                    expanded.push(symbol);
                    continue;
                }
            }
            rest.next();
        }
        expanded.into()
    }
}

enum Refusal {
    Value(String),
    Jump(Box<RemoteError>),
}

fn problem(path: &Path, line: usize, problem: String) -> RemoteError {
    RemoteError::SshConfig {
        path: path.to_owned(),
        line,
        problem,
    }
}

/// A line as keyword and values: words with white space or the first `=` between them, some in double quotes.
fn words(line: &str) -> Result<Vec<String>, &'static str> {
    let mut words = Vec::new();
    let mut rest = line.trim_matches(|c: char| c.is_whitespace() || c == '\u{c}');
    while !rest.is_empty() && !rest.starts_with('#') {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted
                .split_once('"')
                .ok_or("a double quote is not closed")?,
            None => {
                let ends = |c: char| c.is_whitespace() || (words.is_empty() && c == '=');
                rest.split_at(rest.find(ends).unwrap_or(rest.len()))
            }
        };
        words.push(word.to_owned());
        rest = after.trim_start();
        if let (1, Some(value)) = (words.len(), rest.strip_prefix('=')) {
            rest = value.trim_start();
        }
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// Looks `host` up where `files` lie in `~/.ssh`.
    fn look_up_in(files: &[(&str, &str)], host: &str) -> Result<Alias, RemoteError> {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".ssh");
        fs::create_dir(&folder).unwrap();
        for (name, text) in files {
            fs::write(folder.join(name), text).unwrap();
        }
        let mut found = look_up(&folder.join("config"), Some(home.path()), host)?;
        let shorten = |path: &mut PathBuf| {
            if let Ok(rest) = path.strip_prefix(home.path()) {
                *path = Path::new("~").join(rest);
            }
        };
        found.identity_files.iter_mut().for_each(shorten);
        found.user_known_hosts.iter_mut().for_each(shorten);
        Ok(found)
    }

    #[test]
    fn the_first_value_counts_and_keys_add_up() {
        let config = "# GPU hosts\n\
            Host gpu01 gpu02\n\
            \tHostName %h.example.com\n\
            \tport=2222\n\
            \tIdentityFile \"~/.ssh/a key\"\n\
            \tUserKnownHostsFile ~/.ssh/k1 %d/k2\n\
            Host gpu* !gpu03\n\
            User = ada # who else\n\
            Port 1\n\
            IdentityFile %d/.ssh/%n\n\
            Match host *.example.com\n\
            HostKeyAlias farm\n\
            Match exec \"true\"\n\
            User never\n\
            Host *\n\
            User everyone\n\
            ForwardAgent yes\n";
        let found = look_up_in(&[("config", config)], "gpu01").unwrap();
        assert_eq!(
            found,
            Alias {
                host_name: Some("gpu01.example.com".into()),
                host_key_alias: Some("farm".into()),
                user: Some("ada".into()),
                port: Some(2222),
                identity_files: vec!["~/.ssh/a key".into(), "~/.ssh/gpu01".into()],
                user_known_hosts: vec!["~/.ssh/k1".into(), "~/k2".into()],
            }
        );
        let found = look_up_in(&[("config", config)], "gpu03").unwrap();
        assert_eq!(found.user.as_deref(), Some("everyone"));
        assert_eq!(found.port, None);
        assert_eq!(look_up_in(&[], "gpu01").unwrap(), Alias::default());
    }

    #[test]
    fn included_files_count_where_they_are_included() {
        let files = [
            (
                "config",
                "Host gpu01\nInclude farm-*\nHost other\nInclude nothing\nHost *\nUser last\n",
            ),
            ("farm-1", "Host gpu*\nUser ada\n"),
            ("farm-2", "Host *\nPort 7\n"),
            ("nothing", "Port 9\n"),
        ];
        let found = look_up_in(&files, "gpu01").unwrap();
        assert_eq!((found.user.as_deref(), found.port), (Some("ada"), Some(7)));
        let found = look_up_in(&files, "gpu02").unwrap();
        assert_eq!((found.user.as_deref(), found.port), (Some("last"), None));
        let error = look_up_in(&[("config", "Include config")], "x").unwrap_err();
        assert!(error.to_string().contains("include each other"), "{error}");
    }

    #[test]
    fn jump_hosts_and_nonsense_are_refused_with_their_line() {
        for (config, said) in [
            ("Host *\nProxyJump gate", "through gate (ProxyJump in "),
            (
                "ProxyCommand nc %h %p",
                "through nc %h %p (ProxyCommand in ",
            ),
            ("User a\nPort 70000", "config:2: the port is"),
            ("Port", "config:1: port has no value"),
            ("User \"a", "config:1: a double quote"),
        ] {
            let error = look_up_in(&[("config", config)], "gpu01").unwrap_err();
            assert!(error.to_string().contains(said), "{error}");
        }
        let passes = "ProxyJump none\nHost *\nProxyJump gate";
        assert!(look_up_in(&[("config", passes)], "gpu01").is_ok());
        assert!(look_up_in(&[("config", "Host x\nProxyJump gate")], "gpu01").is_ok());
    }
}
