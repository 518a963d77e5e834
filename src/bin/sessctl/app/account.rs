//! What a visitor sees of the own session: the start page, its facts, a counter in it.

use http::StatusCode;
use serde_json::json;
use warp::reply::Response;

use sessctl::session::{Record, Session};

use super::next::local_target;
use super::pages::{self, Login};
use super::reply::{self, Accepted, AsksForPage, Reader};
use crate::texts::Language;

/// Names and values of a query, in its order.
pub(super) type Fields = Vec<(String, String)>;

/// `GET /`: a greeting for who is logged in, the login form for all others.
pub(super) async fn index(
    session: Session,
    reader: Reader,
    query: Fields,
    asks_for_password: bool,
) -> Response {
    let Reader { accepted, language } = reader;
    let record = match (session.record().await, accepted) {
        (Ok(record), _) => record,
        (Err(error), Accepted::Html) => return pages::session_error(language, &error),
        (Err(error), Accepted::Json) => return reply::session_problem(&error),
    };
    let user = record.as_ref().and_then(|record| record.user.as_deref().map(|user| (user, record)));
    match (user, accepted) {
        (Some((user, record)), Accepted::Html) => pages::welcome(language, user, record),
        (Some((user, record)), Accepted::Json) => {
            let answer = json!({ "logged_in": true, "user": user, "session": facts_of(record) });
            reply::json(StatusCode::OK, &answer)
        }
        (None, Accepted::Html) => {
            let next = query.iter().find(|(name, _)| name == "next");
            let next = next.and_then(|(_, next)| local_target(next));
            let page = Login { problem: None, next: next.as_deref(), asks_for_password };
            pages::login(language, StatusCode::OK, &page)
        }
        (None, Accepted::Json) => reply::json(StatusCode::OK, &json!({ "logged_in": false })),
    }
}

/// `GET /session`: the facts of the session.
pub(super) async fn facts(session: Session) -> Response {
    match session.record().await {
        Ok(Some(record)) => reply::json(StatusCode::OK, &facts_of(&record)),
        Ok(None) => no_session(),
        Err(error) => reply::session_problem(&error),
    }
}

/// `POST /counter`: one more. A browser is led back to the page that shows it.
pub(super) async fn count(session: Session, page: AsksForPage, language: Language) -> Response {
    let AsksForPage(for_page) = page;
    let counted = match session.record().await {
        Ok(Some(_)) => session.increment("count", 1).await.map(Some),
        // An anonymous visitor gets no session for counting.
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    match counted {
        Ok(_) if for_page => reply::see_other("/"),
        Ok(Some(count)) => reply::json(StatusCode::OK, &json!({ "count": count })),
        Ok(None) => no_session(),
        Err(error) if for_page => pages::session_error(language, &error),
        Err(error) => reply::session_problem(&error),
    }
}

pub(super) fn facts_of(record: &Record) -> serde_json::Value {
    json!({
        "handle": record.handle,
        "user": record.user.as_deref(),
        "created": record.created,
        "last_seen": record.last_seen,
        "idle_expiry": record.expires(),
        "absolute_expiry": record.absolute_expiry,
        "data": serde_json::Map::from(&record.data),
    })
}

fn no_session() -> Response {
    reply::problem(StatusCode::UNAUTHORIZED, "there is no session: log in first")
}
