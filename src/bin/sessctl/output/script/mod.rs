//! The requests of a history as a script for another program. Secrets and bodies, which a history does not have, are
//! variables.

mod curl;
mod flow_script;
mod hurl;
mod variables;

use sessctl::client::profile::history::HistoryEntry;

use flow_script::FlowScript;

/// The program that runs a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScriptFor {
    Curl,
    Hurl,
}

/// The script that repeats these entries of a history.
pub(crate) fn script(records: &[(u64, HistoryEntry)], program: ScriptFor) -> String {
    let script = FlowScript::of(records);
    match program {
        ScriptFor::Curl => curl::render(&script),
        ScriptFor::Hurl => hurl::render(&script),
    }
}
