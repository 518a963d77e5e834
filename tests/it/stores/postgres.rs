//! The PostgreSQL store: changes, sweeps, long names, and the content of its tables.

use std::time::Duration;

use serde_json::{Value, json};
use sessctl::session::{
    Change, ChangeError, Changed, Data, Handle, Operation, Owner, Record, SessionStore, Timestamp, TokenHash,
};
use sessctl::stores::PostgresStore;

use crate::support::PostgresServer;

/// The number of sessions that are swept and used at the same time.
const SESSION_COUNT: u32 = 2000;

pub const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

pub fn key(n: u32) -> TokenHash {
    let mut bytes = [7; 32];
    bytes[..4].copy_from_slice(&n.to_be_bytes());
    TokenHash::from_bytes(bytes)
}

pub fn record(user: &str) -> Record {
    let handle = Handle::from_uuid(uuid::Uuid::from_u128(1));
    let mut record =
        Record::new(handle, START, Duration::from_secs(60), START.plus(Duration::from_secs(600)));
    record.user = Some(user.into());
    record.credential_version = u64::MAX;
    record
}

#[tokio::test]
async fn two_schemas_of_one_database_are_separate_stores() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    server.sql(&name, "CREATE SCHEMA one; CREATE SCHEMA two");
    let of = async |schema| {
        PostgresStore::open(&format!("{url}?options=-csearch_path%3D{schema}")).await.expect("a store")
    };
    let (one, two) = (of("one").await, of("two").await);
    one.create(key(1), record("alice")).await.unwrap();
    assert_eq!(two.load(key(1), START).await.unwrap(), None);
    assert_eq!(two.change(key(1), &Change::new().increment("n", 1), START).await.unwrap(), Changed::NotFound);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_increments_in_two_stores_add_up_to_a_thousand() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    // An operator may have set another default for the database.
    server.sql(&name, &format!("ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"));
    let stores = [PostgresStore::open(&url).await.unwrap(), PostgresStore::open(&url).await.unwrap()];
    stores[0].create(key(1), record("alice")).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|n| {
            let store = stores[n % 2].clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    let changed =
                        store.change(key(1), &Change::new().increment("n", 1), START).await.unwrap();
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

/// The function in the database and `Change::apply_to` must have the same results.
#[tokio::test]
async fn changes_have_the_results_of_apply_to() {
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
        Change::new().set("a", 2).increment("a", 3).remove("b").set("b", "again").remove("nothing"),
        Change::new().increment("max", 1),
        Change::new().increment("max", -1),
        Change::new().increment("min", -1),
        Change::new().increment("min", i64::MAX),
        Change::new().increment("new", i64::MIN),
        Change::new().increment("big", -1),
        Change::new().increment("f", 1),
        Change::new().increment("zero", 1),
        Change::new().increment("n", 1),
        Change::new().increment("18", 1).increment("18", 999_999_999_999_999_999),
        Change::new().set("a", "first").increment("f", 1),
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
        Change::new().set("large", "x".repeat(Data::MAX_BYTES)),
        Change::new().remove("b").remove("a").remove("max").remove("min").remove("big").remove("f"),
        (0..3000).fold(Change::new(), |change, n| change.set(format!("k{}", n % 700), n)),
    ];
    for (n, change) in (0..).zip(&changes) {
        store.create(key(n), kept.clone()).await.unwrap();
        let expected = match change.apply_to(&kept.data) {
            Ok(data) => Changed::Applied(data),
            Err(error) => Changed::Rejected(error, kept.data.clone()),
        };
        assert_eq!(store.change(key(n), change, START).await.unwrap(), expected, "{change:?}");
        let (Changed::Applied(data) | Changed::Rejected(_, data)) = expected else { unreachable!() };
        let found = store.load(key(n), START).await.unwrap().unwrap().data;
        // The texts are equal only if the order of the keys is.
        assert_eq!(found.to_json(), data.to_json(), "{change:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_changes_that_the_database_cannot_apply_are_all_applied() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    store.create(key(1), record("alice")).await.unwrap();
    // The function in the database adds only numbers of up to 18 digits.
    let start = 5_000_000_000_000_000_000_i64;
    store.change(key(1), &Change::new().set("n", start), START).await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                store.change(key(1), &Change::new().increment("n", 1), START).await.unwrap()
            })
        })
        .collect();
    for task in tasks {
        let changed = task.await.unwrap();
        assert!(matches!(changed, Changed::Applied(_)), "{changed:?}");
    }
    let data = store.load(key(1), START).await.unwrap().unwrap().data;
    assert_eq!(data.get("n"), Some(&json!(start + 20)));
    let swap = Operation::CompareAndSet { key: "n".into(), expected: None, new: None };
    let rejected = store.change(key(1), &Change::new().and(swap), START).await.unwrap();
    assert!(matches!(rejected, Changed::Rejected(ChangeError::Differs(_), _)), "{rejected:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_concurrent_sweeps_remove_only_expired_sessions() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let (store, other) = (PostgresStore::open(&url).await.unwrap(), PostgresStore::open(&url).await.unwrap());
    let creating: Vec<_> = (0..4)
        .map(|part| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..500 {
                    store.create(key(part * 500 + n), record("alice")).await.unwrap();
                }
            })
        })
        .collect();
    for part in creating {
        part.await.unwrap();
    }
    assert_eq!(store.count(START).await.unwrap(), Some(2000));
    for n in 0..10 {
        assert!(store.touch(key(n * 100), START.plus(Duration::from_secs(30))).await.unwrap());
    }
    let later = START.plus(Duration::from_secs(61));
    let (one, two) = tokio::join!(store.sweep(later), other.sweep(later));
    let rest = store.sweep(later).await.unwrap();
    assert_eq!(one.unwrap().len() + two.unwrap().len() + rest.len(), 1990);
    assert_eq!(store.list(Owner::Everyone, None, 100, later).await.unwrap().sessions.len(), 10);
    assert_eq!(store.sweep(START.plus(Duration::from_secs(91))).await.unwrap().len(), 10);
    assert_eq!(server.sql(&name, "SELECT count(*) FROM sessctl_sessions"), "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_is_used_during_a_sweep_stays_live() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    for n in 0..SESSION_COUNT {
        store.create(key(n), record("alice")).await.unwrap();
    }
    let (last, after) = (START.plus(Duration::from_secs(59)), START.plus(Duration::from_secs(61)));
    let touching: Vec<_> = (0..8)
        .map(|part| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut touched = Vec::new();
                for n in (0..SESSION_COUNT).rev().filter(|n| n % 8 == part) {
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
        swept += store.sweep(after).await.unwrap().len();
    }
    let mut touched = 0;
    for part in touching {
        for n in part.await.unwrap() {
            touched += 1;
            assert!(store.load(key(n), after).await.unwrap().is_some(), "{n} was touched");
        }
    }
    assert_eq!(touched + swept, SESSION_COUNT as usize);
}

#[tokio::test]
async fn long_user_names_are_distinguished() {
    let server = PostgresServer::shared();
    let store = PostgresStore::open(&server.database().1).await.unwrap();
    // Longer than an index entry can be, even compressed.
    let name: String = (0..20_000_u64).map(|n| char::from(b'!' + (n * n * 7919 % 9973 % 90) as u8)).collect();
    let other = format!("{}y", &name[..19_999]);
    store.create(key(1), record(&name)).await.unwrap();
    store.create(key(2), record(&other)).await.unwrap();
    let page = store.list(Owner::User(&name), None, 10, START).await.unwrap();
    assert_eq!(page.sessions.iter().map(|(key, _)| *key).collect::<Vec<_>>(), [key(1)]);
}

#[tokio::test]
async fn a_dump_of_the_database_contains_no_token() {
    let server = PostgresServer::shared();
    let (name, url) = server.database();
    let store = PostgresStore::open(&url).await.unwrap();
    let bytes: [u8; 32] = std::array::from_fn(|n| n as u8 * 7 + 3);
    let token = {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
    };
    let hash = crate::support::key_of_token(&token);
    store.create(hash, record("alice")).await.unwrap();
    let dump = server.dump(&name);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(dump.contains(&hex(hash.as_bytes())), "the dump contains no session");
    assert!(!dump.contains(&token) && !dump.contains(&hex(&bytes)));
}
