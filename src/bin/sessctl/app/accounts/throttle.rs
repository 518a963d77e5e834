//! How often a login may fail, by account and by address, in memory that no number of names or addresses makes grow.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use sessctl::clock::Clock;

/// As many cells as there are: names and addresses share them by a keyed hash, which nobody can aim at. Two in one cell
/// wait for each other's failures, which is rare and does no harm.
const CELLS: usize = 1 << 16;

/// An account from one network: ten failures at once, then one each 15 seconds.
const BY_BOTH: Rule = Rule { at_once: 10, each_millis: 15_000 };

/// An account from anywhere: a hundred at once, then one each 4 seconds. So many networks together do not guess more than
/// 22,000 passwords a day, and it takes as many failures to shut somebody out who comes from another one.
const BY_ACCOUNT: Rule = Rule { at_once: 100, each_millis: 4_000 };

/// An address: thirty at once, then one each 3 seconds: many people may share one.
const BY_ADDRESS: Rule = Rule { at_once: 30, each_millis: 3_000 };

#[derive(Debug)]
pub(super) struct Throttle {
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    both: Table,
    accounts: Table,
    addresses: Table,
}

#[derive(Debug, Clone, Copy)]
struct Rule {
    at_once: i64,
    each_millis: i64,
}

/// For each cell the moment at which all its failures are forgotten (the generic cell rate algorithm), in milliseconds.
#[derive(Debug)]
struct Table(Box<[AtomicI64]>);

impl Throttle {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let table = || Table((0..CELLS).map(|_| AtomicI64::new(0)).collect());
        Throttle { clock, hasher: RandomState::new(), both: table(), accounts: table(), addresses: table() }
    }

    /// How many seconds to wait before another try; `None`: none.
    pub(super) fn wait(&self, name: &str, from: Option<IpAddr>) -> Option<u64> {
        let now = self.clock.now().as_millis();
        let by_both = self.both.wait(self.cell(&(name, from.map(network_of))), BY_BOTH, now);
        let by_account = self.accounts.wait(self.cell(&name), BY_ACCOUNT, now);
        let by_address =
            from.and_then(|from| self.addresses.wait(self.cell(&network_of(from)), BY_ADDRESS, now));
        by_both.max(by_account).max(by_address)
    }

    /// Notes a failure.
    pub(super) fn failed(&self, name: &str, from: Option<IpAddr>) {
        let now = self.clock.now().as_millis();
        self.both.add(self.cell(&(name, from.map(network_of))), BY_BOTH, now);
        self.accounts.add(self.cell(&name), BY_ACCOUNT, now);
        if let Some(from) = from {
            self.addresses.add(self.cell(&network_of(from)), BY_ADDRESS, now);
        }
    }

    fn cell(&self, key: &impl Hash) -> usize {
        usize::from(self.hasher.hash_one(key) as u16)
    }
}

impl Table {
    fn wait(&self, cell: usize, rule: Rule, now: i64) -> Option<u64> {
        let over = self.0[cell].load(Ordering::Relaxed) - now - rule.each_millis * (rule.at_once - 1);
        (over > 0).then(|| u64::try_from((over + 999) / 1000).unwrap_or(1))
    }

    fn add(&self, cell: usize, rule: Rule, now: i64) {
        let later = |forgotten: i64| Some(forgotten.max(now).saturating_add(rule.each_millis));
        // The closure never declines.
        let _ = self.0[cell].fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
    }
}

/// An IPv4 address; of an IPv6 address its first 64 bits, since a client has all that follow them.
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
    fn failures_are_counted_by_account_and_by_network_and_forgotten() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_000_000)));
        let throttle = Throttle::new(Arc::new(Arc::clone(&clock)));
        for _ in 0..BY_BOTH.at_once {
            assert_eq!(throttle.wait("alice", None), None);
            throttle.failed("alice", None);
        }
        assert_eq!(throttle.wait("alice", None), Some(15));
        assert_eq!(throttle.wait("alice", Some("192.0.2.1".parse().unwrap())), None, "not from elsewhere");
        clock.advance(Duration::from_secs(15));
        assert_eq!(throttle.wait("alice", None), None);
        throttle.failed("alice", None);
        assert_eq!(throttle.wait("alice", None), Some(15));
        clock.advance(Duration::from_secs(3600));
        assert_eq!(throttle.wait("alice", None), None);

        let of = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        for n in 0..BY_ADDRESS.at_once {
            throttle.failed(&format!("user {n}"), of(&format!("2001:db8::{n:x}")));
        }
        assert!(throttle.wait("somebody", of("2001:db8::ffff")).is_some(), "it is one network");
        assert_eq!(throttle.wait("somebody", of("2001:db8:0:1::1")), None);
        assert_eq!(network_of("::ffff:10.0.0.1".parse().unwrap()), "10.0.0.1".parse::<IpAddr>().unwrap());
    }
}
