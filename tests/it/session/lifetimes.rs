//! How long sessions and their cookies last: the configuration, the login, and changes of the configuration.

use std::sync::Arc;
use std::time::Duration;

use sessctl::clock::{Clock, ManualClock, Timestamp};
use sessctl::session::{
    Event, InvalidLogin, Login, Owner, Session, SessionConfig, SessionError, SessionStore, Sessions,
};
use sessctl::stores::{MemoryStore, PostgresStore, RedisStore, SqliteStore};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::{PostgresServer, RedisServer};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Sessions with this configuration, and their events.
fn sessions(
    store: impl SessionStore,
    config: SessionConfig,
    clock: &Arc<ManualClock>,
) -> (Sessions, UnboundedReceiver<Event>) {
    let (sender, events) = unbounded_channel();
    let sessions = Sessions::builder(store).config(config).clock(Arc::clone(clock));
    let sessions = sessions.on_event(move |event| _ = sender.send(event.clone()));
    (sessions.build().expect("valid settings"), events)
}

fn start() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(START))
}

/// The cookie of a response, and its `Max-Age`.
fn set_cookie(session: &Session) -> Option<(String, Option<u64>)> {
    let line = session.set_cookie()?;
    let line = line.to_str().expect("ASCII");
    let max_age = line.split_once("Max-Age=").map(|(_, seconds)| seconds.parse().expect("seconds"));
    Some((line.split(';').next().expect("a pair").to_owned(), max_age))
}

async fn log_in(sessions: &Sessions, login: impl Into<Login>) -> (String, Option<u64>) {
    let session = sessions.open([]);
    session.login(login).await.expect("a login");
    set_cookie(&session).expect("a cookie")
}

async fn user(sessions: &Sessions, cookie: &str) -> Option<String> {
    let user = sessions.open([cookie.as_bytes()]).user().await.expect("an answer");
    user.map(|user| user.to_string())
}

async fn visit(sessions: &Sessions, cookie: &str) -> Option<(String, Option<u64>)> {
    let session = sessions.open([cookie.as_bytes()]);
    assert_eq!(session.user().await.expect("an answer").as_deref(), Some("alice"));
    set_cookie(&session)
}

#[tokio::test]
async fn a_persistent_cookie_lasts_as_long_as_its_session() {
    let clock = start();
    let (sessions, _) = sessions(MemoryStore::new(), SessionConfig::default(), &clock);
    let (_, max_age) = log_in(&sessions, "alice").await;
    assert_eq!(max_age, None, "the browser deletes the cookie on exit");
    let remembered = Login::new("alice").persistent(true).idle_timeout(30 * DAY).lifetime(90 * DAY);
    let (cookie, max_age) = log_in(&sessions, remembered).await;
    assert_eq!(max_age, Some(30 * DAY.as_secs()));

    // Uses within a day are not recorded, so the cookie is not sent again.
    clock.advance(DAY - MINUTE);
    assert_eq!(visit(&sessions, &cookie).await, None);
    clock.advance(MINUTE);
    assert_eq!(visit(&sessions, &cookie).await, Some((cookie.clone(), Some(30 * DAY.as_secs()))));
    assert_eq!(visit(&sessions, &cookie).await, None);
    for _ in 0..3 {
        clock.advance(29 * DAY);
        assert!(visit(&sessions, &cookie).await.is_some());
    }
    // 88 days after the login, two are left.
    assert_eq!(clock.now(), START.plus(88 * DAY));
    clock.advance(DAY);
    assert_eq!(visit(&sessions, &cookie).await, Some((cookie.clone(), Some(DAY.as_secs()))));
    clock.advance(DAY);
    assert_eq!(user(&sessions, &cookie).await, None);
}

#[tokio::test]
async fn a_rotated_token_is_as_persistent_as_the_previous_one() {
    let clock = start();
    let (sessions, _) = sessions(MemoryStore::new(), SessionConfig::default(), &clock);
    let login = Login::new("alice").persistent(true).idle_timeout(10 * DAY).lifetime(30 * DAY);
    let (cookie, _) = log_in(&sessions, login).await;
    clock.advance(DAY);
    let (first, second) = (sessions.open([cookie.as_bytes()]), sessions.open([cookie.as_bytes()]));
    // Both have read the session before the other one records its use.
    for session in [&first, &second] {
        session.peek().await.expect("an answer");
    }
    for session in [&first, &second] {
        session.user().await.expect("an answer");
    }
    first.cycle_id().await.expect("a rotation");
    let (rotated, max_age) = set_cookie(&first).expect("a cookie");
    assert!(rotated != cookie && max_age == Some(10 * DAY.as_secs()), "{max_age:?}");
    // The response of a concurrent request must not bring the previous token back.
    assert!(set_cookie(&second).is_some());
    second.cycle_id().await.expect("an answer");
    assert_eq!(set_cookie(&second), None);
    assert_eq!(user(&sessions, &rotated).await.as_deref(), Some("alice"));
}

#[tokio::test]
async fn a_logout_deletes_a_persistent_cookie_that_was_just_extended() {
    let clock = start();
    let (sessions, _) = sessions(MemoryStore::new(), SessionConfig::default(), &clock);
    let (cookie, _) = log_in(&sessions, Login::new("alice").persistent(true)).await;
    clock.advance(10 * MINUTE);
    let session = sessions.open([cookie.as_bytes()]);
    session.user().await.expect("an answer");
    assert_eq!(set_cookie(&session).and_then(|(_, max_age)| max_age), Some(30 * 60));
    assert!(!format!("{session:?}").contains(&cookie[20..40]), "the output of Debug has the token");
    session.end().await.expect("a logout");
    let line = session.set_cookie().expect("a cookie");
    assert!(line.to_str().expect("ASCII").contains("=; HttpOnly"), "{line:?}");
}

#[tokio::test]
async fn anonymous_sessions_can_have_shorter_lives() {
    let clock = start();
    let config = SessionConfig::default().anonymous_idle_timeout(5 * MINUTE).anonymous_lifetime(20 * MINUTE);
    let (sessions, _) = sessions(MemoryStore::new(), config, &clock);
    let begin = async || {
        let session = sessions.open([]);
        session.set("a", 1).await.expect("a session");
        set_cookie(&session).expect("a cookie").0
    };
    let is_live =
        async |cookie: &str| sessions.open([cookie.as_bytes()]).record().await.expect("an answer").is_some();
    let unused = begin().await;
    clock.advance(5 * MINUTE);
    assert!(!is_live(&unused).await);
    let used = begin().await;
    for _ in 0..4 {
        assert!(is_live(&used).await);
        clock.advance(4 * MINUTE + Duration::from_secs(59));
    }
    assert!(is_live(&used).await);
    clock.advance(Duration::from_secs(4));
    assert!(!is_live(&used).await);
    let (alice, _) = log_in(&sessions, "alice").await;
    clock.advance(29 * MINUTE);
    assert_eq!(user(&sessions, &alice).await.as_deref(), Some("alice"));
}

/// A server is restarted with shorter timeouts.
async fn a_shorter_configuration_reaches_old_sessions<S: SessionStore + Clone>(store: S) {
    let clock = start();
    let long = SessionConfig::default().idle_timeout(30 * DAY).lifetime(90 * DAY);
    let (old, _) = sessions(store.clone(), long, &clock);
    let idle = log_in(&old, "alice").await.0;
    let chosen = Login::new("bob").idle_timeout(60 * DAY).lifetime(80 * DAY);
    let chosen = log_in(&old, chosen).await.0;
    let half_chosen = log_in(&old, Login::new("carol").idle_timeout(60 * DAY)).await.0;
    let handle_of = async |cookie: &str| {
        old.open([cookie.as_bytes()]).record().await.expect("an answer").expect("a session").handle
    };
    let (idle_handle, half_handle) = (handle_of(&idle).await, handle_of(&half_chosen).await);
    clock.advance(10 * MINUTE);
    let short = SessionConfig::default().idle_timeout(15 * MINUTE).lifetime(2 * DAY);
    let (new, mut events) = sessions(store.clone(), short, &clock);
    let held = new.open([idle.as_bytes()]);
    assert_eq!(held.user().await.expect("an answer").as_deref(), Some("alice"), "not idle for long enough");
    let listed = new.list(Owner::User("alice"), None, 10).await.expect("a list").sessions;
    assert_eq!((listed.len(), listed[0].1.idle_timeout), (1, 15 * MINUTE));

    clock.advance(15 * MINUTE);
    assert_eq!(new.list(Owner::User("alice"), None, 10).await.expect("a list").sessions, []);
    assert!(matches!(held.set("a", 1).await, Err(SessionError::Ended)), "a request that takes long");
    assert_eq!(user(&new, &idle).await, None);
    assert_eq!(user(&new, &half_chosen).await.as_deref(), Some("carol"));
    clock.advance(2 * DAY);
    assert_eq!(user(&new, &half_chosen).await, None, "the lifetime was not chosen");
    assert_eq!(user(&new, &chosen).await.as_deref(), Some("bob"), "the login chose both");
    clock.advance(59 * DAY);
    assert_eq!(user(&new, &chosen).await.as_deref(), Some("bob"));
    clock.advance(19 * DAY);
    assert_eq!(user(&new, &chosen).await, None, "after the lifetime that the login chose");

    // Each of the two was removed, and reported once.
    let mut expired = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let Event::Expired { handle, user, .. } = event {
            expired.push((handle, user));
        }
    }
    let reported =
        |handle, user: &str| expired.iter().filter(|it| **it == (handle, Some(user.into()))).count();
    assert_eq!((reported(idle_handle, "alice"), reported(half_handle, "carol")), (1, 1), "{expired:?}");
}

#[tokio::test]
async fn a_shorter_configuration_reaches_old_sessions_in_memory() {
    a_shorter_configuration_reaches_old_sessions(MemoryStore::new()).await;
}

#[tokio::test]
async fn a_shorter_configuration_reaches_old_sessions_in_a_file() {
    let folder = tempfile::TempDir::new().unwrap();
    a_shorter_configuration_reaches_old_sessions(SqliteStore::open(folder.path().join("store")).unwrap())
        .await;
}

#[tokio::test]
async fn a_shorter_configuration_reaches_old_sessions_in_redis() {
    let server = RedisServer::start(&[]);
    a_shorter_configuration_reaches_old_sessions(RedisStore::open(&server.url()).await.unwrap()).await;
}

#[tokio::test]
async fn a_shorter_configuration_reaches_old_sessions_in_a_database() {
    let server = PostgresServer::shared();
    a_shorter_configuration_reaches_old_sessions(PostgresStore::open(&server.database().1).await.unwrap())
        .await;
}

#[tokio::test]
async fn a_login_without_a_name_or_a_time_is_refused() {
    let (sessions, mut events) = sessions(MemoryStore::new(), SessionConfig::default(), &start());
    let session = sessions.open([]);
    for (login, expected) in [
        (Login::new(""), InvalidLogin::EmptyUser),
        (Login::new("alice").idle_timeout(Duration::ZERO), InvalidLogin::ZeroDuration("idle timeout")),
        (Login::new("alice").lifetime(Duration::ZERO), InvalidLogin::ZeroDuration("lifetime")),
    ] {
        match session.login(login).await {
            Err(SessionError::Login(error)) => assert_eq!(error, expected),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(session.login("").await.expect_err("an empty name").status(), 400);
    assert!(session.set_cookie().is_none() && events.try_recv().is_err());
}
