//! [`CookieStore`]: the cookies of a jar, found by domain, ordered as they are sent, limited in number.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::stored_cookie::StoredCookie;
use crate::clock::Timestamp;

/// As browsers keep; RFC 6265bis §6.1 requires at least 50.
const MAX_PER_DOMAIN: usize = 180;

/// RFC 6265bis §6.1 requires at least as many.
const MAX_COOKIES: usize = 3000;

/// Cookies by domain. The keys are reversed (`gro.elpmaxe`), so that a domain and the domains below it are neighbors.
#[derive(Debug, Clone, Default)]
pub(super) struct CookieStore {
    by_domain: BTreeMap<String, Vec<Entry>>,
    next_number: u64,
    count: usize,
}

/// A cookie and its place in the order of creation, which is more precise than the clock.
#[derive(Debug, Clone)]
struct Entry {
    number: u64,
    cookie: StoredCookie,
}

impl CookieStore {
    /// Stores a cookie and returns the one that it replaces, whose creation time it keeps (RFC 6265bis §5.7 step 23).
    pub(super) fn put(&mut self, mut cookie: StoredCookie) -> Option<StoredCookie> {
        let of_domain = self.by_domain.entry(reversed(cookie.domain_name())).or_default();
        if let Some(entry) = of_domain.iter_mut().find(|entry| entry.cookie.is_same_as(&cookie)) {
            cookie.created = entry.cookie.created;
            return Some(std::mem::replace(&mut entry.cookie, cookie));
        }
        of_domain.push(Entry { number: self.next_number, cookie });
        self.next_number += 1;
        self.count += 1;
        None
    }

    /// The stored cookie with the same name, domain and path.
    pub(super) fn find_mut(&mut self, cookie: &StoredCookie) -> Option<&mut StoredCookie> {
        let of_domain = self.by_domain.get_mut(&reversed(cookie.domain_name()))?;
        of_domain.iter_mut().map(|entry| &mut entry.cookie).find(|other| other.is_same_as(cookie))
    }

    /// Removes the stored cookie with the same name, domain and path.
    pub(super) fn remove(&mut self, cookie: &StoredCookie) -> Option<StoredCookie> {
        let domain = reversed(cookie.domain_name());
        let of_domain = self.by_domain.get_mut(&domain)?;
        let position = of_domain.iter().position(|entry| entry.cookie.is_same_as(cookie))?;
        let removed = of_domain.remove(position).cookie;
        if of_domain.is_empty() {
            self.by_domain.remove(&domain);
        }
        self.count -= 1;
        Some(removed)
    }

    /// All cookies, oldest first.
    pub(super) fn all(&self) -> Vec<&StoredCookie> {
        let mut entries: Vec<&Entry> = self.by_domain.values().flatten().collect();
        entries.sort_unstable_by_key(|entry| (entry.cookie.created, entry.number));
        entries.into_iter().map(|entry| &entry.cookie).collect()
    }

    /// The cookies of `domain` and of all domains below it, in the order in which they are sent: longest path first,
    /// then oldest (RFC 6265bis §5.8.3 step 2).
    pub(super) fn below(&mut self, domain: &str) -> Vec<&mut StoredCookie> {
        let domain = reversed(domain);
        let below = format!("{domain}.");
        let range = self.by_domain.range_mut(domain.clone()..);
        let near = range.take_while(|(name, _)| name.starts_with(&domain));
        let related = near.filter(|(name, _)| **name == domain || name.starts_with(&below));
        let mut entries: Vec<&mut Entry> = related.flat_map(|(_, entries)| entries).collect();
        entries.sort_unstable_by_key(|it| (Reverse(it.cookie.path.len()), it.cookie.created, it.number));
        entries.into_iter().map(|entry| &mut entry.cookie).collect()
    }

    /// Removes the expired cookies of `domain`, so that a new cookie does not inherit from one.
    pub(super) fn remove_expired(&mut self, domain: &str, now: Timestamp) {
        if let Some(of_domain) = self.by_domain.get_mut(&reversed(domain)) {
            let before = of_domain.len();
            of_domain.retain(|entry| !entry.cookie.is_expired(now));
            self.count -= before - of_domain.len();
        }
    }

    /// Enforces the limit of `domain` (RFC 6265bis §5.7, last paragraphs), and returns the removed cookies: expired
    /// cookies first, then those without `Secure`, then the least recently used. It keeps the newest cookie, which was
    /// just stored.
    pub(super) fn evict_from(&mut self, domain: &str, now: Timestamp) -> Vec<StoredCookie> {
        let (domain, newest) = (reversed(domain), self.next_number.wrapping_sub(1));
        let mut removed = Vec::new();
        while let Some(entries) = self.by_domain.get(&domain).filter(|it| it.len() > MAX_PER_DOMAIN) {
            let others = entries.iter().filter(|entry| entry.number != newest);
            let first = others.min_by_key(|it| (!it.cookie.is_expired(now), it.cookie.secure, it.rank(now)));
            let first = first.map(|entry| entry.cookie.clone());
            removed.extend(first.and_then(|cookie| self.remove(&cookie)));
        }
        removed
    }

    /// Enforces the limit of the store in the same way, without regard to `Secure`.
    pub(super) fn evict(&mut self, now: Timestamp) -> Vec<StoredCookie> {
        let excess = self.count.saturating_sub(MAX_COOKIES);
        if excess == 0 {
            return Vec::new();
        }
        let newest = self.next_number.wrapping_sub(1);
        let mut others: Vec<&Entry> =
            self.by_domain.values().flatten().filter(|entry| entry.number != newest).collect();
        others.sort_unstable_by_key(|entry| entry.rank(now));
        let first: Vec<StoredCookie> =
            others.into_iter().take(excess).map(|entry| entry.cookie.clone()).collect();
        first.iter().filter_map(|cookie| self.remove(cookie)).collect()
    }
}

impl Entry {
    /// The order of eviction: expired cookies first, then the least recently used.
    fn rank(&self, now: Timestamp) -> (bool, Timestamp, u64) {
        (!self.cookie.is_expired(now), self.cookie.last_used, self.number)
    }
}

impl FromIterator<StoredCookie> for CookieStore {
    /// The cookies in the order of their creation.
    fn from_iter<I: IntoIterator<Item = StoredCookie>>(cookies: I) -> Self {
        let mut store = CookieStore::default();
        for cookie in cookies {
            store.put(cookie);
        }
        store
    }
}

fn reversed(domain: &str) -> String {
    domain.chars().rev().collect()
}
