//! A client whose requests a service in this process answers: the test of an application, without a socket.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use axum::{Json, Router};
use sessctl::client::auth::LoginOutcome;
use sessctl::client::{Credentials, Request, UserAgent};
use sessctl::clock::{ManualClock, Timestamp};
use sessctl::session::{Session, SessionError, Sessions};
use sessctl::stores::MemoryStore;
use sessctl::web::{SessionLayer, User};
use url::Url;
use warp::Filter;

const FORM: &str =
    "<form action=/login method=post><input name=user><input name=password type=password></form>";

type Fields = Vec<(String, String)>;

fn is_right(fields: &Fields) -> bool {
    *fields == [("user".to_owned(), "alice".to_owned()), ("password".to_owned(), "secret".to_owned())]
}

fn page(user: Option<&str>) -> String {
    user.map_or(FORM.to_owned(), |name| format!("Welcome, {name}! <a href=/logout>Log out</a>"))
}

fn axum_app(sessions: Sessions) -> Router {
    let log_in = async |session: Session, Form(fields): Form<Fields>| -> Result<Redirect, SessionError> {
        if is_right(&fields) {
            session.login("alice").await?;
        }
        Ok(Redirect::to("/"))
    };
    let start = async |user: Option<User>| Html(page(user.as_ref().map(|User(name)| &**name)));
    let echo = async |Json(sent): Json<serde_json::Value>| Json(sent);
    Router::new()
        .route("/", get(start))
        .route("/login", post(log_in))
        .route("/echo", post(echo))
        .layer(SessionLayer::new(sessions))
}

fn sessions() -> (Sessions, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_800_000_000_000)));
    let sessions = Sessions::builder(MemoryStore::new()).clock(Arc::clone(&clock)).build();
    (sessions.expect("valid settings"), clock)
}

fn url(path: &str) -> Url {
    format!("https://app.test{path}").parse().expect("a URL")
}

/// Logs in, and is logged out when the session was not used for half an hour.
async fn expires_after_half_an_hour(mut agent: UserAgent, clock: &ManualClock) {
    let wrong = agent.login(&url("/"), Credentials::new("alice", "wrong")).await.expect("a verdict");
    assert_ne!(wrong.outcome, LoginOutcome::LoggedIn);
    let right = agent.login(&url("/"), Credentials::new("alice", "secret")).await.expect("a verdict");
    assert_eq!(right.outcome, LoginOutcome::LoggedIn, "{right:?}");
    assert!(agent.jar().cookies().iter().any(|cookie| cookie.name == "__Host-sessionid".into()));
    clock.advance(Duration::from_secs(29 * 60));
    let text = agent.send(Request::page(url("/"))).await.expect("a page").text().into_owned();
    assert!(text.contains("Welcome, alice!"), "{text}");
    clock.advance(Duration::from_secs(31 * 60));
    assert_eq!(agent.send(Request::page(url("/"))).await.expect("a page").text(), FORM);
}

#[tokio::test]
async fn a_login_to_an_axum_application_expires() {
    let (sessions, clock) = sessions();
    // In a task of its own: a login can be moved between threads.
    let agent = UserAgent::for_service(axum_app(sessions));
    let test = async move { expires_after_half_an_hour(agent, &clock).await };
    tokio::spawn(test).await.expect("no panic");
}

#[tokio::test]
async fn a_login_to_a_warp_application_expires() {
    let (sessions, clock) = sessions();
    let start = warp::path::end().and(sessctl::web::session()).then(|session: Session| async move {
        let user = session.user().await.expect("a session");
        warp::reply::html(page(user.as_deref()))
    });
    let login = warp::path("login").and(sessctl::web::session()).and(warp::body::form());
    let login = login.then(|session: Session, fields: Fields| async move {
        if is_right(&fields) {
            session.login("alice").await.expect("a login");
        }
        warp::redirect::see_other(http::Uri::from_static("/"))
    });
    let service = tower_layer::Layer::layer(&SessionLayer::new(sessions), warp::service(start.or(login)));
    expires_after_half_an_hour(UserAgent::for_service(service), &clock).await;
}

#[tokio::test]
async fn requests_and_responses_are_json() {
    let mut agent = UserAgent::for_service(axum_app(sessions().0));
    let request = Request::json(url("/echo"), &serde_json::json!({ "b": 1, "a": [true] })).expect("JSON");
    let response = agent.send(request).await.expect("a response");
    let echoed: serde_json::Value = response.json().expect("JSON");
    assert_eq!(echoed, serde_json::json!({ "b": 1, "a": [true] }));
    let form = Request::form(url("/login"), [("user", "alice"), ("password", "secret")]);
    assert!(agent.send(form).await.expect("a page").text().contains("Welcome, alice!"));
    assert_eq!(agent.flow().exchanges.len(), 3, "the redirect is an exchange");
}
