//! A user's own sessions, seen and ended by the user.

use http::StatusCode;
use serde_json::{Value, json};
use warp::reply::Response;

use sessctl::session::{Handle, Record, Session, SessionError, Sessions};
use sessctl::store::Owner;

use super::forms::{Form, NoForm};
use super::reply::{self, Accepted};
use super::{account, pages};

/// More than this many are not listed.
const MOST: usize = 1000;

/// `GET /sessions`: all sessions of the user, the oldest first.
pub(super) async fn list(session: Session, accepted: Accepted, sessions: Sessions) -> Response {
    let (user, own) = match who(&session).await {
        Ok(Some(who)) => who,
        Ok(None) => return nobody(accepted),
        Err(error) => return failed(&error, accepted),
    };
    let page = match sessions.list(Owner::User(&user), None, MOST).await {
        Ok(page) => page,
        Err(error) => return failed(&error.into(), accepted),
    };
    let records: Vec<Record> = page.sessions.into_iter().map(|(_, record)| record).collect();
    match accepted {
        Accepted::Html => pages::sessions(&user, own, &records),
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
    accepted: Accepted,
    sessions: Sessions,
) -> Response {
    let form = match form {
        Ok(form) => form,
        Err((status, problem)) => return problem_for(accepted, status, problem),
    };
    let (user, own) = match who(&session).await {
        Ok(Some(who)) => who,
        Ok(None) => return nobody(accepted),
        Err(error) => return failed(&error, accepted),
    };
    let owner = Owner::User(&user);
    let handle = form.get("handle").map(str::parse::<uuid::Uuid>);
    let ended: Result<bool, SessionError> = match (handle, form.get("others")) {
        // The own session ends as by logging out: its cookie goes too.
        (Some(Ok(handle)), _) if Handle::from_uuid(handle) == own => session.end().await.map(|()| true),
        (Some(Ok(handle)), _) => {
            sessions.revoke(owner, Handle::from_uuid(handle)).await.map_err(SessionError::from)
        }
        (Some(Err(_)), _) => Ok(false),
        (None, Some(_)) => {
            sessions.revoke_all(owner, Some(own)).await.map(|_| true).map_err(SessionError::from)
        }
        (None, None) => {
            let problem = "Say which: the field is called handle, or others for all but this one.";
            return problem_for(accepted, StatusCode::BAD_REQUEST, problem);
        }
    };
    match ended {
        Ok(true) => reply::see_other("/sessions"),
        // Somebody else's is as good as none.
        Ok(false) => problem_for(accepted, StatusCode::NOT_FOUND, "You have no such session."),
        Err(error) => failed(&error, accepted),
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

fn failed(error: &SessionError, accepted: Accepted) -> Response {
    let (status, problem) = reply::status_of(error);
    problem_for(accepted, status, problem)
}

fn problem_for(accepted: Accepted, status: StatusCode, problem: &str) -> Response {
    match accepted {
        Accepted::Html => pages::error(status, problem),
        Accepted::Json => reply::problem(status, problem),
    }
}
