//! A user's own sessions, seen and ended by the user.

use http::StatusCode;
use serde_json::{Value, json};
use warp::reply::Response;

use sessctl::session::Owner;
use sessctl::session::{Handle, Record, Session, SessionError, Sessions};

use super::forms::{Form, NoForm};
use super::problem::Problem;
use super::reply::{self, Accepted, Reader};
use super::{account, pages};

/// More than this many are not listed.
const MOST: usize = 1000;

/// `GET /sessions`: all sessions of the user, the oldest first.
pub(super) async fn list(session: Session, reader: Reader, sessions: Sessions) -> Response {
    let (user, own) = match who(&session).await {
        Ok(Some(who)) => who,
        Ok(None) => return nobody(reader.accepted),
        Err(error) => return failed(&error, reader),
    };
    let page = match sessions.list(Owner::User(&user), None, MOST).await {
        Ok(page) => page,
        Err(error) => return failed(&error.into(), reader),
    };
    let records: Vec<Record> = page.sessions.into_iter().map(|(_, record)| record).collect();
    match reader.accepted {
        Accepted::Html => pages::sessions(reader.language, &user, own, &records),
        Accepted::Json => {
            let facts = |record: &Record| {
                let mut facts = account::facts_of(record);
                facts["own"] = Value::Bool(record.handle == own);
                facts
            };
            let all: Vec<Value> = records.iter().map(facts).collect();
            reply::json(StatusCode::OK, &json!({ "sessions": all }))
        }
    }
}

/// `POST /sessions/revoke`: ends one of them (`handle`), or all but this one (`others`).
pub(super) async fn revoke(
    session: Session,
    form: Result<Form, NoForm>,
    reader: Reader,
    sessions: Sessions,
) -> Response {
    let form = match form {
        Ok(form) => form,
        Err((status, problem)) => return problem_for(reader, status, problem),
    };
    let (user, own) = match who(&session).await {
        Ok(Some(who)) => who,
        Ok(None) => return nobody(reader.accepted),
        Err(error) => return failed(&error, reader),
    };
    let owner = Owner::User(&user);
    let handle = form.get("handle").map(str::parse::<uuid::Uuid>);
    let is_own = matches!(handle, Some(Ok(handle)) if Handle::from_uuid(handle) == own);
    let ended: Result<bool, SessionError> = match (handle, form.get("others")) {
        // The own session ends as by logging out: its cookie goes too.
        _ if is_own => session.end().await.map(|()| true),
        (Some(Ok(handle)), _) => {
            sessions.revoke(owner, Handle::from_uuid(handle)).await.map_err(SessionError::from)
        }
        (Some(Err(_)), _) => Ok(false),
        (None, Some(_)) => {
            sessions.revoke_all(owner, Some(own)).await.map(|_| true).map_err(SessionError::from)
        }
        (None, None) => return problem_for(reader, StatusCode::BAD_REQUEST, Problem::WhichSession),
    };
    match ended {
        Ok(true) if is_own => reply::ended("/sessions"),
        Ok(true) => reply::see_other("/sessions"),
        // Somebody else's is as good as none.
        Ok(false) => problem_for(reader, StatusCode::NOT_FOUND, Problem::NoSuchSession),
        Err(error) => failed(&error, reader),
    }
}

async fn who(session: &Session) -> Result<Option<(std::sync::Arc<str>, Handle)>, SessionError> {
    let record = session.record().await?;
    Ok(record.and_then(|record| record.user.clone().map(|user| (user, record.handle))))
}

fn nobody(accepted: Accepted) -> Response {
    match accepted {
        Accepted::Html => reply::see_other("/?next=/sessions"),
        Accepted::Json => reply::problem(StatusCode::UNAUTHORIZED, "there is no session: log in first"),
    }
}

fn failed(error: &SessionError, reader: Reader) -> Response {
    match reader.accepted {
        Accepted::Html => pages::session_error(reader.language, error),
        Accepted::Json => reply::session_problem(error),
    }
}

fn problem_for(reader: Reader, status: StatusCode, problem: Problem) -> Response {
    match reader.accepted {
        Accepted::Html => pages::error(reader.language, status, problem),
        Accepted::Json => reply::problem(status, problem.in_english()),
    }
}
