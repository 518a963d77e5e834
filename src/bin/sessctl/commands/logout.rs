//! `logout`: by the application's own control; then, did the server end the session?

use sessctl::client::{LogoutOutcome, LogoutReport, logout};

use super::client::{self, Client, Verdict, block_on};
use super::exit::{Failure, NOT_HELD, Outcome};
use super::login::MOST_REDIRECTS;
use super::target;
use crate::cli::{ClientArgs, LogoutArgs};
use crate::output::Output;

pub(super) fn run(args: &LogoutArgs, client_args: &ClientArgs, output: &mut Output) -> Outcome {
    let mut client = Client::open("logout", client_args, MOST_REDIRECTS, None)?;
    let base = client.base(client_args)?;
    let last_page = client.last_login.as_ref().map(|login| login.page.clone());
    let page = match (&args.target, last_page) {
        // A base URL given by hand means its own start page, not where the last login was.
        (None, Some(page)) if client_args.base().is_none() => page,
        (target, _) => target::resolve(target.as_deref(), &base)?,
    };
    let report = block_on(async { Ok(logout(&mut client.agent, &page).await?) });
    output.exchanges(client.agent.flow());
    let saved = client.save(None);
    client::warn_if_unsaved(&report, &saved, output);
    let outcome = report.and_then(|report| {
        saved?;
        judge(&report, output)
    });
    client.conclude(outcome, output)
}

fn judge(report: &LogoutReport, output: &mut Output) -> Result<Verdict, Failure> {
    let mut evidence = vec![format!("used {}", report.control)];
    if report.by_get {
        evidence.push("it logs out by a mere GET: a link or an image of any site can do that".to_owned());
    }
    let names: Vec<String> = report.gone.iter().map(|name| name.to_text().into_owned()).collect();
    if !names.is_empty() {
        evidence.push(format!("left the jar: {}", names.join(", ")));
    }
    let failed = |message: &str, hint| Failure { hint, ..Failure::new(NOT_HELD, message) };
    let outcome = match report.outcome {
        LogoutOutcome::EndedOnServer => {
            let reason = "logged out: the server ended the session; the old cookies open nothing".to_owned();
            if !output.is_json() {
                output.success(&reason);
            }
            Ok(Verdict { reason, evidence: evidence.clone() })
        }
        LogoutOutcome::OnlyCookieGone => Err(failed(
            "only the cookie is gone: the session lives on for whoever still has the old cookies",
            Some("where the session is in the cookie itself (show-cookies --decode), no server can end it"),
        )),
        LogoutOutcome::StillLoggedIn => {
            Err(failed(&format!("still logged in: {} changed nothing", report.control), None))
        }
        _ => {
            let why = format!(
                "{} is the same page with and without the cookies: nothing tells whether a session ended",
                report.page
            );
            Err(failed(&why, None))
        }
    };
    if !output.is_json() {
        for line in &evidence {
            output.info(&format!("  {line}"));
        }
    }
    outcome
}
