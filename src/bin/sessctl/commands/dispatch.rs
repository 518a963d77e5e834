//! Runs the command that the command line names.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use sessctl::client::Flow;

use super::command::Context;
use super::command_line::{CommandLine, describe};
use super::config::load;
use super::config::settings::Settings;
use super::exit::Exit;
use super::failure::Failure;
use super::localized_help;
use crate::output::NetworkDocument;

/// Runs the command of this process and reports how it ended.
pub(crate) fn run() -> ExitCode {
    report_file_size_limit();
    let words: Vec<OsString> = std::env::args_os().collect();
    let parsed = CommandLine::parse(words.iter().cloned());
    let CommandLine { output, mut client, entry, matches } =
        parsed.unwrap_or_else(|error| localized_help::exit(error, words));
    let mut output = output.output();
    let settings = if entry.reads_config { load(&client.profile) } else { Ok(Settings::default()) };
    let outcome = match settings {
        Ok(settings) => {
            client.configure(&settings);
            (entry.run)(&matches, &Context { client, settings, describe }, &mut output)
        }
        Err(failure) => Ok(Err(failure)),
    };
    let exit = match outcome.unwrap_or_else(|error| error.exit()) {
        Ok(()) => Exit::Success,
        Err(Failure { exit, kind, message, hint }) => {
            // A command that failed before its first exchange still prints its verdict.
            if entry.sends_requests && output.owes_json() {
                let (reason, flow) = (output.masked(message.english()).into_owned(), Flow::default());
                let kind = Some(kind.to_string());
                output.answer_json(&NetworkDocument::new(exit.code(), kind, reason, Vec::new(), &flow));
            }
            output.error(&message, hint.as_ref());
            exit
        }
    };
    output.finish(exit.code())
}

/// Makes a write beyond the limit on the size of a file an error: without a handler, SIGXFSZ kills the process.
fn report_file_size_limit() {
    const SIGXFSZ: i32 = 25;
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}
