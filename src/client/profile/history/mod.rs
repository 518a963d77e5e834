//! The history of a profile: what its last commands sent and received.

mod entry;
mod history_file;
mod stored_entry;

pub use entry::HistoryEntry;
pub use history_file::{HistoryError, HistoryFile};
