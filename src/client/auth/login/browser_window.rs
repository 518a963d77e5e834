//! Watches a window of a browser in which a person logs in, and compares until a session exists.

use std::time::{Duration, Instant};

use super::attempt::{Attempt, without_fragment};
use super::browser_evidence::judge;
use super::browser_session::{BrowserLogin, TAB};
use super::credentials::Credentials;
use super::error::LoginError;
use super::pending::SentLoginForm;
use super::report::{LoginOutcome, LoginReport};
use super::submission::Answer;
use crate::client::auth::classify::{has_login_form, login_signature};
use crate::client::browser::config::BrowserNotice;
use crate::client::browser::drawn_page::DrawnPage;
use crate::client::browser::error::BrowserError;
use crate::cookies::{Jar, is_cross_site};

/// The time between two comparisons.
const COMPARISON_INTERVAL: Duration = Duration::from_secs(2);

const INTERVAL: Duration = Duration::from_millis(200);

/// What a comparison after the end of the time may still need.
const GRACE: Duration = Duration::from_secs(5);

/// Opens the start page, and waits until the person has logged in there.
pub(super) async fn watch(
    login: &mut BrowserLogin<'_>,
    credentials: &Credentials<'_>,
) -> Result<LoginReport, LoginError> {
    let limit = credentials.browser.window_timeout;
    login.browser.set_deadline(Instant::now() + limit + GRACE);
    match watch_until(login, credentials, Instant::now() + limit).await {
        Err(LoginError::Browser(BrowserError::TimedOut)) => {
            Err(BrowserError::WindowTimedOut { limit }.into())
        }
        Err(LoginError::Browser(BrowserError::Crashed { is_exit: true, .. })) => {
            Err(BrowserError::WindowClosed.into())
        }
        result => result,
    }
}

async fn watch_until(
    login: &mut BrowserLogin<'_>,
    credentials: &Credentials<'_>,
    end: Instant,
) -> Result<LoginReport, LoginError> {
    let mut idle_since = Instant::now();
    let mut form_page = login.open(&login.start.clone()).await?;
    login.record(credentials).await?;
    let (jar_before, first) = (login.agent.jar().snapshot(), login.agent.flow().exchanges.len());
    let mut compared = None;
    credentials.browser.notify(BrowserNotice::WindowOpened);
    loop {
        login.browser.wait(INTERVAL).await?;
        if !login.browser.is_open(TAB).await? {
            return Err(BrowserError::WindowClosed.into());
        }
        if Instant::now() >= end {
            return Err(BrowserError::TimedOut.into());
        }
        if idle_since.elapsed() < COMPARISON_INTERVAL {
            continue;
        }
        login.agent.discount(idle_since);
        idle_since = Instant::now();
        let drawn = login.browser.draw(TAB).await?;
        login.record(credentials).await?;
        let state = (login.cookies.clone(), drawn.page.url.clone(), login.browser.traffic().len());
        let is_elsewhere = is_cross_site(&login.start, &drawn.page.url);
        if has_login_form(&drawn.page) {
            form_page = drawn;
        } else if !is_elsewhere && compared.as_ref() != Some(&state) {
            compared = Some(state);
            let attempt = attempt_of(login, &form_page, drawn, &jar_before, first);
            let report = judge(login, &attempt, credentials).await?;
            if report.outcome == LoginOutcome::LoggedIn {
                return Ok(report);
            }
        }
        login.agent.discount(idle_since);
        idle_since = Instant::now();
    }
}

/// What the person has done so far.
fn attempt_of(
    login: &BrowserLogin<'_>,
    form_page: &DrawnPage,
    drawn: DrawnPage,
    jar_before: &Jar,
    first_exchange: usize,
) -> Attempt {
    let form_page = form_page.page.clone();
    let signature = login_signature(&form_page);
    let status = drawn.response.status.as_u16();
    Attempt {
        asked: without_fragment(&login.start),
        asked_before: None,
        first_page: form_page.url.clone(),
        login_form: SentLoginForm { page: form_page.url.clone(), signature },
        form_page,
        step: None,
        jar_before: jar_before.snapshot(),
        exchanges_before: first_exchange,
        exchanges_at_start: first_exchange,
        answer: Answer { response: drawn.response, page: drawn.page, status, user: None },
        blockers: Vec::new(),
    }
}
