//! The rules: may this line be stored (RFC 6265bis §5.7), may this cookie be sent (§5.8.3)?

use std::net::Ipv4Addr;
use std::time::Duration;

use cookie_store::{CookieDomain, CookiePath};
use url::{Host, Url};

use super::reason::Reason;
use super::request_context::{Relation, RequestContext};
use super::set_cookie::{SetCookie, check_content};
use super::stored_cookie::{SameSite, StoredCookie};
use crate::clock::Timestamp;

/// For so long a cookie that says nothing of `SameSite` goes also with a form that another site sends (RFC 6265bis
/// §5.6.7.2): logins by way of another site end with one.
const LAX_ALLOWING_UNSAFE: Duration = Duration::from_secs(120);

/// Steps 2 to 13 of the storage model: the cookie as it would be stored.
pub(super) fn admit(line: SetCookie, url: &Url, now: Timestamp) -> Result<StoredCookie, Reason> {
    if line.name.0.is_empty() && line.value.0.is_empty() {
        return Err(Reason::NoCookieContent); // step 2
    }
    let domain = admit_domain(&line, url)?; // steps 7 to 10
    let cookie = StoredCookie {
        name: line.name,
        value: line.value,
        domain,
        path: line.path.as_deref().and_then(CookiePath::parse).unwrap_or_else(|| default_path(url)), // step 11
        expires: line.expires,
        secure: line.secure,
        http_only: line.http_only,
        same_site: line.same_site,
        created: now,
        last_used: now,
    };
    if cookie.secure && !is_secure(url) { Err(Reason::SecureOnly) } else { Ok(cookie) } // step 13
}

/// Steps 18 to 22. Step 16 comes before them, and needs the jar.
pub(super) fn uphold(
    cookie: &StoredCookie,
    has_path_attribute: bool,
    url: &Url,
    context: &RequestContext,
) -> Result<(), Reason> {
    let relation = || context.relation_to(url);
    if let Some(reason) = context.embedded.then(|| cross_site_reason(cookie.same_site, relation())).flatten()
    {
        Err(reason) // step 18
    } else if cookie.same_site == Some(SameSite::None) && !cookie.secure {
        Err(Reason::SameSiteNoneInsecure) // step 19
    } else if keeps_its_prefix(cookie, has_path_attribute) {
        Ok(())
    } else {
        Err(Reason::InvalidPrefix)
    }
}

/// Whether a cookie that was in another jar may be in this one: what can be asked without the page that set it.
pub(super) fn still_admitted(cookie: StoredCookie) -> Result<StoredCookie, Reason> {
    check_content(&cookie.name.0, &cookie.value.0)?;
    if !cookie.is_host_only() && is_public_suffix(cookie.domain_name()) {
        Err(Reason::PublicSuffix)
    } else if cookie.same_site == Some(SameSite::None) && !cookie.secure {
        Err(Reason::SameSiteNoneInsecure)
    } else if !keeps_its_prefix(&cookie, true) {
        Err(Reason::InvalidPrefix)
    } else {
        Ok(cookie)
    }
}

/// Equal to the same path from an attribute, or from a file: nobody asks later where a path is from.
fn default_path(url: &Url) -> CookiePath {
    let path = CookiePath::default_path(url);
    CookiePath::parse(&path).unwrap_or(path)
}

fn admit_domain(line: &SetCookie, url: &Url) -> Result<CookieDomain, Reason> {
    let host_only = || CookieDomain::host_only(url).map_err(|_| Reason::InvalidDomain);
    let Some(domain) = &line.domain else { return host_only() };
    if !domain.0.is_ascii() {
        return Err(Reason::SyntaxError); // step 8
    }
    let domain = String::from_utf8_lossy(&domain.0).into_owned();
    let is_own_host = url.host_str() == Some(&domain);
    if !is_own_host && domain.contains([':', '/', '"']) {
        return Err(Reason::InvalidDomain); // no name at all: it matches no host
    }
    if is_public_suffix(&domain) && !matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))) {
        // Step 9: a suffix that names itself, as `github.io` may, gets a cookie of its own host.
        return if is_own_host { host_only() } else { Err(Reason::PublicSuffix) };
    }
    let domain = CookieDomain::Suffix(domain);
    if domain.matches(url) { Ok(domain) } else { Err(Reason::InvalidDomain) } // step 10
}

/// Steps 20 to 22, and the two prefixes of the successor draft (RFC 6265bis §5.4 is case-insensitive).
fn keeps_its_prefix(cookie: &StoredCookie, has_path_attribute: bool) -> bool {
    // A nameless cookie whose value looks like a prefixed name would be sent as one.
    if cookie.name.0.is_empty() {
        let value = cookie.value.0.to_ascii_lowercase();
        return ![&b"__secure-"[..], b"__host-", b"__http-", b"__host-http-"]
            .iter()
            .any(|p| value.starts_with(p));
    }
    let name = cookie.name.0.to_ascii_lowercase();
    let of_host = || cookie.secure && cookie.is_host_only() && has_path_attribute && &*cookie.path == "/";
    if name.starts_with(b"__host-http-") {
        of_host() && cookie.http_only
    } else if name.starts_with(b"__host-") {
        of_host()
    } else if name.starts_with(b"__http-") {
        cookie.secure && cookie.http_only
    } else if name.starts_with(b"__secure-") {
        cookie.secure
    } else {
        true
    }
}

/// Step 16: an insecure origin must not store a cookie that could be taken for this secure one.
pub(super) fn would_overlay(new: &StoredCookie, secure: &StoredCookie) -> bool {
    let domains_match = is_below(new.domain_name(), secure.domain_name())
        || is_below(secure.domain_name(), new.domain_name());
    secure.secure && secure.name == new.name && domains_match && path_matches(&new.path, &secure.path)
}

/// Whether a cookie of the jar goes to `url`; the reason if not.
pub(super) fn may_send(
    cookie: &StoredCookie,
    url: &Url,
    context: &RequestContext,
    now: Timestamp,
) -> Result<(), Reason> {
    obstacles(cookie, url, context, now).next().map_or(Ok(()), Err)
}

/// All that keeps a cookie of the jar from `url`; the first is the one that is told.
pub(super) fn obstacles(
    cookie: &StoredCookie,
    url: &Url,
    context: &RequestContext,
    now: Timestamp,
) -> impl Iterator<Item = Reason> {
    const RULES: [Rule; 6] = [expired, domain_mismatch, public_suffix, not_on_path, secure_only, same_site];
    RULES.into_iter().filter_map(move |rule| rule(cookie, url, context, now))
}

type Rule = fn(&StoredCookie, &Url, &RequestContext, Timestamp) -> Option<Reason>;

fn expired(cookie: &StoredCookie, _: &Url, _: &RequestContext, now: Timestamp) -> Option<Reason> {
    cookie.is_expired(now).then_some(Reason::Expired)
}

fn domain_mismatch(cookie: &StoredCookie, url: &Url, _: &RequestContext, _: Timestamp) -> Option<Reason> {
    (!cookie.domain.matches(url)).then_some(Reason::DomainMismatch)
}

fn public_suffix(cookie: &StoredCookie, url: &Url, _: &RequestContext, _: Timestamp) -> Option<Reason> {
    let of_suffix = !cookie.is_host_only() && !is_ip(url) && is_public_suffix(cookie.domain_name());
    of_suffix.then_some(Reason::PublicSuffix)
}

fn not_on_path(cookie: &StoredCookie, url: &Url, _: &RequestContext, _: Timestamp) -> Option<Reason> {
    (!cookie.path.matches(url)).then_some(Reason::NotOnPath)
}

fn secure_only(cookie: &StoredCookie, url: &Url, _: &RequestContext, _: Timestamp) -> Option<Reason> {
    (cookie.secure && !is_secure(url)).then_some(Reason::SecureOnly)
}

fn same_site(cookie: &StoredCookie, url: &Url, context: &RequestContext, now: Timestamp) -> Option<Reason> {
    let is_allowed = match cookie.same_site {
        Some(SameSite::None) => true,
        Some(SameSite::Strict) => false,
        Some(SameSite::Lax) => context.is_like_a_link(),
        None => {
            let is_young = cookie.created <= now && now.since(cookie.created) < LAX_ALLOWING_UNSAFE;
            context.is_like_a_link() || is_young && !context.embedded
        }
    };
    if is_allowed { None } else { cross_site_reason(cookie.same_site, context.relation_to(url)) }
}

/// Why a cookie has no part in a request of another site; `None` for one of the same, and for one that has a part in
/// all.
fn cross_site_reason(same_site: Option<SameSite>, relation: Relation) -> Option<Reason> {
    Some(match (same_site, relation) {
        (Some(SameSite::None), _) | (_, Relation::SameSite) => return None,
        (Some(SameSite::Strict), Relation::CrossSite) => Reason::SameSiteStrict,
        (Some(SameSite::Lax), Relation::CrossSite) => Reason::SameSiteLax,
        (None, Relation::CrossSite) => Reason::SameSiteUnspecifiedTreatedAsLax,
        (Some(SameSite::Strict), Relation::OtherScheme) => Reason::SchemefulSameSiteStrict,
        (Some(SameSite::Lax), Relation::OtherScheme) => Reason::SchemefulSameSiteLax,
        (None, Relation::OtherScheme) => Reason::SchemefulSameSiteUnspecifiedTreatedAsLax,
    })
}

/// https, or this machine: browsers count what cannot leave it as secure.
pub(crate) fn is_secure(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", _) => true,
        (_, Some(Host::Domain(name))) => name == "localhost" || name.ends_with(".localhost"),
        (_, Some(Host::Ipv4(address))) => address.is_loopback(),
        (_, Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

/// The domain that belongs to one owner, such as `example.co.uk`; the host itself when it has none.
pub(super) fn site_of(host: &str) -> &str {
    if host.parse::<Ipv4Addr>().is_ok() || host.starts_with('[') {
        return host;
    }
    // The root's dot says nothing about whose a name is.
    let name = host.strip_suffix('.').unwrap_or(host);
    let site = psl::domain_str(name).unwrap_or(name);
    &host[name.len() - site.len()..]
}

/// Whether anybody can have a name below `domain`. Of a name that the list does not know, such as `localhost` or
/// a company's own top level, the last label is such a one: the list's prevailing rule is `*`.
pub(super) fn is_public_suffix(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    psl::suffix_str(domain).is_some_and(|suffix| suffix == domain)
}

fn is_ip(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)))
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Path-match (§5.1.4).
fn path_matches(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}
