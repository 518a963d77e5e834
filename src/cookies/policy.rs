//! The rules: whether a cookie may be stored (RFC 6265bis §5.7), and whether it may be sent (§5.8.3).

use std::time::Duration;

use cookie_store::{CookieDomain, CookiePath};
use url::Url;

use super::decision::SendReason;
use super::reason::Reason;
use super::request_context::RequestContext;
use super::same_site::SameSite;
use super::set_cookie::{SetCookie, check_content};
use super::site::{SiteRelation, is_ip, is_public_suffix, is_secure};
use super::stored_cookie::StoredCookie;
use super::warning::{Warning, WarningKind};
use crate::clock::Timestamp;

/// A cookie of this age without `SameSite` is also sent with a POST that another site makes (§5.6.7.2): logins through
/// another site end with one.
const LAX_ALLOWING_UNSAFE: Duration = Duration::from_secs(120);

/// Steps 2 to 13 of the storage model (§5.7): the cookie to be stored.
pub(super) fn validate(
    line: SetCookie,
    url: &Url,
    now: Timestamp,
    warnings: &mut Vec<Warning>,
) -> Result<StoredCookie, Reason> {
    if line.name.0.is_empty() && line.value.0.is_empty() {
        return Err(Reason::NoCookieContent); // step 2
    }
    let domain = validate_domain(&line, url)?; // steps 7 to 10
    let path = line.path.as_deref().and_then(CookiePath::parse); // step 11
    let cookie = StoredCookie {
        name: line.name,
        value: line.value,
        domain,
        path: path.clone().unwrap_or_else(|| default_path(url)),
        expires: line.expires,
        secure: line.secure,
        http_only: line.http_only,
        same_site: line.same_site,
        created: now,
        last_used: now,
    };
    if cookie.secure && !is_secure(url) {
        return Err(Reason::SecureOnly); // step 13
    }
    if line.partitioned && !line.secure {
        return Err(Reason::InsecurePartitioned);
    }
    if line.domain.is_some() && cookie.is_host_only() {
        warnings.push(WarningKind::DomainIsPublicSuffix.into());
    }
    if path.is_none() {
        warnings.push(Warning::about(WarningKind::DefaultPath, cookie.path()));
    }
    Ok(cookie)
}

/// Steps 18 to 22. Step 16, which precedes them, is [`would_overlay`].
pub(super) fn check_prefix_and_same_site(
    cookie: &StoredCookie,
    has_path_attribute: bool,
    url: &Url,
    context: &RequestContext,
) -> Result<(), Reason> {
    if context.embedded
        && let Some(reason) = cross_site_reason(cookie.same_site, context.relation_to(url))
    {
        Err(reason) // step 18
    } else if cookie.same_site == Some(SameSite::None) && !cookie.secure {
        Err(Reason::SameSiteNoneInsecure) // step 19
    } else if !meets_its_prefix(cookie, has_path_attribute) {
        Err(Reason::InvalidPrefix) // steps 20 to 22
    } else if is_ambiguous(cookie) {
        Err(Reason::AmbiguousNamelessCookie)
    } else {
        Ok(())
    }
}

/// Whether a nameless cookie would be sent like one with a name.
fn is_ambiguous(cookie: &StoredCookie) -> bool {
    cookie.name.0.is_empty() && cookie.value.0.iter().any(|byte| b"=\t".contains(byte))
}

/// The rules that apply to a cookie from another jar, whose response is unknown.
pub(super) fn validate_imported(cookie: StoredCookie) -> Result<StoredCookie, Reason> {
    check_content(&cookie.name.0, &cookie.value.0)?;
    if !cookie.is_host_only() && is_public_suffix(cookie.domain_name()) {
        Err(Reason::PublicSuffix)
    } else if cookie.same_site == Some(SameSite::None) && !cookie.secure {
        Err(Reason::SameSiteNoneInsecure)
    } else if !meets_its_prefix(&cookie, true) {
        Err(Reason::InvalidPrefix)
    } else if is_ambiguous(&cookie) {
        Err(Reason::AmbiguousNamelessCookie)
    } else {
        Ok(cookie)
    }
}

/// The default path (§5.1.4), equal to the same path from an attribute: `CookiePath` records the difference.
fn default_path(url: &Url) -> CookiePath {
    let path = CookiePath::default_path(url);
    CookiePath::parse(&path).unwrap_or(path)
}

fn validate_domain(line: &SetCookie, url: &Url) -> Result<CookieDomain, Reason> {
    let host_only = || CookieDomain::host_only(url).map_err(|_| Reason::InvalidDomain);
    let Some(domain) = &line.domain else { return host_only() };
    if !domain.0.is_ascii() {
        return Err(Reason::SyntaxError); // step 8
    }
    let domain = domain.to_text().into_owned();
    let is_own_host = url.host_str() == Some(&domain);
    if !is_own_host && domain.contains([':', '/', '"']) {
        return Err(Reason::InvalidDomain); // not a host name, so it matches no host
    }
    if is_public_suffix(&domain) && !is_ip(url) {
        // Step 9: a host that is itself a public suffix, such as `github.io`, gets a host-only cookie.
        return if is_own_host { host_only() } else { Err(Reason::PublicSuffix) };
    }
    let domain = CookieDomain::Suffix(domain);
    if domain.matches(url) { Ok(domain) } else { Err(Reason::InvalidDomain) } // step 10
}

/// Steps 20 to 22, and the prefixes `__Http-` and `__Host-Http-` of the successor draft. Case does not matter (§5.4).
fn meets_its_prefix(cookie: &StoredCookie, has_path_attribute: bool) -> bool {
    const PREFIXES: [&[u8]; 4] = [b"__host-http-", b"__host-", b"__http-", b"__secure-"];
    let prefix_of = |text: &[u8]| {
        let is = |it: &&[u8]| text.get(..it.len()).is_some_and(|start| start.eq_ignore_ascii_case(it));
        PREFIXES.into_iter().find(is)
    };
    // A nameless cookie is sent as its value, so a value with a prefix could pass for a prefixed name.
    if cookie.name.0.is_empty() {
        return prefix_of(&cookie.value.0).is_none();
    }
    let is_host = || cookie.is_host_only() && has_path_attribute && cookie.path() == "/";
    match prefix_of(&cookie.name.0) {
        Some(b"__host-http-") => cookie.secure && is_host() && cookie.http_only,
        Some(b"__host-") => cookie.secure && is_host(),
        Some(b"__http-") => cookie.secure && cookie.http_only,
        Some(_) => cookie.secure,
        None => true,
    }
}

/// Step 16: an insecure origin must not store a cookie that could pass for this secure one.
pub(super) fn would_overlay(new: &StoredCookie, secure: &StoredCookie) -> bool {
    let domains_match = is_below(new.domain_name(), secure.domain_name())
        || is_below(secure.domain_name(), new.domain_name());
    secure.secure && secure.name == new.name && domains_match && path_matches(&new.path, &secure.path)
}

/// Why a cookie is not sent to `url`, most important reason first; none if it is sent.
pub(super) fn reasons_to_withhold(
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
        Some(SameSite::Lax) => context.is_safe_navigation(),
        None => {
            let is_young = cookie.created <= now && now.since(cookie.created) < LAX_ALLOWING_UNSAFE;
            context.is_safe_navigation() || is_young && !context.embedded
        }
    };
    if is_allowed { None } else { cross_site_reason(cookie.same_site, context.relation_to(url)) }
}

/// Why a cookie that is not withheld is sent with a request of another site; `None` for a request of the same site.
pub(super) fn reason_to_send(
    cookie: &StoredCookie,
    url: &Url,
    context: &RequestContext,
) -> Option<SendReason> {
    if context.is_same_site(url) {
        return None;
    }
    Some(match cookie.same_site {
        Some(SameSite::None) => SendReason::SameSiteNone,
        None if !context.is_safe_navigation() => SendReason::LaxAllowingUnsafe,
        _ => SendReason::SafeNavigation,
    })
}

/// Why `SameSite` excludes a cookie from a request; `None` if it does not.
fn cross_site_reason(same_site: Option<SameSite>, relation: SiteRelation) -> Option<Reason> {
    Some(match (same_site, relation) {
        (Some(SameSite::None), _) | (_, SiteRelation::SameSite) => return None,
        (Some(SameSite::Strict), SiteRelation::CrossSite) => Reason::SameSiteStrict,
        (Some(SameSite::Lax), SiteRelation::CrossSite) => Reason::SameSiteLax,
        (None, SiteRelation::CrossSite) => Reason::SameSiteUnspecifiedTreatedAsLax,
        (Some(SameSite::Strict), SiteRelation::OtherScheme) => Reason::SchemefulSameSiteStrict,
        (Some(SameSite::Lax), SiteRelation::OtherScheme) => Reason::SchemefulSameSiteLax,
        (None, SiteRelation::OtherScheme) => Reason::SchemefulSameSiteUnspecifiedTreatedAsLax,
    })
}

fn is_below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// §5.1.4
fn path_matches(path: &str, cookie_path: &str) -> bool {
    path.strip_prefix(cookie_path)
        .is_some_and(|rest| rest.is_empty() || cookie_path.ends_with('/') || rest.starts_with('/'))
}
