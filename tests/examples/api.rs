//! Routes for clients that keep no cookies, such as a mobile application: they send `Authorization: Bearer TOKEN`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use sessctl::session::{Session, SessionError, Sessions};
use sessctl::web::{SessionLayer, User};

use super::pages;

pub(super) fn routes(users: Sessions) -> Router {
    let user = async |User(name): User| name.to_string();
    let routes = Router::new().route("/api/login", post(log_in)).route("/api/user", get(user));
    routes.layer(SessionLayer::new(users).bearer())
}

#[derive(Deserialize)]
struct Account {
    user: String,
    password: String,
}

async fn log_in(session: Session, Json(account): Json<Account>) -> Result<Response, SessionError> {
    if !pages::is_account(pages::USERS, &account.user, &account.password) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    session.login(account.user).await?;
    Ok(session.issued_token().unwrap_or_default().into_response())
}
