//! [`SessionCheck`]: whether `login --if-needed` has nothing to do.

use url::Url;

use sessctl::client::UserAgent;
use sessctl::client::auth::{LoginState, StatusHints, StatusReport, status};

use super::client::Client;
use super::credential_args::CredentialArgs;
use super::failure::{Failure, Outcome};
use super::status::{hints, logged_in, page_to_judge};
use crate::output::Output;

/// Looks for a session before a login.
pub(super) struct SessionCheck {
    page: Url,
    hints: StatusHints,
    /// The user who wants to log in.
    user: Option<String>,
    /// The user of the last login.
    last_user: Option<String>,
}

impl SessionCheck {
    /// Looks for a session of the site at which a login would start.
    pub(super) fn of(args: &CredentialArgs, start: &Url, client: &Client) -> Result<Self, Failure> {
        let last_login = client.last_login.as_ref().filter(|login| login.page.origin() == start.origin());
        let page = page_to_judge(args.judge_by(start)?, start, last_login);
        let hints = hints(args.user.as_deref(), args.expect_text.clone(), &page, last_login);
        let last_user = last_login.and_then(|login| login.user.clone());
        Ok(SessionCheck { page, hints, user: args.user.clone(), last_user })
    }

    /// The session, if the jar has one that is not of another user.
    pub(super) async fn find_session(self, agent: &mut UserAgent) -> Result<Option<StatusReport>, Failure> {
        let report = status(agent, &self.page, self.hints).await?;
        // A page may show another name of the user than the one of the login.
        let is_other = self.user.is_some_and(|user| {
            let (shown, last) = (report.user.as_deref(), self.last_user.as_deref());
            let is_named = [shown, last].into_iter().flatten().any(|name| name.eq_ignore_ascii_case(&user));
            !is_named && (shown.is_some() || last.is_some())
        });
        Ok((report.state == LoginState::LoggedIn && !is_other).then_some(report))
    }
}

/// Reports that there is a session already.
pub(super) fn conclude(report: &StatusReport, client: &Client, output: &mut Output) -> Outcome {
    let conclusion = client.save(None).map(|()| logged_in(report, "already logged in"));
    if let Ok(conclusion) = &conclusion {
        output.success(&conclusion.reason);
        output.evidence(&conclusion.evidence);
    }
    client.conclude(conclusion, output)
}
