//! [`TrustFile`]: the configuration files of projects that the user trusts, each with the hash of its content.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use sessctl::internal::SharedFile;

use crate::commands::failure::{Failure, Outcome};
use crate::commands::state_folder::state_folder;
use crate::output::error_chain;

const VERSION: u32 = 1;

/// How long to wait for another process that trusts a file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// The file with the trusted files, which only the user can read and change.
pub(super) struct TrustFile(SharedFile);

#[derive(Debug, Serialize, Deserialize)]
struct TrustDocument {
    version: u32,
    /// The SHA-256 hash of each file, by its path.
    files: BTreeMap<String, String>,
}

impl TrustFile {
    pub(super) fn of_user() -> Result<Self, Failure> {
        Ok(TrustFile(SharedFile::new(state_folder()?.join("trusted.json"))))
    }

    /// Whether the user trusts the file as it is now.
    pub(super) fn trusts(&self, path: &Path, content: &[u8]) -> Result<bool, Failure> {
        let trusted = self.0.read().map_err(failed)?.unwrap_or_default();
        Ok(self.parse(&trusted)?.files.get(&path_of(path)) == Some(&hash(content)))
    }

    /// Trusts the content of a file.
    pub(super) fn trust(&self, path: &Path, content: &[u8]) -> Outcome {
        let locked = self.0.lock(Instant::now() + LOCK_TIMEOUT).map_err(failed)?;
        let mut document = self.parse(&locked.read().map_err(failed)?)?;
        document.files.insert(path_of(path), hash(content));
        let text =
            serde_json::to_vec_pretty(&document).map_err(Failure::cannot("write the trusted files"))?;
        locked.replace(&text).map_err(failed)
    }

    fn parse(&self, content: &[u8]) -> Result<TrustDocument, Failure> {
        if content.is_empty() {
            return Ok(TrustDocument { version: VERSION, files: BTreeMap::new() });
        }
        let document = serde_json::from_slice::<TrustDocument>(content).ok();
        document.filter(|it| it.version == VERSION).ok_or_else(|| {
            let path = self.0.path().display();
            Failure::failed(format!("cannot read {path}: it is not a file of this sessctl; remove it, and run sessctl config trust again"))
        })
    }
}

fn failed(error: sessctl::internal::FileError) -> Failure {
    Failure::failed(error_chain(&error))
}

/// The path without symbolic links.
fn path_of(path: &Path) -> String {
    path.canonicalize().unwrap_or_else(|_| path.to_owned()).display().to_string()
}

fn hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}
