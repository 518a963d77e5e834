//! [`Reason`]: why a cookie is not sent or not stored, with the rule and a fix. The names are those of browsers'
//! developer tools.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a cookie is not sent or not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reason {
    /// A `Secure` cookie, and the URL is neither https nor on a loopback host.
    SecureOnly,
    /// The URL's path is not below the cookie's path.
    NotOnPath,
    /// A cookie of another host.
    DomainMismatch,
    /// The cookie has expired.
    Expired,
    /// `SameSite=Strict`, and another site makes the request.
    SameSiteStrict,
    /// `SameSite=Lax`, and another site makes the request without a link.
    SameSiteLax,
    /// A cookie without `SameSite` is treated as `Lax` (RFC 6265bis §5.6.7).
    SameSiteUnspecifiedTreatedAsLax,
    /// Like [`Reason::SameSiteStrict`], but the sites differ only in http and https.
    SchemefulSameSiteStrict,
    /// Like [`Reason::SameSiteLax`], but the sites differ only in http and https.
    SchemefulSameSiteLax,
    /// Like [`Reason::SameSiteUnspecifiedTreatedAsLax`], but the sites differ only in http and https.
    SchemefulSameSiteUnspecifiedTreatedAsLax,
    /// `SameSite=None` without `Secure`.
    SameSiteNoneInsecure,
    /// The jar has a `Secure` cookie of this name, and the URL is not secure.
    OverwriteSecure,
    /// `Domain` does not match the host that sent the cookie.
    InvalidDomain,
    /// `Domain` is a public suffix, such as `com`.
    PublicSuffix,
    /// The name has a prefix whose conditions the cookie does not meet.
    InvalidPrefix,
    /// Name and value together are longer than 4096 bytes.
    NameValuePairExceedsMaxSize,
    /// The line contains a control character.
    DisallowedCharacter,
    /// The cookie has neither a name nor a value.
    NoCookieContent,
    /// `Domain` is not ASCII.
    SyntaxError,
    /// The cookie has no name, and its value would be read as a name and a value.
    AmbiguousNamelessCookie,
    /// `Partitioned` without `Secure`.
    InsecurePartitioned,
}

/// The operation that a [`Reason`] prevents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Storing a `Set-Cookie` line in the jar.
    Storing,
    /// Sending a cookie of the jar in a `Cookie` header.
    Sending,
}

/// A [`Reason`] explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The section of RFC 6265bis.
    pub section: &'static str,
    /// The rule.
    pub rule: &'static str,
    /// How to fix it; `None` if the cookie cannot be stored or sent at all.
    pub fix: Option<&'static str>,
}

impl Reason {
    /// The rule behind the reason, and how to fix it.
    #[must_use]
    pub const fn explain(self, stage: Stage) -> Explanation {
        let (section, rule, fix) = match stage {
            Stage::Storing => self.of_storing(),
            Stage::Sending => self.of_sending(),
        };
        Explanation { section, rule, fix }
    }

    /// Longer than 60 lines because it is a table, which the compiler checks for completeness.
    const fn of_storing(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Reason::SecureOnly => (
                "§5.7 step 13",
                "only a secure origin (https, or this machine) may set a Secure cookie",
                Some("serve the page over https, or omit Secure while testing over http"),
            ),
            Reason::OverwriteSecure => (
                "§5.7 step 16",
                "an insecure origin may not set a cookie that could pass for an existing Secure cookie",
                Some("set it over https, or use another name"),
            ),
            Reason::SameSiteNoneInsecure => {
                ("§5.7 step 19", "SameSite=None requires Secure", Some("add Secure, or omit SameSite"))
            }
            Reason::InvalidDomain => (
                "§5.1.3, §5.7 step 10",
                "Domain must be the host that sets the cookie, or a domain above it",
                Some("omit Domain: the cookie is then for that host only"),
            ),
            Reason::PublicSuffix => (
                "§5.7 step 9",
                "Domain is a public suffix, below which anyone can register a name: other sites would get the cookie",
                Some("omit Domain, or use the domain below the suffix"),
            ),
            Reason::InvalidPrefix => (
                "§5.4, §5.7 steps 20 to 22",
                "the cookie does not meet the conditions of its name's prefix, or its name is empty and its value has a \
                 prefix (__Secure-: Secure; __Host-: Secure, Path=/, no Domain; __Http-: Secure, HttpOnly; \
                 __Host-Http-: all of these)",
                Some("add what the prefix requires, or remove the prefix"),
            ),
            Reason::NameValuePairExceedsMaxSize => (
                "§5.6 step 5",
                "name and value together may have 4096 bytes",
                Some("keep the data on the server, and only a token in the cookie"),
            ),
            Reason::DisallowedCharacter => (
                "§5.6 step 1",
                "a cookie with a control character other than the tab is ignored",
                Some("encode the value, for example as base64"),
            ),
            Reason::NoCookieContent => {
                ("§5.7 step 2", "a cookie with neither name nor value is ignored", Some("give it a name"))
            }
            Reason::SyntaxError => (
                "§5.7 step 8",
                "a cookie with a Domain that is not ASCII is ignored",
                Some("write the domain in its ASCII form (xn--…)"),
            ),
            Reason::AmbiguousNamelessCookie => (
                "§5.6 step 3",
                "a cookie without a name whose value contains = or a tab would be sent like another cookie; RFC 6265bis \
                 stores it, Chromium and Firefox do not",
                Some("give the cookie a name"),
            ),
            Reason::InsecurePartitioned => (
                "§5.6",
                "Partitioned requires Secure; RFC 6265bis ignores Partitioned, Chromium and Firefox do not",
                Some("add Secure, or omit Partitioned"),
            ),
            Reason::SchemefulSameSiteStrict
            | Reason::SchemefulSameSiteLax
            | Reason::SchemefulSameSiteUnspecifiedTreatedAsLax => (
                "§5.2, §5.7 step 18",
                "http and https of one domain are two sites, and an embedded response of another site may set only \
                 SameSite=None cookies",
                Some("serve both pages over https"),
            ),
            Reason::SameSiteStrict | Reason::SameSiteLax | Reason::SameSiteUnspecifiedTreatedAsLax => (
                "§5.2, §5.7 step 18",
                "an embedded response of another site may set only SameSite=None cookies",
                Some("set it with SameSite=None; Secure"),
            ),
            // No line is rejected for these reasons.
            Reason::Expired => ("§5.7 step 23", "an expired cookie is deleted", None),
            Reason::NotOnPath | Reason::DomainMismatch => ("§5.7", "the cookie is for another page", None),
        }
    }

    /// Longer than 60 lines because it is a table, which the compiler checks for completeness.
    const fn of_sending(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Reason::SecureOnly => (
                "§5.8.3 step 1",
                "a Secure cookie is sent only over https, or to this machine",
                Some("request the page over https"),
            ),
            Reason::NotOnPath => (
                "§5.1.4, §5.8.3 step 1",
                "a cookie is sent only to its path and below",
                Some("request a page below its path, or let the server set it with Path=/"),
            ),
            Reason::DomainMismatch => (
                "§5.1.3, §5.8.3 step 1",
                "a cookie is sent to the host that set it, and to hosts below only if it was set with Domain",
                Some(
                    "request the host that set it, or let the server set Domain to a domain above both hosts",
                ),
            ),
            Reason::Expired => {
                ("§5.7", "it has expired", Some("get a new one, for example by logging in again"))
            }
            Reason::PublicSuffix => (
                "§5.8.3 step 1",
                "its domain has become a public suffix, below which anyone can register a name",
                Some("let the server set it without Domain"),
            ),
            Reason::SameSiteStrict => (
                "§5.2, §5.8.3 step 1",
                "a SameSite=Strict cookie is sent only with requests that its own site makes",
                Some("SameSite=Lax allows links on other sites, SameSite=None; Secure allows all requests"),
            ),
            Reason::SameSiteLax => (
                "§5.2, §5.8.3 step 1",
                "a SameSite=Lax cookie is sent with a request of another site only if a link or a GET form opens the \
                 page",
                Some("use SameSite=None; Secure if other sites need the cookie"),
            ),
            Reason::SameSiteUnspecifiedTreatedAsLax => (
                "§5.6.7, §5.8.3 step 1",
                "a cookie without SameSite is treated as Lax (except for top-level POSTs in its first two minutes)",
                Some("use SameSite=None; Secure if other sites need the cookie"),
            ),
            Reason::SchemefulSameSiteStrict
            | Reason::SchemefulSameSiteLax
            | Reason::SchemefulSameSiteUnspecifiedTreatedAsLax => (
                "§5.2, §5.8.3 step 1",
                "http and https of one domain are two sites",
                Some("serve both pages over https"),
            ),
            // No jar has such a cookie.
            Reason::SameSiteNoneInsecure
            | Reason::OverwriteSecure
            | Reason::InvalidDomain
            | Reason::InvalidPrefix
            | Reason::NameValuePairExceedsMaxSize
            | Reason::DisallowedCharacter
            | Reason::NoCookieContent
            | Reason::SyntaxError
            | Reason::AmbiguousNamelessCookie
            | Reason::InsecurePartitioned => ("§5.7", "such a cookie is not stored", None),
        }
    }
}

/// The name, as in JSON.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
