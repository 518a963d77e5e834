//! The commands, each in its own file: arguments, what it does, its answer.

mod clear_cookies;
mod client;
mod client_options;
mod client_state;
mod clock;
mod command;
mod command_line;
mod completions;
mod diagnostic;
mod exit;
mod expectations;
mod failure;
mod file_size_limit;
mod history;
mod import_cookies;
mod localized_help;
mod login;
mod logout;
mod man;
mod options;
mod password_source;
mod profiles;
mod serve;
mod sessions;
mod show_cookies;
mod status_pattern;
mod store;
mod store_address;
mod submit;
mod target;
mod tour;
mod usage_error;
mod users;
mod value_parsers;
mod visit;
mod why;

use std::ffi::OsString;
use std::process::ExitCode;

use sessctl::client::Flow;

use crate::output::NetworkDocument;
use command::Context;
use command_line::{CommandLine, describe};
use exit::Exit;
use failure::Failure;

/// Runs the command of this process and reports how it ended.
pub(crate) fn run() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let parsed = CommandLine::parse(words.iter().cloned());
    let CommandLine { output, client, entry, matches } =
        parsed.unwrap_or_else(|error| localized_help::exit(error, words));
    let mut output = output.output();
    let outcome = (entry.run)(&matches, &Context { client, describe }, &mut output);
    let exit = match outcome.unwrap_or_else(|error| error.exit()) {
        Ok(()) => Exit::Success,
        Err(Failure { exit, message, hint }) => {
            // A command that failed before its first exchange still prints its verdict.
            if entry.prints_verdict && output.owes_json() {
                let flow = Flow::default();
                output.answer_json(&NetworkDocument::new(
                    exit.code(),
                    output.masked(&message).into_owned(),
                    Vec::new(),
                    &flow,
                ));
            }
            output.error(&message, hint.as_deref());
            exit
        }
    };
    output.finish(exit.code())
}
