//! [`Jar`]: the cookies of a client.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderValue;
use url::Url;

use super::decision::{SendDecision, SetAction, SetDecision, SetExplanation};
use super::policy;
use super::reason::Reason;
use super::request_context::RequestContext;
use super::set_cookie;
use super::site;
use super::store::CookieStore;
use super::stored_cookie::StoredCookie;
use crate::clock::{Clock, SystemClock, Timestamp};

/// A cookie jar. All clones share the same cookies.
///
/// ```
/// use sessctl::cookies::{Jar, SetAction};
/// use sessctl::url::Url;
///
/// # fn main() -> Result<(), sessctl::url::ParseError> {
/// let jar = Jar::new();
/// let url = Url::parse("https://example.org/login")?;
/// let decisions = jar.receive(&url, [&b"sid=31d4; Path=/; Secure; HttpOnly"[..]]);
/// assert_eq!(decisions[0].action, SetAction::Stored);
///
/// let (header, _) = jar.cookies_for(&Url::parse("https://example.org/account")?);
/// assert!(header.is_some_and(|header| header == "sid=31d4"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Jar(Arc<JarInner>);

#[derive(Debug)]
struct JarInner {
    clock: Arc<dyn Clock>,
    state: Mutex<JarState>,
}

#[derive(Debug, Default)]
pub(super) struct JarState {
    pub(super) cookies: CookieStore,
    pub(super) journal: Vec<JournalEntry>,
}

/// A change of the jar that is not yet in its file.
#[derive(Debug, Clone)]
pub(super) enum JournalEntry {
    Put(StoredCookie),
    Removed(StoredCookie),
}

impl Default for Jar {
    fn default() -> Self {
        Self::new()
    }
}

impl Jar {
    /// An empty jar that uses the system clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(SystemClock)
    }

    /// An empty jar that uses `clock`.
    #[must_use]
    pub fn with_clock(clock: impl Clock) -> Self {
        Self::holding(CookieStore::default(), Arc::new(clock))
    }

    pub(super) fn holding(cookies: CookieStore, clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(JarState { cookies, journal: Vec::new() });
        Jar(Arc::new(JarInner { clock, state }))
    }

    /// Stores the `Set-Cookie` lines of a response from `url`, in their order, and returns a decision for each.
    pub fn receive<'a>(&self, url: &Url, lines: impl IntoIterator<Item = &'a [u8]>) -> Vec<SetDecision> {
        self.receive_for(url, &RequestContext::default(), lines)
    }

    /// The same for the response to a request that a page caused.
    pub fn receive_for<'a>(
        &self,
        url: &Url,
        context: &RequestContext,
        lines: impl IntoIterator<Item = &'a [u8]>,
    ) -> Vec<SetDecision> {
        let explained = self.receive_and_explain(url, context, lines).into_iter();
        let decisions = explained.map(|mut explained| {
            explained.decision.warnings.retain(|warning| warning.kind.is_mistake());
            explained.decision
        });
        decisions.collect()
    }

    pub(super) fn receive_and_explain<'a>(
        &self,
        url: &Url,
        context: &RequestContext,
        lines: impl IntoIterator<Item = &'a [u8]>,
    ) -> Vec<SetExplanation> {
        let mut state = self.state();
        lines.into_iter().map(|line| state.receive(url, line, context, self.now())).collect()
    }

    /// The `Cookie` header of a request that the user makes to `url`, and a decision for each cookie of that site.
    ///
    /// The header is `None` if no cookie is sent.
    #[must_use]
    pub fn cookies_for(&self, url: &Url) -> (Option<HeaderValue>, Vec<SendDecision>) {
        self.cookies_for_request(url, &RequestContext::default())
    }

    /// The same for a request that a page caused: `SameSite` depends on that page.
    #[must_use]
    pub fn cookies_for_request(
        &self,
        url: &Url,
        context: &RequestContext,
    ) -> (Option<HeaderValue>, Vec<SendDecision>) {
        let now = self.now();
        let Some(host) = url.host_str() else { return (None, Vec::new()) };
        let mut line = Vec::new();
        let mut decisions = Vec::new();
        for cookie in self.state().cookies.below(site::site_of(host)) {
            let withheld = policy::reasons_to_withhold(cookie, url, context, now).next();
            if withheld.is_none() {
                cookie.last_used = now;
                if !line.is_empty() {
                    line.extend_from_slice(b"; ");
                }
                cookie.write_pair(&mut line);
            }
            decisions.push(SendDecision { name: cookie.name.clone(), withheld });
        }
        // The only control character in a stored cookie is the tab, which a header value may contain.
        let header = if line.is_empty() { None } else { HeaderValue::from_bytes(&line).ok() };
        (header, decisions)
    }

    /// The cookies that a request to `url` would carry, in the order in which they are sent.
    #[must_use]
    pub fn sent_to(&self, url: &Url) -> Vec<StoredCookie> {
        let (now, context) = (self.now(), RequestContext::default());
        let mut state = self.state();
        let of_site = state.cookies.below(site::site_of(url.host_str().unwrap_or_default()));
        of_site
            .into_iter()
            .filter(|cookie| policy::reasons_to_withhold(cookie, url, &context, now).next().is_none())
            .map(|cookie| cookie.clone())
            .collect()
    }

    /// All cookies that have not expired, oldest first.
    #[must_use]
    pub fn cookies(&self) -> Vec<StoredCookie> {
        let now = self.now();
        self.state().cookies.all().into_iter().filter(|cookie| !cookie.is_expired(now)).cloned().collect()
    }

    /// Removes the cookies for which `predicate` is true, also expired ones, and returns them.
    pub fn remove(&self, mut predicate: impl FnMut(&StoredCookie) -> bool) -> Vec<StoredCookie> {
        let mut state = self.state();
        let chosen = state.cookies.all().into_iter().filter(|cookie| predicate(cookie));
        let chosen: Vec<StoredCookie> = chosen.cloned().collect();
        chosen.iter().filter_map(|cookie| state.remove(cookie)).collect()
    }

    /// A separate jar with the same cookies and the same clock.
    #[must_use]
    pub fn snapshot(&self) -> Jar {
        Self::holding(self.state().cookies.clone(), Arc::clone(&self.0.clock))
    }

    /// An empty jar with the same clock.
    #[must_use]
    pub fn empty(&self) -> Jar {
        Self::holding(CookieStore::default(), Arc::clone(&self.0.clock))
    }

    /// Adds cookies. Each replaces the cookie of the same name, domain and path.
    pub fn merge(&self, cookies: impl IntoIterator<Item = StoredCookie>) {
        let now = self.now();
        let mut state = self.state();
        for cookie in cookies {
            state.put(cookie, now);
        }
        state.evict(now);
    }

    /// The time of the jar's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, JarState> {
        // After a panic in another thread, at worst a `last_used` is outdated.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl JarState {
    fn receive(
        &mut self,
        url: &Url,
        line: &[u8],
        context: &RequestContext,
        now: Timestamp,
    ) -> SetExplanation {
        let mut warnings = Vec::new();
        let (name, validated) = match set_cookie::parse(line, now, &mut warnings) {
            Err((name, reason)) => (name, Err(reason)),
            Ok(parsed) => {
                let (name, has_path_attribute) = (parsed.name.clone(), parsed.has_path_attribute);
                let validated = policy::validate(parsed, url, now, &mut warnings).and_then(|cookie| {
                    if self.overlays_a_secure_cookie(&cookie, url, now) {
                        return Err(Reason::OverwriteSecure); // §5.7 step 16
                    }
                    policy::check_prefix_and_same_site(&cookie, has_path_attribute, url, context)?;
                    Ok(cookie)
                });
                (name, validated)
            }
        };
        let mut evicted = Vec::new();
        let (action, cookie) = match validated {
            Err(reason) => (SetAction::Rejected(reason), None),
            Ok(cookie) if cookie.is_expired(now) => match self.remove(&cookie) {
                Some(old) if !old.is_expired(now) => (SetAction::Deleted, None),
                _ => (SetAction::AlreadyExpired, None),
            },
            Ok(cookie) => {
                let (action, from_domain) = self.put(cookie.clone(), now);
                let removed = from_domain.into_iter().chain(self.evict(now));
                evicted.extend(removed.filter(|it| !it.is_expired(now)).map(|cookie| cookie.name));
                (action, self.cookies.find_mut(&cookie).cloned())
            }
        };
        SetExplanation { decision: SetDecision { name, action, evicted, warnings }, cookie }
    }

    /// Stores a cookie, and returns the cookies of its domain that were evicted.
    fn put(&mut self, cookie: StoredCookie, now: Timestamp) -> (SetAction, Vec<StoredCookie>) {
        self.journal.push(JournalEntry::Put(cookie.clone()));
        let (domain, value) = (cookie.domain_name().to_owned(), cookie.value.clone());
        self.cookies.remove_expired(&domain, now);
        let replaced = self.cookies.put(cookie);
        let evicted = self.cookies.evict_from(&domain, now);
        self.journal.extend(evicted.iter().cloned().map(JournalEntry::Removed));
        match replaced {
            None => (SetAction::Stored, evicted),
            Some(old) => (SetAction::Replaced { changed: old.value != value }, evicted),
        }
    }

    fn evict(&mut self, now: Timestamp) -> Vec<StoredCookie> {
        let evicted = self.cookies.evict(now);
        self.journal.extend(evicted.iter().cloned().map(JournalEntry::Removed));
        evicted
    }

    fn remove(&mut self, cookie: &StoredCookie) -> Option<StoredCookie> {
        // Record it even if the cookie is not here: another process may have added it to the file.
        self.journal.push(JournalEntry::Removed(cookie.clone()));
        self.cookies.remove(cookie)
    }

    fn overlays_a_secure_cookie(&mut self, new: &StoredCookie, url: &Url, now: Timestamp) -> bool {
        if new.secure || site::is_secure(url) {
            return false;
        }
        let site = site::site_of(new.domain_name());
        self.cookies.below(site).iter().any(|old| !old.is_expired(now) && policy::would_overlay(new, old))
    }
}
