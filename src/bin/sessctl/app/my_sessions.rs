//! The sessions of the current user: the list, and ending one or all others.

use std::sync::Arc;

use http::StatusCode;
use serde_json::{Value, json};
use warp::reply::Response;

use sessctl::session::Owner;
use sessctl::session::{Handle, Record, Session, SessionError, Sessions};

use super::accept::{Accepted, Format};
use super::form_fields::FormFields;
use super::problem::Problem;
use super::reply;
use super::{pages, session_pages};

const MAX_LISTED: usize = 1000;

/// `GET /sessions`: the sessions of the user, the oldest first.
pub(super) async fn list(session: Session, accepted: Accepted, sessions: Sessions) -> Response {
    let (user, current) = match user_of(&session).await {
        Ok(Some(user)) => user,
        Ok(None) => return log_in_first(accepted),
        Err(error) => return pages::problem(accepted, &error),
    };
    let page = match sessions.list(Owner::User(&user), None, MAX_LISTED).await {
        Ok(page) => page,
        Err(error) => return pages::problem(accepted, &SessionError::from(error)),
    };
    let records: Vec<Record> = page.sessions.into_iter().map(|(_, record)| record).collect();
    match accepted.format {
        Format::Html => pages::sessions(accepted.language, &user, current, &records),
        Format::Json => {
            let facts = |record: &Record| {
                let mut facts = session_pages::facts_of(record);
                facts["own"] = Value::Bool(record.handle == current);
                facts
            };
            let all: Vec<Value> = records.iter().map(facts).collect();
            reply::json(StatusCode::OK, &json!({ "sessions": all }))
        }
    }
}

/// `POST /sessions/revoke`: ends the session in the field `handle`, or with the field `others` all but this one.
pub(super) async fn revoke(
    session: Session,
    form: Result<FormFields, Problem>,
    accepted: Accepted,
    sessions: Sessions,
) -> Response {
    let form = match form {
        Ok(form) => form,
        Err(problem) => return pages::problem(accepted, problem),
    };
    let (user, current) = match user_of(&session).await {
        Ok(Some(user)) => user,
        Ok(None) => return log_in_first(accepted),
        Err(error) => return pages::problem(accepted, &error),
    };
    let owner = Owner::User(&user);
    let handle = form.get("handle").map(|handle| handle.parse().map(Handle::from_uuid));
    let is_current = handle == Some(Ok(current));
    let ended: Result<bool, SessionError> = match (handle, form.get("others")) {
        // As a logout: the response deletes the cookie too.
        (Some(Ok(_)), _) if is_current => session.end().await.map(|()| true),
        (Some(Ok(handle)), _) => sessions.revoke(owner, handle).await.map_err(SessionError::from),
        (Some(Err(_)), _) => Ok(false),
        (None, Some(_)) => {
            sessions.revoke_all(owner, Some(current)).await.map(|_| true).map_err(SessionError::from)
        }
        (None, None) => return pages::problem(accepted, Problem::NoSessionNamed),
    };
    match ended {
        Ok(true) if is_current => reply::session_ended("/sessions"),
        Ok(true) => reply::see_other("/sessions"),
        // The response is the same for another user's session and for one that does not exist.
        Ok(false) => pages::problem(accepted, Problem::NoSuchSession),
        Err(error) => pages::problem(accepted, &error),
    }
}

async fn user_of(session: &Session) -> Result<Option<(Arc<str>, Handle)>, SessionError> {
    let record = session.record().await?;
    Ok(record.and_then(|record| record.user.clone().map(|user| (user, record.handle))))
}

fn log_in_first(accepted: Accepted) -> Response {
    match accepted.format {
        Format::Html => reply::see_other("/?next=/sessions"),
        Format::Json => reply::no_session(),
    }
}
