//! [`Throttle`]: limits failed logins by account, by network and by both, in a fixed amount of memory.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sessctl::clock::Clock;

/// Names and networks share the cells by a keyed hash, so that an attacker cannot choose a cell. Two that share a cell
/// also share their failures, which is rare and harmless.
const CELLS: usize = 1 << 16;

/// One account from one network: ten failures at once, then one every 15 seconds.
const BY_BOTH: FailureLimit = FailureLimit { burst: 10, interval_millis: 15_000 };

/// One account from all networks: a hundred failures at once, then one every 4 seconds. A distributed attack can try at
/// most 22,000 passwords a day, and needs as many failures to lock out a user of another network.
const BY_ACCOUNT: FailureLimit = FailureLimit { burst: 100, interval_millis: 4_000 };

/// One network: thirty failures at once, then one every 3 seconds, because many users may share an address.
const BY_NETWORK: FailureLimit = FailureLimit { burst: 30, interval_millis: 3_000 };

#[derive(Debug)]
pub(super) struct Throttle {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    both: Cells,
    accounts: Cells,
    networks: Cells,
}

#[derive(Debug, Clone, Copy)]
struct FailureLimit {
    burst: i64,
    interval_millis: i64,
}

/// For each cell the time in milliseconds at which its failures no longer count (generic cell rate algorithm). Every
/// thread that checks a password reads and writes it. A cell does not depend on other memory, so relaxed atomics are
/// enough.
#[derive(Debug)]
struct Cells(Box<[AtomicI64]>);

impl Throttle {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let cells = || Cells((0..CELLS).map(|_| AtomicI64::new(0)).collect());
        Throttle { clock, hasher: RandomState::new(), both: cells(), accounts: cells(), networks: cells() }
    }

    /// How many seconds to wait before the next attempt. `None`: the attempt is allowed.
    pub(super) fn wait(&self, name: &str, from: Option<IpAddr>) -> Option<u64> {
        let now = self.clock.now().as_millis();
        let by_both = self.both.wait(self.cell(&(name, from.map(network_of))), BY_BOTH, now);
        let by_account = self.accounts.wait(self.cell(&name), BY_ACCOUNT, now);
        let by_network =
            from.and_then(|from| self.networks.wait(self.cell(&network_of(from)), BY_NETWORK, now));
        by_both.max(by_account).max(by_network)
    }

    pub(super) fn failed(&self, name: &str, from: Option<IpAddr>) {
        let now = self.clock.now().as_millis();
        self.both.add(self.cell(&(name, from.map(network_of))), BY_BOTH, now);
        self.accounts.add(self.cell(&name), BY_ACCOUNT, now);
        if let Some(from) = from {
            self.networks.add(self.cell(&network_of(from)), BY_NETWORK, now);
        }
    }

    fn cell(&self, key: &impl Hash) -> usize {
        usize::from(self.hasher.hash_one(key) as u16)
    }
}

impl Cells {
    fn wait(&self, cell: usize, rule: FailureLimit, now: i64) -> Option<u64> {
        let over = self.0[cell].load(Ordering::Relaxed) - now - rule.interval_millis * (rule.burst - 1);
        (over > 0).then(|| u64::try_from((over + 999) / 1000).unwrap_or(1))
    }

    fn add(&self, cell: usize, rule: FailureLimit, now: i64) {
        let later = |expiry: i64| Some(expiry.max(now).saturating_add(rule.interval_millis));
        // The closure always returns `Some`.
        let _ = self.0[cell].fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
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
        for _ in 0..BY_BOTH.burst {
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
        for n in 0..BY_NETWORK.burst {
            throttle.failed(&format!("user {n}"), of(&format!("2001:db8::{n:x}")));
        }
        assert!(throttle.wait("carol", of("2001:db8::ffff")).is_some(), "both addresses are in one /64");
        assert_eq!(throttle.wait("carol", of("2001:db8:0:1::1")), None);
        assert_eq!(network_of("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
