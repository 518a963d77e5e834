//! How long a million sessions in memory make a request wait: while they come, while they are swept, and otherwise.
//!
//! `stalls [COUNT]` prints the longest waits in milliseconds as JSON.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, reason = "a program to measure with")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sessctl::clock::Timestamp;
use sessctl::session::SessionStore;
use sessctl::session::{Data, Handle, Record, TokenHash};
use sessctl::stores::MemoryStore;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

/// Keys spread as hashes are.
fn key(n: u64) -> TokenHash {
    let mut octets = [0; 32];
    octets[..8].copy_from_slice(&n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29).to_le_bytes());
    octets[8..16].copy_from_slice(&n.wrapping_mul(0xD6E8_FEB8_6659_FD93).to_be_bytes());
    octets[24..].copy_from_slice(&n.to_le_bytes());
    TokenHash::from_bytes(octets)
}

/// Nine of ten end within the hour.
fn record(n: u64) -> Record {
    let ends = NOW.plus(if n.is_multiple_of(10) { 24 * HOUR } else { HOUR });
    Record {
        handle: Handle::from_uuid(uuid::Uuid::from_u64_pair(n, n)),
        credential: 0,
        user: Some(format!("user{n}").into()),
        data: Data::default(),
        created: NOW,
        seen: NOW,
        idle_timeout: 24 * HOUR,
        ends,
    }
}

/// The longest wait for a session of a thread that asks for one after the other for as long as it is told to.
fn longest_wait(store: Arc<MemoryStore>, count: u64, go_on: Arc<AtomicBool>) -> std::thread::JoinHandle<f64> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (mut longest, mut n) = (Duration::ZERO, 0);
            while go_on.load(Ordering::Relaxed) {
                let asked = Instant::now();
                store.load(key(n), NOW).await.expect("the memory store does not fail");
                longest = longest.max(asked.elapsed());
                // One of those that stay.
                n = (n + 7_919_000_010) % count / 10 * 10;
            }
            longest.as_secs_f64() * 1e3
        })
    })
}

#[tokio::main]
async fn main() {
    let count = std::env::args().nth(1).map_or(1_000_000, |count| count.parse().expect("a number"));
    let store = Arc::new(MemoryStore::new());
    let mut growth = Duration::ZERO;
    for n in 0..count {
        let record = record(n);
        let asked = Instant::now();
        store.create(key(n), record).await.expect("keys are different");
        growth = growth.max(asked.elapsed());
    }
    let mut waits = Vec::new();
    for sweeps in [false, true] {
        let go_on = Arc::new(AtomicBool::new(true));
        let asking = longest_wait(Arc::clone(&store), count, Arc::clone(&go_on));
        if sweeps {
            store.sweep(NOW.plus(2 * HOUR)).await.expect("the memory store does not fail");
        } else {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        go_on.store(false, Ordering::Relaxed);
        waits.push(asking.join().expect("no panic"));
    }
    assert_eq!(store.len() as u64, count.div_ceil(10), "nine of ten were swept");
    let growth = growth.as_secs_f64() * 1e3;
    println!("{{\"growth_ms\": {growth}, \"quiet_ms\": {}, \"sweep_ms\": {}}}", waits[0], waits[1]);
}
