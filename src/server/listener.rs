//! [`Listener`]: where connections are accepted, and whether they are encrypted.

use std::io::{self, ErrorKind};

use tokio::net::TcpListener;

use super::tls::Tls;

/// A TCP listener, with or without TLS. [`serve`](super::serve) also takes a [`TcpListener`], for plain HTTP.
#[derive(Debug)]
pub struct Listener {
    pub(super) tcp: TcpListener,
    pub(super) tls: Option<Tls>,
}

impl Listener {
    /// Accepts connections over TLS.
    ///
    /// A request over plain HTTP never reaches the service: GET and HEAD get a redirect to HTTPS, other methods
    /// get 403.
    #[must_use]
    pub fn over_tls(tcp: TcpListener, tls: Tls) -> Self {
        Listener { tcp, tls: Some(tls) }
    }
}

/// Accepts connections over plain HTTP.
impl From<TcpListener> for Listener {
    fn from(tcp: TcpListener) -> Self {
        Listener { tcp, tls: None }
    }
}

/// Whether accepting failed only because the client disconnected first: the listener itself still works.
pub(super) fn is_disconnect(error: &io::Error) -> bool {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
