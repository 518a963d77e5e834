//! Rotations and logins with requests in flight, on every store.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sessctl::clock::{ManualClock, Timestamp};
use sessctl::session::{Keep, Owner, Session, SessionConfig, SessionError, SessionStore, Sessions};
use sessctl::stores::{MemoryStore, PostgresStore, RedisStore, SqliteStore};

use crate::support::{PostgresServer, RedisCluster, RedisServer};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const SECOND: Duration = Duration::from_secs(1);

/// The number of requests that a browser sends at once.
const REQUESTS: usize = 50;

struct App {
    sessions: Sessions,
    clock: Arc<ManualClock>,
}

impl App {
    fn new(store: impl SessionStore) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let sessions =
            Sessions::builder(store).config(SessionConfig::development()).clock(Arc::clone(&clock));
        let sessions = sessions.build().expect("valid settings");
        App { sessions, clock }
    }

    fn open(&self, cookie: &str) -> Session {
        self.sessions.open([cookie.as_bytes()])
    }

    async fn user(&self, cookie: &str) -> Option<String> {
        self.open(cookie).user().await.expect("an answer").map(|user| user.to_string())
    }

    async fn count(&self) -> usize {
        self.sessions.list(Owner::Everyone, None, 1000).await.expect("a list").sessions.len()
    }

    async fn end_all(&self) {
        self.sessions.revoke_all(Owner::Everyone, Keep::Nothing).await.expect("an answer");
    }

    /// Runs this for many requests with this cookie at once, and returns their new cookies.
    async fn at_once<F>(&self, cookie: &str, handler: impl Fn(Session) -> F) -> Vec<String>
    where
        F: Future<Output = Result<(), SessionError>> + Send + 'static,
    {
        let all: Vec<_> = (0..REQUESTS)
            .map(|_| {
                let session = self.open(cookie);
                let handled = handler(session.clone());
                tokio::spawn(async move {
                    handled.await.expect("the request succeeds");
                    new_cookie(&session)
                })
            })
            .collect();
        let mut cookies = Vec::new();
        for request in all {
            cookies.extend(request.await.expect("no panic"));
        }
        cookies
    }
}

fn new_cookie(session: &Session) -> Option<String> {
    let line = session.set_cookie()?;
    Some(line.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned())
}

async fn on_every_store(check: impl AsyncFn(App)) {
    check(App::new(MemoryStore::new())).await;
    let folder = tempfile::TempDir::new().unwrap();
    check(App::new(SqliteStore::open(folder.path().join("store")).unwrap())).await;
    let redis = RedisServer::start(&[]);
    check(App::new(RedisStore::open(&redis.url()).await.unwrap())).await;
    let cluster = RedisCluster::start();
    check(App::new(RedisStore::open(&cluster.url()).await.unwrap())).await;
    let postgres = PostgresServer::shared();
    let (_, url) = postgres.database();
    check(App::new(PostgresStore::open(&url).await.unwrap())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_requests_around_a_rotation_keep_the_session() {
    on_every_store(async |app| {
        let session = app.open("");
        session.login("alice").await.unwrap();
        let mut cookie = new_cookie(&session).unwrap();
        for round in 1..=5_i64 {
            app.clock.advance(2 * SECOND);
            let requests = app.at_once(&cookie, |session| async move {
                assert_eq!(session.user().await?.as_deref(), Some("alice"));
                session.cycle_id_if_older_than(SECOND).await?;
                session.increment("n", 1).await?;
                assert_eq!(session.reload().await?.expect("a session").user.as_deref(), Some("alice"));
                Ok(())
            });
            let cookies = requests.await;
            assert_eq!(cookies.len(), 1, "one request rotates the token");
            assert_ne!(cookies[0], cookie);
            let read = app.open(&cookies[0]).get::<i64>("n").await.unwrap();
            assert_eq!(read, Some(round * 50), "a change was lost");
            assert_eq!(app.count().await, 1, "an orphan is left");
            // Requests in flight still have the previous token. They read and write the session, but do not rotate it.
            let late = app.open(&cookie);
            late.set("late", round).await.unwrap();
            late.cycle_id().await.unwrap();
            assert_eq!(late.set_cookie(), None);
            assert_eq!(app.open(&cookies[0]).get("late").await.unwrap(), Some(round));
            cookie.clone_from(&cookies[0]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_grace_period_of_the_previous_token_ends() {
    on_every_store(async |app| {
        let session = app.open("");
        session.login("alice").await.unwrap();
        let old = new_cookie(&session).unwrap();
        let slow = app.open(&old);
        slow.user().await.unwrap();
        let session = app.open(&old);
        session.cycle_id().await.unwrap();
        let new = new_cookie(&session).unwrap();
        app.clock.advance(Duration::from_millis(9_999));
        assert_eq!(app.user(&old).await.as_deref(), Some("alice"));
        app.clock.advance(Duration::from_millis(1));
        assert_eq!(app.user(&old).await, None, "the use of the token has extended the grace period");
        assert_eq!(app.user(&new).await.as_deref(), Some("alice"));
        // A session of the old token would overwrite the new cookie.
        let late = app.open(&old);
        assert!(matches!(late.set("cart", 1).await, Err(SessionError::Ended)));
        assert_eq!(late.set_cookie(), None);
        // A request that opened the session before it was rotated keeps it.
        slow.set("slow", 1).await.unwrap();
        assert_eq!(app.count().await, 1);
        // A logout with the old token is still a logout.
        app.open(&old).end().await.unwrap();
        assert_eq!((app.user(&new).await, app.count().await), (None, 0));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_logout_ends_a_session_that_is_rotated_at_the_same_time() {
    on_every_store(async |app| {
        for _ in 0..10 {
            let session = app.open("");
            session.login("alice").await.unwrap();
            let cookie = new_cookie(&session).unwrap();
            let (rotating, ending) = (app.open(&cookie), app.open(&cookie));
            rotating.user().await.unwrap();
            ending.user().await.unwrap();
            let (rotated, ended) = tokio::join!(rotating.cycle_id(), ending.end());
            ended.unwrap();
            assert!(matches!(rotated, Ok(()) | Err(SessionError::Ended)), "{rotated:?}");
            assert_eq!(app.count().await, 0, "the session survived its logout");
        }
    })
    .await;
}

/// Session fixation: the token of the anonymous session may have been planted.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_from_before_a_login_never_opens_the_session_after_it() {
    on_every_store(async |app| {
        for round in 0..5 {
            let session = app.open("");
            session.set("cart", 1).await.unwrap();
            let planted = new_cookie(&session).unwrap();
            let victim = app.open(&planted);
            if round % 2 == 1 {
                // A rotation before the login does not help the attacker.
                victim.cycle_id().await.unwrap();
            }
            let victim = victim.clone();
            let login = tokio::spawn(async move { victim.login("alice").await.map(|()| victim) });
            let attacks = app.at_once(&planted, |session| async move {
                assert_eq!(session.user().await?, None, "the planted token opens the session of alice");
                // A write fails, or it went to the anonymous session before the login.
                assert!(matches!(session.increment("n", 1).await, Ok(_) | Err(SessionError::Ended)));
                assert_eq!(session.reload().await?.and_then(|record| record.user.clone()), None);
                session.cycle_id_if_older_than(Duration::from_secs(3600)).await
            });
            assert_eq!(attacks.await, [""; 0], "an anonymous session overwrites the cookie of the login");
            let victim = login.await.unwrap().unwrap();
            assert_eq!(app.user(&planted).await, None);
            let cookie = new_cookie(&victim).unwrap();
            assert_eq!(app.user(&cookie).await.as_deref(), Some("alice"));
            assert_eq!(app.open(&cookie).get("cart").await.unwrap(), Some(1));
            assert_eq!(app.count().await, 1, "an orphan is left");
            app.end_all().await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_form_that_is_sent_twice_keeps_the_cart_and_leaves_no_orphan() {
    on_every_store(async |app| {
        let cart = async || {
            let session = app.open("");
            session.set("cart", 3).await.unwrap();
            new_cookie(&session).unwrap()
        };
        // One after the other, and at once.
        let before = cart().await;
        let mut last = String::new();
        for _ in 0..3 {
            let session = app.open(&before);
            session.login("alice").await.unwrap();
            last = new_cookie(&session).unwrap();
            assert_eq!(
                app.open(&last).get("cart").await.unwrap(),
                Some(3),
                "the later login has lost the cart"
            );
        }
        assert_eq!(app.count().await, 1, "an orphan is left");
        app.open(&last).cycle_id().await.unwrap();
        app.open(&before).login("alice").await.unwrap();
        assert_eq!(app.count().await, 1, "an orphan of a rotated session is left");
        app.end_all().await;
        let before = cart().await;
        let logins = app.at_once(&before, |session| async move { session.login("alice").await });
        let cookies: BTreeSet<String> = logins.await.into_iter().collect();
        assert_eq!(cookies.len(), REQUESTS);
        assert_eq!(app.count().await, 1, "an orphan is left");
        let mut carts = Vec::new();
        for cookie in &cookies {
            carts.extend(app.open(cookie).get::<i64>("cart").await.unwrap());
        }
        assert_eq!(carts, [3]);
        app.end_all().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn another_users_login_with_the_same_form_ends_nothing() {
    on_every_store(async |app| {
        let session = app.open("");
        session.set("cart", 3).await.unwrap();
        let before = new_cookie(&session).unwrap();
        let (alice, mallory) = (app.open(&before), app.open(&before));
        alice.login("alice").await.unwrap();
        mallory.login("mallory").await.unwrap();
        let (alice, mallory) = (new_cookie(&alice).unwrap(), new_cookie(&mallory).unwrap());
        assert_eq!(app.user(&alice).await.as_deref(), Some("alice"));
        assert_eq!(app.open(&alice).get("cart").await.unwrap(), Some(3));
        assert_eq!(app.open(&mallory).get::<i64>("cart").await.unwrap(), None);
    })
    .await;
}
