//! The HTML pages. The templates escape every value.

use std::borrow::Borrow;

use askama::Template;
use http::header::{ALLOW, CONTENT_LANGUAGE, VARY};
use http::{HeaderValue, StatusCode};
use jiff::fmt::temporal::DateTimePrinter;
use serde_json::Value;
use warp::reply::Response;

use sessctl::session::{Handle, Record, Timestamp};

use super::accept::{Accepted, Format};
use super::accounts::MAX_NAME_LEN;
use super::login::LOGGED_IN_FROM;
use super::page_texts::PageTexts;
use super::problem::Problem;
use super::reply;
use crate::texts::Language;

pub(super) const STYLE: &str = include_str!("templates/style.css");

/// `Vary` of a page that depends on the session.
const VARY_SESSION: HeaderValue = HeaderValue::from_static("Cookie, Accept, Accept-Language");

/// `Vary` of all other pages.
const VARY_CLIENT: HeaderValue = HeaderValue::from_static("Accept, Accept-Language");

#[derive(Template)]
#[template(path = "login.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct LoginPage<'a> {
    texts: &'static PageTexts,
    /// Shown above the form.
    problem: Option<String>,
    /// Where to go after the login.
    next: Option<&'a str>,
    asks_for_password: bool,
}

#[derive(Template)]
#[template(path = "welcome.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct WelcomePage<'a> {
    texts: &'static PageTexts,
    name: &'a str,
    session: &'a Record,
}

#[derive(Template)]
#[template(path = "sessions.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct SessionsPage<'a> {
    texts: &'static PageTexts,
    name: &'a str,
    /// The session of this request.
    current: Handle,
    sessions: Vec<ListedSession>,
    /// The number of records on this page of the list that cannot be read.
    unreadable: usize,
    /// Where the list continues, encoded for a query.
    next: Option<String>,
}

struct ListedSession {
    handle: Handle,
    /// A description of the client that logged in.
    from: Option<String>,
    created: ShownTime,
    last_used: ShownTime,
}

/// A time, and how long ago it was.
struct ShownTime {
    at: String,
    ago: String,
}

#[derive(Template)]
#[template(path = "error.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct ErrorPage<'a> {
    texts: &'static PageTexts,
    status: StatusCode,
    problem: &'a str,
}

impl WelcomePage<'_> {
    fn count(&self) -> String {
        self.session.data.get("count").map_or_else(|| "0".to_owned(), ToString::to_string)
    }
}

/// Writes the times on the pages in a format of the HTML `time` element: `2030-01-31 12:00:09Z`.
const TIMES: DateTimePrinter = DateTimePrinter::new().separator(b' ').precision(Some(0));

/// A function for the templates, which pass fields by reference.
fn time(at: impl Borrow<Timestamp>) -> String {
    let at = *at.borrow();
    // jiff has no dates outside the years -9999 to 9999.
    jiff::Timestamp::from_millisecond(at.as_millis())
        .map_or_else(|_| at.to_string(), |at| TIMES.timestamp_to_string(&at))
}

/// The login form, after a failed login with its problem.
pub(super) fn login(
    language: Language,
    problem: Option<Problem>,
    next: Option<&str>,
    asks_for_password: bool,
) -> Response {
    let texts = PageTexts::of(language);
    let status = problem.map_or(StatusCode::OK, |problem| problem.status);
    let problem = problem.map(|problem| texts.problem(problem));
    page(language, status, VARY_SESSION, &LoginPage { texts, problem, next, asks_for_password })
}

pub(super) fn welcome(language: Language, name: &str, session: &Record) -> Response {
    let texts = PageTexts::of(language);
    page(language, StatusCode::OK, VARY_SESSION, &WelcomePage { texts, name, session })
}

pub(super) fn sessions(
    language: Language,
    name: &str,
    current: Handle,
    records: &[Record],
    unreadable: usize,
    next: Option<&str>,
    now: Timestamp,
) -> Response {
    let texts = PageTexts::of(language);
    let shown = |at: Timestamp| ShownTime { at: time(at), ago: texts.ago(now.since(at).as_secs()) };
    let listed = |record: &Record| ListedSession {
        handle: record.handle,
        from: record.data.get(LOGGED_IN_FROM).and_then(Value::as_str).map(str::to_owned),
        created: shown(record.created),
        last_used: shown(record.last_seen),
    };
    let sessions = records.iter().map(listed).collect();
    let next = next.map(|position| form_urlencoded::byte_serialize(position.as_bytes()).collect());
    page(
        language,
        StatusCode::OK,
        VARY_SESSION,
        &SessionsPage { texts, name, current, sessions, unreadable, next },
    )
}

/// A page or JSON, as the client prefers.
pub(super) fn problem(accepted: Accepted, problem: Problem) -> Response {
    match accepted.format {
        Format::Html => problem_page(accepted.language, problem),
        Format::Json => reply::json_problem(problem),
    }
}

pub(super) fn problem_page(language: Language, problem: Problem) -> Response {
    error(language, problem.status, &PageTexts::of(language).problem(problem))
}

pub(super) fn method_not_allowed(language: Language, allowed: &'static str) -> Response {
    let problem = PageTexts::of(language).allowed_methods.with(allowed);
    let mut response = error(language, StatusCode::METHOD_NOT_ALLOWED, &problem);
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    response
}

fn error(language: Language, status: StatusCode, problem: &str) -> Response {
    page(language, status, VARY_CLIENT, &ErrorPage { texts: PageTexts::of(language), status, problem })
}

fn page(language: Language, status: StatusCode, vary: HeaderValue, template: &impl Template) -> Response {
    let mut response = reply::page(status, template);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(VARY, vary);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_to_the_second() {
        for (millis, text) in [
            (1_896_091_209_123, "2030-01-31 12:00:09Z"),
            (-1, "1969-12-31 23:59:59Z"),
            (i64::MAX, "@9223372036854775"),
        ] {
            assert_eq!(time(Timestamp::from_millis(millis)), text);
        }
    }
}
