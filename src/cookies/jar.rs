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
use super::token_session::TokenList;
use crate::clock::{Clock, SystemClock, Timestamp};

/// A cookie jar, with the tokens of the same client. All clones share them.
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
    pub(super) tokens: TokenList,
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
    ///
    /// ```
    /// # use std::{sync::Arc, time::Duration};
    /// # use sessctl::{clock::ManualClock, cookies::Jar, url::Url};
    /// let clock = Arc::new(ManualClock::default());
    /// let jar = Jar::with_clock(Arc::clone(&clock));
    /// jar.receive(&Url::parse("https://app.example/")?, [&b"a=1; Max-Age=60"[..]]);
    /// clock.advance(Duration::from_secs(61));
    /// assert!(jar.cookies().is_empty());
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
    #[must_use]
    pub fn with_clock(clock: impl Clock) -> Self {
        Self::holding(CookieStore::default(), Arc::new(clock))
    }

    pub(super) fn holding(cookies: CookieStore, clock: Arc<dyn Clock>) -> Self {
        Self::with_state(JarState { cookies, ..JarState::default() }, clock)
    }

    fn with_state(state: JarState, clock: Arc<dyn Clock>) -> Self {
        Jar(Arc::new(JarInner { clock, state: Mutex::new(state) }))
    }

    /// Stores the `Set-Cookie` lines of a response from `url`, in their order, and returns a decision for each.
    ///
    /// ```
    /// # use sessctl::{cookies::{Jar, Reason, SetAction}, url::Url};
    /// let foreign = Jar::new().receive(&Url::parse("https://app.example/")?, [&b"a=1; Domain=other.example"[..]]);
    /// assert_eq!(foreign[0].action, SetAction::Rejected(Reason::InvalidDomain));
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
    pub fn receive<'a>(&self, url: &Url, lines: impl IntoIterator<Item = &'a [u8]>) -> Vec<SetDecision> {
        self.receive_for(url, &RequestContext::default(), lines)
    }

    /// The same for the response to a request that a page caused.
    ///
    /// ```
    /// # use sessctl::{cookies::{Jar, Reason, RequestContext, SetAction}, url::Url};
    /// // The response to a script of another site may not set a `SameSite` cookie.
    /// let script = RequestContext::new(Some(Url::parse("https://other.example/")?), http::Method::GET, true);
    /// let decisions = Jar::new().receive_for(&Url::parse("https://app.example/")?, &script, [&b"a=1; SameSite=Lax"[..]]);
    /// assert_eq!(decisions[0].action, SetAction::Rejected(Reason::SameSiteLax));
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
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
    ///
    /// ```
    /// # use sessctl::{cookies::Jar, url::Url};
    /// let jar = Jar::new();
    /// jar.receive(&Url::parse("https://app.example/a/")?, [&b"x=1"[..], b"y=2; Path=/"]);
    /// let (header, decisions) = jar.cookies_for(&Url::parse("https://app.example/b")?); // `x` is for the path /a
    /// assert_eq!((header, decisions.len()), (Some("y=2".parse()?), 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cookies_for(&self, url: &Url) -> (Option<HeaderValue>, Vec<SendDecision>) {
        self.cookies_for_request(url, &RequestContext::default())
    }

    /// The same for a request that a page caused: `SameSite` depends on that page.
    ///
    /// ```
    /// # use sessctl::{cookies::{Jar, RequestContext}, url::Url};
    /// let (jar, url) = (Jar::new(), Url::parse("https://app.example/")?);
    /// jar.receive(&url, [&b"sid=1; SameSite=Lax"[..]]);
    /// let from = |method| RequestContext::new(Url::parse("https://evil.example/").ok(), method, false);
    /// assert!(jar.cookies_for_request(&url, &from(http::Method::GET)).0.is_some()); // a link
    /// assert!(jar.cookies_for_request(&url, &from(http::Method::POST)).0.is_none()); // a form
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
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
    ///
    /// ```
    /// # use sessctl::{cookies::Jar, url::Url};
    /// # let (jar, url) = (Jar::new(), Url::parse("https://app.example/")?);
    /// jar.receive(&url, [&b"sid=31d4; HttpOnly"[..]]);
    /// assert!(jar.sent_to(&url).iter().all(|cookie| cookie.http_only));
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
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
    ///
    /// ```
    /// # use sessctl::{cookies::Jar, url::Url};
    /// # let (jar, url) = (Jar::new(), Url::parse("https://app.example/")?);
    /// jar.receive(&url, [&b"sid=1"[..], b"theme=dark; Max-Age=3600"]);
    /// let on_exit = jar.remove(|cookie| cookie.expires.is_none()); // as a browser does when it exits
    /// assert_eq!((on_exit.len(), jar.cookies().len()), (1, 1));
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
    pub fn remove(&self, mut predicate: impl FnMut(&StoredCookie) -> bool) -> Vec<StoredCookie> {
        let mut state = self.state();
        let chosen = state.cookies.all().into_iter().filter(|cookie| predicate(cookie));
        let chosen: Vec<StoredCookie> = chosen.cloned().collect();
        chosen.iter().filter_map(|cookie| state.remove(cookie)).collect()
    }

    /// A separate jar with the same cookies, tokens and clock.
    ///
    /// ```
    /// # use sessctl::{cookies::Jar, url::Url};
    /// # let (jar, url) = (Jar::new(), Url::parse("https://app.example/")?);
    /// let copy = jar.snapshot(); // a clone would share its cookies with `jar`
    /// copy.receive(&url, [&b"sid=1"[..]]);
    /// assert!(jar.cookies().is_empty());
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
    #[must_use]
    pub fn snapshot(&self) -> Jar {
        let state = self.state();
        let (cookies, tokens) = (state.cookies.clone(), state.tokens.copy());
        let copy = JarState { cookies, tokens, journal: Vec::new() };
        Self::with_state(copy, Arc::clone(&self.0.clock))
    }

    /// An empty jar with the same clock.
    ///
    /// ```
    /// # use sessctl::{cookies::Jar, url::Url};
    /// # let (jar, url) = (Jar::new(), Url::parse("https://app.example/")?);
    /// jar.receive(&url, [&b"sid=1"[..]]);
    /// let anonymous = jar.empty(); // for a request that must not be logged in
    /// assert!(anonymous.cookies_for(&url).0.is_none());
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
    #[must_use]
    pub fn empty(&self) -> Jar {
        Self::holding(CookieStore::default(), Arc::clone(&self.0.clock))
    }

    /// Adds cookies. Each replaces the cookie of the same name, domain and path.
    ///
    /// ```
    /// # use sessctl::{cookies::Jar, url::Url};
    /// # let (jar, other, url) = (Jar::new(), Jar::new(), Url::parse("https://app.example/")?);
    /// other.receive(&url, [&b"sid=1"[..]]);
    /// jar.merge(other.cookies());
    /// assert_eq!(jar.cookies_for(&url).0, Some("sid=1".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
