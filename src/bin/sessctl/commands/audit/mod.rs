//! `audit`: tests the session handling of an application.

mod args;
mod assessment;
mod baseline;
mod check_name;
mod clock_command;
mod repeat;
mod settings;

use std::time::Duration;

use sessctl::audit::{Audit, AuditReport};
use sessctl::client::{Request, UserAgent};
use sessctl::cookies::Jar;
use sessctl::internal::{Masking, Redactor};

use super::client::{agent_config, block_on};
use super::command::{Command, Context, Group};
use super::failure::{Failure, Outcome};
use super::signals::stop_signal;
use crate::output::{AuditFormat, AuditProgress, CheckExplanation, CheckList, Output};
use crate::texts::Message;
pub(super) use args::AuditArgs;
use assessment::assess;
use baseline::Baseline;
pub(super) use check_name::LIST_TIP;
use repeat::Repeat;
use settings::AuditSettings;

/// How long the logouts may take after a signal.
const LOGOUT_TIMEOUT: Duration = Duration::from_secs(5);

impl Command for AuditArgs {
    const NAME: &'static str = "audit";
    const GROUP: Group = Group::Application;
    const ABOUT: &'static str = "Test an application's session handling";
    const DETAILS: Option<&'static str> = Some(
        "Test an application's session handling: log in and out, replay old cookies, change tokens, and compare what the \
         pages show. Use a test account of an application that you may test. The jar, the profile and the history are \
         neither read nor changed.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl audit --user alice                     `sessctl serve`
  sessctl audit https://app.test/ --user ci --authorized
  sessctl audit --user ci --passive              one login and one logout
  sessctl audit --user ci --format sarif -o audit.sarif
  sessctl audit --user ci --baseline known.json  only new findings fail
  sessctl audit --list                           the checks
  sessctl audit --explain cookie-secure          what it does, how to fix it";
    const SENDS_REQUESTS: bool = true;
    const READS_CONFIG: bool = false;
    const WITHOUT_EFFECT: &'static [&'static str] = &["profile", "jar"];

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        if let Some(check) = self.explain {
            output.print(&CheckExplanation(check));
            return Ok(());
        }
        if self.list {
            output.print(&CheckList(self.checks()?));
            return Ok(());
        }
        let format = self.format(output)?;
        let known = self.report.baseline.as_deref().map(Baseline::read).transpose()?;
        let start = self.credentials.start(&context.client.base_url(None)?)?;
        self.check_authorization(&start)?;
        let AuditSettings { config, passwords } = self.settings(&start, output)?;
        let new_baseline = self.report.write_baseline.as_deref().map(baseline::open).transpose()?;
        let report_file = self.report.output.as_deref().map(baseline::open).transpose()?;
        let mut agent = UserAgent::new(agent_config(&context.client), Jar::new());
        self.credentials.apply(&mut agent, &start, output)?;
        let mut audit = Audit::new(&agent, config);
        let progress = output.shows_progress().then(|| AuditProgress::new(audit.check_count()));
        if let Some(progress) = &progress {
            audit.on_check(progress.listener());
        }
        let waits_for = context.client.wait.map(|_| Request::page(start));
        let report = block_on(run(audit, agent, waits_for))?;
        if let Some(progress) = progress {
            progress.finish();
        }
        if let Some(file) = new_baseline {
            Baseline::of(&report, known.as_ref()).write(file)?;
        }
        let redactor = redactor(&report, &passwords, output.reveals())?;
        let repeat = Repeat::new(&self, &context.client, &report, &redactor);
        let repeat = report.results.iter().map(|result| repeat.commands(result)).collect();
        let (answer, outcome) = assess(report, known, self.report.fail_on.0, repeat);
        let answer = answer.masked(&redactor);
        let cannot = || Failure::cannot("write the report");
        match report_file {
            Some(file) => {
                let document = output.audit_document(&answer, format).map_err(cannot())?;
                baseline::replace(file, document.as_bytes())?;
            }
            None => output.audit_report(&answer, format).map_err(cannot())?,
        }
        outcome
    }
}

impl AuditArgs {
    fn format(&self, output: &Output) -> Result<AuditFormat, Failure> {
        match (self.report.format, output.is_json()) {
            (None | Some(AuditFormat::Json), true) => Ok(AuditFormat::Json),
            (Some(format), false) => Ok(format),
            (None, false) => Ok(AuditFormat::Text),
            (Some(_), true) => {
                let message = "--json is --format json: give only one of them";
                Err(Failure::usage(Message::new("error-audit-format", message)))
            }
        }
    }
}

/// Runs the audit until it is done or a signal arrives, and ends its sessions.
async fn run(
    mut audit: Audit,
    mut agent: UserAgent,
    waits_for: Option<Request>,
) -> Result<AuditReport, Failure> {
    let stop = stop_signal()?;
    let work = async {
        if let Some(request) = waits_for {
            // The audit reports a server that does not answer.
            let _ = agent.send(request).await;
        }
        audit.run().await;
    };
    let is_interrupted = tokio::select! {
        () = work => false,
        () = stop => true,
    };
    // It sees only the signals from now on.
    let stop = stop_signal()?;
    let limit = if is_interrupted { LOGOUT_TIMEOUT } else { Duration::MAX };
    tokio::select! {
        _ = tokio::time::timeout(limit, audit.end_sessions()) => {}
        () = stop => {}
    }
    Ok(audit.into_report())
}

/// Masks what the report may not show: passwords always, tokens unless they are to be shown.
fn redactor(report: &AuditReport, passwords: &[String], reveals: bool) -> Result<Redactor, Failure> {
    let mut key = [0; 16];
    getrandom::fill(&mut key).map_err(Failure::cannot("get random bytes"))?;
    let masking = if reveals { Masking::Revealed } else { Masking::Hashed(key) };
    let mut redactor = Redactor::new(masking);
    passwords.iter().for_each(|password| redactor.learn_password(password));
    for token in &report.tokens {
        redactor.learn_cookies("cookie", &format!("token={}", token.value.to_text()));
    }
    Ok(redactor)
}
