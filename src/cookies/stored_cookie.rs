//! [`StoredCookie`]: a cookie in the jar, and its JSON form.

use cookie_store::{CookieDomain, CookiePath};
use serde::{Deserialize, Serialize};

use super::byte_string::{ByteString, is_disallowed};
use super::same_site::SameSite;
use crate::clock::Timestamp;

/// A cookie in a [`Jar`](super::Jar).
///
/// A `StoredCookie` that did not pass the rules of a jar comes only from JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CookieRepr", into = "CookieRepr")]
#[non_exhaustive]
pub struct StoredCookie {
    /// The name; empty for a nameless cookie.
    pub name: ByteString,
    /// The value.
    pub value: ByteString,
    pub(super) domain: CookieDomain,
    pub(super) path: CookiePath,
    /// When it expires; `None` for a session cookie, which a browser deletes on exit.
    pub expires: Option<Timestamp>,
    /// It is sent only to secure origins.
    pub secure: bool,
    /// Scripts in pages cannot read it.
    pub http_only: bool,
    /// `None` if the attribute is missing or has an unknown value.
    pub same_site: Option<SameSite>,
    /// When it was first stored. A replacement keeps this time (RFC 6265bis §5.7 step 23).
    pub created: Timestamp,
    /// When it was last stored or sent.
    pub last_used: Timestamp,
}

impl StoredCookie {
    /// Whether storing one of the two cookies replaces the other (RFC 6265bis §5.7 step 23): name, domain and path are
    /// equal, and both are host-only or both are not.
    #[must_use]
    pub fn is_same_as(&self, other: &StoredCookie) -> bool {
        self.name == other.name && self.domain == other.domain && *self.path == *other.path
    }

    /// The host or the domain that it is sent to.
    #[must_use]
    pub fn domain_name(&self) -> &str {
        match &self.domain {
            CookieDomain::HostOnly(name) | CookieDomain::Suffix(name) => name,
            CookieDomain::NotPresent | CookieDomain::Empty => "", // never in a jar
        }
    }

    /// Whether it is sent only to the host itself, and not to hosts below it.
    #[must_use]
    pub fn is_host_only(&self) -> bool {
        matches!(self.domain, CookieDomain::HostOnly(_))
    }

    /// The path: it is sent to this path and everything below it.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Whether it has expired.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// The same cookie with another value.
    #[must_use]
    pub fn with_value(&self, value: impl Into<Vec<u8>>) -> StoredCookie {
        StoredCookie { value: ByteString(value.into()), ..self.clone() }
    }

    /// Appends the cookie to a `Cookie` header (RFC 6265bis §5.8.3 step 4).
    pub(super) fn write_pair(&self, header: &mut Vec<u8>) {
        if !self.name.0.is_empty() {
            header.extend_from_slice(&self.name.0);
            header.push(b'=');
        }
        header.extend_from_slice(&self.value.0);
    }
}

/// The JSON form: in the jar file and in `show-cookies --json`.
#[derive(Serialize, Deserialize)]
struct CookieRepr {
    name: ByteString,
    value: ByteString,
    domain: String,
    host_only: bool,
    path: String,
    expires: Option<Timestamp>,
    secure: bool,
    http_only: bool,
    same_site: Option<SameSite>,
    created: Timestamp,
    last_used: Timestamp,
}

impl From<StoredCookie> for CookieRepr {
    fn from(cookie: StoredCookie) -> Self {
        CookieRepr {
            domain: cookie.domain_name().to_owned(),
            host_only: cookie.is_host_only(),
            path: String::from(&cookie.path),
            name: cookie.name,
            value: cookie.value,
            expires: cookie.expires,
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site,
            created: cookie.created,
            last_used: cookie.last_used,
        }
    }
}

impl TryFrom<CookieRepr> for StoredCookie {
    type Error = String;

    fn try_from(repr: CookieRepr) -> Result<Self, String> {
        let path = CookiePath::parse(&repr.path)
            .ok_or_else(|| format!("the path {:?} of a cookie does not begin with /", repr.path))?;
        let is_canonical = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase() && byte != b'/';
        if repr.domain.is_empty() || repr.domain.starts_with('.') || !repr.domain.bytes().all(is_canonical) {
            return Err("a cookie's domain is not a host name in lower case".to_owned());
        }
        if repr.path.bytes().any(is_disallowed) {
            return Err("a cookie's path contains a control character".to_owned());
        }
        // A header cannot carry it, and no jar has ever stored one.
        if repr.name.0.iter().chain(&repr.value.0).any(|byte| is_disallowed(*byte)) {
            return Err(format!("the cookie {:?} contains a control character", repr.name));
        }
        let of = if repr.host_only { CookieDomain::HostOnly } else { CookieDomain::Suffix };
        Ok(StoredCookie {
            name: repr.name,
            value: repr.value,
            domain: of(repr.domain),
            path,
            expires: repr.expires,
            secure: repr.secure,
            http_only: repr.http_only,
            same_site: repr.same_site,
            created: repr.created,
            last_used: repr.last_used,
        })
    }
}
