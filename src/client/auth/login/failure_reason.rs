//! [`FailureReason`]: why a login with a form has no session, in the order of what is certain.

use super::attempt::Attempt;
use super::report::{LoginOutcome, NoSession};
use crate::client::auth::dead_end;
use crate::client::auth::second_factor::{
    asks_for_code, asks_for_step, asks_to_continue, confirming_caption, mentions_consent,
};
use crate::client::auth::vocabulary::{CSRF, REFUSAL, mentions, says_success};
use crate::client::html::form::Form;
use crate::client::http::agent::UserAgent;
use crate::client::http::exchange::Purpose;
use crate::client::http::retry_after::retry_after;
use crate::cookies::{ByteString, Reason, SetAction, is_cross_site};
use http::HeaderMap;

/// What is known about a login without a session.
pub(super) struct FailureReason<'a> {
    pub(super) attempt: &'a Attempt,
    /// The messages of the answer.
    pub(super) messages: &'a [String],
    /// The answer marks an error.
    pub(super) complains: bool,
}

impl FailureReason<'_> {
    /// The answer has an error status, or shows the login form again.
    pub(super) fn of_refusal(&self, agent: &UserAgent) -> LoginOutcome {
        let answer = &self.attempt.answer;
        let says = |words| self.messages.iter().any(|text| mentions(text, words));
        let is_silent = answer.status < 400 && !self.complains && !says(REFUSAL);
        let since = if says(CSRF) { self.attempt.exchanges_at_start } else { self.attempt.exchanges_before };
        match unusable_cookie(agent, since).filter(|_| is_silent || says(CSRF)) {
            Some((name, reason)) => LoginOutcome::CookieRejected { name, reason },
            None if is_silent && self.is_unchanged() => LoginOutcome::ScriptOnly,
            None => LoginOutcome::of_failure(
                answer.status,
                &answer.response,
                self.messages.to_vec(),
                agent.jar().now(),
            ),
        }
    }

    /// All pages ask for a further step.
    pub(super) fn of_step(&self) -> LoginOutcome {
        let page = &self.attempt.answer.page;
        let is_elsewhere = is_cross_site(&self.attempt.asked, &page.url);
        if asks_for_code(page) {
            LoginOutcome::SecondFactor
        } else if asks_to_continue(page, is_elsewhere) && (is_elsewhere || mentions_consent(page)) {
            LoginOutcome::Consent { button: confirming_caption(page) }
        } else {
            LoginOutcome::AnotherStep { messages: self.messages.to_vec() }
        }
    }

    /// No page shows a session. `shows` is what the page of the report shows instead.
    pub(super) fn of_no_session(&self, agent: &UserAgent, shows: NoSession) -> LoginOutcome {
        let answer = &self.attempt.answer;
        let (page, messages) = (&answer.page, self.messages.to_vec());
        let status = answer.response.status.as_u16();
        let is_elsewhere = is_cross_site(&self.attempt.asked, &page.url);
        let asks = asks_for_code(page) || asks_to_continue(page, is_elsewhere) || asks_for_step(page);
        if let Some(headers) = rate_limit(agent, self.attempt.exchanges_before) {
            return LoginOutcome::RateLimited { retry_after: retry_after(&headers, agent.jar().now()) };
        }
        if matches!(shows, NoSession::FailsWithCookies { .. }) {
            return LoginOutcome::NoEvidence { messages, shows };
        }
        if self.attempt.repeats_step() {
            return LoginOutcome::Refused { status: answer.status, messages };
        }
        if status >= 400 && status != 404 {
            return LoginOutcome::of_failure(status, &answer.response, messages, agent.jar().now());
        }
        if self.complains {
            return LoginOutcome::Refused { status: answer.status, messages };
        }
        if let Some((name, reason)) = unusable_cookie(agent, self.attempt.exchanges_before) {
            return LoginOutcome::CookieRejected { name, reason };
        }
        let fails = |text: &String| says_success(text) == Some(false);
        let refuses = dead_end::refuses(page) || messages.iter().chain(&page.headings).any(fails);
        if asks {
            self.of_step()
        } else if refuses {
            LoginOutcome::Refused { status: answer.status, messages }
        } else if is_elsewhere {
            LoginOutcome::AnotherStep { messages }
        } else {
            LoginOutcome::NoEvidence { messages, shows }
        }
    }

    /// Whether the page of a form without an address of its own returned unchanged: a script sends the form elsewhere.
    fn is_unchanged(&self) -> bool {
        let Attempt { form_page, answer, .. } = self.attempt;
        let same_path = |form: &&Form| form.action.path() == form_page.url.path();
        answer.page.texts == form_page.texts
            && answer.page.url.path() == form_page.url.path()
            && form_page.forms.iter().any(|form| same_path(&form))
            && has_script(&answer.response.text())
    }
}

fn has_script(html: &str) -> bool {
    html.to_ascii_lowercase().contains("<script")
}

/// The headers of the first answer that limits the rate, since this number of exchanges.
fn rate_limit(agent: &UserAgent, since: usize) -> Option<HeaderMap> {
    let mut responses = agent.exchanges_since(since).iter().filter_map(|exchange| exchange.response.as_ref());
    Some(responses.find(|response| response.status == 429)?.headers.clone())
}

/// A cookie that the client rejected, or stored and never sent, since this number of exchanges.
fn unusable_cookie(agent: &UserAgent, since: usize) -> Option<(ByteString, Reason)> {
    rejected_cookie(agent, since).or_else(|| unsent_cookie(agent, since))
}

/// The first new cookie, if its path excludes each page that was requested later, and no new cookie was sent to one.
fn unsent_cookie(agent: &UserAgent, since: usize) -> Option<(ByteString, Reason)> {
    let exchanges = agent.exchanges_since(since);
    let mut unsent = None;
    for (index, exchange) in exchanges.iter().enumerate().filter(|(_, it)| it.purpose != Purpose::Probe) {
        let is_new =
            |action: SetAction| matches!(action, SetAction::Stored | SetAction::Replaced { changed: true });
        for set in exchange.set.iter().filter(|set| is_new(set.action)) {
            let later = exchanges[index + 1..].iter().flat_map(|exchange| &exchange.cookies);
            let decisions: Vec<_> = later.filter(|decision| decision.name == set.name).collect();
            if decisions.iter().any(|decision| decision.withheld.is_none()) {
                return None;
            }
            let reason = decisions.first().and_then(|it| it.withheld).filter(|it| *it == Reason::NotOnPath);
            unsent = unsent.or(reason.map(|reason| (set.name.clone(), reason)));
        }
    }
    unsent
}

/// A cookie that the client rejected and did not get in another way, since this number of exchanges.
fn rejected_cookie(agent: &UserAgent, since: usize) -> Option<(ByteString, Reason)> {
    let exchanges = agent.exchanges_since(since).iter().filter(|exchange| exchange.purpose != Purpose::Probe);
    let decisions: Vec<_> = exchanges.flat_map(|exchange| &exchange.set).collect();
    decisions.iter().find_map(|decision| match decision.action {
        SetAction::Rejected(reason) => {
            let is_stored = |other: &&_| matches!(other, SetAction::Stored | SetAction::Replaced { .. });
            let same = decisions.iter().filter(|other| other.name == decision.name);
            let stored = same.map(|other| &other.action).any(|action| is_stored(&action));
            (!stored).then(|| (decision.name.clone(), reason))
        }
        _ => None,
    })
}
