//! The library as a developer uses it: layers around a warp application, without a socket.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body_util::{BodyExt, Empty};
use sessctl::clock::{ManualClock, Timestamp};
use sessctl::session::{Change, Session, SessionError, Sessions};
use sessctl::session::{Changed, Cursor, Owner, Page, SessionStore, StoreError};
use sessctl::session::{Record, TokenHash};
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
        let sessions = Sessions::builder(store).clock(Arc::clone(&clock)).build().expect("good settings");
        App { sessions, clock }
    }

    /// Runs a handler as a warp application behind the layer, with this cookie.
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

async fn greet(session: Session) -> Result<String, SessionError> {
    Ok(session.user().await?.map_or("nobody".to_owned(), |user| user.to_string()))
}

#[tokio::test]
async fn a_session_begins_with_its_first_change_and_is_found_again() {
    let app = App::new();
    let first = app.call("", count).await;
    let cookie = cookie_of(&first);
    assert!(cookie.starts_with("sessionid="), "{first:?}");
    let second = app.call(&cookie, count).await;
    assert_eq!((second.body().as_str(), cookie_of(&second)), ("2", String::new()));
    assert_eq!(second.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn who_does_not_look_costs_nothing_and_varies_nothing() {
    let app = App::with(Broken);
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
async fn what_the_application_says_of_the_cookie_is_not_said_twice() {
    for (own, told) in [("Accept, cookie", &["Accept, cookie"][..]), ("Accept", &["Accept", "Cookie"])] {
        let route = session().then(move |session: Session| async move {
            session.user().await.expect("no session is no error");
            Response::builder().header("vary", own).body(String::new()).expect("a response")
        });
        let mut service = SessionLayer::new(App::new().sessions).layer(warp::service(route));
        let request = Request::builder().uri("/").body(Empty::<bytes::Bytes>::new()).expect("a request");
        let response = service.call(request).await.expect("infallible");
        assert!(response.headers().get_all("vary").iter().eq(told), "{response:?}");
    }
}

#[tokio::test]
async fn a_store_that_fails_makes_no_strangers_of_users() {
    let app = App::with(Broken);
    let response = app.call(&format!("sessionid={}", "A".repeat(43)), greet).await;
    assert_eq!(response.status(), 503);
    assert_eq!(app.call("", greet).await.body(), "nobody", "without a cookie the store is not asked");
}

#[tokio::test]
async fn anonymous_data_is_carried_into_the_login_and_the_old_token_dies() {
    let app = App::new();
    let before = cookie_of(&app.call("", count).await);
    let login = |session: Session| async move {
        session.login("alice").await?;
        count(session).await
    };
    let response = app.call(&before, login).await;
    let after = cookie_of(&response);
    assert_eq!(response.body(), "2");
    assert_ne!(before, after);
    assert_eq!(app.call(&before, greet).await.body(), "nobody");
    assert_eq!(app.call(&after, greet).await.body(), "alice");
}

#[tokio::test]
async fn a_renewed_session_stays_itself_under_a_new_token() {
    let app = App::new();
    let login = |session: Session| async move { session.login("alice").await.map(|()| String::new()) };
    let renew = |session: Session| async move { session.cycle_id().await.map(|()| String::new()) };
    let old = cookie_of(&app.call("", login).await);
    let new = cookie_of(&app.call(&old, renew).await);
    assert_ne!(old, new);
    assert_eq!(app.call(&old, greet).await.body(), "nobody");
    assert_eq!(app.call(&new, greet).await.body(), "alice");
    assert_eq!(app.call("", renew).await.headers().get("set-cookie"), None, "there was nothing to renew");
}

#[tokio::test]
async fn a_session_that_ended_meanwhile_is_not_brought_back() {
    let app = App::new();
    let login = |session: Session| async move { session.login("alice").await.map(|()| String::new()) };
    for act in [0, 1, 2] {
        let cookie = cookie_of(&app.call("", login).await);
        let sessions = app.sessions.clone();
        let late = move |session: Session| {
            let sessions = sessions.clone();
            async move {
                let handle = session.record().await?.expect("a session").handle;
                assert!(sessions.revoke(Owner::User("alice"), handle).await?);
                match act {
                    0 => session.set("a", 1).await?,
                    1 => session.cycle_id().await?,
                    _ => session.update("a", |_: Option<i32>| Some(1)).await?,
                }
                Ok("alive".to_owned())
            }
        };
        let response = app.call(&cookie, late).await;
        assert_eq!(response.body(), "the session has ended meanwhile", "{act}");
        assert_eq!(response.headers().get("set-cookie"), None, "{act}");
        assert_eq!(app.call(&cookie, greet).await.body(), "nobody", "{act}");
    }
    let all = app.sessions.list(Owner::Everyone, None, 10).await.expect("a list");
    assert_eq!(all.sessions, [], "no record is left over");
}

#[tokio::test]
async fn idle_and_absolute_expiry_are_the_servers() {
    let app = App::new();
    let login = |session: Session| async move { session.login("alice").await.map(|()| String::new()) };
    let cookie = cookie_of(&app.call("", login).await);
    let minutes = |n: u64| Duration::from_secs(60 * n);
    // Used every 29 minutes it lives until its 12 hours are over.
    for n in 1..=24 {
        app.clock.set(START.plus(minutes(29 * n)));
        assert_eq!(app.call(&cookie, greet).await.body(), "alice", "after {} minutes", 29 * n);
    }
    app.clock.set(START.plus(minutes(720)));
    assert_eq!(app.call(&cookie, greet).await.body(), "nobody");
    // Unused it ends after 30 minutes.
    app.clock.set(START);
    let cookie = cookie_of(&app.call("", login).await);
    app.clock.set(START.plus(minutes(30)));
    assert_eq!(app.call(&cookie, greet).await.body(), "nobody");
}

#[tokio::test]
async fn an_update_runs_again_when_another_request_was_faster() {
    let app = App::new();
    let begin = |session: Session| async move { session.set("list", vec![0]).await.map(|()| String::new()) };
    let cookie = cookie_of(&app.call("", begin).await);
    let (sessions, ours) = (app.sessions.clone(), cookie.clone());
    let response = app
        .call(&cookie, move |session: Session| {
            let other = sessions.open([ours.as_bytes()]);
            async move {
                // What this request has read is old by the time it updates.
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
async fn an_update_to_what_was_read_is_still_an_update() {
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
    // `other` remembers what it wrote; the store has what was updated.
    assert_eq!(response.body(), "Some(2)");
    let stored = |session: Session| async move { Ok(format!("{:?}", session.get::<u32>("k").await?)) };
    assert_eq!(app.call(&cookie, stored).await.body(), "Some(1)");
    let nothing = |session: Session| async move {
        session.update("k", |_: Option<u32>| None).await.map(|()| String::new())
    };
    assert_eq!(
        app.call("", nothing).await.headers().get("set-cookie"),
        None,
        "no session is begun to hold nothing"
    );
}

#[tokio::test]
async fn an_update_that_never_is_alone_gives_up() {
    let app = App::new();
    let begin = |session: Session| async move { session.set("k", 0).await.map(|()| String::new()) };
    let cookie = cookie_of(&app.call("", begin).await);
    let (store, key) = (app.sessions.clone(), cookie.clone());
    let response = app
        .call(&cookie, move |session: Session| {
            let (store, key) = (store.clone(), key.clone());
            async move {
                // Each run is overtaken, from another thread, before its change is tried.
                let overtaken = |old: Option<u32>| {
                    let other = store.open([key.as_bytes()]);
                    std::thread::scope(|scope| {
                        scope.spawn(|| {
                            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
                            runtime
                                .expect("a runtime")
                                .block_on(other.increment("k", 1))
                                .expect("to be added")
                        });
                    });
                    old.map(|old| old + 100)
                };
                session.update("k", overtaken).await.map(|()| String::new())
            }
        })
        .await;
    assert_eq!(response.body(), "`k` is changed by too many requests at once");
}

#[tokio::test]
async fn clones_of_a_session_take_turns() {
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
    assert_eq!(all.sessions.len(), 1, "one session was begun");
}

#[tokio::test]
async fn the_end_makes_the_browser_forget() {
    let app = App::new();
    let cookie = cookie_of(&app.call("", count).await);
    let response = app
        .call(&cookie, |session: Session| async move { session.end().await.map(|()| String::new()) })
        .await;
    let line = response.headers()["set-cookie"].to_str().expect("ASCII");
    assert!(line.starts_with("sessionid=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"), "{line}");
    assert_eq!(app.sessions.list(Owner::Everyone, None, 10).await.expect("a list").sessions, []);
}

/// A store that can do nothing.
struct Broken;

impl SessionStore for Broken {
    async fn create(&self, _: TokenHash, _: Record) -> Result<(), StoreError> {
        Err(StoreError::failed("broken"))
    }
    async fn load(&self, _: TokenHash, _: Timestamp) -> Result<Option<Record>, StoreError> {
        Err(StoreError::failed("broken"))
    }
    async fn change(&self, _: TokenHash, _: &Change, _: Timestamp) -> Result<Changed, StoreError> {
        Err(StoreError::failed("broken"))
    }
    async fn touch(&self, _: TokenHash, _: Timestamp) -> Result<bool, StoreError> {
        Err(StoreError::failed("broken"))
    }
    async fn delete(&self, _: TokenHash) -> Result<Option<Record>, StoreError> {
        Err(StoreError::failed("broken"))
    }
    async fn list(
        &self,
        _: Owner<'_>,
        _: Option<&Cursor>,
        _: usize,
        _: Timestamp,
    ) -> Result<Page, StoreError> {
        Err(StoreError::failed("broken"))
    }
    async fn sweep(&self, _: Timestamp) -> Result<usize, StoreError> {
        Err(StoreError::failed("broken"))
    }
}

/// Keeps records, but cannot delete any.
struct Clinging(MemoryStore);

impl SessionStore for Clinging {
    async fn create(&self, key: TokenHash, record: Record) -> Result<(), StoreError> {
        self.0.create(key, record).await
    }
    async fn load(&self, key: TokenHash, now: Timestamp) -> Result<Option<Record>, StoreError> {
        self.0.load(key, now).await
    }
    async fn change(&self, key: TokenHash, change: &Change, now: Timestamp) -> Result<Changed, StoreError> {
        self.0.change(key, change, now).await
    }
    async fn touch(&self, key: TokenHash, now: Timestamp) -> Result<bool, StoreError> {
        self.0.touch(key, now).await
    }
    async fn delete(&self, _: TokenHash) -> Result<Option<Record>, StoreError> {
        Err(StoreError::failed("it clings to what it has"))
    }
    async fn list(
        &self,
        owner: Owner<'_>,
        after: Option<&Cursor>,
        limit: usize,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        self.0.list(owner, after, limit, now).await
    }
    async fn sweep(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.0.sweep(now).await
    }
}

#[tokio::test]
async fn no_new_token_is_given_out_while_the_old_one_may_live() {
    let app = App::with(Clinging(MemoryStore::new()));
    let login = |session: Session| async move { session.login("alice").await.map(|()| String::new()) };
    let cookie = cookie_of(&app.call("", login).await);
    let again = app.call(&cookie, login).await;
    assert_eq!((again.status().as_u16(), cookie_of(&again)), (503, String::new()));
    let logout = app
        .call(&cookie, |session: Session| async move { session.end().await.map(|()| String::new()) })
        .await;
    assert_eq!(
        (logout.status().as_u16(), cookie_of(&logout)),
        (503, String::new()),
        "the browser keeps its cookie"
    );
}
