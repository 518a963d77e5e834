//! The folder of the program's state.

use std::path::PathBuf;

use super::failure::Failure;

/// Below `$XDG_STATE_HOME` if it is absolute (XDG Base Directory Specification), else below its default.
pub(super) fn state_folder() -> Result<PathBuf, Failure> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder =
        absolute("XDG_STATE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
    let folder = folder.ok_or_else(|| {
        Failure::failed("cannot find the folder for the jar: neither HOME nor XDG_STATE_HOME is set; set one, or name a file with --jar")
    })?;
    Ok(folder.join("sessctl"))
}
