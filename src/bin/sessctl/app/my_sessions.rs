//! The sessions of the current user: the list, and ending one or all others.

use std::sync::Arc;

use http::StatusCode;
use warp::reply::Response;

use sessctl::session::{Cursor, Handle, Keep, Owner, Record, Session, SessionError, Sessions, StoreError};

use super::accept::{Accepted, Format};
use super::form_fields::FormFields;
use super::pages;
use super::problem::Problem;
use super::reply;
use super::session_facts::session_facts_with_data;
use crate::json::{Json, json};

/// How many sessions a page lists.
const PAGE_LEN: usize = 50;

/// `GET /sessions`: the sessions of the user, the oldest first. The field `after` continues a list.
pub(super) async fn list(
    session: Session,
    accepted: Accepted,
    query: FormFields,
    sessions: Sessions,
) -> Result<Response, Problem> {
    let Some((user, current)) = user_of(&session).await? else { return Ok(log_in_first(accepted)) };
    let after = query.get("after").map(|position| Cursor(position.to_owned()));
    let page = match sessions.list(Owner::User(&user), after.as_ref(), PAGE_LEN).await {
        Err(StoreError::BadCursor) => return Err(Problem::BAD_POSITION),
        listed => listed.map_err(SessionError::from)?,
    };
    let unreadable = page.unreadable.len();
    let next = page.next.map(|Cursor(position)| position);
    let records: Vec<Record> = page.sessions.into_iter().map(|(_, record)| record).collect();
    if accepted.format == Format::Html {
        return Ok(pages::sessions(
            accepted.language,
            &user,
            current,
            &records,
            unreadable,
            next.as_deref(),
            sessions.now(),
        ));
    }
    let facts = |record: &Record| {
        let mut facts = session_facts_with_data(record);
        facts.set("own", record.handle == current);
        facts
    };
    let all: Vec<Json> = records.iter().map(facts).collect();
    Ok(reply::json(StatusCode::OK, &json!({ "sessions": all, "unreadable": unreadable, "next": next })))
}

/// `POST /sessions/revoke`: ends the session in the field `handle`, or with the field `others` all but this one.
pub(super) async fn revoke(
    session: Session,
    form: Result<FormFields, Problem>,
    accepted: Accepted,
    sessions: Sessions,
) -> Result<Response, Problem> {
    let form = form?;
    let Some((user, current)) = user_of(&session).await? else { return Ok(log_in_first(accepted)) };
    let owner = Owner::User(&user);
    let Some(handle) = form.get("handle") else {
        form.get("others").ok_or(Problem::NO_SESSION_NAMED)?;
        sessions.revoke_all(owner, Keep::Session(current)).await.map_err(SessionError::from)?;
        return Ok(reply::see_other("/sessions"));
    };
    // The response is the same for another user's session and for one that does not exist.
    let handle = handle.parse().map(Handle::from_uuid).map_err(|_| Problem::NO_SUCH_SESSION)?;
    if handle == current {
        // As a logout: the response deletes the cookie too.
        session.end().await?;
        return Ok(reply::session_ended("/sessions"));
    }
    match sessions.revoke(owner, handle).await.map_err(SessionError::from)? {
        true => Ok(reply::see_other("/sessions")),
        false => Err(Problem::NO_SUCH_SESSION),
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
