//! [`PasswordSource`]: where a password comes from. Never from the command line, which every process can read.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sessctl::client::auth::NoPassword;

use super::failure::Failure;
use crate::texts::Message;

/// The sources, in the order in which they are tried.
#[derive(Debug)]
pub(super) struct PasswordSource {
    pub(super) stdin: bool,
    pub(super) file: Option<PathBuf>,
    /// The environment variable.
    pub(super) variable: &'static str,
    pub(super) prompt: &'static str,
    /// The sources to name if there is no password.
    pub(super) sources: &'static str,
    pub(super) can_prompt: bool,
    /// What a configuration file says. The sources above have precedence, except for the prompt.
    pub(super) configured: Option<ConfiguredPassword>,
}

/// Where a configuration file says that the password is.
#[derive(Debug, Clone)]
pub(super) enum ConfiguredPassword {
    /// In an environment variable.
    Env(String),
    /// In the first line of a file.
    File(PathBuf),
    /// In the first line that a command prints. A shell runs it.
    Command(String),
}

impl ConfiguredPassword {
    fn get(&self) -> Result<String, NoPassword> {
        match self {
            ConfiguredPassword::Env(name) => {
                let password = std::env::var(name).ok().filter(|it| !it.is_empty());
                let unset = || format!("set the variable {name}, which password_env names");
                password.ok_or_else(|| NoPassword::NoSource(unset()))
            }
            ConfiguredPassword::File(path) => first_line_of_file(path).map_err(|error| {
                NoPassword::Unreadable(format!("{} (password_file): {error}", path.display()))
            }),
            ConfiguredPassword::Command(command) => {
                let unreadable = |why: String| {
                    NoPassword::Unreadable(format!("the command {command:?} (password_command): {why}"))
                };
                // It may ask the user, so it keeps standard input and standard error.
                let mut shell = Command::new("sh");
                let output =
                    shell.args(["-c", command]).stdin(Stdio::inherit()).stderr(Stdio::inherit()).output();
                let output = output.map_err(|error| unreadable(error.to_string()))?;
                if !output.status.success() {
                    return Err(unreadable(output.status.to_string()));
                }
                first_line(output.stdout.as_slice()).map_err(|error| unreadable(error.to_string()))
            }
        }
    }
}

/// The rest of a longer line is ignored.
const MAX_LINE_LEN: u64 = 64 * 1024;

impl PasswordSource {
    pub(super) fn get(&self) -> Result<String, NoPassword> {
        let unreadable = |what: String| move |error| NoPassword::Unreadable(format!("{what}: {error}"));
        if self.stdin {
            return first_line_of_stdin().map_err(unreadable("standard input".to_owned()));
        }
        if let Some(path) = &self.file {
            return first_line_of_file(path).map_err(unreadable(path.display().to_string()));
        }
        if let Some(password) = std::env::var(self.variable).ok().filter(|it| !it.is_empty()) {
            return Ok(password);
        }
        if let Some(configured) = &self.configured {
            return configured.get();
        }
        if self.can_prompt {
            return rpassword::prompt_password(self.prompt).map_err(unreadable("the prompt".to_owned()));
        }
        Err(NoPassword::NoSource(format!("give {}", self.sources)))
    }
}

/// A new password for an account: from stdin, or from a prompt that asks twice.
pub(super) fn new_password(from_stdin: bool, can_prompt: bool) -> Result<String, Failure> {
    if from_stdin {
        return first_line_of_stdin().map_err(Failure::cannot("read the password from standard input"));
    }
    if !can_prompt {
        return Err(Failure::usage(Message::new(
            "error-no-terminal",
            "cannot ask for the password: there is no terminal; give it with --password-stdin",
        )));
    }
    let prompt = |text: &str| {
        rpassword::prompt_password(text).map_err(Failure::cannot("read the password from the terminal"))
    };
    let password = prompt("New password: ")?;
    if prompt("Repeat the password: ")? != password {
        return Err(Failure::usage(Message::new(
            "error-passwords-differ",
            "cannot set the password: the two entries differ; nothing was changed",
        )));
    }
    Ok(password)
}

/// The next line of standard input, which may have the password and then the code.
pub(super) fn first_line_of_stdin() -> std::io::Result<String> {
    first_line(std::io::stdin().lock())
}

pub(super) fn first_line_of_file(path: &Path) -> std::io::Result<String> {
    first_line(BufReader::new(File::open(path)?))
}

fn first_line(reader: impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    if reader.take(MAX_LINE_LEN).read_line(&mut line)? == 0 {
        return Err(std::io::Error::other("it is empty"));
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
