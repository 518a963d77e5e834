//! The current session: the start page, the facts of the session as JSON, and a counter in its data.

use http::StatusCode;
use serde_json::json;
use warp::reply::Response;

use sessctl::session::{Record, Session};

use super::accept::{Accepted, Format, NamesHtml};
use super::local_target::local_target;
use super::pages::{self, LoginPrompt};
use super::reply;
use crate::texts::Language;

/// Names and values of a query, in its order.
pub(super) type Fields = Vec<(String, String)>;

/// `GET /`: a greeting if the user is logged in, otherwise the login form.
pub(super) async fn index(
    session: Session,
    accepted: Accepted,
    query: Fields,
    asks_for_password: bool,
) -> Response {
    let record = match session.record().await {
        Ok(record) => record,
        Err(error) => return pages::problem(accepted, &error),
    };
    let user = record.as_ref().and_then(|record| record.user.as_deref().map(|user| (user, record)));
    match (user, accepted.format) {
        (Some((user, record)), Format::Html) => pages::welcome(accepted.language, user, record),
        (Some((user, record)), Format::Json) => {
            let answer = json!({ "logged_in": true, "user": user, "session": facts_of(record) });
            reply::json(StatusCode::OK, &answer)
        }
        (None, Format::Html) => {
            let next = query.iter().find(|(name, _)| name == "next");
            let next = next.and_then(|(_, next)| local_target(next));
            let form = LoginPrompt { problem: None, next: next.as_deref(), asks_for_password };
            pages::login(accepted.language, &form)
        }
        (None, Format::Json) => reply::json(StatusCode::OK, &json!({ "logged_in": false })),
    }
}

/// `GET /session`
pub(super) async fn facts(session: Session) -> Response {
    match session.record().await {
        Ok(Some(record)) => reply::json(StatusCode::OK, &facts_of(&record)),
        Ok(None) => reply::no_session(),
        Err(error) => reply::json_problem(&error),
    }
}

/// `POST /counter`: adds one. A browser is redirected to the page that shows the count.
pub(super) async fn count(session: Session, accept: NamesHtml, language: Language) -> Response {
    let NamesHtml(is_browser) = accept;
    let counted = match session.record().await {
        Ok(Some(_)) => session.increment("count", 1).await.map(Some),
        // An anonymous request must not create a session.
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    match counted {
        Ok(_) if is_browser => reply::see_other("/"),
        Ok(Some(count)) => reply::json(StatusCode::OK, &json!({ "count": count })),
        Ok(None) => reply::no_session(),
        Err(error) if is_browser => pages::error(language, &error),
        Err(error) => reply::json_problem(&error),
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
