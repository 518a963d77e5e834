//! The HTML pages. Templates escape what they are given.

use askama::Template;
use http::header::ALLOW;
use http::{HeaderValue, StatusCode};
use warp::reply::Response;

use sessctl::session::{Handle, Record, SessionError, Timestamp};

use super::login::LONGEST_NAME;
use super::reply;

/// The style sheet of all pages.
pub(super) const STYLE: &str = include_str!("templates/style.css");

#[derive(Template)]
#[template(path = "login.html", config = "src/app/templates/askama.toml")]
struct Login<'a> {
    problem: Option<&'a str>,
    next: Option<&'a str>,
    longest_name: usize,
}

#[derive(Template)]
#[template(path = "welcome.html", config = "src/app/templates/askama.toml")]
struct Welcome<'a> {
    name: &'a str,
    handle: Handle,
    created: Timestamp,
    idle_expiry: Timestamp,
    absolute_expiry: Timestamp,
}

#[derive(Template)]
#[template(path = "error.html", config = "src/app/templates/askama.toml")]
struct ErrorPage<'a> {
    status: StatusCode,
    problem: &'a str,
}

pub(super) fn login(status: StatusCode, problem: Option<&str>, next: Option<&str>) -> Response {
    page(status, &Login { problem, next, longest_name: LONGEST_NAME })
}

pub(super) fn welcome(name: &str, record: &Record) -> Response {
    let Record { handle, created, ends, .. } = *record;
    let page_of = Welcome { name, handle, created, idle_expiry: record.expires(), absolute_expiry: ends };
    page(StatusCode::OK, &page_of)
}

pub(super) fn error(status: StatusCode, problem: &str) -> Response {
    page(status, &ErrorPage { status, problem })
}

pub(super) fn session_error(error_: &SessionError) -> Response {
    let (status, problem) = reply::status_of(error_);
    error(status, problem)
}

pub(super) fn not_found() -> Response {
    error(StatusCode::NOT_FOUND, "There is no such page here.")
}

pub(super) fn method_not_allowed(allowed: &[&str]) -> Response {
    let problem = format!("This address answers only to {}.", allowed.join(" and "));
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED, &problem);
    let allow = HeaderValue::from_str(&allowed.join(", "));
    response.headers_mut().extend(allow.ok().map(|allow| (ALLOW, allow)));
    response
}

fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => reply::html(status, html),
        // Writing into a String fails only if a value's Display does, and those above do not.
        Err(_) => reply::problem(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be written"),
    }
}
