//! [`Baseline`]: the findings that are known and do not fail a run.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use sessctl::audit::{AuditReport, CheckVerdict, Severity};
use sessctl::internal::{LockedFile, SharedFile};

use crate::commands::failure::{Failure, Outcome};
use crate::output::error_chain;
use crate::texts::Message;

/// How long to wait while another process writes the file.
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// The fingerprints of the findings that are known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Baseline(pub(super) BTreeSet<String>);

impl Baseline {
    pub(super) fn read(path: &Path) -> Result<Baseline, Failure> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            let english =
                format!("cannot read the baseline {shown}: {error}; --write-baseline FILE writes one");
            let message = Message::new("error-audit-no-baseline", english);
            Failure::failed(message.with("file", shown.as_str()).with("why", error.to_string()))
        })?;
        serde_json::from_slice(&bytes).map(Baseline).map_err(|error| {
            let (line, why) = (error.line().to_string(), error.to_string());
            let why = why.split(" at line ").next().unwrap_or_default().to_owned();
            let english = format!(
                "cannot read the baseline {shown}: line {line} is not part of a JSON list of fingerprints ({why}); repair the file, or write another one with --write-baseline FILE"
            );
            let message = Message::new("error-audit-baseline", english).with("file", shown.as_str());
            Failure::failed(message.with("line", line).with("why", why))
        })
    }

    /// The findings of a report. Those of `before` stay known if their check was not tested.
    pub(super) fn of(report: &AuditReport, before: Option<&Baseline>) -> Baseline {
        let found = report.findings(Severity::Info).map(|it| it.fingerprint.clone());
        let kept = before.into_iter().flat_map(|it| &it.0);
        let kept = kept.filter(|fingerprint| !was_tested(report, fingerprint)).cloned();
        Baseline(found.chain(kept).collect())
    }

    /// The fingerprints whose check was tested and no longer finds them.
    pub(super) fn fixed(&self, report: &AuditReport) -> Vec<String> {
        let is_found =
            |fingerprint: &String| report.findings(Severity::Info).any(|it| it.fingerprint == *fingerprint);
        let gone = self.0.iter().filter(|it| !is_found(it) && was_tested(report, it));
        gone.cloned().collect()
    }

    /// Replaces the file.
    pub(super) fn write(&self, file: LockedFile) -> Outcome {
        let mut text =
            serde_json::to_string_pretty(&self.0).map_err(Failure::cannot("write the baseline"))?;
        text.push('\n');
        replace(file, text.as_bytes())
    }
}

/// Whether the check of a fingerprint gave a result.
fn was_tested(report: &AuditReport, fingerprint: &str) -> bool {
    let check = fingerprint.rsplit_once('-').map_or(fingerprint, |(check, _)| check);
    let mut results = report.results.iter().filter(|it| it.check.id == check).peekable();
    results.peek().is_some() && results.all(|it| it.verdict != CheckVerdict::NotTested)
}

/// Opens a file that the end of the audit replaces: a file that cannot be written is reported before the audit.
pub(super) fn open(path: &Path) -> Result<LockedFile, Failure> {
    let locked = SharedFile::new(path).lock(Instant::now() + LOCK_TIMEOUT);
    locked.map_err(|error| Failure::failed(error_chain(&error)))
}

/// Replaces a file atomically. It is private to its owner.
pub(super) fn replace(file: LockedFile, bytes: &[u8]) -> Outcome {
    file.replace(bytes).map_err(|error| Failure::failed(error_chain(&error)))
}
