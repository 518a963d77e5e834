//! A benchmark peer: axum with tower-sessions. `GET` reads the session's user, `POST` creates a session.
//!
//! `peer-axum GET-FILE POST-FILE`
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a benchmark program"
)]

mod canned;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::{get, post};
use canned::{Canned, listen};
use tower_sessions::cookie::time::Duration;
use tower_sessions::{Expiry, MemoryStore, Session, SessionManagerLayer};

#[tokio::main]
async fn main() {
    let files: Vec<Canned> = std::env::args().skip(1).map(|path| Canned::read(&path)).collect();
    let [page, redirect] = files.try_into().unwrap_or_else(|_| panic!("two files"));
    let read = move |session: Session| async move {
        let user: Option<String> = session.get("user").await.expect("a session");
        assert!(user.is_some(), "the bench logs in first");
        page.response::<Body>()
    };
    let login = move |session: Session| async move {
        session.cycle_id().await.expect("a new id");
        session.insert("user", "alice").await.expect("a session");
        let response: Response = redirect.response();
        response
    };
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_secure(false)
        .with_expiry(Expiry::OnInactivity(Duration::minutes(30)));
    let app = Router::new().route("/", get(read)).route("/login", post(login)).layer(sessions);
    axum::serve(listen().await, app).await.expect("to serve");
}
