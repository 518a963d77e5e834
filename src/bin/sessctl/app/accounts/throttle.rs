//! [`Throttle`]: limits failed logins by account, by network and by both, in a fixed amount of memory.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sessctl::clock::Clock;

/// Names and networks share the cells by a keyed hash, so that an attacker cannot choose a cell. Two that share a cell
/// also share their failures, which is rare and harmless.
const CELLS: usize = 1 << 16;

#[derive(Debug)]
pub(super) struct Throttle {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    by_both: FailureLimit,
    by_account: FailureLimit,
    by_network: FailureLimit,
}

/// How many failures are allowed at once, and the interval after which one more is allowed.
#[derive(Debug)]
struct FailureLimit {
    burst: i64,
    interval_millis: i64,
    /// For each cell the time in milliseconds at which its failures no longer count (generic cell rate algorithm). Every
    /// thread that checks a password reads and writes it. A cell does not depend on other memory, so relaxed atomics are
    /// enough.
    cells: Box<[AtomicI64]>,
}

impl Throttle {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let limit = |burst, interval_millis| FailureLimit {
            burst,
            interval_millis,
            cells: (0..CELLS).map(|_| AtomicI64::new(0)).collect(),
        };
        Throttle {
            clock,
            hasher: RandomState::new(),
            // One account from one network.
            by_both: limit(10, 15_000),
            // One account from all networks. A distributed attack can try at most 22,000 passwords a day, and needs as
            // many failures to lock out a user of another network.
            by_account: limit(100, 4_000),
            // One network: many users may share an address.
            by_network: limit(30, 3_000),
        }
    }

    /// How many seconds to wait before the next attempt. `None`: the attempt is allowed.
    pub(super) fn wait(&self, name: &str, from: Option<IpAddr>) -> Option<u64> {
        let now = self.clock.now().as_millis();
        self.cells(name, from).filter_map(|(limit, cell)| limit.wait(cell, now)).max()
    }

    pub(super) fn failed(&self, name: &str, from: Option<IpAddr>) {
        let now = self.clock.now().as_millis();
        for (limit, cell) in self.cells(name, from) {
            let later = |expiry: i64| Some(expiry.max(now).saturating_add(limit.interval_millis));
            // The closure always returns `Some`.
            let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        }
    }

    /// The limits for this attempt, each with its cell.
    fn cells(&self, name: &str, from: Option<IpAddr>) -> impl Iterator<Item = (&FailureLimit, &AtomicI64)> {
        let network = from.map(network_of);
        let limits = [
            (&self.by_both, Some(self.hasher.hash_one((name, network)))),
            (&self.by_account, Some(self.hasher.hash_one(name))),
            (&self.by_network, network.map(|network| self.hasher.hash_one(network))),
        ];
        limits.into_iter().filter_map(|(limit, hash)| Some((limit, &limit.cells[usize::from(hash? as u16)])))
    }
}

impl FailureLimit {
    fn wait(&self, cell: &AtomicI64, now: i64) -> Option<u64> {
        let over = cell.load(Ordering::Relaxed) - now - self.interval_millis * (self.burst - 1);
        (over > 0).then(|| u64::try_from((over + 999) / 1000).unwrap_or(1))
    }
}

/// An IPv4 address, or the /64 of an IPv6 address, because one client may have all addresses of a /64.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sessctl::clock::{ManualClock, Timestamp};

    use super::*;

    #[test]
    fn failures_count_by_account_and_by_network_until_they_expire() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)));
        let throttle = Throttle::new(Arc::new(Arc::clone(&clock)));
        for _ in 0..throttle.by_both.burst {
            assert_eq!(throttle.wait("alice", None), None);
            throttle.failed("alice", None);
        }
        assert_eq!(throttle.wait("alice", None), Some(15));
        assert_eq!(
            throttle.wait("alice", Some("192.0.2.1".parse().unwrap())),
            None,
            "another network is not limited"
        );
        clock.advance(Duration::from_secs(15));
        assert_eq!(throttle.wait("alice", None), None);
        throttle.failed("alice", None);
        assert_eq!(throttle.wait("alice", None), Some(15));
        clock.advance(Duration::from_secs(3600));
        assert_eq!(throttle.wait("alice", None), None);

        let of = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for n in 0..throttle.by_network.burst {
            throttle.failed(&format!("user {n}"), of(&format!("2001:db8::{n:x}")));
        }
        assert!(throttle.wait("carol", of("2001:db8::ffff")).is_some(), "both addresses are in one /64");
        assert_eq!(throttle.wait("carol", of("2001:db8:0:1::1")), None);
        assert_eq!(network_of("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
