//! [`PageSnapshot`]: the properties of a page that depend on whether the client is logged in.

use serde_json::{Value, json};
use url::Url;

use super::classify;
use super::code_form::is_code_form;
use super::dead_end;
use super::evidence::ControlSeen;
use super::login_links::login_links;
use super::logout_controls;
use super::second_factor;
use crate::client::html::blocker::Blocker;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::{CookieSource, Request};
use crate::client::http::response::Response;
use crate::cookies::{Jar, SetAction, SetDecision};

/// The properties of a page that depend on whether the client is logged in. Its bytes are not compared, because they
/// vary between any two requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageSnapshot {
    pub(super) status: u16,
    /// The address after redirects.
    pub(super) url: Url,
    /// The signature of the login form.
    pub(super) login_form: Option<String>,
    /// The logout controls.
    pub(super) logout: Vec<ControlSeen>,
    /// The members of a JSON object that have a value.
    pub(super) members: Vec<String>,
    /// Whether a link leads to a login.
    pub(super) login_link: bool,
    /// All texts.
    pub(super) texts: Vec<String>,
    /// Whether something is marked as an error.
    pub(super) complains: bool,
    /// Whether it has a form for a one-time code and nothing else.
    pub(super) asks_for_code: bool,
    /// Whether it asks for a further step after the password.
    pub(super) asks_for_step: bool,
    /// Whether its words refuse the user, as the page of a locked account does.
    pub(super) refuses: bool,
    /// Whether a script renders it, so that it may be the same page for everyone.
    pub(super) is_script_only: bool,
}

impl PageSnapshot {
    /// The page as it is with the cookies of `jar`, which does not change. `None` if the server fails, limits the rate, or
    /// redirects in a loop.
    pub(super) async fn with_jar(
        agent: &mut UserAgent,
        url: &Url,
        jar: &Jar,
    ) -> Result<Option<PageSnapshot>, ClientError> {
        let mut request = Request::page(url.clone());
        request.cookies = CookieSource::Probe(jar.snapshot());
        Self::take(agent, request).await
    }

    /// The page as it is with the agent's own cookies. If the server renews a cookie, the new value is kept, because some
    /// applications then reject the old one.
    pub(super) async fn with_own_jar(
        agent: &mut UserAgent,
        url: &Url,
    ) -> Result<Option<PageSnapshot>, ClientError> {
        let mut request = Request::page(url.clone());
        let jar = agent.jar().snapshot();
        request.cookies = CookieSource::Probe(jar.clone());
        let before = agent.flow().exchanges.len();
        let snapshot = Self::take(agent, request).await;
        let is_renewed = |decision: &SetDecision| decision.action == (SetAction::Replaced { changed: true });
        if agent.exchanges_since(before).iter().flat_map(|exchange| &exchange.set).any(is_renewed) {
            agent.jar().merge(jar.cookies());
        }
        snapshot
    }

    async fn take(agent: &mut UserAgent, request: Request) -> Result<Option<PageSnapshot>, ClientError> {
        let (response, page) = match agent.load(request).await {
            Err(error) if error.is_bad_redirect() => return Ok(None),
            loaded => loaded?,
        };
        Ok(Self::of(&response, &page))
    }

    /// The properties of a page that was loaded. `None` if the server failed or limited the rate.
    pub(super) fn of(response: &Response, page: &HtmlPage) -> Option<PageSnapshot> {
        let status = response.status.as_u16();
        if status == 429 || status >= 500 {
            return None;
        }
        let login_form = classify::login_signature(page);
        Some(PageSnapshot {
            status,
            logout: logout_controls::controls_seen(page),
            members: members_with_value(response),
            login_link: !login_links(page).is_empty(),
            complains: !page.errors.is_empty(),
            asks_for_code: login_form.is_none() && page.forms.iter().any(|form| is_code_form(page, form)),
            asks_for_step: status < 400
                && login_form.is_none()
                && (second_factor::asks_for_step(page) || second_factor::asks_to_continue(page, false)),
            refuses: dead_end::refuses(page),
            is_script_only: page.blockers.contains(&Blocker::Script),
            login_form,
            texts: page.texts.clone(),
            url: response.url.clone(),
        })
    }

    /// Whether the page proves something about a session. An error proves nothing, except that the page does not exist.
    pub(super) fn is_shown(&self) -> bool {
        self.status < 400 || self.status == 404
    }

    /// Whether the texts contain the name as a whole word.
    pub(super) fn names(&self, user: &str) -> bool {
        let is_edge = |c: Option<char>| !c.is_some_and(char::is_alphanumeric);
        let user = user.to_lowercase();
        self.texts.iter().any(|text| {
            let text = text.to_lowercase();
            text.match_indices(&user).any(|(start, found)| {
                is_edge(text[..start].chars().next_back())
                    && is_edge(text[start + found.len()..].chars().next())
            })
        })
    }
}

/// The members of a JSON object that have a value.
fn members_with_value(response: &Response) -> Vec<String> {
    if !response.content_type().is_some_and(|kind| kind.contains("json")) {
        return Vec::new();
    }
    let Ok(Value::Object(members)) = serde_json::from_slice(&response.body) else { return Vec::new() };
    members.into_iter().filter(|(_, value)| has_value(value)).map(|(name, _)| name).collect()
}

/// Whether a JSON value is not `null`, `false` or empty.
pub(super) fn has_value(value: &Value) -> bool {
    ![Value::Null, Value::Bool(false), json!(""), json!([]), json!({})].contains(value)
}
