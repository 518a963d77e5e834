//! Commands: arguments in, a call of the library, an answer out.

mod clear_cookies;
mod client;
mod clock;
mod exit;
mod expectations;
mod generated;
mod history;
mod import_cookies;
mod language;
mod login;
mod logout;
mod password_source;
mod profile;
mod profiles;
mod serve;
mod sessions;
mod show_cookies;
mod store;
mod submit;
mod target;
mod tour;
mod users;
mod visit;
mod why;

use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::output::{NetworkDocument, Output};
use exit::Failure;
use sessctl::client::Flow;

/// Runs what was asked for and says how it went.
pub(crate) fn run(cli: Cli) -> ExitCode {
    let mut output = Output::new(&cli.output);
    let client = &cli.client;
    let is_network = matches!(
        cli.command,
        Command::Login(_) | Command::Visit(_) | Command::Submit(_) | Command::Logout(_) | Command::Clock(_)
    );
    let outcome = match cli.command {
        Command::Tour(args) => tour::run(&args, &mut output),
        Command::Serve(args) => serve::run(&args, &mut output),
        Command::Users(args) => users::run(&args, &mut output),
        Command::Sessions(args) => sessions::run(&args, &mut output),
        Command::Clock(args) => clock::run(&args, client, &mut output),
        Command::Login(args) => login::run(args, client, &mut output),
        Command::Visit(args) => visit::run(args, client, &mut output),
        Command::Submit(args) => submit::run(args, client, &mut output),
        Command::Logout(args) => logout::run(&args, client, &mut output),
        Command::Why(args) => why::run(args, client, &mut output),
        Command::ShowCookies(args) => show_cookies::run(&args, client, &mut output),
        Command::ImportCookies(args) => import_cookies::run(&args, client, &mut output),
        Command::Completions(args) => generated::completions(&args, &mut output),
        Command::Man(args) => generated::man(&args, &mut output),
        Command::Profiles(args) => profiles::run(args, &mut output),
        Command::History(args) => history::run(&args, client, &mut output),
        Command::ClearCookies(args) => clear_cookies::run(&args, client, &mut output),
    };
    let code = match outcome {
        Ok(()) => exit::FINE,
        Err(Failure { code, message, hint }) => {
            // A command that failed before its first exchange still answers a machine.
            if is_network && output.owes_json() {
                output.answer_json(&NetworkDocument::new(
                    code,
                    message.clone(),
                    Vec::new(),
                    &Flow::default(),
                ));
            }
            output.error(&message, hint);
            code
        }
    };
    output.finish(code)
}
