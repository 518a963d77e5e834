//! Why a cookie is not sent or not stored, in the words of browsers' developer tools, with the rule that says so
//! and what can be done about it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a cookie is not sent or not stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Reason {
    /// A `Secure` cookie, and the URL is neither https nor of this machine.
    SecureOnly,
    /// The cookie's path is no prefix of the URL's.
    NotOnPath,
    /// The cookie is of another host.
    DomainMismatch,
    /// Its time has passed.
    Expired,
    /// `SameSite=Strict`, and a page of another site asks.
    SameSiteStrict,
    /// `SameSite=Lax`, and a page of another site asks otherwise than by a link.
    SameSiteLax,
    /// The same for a cookie that does not say.
    SameSiteUnspecifiedTreatedAsLax,
    /// As [`Reason::SameSiteStrict`], of a page that differs by http and https only.
    SchemefulSameSiteStrict,
    /// As [`Reason::SameSiteLax`], of a page that differs by http and https only.
    SchemefulSameSiteLax,
    /// As [`Reason::SameSiteUnspecifiedTreatedAsLax`], of a page that differs by http and https only.
    SchemefulSameSiteUnspecifiedTreatedAsLax,
    /// `SameSite=None` without `Secure`.
    SameSiteNoneInsecure,
    /// A `Secure` cookie of this name is there, and the URL is not secure.
    OverwriteSecure,
    /// `Domain` is no domain of the host that sent it.
    InvalidDomain,
    /// `Domain` is one under which anybody can have a name, such as `com`.
    PublicSuffix,
    /// The name begins with a prefix whose conditions the cookie does not meet.
    InvalidPrefix,
    /// Name and value are more than 4096 octets together.
    NameValuePairExceedsMaxSize,
    /// There is a control character in it.
    DisallowedCharacter,
    /// Neither name nor value.
    NoCookieContent,
    /// A `Domain` that is not ASCII.
    SyntaxError,
}

/// What was to be done with the cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Taking it from a `Set-Cookie` line into the jar.
    Storing,
    /// Sending it from the jar in a `Cookie` header.
    Sending,
}

/// A reason in full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// Where RFC 6265bis says so.
    pub section: &'static str,
    /// What it says.
    pub rule: &'static str,
    /// What can be done about it; `None` where the rule is there to stop just this.
    pub fix: Option<&'static str>,
}

impl Reason {
    /// The name of the reason, as it stands in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Reason::SecureOnly => "SecureOnly",
            Reason::NotOnPath => "NotOnPath",
            Reason::DomainMismatch => "DomainMismatch",
            Reason::Expired => "Expired",
            Reason::SameSiteStrict => "SameSiteStrict",
            Reason::SameSiteLax => "SameSiteLax",
            Reason::SameSiteUnspecifiedTreatedAsLax => "SameSiteUnspecifiedTreatedAsLax",
            Reason::SchemefulSameSiteStrict => "SchemefulSameSiteStrict",
            Reason::SchemefulSameSiteLax => "SchemefulSameSiteLax",
            Reason::SchemefulSameSiteUnspecifiedTreatedAsLax => "SchemefulSameSiteUnspecifiedTreatedAsLax",
            Reason::SameSiteNoneInsecure => "SameSiteNoneInsecure",
            Reason::OverwriteSecure => "OverwriteSecure",
            Reason::InvalidDomain => "InvalidDomain",
            Reason::PublicSuffix => "PublicSuffix",
            Reason::InvalidPrefix => "InvalidPrefix",
            Reason::NameValuePairExceedsMaxSize => "NameValuePairExceedsMaxSize",
            Reason::DisallowedCharacter => "DisallowedCharacter",
            Reason::NoCookieContent => "NoCookieContent",
            Reason::SyntaxError => "SyntaxError",
        }
    }

    /// The rule behind the reason, and the way out.
    #[must_use]
    pub const fn explain(self, stage: Stage) -> Explanation {
        let (section, rule, fix) = match stage {
            Stage::Storing => self.of_storing(),
            Stage::Sending => self.of_sending(),
        };
        Explanation { section, rule, fix }
    }

    const fn of_storing(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Reason::SecureOnly => (
                "§5.7 step 13",
                "only a secure origin (https, or this machine itself) may set a Secure cookie",
                Some("serve the page over https, or leave Secure out while testing over http"),
            ),
            Reason::OverwriteSecure => (
                "§5.7 step 16",
                "an insecure origin may not set a cookie that could pass for a Secure one that is there",
                Some("set it over https, or give it another name"),
            ),
            Reason::SameSiteNoneInsecure => (
                "§5.7 step 19",
                "SameSite=None counts only together with Secure",
                Some("add Secure, or leave SameSite out"),
            ),
            Reason::InvalidDomain => (
                "§5.1.3, §5.7 step 10",
                "Domain must be the host that sets the cookie or a domain above it",
                Some("leave Domain out: the cookie is then for that host only"),
            ),
            Reason::PublicSuffix => (
                "§5.7 step 9",
                "Domain is a public suffix, under which anybody can have a name: the cookie would go to strangers",
                Some("leave Domain out, or name the domain below the suffix"),
            ),
            Reason::InvalidPrefix => (
                "§5.4, §5.7 steps 20 to 22",
                "the prefix of its name (or of a nameless cookie's value) promises what it does not keep (__Secure-: Secure; __Host-: Secure, Path=/, no \
                 Domain; __Http-: Secure, HttpOnly; __Host-Http-: all of these)",
                Some("add what the prefix asks for, or drop the prefix"),
            ),
            Reason::NameValuePairExceedsMaxSize => (
                "§5.6 step 5",
                "name and value may have 4096 octets together",
                Some("keep the data on the server and only a token in the cookie"),
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
                "a Domain that is not ASCII is ignored with its cookie",
                Some("write the domain in its ASCII form (xn--…)"),
            ),
            Reason::SchemefulSameSiteStrict
            | Reason::SchemefulSameSiteLax
            | Reason::SchemefulSameSiteUnspecifiedTreatedAsLax => (
                "§5.2, §5.7 step 18",
                "http and https of one domain are two sites, and what another site embeds may set only SameSite=None",
                Some("serve both pages over https"),
            ),
            Reason::SameSiteStrict | Reason::SameSiteLax | Reason::SameSiteUnspecifiedTreatedAsLax => (
                "§5.2, §5.7 step 18",
                "what another site embeds may set only cookies with SameSite=None",
                Some("set it with SameSite=None; Secure"),
            ),
            // No line is refused for these: it is stored, or it deletes.
            Reason::Expired => ("§5.7 step 23", "a cookie whose time has passed is deleted", None),
            Reason::NotOnPath | Reason::DomainMismatch => ("§5.7", "the cookie is for another page", None),
        }
    }

    const fn of_sending(self) -> (&'static str, &'static str, Option<&'static str>) {
        match self {
            Reason::SecureOnly => (
                "§5.8.3 step 1",
                "a Secure cookie goes over https only, or to this machine itself",
                Some("ask over https"),
            ),
            Reason::NotOnPath => (
                "§5.1.4, §5.8.3 step 1",
                "a cookie goes only to its path and to what is below it",
                Some("ask for a page below its path, or have it set with Path=/"),
            ),
            Reason::DomainMismatch => (
                "§5.1.3, §5.8.3 step 1",
                "a cookie goes to the host that set it, and to hosts below only if it was set with Domain",
                Some(
                    "ask the host that set it; for hosts of one domain, have it set with Domain=that domain",
                ),
            ),
            Reason::Expired => {
                ("§5.7", "its time has passed", Some("have it set anew: log in again, for example"))
            }
            Reason::PublicSuffix => (
                "§5.8.3 step 1",
                "its domain is a public suffix by now, under which anybody can have a name",
                Some("have it set without Domain"),
            ),
            Reason::SameSiteStrict => (
                "§5.2, §5.8.3 step 1",
                "a SameSite=Strict cookie goes only with requests that its own site makes",
                Some(
                    "SameSite=Lax lets it go with links from other sites, SameSite=None; Secure with all requests",
                ),
            ),
            Reason::SameSiteLax => (
                "§5.2, §5.8.3 step 1",
                "a SameSite=Lax cookie goes with requests of other sites only where a link or a GET form leads to the page",
                Some("SameSite=None; Secure, if other sites are meant to use it"),
            ),
            Reason::SameSiteUnspecifiedTreatedAsLax => (
                "§5.6.7, §5.8.3 step 1",
                "a cookie without SameSite counts as SameSite=Lax (but for top-level POSTs in its first two minutes)",
                Some("SameSite=None; Secure, if other sites are meant to use it"),
            ),
            Reason::SchemefulSameSiteStrict
            | Reason::SchemefulSameSiteLax
            | Reason::SchemefulSameSiteUnspecifiedTreatedAsLax => (
                "§5.2, §5.8.3 step 1",
                "http and https of one domain are two sites",
                Some("serve both pages over https"),
            ),
            // Such cookies are in no jar.
            Reason::SameSiteNoneInsecure
            | Reason::OverwriteSecure
            | Reason::InvalidDomain
            | Reason::InvalidPrefix
            | Reason::NameValuePairExceedsMaxSize
            | Reason::DisallowedCharacter
            | Reason::NoCookieContent
            | Reason::SyntaxError => ("§5.7", "such a cookie is not stored", None),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
