//! All output: the only code that writes to stdout and stderr.

mod access_log;
mod accounts;
mod audit;
mod config_values;
mod cookie_table;
mod decision;
mod decoded_cookies;
mod deleted_cookies;
mod exchange_view;
mod forms;
mod har;
mod imported_cookies;
mod json_text;
mod login_trace;
mod network_document;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod output;
mod profiles;
mod progress;
mod script;
mod sequence;
mod server_log;
mod sessions;
mod shell_word;
mod style;
mod table;
mod terminal;
mod text_layout;
mod timeline;
mod token_table;
mod tour;
mod view;
mod weaknesses;
mod why;

pub(crate) use audit::{
    AuditAnswer, AuditFormat, AuditProgress, AuditVerdict, CheckExplanation, CheckList, FailOn,
};
pub(crate) use config_values::ConfigValue;
pub(crate) use cookie_table::CookieTable;
pub(crate) use decoded_cookies::DecodedCookies;
pub(crate) use deleted_cookies::DeletedCookies;
pub(crate) use har::har;
pub(crate) use imported_cookies::ImportedCookies;
pub(crate) use network_document::{NetworkDocument, StatusFacts};
pub(crate) use output::{Output, write_usage};
pub(crate) use profiles::ProfileSummary;
pub(crate) use progress::Bar;
pub(crate) use script::{ScriptFor, script};
pub(crate) use sequence::Drawing;
pub(crate) use server_log::LogFormat;
pub(crate) use sessctl::internal::error_chain;
pub(crate) use sessions::RevokedSessions;
pub(crate) use shell_word::quoted;
pub(crate) use terminal::{ColorChoice, Terminal};
pub(crate) use token_table::TokenTable;
pub(crate) use why::{Explanations, WhyAnswer};
