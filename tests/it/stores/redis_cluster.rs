//! The Redis store in a cluster that loses servers and moves slots.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sessctl::session::{Change, Changed, Owner, SessionStore};
use sessctl::stores::RedisStore;

use super::redis::{HANG_TIMEOUT, NOW, key, record, timed};
use crate::support::{RedisCluster, RedisServer, until};

#[tokio::test(flavor = "multi_thread")]
async fn confirmed_calls_survive_the_loss_of_a_server() {
    let mut cluster = RedisCluster::start();
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    let (_, took) = timed(async {
        for n in 0..200 {
            store.create(key(n), record(n, Some("alice"))).await.unwrap();
        }
    })
    .await;
    eprintln!("create with WAIT: {:?} each", took / 200);
    let (_, took) = timed(async {
        for n in 0..200 {
            store.load(key(n), NOW).await.unwrap();
        }
    })
    .await;
    eprintln!("load: {:?} each", took / 200);
    // A server is killed while sessions are created and deleted.
    let (over, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let wait_for_deletions = || {
        let enough = ended.load(Ordering::Relaxed) + 100;
        until("deletions", || ended.load(Ordering::Relaxed) >= enough);
    };
    let tasks: Vec<_> = (0..8_u32)
        .map(|task| {
            let (store, over, ended) = (store.clone(), Arc::clone(&over), Arc::clone(&ended));
            tokio::spawn(async move {
                let (mut created_keys, mut deleted_keys, mut failed, mut longest) =
                    (Vec::new(), Vec::new(), 0, Duration::ZERO);
                for n in 0.. {
                    if over.load(Ordering::Relaxed) {
                        break;
                    }
                    let key = key(1_000_000 * (task + 1) + n);
                    let (created, took) = timed(store.create(key, record(n, Some("bob")))).await;
                    longest = longest.max(took);
                    if created.is_err() {
                        failed += 1;
                        continue;
                    }
                    if n % 2 == 0 {
                        created_keys.push(key);
                        continue;
                    }
                    let (deleted, took) = timed(store.delete(key)).await;
                    longest = longest.max(took);
                    match deleted {
                        Ok(_) => {
                            deleted_keys.push(key);
                            ended.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(_) => failed += 1,
                    }
                }
                (created_keys, deleted_keys, failed, longest)
            })
        })
        .collect();
    wait_for_deletions();
    let victim = cluster.master_of("sessctl:user:x");
    cluster.servers[victim].kill();
    let killed = Instant::now();
    // Wait until all slots work again.
    let mut n = 5000;
    loop {
        let mut all = true;
        for _ in 0..30 {
            n += 1;
            all &= store.create(key(n), record(n, None)).await.is_ok();
        }
        if all {
            break;
        }
        assert!(killed.elapsed() < Duration::from_secs(30));
    }
    eprintln!("a new master after {:?}", killed.elapsed());
    wait_for_deletions();
    over.store(true, Ordering::Relaxed);
    let (mut kept, mut failures, mut slowest) = (0, 0, Duration::ZERO);
    for task in tasks {
        let (created, deleted, failed, longest) = task.await.unwrap();
        for key in &created {
            assert!(store.load(*key, NOW).await.unwrap().is_some(), "a created session is lost");
        }
        for key in &deleted {
            assert!(store.load(*key, NOW).await.unwrap().is_none(), "a deleted session is back");
        }
        kept += created.len();
        (failures, slowest) = (failures + failed, slowest.max(longest));
    }
    eprintln!("{kept} created, {ended:?} deleted, {failures} failed, slowest call {slowest:?}");
    assert!(slowest < HANG_TIMEOUT, "{slowest:?}");
    // The killed server restarts as a replica. The sessions are still there.
    cluster.servers[victim].resume();
    cluster.wait();
    for n in 0..200 {
        assert!(store.load(key(n), NOW).await.unwrap().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_change_is_lost_or_repeated_while_slots_move() {
    let cluster = RedisCluster::start();
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    for n in 0..300 {
        store.create(key(n), record(n, Some("alice"))).await.unwrap();
    }
    let over = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let (store, over) = (store.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let mut rounds = 0;
                while !over.load(Ordering::Relaxed) {
                    for n in 0..300 {
                        match store.change(key(n), &Change::new().increment("n", 1), NOW).await {
                            Ok(Changed::Applied(_)) => {}
                            other => panic!("{other:?}"),
                        }
                    }
                    assert_eq!(
                        store.list(Owner::User("alice"), None, 1000, NOW).await.unwrap().sessions.len(),
                        300
                    );
                    rounds += 1;
                }
                rounds
            })
        })
        .collect();
    let id = |server: &RedisServer| server.says(&["CLUSTER", "MYID"]);
    let port = cluster.servers[0].port;
    let args = [
        "--cluster".to_owned(),
        "reshard".to_owned(),
        format!("127.0.0.1:{port}"),
        "--cluster-from".to_owned(),
        id(&cluster.servers[0]),
        "--cluster-to".to_owned(),
        id(&cluster.servers[1]),
        "--cluster-slots".to_owned(),
        "2000".to_owned(),
        "--cluster-yes".to_owned(),
    ];
    let moved =
        tokio::task::spawn_blocking(move || std::process::Command::new("redis-cli").args(&args).output());
    let moved = moved.await.unwrap().unwrap();
    assert!(moved.status.success(), "{}", String::from_utf8_lossy(&moved.stdout));
    over.store(true, Ordering::Relaxed);
    let mut rounds = 0;
    for task in tasks {
        rounds += task.await.unwrap();
    }
    eprintln!("{rounds} rounds while slots moved");
    for n in 0..300 {
        let data = store.load(key(n), NOW).await.unwrap().unwrap().data;
        assert_eq!(data.get("n"), Some(&json!(rounds)), "a change was lost or repeated");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_work_again_after_a_silent_master_is_replaced() {
    let cluster = RedisCluster::start();
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    for n in 0..30 {
        store.create(key(n), record(n, None)).await.unwrap();
    }
    let victim = cluster.master_of("sessctl:user:x");
    cluster.servers[victim].signal("STOP");
    let (start, mut slowest, mut failed) = (Instant::now(), Duration::ZERO, 0);
    loop {
        let mut all = true;
        for n in 0..30 {
            let (loaded, took) = timed(store.load(key(n), NOW)).await;
            slowest = slowest.max(took);
            failed += u32::from(loaded.is_err());
            match loaded {
                Ok(found) => assert!(found.is_some(), "an existing session was reported as missing"),
                Err(_) => all = false,
            }
        }
        if all {
            break;
        }
        assert!(start.elapsed() < Duration::from_secs(30));
    }
    eprintln!("replaced after {:?}, {failed} failed, slowest call {slowest:?}", start.elapsed());
    assert!(slowest < HANG_TIMEOUT, "{slowest:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_replica_creation_and_deletion_fail() {
    let cluster = RedisCluster::with_node_timeout("8000");
    let store = RedisStore::open(&cluster.url()).await.unwrap();
    store.create(key(1), record(1, None)).await.unwrap();
    // All replicas stop answering. The cluster notices that after some seconds.
    for server in cluster.servers.iter().filter(|server| server.says(&["ROLE"]).starts_with("slave")) {
        server.signal("STOP");
    }
    let (created, took) = timed(store.create(key(2), record(2, Some("alice")))).await;
    eprintln!("create: {took:?} {created:?}");
    assert!(created.is_err() && took < HANG_TIMEOUT, "{took:?}");
    assert!(store.delete(key(1)).await.is_err());
    assert!(
        store.delete(key(1)).await.is_err(),
        "the second deletion cannot know whether a replica has the first"
    );
    let start = Instant::now();
    while store.load(key(2), NOW).await.unwrap().is_some() {
        assert!(start.elapsed() < HANG_TIMEOUT, "the failed creation was not undone");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // When the cluster knows that the replicas are gone, the masters confirm alone.
    let start = Instant::now();
    while store.create(key(3), record(3, None)).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(60));
    }
    // Each master notices separately.
    while store.delete(key(1)).await.is_err() {
        assert!(start.elapsed() < Duration::from_secs(60));
    }
    eprintln!("without replicas after {:?}", start.elapsed());
}
