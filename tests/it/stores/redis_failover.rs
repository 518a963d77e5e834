//! Failovers of Redis: the same name leads to another server, and the connections to the former primary stay open.

use sessctl::session::{Change, Changed, Owner, SessionStore};
use sessctl::stores::{RedisOpenError, RedisStore};

use super::redis::{NOW, key, record};
use super::whole;
use crate::support::{Forwarder, Home, RedisServer, Sentinels, Serve, get, post, until};

/// A primary behind a name, and its replica.
struct Pair {
    former: RedisServer,
    next: RedisServer,
    name: Forwarder,
}

impl Pair {
    fn start() -> Self {
        let former = RedisServer::start(&["--repl-diskless-sync-delay", "0"]);
        let next = RedisServer::start(&["--replicaof", "127.0.0.1", &former.port.to_string()]);
        let name = Forwarder::to(former.port);
        let pair = Pair { former, next, name };
        pair.await_replica(&pair.next);
        pair
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.name.port)
    }

    fn await_replica(&self, replica: &RedisServer) {
        until("the replica", || {
            let info = replica.says(&["INFO", "replication"]);
            info.contains("master_link_status:up") && info.contains("master_sync_in_progress:0")
        });
    }

    /// Waits until the replica has what the primary has.
    fn await_key(&self, pattern: &str) {
        until("the key on the replica", || !self.next.says(&["KEYS", pattern]).is_empty());
    }

    /// The replica becomes the primary, and the former primary its replica. The name does not move.
    fn promote(&self) {
        self.next.says(&["REPLICAOF", "NO", "ONE"]);
        self.former.says(&["REPLICAOF", "127.0.0.1", &self.next.port.to_string()]);
        self.await_replica(&self.former);
    }

    fn move_name(&self) {
        self.name.move_to(self.next.port);
    }
}

#[test]
fn a_server_follows_a_name_that_moves_to_the_new_primary() {
    let (home, pair) = (Home::new(), Pair::start());
    let server = Serve::with(&home, &["--store", &pair.url()]);
    let alice = post(&server.address, "/login", &[], "username=alice").cookie();
    assert_eq!(post(&server.address, "/counter", &[("Cookie", &alice)], "").status, 200);
    pair.await_key("sessctl:session:*");
    pair.promote();
    pair.move_name();
    // The first request after the failover works, whatever it needs.
    let counted = post(&server.address, "/counter", &[("Cookie", &alice)], "");
    assert_eq!((counted.status, counted.body.trim()), (200, "{\"count\":2}"));
    let bob = post(&server.address, "/login", &[], "username=bob");
    assert_eq!(bob.status, 303);
    assert_eq!(get(&server.address, "/session", &[("Cookie", &bob.cookie())]).status, 200);
    assert_eq!(get(&server.address, "/readyz", &[]).status, 200);
    assert_eq!(post(&server.address, "/logout", &[("Cookie", &alice)], "").status, 303);
    assert_eq!(get(&server.address, "/session", &[("Cookie", &alice)]).status, 401);
    let keys = pair.next.says(&["KEYS", "sessctl:session:*"]);
    assert_eq!(keys.lines().count(), 1, "only bob's session: {keys}");
}

#[test]
fn a_server_is_not_ready_while_its_store_accepts_no_login() {
    let (home, pair) = (Home::new(), Pair::start());
    let server = Serve::with(&home, &["--store", &pair.url()]);
    let status = |path: &str| get(&server.address, path, &[]).status;
    assert_eq!(status("/readyz"), 200);
    assert_eq!(pair.former.says(&["KEYS", "*"]), "", "the check left a key");
    pair.promote();
    until("that the server is not ready", || status("/readyz") == 503);
    assert_eq!(status("/healthz"), 200);
    assert_eq!(post(&server.address, "/login", &[], "username=alice").status, 503);
    pair.move_name();
    until("that the server is ready", || status("/readyz") == 200);
    assert_eq!(post(&server.address, "/login", &[], "username=alice").status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_call_of_each_kind_after_a_failover_works() {
    for call in ["create", "load", "change", "touch", "delete", "list", "ready"] {
        let pair = Pair::start();
        let store = RedisStore::open(&pair.url()).await.unwrap();
        store.create(key(1), record(1, Some("alice"))).await.unwrap();
        pair.await_key("sessctl:user:*");
        pair.promote();
        pair.move_name();
        // It is cut off from the new primary, and rejects reads with MASTERDOWN.
        pair.former.says(&["CONFIG", "SET", "replica-serve-stale-data", "no"]);
        pair.former.says(&["REPLICAOF", "127.0.0.1", "1"]);
        match call {
            "create" => store.create(key(2), record(2, Some("bob"))).await.unwrap(),
            "load" => assert!(store.load(key(1), NOW).await.unwrap().is_some()),
            "change" => {
                let changed = store.change(key(1), &Change::new().increment("n", 1), NOW).await.unwrap();
                let Changed::Applied(data) = changed else { panic!("{changed:?}") };
                assert_eq!(data.get("n"), Some(&1.into()), "not exactly once");
            }
            "touch" => assert!(store.touch(key(1), NOW).await.unwrap()),
            "delete" => assert!(store.delete(key(1)).await.unwrap().is_some()),
            "list" => {
                let page = store.list(Owner::User("alice"), None, 10, NOW).await.unwrap();
                assert_eq!(page.sessions.len(), 1);
            }
            _ => store.ready(NOW).await.unwrap(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_only_the_new_primary_has_is_ended_and_changed_there() {
    let pair = Pair::start();
    let store = RedisStore::open(&pair.url()).await.unwrap();
    pair.promote();
    pair.move_name();
    // The former primary gets no more copies, but still answers reads.
    pair.former.says(&["REPLICAOF", "127.0.0.1", "1"]);
    let other = RedisStore::open(&pair.url()).await.unwrap();
    other.create(key(1), record(1, Some("alice"))).await.unwrap();
    assert!(store.delete(key(1)).await.unwrap().is_some(), "the logout was lost");
    assert!(other.load(key(1), NOW).await.unwrap().is_none());
}

#[test]
fn a_server_follows_the_sentinels_to_the_new_primary() {
    let (home, mut pair) = (Home::new(), Pair::start());
    let mut sentinels = Sentinels::watch(&pair.former);
    let server = Serve::with(&home, &["--store", &format!("{}?prefix=app:", sentinels.url())]);
    let alice = post(&server.address, "/login", &[], "username=alice").cookie();
    pair.await_key("app:session:*");
    // A planned failover: nobody is logged out at any time.
    sentinels.fail_over();
    let mut statuses = Vec::new();
    until("the failover", || {
        statuses.push(get(&server.address, "/session", &[("Cookie", &alice)]).status);
        pair.next.says(&["ROLE"]).starts_with("master") && pair.former.says(&["ROLE"]).starts_with("slave")
    });
    assert!(statuses.iter().all(|status| [200, 503].contains(status)), "{statuses:?}");
    until("a login", || post(&server.address, "/login", &[], "username=bob").status == 303);
    assert_eq!(get(&server.address, "/session", &[("Cookie", &alice)]).status, 200);
    // An unplanned one, while one of the Sentinels is down, too.
    until("the new replica", || {
        pair.former.says(&["INFO", "replication"]).contains("master_link_status:up")
            && pair.former.says(&["KEYS", "app:session:*"]).lines().count() == 2
    });
    sentinels.kill_first();
    pair.next.kill();
    until("a login", || {
        let status = post(&server.address, "/login", &[], "username=carol").status;
        assert!([303, 503].contains(&status), "{status}");
        status == 303
    });
    assert_eq!(get(&server.address, "/session", &[("Cookie", &alice)]).status, 200);
    assert_eq!(get(&server.address, "/healthz", &[]).status, 200);
}

#[tokio::test]
async fn errors_of_opening_through_sentinels_name_the_service() {
    let pair = Pair::start();
    let sentinels = Sentinels::watch(&pair.former);
    let unknown = RedisStore::open(&sentinels.url().replace("/main", "/other")).await.unwrap_err();
    assert!(matches!(unknown, RedisOpenError::NoPrimary { .. }), "{unknown:?}");
    assert!(whole(&unknown).contains("does not know the service other"), "{}", whole(&unknown));
    let url = sentinels.url();
    let first = url.trim_start_matches("redis+sentinel://").split(',').next().unwrap();
    let direct = RedisStore::open(&format!("redis://{first}")).await.unwrap_err();
    assert!(matches!(direct, RedisOpenError::IsSentinel { .. }), "{direct:?}");
    let down = RedisStore::open("redis+sentinel://127.0.0.1:1,127.0.0.1:2/main").await.unwrap_err();
    assert!(matches!(down, RedisOpenError::NoPrimary { .. }), "{down:?}");
}
