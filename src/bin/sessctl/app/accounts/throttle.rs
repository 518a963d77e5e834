//! [`Throttle`]: limits failed logins by account, by network and by both, in a fixed amount of memory.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ipnet::IpNet;

use sessctl::clock::Clock;

/// All limits share the cells by a keyed hash, so that an attacker cannot choose a cell. Two that share a cell also share
/// their failures, which is rare and harmless.
const CELLS: usize = 1 << 18;

/// The lengths of the prefixes of an IPv6 address. One client may have all addresses of a /64, and a network of /56 or /48.
const IPV6_PREFIXES: [u8; 3] = [64, 56, 48];

/// One account from all networks. A distributed attack can try at most 22,000 passwords a day, and needs as many failures
/// to lock out a user of another network.
const OF_ACCOUNT: FailureLimit = FailureLimit { burst: 100, interval_millis: 4_000 };
/// One account from one network.
const OF_BOTH: FailureLimit = FailureLimit { burst: 10, interval_millis: 15_000 };
/// One network: many users may share an address.
const OF_NETWORK: FailureLimit = FailureLimit { burst: 30, interval_millis: 3_000 };

/// The network of a client.
pub(super) type Network = IpNet;

#[derive(Debug)]
pub(super) struct Throttle {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    /// For each cell the time in milliseconds at which its failures no longer count (generic cell rate algorithm). Every
    /// thread that checks a password reads and writes it. A cell does not depend on other memory, so relaxed atomics are
    /// enough.
    cells: Box<[AtomicI64]>,
}

/// How many failures are allowed at once, and the interval after which one more is allowed.
#[derive(Debug, Clone, Copy)]
struct FailureLimit {
    burst: i64,
    interval_millis: i64,
}

impl Throttle {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let cells = (0..CELLS).map(|_| AtomicI64::new(0)).collect();
        Throttle { clock, hasher: RandomState::new(), cells }
    }

    /// How many seconds to wait before the next attempt. `None`: the attempt is allowed.
    pub(super) fn wait(&self, name: &str, from: Option<IpAddr>) -> Option<u64> {
        let now = self.clock.now().as_millis();
        let limits = self.limits(name, from).into_iter();
        limits.filter_map(|(limit, cell)| limit.wait(cell.load(Ordering::Relaxed), now)).max()
    }

    pub(super) fn failed(&self, name: &str, from: Option<IpAddr>) {
        let now = self.clock.now().as_millis();
        for (limit, cell) in self.limits(name, from) {
            let later = |expiry: i64| Some(expiry.max(now).saturating_add(limit.interval_millis));
            // The closure always returns `Some`.
            let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        }
    }

    /// The limits for this attempt, each with its cell.
    fn limits(&self, name: &str, from: Option<IpAddr>) -> Vec<(FailureLimit, &AtomicI64)> {
        let cell = |hash: u64| &self.cells[hash as usize % CELLS];
        let mut limits = vec![(OF_ACCOUNT, cell(self.hasher.hash_one(name)))];
        // A wider network has more users, and may fail more often.
        for (factor, network) in [1, 2, 4].into_iter().zip(networks_of(from)) {
            limits.push((OF_BOTH.times(factor), cell(self.hasher.hash_one((name, network)))));
            if network.is_some() {
                limits.push((OF_NETWORK.times(factor), cell(self.hasher.hash_one(network))));
            }
        }
        limits
    }
}

impl FailureLimit {
    fn times(self, factor: i64) -> Self {
        FailureLimit { burst: self.burst * factor, interval_millis: self.interval_millis / factor }
    }

    /// The seconds until one more failure is allowed, if the failures no longer count at `expiry`.
    fn wait(self, expiry: i64, now: i64) -> Option<u64> {
        let over = expiry - now - self.interval_millis * (self.burst - 1);
        (over > 0).then(|| u64::try_from((over + 999) / 1000).unwrap_or(1))
    }
}

/// The networks of an address, the smallest first: an IPv4 address itself, or the prefixes of an IPv6 address.
pub(super) fn networks_of(address: Option<IpAddr>) -> Vec<Option<Network>> {
    match address.map(|address| address.to_canonical()) {
        Some(address @ IpAddr::V6(_)) => {
            let prefix = |length: &u8| IpNet::new(address, *length).ok().map(|network| network.trunc());
            IPV6_PREFIXES.iter().map(prefix).collect()
        }
        v4 => vec![v4.map(IpNet::from)],
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
        for _ in 0..OF_BOTH.burst {
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
        for n in 0..OF_NETWORK.burst {
            throttle.failed(&format!("user {n}"), of(&format!("2001:db8::{n:x}")));
        }
        assert!(throttle.wait("carol", of("2001:db8::ffff")).is_some(), "both addresses are in one /64");
        assert_eq!(throttle.wait("carol", of("2001:db8:0:1::1")), None);
        assert_eq!(networks_of(of("::ffff:10.0.0.1")), [Some("10.0.0.1/32".parse().unwrap())]);
    }

    #[test]
    fn a_larger_network_may_fail_more_often() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)));
        let allowed = |of_subnet: &dyn Fn(u32) -> (String, String)| {
            let throttle = Throttle::new(Arc::new(Arc::clone(&clock)));
            let attempts = (0..1000).map(of_subnet).filter(|(name, address)| {
                let from = Some(address.parse().unwrap());
                let is_allowed = throttle.wait(name, from).is_none();
                throttle.failed(name, from);
                is_allowed
            });
            attempts.count()
        };
        let alice = |address: String| ("alice".to_owned(), address);
        // Each attempt is from another /64.
        assert_eq!(allowed(&|n| alice(format!("2001:db8:0:{:x}::1", n % 256))), 20, "of one /56");
        assert_eq!(allowed(&|n| alice(format!("2001:db8:0:{:x}00::1", n % 256))), 40, "of one /48");
        assert_eq!(allowed(&|n| alice(format!("2001:db8:{n:x}::1"))), 100, "of the account");
        let other = |n: u32, address: String| (format!("user {n}"), address);
        assert_eq!(allowed(&|n| other(n, format!("2001:db8:0:{:x}::1", n % 256))), 60, "of one /56");
        assert_eq!(allowed(&|n| other(n, format!("2001:db8:0:{:x}00::1", n % 256))), 120, "of one /48");
    }
}
