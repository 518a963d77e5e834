//! The current session: the start page, the facts of the session as JSON, and a counter in its data.

use http::StatusCode;
use warp::reply::Response;

use sessctl::session::Session;
use sessctl::web::local_target;

use super::accept::{Accepted, Format};
use super::form_fields::FormFields;
use super::pages;
use super::problem::Problem;
use super::reply;
use super::session_facts::session_facts_with_data;
use crate::json::json;

/// `GET /`: a greeting if the user is logged in, otherwise the login form.
pub(super) async fn index(
    session: Session,
    accepted: Accepted,
    query: FormFields,
    asks_for_password: bool,
) -> Result<Response, Problem> {
    let record = session.record().await?;
    let user = record.as_ref().and_then(|record| record.user.as_deref().map(|user| (user, record)));
    Ok(match (user, accepted.format) {
        (Some((user, record)), Format::Html) => pages::welcome(accepted.language, user, record),
        (Some((user, record)), Format::Json) => {
            let facts = session_facts_with_data(record);
            reply::json(StatusCode::OK, &json!({ "logged_in": true, "user": user, "session": facts }))
        }
        (None, Format::Html) => {
            let next = query.get("next").and_then(local_target);
            pages::login(accepted.language, None, next.as_deref(), asks_for_password)
        }
        (None, Format::Json) => reply::json(StatusCode::OK, &json!({ "logged_in": false })),
    })
}

/// `GET /session`
pub(super) async fn facts(session: Session) -> Result<Response, Problem> {
    Ok(match session.record().await? {
        Some(record) => reply::json(StatusCode::OK, &session_facts_with_data(&record)),
        None => reply::no_session(),
    })
}

/// `POST /counter`: adds one. A browser is redirected to the page that shows the count.
pub(super) async fn count(session: Session, is_browser: bool) -> Result<Response, Problem> {
    // An anonymous request must not create a session.
    let count = match session.record().await? {
        Some(_) => Some(session.increment("count", 1).await?),
        None => None,
    };
    Ok(match count {
        _ if is_browser => reply::see_other("/"),
        Some(count) => reply::json(StatusCode::OK, &json!({ "count": count })),
        None => reply::no_session(),
    })
}
