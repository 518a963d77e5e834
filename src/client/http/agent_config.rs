//! [`AgentConfig`]: the settings of a [`UserAgent`](super::UserAgent).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::{Origin, Url};

use super::transport::TransportConfig;

/// The settings of a [`UserAgent`](super::UserAgent).
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AgentConfig {
    /// Proxy, certificates and addresses.
    pub transport: TransportConfig,
    /// The time limit for everything, from the first connection on.
    pub timeout: Duration,
    /// How long to retry while the server starts: it cannot be reached, or answers 502, 503 or 504. An answer with
    /// `Retry-After` is obeyed if that fits.
    pub wait: Duration,
    /// How long to wait before a form is sent.
    pub delay: Duration,
    /// The maximum size of a body in bytes, both compressed and decompressed.
    pub max_body: u64,
    /// The maximum number of redirects. With 0, a redirect is returned like any other response.
    pub max_redirects: u32,
    /// Called while a body is received.
    pub progress: Option<Progress>,
    /// Whether an audit uses the client: the time limit applies to each request, the flow keeps the bodies of responses, and
    /// no request is sent beyond a limit, not even the first of several.
    pub(crate) for_audit: bool,
    /// The only origins that get requests. If there are none, all do. A redirect to another one is not followed.
    pub(crate) origins: Vec<Origin>,
}

/// A callback with the number of received bytes, and the total if it is known.
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
            delay: Duration::ZERO,
            max_body: 64 * 1024 * 1024,
            max_redirects: 20,
            progress: None,
            for_audit: false,
            origins: Vec::new(),
        }
    }
}

impl AgentConfig {
    /// Whether a request may be sent to this URL.
    pub(super) fn allows(&self, url: &Url) -> bool {
        self.origins.is_empty() || self.origins.contains(&url.origin())
    }
}
