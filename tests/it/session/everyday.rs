//! What applications do every day: flash messages, a message after the logout, polls, checks of the user, events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sessctl::clock::{ManualClock, Timestamp};
use sessctl::session::{
    Change, ChangeError, Event, FlashLevel, Keep, Login, Owner, Record, Session, SessionConfig, SessionError,
    SessionStore, Sessions,
};
use sessctl::stores::{MemoryStore, PostgresStore, RedisStore, SqliteStore};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::{PostgresServer, RedisServer};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);

/// A wait that only a failure reaches.
const HANG_TIMEOUT: Duration = Duration::from_secs(60);

fn in_memory() -> Sessions {
    Sessions::new(MemoryStore::new(), SessionConfig::default()).expect("valid settings")
}

fn cookie_of(session: &Session) -> Vec<u8> {
    let line = session.set_cookie().expect("a cookie");
    line.as_bytes().split(|byte| *byte == b';').next().expect("a pair").to_vec()
}

async fn log_in(sessions: &Sessions, user: &str) -> Vec<u8> {
    let session = sessions.open([]);
    session.login(user).await.expect("a login");
    cookie_of(&session)
}

async fn user(sessions: &Sessions, cookie: &[u8]) -> Option<Arc<str>> {
    sessions.open([cookie]).user().await.expect("an answer")
}

async fn a_value_is_taken_once(store: impl SessionStore) {
    let sessions = Sessions::new(store, SessionConfig::default()).expect("valid settings");
    let cookie = log_in(&sessions, "alice").await;
    for round in 0..5 {
        sessions.open([&*cookie]).set("prize", round).await.expect("a change");
        let requests: Vec<_> = (0..20).map(|_| sessions.open([&*cookie])).collect();
        for session in &requests {
            assert_eq!(session.get::<u32>("prize").await.expect("an answer"), Some(round));
        }
        let taking = requests
            .into_iter()
            .map(|session| tokio::spawn(async move { session.take::<u32>("prize").await }));
        let mut taken = Vec::new();
        for taking in taking.collect::<Vec<_>>() {
            taken.extend(taking.await.expect("no panic").expect("an answer"));
        }
        assert_eq!(taken, [round]);
    }
    let session = sessions.open([&*cookie]);
    assert_eq!(session.take::<u32>("prize").await.expect("an answer"), None);
    let change = Change::new().set("b", 1).set("a", f64::NAN);
    let result = session.change(change).await;
    assert!(
        matches!(result, Err(SessionError::Change(ChangeError::NotJson(ref key))) if key == "a"),
        "{result:?}"
    );
    assert_eq!(session.get::<u32>("b").await.expect("an answer"), None, "a part of the change was applied");
    session.set("word", "x").await.expect("a change");
    assert!(matches!(session.take::<u32>("word").await, Err(SessionError::Type { .. })));
    assert_eq!(session.take::<String>("word").await.expect("an answer").as_deref(), Some("x"), "it was lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_value_is_taken_once_from_each_store() {
    a_value_is_taken_once(MemoryStore::new()).await;
    let folder = tempfile::TempDir::new().unwrap();
    a_value_is_taken_once(SqliteStore::open(folder.path().join("store")).unwrap()).await;
    let redis = RedisServer::start(&[]);
    a_value_is_taken_once(RedisStore::open(&redis.url()).await.unwrap()).await;
    let postgres = PostgresServer::shared();
    a_value_is_taken_once(PostgresStore::open(&postgres.database().1).await.unwrap()).await;
}

#[tokio::test]
async fn a_taker_without_a_session_gets_none() {
    let session = in_memory().open([]);
    assert_eq!(session.take::<u32>("a").await.expect("an answer"), None);
    assert_eq!(session.take_flashes().await.expect("an answer"), []);
    assert_eq!(session.set_cookie(), None);
}

#[tokio::test]
async fn flash_messages_are_shown_once_after_a_logout_too() {
    let sessions = in_memory();
    let cookie = log_in(&sessions, "alice").await;
    let session = sessions.open([&*cookie]);
    session.set("cart", 1).await.expect("a change");
    session.end().await.expect("a logout");
    session.flash(FlashLevel::Info, "You have been logged out.").await.expect("a message");
    session.flash(FlashLevel::Warning, "Come back!").await.expect("a message");
    let after = cookie_of(&session);
    assert_ne!(after, cookie);
    assert_eq!(session.user().await.expect("an answer"), None);
    assert!(session.activity().ended && session.activity().created);
    assert_eq!(user(&sessions, &cookie).await, None, "the token of the session that ended opens nothing");

    let next = sessions.open([&*after]);
    let record = next.record().await.expect("an answer").expect("a session");
    assert!(record.user.is_none() && record.data.get("cart").is_none());
    let shown: Vec<_> = next
        .take_flashes()
        .await
        .expect("messages")
        .into_iter()
        .map(|it| (it.level.to_string(), it.text))
        .collect();
    let expected = [("info", "You have been logged out."), ("warning", "Come back!")];
    assert_eq!(shown, expected.map(|(level, text)| (level.to_owned(), text.to_owned())));
    assert_eq!(sessions.open([&*after]).take_flashes().await.expect("an answer"), []);
    assert_eq!(sessions.list(Owner::Everyone, None, 10).await.expect("a list").sessions.len(), 1);
}

/// Only the request that ends a session may begin a new one. Others do not know that the user has logged out.
#[tokio::test]
async fn a_session_that_another_request_ended_begins_no_new_one() {
    let sessions = in_memory();
    let cookie = log_in(&sessions, "alice").await;
    let (one, other) = (sessions.open([&*cookie]), sessions.open([&*cookie]));
    other.user().await.expect("an answer");
    one.end().await.expect("a logout");
    assert!(matches!(other.set("a", 1).await, Err(SessionError::Ended)));
    assert_eq!(other.set_cookie(), None);
    // It may log out, too, and then begin one.
    other.end().await.expect("a logout");
    other.flash(FlashLevel::Info, "bye").await.expect("a message");
    assert_eq!(sessions.open([&*cookie_of(&other)]).take_flashes().await.expect("messages").len(), 1);
}

#[tokio::test]
async fn a_session_that_is_held_learns_that_it_was_revoked() {
    let sessions = in_memory();
    let cookie = log_in(&sessions, "alice").await;
    let held = sessions.open([&*cookie]);
    assert_eq!(held.user().await.expect("an answer").as_deref(), Some("alice"));
    sessions.revoke_all(Owner::User("alice"), Keep::Nothing).await.expect("a revocation");
    assert_eq!(held.reload().await.expect("an answer"), None);
    assert_eq!(held.user().await.expect("an answer"), None);
}

#[tokio::test]
async fn polls_do_not_prolong_a_session() {
    let clock = Arc::new(ManualClock::new(START));
    let sessions =
        Sessions::builder(MemoryStore::new()).clock(Arc::clone(&clock)).build().expect("valid settings");
    let cookie = log_in(&sessions, "alice").await;
    for _ in 0..29 {
        clock.advance(MINUTE);
        let polled = sessions.open([&*cookie]).peek().await.expect("an answer").expect("a session");
        assert_eq!((polled.user.as_deref(), polled.last_seen), (Some("alice"), START));
    }
    clock.advance(MINUTE);
    assert_eq!(sessions.open([&*cookie]).peek().await.expect("an answer"), None);

    // A use after a poll counts, in the same request too.
    let cookie = log_in(&sessions, "alice").await;
    clock.advance(29 * MINUTE);
    let session = sessions.open([&*cookie]);
    session.peek().await.expect("an answer").expect("a session");
    assert!(session.activity().read && session.activity().live);
    assert_eq!(session.user().await.expect("an answer").as_deref(), Some("alice"));
    clock.advance(29 * MINUTE);
    assert_eq!(user(&sessions, &cookie).await.as_deref(), Some("alice"));
    // A change after a poll counts, too.
    clock.advance(29 * MINUTE);
    let session = sessions.open([&*cookie]);
    session.peek().await.expect("an answer").expect("a session");
    session.set("a", 1).await.expect("a change");
    clock.advance(29 * MINUTE);
    assert_eq!(user(&sessions, &cookie).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn a_check_of_the_user_may_wait_and_fail() {
    let versions = Arc::new(std::sync::Mutex::new(BTreeMap::from([("alice", 1), ("bob", 1)])));
    let is_down = Arc::new(AtomicUsize::new(0));
    let (table, down) = (Arc::clone(&versions), Arc::clone(&is_down));
    let sessions = Sessions::builder(MemoryStore::new()).admission(move |record: Arc<Record>| {
        let (table, down) = (Arc::clone(&table), Arc::clone(&down));
        async move {
            tokio::task::yield_now().await;
            if down.load(Ordering::Relaxed) > 0 {
                return Err("the database is down".into());
            }
            let version = record.user.as_deref().and_then(|user| table.lock().unwrap().get(user).copied());
            Ok(version == Some(record.credential_version))
        }
    });
    let sessions = sessions.build().expect("valid settings");
    let cookie = async |name: &str| {
        let session = sessions.open([]);
        session.login(Login::new(name).credential_version(1)).await.expect("a login");
        cookie_of(&session)
    };
    let (alice, bob) = (cookie("alice").await, cookie("bob").await);
    is_down.store(1, Ordering::Relaxed);
    let error = sessions.open([&*alice]).user().await.expect_err("the database is down");
    assert_eq!(error.status(), 503);
    assert!(format!("{:?}", std::error::Error::source(&error)).contains("the database is down"), "{error:?}");
    is_down.store(0, Ordering::Relaxed);
    assert_eq!(user(&sessions, &alice).await.as_deref(), Some("alice"), "an error ended the session");
    versions.lock().unwrap().insert("alice", 2);
    assert_eq!(user(&sessions, &alice).await, None);
    assert_eq!(user(&sessions, &bob).await.as_deref(), Some("bob"));
    versions.lock().unwrap().insert("alice", 1);
    assert_eq!(user(&sessions, &alice).await, None, "the session has ended");
}

/// Waits until an expired session is reported.
async fn next_expired(events: &mut UnboundedReceiver<Event>) -> (sessctl::session::Handle, Option<Arc<str>>) {
    loop {
        match tokio::time::timeout(HANG_TIMEOUT, events.recv()).await.expect("a sweep") {
            Some(Event::Expired { handle, user, .. }) => return (handle, user),
            Some(_) => {}
            None => panic!("no more events"),
        }
    }
}

async fn expired_sessions_are_reported(store: impl SessionStore) {
    let clock = Arc::new(ManualClock::new(START));
    let (sender, mut events) = unbounded_channel();
    let config = SessionConfig::default().sweep_interval(Duration::from_millis(10));
    let sessions = Sessions::builder(store).config(config).clock(Arc::clone(&clock));
    let sessions =
        sessions.on_event(move |event| _ = sender.send(event.clone())).build().expect("valid settings");
    let (alice, anonymous) = (sessions.open([]), sessions.open([]));
    alice.login("alice").await.expect("a login");
    anonymous.set("a", 1).await.expect("a change");
    let expected = [(alice.known_handle(), Some("alice".into())), (anonymous.known_handle(), None)];
    clock.advance(120 * MINUTE);
    let mut found = [next_expired(&mut events).await, next_expired(&mut events).await];
    found.sort_by_key(|(_, user)| user.is_none());
    assert_eq!(found.map(|(handle, user)| (Some(handle), user)), expected);
    assert_eq!(sessions.list(Owner::Everyone, None, 10).await.expect("a list").sessions, []);
}

#[tokio::test]
async fn expired_sessions_are_reported_with_handle_and_user() {
    expired_sessions_are_reported(MemoryStore::new()).await;
    let folder = tempfile::TempDir::new().unwrap();
    expired_sessions_are_reported(SqliteStore::open(folder.path().join("store")).unwrap()).await;
    let postgres = PostgresServer::shared();
    expired_sessions_are_reported(PostgresStore::open(&postgres.database().1).await.unwrap()).await;
}

/// The sessions may be a static, or be created in `main` before the runtime. A test has a runtime of its own.
#[test]
fn sessions_that_are_older_than_the_runtime_are_swept() {
    let clock = Arc::new(ManualClock::new(START));
    let (sender, mut events) = unbounded_channel();
    let config = SessionConfig::default().sweep_interval(Duration::from_millis(10));
    let sessions = Sessions::builder(MemoryStore::new()).config(config).clock(Arc::clone(&clock));
    let sessions =
        sessions.on_event(move |event| _ = sender.send(event.clone())).build().expect("valid settings");
    for round in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            log_in(&sessions, "alice").await;
            clock.advance(60 * MINUTE);
            assert_eq!(next_expired(&mut events).await.1.as_deref(), Some("alice"), "runtime {round}");
        });
    }
}

#[tokio::test]
async fn numbers_that_json_does_not_have_are_refused() {
    #[derive(serde::Serialize)]
    enum Shape {
        Point,
        Circle(f64),
        Box { size: (f32, f32) },
    }
    let sessions = in_memory();
    let session = sessions.open([]);
    for (n, result) in [
        session.set("a", f64::NAN).await,
        session.set("a", Some(f32::INFINITY)).await,
        session.set("a", vec![1.0, f64::NEG_INFINITY]).await,
        session.set("a", BTreeMap::from([("x", f64::NAN)])).await,
        session.set("a", Shape::Circle(f64::NAN)).await,
        session.set("a", Shape::Box { size: (1.0, f32::NAN) }).await,
        session.update("a", |_: Option<f64>| Some(f64::NAN)).await,
        session.change(Change::new().set("b", 1).set("a", f64::NAN)).await.map(drop),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(
            matches!(result, Err(SessionError::Change(ChangeError::NotJson(ref key))) if key == "a"),
            "{n}: {result:?}"
        );
    }
    assert_eq!(session.set_cookie(), None, "a session was created");
    session.set("a", (None::<f64>, Some(1.5), (), Shape::Point)).await.expect("no number is missing");
    session.set("b", Shape::Circle(1.0)).await.expect("a change");
}
