//! Where a profile keeps its jar.

use std::path::PathBuf;

use crate::cli::ClientArgs;
use sessctl::client::jar::JarFile;

use super::exit::{FAILED, Failure};

/// The jar that the arguments mean.
pub(super) fn jar_file(args: &ClientArgs) -> Result<JarFile, Failure> {
    match args.jar() {
        Some(path) => Ok(JarFile::new(path)),
        None => Ok(JarFile::new(state_folder()?.join("sessctl").join(&args.profile).join("jar.json"))),
    }
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
