//! What a visitor sees of the own session: the start page, its facts, a counter in it.

use http::StatusCode;
use serde_json::json;
use warp::reply::Response;

use sessctl::session::{Record, Session};

use super::next::local_target;
use super::pages::{self, LoginPage};
use super::reply::{self, Accepted};

/// `GET /`: a greeting for who is logged in, the login form for all others.
pub(super) async fn index(
    session: Session,
    accepted: Accepted,
    query: String,
    asks_for_password: bool,
) -> Response {
    let record = match (session.record().await, accepted) {
        (Ok(record), _) => record,
        (Err(error), Accepted::Html) => return pages::session_error(&error),
        (Err(error), Accepted::Json) => {
            let (status, problem) = reply::status_of(&error);
            return reply::problem(status, problem);
        }
    };
    let user = record.as_ref().and_then(|record| record.user.as_deref().map(|user| (user, record)));
    match (user, accepted) {
        (Some((user, record)), Accepted::Html) => pages::welcome(user, record),
        (Some((user, record)), Accepted::Json) => {
            let answer = json!({ "logged_in": true, "user": user, "session": facts_of(record) });
            reply::json(StatusCode::OK, &answer)
        }
        (None, Accepted::Html) => {
            let next = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "next");
            let next = next.and_then(|(_, next)| local_target(&next));
            let page = LoginPage { problem: None, next: next.as_deref(), asks_for_password };
            pages::login(StatusCode::OK, &page)
        }
        (None, Accepted::Json) => reply::json(StatusCode::OK, &json!({ "logged_in": false })),
    }
}

/// `GET /session`: the facts of the session.
pub(super) async fn facts(session: Session) -> Response {
    match session.record().await {
        Ok(Some(record)) => reply::json(StatusCode::OK, &facts_of(&record)),
        Ok(None) => no_session(),
        Err(error) => failed(&error),
    }
}

/// `POST /counter`: one more.
pub(super) async fn count(session: Session) -> Response {
    // An anonymous visitor gets no session for counting.
    match session.record().await {
        Ok(Some(_)) => {}
        Ok(None) => return no_session(),
        Err(error) => return failed(&error),
    }
    match session.add("count", 1).await {
        Ok(count) => reply::json(StatusCode::OK, &json!({ "count": count })),
        Err(error) => failed(&error),
    }
}

pub(super) fn facts_of(record: &Record) -> serde_json::Value {
    json!({
        "handle": record.handle,
        "user": record.user.as_deref(),
        "created": record.created,
        "last_seen": record.seen,
        "idle_expiry": record.expires(),
        "absolute_expiry": record.ends,
        "data": serde_json::Map::from(&record.data),
    })
}

fn no_session() -> Response {
    reply::problem(StatusCode::UNAUTHORIZED, "there is no session: log in first")
}

fn failed(error: &sessctl::session::SessionError) -> Response {
    let (status, problem) = reply::status_of(error);
    reply::problem(status, problem)
}
