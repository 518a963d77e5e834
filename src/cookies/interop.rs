//! The jar for other clients: a cookie provider of `reqwest`, and a store of `reqwest_cookie_store`.

use cookie_store::{Cookie, CookieStore};
use http::HeaderValue;
use reqwest_cookie_store::CookieStoreMutex;
use url::Url;

use super::jar::Jar;
use super::stored_cookie::StoredCookie;
use crate::clock::Timestamp;

impl reqwest::cookie::CookieStore for Jar {
    fn set_cookies(&self, lines: &mut dyn Iterator<Item = &HeaderValue>, url: &Url) {
        self.receive(url, lines.map(HeaderValue::as_bytes));
    }

    fn cookies(&self, url: &Url) -> Option<HeaderValue> {
        self.cookies_for(url).0
    }
}

impl Jar {
    /// A copy of the cookies for code that uses [`reqwest_cookie_store`].
    ///
    /// That store has only named cookies that are UTF-8, and one for each name, domain and path: of a host-only
    /// cookie and a domain cookie with the same name it has the later one.
    ///
    /// ```
    /// # use sessctl::{cookies::Jar, url::Url};
    /// # let (jar, url) = (Jar::new(), Url::parse("https://app.example/")?);
    /// jar.receive(&url, [&b"sid=1"[..]]);
    /// let store = jar.to_cookie_store(); // for `reqwest::ClientBuilder::cookie_provider`
    /// assert!(store.lock().is_ok_and(|store| store.contains("app.example", "/", "sid")));
    /// # Ok::<(), sessctl::url::ParseError>(())
    /// ```
    #[must_use]
    pub fn to_cookie_store(&self) -> CookieStoreMutex {
        let now = self.now();
        let cookies = self.cookies().into_iter().filter_map(|cookie| converted(&cookie, now));
        let store = CookieStore::from_cookies(cookies.map(Ok::<_, std::convert::Infallible>), false);
        CookieStoreMutex::new(store.unwrap_or_default())
    }
}

/// Converts by way of a `Set-Cookie` line.
fn converted(cookie: &StoredCookie, now: Timestamp) -> Option<Cookie<'static>> {
    let (name, value) = (std::str::from_utf8(&cookie.name.0), std::str::from_utf8(&cookie.value.0));
    let mut line = format!("{}={}", name.ok()?, value.ok()?);
    if cookie.secure {
        line.push_str("; Secure");
    }
    if cookie.http_only {
        line.push_str("; HttpOnly");
    }
    if let Some(same_site) = cookie.same_site {
        line.push_str(&format!("; SameSite={same_site:?}"));
    }
    if let Some(expires) = cookie.expires {
        line.push_str(&format!("; Max-Age={}", expires.since(now).as_secs()));
    }
    // Any URL of the host works, because domain and path are overwritten.
    let url = Url::parse(&format!("https://{}/", cookie.domain_name())).ok()?;
    let mut converted = Cookie::parse(line, &url).ok()?;
    converted.domain = cookie.domain.clone();
    converted.path = cookie.path.clone();
    Some(converted)
}
