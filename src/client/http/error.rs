//! [`ClientError`]: why a request failed.

use std::error::Error;
use std::io;
use std::time::Duration;

use thiserror::Error;
use url::Url;

use super::password_risk::PasswordRisk;
use super::tls_failure::TlsFailure;

/// Why there is no complete response. The exchanges up to that point are in the flow, their cookies in the jar.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The connection was refused.
    #[error("{host} refused the connection")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// No connection to the host is possible.
    #[error("cannot connect to {host}: {why}")]
    Connect {
        /// Host and port.
        host: String,
        /// The reason: the name or the route.
        why: String,
    },
    /// The certificate of the host is not valid, or its authority is not trusted.
    #[error("cannot connect to {host}: {why}")]
    Certificate {
        /// Host and port.
        host: String,
        /// The reason.
        why: String,
    },
    /// The time limit was reached.
    #[error("{doing} {host} did not finish within {} s; --timeout sets a longer limit", limit.as_secs_f32())]
    TimedOut {
        /// The unfinished work.
        doing: &'static str,
        /// The host and port.
        host: String,
        /// The time limit.
        limit: Duration,
    },
    /// The server did not send a complete, valid HTTP response.
    #[error("{host} did not send a valid HTTP response: {why}")]
    Protocol {
        /// Host and port.
        host: String,
        /// The reason.
        why: String,
    },
    /// The body is incomplete, or does not match its `Content-Encoding`.
    #[error("cannot read the body of {url}: {why}")]
    Body {
        /// The page.
        url: Box<Url>,
        /// The reason.
        why: String,
    },
    /// The body is larger than allowed.
    #[error("the body of {url} is larger than {limit} bytes; --max-body sets a larger limit")]
    BodyTooLarge {
        /// The page.
        url: Box<Url>,
        /// The limit in bytes.
        limit: u64,
    },
    /// The page is too large to be searched for forms.
    #[error("cannot read {url} as a page: it has more than {limit} elements and texts; name a smaller page")]
    PageTooLarge {
        /// The page.
        url: Box<Url>,
        /// The limit of its nodes.
        limit: usize,
    },
    /// There were too many redirects.
    #[error(
        "stopped after {limit} redirects; the next one leads to {target}; --max-redirects sets a larger limit"
    )]
    TooManyRedirects {
        /// The number of followed redirects.
        limit: u32,
        /// The target of the next redirect.
        target: String,
    },
    /// The redirect has an invalid target.
    #[error("{url} redirects to {target:?}, which cannot be followed: {why}")]
    BadRedirect {
        /// The page.
        url: Box<Url>,
        /// The text of `Location`.
        target: String,
        /// The reason.
        why: String,
    },
    /// The password was not sent, because a hostile page or network could read it.
    #[error("did not send the password to {target}: {risk}")]
    UnsafePassword {
        /// Where a page or redirect asks to send it, without the fields of a form.
        target: Box<Url>,
        /// The reason.
        risk: PasswordRisk,
    },
    /// The token of a session has expired, and the server gives no new one.
    #[error("cannot renew the token for {origin}: {why}; log in again")]
    #[non_exhaustive]
    TokenNotRenewed {
        /// The server.
        origin: String,
        /// The reason.
        why: String,
    },
    /// The request cannot be sent.
    #[error("{0}")]
    BadRequest(String),
    /// The proxy or certificate settings are invalid.
    #[error("cannot set up the connection: {0}")]
    SetUp(String),
}

impl ClientError {
    /// Whether a redirect could not be followed.
    pub(crate) fn is_bad_redirect(&self) -> bool {
        matches!(self, ClientError::TooManyRedirects { .. } | ClientError::BadRedirect { .. })
    }

    /// Classifies an error of the transport.
    pub(crate) fn from_transport(error: &reqwest::Error, url: &Url) -> Self {
        let host = host_and_port(url);
        let innermost = innermost(error).to_string();
        match io_kind(error) {
            Some(io::ErrorKind::ConnectionRefused) => return ClientError::Refused { host },
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe) if !error.is_connect() => {
                return ClientError::Protocol { host, why: "it reset the connection".to_owned() };
            }
            _ => {}
        }
        match TlsFailure::of(error) {
            Some(TlsFailure::CertificateRequired) => {
                let why = "the server demands a client certificate; --cert FILE names it".to_owned();
                ClientError::Connect { host, why }
            }
            Some(TlsFailure::NoTls) if error.is_connect() => {
                let why = "the server does not use TLS on this port; write http:// if that is what you mean";
                ClientError::Connect { host, why: why.to_owned() }
            }
            Some(TlsFailure::BadCertificate) if error.is_connect() => {
                ClientError::Certificate { host, why: innermost }
            }
            _ if error.is_connect() => ClientError::Connect { host, why: innermost },
            _ => ClientError::Protocol { host, why: innermost },
        }
    }
}

/// For example `example.org:8080`, with the default port of the scheme.
pub(crate) fn host_and_port(url: &Url) -> String {
    match url.port_or_known_default() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    }
}

/// Whether the server closed the connection without `close_notify`.
pub(crate) fn is_unexpected_end(error: &reqwest::Error) -> bool {
    io_kind(error) == Some(io::ErrorKind::UnexpectedEof)
}

/// Whether the server closed the connection before it sent a response. It may not have received the request.
pub(crate) fn is_closed_unanswered(error: &reqwest::Error) -> bool {
    let is_incomplete = |error: &hyper::Error| error.is_incomplete_message() || error.is_canceled();
    causes(error).filter_map(|cause| cause.downcast_ref()).any(is_incomplete)
        || matches!(io_kind(error), Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe))
}

/// Whether a server that starts may be the cause: it does not accept connections yet, or resets them, or its name is not
/// known yet.
pub(crate) fn is_temporary(error: &reqwest::Error) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable,
        NetworkUnreachable, UnexpectedEof,
    };
    let is_lookup = causes(error).any(|cause| cause.to_string() == "dns error");
    let kinds = [
        BrokenPipe,
        ConnectionAborted,
        ConnectionRefused,
        ConnectionReset,
        HostUnreachable,
        NetworkUnreachable,
        UnexpectedEof,
    ];
    is_lookup || is_closed_unanswered(error) || io_kind(error).is_some_and(|kind| kinds.contains(&kind))
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
}

/// An error and its causes in one line.
#[must_use]
pub fn error_chain(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// The innermost cause. The outer ones only repeat the URL and that a request failed.
pub(crate) fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

pub(super) fn causes<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
