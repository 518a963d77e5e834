//! Two realms in one store: users and admins.

use std::sync::Arc;
use std::time::Duration;

use sessctl::clock::{Clock, ManualClock, SystemClock, Timestamp};
use sessctl::session::{
    ConfigError, Event, Keep, Login, Owner, Record, SessionConfig, SessionStore, Sessions, SessionsBuilder,
};
use sessctl::stores::{MemoryStore, PostgresStore, RedisStore, SqliteStore};
use tokio::sync::mpsc::unbounded_channel;

use crate::support::{Home, PostgresServer, RedisServer, key_of_token};

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

/// A wait that only a failure reaches.
const HANG_TIMEOUT: Duration = Duration::from_secs(60);

fn build(builder: SessionsBuilder) -> Sessions {
    builder.build().expect("valid settings")
}

/// The token of a login.
async fn log_in(sessions: &Sessions, login: impl Into<Login>) -> String {
    let session = sessions.open([]);
    session.login(login).await.expect("a login");
    let line = session.set_cookie().expect("a cookie");
    let (name, rest) = line.to_str().expect("ASCII").split_once('=').expect("a value");
    assert_eq!(name, sessions.cookie_name());
    rest[..43].to_owned()
}

/// The token of a new anonymous session.
async fn begin(sessions: &Sessions) -> String {
    let session = sessions.open([]);
    session.set("a", 1).await.expect("a change");
    let line = session.set_cookie().expect("a cookie");
    line.to_str().expect("ASCII").split_once('=').expect("a value").1[..43].to_owned()
}

async fn record(sessions: &Sessions, token: &str) -> Option<Arc<Record>> {
    let cookie = format!("{}={token}", sessions.cookie_name());
    sessions.open([cookie.as_bytes()]).record().await.expect("an answer")
}

async fn users(sessions: &Sessions, owner: Owner<'_>) -> Vec<Option<String>> {
    let (mut users, mut after) = (Vec::new(), None);
    loop {
        let page = sessions.list(owner, after.as_ref(), 2).await.expect("a list");
        users.extend(page.sessions.into_iter().map(|(_, record)| record.user.as_deref().map(str::to_owned)));
        after = page.next;
        if after.is_none() {
            users.sort();
            return users;
        }
    }
}

fn named(names: &[&str]) -> Vec<Option<String>> {
    names.iter().map(|name| Some((*name).to_owned())).collect()
}

async fn realms_are_separate<S: SessionStore + Clone>(store: S) {
    let clock = Arc::new(ManualClock::new(SystemClock.now()));
    let customers = build(Sessions::builder(store.clone()).clock(Arc::clone(&clock)));
    let config = SessionConfig::default().max_per_user(Some(2));
    let admins = Sessions::builder(store.clone()).realm("admin").config(config).clock(Arc::clone(&clock));
    let admins = build(admins);
    assert_eq!((customers.realm(), admins.realm()), (None, Some("admin")));
    let customer = log_in(&customers, "alice").await;
    let admin = log_in(&admins, Login::new("alice").credential_version(7)).await;

    // A token opens a session only in its own realm, under whatever name it is sent.
    let found = record(&customers, &customer).await.expect("a session");
    assert_eq!((found.user.as_deref(), found.credential_version), (Some("alice"), 0));
    let found = record(&admins, &admin).await.expect("a session");
    assert_eq!((found.user.as_deref(), found.credential_version), (Some("alice"), 7));
    assert!(record(&admins, &customer).await.is_none() && record(&customers, &admin).await.is_none());
    // A logout with the token of the other realm ends nothing.
    let foreign = format!("{}={customer}", admins.cookie_name());
    admins.open([foreign.as_bytes()]).end().await.expect("a logout");
    assert!(record(&customers, &customer).await.is_some());

    // Neither do lists, searches and revocations.
    let (anonymous, anonymous_admin) = (begin(&customers).await, begin(&admins).await);
    assert_eq!(users(&customers, Owner::Everyone).await, [vec![None], named(&["alice"])].concat());
    assert_eq!(users(&admins, Owner::Everyone).await, [vec![None], named(&["alice"])].concat());
    assert_eq!(users(&admins, Owner::User("alice")).await, named(&["alice"]));
    let handle = record(&customers, &customer).await.expect("a session").handle;
    for owner in [Owner::Everyone, Owner::User("alice")] {
        assert!(admins.find(owner, handle).await.expect("an answer").is_none());
        assert!(!admins.revoke(owner, handle).await.expect("an answer"));
    }
    assert_eq!(admins.revoke_all(Owner::User("alice"), Keep::Nothing).await.expect("a revocation"), 1);
    assert!(record(&admins, &admin).await.is_none() && record(&customers, &customer).await.is_some());
    assert_eq!(admins.revoke_all(Owner::Everyone, Keep::Nothing).await.expect("a revocation"), 1);
    assert!(
        record(&admins, &anonymous_admin).await.is_none() && record(&customers, &anonymous).await.is_some()
    );
    let admin = log_in(&admins, "alice").await;
    assert_eq!(customers.revoke_all(Owner::Everyone, Keep::Nothing).await.expect("a revocation"), 2);
    assert!(record(&admins, &admin).await.is_some());

    // The limit of sessions counts those of one realm.
    let customer = log_in(&customers, "alice").await;
    for _ in 0..3 {
        // Sessions of one millisecond have no order.
        clock.advance(Duration::from_millis(1));
        log_in(&admins, "alice").await;
    }
    assert!(record(&customers, &customer).await.is_some() && record(&admins, &admin).await.is_none());
    assert_eq!(users(&admins, Owner::User("alice")).await.len(), 2);

    // The name of a customer may look like a stored admin.
    let imitation = log_in(&customers, "\u{1f}admin\u{1f}alice").await;
    assert_eq!(users(&admins, Owner::User("alice")).await.len(), 2);
    assert_eq!(admins.revoke_all(Owner::Everyone, Keep::Nothing).await.expect("a revocation"), 2);
    let found = record(&customers, &imitation).await.expect("a session");
    assert_eq!(found.user.as_deref(), Some("\u{1f}admin\u{1f}alice"));

    // Rotations and changes keep the realm.
    let admin = log_in(&admins, "alice").await;
    let session = admins.open([format!("{}={admin}", admins.cookie_name()).as_bytes()]);
    session.cycle_id().await.expect("a rotation");
    session.set("a", 1).await.expect("a change");
    assert_eq!(session.reload().await.expect("an answer").expect("a session").user.as_deref(), Some("alice"));
    assert_eq!(users(&admins, Owner::User("alice")).await, named(&["alice"]));
}

#[tokio::test]
async fn realms_are_separate_in_each_store() {
    realms_are_separate(MemoryStore::new()).await;
    let folder = tempfile::TempDir::new().unwrap();
    realms_are_separate(SqliteStore::open(folder.path().join("store")).unwrap()).await;
    let redis = RedisServer::start(&[]);
    realms_are_separate(RedisStore::open(&redis.url()).await.unwrap()).await;
    let postgres = PostgresServer::shared();
    realms_are_separate(PostgresStore::open(&postgres.database().1).await.unwrap()).await;
}

#[tokio::test]
async fn without_a_realm_the_key_is_the_hash_of_the_token() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("store")).unwrap();
    let customers = build(Sessions::builder(store.clone()));
    let token = log_in(&customers, "alice").await;
    let now = customers.now();
    let stored = store.load(key_of_token(&token), now).await.unwrap().expect("a record");
    assert_eq!(stored.user.as_deref(), Some("alice"));
    let admins = build(Sessions::builder(store.clone()).realm("admin"));
    let token = log_in(&admins, "alice").await;
    assert_eq!(store.load(key_of_token(&token), now).await.unwrap(), None);
}

#[tokio::test]
async fn a_check_of_admins_ends_no_session_of_a_customer() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("store")).unwrap();
    let customers = build(Sessions::builder(store.clone()));
    let admins = Sessions::builder(store).realm("admin");
    let admins =
        build(admins.admission(|record| std::future::ready(Ok(record.user.as_deref() != Some("alice")))));
    let (customer, admin) = (log_in(&customers, "alice").await, log_in(&admins, "alice").await);
    assert!(record(&admins, &admin).await.is_none());
    assert!(record(&admins, &customer).await.is_none());
    assert!(record(&customers, &customer).await.is_some());
}

/// A sweep removes the sessions of all realms, so it says which one each belongs to.
#[tokio::test]
async fn expired_sessions_are_reported_with_their_realm() {
    let folder = tempfile::TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path().join("store")).unwrap();
    let clock = Arc::new(ManualClock::new(START));
    let (sender, mut events) = unbounded_channel();
    let config = SessionConfig::default().sweep_interval(Duration::from_millis(10));
    let customers = Sessions::builder(store.clone()).config(config).clock(Arc::clone(&clock));
    let customers = build(customers.on_event(move |event| _ = sender.send(event.clone())));
    let admins = build(Sessions::builder(store).realm("admin").clock(Arc::clone(&clock)));
    log_in(&customers, "alice").await;
    log_in(&admins, "root").await;
    begin(&admins).await;
    clock.advance(Duration::from_secs(3 * 3600));
    assert!(clock.now() > START);
    let mut expired = Vec::new();
    while expired.len() < 3 {
        let event = tokio::time::timeout(HANG_TIMEOUT, events.recv()).await.expect("a sweep");
        if let Some(Event::Expired { user, realm, .. }) = event {
            expired.push((realm.as_deref().map(str::to_owned), user.as_deref().map(str::to_owned)));
        }
    }
    expired.sort();
    let of = |realm: Option<&str>, user: Option<&str>| (realm.map(str::to_owned), user.map(str::to_owned));
    assert_eq!(expired, [of(None, Some("alice")), of(Some("admin"), None), of(Some("admin"), Some("root"))]);
}

#[test]
fn a_realm_needs_a_name_that_a_cookie_can_have() {
    let built = Sessions::builder(MemoryStore::new()).realm("an admin").build();
    assert_eq!(built.err(), Some(ConfigError::Realm("an admin".to_owned())));
}

#[test]
fn the_sessions_of_a_realm_are_listed_and_revoked_from_the_command_line() {
    let home = Home::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let store = SqliteStore::open(home.path().join("sessions.db")).expect("a store");
        let config = SessionConfig::default().idle_timeout(Duration::from_secs(90 * 24 * 3600));
        log_in(&build(Sessions::builder(store.clone()).config(config)), "alice").await;
        log_in(&build(Sessions::builder(store).realm("admin")), "root").await;
    });
    let url = format!("sqlite:{}", home.path().join("sessions.db").display());
    let run = |args: &[&str]| home.run([args, &["--store", &url]].concat());
    let listed = run(&["sessions", "list"]).exits(0).answers("alice");
    assert!(!listed.stdout.contains("root"), "{}", listed.stdout);
    let listed = run(&["sessions", "list", "--realm", "admin"]).exits(0).answers("root");
    assert!(!listed.stdout.contains("alice"), "{}", listed.stdout);
    run(&["sessions", "list", "--realm", "a b"]).exits(2).says("invalid realm `a b`");
    run(&["sessions", "revoke", "--all", "--realm", "admin"]).exits(0).answers("ended 1 session");
    run(&["sessions", "list"]).exits(0).answers("alice");
}

#[tokio::test]
async fn an_empty_name_is_no_user_of_a_realm() {
    let admins = build(Sessions::builder(MemoryStore::new()).realm("admin"));
    let token = begin(&admins).await;
    assert_eq!(admins.revoke_all(Owner::User(""), Keep::Nothing).await.expect("a store"), 0);
    assert!(record(&admins, &token).await.is_some(), "the anonymous session is live");
}
