//! Measures the longest wait for a session in a memory store of a million: while it grows, while it is swept, and
//! otherwise.
//!
//! `stalls [COUNT]` prints the longest waits in milliseconds as JSON.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, reason = "a measuring program")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sessctl::clock::Timestamp;
use sessctl::session::SessionStore;
use sessctl::session::{Handle, Record, TokenHash};
use sessctl::stores::MemoryStore;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const HOUR: Duration = Duration::from_secs(3600);

/// Keys that are spread like hashes.
fn key(n: u64) -> TokenHash {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&n.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29).to_le_bytes());
    bytes[8..16].copy_from_slice(&n.wrapping_mul(0xD6E8_FEB8_6659_FD93).to_be_bytes());
    bytes[24..].copy_from_slice(&n.to_le_bytes());
    TokenHash::from_bytes(bytes)
}

/// Nine of ten records expire within an hour.
fn record(n: u64) -> Record {
    let ends = NOW.plus(if n.is_multiple_of(10) { 24 * HOUR } else { HOUR });
    let handle = Handle::from_uuid(uuid::Uuid::from_u64_pair(n, n));
    let mut record = Record::new(handle, NOW, 24 * HOUR, ends);
    record.user = Some(format!("user{n}").into());
    record
}

/// Starts a thread that loads one session after the other until told to stop, and returns its longest wait.
fn longest_wait(
    store: Arc<MemoryStore>,
    count: u64,
    keep_loading: Arc<AtomicBool>,
) -> std::thread::JoinHandle<f64> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let (mut longest, mut n) = (Duration::ZERO, 0);
            while keep_loading.load(Ordering::Relaxed) {
                let started = Instant::now();
                store.load(key(n), NOW).await.expect("the memory store does not fail");
                longest = longest.max(started.elapsed());
                // A record that outlives the sweep.
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
        let started = Instant::now();
        store.create(key(n), record).await.expect("keys are different");
        growth = growth.max(started.elapsed());
    }
    let mut waits = Vec::new();
    for sweeps in [false, true] {
        let keep_loading = Arc::new(AtomicBool::new(true));
        let loader = longest_wait(Arc::clone(&store), count, Arc::clone(&keep_loading));
        if sweeps {
            store.sweep(NOW.plus(2 * HOUR)).await.expect("the memory store does not fail");
        } else {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        keep_loading.store(false, Ordering::Relaxed);
        waits.push(loader.join().expect("no panic"));
    }
    assert_eq!(store.len() as u64, count.div_ceil(10), "the sweep deletes nine of ten");
    let growth = growth.as_secs_f64() * 1e3;
    println!("{{\"growth_ms\": {growth}, \"quiet_ms\": {}, \"sweep_ms\": {}}}", waits[0], waits[1]);
}
