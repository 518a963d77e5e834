//! What the inspector itself answers.

use http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, VARY,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use warp::Reply;
use warp::reply::Response;

use sessctl::web::security_headers;

use super::stream::Viewer;
use super::{Desk, page};
use crate::app::{pages, reply};
use crate::texts::Language;

/// What its page may load: its own modules, style and stream, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; \
                      form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Its files, with their types.
const FILES: [(&str, &str, &str); 8] = [
    ("style.css", "text/css; charset=utf-8", include_str!("page/style.css")),
    ("icon.svg", "image/svg+xml", include_str!("page/icon.svg")),
    ("main.js", JAVASCRIPT, include_str!("page/main.js")),
    ("words.js", JAVASCRIPT, include_str!("page/words.js")),
    ("dom.js", JAVASCRIPT, include_str!("page/dom.js")),
    ("lifelines.js", JAVASCRIPT, include_str!("page/lifelines.js")),
    ("sessions.js", JAVASCRIPT, include_str!("page/sessions.js")),
    ("panel.js", JAVASCRIPT, include_str!("page/panel.js")),
];

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

impl Desk {
    /// What stands behind the inspector's path, if a path is one of its own.
    pub(super) fn page_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let own = self.inspector.path();
        let behind = path.strip_prefix(own.strip_suffix('/').unwrap_or(own))?;
        (behind.is_empty() || behind.starts_with('/')).then_some(behind)
    }
}

/// The answer to a request for `page`, which stands behind the inspector's path.
pub(super) fn answer<B>(desk: &Desk, page: &str, request: &Request<B>) -> Response {
    let mut response = match desk.guard.check(request) {
        Ok(()) => allowed(desk, page, request),
        Err(refused) => reply::problem(refused.status(), &refused.to_string()),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    // Its path opens it: no link takes it elsewhere, not even to the application's own pages.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    security_headers(headers, desk.guard.tls);
    response
}

fn allowed<B>(desk: &Desk, page: &str, request: &Request<B>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return pages::method_not_allowed(wished(request.headers()), &["GET", "HEAD"]);
    }
    match page {
        "" => {
            let mut response = Response::default();
            *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
            let target = HeaderValue::from_str(desk.inspector.path());
            response.headers_mut().extend(target.ok().map(|target| (LOCATION, target)));
            response
        }
        "/" => start(request.headers()),
        "/events" if request.method() == Method::HEAD => reply::text(EVENTS, ""),
        "/events" => events(desk),
        _ => match FILES.iter().find(|(name, ..)| page.strip_prefix('/') == Some(name)) {
            Some((_, content_type, content)) => reply::text(content_type, content),
            None => pages::not_found(wished(request.headers())),
        },
    }
}

fn wished(headers: &HeaderMap) -> Language {
    let wished = headers.get(ACCEPT_LANGUAGE).and_then(|wished| wished.to_str().ok()).unwrap_or_default();
    Language::of_accept_language(wished)
}

fn start(headers: &HeaderMap) -> Response {
    let mut response = page::page(wished(headers));
    response.headers_mut().insert(VARY, HeaderValue::from_static("Accept-Language"));
    response
}

const EVENTS: &str = "text/event-stream; charset=utf-8";

fn events(desk: &Desk) -> Response {
    let Some(seat) = desk.inspector.feed.join() else {
        return reply::problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "too many look already, or the server is stopping",
        );
    };
    let viewer = Viewer::seated(seat, desk.inspector.clone(), desk.sessions.clone());
    let mut response = warp::reply::stream(viewer).into_response();
    response.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static(EVENTS));
    response
}
