//! [`Listener`]: where connections are accepted, and whether they are encrypted.

use std::fmt;
use std::io::{self, ErrorKind};
use std::sync::Arc;

use tokio::net::TcpListener;

use super::tls::Tls;

/// A TCP listener, with or without TLS. [`serve`](super::serve) also takes a [`TcpListener`], for plain HTTP.
#[derive(Debug)]
pub struct Listener {
    pub(super) tcp: TcpListener,
    pub(super) tls: Option<Tls>,
    pub(super) redirected_hosts: RedirectedHosts,
}

/// For which hosts plain HTTP on a TLS port is redirected. The argument is a host, maybe with a port.
#[derive(Clone)]
pub(super) struct RedirectedHosts(pub(super) Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl fmt::Debug for RedirectedHosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedirectedHosts")
    }
}

impl Default for RedirectedHosts {
    fn default() -> Self {
        RedirectedHosts(Arc::new(|_| true))
    }
}

impl Listener {
    /// Accepts connections over TLS.
    ///
    /// A request over plain HTTP never reaches the service: GET and HEAD get a redirect to HTTPS, other methods
    /// get 403.
    #[must_use]
    pub fn over_tls(tcp: TcpListener, tls: Tls) -> Self {
        Listener { tcp, tls: Some(tls), redirected_hosts: RedirectedHosts::default() }
    }

    /// Redirects plain HTTP only if its `Host` is one that the application serves, for example by
    /// [`Guard::serves`](crate::web::Guard::serves). Others get 421. Default: every host.
    #[must_use]
    pub fn redirect_hosts(self, is_served: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Listener { redirected_hosts: RedirectedHosts(Arc::new(is_served)), ..self }
    }
}

/// Accepts connections over plain HTTP.
impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Listener { tcp, tls: None, redirected_hosts: RedirectedHosts::default() }
    }
}

/// Whether accepting failed only because the client disconnected first: the listener itself still works.
pub(super) fn is_disconnect(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
