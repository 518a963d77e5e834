//! `bleed`: equal GET requests at the same time share one response, even those of different users.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use http::header::{ACCEPT, ACCEPT_LANGUAGE};
use http::response::Parts;
use http::{HeaderValue, Method, Request};
use http_body_util::BodyExt;
use warp::reply::Response;

use super::hold::HOLD;
use super::layer::{FaultContext, Inner, uses_session};

type SharedResponse = Shared<BoxFuture<'static, (Parts, Bytes)>>;

/// A cache forgets the cookie in its key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key(String, [Option<HeaderValue>; 2]);

/// Each request locks it to join or to start a response, and to remove it when it is complete.
type InFlight = Arc<Mutex<HashMap<Key, SharedResponse>>>;

pub(super) fn layer(inner: Inner, _: &FaultContext) -> Inner {
    let in_flight = InFlight::default();
    inner.wrapped(move |request, inner| {
        let in_flight = Arc::clone(&in_flight);
        async move {
            if request.method() != Method::GET || !uses_session(&request) {
                return inner.answer(request).await;
            }
            let key = key_of(&request);
            let response = {
                let mut shared = in_flight.lock().unwrap_or_else(PoisonError::into_inner);
                let start = || respond(key.clone(), Arc::clone(&in_flight), inner.answer(request));
                shared.entry(key.clone()).or_insert_with(start).clone()
            };
            let (parts, bytes) = response.await;
            Response::from_parts(parts, bytes.into())
        }
    })
}

fn key_of<B>(request: &Request<B>) -> Key {
    let header = |name| request.headers().get(name).cloned();
    Key(request.uri().to_string(), [header(ACCEPT), header(ACCEPT_LANGUAGE)])
}

/// Holds the response, so that every run finds the fault.
fn respond(
    key: Key,
    in_flight: InFlight,
    response: impl Future<Output = Response> + Send + 'static,
) -> SharedResponse {
    let complete = async move {
        let (parts, body) = response.await.into_parts();
        let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        tokio::time::sleep(HOLD).await;
        in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        (parts, bytes)
    };
    complete.boxed().shared()
}
