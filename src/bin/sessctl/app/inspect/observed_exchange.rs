//! [`ObservedExchange`]: a request, its response and the change of the session, as the page shows them.

use std::sync::Arc;
use std::time::Instant;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Method, Request, Response, Version};
use http_body::Body;

use sessctl::internal::{Masking, Redactor};
use sessctl::session::Session;

use super::feed::FeedMessage;
use super::inspector::Inspector;
use super::snapshot::{Row, cut};
use crate::app::session_change::SessionChange;
use crate::json::json;

/// A longer target or header value is cut.
const MAX_VALUE_LEN: usize = 1000;

/// A request whose response is not yet known.
pub(super) struct ObservedExchange {
    inspector: Arc<Inspector>,
    number: u64,
    /// In milliseconds since 1970.
    at: i64,
    started: Instant,
    method: Method,
    target: String,
    version: Version,
    headers: HeaderMap,
}

impl ObservedExchange {
    /// `None`: the request is not to be shown.
    pub(super) fn begin<B>(inspector: Arc<Inspector>, request: &Request<B>) -> Option<Self> {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        Some(ObservedExchange {
            number: inspector.feed.admit(!request.method().is_safe())?,
            at: inspector.now(),
            inspector,
            started: Instant::now(),
            method: request.method().clone(),
            target: target.to_owned(),
            version: request.version(),
            headers: request.headers().clone(),
        })
    }

    pub(super) async fn publish<R: Body>(self, response: &Response<R>, session: Option<Session>) {
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
        let activity = session.as_ref().map(Session::activity).unwrap_or_default();
        let record = match &session {
            // The request has loaded the record: this does not query the store.
            Some(session) if activity.live => session.record().await.ok().flatten(),
            _ => None,
        };
        let exchange = json!({
            "number": self.number,
            "at": self.at,
            "now": self.inspector.now(),
            "method": self.method.as_str(),
            "target": cut(&redactor.reference(&self.target), MAX_VALUE_LEN),
            "version": name_of(self.version),
            "status": response.status().as_u16(),
            "reason": response.status().canonical_reason().unwrap_or_default(),
            "ms": (ms * 1e3).round() / 1e3,
            "request": shown(&self.headers, &redactor),
            "response": headers,
            "handle": session.as_ref().and_then(Session::known_handle),
            "changes": SessionChange::all_of(activity).collect::<Vec<_>>(),
            // The session after the request.
            "session": record.as_deref().map(Row::from),
        });
        self.inspector.feed.publish(FeedMessage::new("exchange", &exchange));
    }
}

/// All headers in their order, without secrets.
fn shown(headers: &HeaderMap, redactor: &Redactor) -> Vec<(String, String)> {
    let headers = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        (name.to_string(), cut(&redactor.header(name.as_str(), &value), MAX_VALUE_LEN))
    });
    headers.collect()
}

fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}
