//! [`ObservedExchange`]: a request, its response and the change of the session, as the page shows them.

use std::time::Instant;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request, Response, Version};
use http_body::Body;
use serde::Serialize;

use sessctl::session::{Handle, Session};

use super::feed::Message;
use super::inspector::Inspector;
use super::millis::Millis;
use super::secrets;
use super::snapshot::Row;
use crate::app::session_change::SessionChange;

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
            target: secrets::cut(secrets::target(target).into_owned()),
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
        let mut headers = secrets::fields(response.headers());
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
            target: self.target,
            version: name_of(self.version),
            status: response.status().as_u16(),
            reason: response.status().canonical_reason().unwrap_or_default(),
            ms: (ms * 1e3).round() / 1e3,
            request: secrets::fields(&self.headers),
            response: headers,
            handle: session.and_then(Session::known_handle),
            changes: SessionChange::all_of(activity).collect(),
            session: record.as_deref().map(Row::from),
        };
        Message::new("exchange", &exchange)
    }
}

fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}
