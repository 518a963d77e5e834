//! One exchange as viewers see it: the request, the response, and what became of the session.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Instant;

use http::header::CONTENT_LENGTH;
use http::{HeaderMap, Request, Response, Version};
use http_body::Body;
use serde::Serialize;

use sessctl::session::{Handle, Record, Session};

use super::feed::Message;
use super::snapshot::Row;
use super::{Inspector, Millis, secrets};
use crate::app::access::changes;

/// A request that is shown, until its response is known.
#[derive(Debug)]
pub(super) struct Beginning {
    number: u64,
    at: Millis,
    started: Instant,
    method: String,
    target: String,
    version: Version,
    headers: HeaderMap,
}

#[derive(Debug, Serialize)]
struct Exchange {
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
    changes: Vec<Change>,
    /// What the server keeps of it afterwards.
    session: Option<Row>,
}

#[derive(Debug, Serialize)]
struct Change {
    mark: char,
    what: &'static str,
}

impl Beginning {
    pub(super) fn of<B>(request: &Request<B>, number: u64, at: Millis) -> Self {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        Beginning {
            number,
            at,
            started: Instant::now(),
            method: request.method().to_string(),
            target: secrets::cut(secrets::target(target).into_owned()),
            version: request.version(),
            headers: request.headers().clone(),
        }
    }

    /// The whole, once there is a response.
    pub(super) fn end<R: Body>(
        self,
        response: &Response<R>,
        session: Option<&Session>,
        inspector: &Inspector,
    ) -> Message {
        let ms = self.started.elapsed().as_secs_f64() * 1e3;
        let mut headers = secrets::fields(response.headers());
        // hyper writes it where the length of the body is known.
        if let (Some(length), false) =
            (response.body().size_hint().exact(), response.headers().contains_key(CONTENT_LENGTH))
        {
            headers.push((CONTENT_LENGTH.to_string(), length.to_string()));
        }
        let activity = session.map(Session::activity).unwrap_or_default();
        let exchange = Exchange {
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
            changes: changes(activity).map(|(mark, what)| Change { mark, what }).collect(),
            session: session.and_then(record_of).map(|record| Row::from(&*record)),
        };
        Message::new("exchange", &exchange)
    }
}

/// The record as the request left it, where the request has looked at it: nothing is read for a viewer's sake.
fn record_of(session: &Session) -> Option<Arc<Record>> {
    if !session.activity().live {
        return None;
    }
    // What is known is there at once.
    match pin!(session.record()).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(record)) => record,
        _ => None,
    }
}

fn name_of(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}
