//! The HTML pages. Templates escape what they are given.

mod moment;
mod texts;
mod welcome;

use askama::Template;
use http::header::{ALLOW, CONTENT_LANGUAGE, VARY};
use http::{HeaderValue, StatusCode};
use warp::reply::Response;

use sessctl::session::{Handle, Record, SessionError, Timestamp};

use super::accounts::LONGEST_NAME;
use super::problem::Problem;
use super::reply;
use crate::texts::Language;

use moment::Moment;
pub(super) use texts::PageTexts;

/// The style sheet of all pages.
pub(super) const STYLE: &str = include_str!("../templates/style.css");

/// What a page depends on that shows a session if there is one.
const BY_SESSION: HeaderValue = HeaderValue::from_static("Cookie, Accept, Accept-Language");

/// What all others depend on.
const BY_READER: HeaderValue = HeaderValue::from_static("Accept, Accept-Language");

/// What is said above the login form, and what it asks for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Login<'a> {
    pub(super) problem: Option<Problem>,
    /// Where to go after the login.
    pub(super) next: Option<&'a str>,
    pub(super) asks_for_password: bool,
}

#[derive(Template)]
#[template(path = "login.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct LoginPage<'a> {
    texts: &'static PageTexts,
    problem: Option<&'a str>,
    login: &'a Login<'a>,
}

#[derive(Template)]
#[template(path = "sessions.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct SessionsPage<'a> {
    texts: &'static PageTexts,
    name: &'a str,
    /// The one that this page is asked for with.
    own: Handle,
    sessions: &'a [Record],
}

impl SessionsPage<'_> {
    fn moment(at: &Timestamp) -> Moment {
        Moment(*at)
    }
}

#[derive(Template)]
#[template(path = "error.html", config = "src/bin/sessctl/app/templates/askama.toml")]
struct ErrorPage<'a> {
    texts: &'static PageTexts,
    status: StatusCode,
    problem: &'a str,
}

/// Has ready what pages need, in all languages.
pub(super) fn prepare() {
    welcome::prepare();
}

pub(super) fn login(language: Language, status: StatusCode, login: &Login<'_>) -> Response {
    let texts = PageTexts::of(language);
    let problem = login.problem.map(|problem| texts.problem(problem));
    page(language, status, BY_SESSION, &LoginPage { texts, problem, login })
}

pub(super) fn welcome(language: Language, name: &str, record: &Record) -> Response {
    welcome::render(language, name, record)
}

pub(super) fn sessions(language: Language, name: &str, own: Handle, sessions: &[Record]) -> Response {
    let texts = PageTexts::of(language);
    page(language, StatusCode::OK, BY_SESSION, &SessionsPage { texts, name, own, sessions })
}

pub(super) fn error(language: Language, status: StatusCode, problem: Problem) -> Response {
    error_of(language, status, PageTexts::of(language).problem(problem))
}

pub(super) fn session_error(language: Language, why: &SessionError) -> Response {
    let (status, problem) = Problem::of_session(why);
    error(language, status, problem)
}

pub(super) fn not_found(language: Language) -> Response {
    error(language, StatusCode::NOT_FOUND, Problem::NoPage)
}

pub(super) fn method_not_allowed(language: Language, allowed: &[&str]) -> Response {
    let methods = allowed.join(", ");
    let around = &PageTexts::of(language).methods;
    let problem = [around.before.as_str(), &methods, &around.after].concat();
    let mut response = error_of(language, StatusCode::METHOD_NOT_ALLOWED, &problem);
    let allow = HeaderValue::from_str(&methods);
    response.headers_mut().extend(allow.ok().map(|allow| (ALLOW, allow)));
    response
}

fn error_of(language: Language, status: StatusCode, problem: &str) -> Response {
    page(language, status, BY_READER, &ErrorPage { texts: PageTexts::of(language), status, problem })
}

fn page(language: Language, status: StatusCode, vary: HeaderValue, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => written(language, status, vary, html),
        // Writing into a String fails only if a value's Display does, and those above do not.
        Err(_) => reply::problem(StatusCode::INTERNAL_SERVER_ERROR, "the page could not be written"),
    }
}

fn written(language: Language, status: StatusCode, vary: HeaderValue, html: String) -> Response {
    let mut response = reply::html(status, html);
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
    headers.insert(VARY, vary);
    response
}
