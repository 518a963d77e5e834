//! [`ObservedExchange`]: a request, its response and the change of the session, as the page shows them.

use std::time::Instant;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request, Response, Version};
use http_body::Body;
use serde::Serialize;

use sessctl::internal::{Masking, Redactor};
use sessctl::session::{Handle, Session};

use super::feed::Message;
use super::inspector::Inspector;
use super::millis::Millis;
use super::snapshot::Row;
use crate::app::session_change::SessionChange;

/// A longer target or header value is cut.
const MAX_VALUE_LEN: usize = 1000;

/// A request whose response is not yet known.
#[derive(Debug)]
pub(super) struct PendingExchange {
    number: u64,
    at: Millis,
    started: Instant,
    method: String,
    target: String,
    version: Version,
    headers: HeaderMap,
}

#[derive(Debug, Serialize)]
struct ObservedExchange {
    number: u64,
    at: Millis,
    now: Millis,
    method: String,
    target: String,
    version: &'static str,
    status: u16,
    reason: &'static str,
    ms: f64,
    request: Vec<(String, String)>,
    response: Vec<(String, String)>,
    handle: Option<Handle>,
    changes: Vec<SessionChange>,
    /// The session after the request.
    session: Option<Row>,
}

impl PendingExchange {
    pub(super) fn new<B>(request: &Request<B>, number: u64, at: Millis) -> Self {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        PendingExchange {
            number,
            at,
            started: Instant::now(),
            method: request.method().to_string(),
            target: target.to_owned(),
            version: request.version(),
            headers: request.headers().clone(),
        }
    }

    pub(super) async fn finish<R: Body>(
        self,
        response: &Response<R>,
        session: Option<&Session>,
        inspector: &Inspector,
    ) -> Message {
        let ms = self.started.elapsed().as_secs_f64() * 1e3;
        // People project this page: it shows no secrets.
        let mut redactor = Redactor::new(Masking::Short);
        for (name, value) in self.headers.iter().chain(response.headers()) {
            redactor.learn_cookies(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
        }
        let mut headers = shown(response.headers(), &redactor);
        // hyper adds this header later, if the length of the body is known.
        if let (Some(length), false) =
            (response.body().size_hint().exact(), response.headers().contains_key(CONTENT_LENGTH))
        {
            headers.push((CONTENT_LENGTH.to_string(), length.to_string()));
        }
        let activity = session.map(Session::activity).unwrap_or_default();
        let record = match session {
            // The request has loaded the record: this does not query the store.
            Some(session) if activity.live => session.record().await.ok().flatten(),
            _ => None,
        };
        let exchange = ObservedExchange {
            number: self.number,
            at: self.at,
            now: inspector.now(),
            method: self.method,
            target: cut(&redactor.reference(&self.target)),
            version: name_of(self.version),
            status: response.status().as_u16(),
            reason: response.status().canonical_reason().unwrap_or_default(),
            ms: (ms * 1e3).round() / 1e3,
            request: shown(&self.headers, &redactor),
            response: headers,
            handle: session.and_then(Session::known_handle),
            changes: SessionChange::all_of(activity).collect(),
            session: record.as_deref().map(Row::from),
        };
        Message::new("exchange", &exchange)
    }
}

/// All headers in their order, without secrets.
fn shown(headers: &HeaderMap, redactor: &Redactor) -> Vec<(String, String)> {
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.as_str().to_owned(), cut(&redactor.header(name.as_str(), &value)))
    });
    headers.collect()
}

/// The first characters of a long text.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_VALUE_LEN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut() {
        assert_eq!(cut(&"é".repeat(1001)).chars().count(), 1001);
        assert_eq!(cut(&"é".repeat(1000)), "é".repeat(1000));
    }
}
