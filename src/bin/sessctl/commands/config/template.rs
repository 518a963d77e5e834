//! The commented configuration file that `profiles init` writes.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::file::PROJECT_FILE;
use crate::commands::failure::Failure;
use crate::texts::Message;

const TEMPLATE: &str = include_str!("template.toml");

/// Writes the file to the current folder. An existing file stays as it is.
pub(in crate::commands) fn write() -> Result<PathBuf, Failure> {
    let path = Path::new(PROJECT_FILE);
    let created = OpenOptions::new().write(true).create_new(true).open(path);
    match created.and_then(|mut file| file.write_all(TEMPLATE.as_bytes())) {
        Ok(()) => Ok(path.to_owned()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let message = format!("{PROJECT_FILE} exists already and was not changed");
            Err(Failure::failed(Message::new("error-config-exists", message).with("path", PROJECT_FILE)))
        }
        Err(error) => Err(Failure::with_file("create", path)(error)),
    }
}
