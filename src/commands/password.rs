//! Where a password comes from: never from the command line, where every process can read it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;

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
    pub(super) fn get(&self) -> Result<String, String> {
        if self.stdin {
            return first_line(std::io::stdin().lock()).map_err(|error| format!("standard input: {error}"));
        }
        if let Some(path) = &self.file {
            let file = std::fs::File::open(path);
            let line = file.and_then(|file| first_line(BufReader::new(file)));
            return line.map_err(|error| format!("{}: {error}", path.display()));
        }
        if let Ok(password) = std::env::var("SESSCTL_PASSWORD") {
            return Ok(password);
        }
        if self.can_prompt {
            return rpassword::prompt_password("Password: ").map_err(|error| format!("the prompt: {error}"));
        }
        Err("give --password-stdin, --password-file FILE or SESSCTL_PASSWORD".to_owned())
    }
}

fn first_line(reader: impl BufRead) -> std::io::Result<String> {
    let mut line = String::new();
    if reader.take(LONGEST).read_line(&mut line)? == 0 {
        return Err(std::io::Error::other("there is nothing to read"));
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
