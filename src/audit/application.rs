//! [`Application`]: what the first logins showed about the application. All checks build on it.

use http::HeaderMap;

use super::config::AuditConfig;
use super::observation::NotTested;
use super::random::of_same_shape;
use super::refusal::Refusal;
use super::report::SessionFacts;
use super::traffic::{Traffic, is_logged_in};
use crate::client::auth::{FoundLogin, LoginOutcome, SessionProof, login};
use crate::client::http::{Exchange, Request, UserAgent};
use crate::cookies::{ByteString, Jar, Stage, StoredCookie};

/// What the first logins showed about the application.
pub(super) struct Application {
    /// The login.
    pub(super) login: FoundLogin,
    /// The page that shows a session.
    pub(super) proof: SessionProof,
    /// The cookies of the first session.
    pub(super) first: Jar,
    /// The first of the session cookies.
    pub(super) main_cookie: StoredCookie,
    /// The session cookies.
    pub(super) session_cookies: Vec<StoredCookie>,
    /// What they are for.
    pub(super) cookie_use: CookieUse,
    /// The exchanges of the first login, the pages before and after it included.
    pub(super) exchanges: Vec<Exchange>,
    /// What became of a wrong password.
    pub(super) wrong_password: WrongPassword,
}

/// What the session cookies are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CookieUse {
    /// Without each of them, the page that shows the session is anonymous.
    AllNeeded,
    /// Each of them opens a session alone, as a cookie that remembers the user does.
    AnyOpens,
    /// They change with each request, so that a copy proves nothing.
    OneTime,
}

/// What became of a wrong password.
#[derive(Debug, Clone)]
pub(super) enum WrongPassword {
    /// The login asks for no password.
    NotAsked,
    /// It was refused.
    Refused(Refusal),
    /// No wrong password may be sent.
    NotSent,
}

/// Why the checks of an application cannot be run.
pub(super) enum Unusable {
    /// The check with this name has a finding, and no other result would mean anything.
    Finding {
        check: &'static str,
        reason: String,
    },
    /// The login failed, or shows no session.
    NoLogin(String),
    NotTested(NotTested),
}

impl From<NotTested> for Unusable {
    fn from(why: NotTested) -> Self {
        Unusable::NotTested(why)
    }
}

impl Application {
    /// Logs in with a wrong password, and then with the right one.
    pub(super) async fn explore(
        traffic: &mut Traffic,
        config: &AuditConfig,
    ) -> Result<Application, Unusable> {
        let account = &config.account;
        let mut agent = traffic.anonymous();
        let login = traffic
            .run(&mut agent, async |agent: &mut UserAgent| {
                FoundLogin::from(agent, &config.start, &mut account.credentials()).await
            })
            .await?;
        let is_clear = login.page().scheme() == "https" && login.target().scheme() == "http";
        if is_clear && login.has_password() && !agent.allows_insecure_password() {
            let reason = "a page over https sends the password to http, in clear text; it was not sent";
            return Err(Unusable::Finding { check: "clear-text-login", reason: reason.to_owned() });
        }
        let wrong_password = match (login.has_password(), config.max_wrong_passwords) {
            (false, _) => WrongPassword::NotAsked,
            (true, 0) => WrongPassword::NotSent,
            (true, _) => {
                let refusal =
                    Refusal::of(traffic, &login, account, account.user.as_deref(), &mut agent).await?;
                if let Some(failure) = refusal.failure() {
                    return Err(failure.into());
                }
                WrongPassword::Refused(refusal)
            }
        };
        let application = first_login(traffic, config, login, wrong_password).await?;
        if let WrongPassword::Refused(refusal) = &application.wrong_password
            && application.is_live(traffic, &refusal.jar).await?
            && application.is_live(traffic, &refusal.jar).await?
        {
            let reason = "a wrong password opens a session".to_owned();
            return Err(Unusable::Finding { check: "wrong-password", reason });
        }
        Ok(application)
    }

    /// Whether these cookies open a session.
    pub(super) async fn is_live(&self, traffic: &mut Traffic, jar: &Jar) -> Result<bool, NotTested> {
        if self.cookie_use == CookieUse::OneTime {
            let reason = "the token changes with each request, so a copy of the cookies proves nothing";
            return Err(NotTested::control_failed(reason));
        }
        opens(traffic, &self.proof, jar).await
    }

    /// The session cookies in a jar.
    pub(super) fn session_cookies_in(&self, jar: &Jar) -> Vec<StoredCookie> {
        let is_session = |cookie: &StoredCookie| self.session_cookies.iter().any(|it| it.is_same_as(cookie));
        jar.cookies().into_iter().filter(is_session).collect()
    }

    /// The values of the session cookies in a jar.
    pub(super) fn tokens_in(&self, jar: &Jar) -> Vec<ByteString> {
        self.session_cookies_in(jar).into_iter().map(|cookie| cookie.value).collect()
    }

    /// The jar with which a change of this cookie shows: without those that open a session alone.
    pub(super) fn jar_to_change(&self, jar: &Jar, cookie: &StoredCookie) -> Jar {
        let jar = jar.snapshot();
        if self.cookie_use == CookieUse::AnyOpens {
            jar.remove(|it| {
                !it.is_same_as(cookie) && self.session_cookies.iter().any(|own| own.is_same_as(it))
            });
        }
        jar
    }

    /// What a report says about it.
    pub(super) fn facts(&self) -> SessionFacts {
        SessionFacts {
            page: self.proof.place().clone(),
            differences: self.proof.differences(),
            cookies: self.session_cookies.iter().map(|it| it.name.to_text().into_owned()).collect(),
            login: self.login.target().clone(),
        }
    }

    /// Whether the application is reached over https.
    pub(super) fn uses_tls(&self) -> bool {
        self.proof.place().scheme() == "https"
    }
}

/// Whether these cookies open a session on the page of `proof`.
async fn opens(traffic: &mut Traffic, proof: &SessionProof, jar: &Jar) -> Result<bool, NotTested> {
    let mut agent = traffic.anonymous();
    let state = async |agent: &mut UserAgent| proof.state_of(agent, jar).await;
    is_logged_in(traffic.run(&mut agent, state).await?)
}

/// Logs in with the right password, and finds out what shows the session and which cookies it needs.
async fn first_login(
    traffic: &mut Traffic,
    config: &AuditConfig,
    found: FoundLogin,
    wrong_password: WrongPassword,
) -> Result<Application, Unusable> {
    let account = &config.account;
    let from = traffic.trail.len();
    // The checks of responses look at the page of an anonymous client too.
    traffic.load(&mut traffic.anonymous(), Request::page(config.start.clone())).await?;
    let mut fresh = traffic.anonymous();
    traffic.logins += 1;
    let report = traffic
        .run(&mut fresh, async |agent: &mut UserAgent| {
            login(agent, &config.start, account.credentials()).await
        })
        .await?;
    if let LoginOutcome::CookieRejected { name, reason } = &report.outcome {
        let rule = reason.explain(Stage::Storing).rule;
        let reason = format!("browsers refuse the cookie {} of the login: {rule}", name.to_text());
        return Err(Unusable::Finding { check: "cookie-refused-by-browsers", reason });
    }
    if report.outcome != LoginOutcome::LoggedIn {
        return Err(Unusable::NoLogin(no_login(&report.outcome)));
    }
    if !fresh.jar().tokens().is_empty() {
        let reason = "the session is a token in the body of the response; audit tests sessions in cookies";
        return Err(Unusable::NoLogin(reason.to_owned()));
    }
    let text = account.expect_text.as_deref();
    let place = account.judge_by.clone().unwrap_or_else(|| report.page.clone());
    let mut proof = None;
    let mut next = Some(place.clone());
    // A page that redirects costs two requests each time: the page to which it leads shows the session too.
    while let Some(page) = next.take() {
        let find =
            async |agent: &mut UserAgent| SessionProof::on(agent, &page, account.user.as_deref(), text).await;
        let found = traffic.run(&mut fresh, find).await?;
        next = found.as_ref().filter(|_| proof.is_none()).and_then(|found| found.end().cloned());
        proof = found.or(proof);
    }
    let Some(mut proof) = proof else {
        let reason = format!(
            "the login succeeded, but {place} does not differ for anonymous clients: name a page that does, with --judge-by PATH"
        );
        return Err(Unusable::NoLogin(reason));
    };
    let exchanges = traffic.trail[from..].to_vec();
    let first = fresh.jar().snapshot();
    let (session_cookies, cookie_use) = session_cookies(traffic, &proof, &first).await?;
    let Some(main_cookie) = session_cookies.first().cloned() else {
        let reason = "the login succeeded, but no cookie opens the session; audit tests sessions in cookies";
        return Err(Unusable::NoLogin(reason.to_owned()));
    };
    let invented = first.snapshot();
    for cookie in &session_cookies {
        invented.merge([cookie.with_value(of_same_shape(&cookie.value.0)?)]);
    }
    let mut probe = traffic.anonymous();
    let learn = async |agent: &mut UserAgent| proof.learn_refusal(agent, &invented).await;
    traffic.run(&mut probe, learn).await?;
    Ok(Application {
        login: found,
        proof,
        first,
        main_cookie,
        session_cookies,
        cookie_use,
        exchanges,
        wrong_password,
    })
}

/// The cookies that a session needs, and what they are for.
async fn session_cookies(
    traffic: &mut Traffic,
    proof: &SessionProof,
    first: &Jar,
) -> Result<(Vec<StoredCookie>, CookieUse), NotTested> {
    let sent = first.sent_to(proof.place());
    if !(opens(traffic, proof, first).await? && opens(traffic, proof, first).await?) {
        return Ok((sent, CookieUse::OneTime));
    }
    if let [only] = sent.as_slice() {
        return Ok((vec![only.clone()], CookieUse::AllNeeded));
    }
    let mut found = Vec::new();
    for cookie in &sent {
        if !opens(traffic, proof, &without(first, cookie)).await? {
            found.push(cookie.clone());
        }
    }
    if !found.is_empty() {
        return Ok((found, CookieUse::AllNeeded));
    }
    for cookie in &sent {
        let alone = first.empty();
        alone.merge([cookie.clone()]);
        if opens(traffic, proof, &alone).await? {
            found.push(cookie.clone());
        }
    }
    Ok((found, CookieUse::AnyOpens))
}

/// The jar without one cookie.
fn without(jar: &Jar, cookie: &StoredCookie) -> Jar {
    let jar = jar.snapshot();
    jar.remove(|it| it.is_same_as(cookie));
    jar
}

fn no_login(outcome: &LoginOutcome) -> String {
    match outcome {
        LoginOutcome::Refused { status, messages } => {
            let said = messages.first().map(|it| format!(": {it}")).unwrap_or_default();
            format!("the application refused the login with status {status}{said}")
        }
        LoginOutcome::SecondFactor => {
            "the application asks for a second factor: give --totp-secret-file FILE".to_owned()
        }
        LoginOutcome::RateLimited { .. } => "the server limits the rate of logins (429)".to_owned(),
        LoginOutcome::ServerError { status, .. } => format!("the login failed with status {status}"),
        LoginOutcome::ScriptOnly => "a script sends the login form: use --as-json or --as-form".to_owned(),
        LoginOutcome::Captcha => "the application asks for a captcha".to_owned(),
        _ => "no page shows that the login succeeded: name one with --judge-by PATH".to_owned(),
    }
}

/// The headers of an exchange's response.
pub(super) fn headers_of(exchange: &Exchange) -> Option<&HeaderMap> {
    exchange.response.as_ref().map(|response| &response.headers)
}
