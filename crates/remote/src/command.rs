//! Command lines for the host's shell.
//!
//! The only place where remote arguments are quoted. Refuses a zero byte, which no argument can hold, and
//! variable names that a shell does not take.

use super::RemoteError;

/// The longest command line in bytes: it travels in one packet, and libssh2 makes none longer than 35,000
/// (`MAX_SSH_PACKET_LEN`).
const MAX_BYTES: usize = 32_000;

/// A program on the host with its arguments, each of which arrives there exactly as given.
///
/// ```
/// use cosmos_remote::Command;
///
/// let command = Command::new("ls").args(["-l", "--", "$HOME"]).current_dir("/tmp");
/// assert_eq!(command.to_shell().unwrap(), "cd -- /tmp && ls -l -- '$HOME'");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    words: Vec<String>,
    env: Vec<(String, String)>,
    current_dir: Option<String>,
    /// Commands before this one, and what stands between.
    before: Option<(Box<Self>, &'static str)>,
}

impl Command {
    /// Runs `program`, which the host looks up in its `PATH`.
    #[must_use]
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            words: vec![program.into()],
            env: Vec::new(),
            current_dir: None,
            before: None,
        }
    }

    /// Runs a fixed POSIX shell script; arguments added later are its `$1`, `$2` and so on, which the script
    /// has to put in double quotes.
    #[must_use]
    pub fn script(script: &'static str) -> Self {
        Self::new("sh").args(["-c", script, "sh"])
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<String>) -> Self {
        self.words.push(argument.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.words.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable for the program.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Runs the program in `folder`; it does not run at all if that does not exist.
    #[must_use]
    pub fn current_dir(mut self, folder: impl Into<String>) -> Self {
        self.current_dir = Some(folder.into());
        self
    }

    /// `self && next`: runs `next` if this one succeeds.
    #[must_use]
    pub fn and(self, next: Self) -> Self {
        self.then("&&", next)
    }

    /// `self | next`: `next` reads what this one writes. The exit status is that of `next`.
    #[must_use]
    pub fn pipe(self, next: Self) -> Self {
        self.then("|", next)
    }

    fn then(self, operator: &'static str, mut next: Self) -> Self {
        match next.before.take() {
            None => next.before = Some((Box::new(self), operator)),
            Some((first, following)) => {
                next.before = Some((Box::new(self.then(operator, *first)), following));
            }
        }
        next
    }

    /// The program, for messages.
    #[must_use]
    pub fn program(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The words before the first option, for messages: `docker container rm`.
    #[must_use]
    pub fn shown(&self) -> String {
        let words = self.words.iter().take_while(|word| !word.starts_with('-'));
        let words: Vec<&str> = words.take(3).map(String::as_str).collect();
        words.join(" ")
    }

    /// The line for a POSIX shell.
    ///
    /// # Errors
    /// [`RemoteError::BadCommand`] for a zero byte, a variable name that no shell takes, or a line of more
    /// than 32,000 bytes.
    pub fn to_shell(&self) -> Result<String, RemoteError> {
        let mut line = String::new();
        self.write_to(&mut line)?;
        if line.len() > MAX_BYTES {
            return Err(self.bad(format!(
                "is {} bytes long; {MAX_BYTES} are possible",
                line.len()
            )));
        }
        Ok(line)
    }

    fn write_to(&self, line: &mut String) -> Result<(), RemoteError> {
        if let Some((before, operator)) = &self.before {
            before.write_to(line)?;
            line.push_str(&format!(" {operator} "));
        }
        // A pipe binds closer than `&&`, so a change of folder needs a group of its own.
        let in_group = self.current_dir.is_some() && self.before.is_some();
        if in_group {
            line.push_str("{ ");
        }
        if let Some(folder) = &self.current_dir {
            line.push_str("cd -- ");
            line.push_str(&self.quote(folder)?);
            line.push_str(" && ");
        }
        if !self.env.is_empty() {
            line.push_str("env ");
            for (name, value) in &self.env {
                if !is_variable(name) {
                    return Err(self.bad(format!("sets the variable {name:?}")));
                }
                line.push_str(&self.quote(&format!("{name}={value}"))?);
                line.push(' ');
            }
        }
        for (index, word) in self.words.iter().enumerate() {
            if index > 0 {
                line.push(' ');
            }
            line.push_str(&self.quote(word)?);
        }
        if in_group {
            line.push_str("; }");
        }
        Ok(())
    }

    fn quote(&self, word: &str) -> Result<String, RemoteError> {
        match shlex::try_quote(word) {
            Ok(quoted) => Ok(quoted.into_owned()),
            Err(_) => Err(self.bad("has a zero byte in an argument".to_owned())),
        }
    }

    fn bad(&self, problem: String) -> RemoteError {
        RemoteError::BadCommand {
            program: self.program().to_owned(),
            problem,
        }
    }
}

/// Whether a shell and `env` take `name` as a variable.
fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_read_as_a_shell_reads_them() {
        let echo = |word: &str| Command::new("echo").arg(word);
        for (command, line) in [
            (echo("a").env("A", "b c"), "env 'A=b c' echo a"),
            (echo("a").current_dir("-x"), "cd -- -x && echo a"),
            (
                echo("a").and(echo("b")).and(echo("c")),
                "echo a && echo b && echo c",
            ),
            (
                echo("a").and(echo("b").pipe(echo("c"))),
                "echo a && echo b | echo c",
            ),
            (
                echo("a").pipe(echo("b").current_dir("/d")),
                "echo a | { cd -- /d && echo b; }",
            ),
            (Command::new("A=b"), "'A=b'"),
            (echo(""), "echo ''"),
        ] {
            assert_eq!(command.to_shell().unwrap(), line);
        }
    }

    #[test]
    fn what_no_shell_can_take_is_refused() {
        let long = "x".repeat(MAX_BYTES);
        for command in [
            Command::new("a\0"),
            Command::new("echo").arg("\0"),
            Command::new("echo").env("A", "\0"),
            Command::new("echo").env("A B", "c"),
            Command::new("echo").env("", "c"),
            Command::new("echo").env("1A", "c"),
            Command::new("echo").env("A=B;", "c"),
            Command::new("echo").current_dir("\0"),
            Command::new("echo").arg("\0").and(Command::new("echo")),
            Command::new("echo").arg(long),
        ] {
            assert!(command.to_shell().is_err(), "{command:?}");
        }
    }

    proptest! {
        #[test]
        fn every_argument_survives_the_shell(words in proptest::collection::vec("[^\0]*", 1..6)) {
            let mut command = Command::new("printf").arg("%s\\0");
            command = command.args(words.clone());
            let output = std::process::Command::new("sh")
                .args(["-c", &command.to_shell().unwrap()])
                .output()
                .unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            let arrived: Vec<&str> = text.split_terminator('\0').collect();
            prop_assert_eq!(arrived, words);
        }
    }
}
