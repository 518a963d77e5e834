//! Which jar and which history the arguments mean, and which server they are about.

use std::path::PathBuf;

use url::Url;

use sessctl::client::Profiles;
use sessctl::client::history::HistoryFile;
use sessctl::cookies::{JarFile, LastLogin};

use super::exit::{FAILED, Failure};
use crate::cli::ClientArgs;

/// The jar that the arguments mean.
pub(super) fn jar_file(args: &ClientArgs) -> Result<JarFile, Failure> {
    match args.jar() {
        Some(path) => Ok(JarFile::new(path)),
        None => Ok(profiles()?.named(&args.profile).jar()),
    }
}

/// The history that the arguments mean: of a jar by itself there is none.
pub(super) fn history_file(args: &ClientArgs) -> Result<Option<HistoryFile>, Failure> {
    match args.jar() {
        Some(_) => Ok(None),
        None => Ok(Some(profiles()?.named(&args.profile).history())),
    }
}

/// All profiles of this user.
pub(super) fn profiles() -> Result<Profiles, Failure> {
    Ok(Profiles::new(state_folder()?.join("sessctl")))
}

/// The server that paths are of: the one that was named, the one of the last login, our own.
pub(super) fn base_url(args: &ClientArgs, last_login: Option<&LastLogin>) -> Result<Url, Failure> {
    if let Some(base) = args.base() {
        return Ok(base.clone());
    }
    let last = last_login.and_then(|login| login.page.join("/").ok());
    last.map_or_else(|| Ok(Url::parse("http://127.0.0.1:8000/").map_err(anyhow::Error::from)?), Ok)
}

/// `$XDG_STATE_HOME`, which counts only if it is absolute (XDG Base Directory Specification), else the default.
fn state_folder() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder =
        absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    folder.ok_or_else(|| {
        Failure::new(
            FAILED,
            "there is no place for the jar: set HOME or XDG_STATE_HOME, or name a file with --jar",
        )
    })
}
