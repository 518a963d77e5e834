//! The `sessctl` binary.
#![allow(missing_docs, reason = "a binary has no public items")]

mod app;
mod commands;
mod json;
mod output;
mod texts;
mod tour;

use std::process::ExitCode;

fn main() -> ExitCode {
    commands::dispatch::run()
}
