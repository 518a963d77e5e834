//! Runs the command of `exec`: forwards signals to it, and waits for it.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use super::session_folder::SessionFolder;
use crate::commands::failure::Failure;
use crate::commands::signals::ForwardedSignals;
use crate::output::Output;

/// Variables with secrets of sessctl, which the command does not need.
const SECRET_VARIABLES: [&str; 3] = ["SESSCTL_PASSWORD", "SESSCTL_SECOND_PASSWORD", "SESSCTL_BASIC_PASSWORD"];

/// The exit codes of env(1) for a command that cannot be run or does not exist.
const CANNOT_RUN: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Runs the command, and returns its exit code.
pub(super) async fn run(
    words: &[OsString],
    folder: &SessionFolder,
    mut signals: ForwardedSignals,
    output: &Output,
) -> Result<u8, Failure> {
    let Some((program, arguments)) = words.split_first() else { return Ok(0) };
    let mut command = tokio::process::Command::new(program);
    command.args(arguments).envs(folder.variables());
    for variable in SECRET_VARIABLES {
        command.env_remove(variable);
    }
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            let (code, why) = match error.kind() {
                ErrorKind::NotFound => (NOT_FOUND, "there is no such command".to_owned()),
                _ => (CANNOT_RUN, error.to_string()),
            };
            output.error(&format!("cannot run {}: {why}", program.display()).into(), None);
            return Ok(code);
        }
    };
    loop {
        tokio::select! {
            status = child.wait() => return status.map(code_of).map_err(Failure::cannot("wait for the command")),
            signal = signals.next() => signal.forward_to(child.id()),
        }
    }
}

/// The code of a shell: 128 and the number of the signal, if a signal ended the command.
fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}
