//! [`StoredCookie`]: a cookie with all that the jar knows of it, and how it stands in JSON.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cookie_store::{CookieDomain, CookiePath};
use serde::{Deserialize, Serialize};

use super::set_cookie::is_disallowed;
use crate::clock::Timestamp;

/// Name or value of a cookie: octets, for it need not be text (RFC 6265bis §5.6).
///
/// In JSON it is a string; octets that are not UTF-8 are `{"base64": "…"}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "ByteStringRepr", into = "ByteStringRepr")]
pub struct ByteString(pub Vec<u8>);

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ByteStringRepr {
    Text(String),
    Other { base64: String },
}

impl TryFrom<ByteStringRepr> for ByteString {
    type Error = String;

    fn try_from(repr: ByteStringRepr) -> Result<Self, String> {
        match repr {
            ByteStringRepr::Text(text) => Ok(ByteString(text.into_bytes())),
            ByteStringRepr::Other { base64 } => STANDARD
                .decode(&base64)
                .map(ByteString)
                .map_err(|_| "what is said to be base64 is none".to_owned()),
        }
    }
}

impl From<ByteString> for ByteStringRepr {
    fn from(octets: ByteString) -> Self {
        String::from_utf8(octets.0).map_or_else(
            |e| ByteStringRepr::Other { base64: STANDARD.encode(e.as_bytes()) },
            ByteStringRepr::Text,
        )
    }
}

impl ByteString {
    /// As text, with U+FFFD for what is none.
    #[must_use]
    pub fn to_text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl From<&str> for ByteString {
    fn from(text: &str) -> Self {
        ByteString(text.as_bytes().to_vec())
    }
}

impl fmt::Debug for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

/// The `SameSite` attribute (RFC 6265bis §5.6.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SameSite {
    /// Sent with requests of the same site only.
    Strict,
    /// Also with links from elsewhere.
    Lax,
    /// With all requests.
    None,
}

impl SameSite {
    /// By its name, in any case of letters.
    pub(super) fn named(text: &str) -> Option<Self> {
        super::set_cookie::same_site(text.as_bytes())
    }
}

/// A cookie in the jar.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CookieRepr", into = "CookieRepr")]
pub struct StoredCookie {
    /// Its name; empty for a nameless cookie.
    pub name: ByteString,
    /// Its value.
    pub value: ByteString,
    /// The one host, or the domain, that it is sent to.
    pub domain: CookieDomain,
    /// The path that it is sent below.
    pub path: CookiePath,
    /// When it ends; `None`: with the browser session.
    pub expires: Option<Timestamp>,
    /// Over secure connections only.
    pub secure: bool,
    /// Not for scripts in pages.
    pub http_only: bool,
    /// `None`: the attribute was not given, or was none that is known.
    pub same_site: Option<SameSite>,
    /// When it was first stored; kept when it is replaced (RFC 6265bis §5.7 step 23).
    pub created: Timestamp,
    /// When it was last stored or sent.
    pub last_used: Timestamp,
}

/// What makes two cookies the same (RFC 6265bis §5.7 step 23). Whether one is host-only is part of its domain.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Name.
    pub name: ByteString,
    /// Host or domain.
    pub domain: CookieDomain,
    /// Path.
    pub path: CookiePath,
}

impl StoredCookie {
    /// What makes this cookie this one.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity { name: self.name.clone(), domain: self.domain.clone(), path: self.path.clone() }
    }

    pub(super) fn is(&self, identity: &Identity) -> bool {
        self.name == identity.name && self.domain == identity.domain && *self.path == *identity.path
    }

    /// Whether both have one identity: the later would replace the earlier.
    #[must_use]
    pub fn is_same_as(&self, other: &StoredCookie) -> bool {
        self.name == other.name && self.domain == other.domain && *self.path == *other.path
    }

    /// The host or domain, without telling which.
    #[must_use]
    pub fn domain_name(&self) -> &str {
        match &self.domain {
            CookieDomain::HostOnly(name) | CookieDomain::Suffix(name) => name,
            CookieDomain::NotPresent | CookieDomain::Empty => "",
        }
    }

    /// Whether it goes to one host only, not to the domain below it.
    #[must_use]
    pub fn is_host_only(&self) -> bool {
        matches!(self.domain, CookieDomain::HostOnly(_))
    }

    /// Whether its time has passed.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// Appends the cookie as it stands in a `Cookie` header (RFC 6265bis §5.8.3 step 4).
    pub(super) fn write_pair(&self, line: &mut Vec<u8>) {
        if !self.name.0.is_empty() {
            line.extend_from_slice(&self.name.0);
            line.push(b'=');
        }
        line.extend_from_slice(&self.value.0);
    }
}

/// A cookie in JSON: the jar file, `show-cookies --json`.
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
        let is_canonical =
            |octet: u8| octet.is_ascii_graphic() && !octet.is_ascii_uppercase() && octet != b'/';
        if repr.domain.is_empty() || repr.domain.starts_with('.') || !repr.domain.bytes().all(is_canonical) {
            return Err("a cookie's domain is no host name in small letters".to_owned());
        }
        if repr.path.bytes().any(is_disallowed) {
            return Err("a cookie's path holds a control character".to_owned());
        }
        // It could not be sent, and no jar of ours ever held one.
        if [&repr.name, &repr.value]
            .into_iter()
            .flat_map(|octets| &octets.0)
            .any(|octet| is_disallowed(*octet))
        {
            return Err(format!("the cookie {:?} holds a control character", repr.name));
        }
        let domain = if repr.host_only {
            CookieDomain::HostOnly(repr.domain)
        } else {
            CookieDomain::Suffix(repr.domain)
        };
        Ok(StoredCookie {
            name: repr.name,
            value: repr.value,
            domain,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_survive_json() {
        for octets in [&b"plain"[..], "zwölf".as_bytes(), b"", b"\xff\xfe=", b"{\"base64\":1}"] {
            let octets = ByteString(octets.to_vec());
            let json = serde_json::to_string(&octets).unwrap();
            assert_eq!(serde_json::from_str::<ByteString>(&json).unwrap(), octets, "{json}");
        }
    }

    #[test]
    fn a_cookie_survives_json_with_all_its_attributes() {
        let json = r#"{"name":"a","value":"b","domain":"example.org","host_only":false,"path":"/x","expires":"2030-01-01T00:00:00Z","secure":true,"http_only":true,"same_site":"Lax","created":"2026-01-01T00:00:00.5Z","last_used":"2026-01-02T00:00:00Z"}"#;
        let cookie: StoredCookie = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&cookie).unwrap(), json);
    }
}
