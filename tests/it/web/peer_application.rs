//! The example application, and the same one written for tower-sessions: what the guide says about them.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use sessctl::client::auth::LoginOutcome;
use sessctl::client::{Credentials, UserAgent};
use sessctl::session::Sessions;
use sessctl::stores::SqliteStore;
use tokio::sync::Barrier;
use tokio::task::{JoinSet, yield_now};
use tower_service::Service;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::Result;
use tower_sessions::{MemoryStore, SessionStore};

use super::examples::axum_app;

#[path = "../../peers/tower_sessions.rs"]
mod peer_app;

const PARALLEL: usize = 200;

/// A store that lets other requests run while it is asked, as each store on a disk or a network does.
#[derive(Debug, Clone, Default)]
struct Waits(MemoryStore);

#[async_trait]
impl SessionStore for Waits {
    async fn create(&self, record: &mut Record) -> Result<()> {
        yield_now().await;
        self.0.create(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        yield_now().await;
        self.0.save(record).await
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let loaded = self.0.load(id).await;
        yield_now().await;
        loaded
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        yield_now().await;
        self.0.delete(id).await
    }
}

fn peer() -> Router {
    peer_app::app(Waits::default(), Waits::default())
}

fn ours(store: SqliteStore) -> Router {
    let users = Sessions::builder(store.clone()).build().expect("valid settings");
    axum_app::app(users, Sessions::builder(store).realm("admin").build().expect("valid settings"))
}

/// Opens the start page, and returns the number of visits and the cookie.
async fn visit(mut app: Router, cookie: &str) -> (usize, String) {
    let request = Request::get("/").header("host", "shop.test").header("cookie", cookie);
    let response = app.call(request.body(Body::empty()).expect("a request")).await.expect("infallible");
    let set = response.headers().get("set-cookie").map(|line| line.to_str().expect("ASCII").to_owned());
    let page = response.into_body().collect().await.expect("a page").to_bytes();
    let page = String::from_utf8(page.to_vec()).expect("text");
    let visits = page.split_once("Visit ").and_then(|(_, rest)| rest.split('<').next()?.parse().ok());
    let cookie = set.and_then(|line| line.split(';').next().map(str::to_owned)).unwrap_or_default();
    (visits.unwrap_or_else(|| panic!("no visits: {page}")), cookie)
}

/// How many of the parallel visits were counted.
async fn counted(app: Router) -> usize {
    let (before, cookie) = visit(app.clone(), "").await;
    let (start, mut visits) = (Arc::new(Barrier::new(PARALLEL)), JoinSet::new());
    for _ in 0..PARALLEL {
        let (app, cookie, start) = (app.clone(), cookie.clone(), Arc::clone(&start));
        visits.spawn(async move {
            start.wait().await;
            visit(app, &cookie).await
        });
    }
    visits.join_all().await;
    visit(app, &cookie).await.0 - before - 1
}

#[tokio::test]
async fn parallel_requests_lose_changes_only_in_the_peer() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let store = SqliteStore::open(folder.path().join("store")).expect("a store");
    let (ours, theirs) = (counted(ours(store)).await, counted(peer()).await);
    assert_eq!(ours, PARALLEL);
    assert_eq!(theirs, 1, "the guide says how many visits tower-sessions counts");
}

#[tokio::test]
async fn the_peer_logs_users_and_admins_in() {
    for (path, user, password) in [("login", "alice", "correct horse"), ("admin/login", "root", "paper clip")]
    {
        let mut agent = UserAgent::for_service(peer());
        let url = format!("https://shop.test/{path}").parse().expect("a URL");
        let report = agent.login(&url, Credentials::new(user, password)).await.expect("a login form");
        assert_eq!(report.outcome, LoginOutcome::LoggedIn);
    }
}
