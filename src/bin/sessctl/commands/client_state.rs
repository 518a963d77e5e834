//! Where the jar, the history and the base URL of a command are.

use std::path::PathBuf;

use url::Url;

use sessctl::client::profile::Profiles;
use sessctl::client::profile::history::HistoryFile;
use sessctl::cookies::{JarFile, LastLogin};

use super::client_options::ClientArgs;
use super::failure::Failure;

/// The base URL without `--url` and without a login: that of `sessctl serve`.
const DEFAULT_BASE: &str = "http://127.0.0.1:8000/";

/// The jar that the options select.
pub(super) fn jar_file(args: &ClientArgs) -> Result<JarFile, Failure> {
    match args.jar() {
        Some(path) => Ok(JarFile::new(path)),
        None => Ok(profiles()?.named(&args.profile).jar()),
    }
}

/// The history of the profile. With `--jar`, no history is kept.
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

/// The server that paths refer to: `--url`, else that of the last login, else the default.
pub(super) fn base_url(args: &ClientArgs, last_login: Option<&LastLogin>) -> Result<Url, Failure> {
    if let Some(base) = args.base() {
        return Ok(base.clone());
    }
    let last = last_login.and_then(|login| login.page.join("/").ok());
    last.map_or_else(|| Url::parse(DEFAULT_BASE).map_err(Failure::cannot("read the default base URL")), Ok)
}

/// `$XDG_STATE_HOME` if it is absolute (XDG Base Directory Specification), else its default.
fn state_folder() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder =
        absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    folder.ok_or_else(|| {
        Failure::failed("cannot find the folder for the jar: neither HOME nor XDG_STATE_HOME is set; set one, or name a file with --jar")
    })
}
