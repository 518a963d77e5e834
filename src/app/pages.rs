//! The HTML pages. Templates escape what they are given.

use askama::Template;
use http::header::ALLOW;
use http::{HeaderValue, StatusCode};
use warp::reply::Response;

use sessctl::session::{Handle, Record, SessionError, Timestamp};

use super::accounts::LONGEST_NAME;
use super::reply;

/// The style sheet of all pages.
pub(super) const STYLE: &str = include_str!("templates/style.css");

/// The login form: what is said above it, and what it asks for.
#[derive(Debug, Clone, Copy, Default, Template)]
#[template(path = "login.html", config = "src/app/templates/askama.toml")]
pub(super) struct LoginPage<'a> {
    pub(super) problem: Option<&'a str>,
    /// Where to go after the login.
    pub(super) next: Option<&'a str>,
    pub(super) asks_for_password: bool,
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
#[template(path = "sessions.html", config = "src/app/templates/askama.toml")]
struct SessionsPage<'a> {
    name: &'a str,
    /// The one that this page is asked for with.
    own: Handle,
    sessions: &'a [Record],
}

#[derive(Template)]
#[template(path = "error.html", config = "src/app/templates/askama.toml")]
struct ErrorPage<'a> {
    status: StatusCode,
    problem: &'a str,
}

pub(super) fn login(status: StatusCode, login: &LoginPage<'_>) -> Response {
    page(status, login)
}

pub(super) fn welcome(name: &str, record: &Record) -> Response {
    let Record { handle, created, ends, .. } = *record;
    let page_of = Welcome { name, handle, created, idle_expiry: record.expires(), absolute_expiry: ends };
    page(StatusCode::OK, &page_of)
}

pub(super) fn sessions(name: &str, own: Handle, sessions: &[Record]) -> Response {
    page(StatusCode::OK, &SessionsPage { name, own, sessions })
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
