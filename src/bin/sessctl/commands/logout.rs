//! `logout`: uses the application's own logout control, then checks whether the server ended the session.

use clap::Args;

use sessctl::client::auth::LogoutOutcome;
use sessctl::client::{LogoutReport, logout};

use super::client::{self, Client, Conclusion, MAX_REDIRECTS, block_on};
use super::command::{Command, Context, Group};
use super::exit::Exit;
use super::failure::{Failure, Outcome};
use super::target;
use crate::output::Output;

#[derive(Debug, Args)]
pub(super) struct LogoutArgs {
    /// Page with a logout form or link
    ///
    /// Default: the page on which the last login ended.
    #[arg(value_name = "URL or PATH")]
    target: Option<String>,
}

impl Command for LogoutArgs {
    const NAME: &'static str = "logout";
    const GROUP: Group = Group::Application;
    const ABOUT: &'static str = "Log out, and check whether the server ended the session";
    const DETAILS: Option<&'static str> = Some(
        "Log out: find the logout form or link and use it. Then replay the old cookies, to check whether the server ended \
         the session or only the cookie was deleted.",
    );
    const EXAMPLES: &'static str = "  \
  sessctl logout                                 where the last login ended
  sessctl logout https://app.test/account        with the control on this page";
    const SENDS_REQUESTS: bool = true;

    fn run(self, context: &Context, output: &mut Output) -> Outcome {
        let mut client = Client::open("logout", &context.client, MAX_REDIRECTS, None)?;
        let base = context.client.base_url(client.last_login.as_ref())?;
        let last_page = client.last_login.as_ref().map(|login| login.page.clone());
        let page = match (&self.target, last_page) {
            // --url means its own start page, not the page of the last login.
            (None, Some(page)) if context.client.base().is_none() => page,
            (target, _) => target::resolve(target.as_deref(), &base)?,
        };
        let report = block_on(async { Ok(logout(&mut client.agent, &page).await?) });
        output.exchanges(&client.agent);
        let saved = client.save(None);
        client::warn_if_unsaved(&report, &saved, output);
        let outcome = report.and_then(|report| {
            saved?;
            verdict(&report, output)
        });
        client.conclude(outcome, output)
    }
}

/// What the report means for the user.
fn verdict(report: &LogoutReport, output: &mut Output) -> Result<Conclusion, Failure> {
    let mut evidence = vec![format!("used {}", report.control)];
    if report.by_get {
        evidence
            .push("it logs out with a GET request: a link or an image on any site can do that".to_owned());
    }
    let names: Vec<String> = report.removed.iter().map(|name| name.to_text().into_owned()).collect();
    if !names.is_empty() {
        evidence.push(format!("deleted from the jar: {}", names.join(", ")));
    }
    let outcome = match report.outcome {
        LogoutOutcome::EndedOnServer => {
            let reason =
                "logged out: the server ended the session; the old cookies no longer work".to_owned();
            output.success(&reason);
            Ok(Conclusion { reason, evidence: evidence.clone() })
        }
        LogoutOutcome::OnlyCookieGone => Err(Failure::new(
            Exit::Unmet,
            "only the cookie was deleted: the session is still alive for anyone who has the old cookies",
        )
        .with_hint(
            "if the cookie itself contains the session (show-cookies --decode), no server can end it",
        )),
        LogoutOutcome::StillLoggedIn => {
            Err(Failure::new(Exit::Unmet, format!("still logged in: {} changed nothing", report.control)))
        }
        _ => Err(Failure::new(
            Exit::Unmet,
            format!(
                "cannot tell whether the session ended: {} is the same page with and without the cookies",
                report.page
            ),
        )),
    };
    output.evidence(&evidence);
    outcome
}
