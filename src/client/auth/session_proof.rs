//! [`SessionProof`]: a page that shows for any cookies whether they open a session.

use url::Url;

use super::logout_controls::{LogoutControl, logout_controls, scripted_control};
use super::probe::{Expected, SessionProbe};
use super::snapshot::PageSnapshot;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::{CookieSource, Request};
use crate::client::http::response::Response;
use crate::cookies::Jar;

/// A page that shows for any cookies whether they open a session.
#[derive(Debug)]
pub(crate) struct SessionProof {
    probe: SessionProbe,
    /// The texts that only a client that is logged in gets.
    own_texts: Vec<String>,
    /// The page of a client with an invented session cookie, if it is not that of an anonymous one.
    refused: Option<PageSnapshot>,
    /// The text that only a client that is logged in gets, if the caller gave one.
    text: Option<String>,
}

/// What a page shows about the cookies of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SessionState {
    LoggedIn,
    /// It is the page of an anonymous client, or an error that refuses the client.
    Anonymous,
    /// It shows neither: it has only a part of what a logged-in client gets.
    Unclear,
    /// The server failed, or limits the rate.
    Failed(u16),
}

impl SessionProof {
    /// Compares the page with the agent's cookies with the page of an anonymous client. `None` if it has no difference.
    pub(crate) async fn on(
        agent: &mut UserAgent,
        place: &Url,
        user: Option<&str>,
        text: Option<&str>,
    ) -> Result<Option<SessionProof>, ClientError> {
        let anonymous = agent.jar().empty();
        // The name of the user is the last resort: the proof is also used with the cookies of other users.
        for user in [None, user] {
            let Some(with) = PageSnapshot::with_own_jar(agent, place).await? else { return Ok(None) };
            let expected = Expected { user, any_address: true };
            let probe = SessionProbe::of_page(agent, place, with, &anonymous, expected).await?;
            let Some(probe) = probe else { return Ok(None) };
            if text.is_some() || !probe.differences().is_empty() {
                let (own_texts, text) = (probe.texts_only_with_cookies(), text.map(str::to_owned));
                return Ok(Some(SessionProof { probe, own_texts, refused: None, text }));
            }
        }
        Ok(None)
    }

    /// Learns the page of a client whose session cookie was invented: some applications tell it that its session is over.
    pub(crate) async fn learn_refusal(
        &mut self,
        agent: &mut UserAgent,
        invented: &Jar,
    ) -> Result<(), ClientError> {
        let mut seen = Vec::new();
        for _ in 0..2 {
            let snapshot = PageSnapshot::with_jar(agent, self.place(), invented).await?;
            let Some(snapshot) = snapshot else { return Ok(()) };
            if self.probe.is_over(&snapshot) == Some(true) {
                return Ok(());
            }
            seen.push(snapshot);
        }
        // A page that opens a session with an invented cookie is a finding, and no refusal.
        self.refused = seen.pop().filter(|last| seen == [last.clone()] && !self.has_own_text(last));
        Ok(())
    }

    fn has_own_text(&self, seen: &PageSnapshot) -> bool {
        self.own_texts.iter().any(|text| seen.texts.contains(text))
    }

    /// The page on which a request for it ends, if that is another one of the same site.
    pub(crate) fn end(&self) -> Option<&Url> {
        let end = self.probe.url_with_cookies();
        (end != self.place() && end.origin() == self.place().origin()).then_some(end)
    }

    /// The page.
    pub(crate) fn place(&self) -> &Url {
        &self.probe.place
    }

    /// How the page differs, as a person reads it.
    pub(crate) fn differences(&self) -> Vec<String> {
        match &self.text {
            Some(text) => vec![format!("logged in it contains {text:?}")],
            None => self.probe.differences().iter().map(ToString::to_string).collect(),
        }
    }

    /// Requests the page with the cookies of `jar`, which does not change.
    pub(crate) async fn state_of(
        &self,
        agent: &mut UserAgent,
        jar: &Jar,
    ) -> Result<SessionState, ClientError> {
        let mut request = Request::page(self.place().clone());
        request.cookies = CookieSource::Probe(jar.snapshot());
        self.state_after(agent, request).await
    }

    /// Sends a request for the page, with whatever cookies and headers it has.
    pub(crate) async fn state_after(
        &self,
        agent: &mut UserAgent,
        request: Request,
    ) -> Result<SessionState, ClientError> {
        let asked = request.url.clone();
        let (mut response, page) = match agent.load(request).await {
            Err(error) if error.is_bad_redirect() => return Ok(SessionState::Anonymous),
            loaded => loaded?,
        };
        if response.url == asked {
            // A query or a parameter that the request added is not a redirect.
            response.url = self.place().clone();
        }
        Ok(self.state_on(&response, &page))
    }

    /// What a response for the page shows.
    pub(crate) fn state_on(&self, response: &Response, page: &HtmlPage) -> SessionState {
        let Some(seen) = PageSnapshot::of(response, page) else {
            return SessionState::Failed(response.status.as_u16());
        };
        if let Some(text) = &self.text {
            let has_text = response.text().contains(text.as_str());
            return if has_text { SessionState::LoggedIn } else { SessionState::Anonymous };
        }
        match self.probe.is_over(&seen) {
            // The page of an error has no login form either.
            _ if seen.status >= 400 && self.probe.status_with_cookies() < 400 => SessionState::Anonymous,
            _ if self.refused.as_ref() == Some(&seen) => SessionState::Anonymous,
            Some(true) => SessionState::Anonymous,
            // Only what the anonymous page has is missing: that is true for any other page too.
            Some(false)
                if self.probe.shows_nothing_own()
                    && !self.own_texts.is_empty()
                    && !self.has_own_text(&seen) =>
            {
                SessionState::Unclear
            }
            Some(false) => SessionState::LoggedIn,
            None => SessionState::Unclear,
        }
    }

    /// The request of the page's logout control, as this agent would send it. `None` if it has none.
    pub(crate) async fn logout_request(&self, agent: &mut UserAgent) -> Result<Option<Request>, ClientError> {
        let (_, page) = agent.load(Request::page(self.place().clone())).await?;
        logout_request_on(agent, &page)
    }
}

/// Whether a script of the page logs out.
pub(crate) fn has_scripted_logout(page: &HtmlPage) -> bool {
    scripted_control(page).is_some()
}

/// The request of the logout control of a page.
pub(crate) fn logout_request_on(agent: &UserAgent, page: &HtmlPage) -> Result<Option<Request>, ClientError> {
    let control = logout_controls(page).into_iter().next();
    control.map(|control: LogoutControl| control.request(page, agent.jar())).transpose()
}
