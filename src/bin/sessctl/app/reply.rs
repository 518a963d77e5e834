//! Responses that are no pages, and what a client would rather have: a page or JSON, in which language.

use std::convert::Infallible;
use std::str::FromStr;

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use warp::reply::Response;

use sessctl::session::SessionError;

use super::problem::Problem;
use crate::texts::Language;

/// What a client would rather have, by its `Accept` header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Accepted {
    #[default]
    Html,
    Json,
}

impl FromStr for Accepted {
    type Err = Infallible;

    /// JSON if it is named with a higher quality (RFC 9110 §12.5.1) than HTML or anything.
    fn from_str(accept: &str) -> Result<Self, Infallible> {
        let (mut html, mut json) = (0.0, 0.0);
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let quality = match parts.clone().find_map(|part| part.strip_prefix("q=")) {
                Some(quality) => quality.parse::<f32>().unwrap_or(0.0),
                None => 1.0,
            };
            match parts.next().unwrap_or_default().to_ascii_lowercase().as_str() {
                "application/json" => json = quality,
                "text/html" | "*/*" | "text/*" => html = quality.max(html),
                _ => {}
            }
        }
        // A script that lists both equally (`application/json, */*`) asked for JSON by name.
        let named_first = accept.trim_start().starts_with("application/json");
        Ok(if json > html || (json > 0.0 && json >= html && named_first) {
            Accepted::Json
        } else {
            Accepted::Html
        })
    }
}

/// Whether a client asks for a page by name, as browsers do. What takes anything may be a script.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AsksForPage(pub(super) bool);

impl FromStr for AsksForPage {
    type Err = Infallible;

    fn from_str(accept: &str) -> Result<Self, Infallible> {
        let mut ranges = accept.split(',').map(|range| range.split(';').next().unwrap_or_default().trim());
        let named = ranges.any(|range| range.eq_ignore_ascii_case("text/html"));
        Ok(AsksForPage(named && accept.parse() == Ok(Accepted::Html)))
    }
}

/// Who reads the answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub(super) accepted: Accepted,
    pub(super) language: Language,
}

pub(super) fn text(content_type: &'static str, text: &'static str) -> Response {
    with_type(content_type, text.into())
}

pub(super) fn owned_text(content_type: &'static str, text: String) -> Response {
    with_type(content_type, text.into())
}

pub(super) fn html(status: StatusCode, page: String) -> Response {
    let mut response = with_type("text/html; charset=utf-8", page.into());
    *response.status_mut() = status;
    response
}

pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Response {
    // Values of this application are structs and maps with text keys: they can always be written.
    let mut response = with_type("application/json", serde_json::to_vec(value).unwrap_or_default().into());
    *response.status_mut() = status;
    response
}

pub(super) fn problem(status: StatusCode, problem: &str) -> Response {
    json(status, &serde_json::json!({ "error": problem }))
}

/// 303: whatever the method was, the next request is a GET.
pub(super) fn see_other(target: &str) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    let target = HeaderValue::from_str(target).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(LOCATION, target);
    response
}

/// As [`see_other`], after a session has ended. Chromium keeps whole pages for its back button, those that are not to be
/// stored too, and shows them after the logout unless it is told to clear them.
pub(super) fn ended(target: &str) -> Response {
    let mut response = see_other(target);
    response.headers_mut().insert("clear-site-data", HeaderValue::from_static("\"cache\""));
    response
}

pub(super) fn session_problem(error: &SessionError) -> Response {
    let (status, why) = Problem::of_session(error);
    problem(status, why.in_english())
}

fn with_type(content_type: &'static str, body: bytes::Bytes) -> Response {
    let mut response = Response::new(body.into());
    // Room for those that every response gets.
    response.headers_mut().reserve(12);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_browsers_ask_for_pages_by_name() {
        for (accept, asks) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("Text/HTML; q=0.9", true),
            ("*/*", false),
            ("application/json", false),
            ("application/json, text/html;q=0.5", false),
            ("text/html;q=0", true),
            ("", false),
        ] {
            assert_eq!(accept.parse::<AsksForPage>().map(|it| it.0), Ok(asks), "{accept}");
        }
    }

    #[test]
    fn json_goes_to_those_who_ask_for_it() {
        for accept in ["application/json", "application/json, */*;q=0.5", "text/html;q=0.5, application/json"]
        {
            assert_eq!(accept.parse(), Ok(Accepted::Json), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/html,application/xhtml+xml",
            "text/html, application/json",
            "application/json;q=0",
        ] {
            assert_eq!(accept.parse(), Ok(Accepted::Html), "{accept}");
        }
    }
}
