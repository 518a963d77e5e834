//! [`UserAgent`]: sends requests with the jar's cookies, follows redirects, and records what happened.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, CONTENT_LENGTH, LOCATION, PROXY_AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use url::Url;

use super::charset;
use super::decode::{self, DecodeError};
use super::error::{ClientError, host_and_port};
use super::flow::{Exchange, Flow, HIDDEN, Purpose, ReceivedResponse, SentRequest};
use super::html::Page;
use super::jar::Jar;
use super::request::{Cookies, Request};
use super::secrets::Secrets;
use super::transport::{Transport, TransportConfig};

/// How long to wait between tries while a connection is refused.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// A body smaller than this is read from a redirect, so that its connection can be used again; and needs no
/// thread of its own to be unpacked or parsed.
const SMALL_BODY: usize = 64 * 1024;

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
    config: AgentConfig,
    jar: Jar,
    transport: Transport,
    /// When its time is over; `None` before the first request.
    deadline: Option<Instant>,
    connected: bool,
    secrets: Secrets,
    flow: Flow,
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

    /// Uses another jar from now on, and hands back the one before.
    pub(super) fn exchange_jar(&mut self, jar: Jar) -> Jar {
        std::mem::replace(&mut self.jar, jar)
    }

    /// When its time is over.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline.unwrap_or_else(|| Instant::now() + self.config.timeout)
    }

    /// Does something that takes a person's time, which does not count. Connections are made anew afterwards.
    pub fn pause<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        self.deadline = self.deadline.map(|deadline| deadline + started.elapsed());
        self.transport.disconnect();
        result
    }

    /// Makes a value one that the flow never shows.
    pub(super) fn hide(&mut self, value: &str) {
        self.secrets.add(value);
    }

    /// Whether a URL holds no secret.
    pub(super) fn may_show(&self, url: &Url) -> bool {
        self.secrets.hidden_in_url(url) == *url
    }

    /// A text without the secrets.
    pub(super) fn hidden_in_text(&self, text: &str) -> String {
        self.secrets.hidden_in_text(text)
    }

    /// The page in a response. A page may be made to be parsed for ever: the deadline holds here too.
    pub(super) async fn parse(&self, response: &Response) -> Result<Page, ClientError> {
        if response.body.len() < SMALL_BODY {
            return Ok(Page::of(response));
        }
        let (page, url) = (response.clone(), response.url.clone());
        self.compute(move || Page::of(&page), &url).await
    }

    /// Work that may take the processor long, on a thread of its own, which nobody waits for beyond the
    /// deadline.
    async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
        url: &Url,
    ) -> Result<T, ClientError> {
        let done = within(self.deadline(), tokio::task::spawn_blocking(work)).await;
        let doing = || format!("reading what {} sent", host_and_port(url));
        match done {
            Some(Ok(result)) => Ok(result),
            Some(Err(_)) | None => Err(ClientError::TimedOut { doing: doing(), limit: self.config.timeout }),
        }
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
                    target,
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
            Cookies::Jar => (self.jar.clone(), Purpose::Step),
            Cookies::Control(jar) => (jar.clone(), Purpose::Control),
        };
        let (cookie, decisions) = jar.cookies_for(&request.url);
        let headers = request.full_headers(cookie)?;
        self.flow.exchanges.push(Exchange {
            purpose,
            request: self.as_shown(request, &headers),
            response: None,
            cookies: decisions,
            set: Vec::new(),
            elapsed: Duration::ZERO,
        });
        let sent_at = Instant::now();
        let sent = self.transmit(&client, request, &headers).await;
        let lines = sent.iter().flat_map(|response| response.headers().get_all(SET_COOKIE));
        let set = jar.receive(&request.url, lines.map(HeaderValue::as_bytes));
        if let Some(exchange) = self.flow.exchanges.last_mut() {
            exchange.elapsed = sent_at.elapsed();
            exchange.set = set;
            exchange.response = sent.as_ref().ok().map(|response| ReceivedResponse {
                status: response.status(),
                headers: self.secrets.hidden_in_headers(response.headers()),
                body_size: 0,
            });
        }
        sent
    }

    /// Sends one request; while nobody listens yet, and there is time to wait, again.
    async fn transmit(
        &mut self,
        client: &reqwest::Client,
        request: &Request,
        headers: &HeaderMap,
    ) -> Result<reqwest::Response, ClientError> {
        let started = Instant::now();
        loop {
            let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
            *outgoing.headers_mut() = headers.clone();
            *outgoing.body_mut() = request.body.as_ref().map(|body| body.octets.clone().into());
            let sent = within(self.deadline(), client.execute(outgoing)).await;
            let failure = match sent {
                Some(Ok(response)) => {
                    self.connected = true;
                    return Ok(response);
                }
                Some(Err(error)) => ClientError::from_transport(&error, &request.url),
                None => return Err(self.timed_out(&request.url)),
            };
            let may_wait = !self.connected && started.elapsed() < self.config.wait;
            if !(may_wait && matches!(failure, ClientError::Refused { .. })) {
                return Err(failure);
            }
            tokio::time::sleep(RETRY_PAUSE).await;
            self.deadline = Some(Instant::now() + self.config.timeout);
        }
    }

    async fn read_whole(
        &mut self,
        response: reqwest::Response,
        request: Request,
    ) -> Result<Response, ClientError> {
        let (status, headers, url) = (response.status(), response.headers().clone(), request.url);
        let started = Instant::now();
        let body = self.read_body(response, &url).await;
        let body = match body {
            Ok(packed) => self.unpack(&headers, packed, &url).await,
            Err(error) => Err(error),
        };
        if let Some(exchange) = self.flow.exchanges.last_mut() {
            exchange.elapsed += started.elapsed();
            if let (Some(response), Ok(body)) = (&mut exchange.response, &body) {
                response.body_size = body.len() as u64;
            }
        }
        Ok(Response { url, method: request.method, status, headers, body: body? })
    }

    async fn unpack(&self, headers: &HeaderMap, packed: Vec<u8>, url: &Url) -> Result<Vec<u8>, ClientError> {
        let limit = self.config.max_body;
        let unpacked = if packed.len() < SMALL_BODY {
            decode::decode(headers, packed, limit)
        } else {
            let headers = headers.clone();
            self.compute(move || decode::decode(&headers, packed, limit), url).await?
        };
        let url = || Box::new(self.secrets.hidden_in_url(url));
        unpacked.map_err(|error| match error {
            DecodeError::TooLarge => ClientError::BodyTooLarge { url: url(), limit },
            DecodeError::Broken(why) => ClientError::Body { url: url(), why },
        })
    }

    async fn read_body(&self, mut response: reqwest::Response, url: &Url) -> Result<Vec<u8>, ClientError> {
        let (shown, limit, total) =
            (self.secrets.hidden_in_url(url), self.config.max_body, response.content_length());
        let mut body = Vec::new();
        loop {
            let chunk = match within(self.deadline(), response.chunk()).await {
                None => return Err(self.timed_out(url)),
                Some(Err(error)) => {
                    let why = super::error::innermost(&error).to_string();
                    return Err(ClientError::Body { url: Box::new(shown), why });
                }
                Some(Ok(None)) => return Ok(body),
                Some(Ok(Some(chunk))) => chunk,
            };
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(ClientError::BodyTooLarge { url: Box::new(shown), limit });
            }
            body.extend_from_slice(&chunk);
            if let Some(Progress(tell)) = &self.config.progress {
                tell(body.len() as u64, total);
            }
        }
    }

    /// Empties the connection of a redirect's body. A large one is left, and its connection with it.
    async fn read_if_small(&mut self, mut response: reqwest::Response) {
        let declared =
            response.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let Some(_) = declared.filter(|size: &usize| *size <= SMALL_BODY) else { return };
        let mut size = 0;
        let rest = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                size += chunk.len() as u64;
            }
        };
        if within(self.deadline(), rest).await.is_some()
            && let Some(Exchange { response: Some(response), .. }) = self.flow.exchanges.last_mut()
        {
            response.body_size = size;
        }
    }

    fn as_shown(&self, request: &Request, headers: &HeaderMap) -> SentRequest {
        let hidden = |name: &http::HeaderName, value: &HeaderValue| {
            let secret = *name == AUTHORIZATION || *name == PROXY_AUTHORIZATION;
            let value = if secret { HeaderValue::from_static(HIDDEN) } else { self.secrets.hidden_in(value) };
            (name.clone(), value)
        };
        SentRequest {
            method: request.method.clone(),
            url: self.secrets.hidden_in_url(&request.url),
            headers: headers.iter().map(|(name, value)| hidden(name, value)).collect(),
            body_size: request.body.as_ref().map_or(0, |body| body.octets.len() as u64),
        }
    }

    fn timed_out(&self, url: &Url) -> ClientError {
        let doing = format!("the exchange with {}", host_and_port(url));
        ClientError::TimedOut { doing, limit: self.config.timeout }
    }
}

/// The result of `work`, or `None` when the deadline comes first.
async fn within<T>(deadline: Instant, work: impl Future<Output = T>) -> Option<T> {
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
