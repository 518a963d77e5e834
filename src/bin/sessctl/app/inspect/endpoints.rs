//! The responses of the inspector: its page, the files of the page, and the stream of events.

use std::sync::Arc;

use http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use warp::Reply;
use warp::reply::Response;

use sessctl::session::Sessions;
use sessctl::web::security_headers;

use super::event_stream::event_stream;
use super::inspect_page;
use super::inspector::Inspector;
use crate::app::accept::preferred_language;
use crate::app::pages;
use crate::app::problem::Problem;
use crate::app::reply;

const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const EVENTS: &str = "text/event-stream; charset=utf-8";

/// Name, type and content of each file.
const FILES: [(&str, &str, &str); 8] = [
    ("style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("main.js", JAVASCRIPT, include_str!("page/main.js")),
    ("texts.js", JAVASCRIPT, include_str!("page/texts.js")),
    ("dom.js", JAVASCRIPT, include_str!("page/dom.js")),
    ("exchanges.js", JAVASCRIPT, include_str!("page/exchanges.js")),
    ("sessions.js", JAVASCRIPT, include_str!("page/sessions.js")),
    ("panel.js", JAVASCRIPT, include_str!("page/panel.js")),
];

/// The response for `path`, which is the path after `/inspect/SECRET`.
pub(super) fn answer<B>(
    inspector: &Arc<Inspector>,
    sessions: &Sessions,
    path: &str,
    request: &Request<B>,
) -> Response {
    let mut response = match inspector.guard.check(request) {
        Ok(()) => allowed(inspector, sessions, path, request),
        Err(rejection) => reply::json_error(rejection.status(), &rejection.to_string()),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // The path is a secret: no request may send it elsewhere, not even to the application's own pages.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security_headers(headers, inspector.guard.tls);
    response
}

fn allowed<B>(inspector: &Arc<Inspector>, sessions: &Sessions, path: &str, request: &Request<B>) -> Response {
    let accepted = request.headers().get(ACCEPT_LANGUAGE).and_then(|accepted| accepted.to_str().ok());
    let language = preferred_language(accepted.unwrap_or_default());
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return pages::method_not_allowed(language, "GET, HEAD");
    }
    match path {
        "" => reply::redirect(StatusCode::PERMANENT_REDIRECT, inspector.path()),
        "/" => {
            let mut response = inspect_page::page(language);
            response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Language"));
            response
        }
        "/events" if request.method() == Method::HEAD => reply::text(EVENTS, ""),
        "/events" => events(inspector, sessions),
        _ => match FILES.iter().find(|(name, ..)| path.strip_prefix('/') == Some(name)) {
            Some((_, content_type, content)) => reply::text(content_type, *content),
            None => pages::problem_page(language, Problem::NO_PAGE),
        },
    }
}

fn events(inspector: &Arc<Inspector>, sessions: &Sessions) -> Response {
    let Some(subscription) = inspector.feed.subscribe() else {
        return reply::json_error(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many inspector pages are open, or the server is stopping: close a page or try again",
        );
    };
    let events = event_stream(subscription, Arc::clone(inspector), sessions.clone());
    let mut response = warp::reply::stream(events).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(EVENTS));
    response
}
