//! [`LogoutAttempt`]: one use of a logout control, and what this client sees afterwards.

use http::Method;
use url::Url;

use super::requests::{LoadedPage, Look, Requests};
use super::session::{SessionPage, is_same_page};
use crate::client::auth::classify::has_login_form;
use crate::client::auth::evidence::ControlSeen;
use crate::client::auth::logout_controls::{LogoutControl, logout_controls};
use crate::client::html::form::{Control, Filling, Form, FormMethod};
use crate::client::http::error::ClientError;
use crate::client::http::request::Request;
use crate::cookies::{Jar, StoredCookie, is_cross_site};

/// One use of a logout control.
pub(super) struct LogoutAttempt {
    pub(super) control: ControlSeen,
    /// The control that confirmed the logout on the next page.
    pub(super) confirmed: Option<ControlSeen>,
    pub(super) by_get: bool,
    /// The request of the control.
    pub(super) request: Request,
    /// The cookies before it.
    pub(super) old: Jar,
    /// The page on which the logout ended.
    pub(super) end: Url,
    /// What this client sees afterwards.
    pub(super) state: State,
}

/// What a client sees on the page of the session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    LoggedOut,
    /// The page now redirects to this address, which was not requested.
    Redirected(Url),
    LoggedIn,
    /// The page redirects, and the application then logs the client in again.
    LoggedInAgain,
    /// A single sign-on at this host still knows the client.
    SignedOn {
        host: String,
        logs_in_again: bool,
    },
    Unknown,
}

impl LogoutAttempt {
    /// Sends the request of a control, confirms the logout if a page asks for that, and looks at the page of the session.
    pub(super) async fn with(
        requests: &mut Requests<'_>,
        session: Option<&mut SessionPage>,
        control: ControlSeen,
        request: Request,
    ) -> Result<Option<LogoutAttempt>, ClientError> {
        let old = requests.agent.jar().snapshot();
        let Some(answer) = requests.load(request.clone()).await? else { return Ok(None) };
        let mut attempt = LogoutAttempt::new(control, request, old, &answer);
        attempt.go_on(requests, session, answer).await?;
        Ok(Some(attempt))
    }

    pub(super) fn new(
        control: ControlSeen,
        request: Request,
        old: Jar,
        answer: &LoadedPage,
    ) -> LogoutAttempt {
        let (by_get, end) = (request.method == Method::GET, answer.page.url.clone());
        LogoutAttempt { control, confirmed: None, by_get, request, old, end, state: State::Unknown }
    }

    /// Confirms the logout if `answer` asks for that, and looks at the page of the session.
    pub(super) async fn go_on(
        &mut self,
        requests: &mut Requests<'_>,
        session: Option<&mut SessionPage>,
        mut answer: LoadedPage,
    ) -> Result<(), ClientError> {
        let Some(session) = session else {
            self.confirm(requests, &answer, None).await?;
            return Ok(());
        };
        let asks = |answer: &LoadedPage| {
            !is_same_page(&answer.page.url, &session.place)
                && !has_login_form(&answer.page)
                && !logout_controls(&answer.page).is_empty()
        };
        if asks(&answer)
            && let Some(next) = self.confirm(requests, &answer, Some(&session.place)).await?
        {
            self.end = next.page.url.clone();
            answer = next;
        }
        self.state = self.state_after(requests, session, &answer).await?;
        // The page of the session has the control that was used already.
        let is_same_control = answer.page.url == session.place
            && logout_controls(&answer.page).iter().any(|it| it.seen(&answer.page) == self.control);
        if self.state == State::LoggedIn
            && self.confirmed.is_none()
            && !is_same_control
            && let Some(next) = self.confirm(requests, &answer, Some(&session.place)).await?
        {
            self.state = self.state_after(requests, session, &next).await?;
        }
        Ok(())
    }

    /// What this client sees on the page of the session, after `answer`.
    async fn state_after(
        &self,
        requests: &mut Requests<'_>,
        session: &mut SessionPage,
        answer: &LoadedPage,
    ) -> Result<State, ClientError> {
        let state = own_state(requests, session, answer).await?;
        // The redirects of the logout led to another host and back, and the application has a new session.
        let is_other_host = |hop: &&Url| hop.host_str() != session.place.host_str();
        let sign_on = answer.hops.iter().find(is_other_host).filter(|_| !is_other_host(&&answer.page.url));
        let old = self.old.sent_to(&session.place);
        let is_new = |cookie: &StoredCookie| {
            !old.iter().any(|other| other.is_same_as(cookie) && other.value == cookie.value)
        };
        let has_new_session = || requests.agent.jar().sent_to(&session.place).iter().any(is_new);
        Ok(match (state, sign_on) {
            (State::LoggedIn, Some(host)) if has_new_session() => {
                State::SignedOn { host: shown_host(host), logs_in_again: true }
            }
            (state, _) => state,
        })
    }

    /// Confirms the logout on a page of the same site that asks for it: with its logout form or link, else with its only
    /// POST form. Returns the page that answers.
    async fn confirm(
        &mut self,
        requests: &mut Requests<'_>,
        answer: &LoadedPage,
        place: Option<&Url>,
    ) -> Result<Option<LoadedPage>, ClientError> {
        let page = &answer.page;
        if !requests.agent.navigation.is_named(&page.url)
            || place.is_some_and(|it| is_cross_site(it, &page.url))
        {
            return Ok(None); // a hostile page may have led here
        }
        let controls = logout_controls(page);
        let is_form = |control: &&LogoutControl| matches!(control, LogoutControl::Form(..));
        let is_post =
            |form: &&Form| form.method == FormMethod::Post && !form.controls.iter().any(Control::is_text);
        let mut post_forms = page.forms.iter().filter(is_post);
        let control = controls.iter().find(is_form).or(controls.first());
        let jar = requests.agent.jar();
        let (request, seen) = match (control, post_forms.next(), post_forms.next()) {
            (Some(control), ..) => (control.request(page, jar)?, control.seen(page)),
            (None, Some(only), None) if !is_cross_site(&only.page, &only.action) => {
                let filling = Filling::of(Vec::new(), only.default_button());
                (only.request(&filling, page, jar)?, ControlSeen::Form(only.action.path().to_owned()))
            }
            _ => return Ok(None),
        };
        self.by_get = false;
        self.confirmed = Some(seen);
        requests.load(request).await
    }
}

/// What this client sees on the page of the session, after `answer`.
async fn own_state(
    requests: &mut Requests<'_>,
    session: &mut SessionPage,
    answer: &LoadedPage,
) -> Result<State, ClientError> {
    let jar = requests.agent.jar().snapshot();
    if jar.cookies().is_empty() {
        return Ok(State::LoggedOut);
    }
    // The logout often leads to the page itself.
    let is_page = answer.response.method == Method::GET
        && answer.hops.iter().skip(1).any(|hop| is_same_page(hop, &session.place));
    if let Some(look) = answer.look().filter(|_| is_page)
        && session.is_over(requests, &look).await? == Some(true)
    {
        return Ok(State::LoggedOut);
    }
    let is_own = |cookie: &StoredCookie| session.place.host_str() == Some(cookie.domain_name());
    // A single sign-on needs cookies of another host. Without such cookies, the replay shows what the redirect leads to.
    if jar.cookies().iter().all(is_own)
        && let Some(first) = requests.first_hop(&session.place, &jar).await?
    {
        match first.redirect() {
            Some(target) if target.host_str() == session.place.host_str() && !session.led_to(&target) => {
                return Ok(State::Redirected(target));
            }
            None if first.page.refresh.is_none()
                && first.page.self_submitting_form.is_none()
                && first.page.sign_on_form().is_none() =>
            {
                let look = requests.seen(&first);
                return state_in(requests, session, &answer.page.url, &jar, look).await;
            }
            _ => {}
        }
    }
    state_after_redirects(requests, session, &answer.page.url).await
}

/// What this client sees on the page of the session, after all redirects. The logout ended on `end`.
pub(super) async fn state_after_redirects(
    requests: &mut Requests<'_>,
    session: &mut SessionPage,
    end: &Url,
) -> Result<State, ClientError> {
    let jar = requests.agent.jar().snapshot();
    let look = requests.look(&session.place, &jar).await?;
    state_in(requests, session, end, &jar, look).await
}

/// What a look with the cookies of `jar` shows.
async fn state_in(
    requests: &mut Requests<'_>,
    session: &mut SessionPage,
    end: &Url,
    jar: &Jar,
    look: Option<Look>,
) -> Result<State, ClientError> {
    let Some(look) = look else { return Ok(State::Unknown) };
    let is_over = session.is_over(requests, &look).await?;
    let is_elsewhere = |url: &&Url| url.host_str() != session.place.host_str();
    let provider = look.hops.iter().find(is_elsewhere);
    let signed_on = |host: &Url, logs_in_again| State::SignedOn { host: shown_host(host), logs_in_again };
    Ok(match (is_over, provider) {
        (Some(true), _) => State::LoggedOut,
        // A logout that ends at the provider was meant to end its session too, and was not confirmed there.
        (Some(false), Some(host)) => signed_on(host, end.host_str() != host.host_str()),
        (None, Some(host)) if session.is_known_elsewhere(&look) => signed_on(host, false),
        (Some(false), None) if look.hops.len() > session.hops => State::LoggedInAgain,
        (Some(false), None) => {
            // Some applications renew the cookie with each request, and then reject the old one.
            requests.agent.jar().merge(jar.cookies());
            State::LoggedIn
        }
        (None, _) => State::Unknown,
    })
}

/// Host and port, as in a URL.
fn shown_host(url: &Url) -> String {
    url[url::Position::BeforeHost..url::Position::AfterPort].to_owned()
}
