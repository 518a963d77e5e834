//! [`UserAgent::for_service`]: a client of a service in this process.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::Body;
use tower_service::Service;
use url::Position;

use super::agent::{UserAgent, within};
use super::agent_config::AgentConfig;
use super::error::{ClientError, host_and_port};
use super::in_process::{BoxError, InProcess, ServiceBody};
use crate::cookies::Jar;

impl UserAgent {
    /// A client whose requests are answered by a service in this process: a router of axum, or `warp::service(filter)`.
    /// There is no socket and no TLS, so any `http` or `https` URL will do.
    ///
    /// ```
    /// use sessctl::client::{Request, UserAgent};
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let router: axum::Router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
    /// let mut agent = UserAgent::for_service(router);
    /// let response = agent.send(Request::page("https://app.test/".parse()?)).await?;
    /// assert_eq!(response.text(), "hello");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn for_service<S, B>(service: S) -> Self
    where
        S: Service<Request<ServiceBody>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        B: Body<Error: Into<BoxError>> + Send + 'static,
    {
        let mut agent = UserAgent::new(AgentConfig::default(), Jar::new());
        agent.transport.service = Some(InProcess::new(service));
        agent
    }

    /// The same client with other settings, for example another time limit.
    ///
    /// ```
    /// use sessctl::client::{AgentConfig, UserAgent};
    ///
    /// let router: axum::Router = axum::Router::new();
    /// let mut config = AgentConfig::default();
    /// config.timeout = std::time::Duration::from_secs(1);
    /// let agent = UserAgent::for_service(router).with_config(config);
    /// ```
    #[must_use]
    pub fn with_config(mut self, config: AgentConfig) -> Self {
        self.config = config;
        self
    }

    /// Lets the service answer a request, and returns how long that took.
    pub(super) async fn call_service(
        &mut self,
        request: &super::request::Request,
        headers: &HeaderMap,
        body: Option<Bytes>,
    ) -> (Result<reqwest::Response, ClientError>, Duration) {
        let (started, url) = (Instant::now(), &request.url);
        // A server gets the path and the query only (RFC 9112 §3.2.1).
        let target = &url[Position::BeforePath..Position::AfterQuery];
        let answer = async {
            let service = self.transport.service.clone().ok_or("there is no service")?;
            let mut call = Request::builder().method(&request.method).uri(target).body(body)?;
            *call.headers_mut() = headers.clone();
            service.call(call).await
        };
        let answer = match within(self.deadline(), answer).await {
            Some(Ok(response)) => Ok(response.into()),
            Some(Err(error)) => {
                Err(ClientError::Protocol { host: host_and_port(url), why: error.to_string() })
            }
            None => Err(self.timed_out(url)),
        };
        (answer, started.elapsed())
    }
}
