//! Why an exchange could not be finished.

use std::error::Error;
use std::io;
use std::time::Duration;

use thiserror::Error;
use url::Url;

/// Why there is no whole response. The exchanges up to there are in the flow, their cookies in the jar.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// Nobody listens there.
    #[error("{host} refused the connection")]
    Refused {
        /// Host and port.
        host: String,
    },
    /// There is no way to that host.
    #[error("cannot connect to {host}: {why}")]
    Connect {
        /// Host and port.
        host: String,
        /// What stood in the way: the name, the route, the certificate.
        why: String,
    },
    /// The time given to the whole command is over.
    #[error("out of time: {doing} did not end within {} s", limit.as_secs_f32())]
    TimedOut {
        /// What was being done.
        doing: String,
        /// The time given.
        limit: Duration,
    },
    /// What came was not an HTTP response, or only a part of one.
    #[error("{host} did not send a valid HTTP response: {why}")]
    Protocol {
        /// Host and port.
        host: String,
        /// What was wrong with it.
        why: String,
    },
    /// The body broke off, or is not of the encoding that it is said to be.
    #[error("the body of {url} could not be read: {why}")]
    Body {
        /// The page.
        url: Box<Url>,
        /// What was wrong with it.
        why: String,
    },
    /// The body is larger than allowed.
    #[error("the body of {url} is larger than {limit} octets (--max-body allows more)")]
    BodyTooLarge {
        /// The page.
        url: Box<Url>,
        /// What is allowed.
        limit: u64,
    },
    /// One redirect led to the next, too often.
    #[error("gave up after {limit} redirects; the last one led to {target} (--max-redirects allows more)")]
    TooManyRedirects {
        /// How many were followed.
        limit: u32,
        /// Where the next one would have led.
        target: String,
    },
    /// A redirect that no web client follows.
    #[error("{url} redirects to {target:?}, which cannot be followed: {why}")]
    BadRedirect {
        /// The page.
        url: Box<Url>,
        /// What its `Location` says.
        target: String,
        /// What is wrong with it.
        why: String,
    },
    /// The request cannot be sent as asked.
    #[error("{0}")]
    BadRequest(String),
    /// The set-up (proxy, certificates) is of no use.
    #[error("cannot set up the connection: {0}")]
    SetUp(String),
}

impl ClientError {
    /// Sorts what the transport reports by what it means to a person.
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
        if error.is_connect() {
            ClientError::Connect { host, why: innermost }
        } else {
            ClientError::Protocol { host, why: innermost }
        }
    }
}

/// `example.org:8080`, with the port that the scheme implies.
pub(crate) fn host_and_port(url: &Url) -> String {
    match url.port_or_known_default() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => url.host_str().unwrap_or_default().to_owned(),
    }
}

/// Whether the other side closed the connection without a word.
pub(crate) fn is_unexpected_end(error: &reqwest::Error) -> bool {
    io_kind(error) == Some(io::ErrorKind::UnexpectedEof)
}

/// Whether the connection ended before the response began: on a kept one, perhaps before the request came.
pub(crate) fn is_closed_unanswered(error: &reqwest::Error) -> bool {
    let is_incomplete = |error: &hyper::Error| error.is_incomplete_message() || error.is_canceled();
    causes(error).filter_map(|cause| cause.downcast_ref()).any(is_incomplete)
        || matches!(io_kind(error), Some(io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe))
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
}

/// The innermost cause says it best: those around it repeat the URL and that a request failed.
pub(crate) fn innermost<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
