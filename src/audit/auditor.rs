//! [`Auditor`]: what checks use: logins and logouts within the limits, and the decision whether cookies open a session.

use std::rc::Rc;
use std::time::Duration;

use super::application::{Application, CookieUse};
use super::config::{AuditAccount, AuditConfig};
use super::logout_request::LogoutRequest;
use super::observation::{NotTested, Observation};
use super::pre_login::PreLogin;
use super::quiet_logout::QuietLogout;
use super::refusal::Refusal;
use super::traffic::Traffic;
use crate::client::Credentials;
use crate::client::auth::{
    FoundLogin, LoginAnswer, LogoutReport, SessionProof, SessionState, logout_after_login,
};
use crate::client::html::page::HtmlPage;
use crate::client::http::{Request, Response, UserAgent};
use crate::cookies::{ByteString, Jar, StoredCookie};

/// What checks use: logins and logouts within the limits, and the decision whether cookies open a session.
pub(super) struct Auditor<'a> {
    pub(super) config: &'a mut AuditConfig,
    pub(super) app: &'a Application,
    pub(super) traffic: &'a mut Traffic,
    pub(super) state: &'a mut AuditState,
}

/// What the checks before this one have used and seen.
#[derive(Default)]
pub(super) struct AuditState {
    pub(super) wrong_passwords: usize,
    /// How many of them were sent since the last long pause.
    pub(super) wrong_passwords_in_a_row: usize,
    /// The cookies of each session that was opened.
    pub(super) sessions: Vec<Jar>,
    /// The session cookies of each login of a client that had none, for the check of their randomness.
    pub(super) tokens: Vec<Vec<StoredCookie>>,
    /// What is known about the request that logs out.
    pub(super) logout: LogoutRequest,
    /// The fastest answer to a right login.
    pub(super) fastest_login: Option<Duration>,
    /// What a login with a wrong password gets from a client that has a session.
    pub(super) refusal_in_session: Option<Refusal>,
    /// What two checks look at: logins with cookies from before, and a logout.
    pub(super) pre_login: Option<Rc<PreLogin>>,
    pub(super) quiet_logout: Option<Rc<QuietLogout>>,
}

impl Auditor<'_> {
    /// A client with a session: a new one, or the first one if there must be no other login.
    pub(super) async fn session(&mut self) -> Result<UserAgent, NotTested> {
        match self.config.passive {
            true => Ok(self.traffic.agent(self.app.first.snapshot())),
            false => self.log_in().await,
        }
    }

    /// Logs in with an empty jar. The client that is returned has a session.
    pub(super) async fn log_in(&mut self) -> Result<UserAgent, NotTested> {
        self.log_in_with(self.traffic.empty_jar()).await
    }

    /// Logs in with these cookies. The client that is returned has a session.
    pub(super) async fn log_in_with(&mut self, jar: Jar) -> Result<UserAgent, NotTested> {
        let is_fresh = self.app.session_cookies_in(&jar).is_empty();
        let mut agent = self.traffic.agent(jar);
        let found = self.find_login(&mut agent).await?;
        let answer = self.submit_login(&mut agent, &found).await?;
        if is_fresh {
            self.state.tokens.push(self.app.session_cookies_in(agent.jar()));
        }
        if !self.is_shown_live(&agent, &answer).await? {
            let reason =
                format!("a login that worked before no longer opens a session (status {})", answer.status);
            return Err(NotTested::target_failed(reason));
        }
        Ok(agent)
    }

    /// Loads the page with the login form.
    pub(super) async fn find_login(&mut self, agent: &mut UserAgent) -> Result<FoundLogin, NotTested> {
        let (page, account) = (self.app.login.page(), &self.config.account);
        let find =
            async |agent: &mut UserAgent| FoundLogin::from(agent, page, &mut account.credentials()).await;
        self.traffic.run(agent, find).await
    }

    /// Submits a login with the right password, whatever becomes of it.
    pub(super) async fn submit_login(
        &mut self,
        agent: &mut UserAgent,
        found: &FoundLogin,
    ) -> Result<LoginAnswer, NotTested> {
        let credentials = self.config.account.credentials();
        let sent = self.traffic.trail.len();
        let answer = submit(self.traffic, agent, found, credentials).await?;
        let time = self.traffic.trail.get(sent).map(|exchange| exchange.elapsed);
        self.state.fastest_login = [self.state.fastest_login, time].into_iter().flatten().min();
        self.opened(agent.jar());
        Ok(answer)
    }

    /// Logs in with another account, whatever becomes of it.
    pub(super) async fn submit_login_of(
        &mut self,
        account: &AuditAccount,
    ) -> Result<(UserAgent, LoginAnswer), NotTested> {
        let mut agent = self.traffic.anonymous();
        let found = self.find_login(&mut agent).await?;
        let answer = submit(self.traffic, &mut agent, &found, account.credentials()).await?;
        self.opened(agent.jar());
        Ok((agent, answer))
    }

    /// Remembers a session, to end it at the end and to compare its token with others.
    pub(super) fn opened(&mut self, jar: &Jar) {
        if !self.app.session_cookies_in(jar).is_empty() {
            self.state.sessions.push(jar.snapshot());
            self.traffic.reserve_for(self.state.sessions.len());
        }
    }

    /// Forgets all sessions but this one: the user ended the others.
    pub(super) fn closed_all_but(&mut self, jar: &Jar) {
        self.keep_sessions(jar, |is_this| is_this);
    }

    /// Forgets a session that has ended.
    pub(super) fn closed(&mut self, jar: &Jar) {
        self.keep_sessions(jar, |is_this| !is_this);
    }

    /// Keeps the sessions for which `is_kept` says so. It is told whether they have the tokens of `jar`.
    fn keep_sessions(&mut self, jar: &Jar, is_kept: impl Fn(bool) -> bool) {
        let (app, tokens) = (self.app, self.tokens_in(jar));
        self.state.sessions.retain(|it| is_kept(app.tokens_in(it) == tokens));
        self.traffic.reserve_for(self.state.sessions.len());
    }

    /// The tokens in a jar: the values of its session cookies.
    pub(super) fn tokens_in(&self, jar: &Jar) -> Vec<ByteString> {
        self.app.tokens_in(jar)
    }

    /// Whether a login opened a session. Its answer often shows that already.
    async fn is_shown_live(&mut self, agent: &UserAgent, answer: &LoginAnswer) -> Result<bool, NotTested> {
        let is_place = answer.response.url == *self.app.proof.place();
        if is_place && self.app.proof.state_on(&answer.response, &answer.page) == SessionState::LoggedIn {
            return Ok(true);
        }
        self.is_live(agent.jar()).await
    }

    /// Whether these cookies open a session. They do not change.
    pub(super) async fn is_live(&mut self, jar: &Jar) -> Result<bool, NotTested> {
        self.app.is_live(self.traffic, jar).await
    }

    /// Whether these cookies open a session, for a finding that they do: it must be seen twice.
    pub(super) async fn still_opens(&mut self, jar: &Jar) -> Result<bool, NotTested> {
        self.confirmed(jar, true).await
    }

    /// Whether these cookies open no session any more, for a finding that they do not: it must be seen twice.
    pub(super) async fn is_ended(&mut self, jar: &Jar) -> Result<bool, NotTested> {
        self.confirmed(jar, false).await
    }

    async fn confirmed(&mut self, jar: &Jar, is_live: bool) -> Result<bool, NotTested> {
        if self.is_live(jar).await? != is_live {
            return Ok(false);
        }
        match self.is_live(jar).await? == is_live {
            true => Ok(true),
            false => Err(NotTested::control_failed("two equal requests gave different results")),
        }
    }

    /// What the page that shows the session shows for a request with other headers or another address.
    pub(super) async fn state_after(&mut self, request: Request) -> Result<SessionState, NotTested> {
        let (mut agent, proof) = (self.traffic.anonymous(), &self.app.proof);
        self.traffic
            .run(&mut agent, async |agent: &mut UserAgent| proof.state_after(agent, request).await)
            .await
    }

    /// Logs out with the control of the application. The report tells what became of the session.
    pub(super) async fn log_out(&mut self, agent: &mut UserAgent) -> Result<LogoutReport, NotTested> {
        let place = self.app.proof.place();
        let work = async |agent: &mut UserAgent| logout_after_login(agent, place, None).await;
        self.traffic.run(agent, work).await
    }

    /// The request with which this client would log out. `None`: the page that shows the session has no control.
    pub(super) async fn logout_request(
        &mut self,
        agent: &mut UserAgent,
    ) -> Result<Option<Request>, NotTested> {
        if let LogoutRequest::Same(known) = &self.state.logout {
            return Ok(Some(known.clone()));
        }
        let proof = &self.app.proof;
        let find = async |agent: &mut UserAgent| proof.logout_request(agent).await;
        let on_page = self.traffic.run(agent, find).await?;
        // Without a control on the page, a common path may log out.
        let known = self.state.quiet_logout.as_ref().and_then(|it| it.path_request.clone());
        let request = on_page.or(known);
        if let Some(request) = &request {
            self.learn_logout(request);
        }
        Ok(request)
    }

    /// Learns from the logout request of one more session which of its fields are tokens.
    pub(super) fn learn_logout(&mut self, request: &Request) {
        self.state.logout = std::mem::take(&mut self.state.logout).with(request);
        if let LogoutRequest::Same(_) = self.state.logout {
            self.traffic.requests_of_logout = 1;
        }
    }

    /// Counts a wrong password.
    pub(super) fn count_wrong_password(&mut self) {
        self.state.wrong_passwords += 1;
        self.state.wrong_passwords_in_a_row += 1;
    }

    /// How many wrong passwords may still be sent.
    pub(super) fn wrong_passwords_left(&self) -> usize {
        self.config.max_wrong_passwords.saturating_sub(self.state.wrong_passwords)
    }

    /// Sends a request and parses the page.
    pub(super) async fn load(
        &mut self,
        agent: &mut UserAgent,
        request: Request,
    ) -> Result<(Response, HtmlPage), NotTested> {
        self.traffic.load(agent, request).await
    }

    /// The second account, and the page that shows its session, after a login with it.
    pub(super) async fn log_in_as(
        &mut self,
        account: &AuditAccount,
    ) -> Result<(UserAgent, SessionProof), NotTested> {
        let (mut agent, _) = self.submit_login_of(account).await?;
        let place = self.app.proof.place();
        let proof =
            async |agent: &mut UserAgent| SessionProof::on(agent, place, account.user.as_deref(), None).await;
        match self.traffic.run(&mut agent, proof).await? {
            Some(proof) => Ok((agent, proof)),
            None => {
                let user = account.user.as_deref().unwrap_or("the account");
                Err(NotTested::control_failed(format!("the login of {user} opened no session")))
            }
        }
    }

    /// What is to be said about each session cookie.
    pub(super) fn per_session_cookie(&self, look: impl Fn(&StoredCookie) -> Observation) -> Vec<Observation> {
        let seen = match self.app.cookie_use {
            CookieUse::AllNeeded => "it is anonymous without the cookie",
            CookieUse::AnyOpens => "the cookie alone opens a session",
            CookieUse::OneTime => "the cookie is sent to it",
        };
        let cookies = self.app.session_cookies.iter();
        cookies.map(|cookie| look(cookie).cookie(&cookie.name).control(seen)).collect()
    }
}

async fn submit(
    traffic: &mut Traffic,
    agent: &mut UserAgent,
    found: &FoundLogin,
    credentials: Credentials<'_>,
) -> Result<LoginAnswer, NotTested> {
    traffic.logins += 1;
    traffic.run(agent, async |agent: &mut UserAgent| found.submit(agent, credentials).await).await
}
