//! Logs in with a browser, for pages that only scripts draw. The browser shows the pages and fills in their forms. The
//! classifier, the steps and the evidence are those of a login with a form.

use std::pin::Pin;

use url::Url;

use super::browser_evidence::judge;
use super::browser_session::BrowserLogin;
use super::browser_window;
use super::credentials::Credentials;
use super::error::LoginError;
use super::report::LoginReport;
use crate::client::auth::trace::TraceStep;
use crate::client::browser::browser::Browser;
use crate::client::browser::config::BrowserMode;
use crate::client::browser::error::BrowserError;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::{ClientError, host_and_port};

/// Logs in with a browser, starting at `start`. The jar of the agent gets the cookies of the browser.
///
/// The type of the future is erased: that of the functions around it would be too deep for the compiler.
pub(super) fn login<'a>(
    agent: &'a mut UserAgent,
    start: &'a Url,
    credentials: &'a mut Credentials<'_>,
    trace: &'a mut Vec<TraceStep>,
) -> Pin<Box<dyn Future<Output = Result<LoginReport, LoginError>> + Send + 'a>> {
    Box::pin(run(agent, start, credentials, trace))
}

async fn run(
    agent: &mut UserAgent,
    start: &Url,
    credentials: &mut Credentials<'_>,
    trace: &mut Vec<TraceStep>,
) -> Result<LoginReport, LoginError> {
    let deadline = agent.start_time_limit();
    let work = async {
        let browser = Browser::start(&credentials.browser, &agent.config.transport, deadline).await?;
        let (start, cookies) = (start.clone(), Vec::new());
        let mut login =
            BrowserLogin { agent, browser, start, trace, recorded: 0, cookies, left_out: Vec::new() };
        match credentials.browser.mode {
            BrowserMode::Window => browser_window::watch(&mut login, credentials).await,
            BrowserMode::Headless => {
                let attempt = login.attempt(credentials).await?;
                judge(&mut login, &attempt, credentials).await
            }
        }
    };
    let result = work.await;
    result.map_err(|error| match error {
        LoginError::Browser(BrowserError::TimedOut) => timed_out(agent, start).into(),
        error => error,
    })
}

fn timed_out(agent: &UserAgent, start: &Url) -> ClientError {
    let doing = "the login in the browser at";
    ClientError::TimedOut { doing, host: host_and_port(start), limit: agent.config.timeout }
}
