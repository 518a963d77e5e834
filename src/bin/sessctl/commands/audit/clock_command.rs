//! Advances the clock of the application with a command of the user.

use std::process::{Command, Stdio};
use std::time::Duration;

use sessctl::audit::ClockControl;

/// Variables with secrets, which the command does not get.
const SECRETS: &[&str] = &["SESSCTL_PASSWORD", "SESSCTL_SECOND_PASSWORD", "SESSCTL_BASIC_PASSWORD"];

/// Runs `template` in a shell, with the number of seconds in place of `{}`.
pub(super) fn clock_control(template: String) -> ClockControl {
    Box::new(move |by| run(&template, by))
}

fn run(template: &str, by: Duration) -> Result<(), String> {
    let line = template.replace("{}", &by.as_secs_f64().to_string());
    let mut command = Command::new("sh");
    command.arg("-c").arg(&line).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    for name in SECRETS {
        command.env_remove(name);
    }
    let done = command.output().map_err(|error| format!("cannot run `{line}`: {error}"))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr);
    let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it printed no error");
    Err(format!("`{line}` failed ({}): {last}", done.status))
}
