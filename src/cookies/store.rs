//! The cookies of a jar: found by domain, ordered as they are sent, bounded in number.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use cookie_store::CookieDomain;

use super::stored_cookie::{Identity, StoredCookie};
use crate::clock::Timestamp;

/// RFC 6265bis §5.7 leaves the numbers to the user agent and §6.1 asks for at least these.
const MOST_PER_DOMAIN: usize = 50;
const MOST: usize = 3000;

/// Cookies by their domain. Domains are kept back to front (`gro.elpmaxe`), so that a domain and all below it
/// are neighbours.
#[derive(Debug, Clone, Default)]
pub(super) struct Cookies {
    by_domain: BTreeMap<String, Vec<Kept>>,
    next_number: u64,
    count: usize,
}

/// A cookie and its place in the order of creation, finer than any clock.
#[derive(Debug, Clone)]
struct Kept {
    number: u64,
    cookie: StoredCookie,
}

impl Cookies {
    /// Stores a cookie. One with its identity is replaced and handed back; the new one then keeps its time of
    /// creation (RFC 6265bis §5.7 step 23).
    pub(super) fn put(&mut self, mut cookie: StoredCookie) -> Option<StoredCookie> {
        let of_domain = self.by_domain.entry(reversed(cookie.domain_name())).or_default();
        if let Some(kept) = of_domain.iter_mut().find(|kept| kept.cookie.is_same_as(&cookie)) {
            cookie.created = kept.cookie.created;
            return Some(std::mem::replace(&mut kept.cookie, cookie));
        }
        of_domain.push(Kept { number: self.next_number, cookie });
        self.next_number += 1;
        self.count += 1;
        None
    }

    pub(super) fn find_mut(&mut self, identity: &Identity) -> Option<&mut StoredCookie> {
        let of_domain = self.by_domain.get_mut(&reversed(domain_of(identity)))?;
        of_domain.iter_mut().map(|kept| &mut kept.cookie).find(|cookie| cookie.is(identity))
    }

    pub(super) fn remove(&mut self, identity: &Identity) -> Option<StoredCookie> {
        let domain = reversed(domain_of(identity));
        let of_domain = self.by_domain.get_mut(&domain)?;
        let position = of_domain.iter().position(|kept| kept.cookie.is(identity))?;
        let removed = of_domain.remove(position).cookie;
        if of_domain.is_empty() {
            self.by_domain.remove(&domain);
        }
        self.count -= 1;
        Some(removed)
    }

    /// All cookies, oldest first.
    pub(super) fn all(&self) -> Vec<&StoredCookie> {
        let mut kept: Vec<&Kept> = self.by_domain.values().flatten().collect();
        kept.sort_unstable_by_key(|kept| (kept.cookie.created, kept.number));
        kept.into_iter().map(|kept| &kept.cookie).collect()
    }

    /// The cookies of `domain` and of all domains below it, in the order in which they are sent: longest path
    /// first, then oldest (RFC 6265bis §5.8.3 step 2).
    pub(super) fn below(&mut self, domain: &str) -> Vec<&mut StoredCookie> {
        let domain = reversed(domain);
        let below = format!("{domain}.");
        let range = self.by_domain.range_mut(domain.clone()..);
        let near = range.take_while(|(name, _)| name.starts_with(&domain));
        let related = near.filter(|(name, _)| **name == domain || name.starts_with(&below));
        let mut kept: Vec<&mut Kept> = related.flat_map(|(_, kept)| kept).collect();
        kept.sort_unstable_by_key(|kept| (Reverse(kept.cookie.path.len()), kept.cookie.created, kept.number));
        kept.into_iter().map(|kept| &mut kept.cookie).collect()
    }

    /// Removes the cookies of `domain` whose time has passed: for every rule they are not there.
    pub(super) fn forget_expired(&mut self, domain: &str, now: Timestamp) {
        if let Some(of_domain) = self.by_domain.get_mut(&reversed(domain)) {
            let before = of_domain.len();
            of_domain.retain(|kept| !kept.cookie.is_expired(now));
            self.count -= before - of_domain.len();
        }
    }

    /// Removes what is too many (RFC 6265bis §5.7, last paragraphs), of a domain and then of all: expired
    /// cookies, then of a domain insecure ones, then those that were not used for longest; never the newest, which
    /// was just put in. Hands back what it removed.
    pub(super) fn evict(&mut self, domain: &str, now: Timestamp) -> Vec<StoredCookie> {
        let domain = reversed(domain);
        let newest = self.next_number.wrapping_sub(1);
        let mut removed = Vec::new();
        let standing = |kept: &Kept| (!kept.cookie.is_expired(now), kept.cookie.last_used, kept.number);
        while let Some(kept) = self.by_domain.get(&domain).filter(|kept| kept.len() > MOST_PER_DOMAIN) {
            let others = kept.iter().filter(|kept| kept.number != newest);
            let least =
                others.min_by_key(|kept| (!kept.cookie.is_expired(now), kept.cookie.secure, standing(kept)));
            let identity = least.map(|kept| kept.cookie.identity());
            removed.extend(identity.and_then(|identity| self.remove(&identity)));
        }
        while self.count > MOST {
            let others = self.by_domain.values().flatten().filter(|kept| kept.number != newest);
            let identity = others.min_by_key(|kept| standing(kept)).map(|kept| kept.cookie.identity());
            removed.extend(identity.and_then(|identity| self.remove(&identity)));
        }
        removed
    }
}

impl FromIterator<StoredCookie> for Cookies {
    /// In the order of their creation.
    fn from_iter<I: IntoIterator<Item = StoredCookie>>(cookies: I) -> Self {
        let mut all = Cookies::default();
        for cookie in cookies {
            all.put(cookie);
        }
        all
    }
}

fn domain_of(identity: &Identity) -> &str {
    match &identity.domain {
        CookieDomain::HostOnly(domain) | CookieDomain::Suffix(domain) => domain,
        CookieDomain::NotPresent | CookieDomain::Empty => "", // never in a jar
    }
}

fn reversed(domain: &str) -> String {
    domain.chars().rev().collect()
}
