//! `login`: a session by way of the application's own form.

use sessctl::client::{Credentials, Hints, LoginMethod, LoginOutcome, LoginReport, login};
use sessctl::cookies::LastLogin;

use super::client::{self, Client, Verdict, block_on};
use super::exit::{Failure, NOT_HELD, Outcome};
use super::password_source::PasswordSource;
use super::target;
use crate::cli::{ClientArgs, LoginArgs};
use crate::output::Output;

/// As many redirects as browsers follow.
pub(super) const MOST_REDIRECTS: u32 = 20;

pub(super) fn run(args: LoginArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let mut client = Client::open("login", client_args, MOST_REDIRECTS, None)?;
    let base = client.base(client_args)?;
    let start = target::resolve(args.target.as_deref(), &base)?;
    let judge_by = args.judge_by.as_deref().map(|page| target::resolve(Some(page), &start)).transpose()?;
    let explain = args.explain;
    let source = PasswordSource {
        stdin: args.password_stdin,
        file: args.password_file,
        can_prompt: output.can_prompt(),
    };
    let credentials = Credentials {
        user: args.user,
        password: Box::new(|| source.get()),
        expect_text: args.expect_text,
        hints: Hints {
            form: args.form,
            user_field: args.user_field,
            password_field: args.password_field,
            given: args.fields.iter().map(|(name, _)| name.clone()).collect(),
        },
        fields: args.fields,
        judge_by,
        method: if args.as_json { LoginMethod::Json } else { LoginMethod::Form },
    };
    let mut seen = Vec::new();
    let report = block_on(async { Ok(login(&mut client.agent, &start, credentials, &mut seen).await?) });
    output.exchanges(client.agent.flow());
    if explain {
        output.login_trace(&seen);
    }
    let began = report.as_ref().is_ok_and(|report| report.outcome == LoginOutcome::LoggedIn);
    let ended_on = report.as_ref().ok().filter(|_| began).map(|report| report.page.clone());
    let saved = client.save(ended_on.map(|page| LastLogin::new(page, client.agent.jar().now())));
    client::warn_if_unsaved(&report, &saved, output);
    let outcome = report.and_then(|report| {
        saved?;
        judge(report, output)
    });
    client.conclude(outcome, output)
}

fn judge(report: LoginReport, output: &mut Output) -> Result<Verdict, Failure> {
    let evidence: Vec<String> = report.evidence.iter().map(ToString::to_string).collect();
    let blockers: String = report.blockers.iter().map(|it| format!("; note of the page: {it}")).collect();
    match report.outcome {
        LoginOutcome::LoggedIn => {
            let who = report.user.map(|user| format!(" as {user}")).unwrap_or_default();
            let reason = format!("logged in{who} at {}", report.page);
            if !output.is_json() {
                output.success(&reason);
                for line in &evidence {
                    output.info(&format!("  {line}"));
                }
            }
            Ok(Verdict { reason, evidence })
        }
        LoginOutcome::Refused { status, messages } => {
            let said =
                if messages.is_empty() { "it gave no reason".to_owned() } else { messages.join(" / ") };
            let what = if status >= 500 { "the login failed" } else { "login refused" };
            Err(Failure::new(NOT_HELD, format!("{what} (status {status}): {said}{blockers}")))
        }
        LoginOutcome::CodeNeeded => Err(Failure::new(
            NOT_HELD,
            format!(
                "not logged in yet: {} asks for another step, such as a one-time code{blockers}",
                report.page
            ),
        )),
        LoginOutcome::NoEvidence { messages } => {
            if !output.is_json() {
                for line in &evidence {
                    output.info(&format!("  {line}"));
                }
            }
            let said = if messages.is_empty() {
                String::new()
            } else {
                format!("; it says: {}", messages.join(" / "))
            };
            let what = format!(
                "not logged in: {} is the same page without the cookies of this login{said}{blockers}",
                report.page
            );
            let hint = "--judge-by PATH names a page that only somebody who is logged in is shown, --expect-text TEXT what such a page says";
            Err(Failure { code: NOT_HELD, message: what, hint: Some(hint) })
        }
        other => Err(Failure::new(NOT_HELD, format!("not logged in: {other:?}"))),
    }
}
