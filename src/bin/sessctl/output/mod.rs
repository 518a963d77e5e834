//! All output: the only code that writes to stdout and stderr.

mod access_log;
mod cookie_table;
mod decision;
mod error_chain;
mod exchange_view;
mod forms;
mod har;
mod login_trace;
mod network_document;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod output;
mod profiles;
mod progress;
mod sequence;
mod server_log;
mod sessions;
mod style;
mod terminal;
mod text_layout;
mod timeline;
mod tour;
mod why;

pub(crate) use error_chain::error_chain;
pub(crate) use network_document::NetworkDocument;
pub(crate) use output::Output;
pub(crate) use profiles::ProfileSummary;
pub(crate) use progress::Bar;
pub(crate) use sequence::Drawing;
pub(crate) use server_log::LogFormat;
pub(crate) use terminal::{ColorChoice, Terminal};
