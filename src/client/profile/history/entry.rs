//! [`HistoryEntry`]: what one command did.

use crate::client::http::exchange::Flow;
use crate::clock::Timestamp;

/// What one command did.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// When the command started.
    pub at: Timestamp,
    /// The command: `login`, `visit` and so on.
    pub command: String,
    /// Its exit code.
    pub exit: u8,
    /// The word for how it ended, if the entry is new enough to have it.
    pub kind: Option<String>,
    /// Its result in one line.
    pub reason: String,
    /// What the result rests on.
    pub evidence: Vec<String>,
    /// What was sent and received.
    pub flow: Flow,
}

impl HistoryEntry {
    /// An entry without evidence.
    #[must_use]
    pub fn new(at: Timestamp, command: &str, exit: u8, reason: &str, flow: Flow) -> Self {
        let (command, reason) = (command.to_owned(), reason.to_owned());
        HistoryEntry { at, command, exit, kind: None, reason, evidence: Vec::new(), flow }
    }

    /// The entry with this word for how the command ended.
    #[must_use]
    pub fn with_kind(mut self, kind: String) -> Self {
        self.kind = Some(kind);
        self
    }

    /// The entry with this evidence.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Vec<String>) -> Self {
        self.evidence = evidence;
        self
    }
}
