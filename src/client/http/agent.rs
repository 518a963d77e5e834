//! [`UserAgent`]: sends requests with the jar's cookies, follows redirects, and records what happened.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION, PROXY_AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode, Version};
use url::Url;

use super::charset;
use super::error::{ClientError, host_and_port, is_closed_unanswered};
use super::exchange::{Exchange, Flow, HIDDEN, Purpose, ReceivedResponse, SentRequest};
use super::request::{Cookies, Request};
use super::transport::{Transport, TransportConfig};
use crate::client::secrets::Secrets;
use crate::cookies::Jar;

/// A server may have closed a connection that was not used for this long.
const STALE: Duration = Duration::from_secs(1);

/// A cookie value shorter than this is a word that may stand in any URL.
const LONG_ENOUGH: usize = 8;

/// How long to wait between tries while a connection is refused.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// The rules of one command.
#[derive(Debug, Clone)]
pub struct AgentConfig {
    /// How to reach servers.
    pub transport: TransportConfig,
    /// How long everything may take together, from the first connection on.
    pub timeout: Duration,
    /// How long to keep trying while the first connection is refused.
    pub wait: Duration,
    /// How many octets a body may have, packed and unpacked.
    pub max_body: u64,
    /// How many redirects to follow; `0`: none, and a redirect is a response like any other.
    pub max_redirects: u32,
    /// Hears how much of a body has come, of how much if that is known.
    pub progress: Option<Progress>,
}

/// Hears of progress: octets received, and how many they will be if that is known.
#[derive(Clone)]
pub struct Progress(pub Arc<dyn Fn(u64, Option<u64>) + Send + Sync>);

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

impl Default for AgentConfig {
    fn default() -> Self {
        AgentConfig {
            transport: TransportConfig::default(),
            timeout: Duration::from_secs(30),
            wait: Duration::ZERO,
            max_body: 64 * 1024 * 1024,
            max_redirects: 20,
            progress: None,
        }
    }
}

/// A response with its body, at the end of its redirects.
#[derive(Debug, Clone)]
pub struct Response {
    /// Where it is from, after redirects; with the fragment.
    pub url: Url,
    /// The method of the request that it answers.
    pub method: http::Method,
    /// The version of HTTP that it is in.
    pub version: Version,
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, unpacked.
    pub body: Vec<u8>,
}

impl Response {
    /// The body as text, in the encoding that its header or the page names.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        charset::decode(&self.headers, &self.body)
    }
}

/// A client with a jar, a deadline and a memory of what it did.
#[derive(Debug)]
pub struct UserAgent {
    pub(crate) config: AgentConfig,
    jar: Jar,
    transport: Transport,
    /// When its time is over; `None` before the first request.
    deadline: Option<Instant>,
    connected: bool,
    /// Hosts and ports that have answered, and may have kept the connection.
    kept: HashSet<String>,
    /// The purpose of an exchange that is not a probe.
    step: Purpose,
    pub(crate) secrets: Secrets,
    pub(crate) flow: Flow,
}

impl UserAgent {
    /// A client that has done nothing yet. Its time begins with its first request.
    #[must_use]
    pub fn new(config: AgentConfig, jar: Jar) -> Self {
        let transport = Transport::new(config.transport.clone());
        UserAgent {
            config,
            jar,
            transport,
            deadline: None,
            connected: false,
            kept: HashSet::new(),
            step: Purpose::Step,
            secrets: Secrets::default(),
            flow: Flow::default(),
        }
    }

    /// What was sent and received so far.
    #[must_use]
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The jar that it uses.
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

    /// When its time is over.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline.unwrap_or_else(|| Instant::now() + self.config.timeout)
    }

    /// Does something that may take a person's time, which does not count. If it does, connections are made anew
    /// afterwards.
    pub fn pause<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        self.deadline = self.deadline.map(|deadline| deadline + started.elapsed());
        if started.elapsed() > STALE {
            self.transport.disconnect();
        }
        result
    }

    /// Does something that may not take longer than this; `None`: it did.
    pub(crate) async fn at_most<T>(
        &mut self,
        limit: Duration,
        work: impl AsyncFnOnce(&mut UserAgent) -> T,
    ) -> Option<T> {
        tokio::time::timeout(limit, work(self)).await.ok()
    }

    /// Makes a value one that the flow never shows.
    pub(crate) fn hide(&mut self, value: &str) {
        self.secrets.add(value);
    }

    /// Whether a URL holds no secret: no password, and no value of a cookie, which some applications write into URLs
    /// until they have seen it come back.
    pub(crate) fn may_show(&self, url: &Url) -> bool {
        let cookies = self.jar.cookies();
        let values = cookies.iter().filter_map(|cookie| std::str::from_utf8(&cookie.value.0).ok());
        let holds = |value: &str| value.len() >= LONG_ENOUGH && url.as_str().contains(value);
        self.secrets.hidden_in_url(url) == *url && !values.into_iter().any(holds)
    }

    /// A URL without the secrets.
    pub(crate) fn hidden_in_url(&self, url: &Url) -> Url {
        self.secrets.hidden_in_url(url)
    }

    /// A text without the secrets.
    pub(crate) fn hidden_in_text(&self, text: &str) -> String {
        self.secrets.hidden_in_text(text)
    }

    /// Sends a request and follows its redirects. Each hop is an exchange of its own in the flow.
    ///
    /// # Errors
    /// [`ClientError`], when there is no whole response in the end. Exchanges and cookies up to there are kept.
    pub async fn send(&mut self, mut request: Request) -> Result<Response, ClientError> {
        request.settle_credentials()?;
        self.deadline.get_or_insert_with(|| Instant::now() + self.config.timeout);
        let mut followed = 0;
        loop {
            let response = self.exchange(&request).await?;
            let Some(location) = redirect_of(&response) else {
                return self.read_whole(response, request).await;
            };
            if self.config.max_redirects == 0 {
                return self.read_whole(response, request).await;
            }
            let target =
                target_of(&request.url, location).map_err(|(target, why)| ClientError::BadRedirect {
                    url: Box::new(self.secrets.hidden_in_url(&request.url)),
                    target: self.secrets.hidden_in_text(&target),
                    why,
                })?;
            if followed == self.config.max_redirects {
                let target = self.secrets.hidden_in_url(&target).to_string();
                return Err(ClientError::TooManyRedirects { limit: followed, target });
            }
            followed += 1;
            let status = response.status();
            self.read_if_small(response).await;
            request = request.redirected(status, target);
        }
    }

    /// One request, one response up to its headers.
    async fn exchange(&mut self, request: &Request) -> Result<reqwest::Response, ClientError> {
        if !matches!(request.url.scheme(), "http" | "https") {
            let why = format!("{} is not an http or https URL", self.secrets.hidden_in_url(&request.url));
            return Err(ClientError::BadRequest(why));
        }
        let client = self.transport.client_for(&request.url)?;
        let (jar, purpose) = match &request.cookies {
            Cookies::Jar => (self.jar.clone(), self.step),
            Cookies::Probe(jar) => (jar.clone(), Purpose::Probe),
        };
        let (cookie, decisions) = jar.cookies_for(&request.url);
        let headers = request.full_headers(cookie)?;
        self.flow.exchanges.push(Exchange {
            purpose,
            started: jar.now(),
            request: self.as_shown(request, &headers),
            response: None,
            cookies: decisions,
            set: Vec::new(),
            elapsed: Duration::ZERO,
        });
        let (sent, elapsed) = self.transmit(&client, request, &headers).await;
        let lines = sent.iter().flat_map(|response| response.headers().get_all(SET_COOKIE));
        let set = jar.receive(&request.url, lines.map(HeaderValue::as_bytes));
        if let Some(exchange) = self.flow.exchanges.last_mut() {
            exchange.elapsed = elapsed;
            exchange.set = set;
            exchange.response = sent.as_ref().ok().map(|response| ReceivedResponse {
                version: response.version(),
                status: response.status(),
                headers: self.secrets.hidden_in_headers(response.headers()),
                body_size: 0,
            });
        }
        sent
    }

    /// Sends one request; again while nobody listens yet, and there is time to wait; and once more when it went out
    /// on a kept connection that the server was about to close (RFC 9112 §9.3.1).
    async fn transmit(
        &mut self,
        client: &reqwest::Client,
        request: &Request,
        headers: &HeaderMap,
    ) -> (Result<reqwest::Response, ClientError>, Duration) {
        let started = Instant::now();
        let body = request.body.as_ref().map(|body| Bytes::from(body.octets.clone()));
        // A kept connection that was closed meanwhile is noticed by whoever drives it, if it is given its turn.
        tokio::task::yield_now().await;
        loop {
            let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
            *outgoing.headers_mut() = headers.clone();
            *outgoing.body_mut() = body.clone().map(Into::into);
            let sent_at = Instant::now();
            let sent = within(self.deadline(), client.execute(outgoing)).await;
            let failure = match sent {
                Some(Ok(response)) => {
                    self.connected = true;
                    self.kept.insert(host_and_port(&request.url));
                    return (Ok(response), sent_at.elapsed());
                }
                Some(Err(error))
                    if is_closed_unanswered(&error) && self.kept.remove(&host_and_port(&request.url)) =>
                {
                    continue;
                }
                Some(Err(error)) => ClientError::from_transport(
                    &error,
                    self.config.transport.proxy.as_ref().unwrap_or(&request.url),
                ),
                None => self.timed_out(&request.url),
            };
            let may_wait = !self.connected && started.elapsed() < self.config.wait;
            if !(may_wait && matches!(failure, ClientError::Refused { .. })) {
                return (Err(failure), sent_at.elapsed());
            }
            tokio::time::sleep(RETRY_PAUSE).await;
            self.deadline = Some(Instant::now() + self.config.timeout);
        }
    }

    fn as_shown(&self, request: &Request, headers: &HeaderMap) -> SentRequest {
        let hidden = |name: &http::HeaderName, value: &HeaderValue| {
            let secret = *name == AUTHORIZATION || *name == PROXY_AUTHORIZATION;
            let value = if secret { HeaderValue::from_static(HIDDEN) } else { self.secrets.hidden_in(value) };
            (name.clone(), value)
        };
        let mut shown: Vec<_> = headers.iter().map(|(name, value)| hidden(name, value)).collect();
        // The one header that the transport adds: to a proxy that wants to know who asks.
        let proxy = self.config.transport.proxy.as_ref().filter(|proxy| !proxy.username().is_empty());
        if proxy.is_some() && request.url.scheme() == "http" {
            shown.push((PROXY_AUTHORIZATION, HeaderValue::from_static(HIDDEN)));
        }
        SentRequest {
            method: request.method.clone(),
            url: self.secrets.hidden_in_url(&request.url),
            headers: shown,
            body_size: request.body.as_ref().map_or(0, |body| body.octets.len() as u64),
        }
    }

    pub(crate) fn timed_out(&self, url: &Url) -> ClientError {
        let doing = format!("the exchange with {}", host_and_port(url));
        ClientError::TimedOut { doing, limit: self.config.timeout }
    }
}

/// The result of `work`, or `None` when the deadline comes first.
pub(crate) async fn within<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout_at(deadline.into(), work).await.ok()
}

/// Where a response redirects to, if it does.
fn redirect_of(response: &reqwest::Response) -> Option<&HeaderValue> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    response.headers().get(LOCATION).filter(|_| redirects)
}

/// The URL that `Location` names, as browsers read it: octets that are not ASCII count as UTF-8, the fragment
/// of the request is kept where there is no other. Otherwise what it says and what is wrong with it.
fn target_of(url: &Url, location: &HeaderValue) -> Result<Url, (String, String)> {
    let text = String::from_utf8_lossy(location.as_bytes());
    let mut target = url.join(&text).map_err(|error| (text.to_string(), error.to_string()))?;
    if !matches!(target.scheme(), "http" | "https") {
        return Err((text.to_string(), format!("{}: is no web address", target.scheme())));
    }
    if target.fragment().is_none() {
        target.set_fragment(url.fragment());
    }
    // User information in a redirect is a trick to fool readers of the URL.
    let _ = target.set_username("");
    let _ = target.set_password(None);
    Ok(target)
}
