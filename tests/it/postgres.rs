//! Sessions in a PostgreSQL database: several servers at once, rows that are locked, servers that go away, whom TLS
//! trusts, what an error says.

use std::error::Error as _;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sessctl::session::{Change, Data, Handle, Operation, Record, Refusal, Timestamp, TokenHash};
use sessctl::store::{Changed, Owner, PostgresOpenError, PostgresStore, SessionStore};

use crate::redis::HANGS;
use crate::support::{PostgresServer, until};

/// How many are swept and used at the same time.
const ALL: u32 = 2000;

const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn key(n: u32) -> TokenHash {
    let mut octets = [7; 32];
    octets[..4].copy_from_slice(&n.to_be_bytes());
    TokenHash::from_bytes(octets)
}

fn record(user: &str) -> Record {
    Record {
        handle: Handle::from_uuid(uuid::Uuid::from_u128(1)),
        user: Some(user.into()),
        credential: u64::MAX,
        data: Data::default(),
        created: START,
        seen: START,
        idle_timeout: Duration::from_secs(60),
        ends: START.plus(Duration::from_secs(600)),
    }
}

/// All that an error says, to whoever prints it.
fn whole(error: &PostgresOpenError) -> String {
    let mut text = format!("{error:?}: {error}");
    let mut source = error.source();
    while let Some(error) = source {
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}

async fn refusal(url: &str) -> PostgresOpenError {
    let error = PostgresStore::open(url).await.expect_err("no store");
    assert!(!whole(&error).contains("s3cret"), "{}", whole(&error));
    error
}

#[tokio::test]
async fn what_cannot_be_a_store_is_told() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let error = refusal(&url.replace("s3cret", "s3cretx")).await;
    assert!(matches!(error, PostgresOpenError::Refused { .. }), "{}", whole(&error));
    let error = refusal(&url.replace(&name, "nowhere")).await;
    assert!(matches!(error, PostgresOpenError::NoDatabase { .. }), "{}", whole(&error));
    let error = refusal(&url.replace(&server.port().to_string(), "1")).await;
    assert!(matches!(error, PostgresOpenError::Unreachable { .. }), "{}", whole(&error));
    let error = refusal(&format!("{url}?sslmode=require")).await;
    assert!(matches!(error, PostgresOpenError::Failed { .. }), "{}", whole(&error));
    server.sql("postgres", "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let error = refusal(&server.url("latin")).await;
    assert!(matches!(error, PostgresOpenError::Encoding { .. }), "{}", whole(&error));
    server.sql("postgres", &format!("CREATE DATABASE reading TEMPLATE {name}"));
    server.sql("postgres", "ALTER DATABASE reading SET default_transaction_read_only = on");
    let error = refusal(&server.url("reading")).await;
    assert!(matches!(error, PostgresOpenError::Failed { .. }), "{}", whole(&error));
    PostgresStore::open(&url).await.expect("a store");
    server.sql(&name, "UPDATE sessctl_schema SET version = 99");
    let error = refusal(&url).await;
    assert!(matches!(error, PostgresOpenError::Newer { version: 99, .. }), "{}", whole(&error));
}

#[tokio::test]
async fn a_role_without_the_right_to_make_tables_uses_those_that_are_there() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    server.sql(&name, &format!("CREATE ROLE only_{name} LOGIN PASSWORD 'pw'"));
    let theirs = format!("postgres://only_{name}:pw@127.0.0.1:{}/{name}", server.port());
    let error = refusal(&theirs).await;
    assert!(matches!(error, PostgresOpenError::NotAllowed { .. }), "{}", whole(&error));
    PostgresStore::open(&url).await.expect("a store");
    let error = refusal(&theirs).await;
    assert!(matches!(error, PostgresOpenError::NotAllowed { .. }), "{}", whole(&error));
    server.sql(
        &name,
        &format!(
            "GRANT SELECT ON sessctl_schema TO only_{name};
            GRANT SELECT, INSERT, UPDATE, DELETE ON sessctl_sessions TO only_{name}"
        ),
    );
    let store = PostgresStore::open(&theirs).await.expect("a store");
    store.create(key(1), record("alice")).await.unwrap();
    let changed = store.change(key(1), &Change::new().add("n", 1), START).await.unwrap();
    assert!(matches!(changed, Changed::Applied(_)), "{changed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_servers_may_make_the_tables_at_once() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let opening: Vec<_> = (0..12)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { PostgresStore::open(&url).await })
        })
        .collect();
    for store in opening {
        store.await.unwrap().expect("a store");
    }
    assert_eq!(server.sql(&name, "SELECT count(*), max(version) FROM sessctl_schema"), "1|1");
}

#[tokio::test]
async fn a_database_without_an_encoding_keeps_octets() {
    let server = PostgresServer::shared();
    server.sql("postgres", "CREATE DATABASE octets ENCODING 'SQL_ASCII' TEMPLATE template0");
    let store = PostgresStore::open(&server.url("octets")).await.expect("a store");
    store.create(key(1), record("🦀")).await.unwrap();
    let changed = store.change(key(1), &Change::new().set("ü", "🦀"), START).await.unwrap();
    let Changed::Applied(data) = changed else { panic!("{changed:?}") };
    assert_eq!(data.get("ü"), Some(&json!("🦀")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fewer_connections_than_wanted_are_shared() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    server.sql(&name, &format!("CREATE ROLE few_{name} LOGIN PASSWORD 's3cret/?@:%word' CONNECTION LIMIT 3"));
    server.sql(&name, &format!("ALTER DATABASE {name} OWNER TO few_{name}"));
    let url = url.replace("postgres:s3cret", &format!("few_{name}:s3cret"));
    let store = PostgresStore::open(&url).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.change(key(1), &Change::new().add("n", 1), START).await })
        })
        .collect();
    for task in tasks {
        let changed = task.await.unwrap();
        assert!(matches!(changed, Ok(Changed::Applied(_))), "{changed:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_connections_are_made_than_the_url_allows() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let store = PostgresStore::open(&format!("{url}?connection_limit=2")).await.unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.load(key(1), START).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), None);
    }
    let count = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sessctl'";
    assert_eq!(server.sql(&name, count), "2");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn connections_that_are_cut_off_cost_no_reading() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    let (loaded, is_over) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let loading: Vec<_> = (0..20)
        .map(|_| {
            let (store, loaded, is_over) = (store.clone(), Arc::clone(&loaded), Arc::clone(&is_over));
            tokio::spawn(async move {
                while !is_over.load(Ordering::Relaxed) {
                    assert!(store.load(key(1), START).await.unwrap().is_some());
                    loaded.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for _ in 0..5 {
        let enough = loaded.load(Ordering::Relaxed) + 100;
        until("sessions that are read", || loaded.load(Ordering::Relaxed) >= enough);
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'sessctl'";
        assert_ne!(server.sql(&name, cut), "0");
    }
    is_over.store(true, Ordering::Relaxed);
    for loads in loading {
        loads.await.unwrap();
    }
}

#[tokio::test]
async fn two_schemas_of_one_database_are_two_stores() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    server.sql(&name, "CREATE SCHEMA one; CREATE SCHEMA two");
    let of = async |schema| {
        PostgresStore::open(&format!("{url}?options=-csearch_path%3D{schema}")).await.expect("a store")
    };
    let (one, two) = (of("one").await, of("two").await);
    one.create(key(1), record("alice")).await.unwrap();
    assert_eq!(two.load(key(1), START).await.unwrap(), None);
    assert_eq!(two.change(key(1), &Change::new().add("n", 1), START).await.unwrap(), Changed::Gone);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_locked_row_answers_in_time_and_holds_up_no_other() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    store.create(key(2), record("bob")).await.unwrap();
    let held = server.hold(
        &name,
        "UPDATE sessctl_sessions SET seen = seen WHERE handle IS NOT NULL AND username = 'alice'",
    );
    // Whoever goes leaves no connection behind for others that waits for the row.
    for _ in 0..3 {
        let change = Change::new().add("n", 1);
        let soon = Duration::from_millis(5);
        assert!(tokio::time::timeout(soon, store.change(key(1), &change, START)).await.is_err());
    }
    let begin = Instant::now();
    let change = Change::new().add("n", 1);
    let (changed, touched, loaded, other) = tokio::join!(
        store.change(key(1), &change, START),
        store.touch(key(1), START),
        store.load(key(1), START),
        store.change(key(2), &change, START),
    );
    assert!(begin.elapsed() < HANGS, "{:?}", begin.elapsed());
    assert!(changed.is_err() && touched.is_err(), "{changed:?} {touched:?}");
    assert!(loaded.unwrap().is_some() && matches!(other, Ok(Changed::Applied(_))));
    assert_eq!(store.sweep(START.plus(Duration::from_secs(61))).await.unwrap(), 1, "the other one");
    drop(held);
    let begin = Instant::now();
    while store.change(key(1), &change, START).await.is_err() {
        assert!(begin.elapsed() < HANGS);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_who_go_leave_connections_that_are_of_use() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    let change = Change::new().add("n", 1);
    for micros in 0..400_u64 {
        let patience = Duration::from_micros(micros * 5);
        let _ = tokio::time::timeout(patience, store.change(key(1), &change, START)).await;
        let _ = tokio::time::timeout(patience, store.load(key(1), START)).await;
    }
    let changed = store.change(key(1), &change, START).await.unwrap();
    let Changed::Applied(data) = changed else { panic!("{changed:?}") };
    assert!(data.get("n").and_then(Value::as_i64).is_some_and(|n| (1..=401).contains(&n)), "{data:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_additions_over_two_stores_are_a_thousand() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    // What an operator may have chosen for the applications of the house.
    server.sql(&name, &format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"));
    let stores = [PostgresStore::open(&url).await.unwrap(), PostgresStore::open(&url).await.unwrap()];
    stores[0].create(key(1), record("alice")).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    let changed = store.change(key(1), &Change::new().add("n", 1), START).await.unwrap();
                    assert!(matches!(changed, Changed::Applied(_)), "{changed:?}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let data = stores[1].load(key(1), START).await.unwrap().unwrap().data;
    assert_eq!(data.get("n"), Some(&json!(1000)));
}

/// What the database does by itself, and what it leaves to `Change::apply_to`, comes to the same.
#[tokio::test]
async fn changes_mean_here_what_they_mean_everywhere() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    let swap = |key: &str, expected: Option<Value>, new: Option<Value>| {
        Change::new().and(Operation::CompareAndSet { key: key.into(), expected, new })
    };
    let mut kept = record("alice");
    kept.data = Data::from_json(
        r#"{"a": 1, "b": {"x": 1.0, "y": [1, 2]}, "max": 9223372036854775807, "min": -9223372036854775808,
        "big": 18446744073709551615, "f": 1.5, "zero": -0.0, "n": null, "\"a\"": "a", "18": 999999999999999999}"#,
    )
    .unwrap();
    let changes = [
        Change::new(),
        Change::new().set("a", 2).add("a", 3).remove("b").set("b", "again").remove("nothing"),
        Change::new().add("max", 1),
        Change::new().add("max", -1),
        Change::new().add("min", -1),
        Change::new().add("min", i64::MAX),
        Change::new().add("new", i64::MIN),
        Change::new().add("big", -1),
        Change::new().add("f", 1),
        Change::new().add("zero", 1),
        Change::new().add("n", 1),
        Change::new().add("18", 1).add("18", 999_999_999_999_999_999),
        Change::new().set("a", "first").add("f", 1),
        swap("a", Some(json!(1)), Some(json!(2))),
        swap("a", Some(json!(1.0)), Some(json!(2))),
        swap("a", None, Some(json!(2))),
        swap("new", None, Some(json!({"\u{0}": "\u{0}"}))),
        swap("new", None, None),
        swap("a", Some(json!(1)), None),
        swap("n", None, Some(json!(1))),
        swap("n", Some(Value::Null), None),
        swap("b", Some(json!({"y": [1, 2], "x": 1.0})), None),
        swap("\"a\"", Some(json!("a")), Some(json!(""))),
        Change::new().set("large", "x".repeat(Data::MAX_OCTETS)),
        Change::new().remove("b").remove("a").remove("max").remove("min").remove("big").remove("f"),
        (0..3000).fold(Change::new(), |change, n| change.set(format!("k{}", n % 700), n)),
    ];
    for (n, change) in (0..).zip(&changes) {
        store.create(key(n), kept.clone()).await.unwrap();
        let expected = match change.apply_to(&kept.data) {
            Ok(data) => Changed::Applied(data),
            Err(refusal) => Changed::Refused(refusal, kept.data.clone()),
        };
        assert_eq!(store.change(key(n), change, START).await.unwrap(), expected, "{change:?}");
        let (Changed::Applied(data) | Changed::Refused(_, data)) = expected else { unreachable!() };
        let found = store.load(key(n), START).await.unwrap().unwrap().data;
        // The order of keys too.
        assert_eq!(found.to_json(), data.to_json(), "{change:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn comparisons_that_are_left_to_this_side_lose_nothing_either() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    // Of 19 digits: the database leaves it undecided.
    let begin = 5_000_000_000_000_000_000_i64;
    store.change(key(1), &Change::new().set("n", begin), START).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(
                async move { store.change(key(1), &Change::new().add("n", 1), START).await.unwrap() },
            )
        })
        .collect();
    for task in tasks {
        let changed = task.await.unwrap();
        assert!(matches!(changed, Changed::Applied(_)), "{changed:?}");
    }
    let data = store.load(key(1), START).await.unwrap().unwrap().data;
    assert_eq!(data.get("n"), Some(&json!(begin + 20)));
    let swap = Operation::CompareAndSet { key: "n".into(), expected: None, new: None };
    let refused = store.change(key(1), &Change::new().and(swap), START).await.unwrap();
    assert!(matches!(refused, Changed::Refused(Refusal::Differs(_), _)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sweep_takes_many_and_spares_what_was_used() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let (store, other) = (PostgresStore::open(&url).await.unwrap(), PostgresStore::open(&url).await.unwrap());
    let making: Vec<_> = (0..4)
        .map(|part| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..500 {
                    store.create(key(part * 500 + n), record("alice")).await.unwrap();
                }
            })
        })
        .collect();
    for part in making {
        part.await.unwrap();
    }
    assert_eq!(store.count(START).await.unwrap(), Some(2000));
    for n in 0..10 {
        assert!(store.touch(key(n * 100), START.plus(Duration::from_secs(30))).await.unwrap());
    }
    let later = START.plus(Duration::from_secs(61));
    let (one, two) = tokio::join!(store.sweep(later), other.sweep(later));
    let rest = store.sweep(later).await.unwrap();
    assert_eq!(one.unwrap() + two.unwrap() + rest, 1990);
    assert_eq!(store.list(Owner::Everyone, None, 100, later).await.unwrap().sessions.len(), 10);
    assert_eq!(store.sweep(START.plus(Duration::from_secs(91))).await.unwrap(), 10);
    assert_eq!(server.sql(&name, "SELECT count(*) FROM sessctl_sessions"), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_used_while_it_is_swept_is_spared() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    for n in 0..ALL {
        store.create(key(n), record("alice")).await.unwrap();
    }
    let (last, after) = (START.plus(Duration::from_secs(59)), START.plus(Duration::from_secs(61)));
    let touching: Vec<_> = (0..8)
        .map(|part| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut touched = Vec::new();
                for n in (0..ALL).rev().filter(|n| n % 8 == part) {
                    if store.touch(key(n), last).await.unwrap() {
                        touched.push(n);
                    }
                }
                touched
            })
        })
        .collect();
    let mut swept = 0;
    for _ in 0..10 {
        swept += store.sweep(after).await.unwrap();
    }
    let mut touched = 0;
    for part in touching {
        for n in part.await.unwrap() {
            touched += 1;
            assert!(store.load(key(n), after).await.unwrap().is_some(), "{n} was in use");
        }
    }
    assert_eq!(touched + swept, ALL as usize);
}

#[tokio::test]
async fn a_long_name_is_a_name() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    // Longer than an entry of an index may be, and not to be compressed to less.
    let name: String = (0..20_000_u64).map(|n| char::from(b'!' + (n * n * 7919 % 9973 % 90) as u8)).collect();
    let other = format!("{}y", &name[..19_999]);
    store.create(key(1), record(&name)).await.unwrap();
    store.create(key(2), record(&other)).await.unwrap();
    let page = store.list(Owner::User(&name), None, 10, START).await.unwrap();
    assert_eq!(page.sessions.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key(1)]);
}

#[tokio::test]
async fn a_stolen_database_opens_no_session() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    let octets: [u8; 32] = std::array::from_fn(|n| n as u8 * 7 + 3);
    let token = {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(octets)
    };
    let hash = sessctl::session::Token::parse(token.as_bytes()).unwrap().hash();
    store.create(hash, record("alice")).await.unwrap();
    let dump = server.dump(&name);
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    assert!(dump.contains(&hex(hash.as_bytes())), "the session is in it");
    assert!(!dump.contains(&token) && !dump.contains(&hex(&octets)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_was_started_anew_is_used_at_once() {
    let server = PostgresServer::start();
    let store = Arc::new(PostgresStore::open(&server.database().1).await.unwrap());
    store.create(key(1), record("alice")).await.unwrap();
    // All connections of the pool are in use, and then stale.
    let fill = || async {
        let loading: Vec<_> = (0..100)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { store.load(key(1), START).await })
            })
            .collect();
        let mut failed = 0;
        for load in loading {
            failed += usize::from(!matches!(load.await.unwrap(), Ok(Some(_))));
        }
        failed
    };
    assert_eq!(fill().await, 0);
    server.crash();
    let begin = Instant::now();
    assert!(store.load(key(1), START).await.is_err());
    assert!(begin.elapsed() < HANGS);
    server.go_on();
    assert_eq!(fill().await, 0, "no call meets a stale connection");
    assert!(store.touch(key(1), START).await.unwrap());
    let changed = store.change(key(1), &Change::new().add("n", 1), START).await;
    assert!(matches!(changed, Ok(Changed::Applied(_))), "{changed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_hangs_is_told_in_time() {
    let server = PostgresServer::start();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    server.freeze();
    let begin = Instant::now();
    let loads = (0..40).map(|_| {
        let store = store.clone();
        tokio::spawn(async move { store.load(key(1), START).await })
    });
    for load in loads.collect::<Vec<_>>() {
        assert!(load.await.unwrap().is_err());
    }
    // It may be done yet, by a server that reads later what it was sent; once at most.
    assert!(store.change(key(1), &Change::new().add("n", 1), START).await.is_err());
    assert!(begin.elapsed() < HANGS, "{:?}", begin.elapsed());
    server.thaw();
    assert!(store.load(key(1), START).await.unwrap().is_some());
    let changed = store.change(key(1), &Change::new().add("n", 10), START).await.unwrap();
    let Changed::Applied(data) = changed else { panic!("{changed:?}") };
    assert!(data.get("n").and_then(Value::as_i64).is_some_and(|n| n == 10 || n == 11), "{data:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_old_certificate_keeps_secrets_but_proves_nothing() {
    let (server, ca, _) = with_tls();
    let openssl = |args: &str| {
        let ran = Command::new("openssl").args(args.split(' ')).current_dir(server.folder()).output();
        ran.expect("openssl").status.success()
    };
    // Version 1 has to be asked for since openssl 3.4; before, there is no such option.
    let made = openssl("req -x509 -x509v1 -key key -subj /CN=localhost -days 2 -out old.crt")
        || openssl("x509 -req -in server.csr -signkey key -days 2 -out old.crt");
    assert!(made);
    let (name, url) = server.database();
    server.file("server.crt", &std::fs::read(server.folder().join("old.crt")).unwrap());
    server.sql(&name, "SELECT pg_reload_conf()");
    let opened = |query: String| {
        let url = format!("{url}?{query}");
        async move { PostgresStore::open(&url).await.map(drop).map_err(|error| whole(&error)) }
    };
    let begin = Instant::now();
    while opened(format!("sslmode=require&sslrootcert={ca}")).await.is_ok() {
        assert!(begin.elapsed() < HANGS, "the server does not read its certificate again");
    }
    assert_eq!(opened("sslmode=require".to_owned()).await, Ok(()));
    let bound = opened("sslmode=require&channel_binding=require".to_owned()).await;
    assert!(bound.as_ref().is_err_and(|why| why.contains("certificate")), "{bound:?}");
}

/// A server with a certificate by an authority of the test's own, for `localhost`.
fn with_tls() -> (PostgresServer, String, String) {
    let server = PostgresServer::made(&[
        "fsync=off",
        "ssl=on",
        "ssl_cert_file=../server.crt",
        "ssl_key_file=../server.key",
    ]);
    let openssl = |args: &str| {
        let ran = Command::new("openssl")
            .args(args.split(' '))
            .current_dir(server.folder())
            .output()
            .expect("openssl");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    };
    for authority in ["ca", "other"] {
        openssl(&format!(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {authority}.key -out {authority}.crt \
            -subj /CN={authority} -days 2"
        ));
    }
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key -out server.csr -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost",
    );
    openssl("x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 2 -copy_extensions copy -out crt");
    for (from, to) in [("key", "server.key"), ("crt", "server.crt")] {
        server.file(to, &std::fs::read(server.folder().join(from)).unwrap());
    }
    server.go_on();
    let path = |name: &str| server.folder().join(name).display().to_string();
    let (ca, other) = (path("ca.crt"), path("other.crt"));
    (server, ca, other)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tls_trusts_whom_the_url_says() {
    let (server, ca, other) = with_tls();
    let (name, by_address) = server.database();
    let by_name = by_address.replace("127.0.0.1", "localhost");
    for (url, query, expected) in [
        (&by_address, "sslmode=disable".to_owned(), "f"),
        (&by_address, String::new(), "t"),
        (&by_address, "sslmode=require".to_owned(), "t"),
        (&by_address, "sslmode=require&channel_binding=require".to_owned(), "t"),
        (&by_address, format!("sslmode=require&sslrootcert={ca}"), "t"),
        (&by_address, format!("sslmode=require&sslrootcert={other}"), "-"),
        (&by_address, format!("sslmode=verify-ca&sslrootcert={ca}"), "t"),
        (&by_address, "sslmode=verify-ca".to_owned(), "-"),
        (&by_address, format!("sslmode=verify-full&sslrootcert={ca}"), "-"),
        (&by_name, format!("sslmode=verify-full&sslrootcert={ca}"), "t"),
        (&by_name, format!("sslrootcert={ca}"), "t"),
        (&by_address, format!("sslrootcert={ca}"), "-"),
        (&by_name, format!("sslmode=verify-full&sslrootcert={other}"), "-"),
        (
            &by_name,
            format!("sslmode=verify-full&sslrootcert={}", server.folder().join("none").display()),
            "-",
        ),
    ] {
        match PostgresStore::open(&format!("{url}?{query}")).await {
            Ok(_store) => {
                let is_secret = server.sql(
                    &name,
                    "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'sessctl'
                    ORDER BY backend_start DESC LIMIT 1",
                );
                assert_eq!(is_secret, expected, "{query}");
            }
            Err(error) => {
                assert_eq!("-", expected, "{query}: {}", whole(&error));
                assert!(
                    !matches!(error, PostgresOpenError::Unreachable { .. }),
                    "{query}: {}",
                    whole(&error)
                );
                assert!(!whole(&error).contains("s3cret"));
            }
        }
    }
}
