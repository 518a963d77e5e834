//! Responses: pages, JSON, text and redirects.

use askama::Template;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use warp::reply::Response;

use super::page_texts::PageTexts;
use super::problem::Problem;
use crate::json::json;
use crate::texts::Language;

/// As many as a page has with those that the layers add, so that the map of headers does not grow header by header.
const MAX_HEADERS: usize = 12;

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

pub(super) fn text(content_type: &'static str, text: impl Into<bytes::Bytes>) -> Response {
    let mut response = Response::new(text.into().into());
    response.headers_mut().reserve(MAX_HEADERS);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => with_status(status, text("text/html; charset=utf-8", html)),
        // Writing to a String fails only if the Display of a value fails.
        Err(error) => json_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            &format!("the page could not be rendered: {error}; report this as a bug"),
        ),
    }
}

pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // Every value here is a struct or a map with string keys, which serde_json can always write.
    let body = serde_json::to_vec(value).unwrap_or_default();
    with_status(status, text("application/json", body))
}

/// The message is always English.
pub(super) fn json_error(status: StatusCode, message: &str) -> Response {
    json(status, &json!({ "error": message }))
}

pub(super) fn json_problem(problem: impl Into<Problem>) -> Response {
    let problem = problem.into();
    json_error(problem.status, &PageTexts::of(Language::En).problem(problem))
}

pub(super) fn no_session() -> Response {
    json_error(StatusCode::UNAUTHORIZED, "there is no session: log in first")
}

/// A target that is not a valid header value leads to the start page.
pub(super) fn redirect(status: StatusCode, target: impl TryInto<HeaderValue>) -> Response {
    let mut response = with_status(status, Response::default());
    let target = target.try_into().unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, target);
    response
}

/// 303: the next request is a GET, whatever the method was (RFC 9110 §15.4.4).
pub(super) fn see_other(target: &str) -> Response {
    redirect(StatusCode::SEE_OTHER, target)
}

/// [`see_other`] after a session has ended. Chromium keeps pages for its back button in spite of `no-store`, and shows
/// them after the logout unless the response clears them.
pub(super) fn session_ended(target: &str) -> Response {
    let mut response = see_other(target);
    response.headers_mut().insert(CLEAR_SITE_DATA, HeaderValue::from_static("\"cache\""));
    response
}

fn with_status(status: StatusCode, mut response: Response) -> Response {
    *response.status_mut() = status;
    response
}
