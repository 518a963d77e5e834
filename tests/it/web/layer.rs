//! Sessions in a warp application with the session layer, without a socket.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use sessctl::clock::{ManualClock, Timestamp};
use sessctl::session::{
    Change, Changed, Cursor, ExpiredSession, Handle, Owner, Page, Record, Session, SessionConfig,
    SessionError, SessionStore, Sessions, StoreError, Successor, TokenHash,
};
use sessctl::stores::MemoryStore;
use sessctl::web::{SessionLayer, session};
use tower_layer::Layer;
use tower_service::Service;
use warp::Filter;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

struct App {
    sessions: Sessions,
    clock: Arc<ManualClock>,
}

impl App {
    fn new() -> Self {
        Self::with(MemoryStore::new())
    }

    fn with(store: impl SessionStore) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let sessions =
            Sessions::builder(store).config(SessionConfig::development()).clock(Arc::clone(&clock));
        let sessions = sessions.build().expect("valid settings");
        App { sessions, clock }
    }

    /// Sends a request with this cookie to a warp application with this handler.
    async fn call<F, R>(&self, cookie: &str, handler: F) -> Response<String>
    where
        F: Fn(Session) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Result<String, SessionError>> + Send,
    {
        let route = session().and_then(move |session: Session| {
            let answer = handler(session);
            async move {
                Ok::<_, Infallible>(match answer.await {
                    Ok(text) => Response::new(text),
                    Err(error) => {
                        Response::builder().status(503).body(error.to_string()).expect("a response")
                    }
                })
            }
        });
        let mut service = SessionLayer::new(self.sessions.clone()).layer(warp::service(route));
        let request = Request::builder().uri("/").header("cookie", cookie);
        let request = request.body(Empty::<bytes::Bytes>::new()).expect("a request");
        let (head, body) = service.call(request).await.expect("infallible").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Response::from_parts(head, String::from_utf8(body.to_vec()).expect("text"))
    }
}

fn cookie_of(response: &Response<String>) -> String {
    let line = response.headers().get("set-cookie").map(|line| line.to_str().expect("ASCII").to_owned());
    line.and_then(|line| line.split(';').next().map(str::to_owned)).unwrap_or_default()
}

async fn count(session: Session) -> Result<String, SessionError> {
    Ok(session.increment("n", 1).await?.to_string())
}

async fn login(session: Session) -> Result<String, SessionError> {
    session.login("alice").await.map(|()| String::new())
}

async fn end(session: Session) -> Result<String, SessionError> {
    session.end().await.map(|()| String::new())
}

/// The user, or `anonymous`.
async fn greet(session: Session) -> Result<String, SessionError> {
    Ok(session.user().await?.map_or("anonymous".to_owned(), |user| user.to_string()))
}

#[tokio::test]
async fn the_first_change_creates_a_session_that_the_cookie_opens() {
    let app = App::new();
    let first = app.call("", count).await;
    let cookie = cookie_of(&first);
    assert!(cookie.starts_with("sessionid="), "{first:?}");
    let second = app.call(&cookie, count).await;
    assert_eq!((second.body().as_str(), cookie_of(&second)), ("2", String::new()));
    assert_eq!(second.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn a_handler_that_ignores_the_session_costs_nothing() {
    let app = App::with(Failing::always());
    let response =
        app.call(&format!("sessionid={}", "A".repeat(43)), |_| async { Ok("static".to_owned()) }).await;
    assert_eq!(
        (response.status().as_u16(), response.body().as_str()),
        (200, "static"),
        "the store was not asked"
    );
    assert_eq!(response.headers().get("vary"), None);
}

#[tokio::test]
async fn vary_cookie_is_added_only_if_it_is_missing() {
    for (own, expected) in [("Accept, cookie", &["Accept, cookie"][..]), ("Accept", &["Accept", "Cookie"])] {
        let route = session().then(move |session: Session| async move {
            session.user().await.expect("no error without a session");
            Response::builder().header("vary", own).body(String::new()).expect("a response")
        });
        let mut service = SessionLayer::new(App::new().sessions).layer(warp::service(route));
        let request = Request::builder().uri("/").body(Empty::<bytes::Bytes>::new()).expect("a request");
        let response = service.call(request).await.expect("infallible");
        assert!(response.headers().get_all("vary").iter().eq(expected), "{response:?}");
    }
}

/// RFC 9111 §5.2.2: a shared cache does not answer other clients with such a response.
#[tokio::test]
async fn a_cache_control_of_the_application_is_kept_if_it_is_private() {
    for (own, kept) in [
        ("private, max-age=60", true),
        ("max-age=60, No-Cache", true),
        ("no-store", true),
        ("max-age=60", false),
        ("public", false),
        ("private=\"x-a\", max-age=60", false),
    ] {
        let app = App::new();
        let cookie = cookie_of(&app.call("", login).await);
        let route = session().then(move |session: Session| async move {
            session.user().await.expect("a session");
            Response::builder().header("cache-control", own).body(String::new()).expect("a response")
        });
        let mut service = SessionLayer::new(app.sessions.clone()).layer(warp::service(route));
        let request = Request::builder().uri("/").header("cookie", &cookie);
        let request = request.body(Empty::<bytes::Bytes>::new()).expect("a request");
        let response = service.call(request).await.expect("infallible");
        let expected = if kept { own } else { "no-store" };
        assert_eq!(response.headers()["cache-control"], expected, "{own}");
    }
}

#[tokio::test]
async fn a_failing_store_logs_nobody_out() {
    let app = App::with(Failing::always());
    let response = app.call(&format!("sessionid={}", "A".repeat(43)), greet).await;
    assert_eq!(response.status(), 503);
    assert_eq!(app.call("", greet).await.body(), "anonymous", "without a cookie the store is not asked");
}

#[tokio::test]
async fn a_login_keeps_anonymous_data_and_ends_the_old_token() {
    let app = App::new();
    let before = cookie_of(&app.call("", count).await);
    let login_and_count = |session: Session| async move {
        session.login("alice").await?;
        count(session).await
    };
    let response = app.call(&before, login_and_count).await;
    let after = cookie_of(&response);
    assert_eq!(response.body(), "2");
    assert_ne!(before, after);
    assert_eq!(app.call(&before, greet).await.body(), "anonymous");
    assert_eq!(app.call(&after, greet).await.body(), "alice");
}

#[tokio::test]
async fn a_new_token_replaces_the_old_one() {
    let app = App::new();
    let cycle_id = |session: Session| async move { session.cycle_id().await.map(|()| String::new()) };
    let old = cookie_of(&app.call("", login).await);
    let new = cookie_of(&app.call(&old, cycle_id).await);
    assert_ne!(old, new);
    // A request in flight has the old token.
    assert_eq!(app.call(&old, greet).await.body(), "alice");
    app.clock.set(START.plus(SessionConfig::development().rotation_grace));
    assert_eq!(app.call(&old, greet).await.body(), "anonymous");
    assert_eq!(app.call(&new, greet).await.body(), "alice");
    assert_eq!(app.call("", cycle_id).await.headers().get("set-cookie"), None, "a cookie without a session");
}

#[tokio::test]
async fn a_session_that_another_request_ended_stays_ended() {
    let app = App::new();
    for action in [0, 1, 2] {
        let cookie = cookie_of(&app.call("", login).await);
        let sessions = app.sessions.clone();
        let late = move |session: Session| {
            let sessions = sessions.clone();
            async move {
                let handle = session.record().await?.expect("a session").handle;
                assert!(sessions.revoke(Owner::User("alice"), handle).await?);
                match action {
                    0 => session.set("a", 1).await?,
                    1 => session.cycle_id().await?,
                    _ => session.update("a", |_: Option<i32>| Some(1)).await?,
                }
                Ok("live".to_owned())
            }
        };
        let response = app.call(&cookie, late).await;
        assert_eq!(response.body(), "the session ended during this request; log in again", "{action}");
        assert_eq!(response.headers().get("set-cookie"), None, "{action}");
        assert_eq!(app.call(&cookie, greet).await.body(), "anonymous", "{action}");
    }
    let all = app.sessions.list(Owner::Everyone, None, 10).await.expect("a list");
    assert_eq!(all.sessions, [], "a record is left");
}

#[tokio::test]
async fn sessions_expire_by_the_clock_of_the_server() {
    let app = App::new();
    let cookie = cookie_of(&app.call("", login).await);
    let minutes = |n: u64| Duration::from_secs(60 * n);
    // A session that is used every 29 minutes expires after 12 hours.
    for n in 1..=24 {
        app.clock.set(START.plus(minutes(29 * n)));
        assert_eq!(app.call(&cookie, greet).await.body(), "alice", "after {} minutes", 29 * n);
    }
    app.clock.set(START.plus(minutes(720)));
    assert_eq!(app.call(&cookie, greet).await.body(), "anonymous");
    // An unused session expires after 30 minutes.
    app.clock.set(START);
    let cookie = cookie_of(&app.call("", login).await);
    app.clock.set(START.plus(minutes(30)));
    assert_eq!(app.call(&cookie, greet).await.body(), "anonymous");
}

#[tokio::test]
async fn an_update_runs_again_after_a_concurrent_change() {
    let app = App::new();
    let begin = |session: Session| async move { session.set("list", vec![0]).await.map(|()| String::new()) };
    let cookie = cookie_of(&app.call("", begin).await);
    let (sessions, ours) = (app.sessions.clone(), cookie.clone());
    let response = app
        .call(&cookie, move |session: Session| {
            let other = sessions.open([ours.as_bytes()]);
            async move {
                // Another request changes the value between reading and update.
                let read: Option<Vec<u32>> = session.get("list").await?;
                other.set("list", vec![0, 1]).await?;
                let mut runs = 0;
                let push = |list: Option<Vec<u32>>| {
                    runs += 1;
                    list.map(|list| list.into_iter().chain([9]).collect())
                };
                session.update("list", push).await?;
                let now: Option<Vec<u32>> = session.get("list").await?;
                Ok(format!("{read:?} {now:?} in {runs} runs"))
            }
        })
        .await;
    assert_eq!(response.body(), "Some([0]) Some([0, 1, 9]) in 2 runs");
}

#[tokio::test]
async fn an_update_to_the_value_that_was_read_is_written() {
    let app = App::new();
    let begin = |session: Session| async move { session.set("k", 1).await.map(|()| String::new()) };
    let cookie = cookie_of(&app.call("", begin).await);
    let (sessions, ours) = (app.sessions.clone(), cookie.clone());
    let response = app
        .call(&cookie, move |session: Session| {
            let other = sessions.open([ours.as_bytes()]);
            async move {
                session.get::<u32>("k").await?;
                other.set("k", 2).await?;
                session.update("k", |_: Option<u32>| Some(1)).await?;
                Ok(format!("{:?}", other.get::<u32>("k").await?))
            }
        })
        .await;
    // `other` knows only the value that it wrote. The store has the updated one.
    assert_eq!(response.body(), "Some(2)");
    let stored = |session: Session| async move { Ok(format!("{:?}", session.get::<u32>("k").await?)) };
    assert_eq!(app.call(&cookie, stored).await.body(), "Some(1)");
    let nothing = |session: Session| async move {
        session.update("k", |_: Option<u32>| None).await.map(|()| String::new())
    };
    assert_eq!(
        app.call("", nothing).await.headers().get("set-cookie"),
        None,
        "a session without data was created"
    );
}

#[tokio::test]
async fn an_update_gives_up_after_too_many_concurrent_changes() {
    let app = App::new();
    let begin = |session: Session| async move { session.set("k", 0).await.map(|()| String::new()) };
    let cookie = cookie_of(&app.call("", begin).await);
    let (store, key) = (app.sessions.clone(), cookie.clone());
    let response = app
        .call(&cookie, move |session: Session| {
            let (store, key) = (store.clone(), key.clone());
            async move {
                // Before each attempt, another thread changes the value.
                let overtaken = |old: Option<u32>| {
                    let other = store.open([key.as_bytes()]);
                    std::thread::scope(|scope| {
                        scope.spawn(|| {
                            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
                            runtime
                                .expect("a runtime")
                                .block_on(other.increment("k", 1))
                                .expect("an increment")
                        });
                    });
                    old.map(|old| old + 100)
                };
                session.update("k", overtaken).await.map(|()| String::new())
            }
        })
        .await;
    assert_eq!(response.body(), "the session value `k` is changed by too many requests at once; try again");
}

#[tokio::test]
async fn clones_of_a_session_create_only_one_session() {
    let app = App::new();
    let both = |session: Session| async move {
        let (a, b) = tokio::join!(session.set("a", 1), session.set("b", 2));
        a.and(b)?;
        let data = session.record().await?.expect("a session").data.clone();
        Ok(data.to_json())
    };
    let response = app.call("", both).await;
    assert_eq!(response.body(), "{\"a\":1,\"b\":2}");
    let all = app.sessions.list(Owner::Everyone, None, 10).await.expect("a list");
    assert_eq!(all.sessions.len(), 1, "two sessions were created");
}

#[tokio::test]
async fn the_end_of_a_session_deletes_the_cookie() {
    let app = App::new();
    let cookie = cookie_of(&app.call("", count).await);
    let response = app.call(&cookie, end).await;
    let line = response.headers()["set-cookie"].to_str().expect("ASCII");
    assert!(line.starts_with("sessionid=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"), "{line}");
    assert_eq!(app.sessions.list(Owner::Everyone, None, 10).await.expect("a list").sessions, []);
}

/// A memory store that can fail.
struct Failing {
    store: MemoryStore,
    /// Whether all calls fail, or only `delete`.
    always: bool,
}

impl Failing {
    fn always() -> Self {
        Failing { store: MemoryStore::new(), always: true }
    }

    fn only_delete() -> Self {
        Failing { store: MemoryStore::new(), always: false }
    }

    fn store(&self) -> Result<&MemoryStore, StoreError> {
        if self.always { Err(StoreError::failed("broken")) } else { Ok(&self.store) }
    }
}

impl SessionStore for Failing {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        self.store()?.create(key, record).await
    }
    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.store()?.load(key, now).await
    }
    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        self.store()?.change(key, change, now).await
    }
    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.store()?.touch(key, now).await
    }
    async fn delete(&self, _: TokenHash) -> Result<Option<Record>, StoreError> {
        Err(StoreError::failed("cannot delete"))
    }
    async fn rotate(
        &self,
        key: TokenHash,
        to: (TokenHash, Handle),
        now: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        self.store()?.rotate(key, to, now).await
    }
    async fn supersede(
        &self,
        _: TokenHash,
        _: TokenHash,
        _: Timestamp,
    ) -> Result<Option<Record>, StoreError> {
        Err(StoreError::failed("cannot delete"))
    }
    async fn successor(&self, key: TokenHash, now: Timestamp) -> Result<Option<Successor>, StoreError> {
        self.store()?.successor(key, now).await
    }
    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        self.store()?.list(owner, after, limit, now).await
    }
    async fn sweep(&self, now: Timestamp) -> Result<Vec<ExpiredSession>, StoreError> {
        self.store()?.sweep(now).await
    }
}

#[tokio::test]
async fn no_new_token_is_issued_while_the_old_one_may_be_valid() {
    let app = App::with(Failing::only_delete());
    let cookie = cookie_of(&app.call("", login).await);
    let again = app.call(&cookie, login).await;
    assert_eq!((again.status().as_u16(), cookie_of(&again)), (503, String::new()));
    let logout = app.call(&cookie, end).await;
    assert_eq!(
        (logout.status().as_u16(), cookie_of(&logout)),
        (503, String::new()),
        "the cookie was deleted, although the session may be live"
    );
}
