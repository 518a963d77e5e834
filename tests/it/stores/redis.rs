//! The Redis store: expiry, the index of users, scripts, restarts and lists.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sessctl::session::{
    Change, ChangeError, Changed, Data, Handle, Owner, Record, SessionStore, Timestamp, TokenHash,
};
use sessctl::stores::{RedisOpenError, RedisStore};
use uuid::Uuid;

use super::whole;
use crate::support::{Authority, Home, Ran, RedisServer, free_port, key_of_token};

/// A call that takes longer hangs: even on a busy machine, calls end within their 2 seconds and some delay.
pub const HANG_TIMEOUT: Duration = Duration::from_secs(10);

pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub fn key(n: u32) -> TokenHash {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&n.wrapping_mul(2_654_435_761).to_be_bytes());
    TokenHash::from_bytes(bytes)
}

pub fn record(n: u32, user: Option<&str>) -> Record {
    let handle = Handle::from_uuid(Uuid::from_u128(n.into()));
    let mut record = Record::new(handle, NOW, Duration::from_secs(60), NOW.plus(Duration::from_secs(600)));
    record.user = user.map(Into::into);
    record.credential_version = u64::MAX - 1;
    record
}

fn data(value: &serde_json::Value) -> Data {
    Data::from_json(&value.to_string()).unwrap()
}

pub async fn count_of_alice(store: &RedisStore) -> usize {
    store.list(Owner::User("alice"), None, 100, NOW).await.unwrap().sessions.len()
}

/// The result of an operation, and its duration.
pub async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    (work.await, start.elapsed())
}

#[tokio::test]
async fn redis_deletes_a_record_a_minute_after_its_expiry() {
    let server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    store.create(key(1), record(1, Some("alice"))).await.unwrap();
    let name = server.says(&["KEYS", "sessctl:session:*"]);
    let kept = |name: &str| server.says(&["PTTL", name]).parse::<u64>().unwrap();
    assert!(
        (110_000..=120_000).contains(&kept(&name)),
        "not the idle timeout and the margin: {}",
        kept(&name)
    );
    store.change(key(1), &Change::new().set("a", 1), NOW).await.unwrap();
    assert!((100_000..=120_000).contains(&kept(&name)), "a change extended the session");
    store.touch(key(1), NOW.plus(Duration::from_secs(30))).await.unwrap();
    assert!((110_000..=120_000).contains(&kept(&name)), "a touch did not extend the session");
    let index = server.says(&["KEYS", "sessctl:user:*"]);
    assert!((600_000..=660_000).contains(&kept(&index)), "the index expires before its sessions");
}

#[tokio::test]
async fn the_index_removes_stale_entries_and_recovers_lost_ones() {
    let server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    for n in 0..3 {
        store.create(key(n), record(n, Some("alice"))).await.unwrap();
    }
    let index = server.says(&["KEYS", "sessctl:user:*"]);
    let mut keys: Vec<String> =
        server.says(&["KEYS", "sessctl:session:*"]).lines().map(str::to_owned).collect();
    keys.sort();
    // A record disappears, but its entry stays.
    server.says(&["DEL", &keys[0]]);
    assert_eq!(server.says(&["ZCARD", &index]), "3");
    assert_eq!(count_of_alice(&store).await, 2);
    assert_eq!(server.says(&["ZCARD", &index]), "2");
    // A session of another user in the index is not listed.
    store.create(key(9), record(9, Some("bob"))).await.unwrap();
    let index_of_bob = server.says(&["KEYS", "sessctl:user:*"]);
    let index_of_bob = index_of_bob.lines().find(|name| **name != *index).unwrap();
    let entry = server.says(&["ZRANGE", index_of_bob, "0", "-1"]);
    server.says(&["ZADD", &index, "0", &entry, "0", "nonsense"]);
    assert_eq!(count_of_alice(&store).await, 2);
    assert_eq!(server.says(&["ZCARD", &index]), "2");
    // The index is lost. The next use of each session restores its entry.
    server.says(&["DEL", &index]);
    assert_eq!(count_of_alice(&store).await, 0);
    for n in 0..3 {
        store.touch(key(n), NOW).await.unwrap();
    }
    assert_eq!(count_of_alice(&store).await, 2);
    for n in 0..3 {
        store.delete(key(n)).await.unwrap();
    }
    assert_eq!(server.says(&["EXISTS", &index]), "0");
}

#[tokio::test]
async fn scripts_are_sent_again_after_script_flush() {
    let server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    store.create(key(1), record(1, Some("alice"))).await.unwrap();
    for n in 1..=3 {
        server.says(&["SCRIPT", "FLUSH"]);
        let changed = store.change(key(1), &Change::new().increment("n", 1), NOW).await.unwrap();
        assert_eq!(changed, Changed::Applied(data(&json!({"n": n}))));
        server.says(&["SCRIPT", "FLUSH"]);
        assert!(store.touch(key(1), NOW).await.unwrap());
    }
}

#[tokio::test]
async fn the_files_of_redis_contain_no_token() {
    let mut server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    let text = format!("{}A", "QWxhZGRpbjpvcGVuIHNlc2FtZQ".repeat(2).chars().take(42).collect::<String>());
    let key = key_of_token(&text);
    store.create(key, record(1, Some("alice"))).await.unwrap();
    store.touch(key, NOW).await.unwrap();
    server.kill();
    let mut stored = Vec::new();
    for file in walk(server.folder()) {
        stored.extend(std::fs::read(file).unwrap());
    }
    let contains = |bytes: &[u8]| stored.windows(bytes.len()).any(|window| window == bytes);
    assert!(contains(b"alice") && contains(b"sessctl:session:"));
    assert!(!contains(text.as_bytes()) && !contains(&text.as_bytes()[..20]));
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else if path.is_file() {
            files.push(path);
        }
    }
    files
}

#[tokio::test]
async fn errors_of_opening_name_the_problem_but_not_the_password() {
    let server = RedisServer::start(&["--requirepass", "sesame123"]);
    let port = server.port;
    let open = async |url: String| RedisStore::open(&url).await;
    let wrong = open(format!("redis://:opensaysme@127.0.0.1:{port}")).await.unwrap_err();
    assert!(matches!(wrong, RedisOpenError::Denied { .. }), "{wrong:?}");
    assert!(!whole(&wrong).contains("opensaysme"), "{}", whole(&wrong));
    let missing = open(format!("redis://127.0.0.1:{port}")).await.unwrap_err();
    assert!(matches!(missing, RedisOpenError::Denied { .. }), "{missing:?}");
    let database = open(format!("redis://:sesame123@127.0.0.1:{port}/99")).await.unwrap_err();
    assert!(matches!(database, RedisOpenError::Rejected { .. }), "{database:?}");
    for url in [
        "",
        "redis",
        "http://x",
        "redis://:sesame123@",
        "redis://:sesame123@[",
        "redis://:sesame123@h/x",
        "redis://:sesame123@h:1:2",
    ] {
        let error = open(url.to_owned()).await.unwrap_err();
        assert!(matches!(error, RedisOpenError::InvalidUrl { .. }), "{url}: {error:?}");
        assert!(!whole(&error).contains("sesame"), "{}", whole(&error));
    }
    let (closed, took) = timed(open("redis://:sesame123@127.0.0.1:1".into())).await;
    assert!(matches!(closed, Err(RedisOpenError::Unreachable { .. })) && took < HANG_TIMEOUT);
    let two = open(format!("redis://:sesame123@127.0.0.1:{port},127.0.0.1:{port}")).await.unwrap_err();
    assert!(matches!(two, RedisOpenError::NotACluster { .. }), "{two:?}");
    let store = open(format!("redis://:sesame123@127.0.0.1:{port}/3")).await.unwrap();
    store.create(key(1), record(1, None)).await.unwrap();
    assert_eq!(server.says(&["-a", "sesame123", "--no-auth-warning", "-n", "3", "DBSIZE"]), "1");
    assert!(!format!("{store:?}").contains("sesame"));
    let by_socket = open(format!("unix://{}?db=3&pass=sesame123", server.socket())).await.unwrap();
    assert!(by_socket.load(key(1), NOW).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_to_a_silent_server_fail_in_time_and_work_again_later() {
    let server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    store.create(key(1), record(1, Some("alice"))).await.unwrap();
    server.signal("STOP");
    for n in 0..3 {
        let (loaded, took) = timed(store.load(key(1), NOW)).await;
        eprintln!("load {n} from a silent server: {took:?} {loaded:?}");
        assert!(loaded.is_err() && took < HANG_TIMEOUT, "{took:?}");
    }
    assert!(store.create(key(2), record(2, None)).await.is_err());
    server.signal("CONT");
    let start = Instant::now();
    while store.load(key(1), NOW).await.is_err() {
        assert!(start.elapsed() < HANG_TIMEOUT);
    }
    eprintln!("works again after {:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_call_after_a_restart_works() {
    let mut server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    store.create(key(1), record(1, Some("alice"))).await.unwrap();
    server.kill();
    let (loaded, took) = timed(store.load(key(1), NOW)).await;
    eprintln!("load from a stopped server: {took:?} {loaded:?}");
    assert!(loaded.is_err() && took < HANG_TIMEOUT, "{took:?}");
    server.resume();
    let start = Instant::now();
    while store.load(key(1), NOW).await.is_err() {
        assert!(start.elapsed() < HANG_TIMEOUT);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    eprintln!("works again after {:?}", start.elapsed());
    // Without a call during the outage, the first one works.
    server.kill();
    server.resume();
    assert!(store.load(key(1), NOW).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_never_applied_twice() {
    let mut server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    store.create(key(1), record(1, None)).await.unwrap();
    let confirmed = Arc::new(AtomicI64::new(0));
    let mut sent = 0;
    for round in 0..5 {
        // The server is killed when this many changes are confirmed: early in the first round, later in the others. On a slow
        // machine, calls time out before that, and it is killed when no call is left.
        let enough = confirmed.load(Ordering::SeqCst) + 1 + 20 * round;
        let tasks: Vec<_> = (0..200)
            .map(|task| {
                let (store, confirmed) = (store.clone(), Arc::clone(&confirmed));
                let change = Change::new().increment("n", 1).set(format!("{round}/{task}"), 1);
                tokio::spawn(async move {
                    if store.change(key(1), &change, NOW).await.is_ok() {
                        confirmed.fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        let start = Instant::now();
        while confirmed.load(Ordering::SeqCst) < enough && !tasks.iter().all(|task| task.is_finished()) {
            assert!(start.elapsed() < HANG_TIMEOUT, "{confirmed:?} of {enough} in round {round}");
            tokio::task::yield_now().await;
        }
        server.kill();
        for task in tasks {
            task.await.unwrap();
            sent += 1;
        }
        server.resume();
        // Calls fail for a moment after a failed attempt to connect.
        while store.load(key(1), NOW).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
    let found = store.load(key(1), NOW).await.unwrap().unwrap().data;
    let n = found.get("n").and_then(serde_json::Value::as_i64).unwrap();
    let confirmed = confirmed.load(Ordering::SeqCst);
    eprintln!("{sent} sent, {confirmed} confirmed, {n} applied");
    assert_eq!(n, i64::try_from(found.iter().count()).unwrap() - 1, "a change was applied twice");
    assert!(confirmed <= n && n <= sent);
}

#[tokio::test]
async fn lists_are_fast_among_many_other_keys() {
    let server = RedisServer::start(&["--enable-debug-command", "yes"]);
    server.says(&["DEBUG", "POPULATE", "300000", "other"]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    for n in 0..100 {
        store.create(key(n), record(n, None)).await.unwrap();
    }
    let (page, took) = timed(store.list(Owner::Everyone, None, 1, NOW)).await;
    eprintln!("list 1 of 100 among 300,000: {took:?}, {}", page.unwrap().sessions.len());
    assert!(took < HANG_TIMEOUT, "{took:?}");
    let (mut found, mut after, mut pages) = (std::collections::BTreeSet::new(), None, 0);
    loop {
        let page = store.list(Owner::Everyone, after.as_ref(), 7, NOW).await.unwrap();
        pages += 1;
        found.extend(page.sessions.iter().map(|(key, _)| *key));
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    eprintln!("{pages} pages");
    assert_eq!(found.len(), 100);
    eprintln!("count: {:?}", timed(store.count(NOW)).await);
}

#[tokio::test]
async fn a_rejected_change_has_a_reason() {
    let server = RedisServer::start(&[]);
    let store = RedisStore::open(&server.url()).await.unwrap();
    store.create(key(1), record(1, None)).await.unwrap();
    let changed = store.change(key(1), &Change::new().set("a", "x".repeat(70_000)), NOW).await.unwrap();
    assert_eq!(changed, Changed::Rejected(ChangeError::TooLarge(70_003), Data::default()));
}

#[tokio::test]
async fn a_replica_cannot_be_opened() {
    let master = RedisServer::start(&[]);
    let replica = RedisServer::start(&["--replicaof", "127.0.0.1", &master.port.to_string()]);
    let error = RedisStore::open(&replica.url()).await.unwrap_err();
    assert!(matches!(error, RedisOpenError::IsReplica { .. }), "{error:?}");
}

#[test]
fn tls_connections_verify_the_certificate() {
    let (home, authority) = (Home::new(), Authority::new());
    authority.open_to_others();
    let path = |name: &str| authority.path(name).to_string_lossy().into_owned();
    let port = free_port().to_string();
    let (key, certificate, ca) = (path("server-key.pem"), path("server.pem"), path("ca.pem"));
    let _server = RedisServer::start(&[
        "--tls-port",
        &port,
        "--tls-key-file",
        &key,
        "--tls-cert-file",
        &certificate,
        "--tls-ca-cert-file",
        &ca,
        "--tls-auth-clients",
        "no",
    ]);
    let list = |host: &str, roots: &str| {
        let mut command = home.command(["sessions", "list", "--json"]);
        command.env("SESSCTL_STORE", format!("rediss://{host}:{port}")).env("SSL_CERT_FILE", roots);
        Ran::from(command.output().unwrap())
    };
    list("localhost", &ca).exits(0);
    let unrelated = Authority::new();
    list("localhost", &unrelated.path("ca.pem").to_string_lossy()).exits(1).says("certificate");
}
