//! Where a password comes from: never from the command line, where every process can read it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

use anyhow::Context;

use sessctl::client::NoPassword;

use super::exit::Failure;

/// The sources, in the order in which they count.
#[derive(Debug)]
pub(super) struct PasswordSource {
    pub(super) stdin: bool,
    pub(super) file: Option<PathBuf>,
    pub(super) can_prompt: bool,
}

/// A line longer than this is no password.
const LONGEST: u64 = 64 * 1024;

impl PasswordSource {
    /// The password, or why there is none.
    pub(super) fn get(&self) -> Result<String, NoPassword> {
        let unreadable = |what: String| move |error| NoPassword::Unreadable(format!("{what}: {error}"));
        if self.stdin {
            return first_line(std::io::stdin().lock()).map_err(unreadable("standard input".to_owned()));
        }
        if let Some(path) = &self.file {
            let line = std::fs::File::open(path).and_then(|file| first_line(BufReader::new(file)));
            return line.map_err(unreadable(path.display().to_string()));
        }
        if let Some(password) = std::env::var("SESSCTL_PASSWORD").ok().filter(|password| !password.is_empty())
        {
            return Ok(password);
        }
        if self.can_prompt {
            return rpassword::prompt_password("Password: ").map_err(unreadable("the prompt".to_owned()));
        }
        Err(NoPassword::NoSource(
            "give --password-stdin, --password-file FILE or SESSCTL_PASSWORD".to_owned(),
        ))
    }
}

/// A password for an account: from standard input, or asked for twice.
pub(super) fn new(from_stdin: bool, can_prompt: bool) -> Result<String, Failure> {
    if from_stdin {
        return Ok(
            first_line(std::io::stdin().lock()).context("cannot read the password from standard input")?
        );
    }
    if !can_prompt {
        return Err(Failure::usage("there is nobody to ask for the password: give --password-stdin"));
    }
    let password = rpassword::prompt_password("New password: ")?;
    if rpassword::prompt_password("The same again: ")? != password {
        return Err(Failure::usage("the two are not the same; nothing was changed"));
    }
    Ok(password)
}

fn first_line(reader: impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    if reader.take(LONGEST).read_line(&mut line)? == 0 {
        return Err(std::io::Error::other("there is nothing to read"));
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
