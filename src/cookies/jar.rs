//! [`Jar`]: the cookies of a client.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderValue;
use url::Url;

use super::decision::{SendDecision, SetAction, SetDecision};
use super::reason::Reason;
use super::request_context::RequestContext;
use super::store::Cookies;
use super::stored_cookie::{Identity, StoredCookie};
use super::{policy, set_cookie};
use crate::clock::{Clock, SystemClock, Timestamp};

/// Cookies, shared by whoever holds a clone.
#[derive(Debug, Clone)]
pub struct Jar(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) cookies: Cookies,
    pub(super) journal: Vec<JournalEntry>,
}

/// A change of the jar that its file does not have yet.
#[derive(Debug, Clone)]
pub(super) enum JournalEntry {
    Put(StoredCookie),
    Removed(Identity),
}

impl Default for Jar {
    fn default() -> Self {
        Self::new()
    }
}

impl Jar {
    /// An empty jar by the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(SystemClock)
    }

    /// An empty jar with a clock of one's own.
    #[must_use]
    pub fn with_clock(clock: impl Clock) -> Self {
        Self::holding(Cookies::default(), Arc::new(clock))
    }

    pub(super) fn holding(cookies: Cookies, clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State { cookies, journal: Vec::new() });
        Jar(Arc::new(Inner { clock, state }))
    }

    /// Takes in the `Set-Cookie` lines of one response of `url`, in their order, and says what became of each.
    pub fn receive<'a>(&self, url: &Url, lines: impl IntoIterator<Item = &'a [u8]>) -> Vec<SetDecision> {
        self.receive_in(url, &RequestContext::default(), lines)
    }

    pub(super) fn receive_in<'a>(
        &self,
        url: &Url,
        context: &RequestContext,
        lines: impl IntoIterator<Item = &'a [u8]>,
    ) -> Vec<SetDecision> {
        let mut state = self.state();
        lines.into_iter().map(|line| state.receive(url, line, context, self.0.clock.now())).collect()
    }

    /// The `Cookie` header of a request to `url`, and what became of each cookie of that site.
    ///
    /// The header is `None` when no cookie is sent.
    #[must_use]
    pub fn cookies_for(&self, url: &Url) -> (Option<HeaderValue>, Vec<SendDecision>) {
        let now = self.0.clock.now();
        let Some(host) = url.host_str() else { return (None, Vec::new()) };
        let own = RequestContext::default();
        let mut line = Vec::new();
        let mut decisions = Vec::new();
        for cookie in self.state().cookies.below(policy::site_of(host)) {
            let verdict = policy::may_send(cookie, url, &own, now);
            if verdict.is_ok() {
                cookie.last_used = now;
                if !line.is_empty() {
                    line.extend_from_slice(b"; ");
                }
                cookie.write_pair(&mut line);
            }
            decisions.push(SendDecision { name: cookie.name.clone(), withheld: verdict.err() });
        }
        // Cookies hold no control characters but tabs, which header values may hold.
        let header = if line.is_empty() { None } else { HeaderValue::from_bytes(&line).ok() };
        (header, decisions)
    }

    /// The cookies that a request to `url` would carry, in the order in which it would.
    #[must_use]
    pub fn sent_to(&self, url: &Url) -> Vec<StoredCookie> {
        let (now, host) = (self.0.clock.now(), url.host_str().unwrap_or_default());
        let mut state = self.state();
        let of_site = state.cookies.below(policy::site_of(host)).into_iter();
        of_site
            .filter(|cookie| policy::may_send(cookie, url, &RequestContext::default(), now).is_ok())
            .map(|cookie| cookie.clone())
            .collect()
    }

    /// All cookies that have not expired, oldest first.
    #[must_use]
    pub fn cookies(&self) -> Vec<StoredCookie> {
        let now = self.0.clock.now();
        self.state().cookies.all().into_iter().filter(|cookie| !cookie.is_expired(now)).cloned().collect()
    }

    /// Removes the cookies that `which` names, expired ones among them, and hands them back.
    pub fn remove(&self, mut which: impl FnMut(&StoredCookie) -> bool) -> Vec<StoredCookie> {
        let mut state = self.state();
        let named: Vec<Identity> = state
            .cookies
            .all()
            .into_iter()
            .filter(|cookie| which(cookie))
            .map(StoredCookie::identity)
            .collect();
        named.iter().filter_map(|identity| state.remove(identity)).collect()
    }

    /// A jar of its own with the same cookies, which has no part in what happens to this one.
    #[must_use]
    pub fn snapshot(&self) -> Jar {
        Self::holding(self.state().cookies.clone(), Arc::clone(&self.0.clock))
    }

    /// An empty jar by the same clock.
    #[must_use]
    pub fn empty(&self) -> Jar {
        Self::holding(Cookies::default(), Arc::clone(&self.0.clock))
    }

    /// Adds cookies. Each replaces the cookie of the same name, domain and path.
    pub fn merge(&self, cookies: impl IntoIterator<Item = StoredCookie>) {
        let now = self.now();
        let mut state = self.state();
        for cookie in cookies {
            state.put(cookie, now);
        }
    }

    /// The time by this jar's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere may at worst have left a last use unwritten.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn receive(&mut self, url: &Url, line: &[u8], context: &RequestContext, now: Timestamp) -> SetDecision {
        let parsed = match set_cookie::parse(line, now, |_| {}) {
            Ok(parsed) => parsed,
            Err((name, reason)) => return SetDecision { name, action: SetAction::Rejected(reason) },
        };
        let (name, has_path_attribute) = (parsed.name.clone(), parsed.has_path_attribute);
        let admitted = policy::admit(parsed, url, now).and_then(|cookie| {
            if self.overlays_a_secure_cookie(&cookie, url, now) {
                return Err(Reason::OverwriteSecure);
            }
            policy::uphold(&cookie, has_path_attribute, url, context).map(|()| cookie)
        });
        let action = match admitted {
            Err(reason) => SetAction::Rejected(reason),
            Ok(cookie) if cookie.is_expired(now) => match self.remove(&cookie.identity()) {
                Some(old) if !old.is_expired(now) => SetAction::Deleted,
                _ => SetAction::AlreadyExpired,
            },
            Ok(cookie) => self.put(cookie, now),
        };
        SetDecision { name, action }
    }

    fn put(&mut self, cookie: StoredCookie, now: Timestamp) -> SetAction {
        self.journal.push(JournalEntry::Put(cookie.clone()));
        let (domain, value) = (cookie.domain_name().to_owned(), cookie.value.clone());
        self.cookies.forget_expired(&domain, now);
        let replaced = self.cookies.put(cookie);
        for evicted in self.cookies.evict(&domain, now) {
            self.journal.push(JournalEntry::Removed(evicted.identity()));
        }
        match replaced {
            None => SetAction::Stored,
            Some(old) => SetAction::Replaced { changed: old.value != value },
        }
    }

    fn remove(&mut self, identity: &Identity) -> Option<StoredCookie> {
        // Also one that is not here: another process may have put it into the file meanwhile.
        self.journal.push(JournalEntry::Removed(identity.clone()));
        self.cookies.remove(identity)
    }

    fn overlays_a_secure_cookie(&mut self, new: &StoredCookie, url: &Url, now: Timestamp) -> bool {
        if new.secure || policy::is_secure(url) {
            return false;
        }
        let site = policy::site_of(new.domain_name()).to_owned();
        self.cookies.below(&site).iter().any(|old| !old.is_expired(now) && policy::would_overlay(new, old))
    }
}
