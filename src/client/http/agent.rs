//! [`UserAgent`]: sends requests with the jar's cookies, follows redirects, and records what happened.

use std::collections::HashSet;
use std::future::Future;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{PROXY_AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use percent_encoding::percent_decode_str;
use url::{Origin, Url};

use super::agent_config::AgentConfig;
use super::basic_auth::{BasicAuth, BasicSource};
use super::error::{ClientError, host_and_port, is_closed_unanswered};
use super::exchange::{Exchange, Flow, Purpose, ReceivedResponse, SentRequest};
use super::navigation::Navigation;
use super::readiness::Readiness;
use super::redirect::{redirect_of, target_of};
use super::request::{CookieSource, Request};
use super::response::Response;
use super::token_keeper::TokenKeeper;
use super::transport::Transport;
use crate::cookies::Jar;
use crate::redact::{HIDDEN, Masking, Redactor};

/// A connection that was idle for longer is replaced: the server may have closed it.
const MAX_CONNECTION_IDLE: Duration = Duration::from_secs(1);

/// Limits of the caller are cut to a hundred years: a later addition to a clock must not overflow.
const MAX_LIMIT: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// An HTTP client with a cookie jar, a deadline and a record of its exchanges.
///
/// ```no_run
/// use sessctl::client::{AgentConfig, Request, UserAgent};
/// use sessctl::cookies::Jar;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let mut agent = UserAgent::new(AgentConfig::default(), Jar::new());
/// let response = agent.send(Request::page("http://127.0.0.1:8000/".parse()?)).await?;
/// println!("{}: {} exchanges", response.status, agent.flow().exchanges.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UserAgent {
    pub(crate) config: AgentConfig,
    jar: Jar,
    pub(super) transport: Transport,
    /// The end of the time limit. `None` before the first request.
    pub(super) deadline: Option<Instant>,
    pub(super) wait: Readiness,
    /// Hosts and ports that have responded: their connections may be reused.
    reusable: HashSet<String>,
    /// The purpose of the exchanges that use the jar.
    step: Purpose,
    pub(crate) navigation: Navigation,
    /// The addresses on other sites than the one named that received a password.
    pub(super) password_targets: Vec<Url>,
    pub(super) allows_insecure_password: bool,
    /// Headers of the caller, and the only origin that gets them.
    pub(super) origin_headers: Option<(Origin, HeaderMap)>,
    pub(super) basic: Vec<BasicAuth>,
    /// Credentials that are not used before their origin asks for them.
    pub(super) basic_source: Option<BasicSource>,
    pub(super) tokens: TokenKeeper,
    /// Knows the passwords that were sent: the flow never shows them.
    pub(crate) redactor: Redactor,
    pub(crate) flow: Flow,
}

impl UserAgent {
    /// A new client. The time limit starts with its first request.
    ///
    /// ```
    /// use std::time::Duration;
    /// # use sessctl::{client::{AgentConfig, UserAgent}, cookies::Jar};
    ///
    /// let mut config = AgentConfig::default();
    /// config.timeout = Duration::from_secs(5);
    /// config.max_redirects = 0;
    /// let agent = UserAgent::new(config, Jar::new());
    /// # drop(agent);
    /// ```
    #[must_use]
    pub fn new(mut config: AgentConfig, jar: Jar) -> Self {
        for limit in [&mut config.timeout, &mut config.wait, &mut config.delay] {
            *limit = MAX_LIMIT.min(*limit);
        }
        let transport = Transport::new(config.transport.clone());
        let mut redactor = Redactor::new(Masking::Revealed);
        if let Some(password) = config.transport.proxy.as_ref().and_then(Url::password) {
            redactor.learn_password(&percent_decode_str(password).decode_utf8_lossy());
        }
        UserAgent {
            config,
            jar,
            transport,
            deadline: None,
            wait: Readiness::default(),
            reusable: HashSet::new(),
            step: Purpose::Step,
            origin_headers: None,
            basic: Vec::new(),
            basic_source: None,
            tokens: TokenKeeper::default(),
            navigation: Navigation::default(),
            password_targets: Vec::new(),
            allows_insecure_password: false,
            redactor,
            flow: Flow::default(),
        }
    }

    /// All exchanges so far.
    ///
    /// ```
    /// # use sessctl::client::{Request, UserAgent};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = axum::Router::new().route("/old", axum::routing::get(|| async { axum::response::Redirect::to("/new") }));
    /// let mut agent = UserAgent::for_service(app); // its page /old redirects to /new
    /// agent.send(Request::page("http://app.test/old".parse()?)).await?;
    /// let paths: Vec<&str> = agent.flow().exchanges.iter().map(|exchange| exchange.request.url.path()).collect();
    /// assert_eq!(paths, ["/old", "/new"]);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The exchanges after the first `count`.
    pub(crate) fn exchanges_since(&self, count: usize) -> &[Exchange] {
        self.flow.exchanges.get(count..).unwrap_or_default()
    }

    /// The jar.
    ///
    /// ```
    /// # use sessctl::client::{Request, UserAgent};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = axum::Router::new().route("/", axum::routing::get(|| async { [("set-cookie", "theme=dark")] }));
    /// let mut agent = UserAgent::for_service(app); // its page sets a cookie
    /// agent.send(Request::page("http://app.test/".parse()?)).await?;
    /// assert_eq!(agent.jar().cookies()[0].value.0, b"dark");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn jar(&self) -> &Jar {
        &self.jar
    }

    /// Runs `work` with an empty jar, then restores the jar of before. Returns the result and the jar that `work` filled.
    pub(crate) async fn with_fresh_jar<T>(
        &mut self,
        work: impl AsyncFnOnce(&mut UserAgent) -> T,
    ) -> (T, Jar) {
        let fresh = self.jar.empty();
        let jar = std::mem::replace(&mut self.jar, fresh);
        self.step = Purpose::Fresh;
        let result = work(self).await;
        self.step = Purpose::Step;
        (result, std::mem::replace(&mut self.jar, jar))
    }

    /// The end of the time limit.
    ///
    /// ```
    /// # use sessctl::client::UserAgent;
    /// fn has_time(agent: &UserAgent) -> bool {
    ///     agent.deadline() > std::time::Instant::now()
    /// }
    /// ```
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline.unwrap_or_else(|| Instant::now() + self.config.timeout)
    }

    /// Runs work that waits for a person. Its time does not count. If it takes long, new connections are opened
    /// afterwards.
    ///
    /// ```
    /// # use sessctl::client::UserAgent;
    /// fn ask(agent: &mut UserAgent) -> std::io::Result<String> {
    ///     agent.pause(|| std::io::read_to_string(std::io::stdin()))
    /// }
    /// ```
    pub fn pause<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        self.deadline = self.deadline.map(|deadline| deadline + started.elapsed());
        if started.elapsed() > MAX_CONNECTION_IDLE {
            self.transport.disconnect();
        }
        result
    }

    /// Sends a request and follows redirects. Each hop is a separate exchange in the flow.
    ///
    /// ```
    /// # use sessctl::client::{Request, UserAgent};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = axum::Router::new().route("/cart", axum::routing::post(|body: String| async move { body }));
    /// let mut agent = UserAgent::for_service(app); // it answers with the body that it gets
    /// let response = agent.send(Request::form("http://app.test/cart".parse()?, [("item", "a pen")])).await?;
    /// assert_eq!((response.status.as_u16(), response.text().as_ref()), (200, "item=a+pen"));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ClientError`] if no complete response was received. The exchanges and cookies up to that point are kept.
    pub async fn send(&mut self, mut request: Request) -> Result<Response, ClientError> {
        self.move_credentials(&mut request)?;
        self.learn_passwords(&request);
        self.deadline.get_or_insert_with(|| Instant::now() + self.config.timeout);
        self.start_to_wait();
        self.delay_form(&request).await;
        let initiator = self.navigation.initiator_of(&request);
        let mut trail = self.navigation.trail_of(&request);
        let (mut followed, mut is_renewed) = (0, false);
        loop {
            self.check_secrets_of(&request, trail)?;
            self.navigation.arrived(&request.url, trail);
            self.renew_expired_token(&request, &mut is_renewed).await?;
            let response = self.exchange(&request, initiator.as_ref()).await?;
            let (status, headers) = (response.status(), response.headers());
            if self.answers(&request, status, headers)?
                || self.asks_again(&request, status, headers).await
                || self.renew_refused_token(&request, status, &mut is_renewed).await?
            {
                self.read_if_small(response).await;
                continue;
            }
            let Some(location) = redirect_of(&response) else {
                return self.read_whole(response, request).await;
            };
            if self.config.max_redirects == 0 {
                return self.read_whole(response, request).await;
            }
            let target =
                target_of(&request.url, location).map_err(|(target, why)| ClientError::BadRedirect {
                    url: Box::new(self.redactor.url(&request.url)),
                    target: self.redactor.text(&target).into_owned(),
                    why,
                })?;
            if !self.config.allows(&target) {
                return self.read_whole(response, request).await;
            }
            if followed == self.config.max_redirects || self.requests_left() == 0 {
                let target = self.redactor.url(&target).to_string();
                return Err(ClientError::TooManyRedirects { limit: followed, target });
            }
            followed += 1;
            self.read_if_small(response).await;
            trail = self.navigation.extended(trail, &request.url, &target);
            request = request.redirected(status, target);
        }
    }

    /// Sends one request and reads the headers of its response.
    pub(super) async fn exchange(
        &mut self,
        request: &Request,
        initiator: Option<&Url>,
    ) -> Result<reqwest::Response, ClientError> {
        if !matches!(request.url.scheme(), "http" | "https") {
            let why = format!("{} is not an http or https URL", self.redactor.url(&request.url));
            return Err(ClientError::BadRequest(why));
        }
        if !self.config.allows(&request.url) {
            let url = self.redactor.url(&request.url);
            return Err(ClientError::BadRequest(format!("{url} is on an origin that the login did not use")));
        }
        if self.config.for_audit {
            if self.requests_left() == 0 {
                return Err(ClientError::BadRequest("no request is left".to_owned()));
            }
            self.deadline = Some(Instant::now() + self.config.timeout);
        }
        let client = self.transport.client_for(&request.url)?;
        let purpose = match &request.cookies {
            CookieSource::Probe(_) => Purpose::Probe,
            CookieSource::Jar | CookieSource::None => self.step,
        };
        let jar = self.jar_of(request);
        let context = request.context(initiator);
        let (cookie, mut decisions) = jar.cookies_for_request(&request.url, &context);
        let request_sent = self.with_origin_headers(request, &jar);
        decisions
            .retain(|decision| decision.withheld.is_some() || !request_sent.has_own_cookie(&decision.name.0));
        let headers = request_sent.full_headers(cookie)?;
        self.flow.exchanges.push(Exchange {
            purpose,
            started: jar.now(),
            request: self.as_shown(request, &headers),
            response: None,
            cookies: decisions,
            set: Vec::new(),
            elapsed: Duration::ZERO,
        });
        let (sent, elapsed) = self.transmit(client, request, &headers).await;
        let lines = sent.iter().flat_map(|response| response.headers().get_all(SET_COOKIE));
        let set = jar.receive_for(&request.url, &context, lines.map(HeaderValue::as_bytes));
        if let Some(exchange) = self.flow.exchanges.last_mut() {
            exchange.elapsed = elapsed;
            exchange.set = set;
            exchange.response = sent.as_ref().ok().map(|response| ReceivedResponse {
                version: response.version(),
                status: response.status(),
                headers: self.redactor.headers(response.headers()).collect(),
                body_size: 0,
                body: Bytes::new(),
            });
        }
        sent
    }

    /// Sends one request. Retries while there is no connection and `--wait` allows it, and once if the server closed a
    /// reused connection (RFC 9112 §9.3.1).
    async fn transmit(
        &mut self,
        client: Option<reqwest::Client>,
        request: &Request,
        headers: &HeaderMap,
    ) -> (Result<reqwest::Response, ClientError>, Duration) {
        let body = request.body.as_ref().map(|body| Bytes::from(body.bytes.clone()));
        let Some(client) = client else { return self.call_service(request, headers, body).await };
        // Let the connection's task run, so that it notices a connection that the server has closed.
        tokio::task::yield_now().await;
        loop {
            let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
            *outgoing.headers_mut() = headers.clone();
            *outgoing.body_mut() = body.clone().map(Into::into);
            let sent_at = Instant::now();
            let sent = within(self.deadline(), client.execute(outgoing)).await;
            let failure = match sent {
                Some(Ok(response)) => {
                    self.reusable.insert(host_and_port(&request.url));
                    return (Ok(response), sent_at.elapsed());
                }
                Some(Err(error))
                    if is_closed_unanswered(&error) && self.reusable.remove(&host_and_port(&request.url)) =>
                {
                    continue;
                }
                Some(Err(error)) if self.may_try_again(request, &error).await => {
                    self.deadline = Some(Instant::now() + self.config.timeout);
                    continue;
                }
                Some(Err(error)) => ClientError::from_transport(
                    &error,
                    self.config.transport.proxy.as_ref().unwrap_or(&request.url),
                ),
                None => self.timed_out(&request.url),
            };
            return (Err(failure), sent_at.elapsed());
        }
    }

    fn as_shown(&self, request: &Request, headers: &HeaderMap) -> SentRequest {
        let mut shown: Vec<_> = self.redactor.headers(headers).collect();
        for ((_, shown), sent) in shown.iter_mut().zip(headers.values()).filter(|(_, it)| it.is_sensitive()) {
            if shown == sent {
                *shown = HeaderValue::from_static(HIDDEN);
            }
        }
        // The transport adds this header for a proxy with credentials.
        let proxy = self.config.transport.proxy.as_ref().filter(|proxy| !proxy.username().is_empty());
        if proxy.is_some() && request.url.scheme() == "http" {
            shown.push((PROXY_AUTHORIZATION, HeaderValue::from_static(HIDDEN)));
        }
        request.sent(self.redactor.url(&request.url), shown)
    }

    pub(crate) fn timed_out(&self, url: &Url) -> ClientError {
        let host = host_and_port(url);
        ClientError::TimedOut { doing: "the request to", host, limit: self.config.timeout }
    }
}

/// The result of `work`. `None` if the deadline is reached first.
pub(crate) async fn within<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout_at(deadline.into(), work).await.ok()
}
