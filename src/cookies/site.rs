//! What a site is: registrable domains, public suffixes, secure origins (RFC 6265bis §5.2).

use std::net::Ipv4Addr;

use url::{Host, Url};

/// How the site of one URL relates to the site of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SiteRelation {
    SameSite,
    /// The same registrable domain, but one over http and one over https.
    OtherScheme,
    CrossSite,
}

pub(super) fn relation(initiator: &Url, url: &Url) -> SiteRelation {
    match (
        initiator.host_str().map(site_of) == url.host_str().map(site_of),
        initiator.scheme() == url.scheme(),
    ) {
        (true, true) => SiteRelation::SameSite,
        (true, false) => SiteRelation::OtherScheme,
        (false, _) => SiteRelation::CrossSite,
    }
}

/// Whether two URLs are of different sites, whatever their schemes are.
#[cfg(feature = "client")]
pub(crate) fn is_cross_site(one: &Url, other: &Url) -> bool {
    relation(one, other) == SiteRelation::CrossSite
}

/// The registrable domain of a host, such as `example.co.uk`; the host itself if it has none.
pub(super) fn site_of(host: &str) -> &str {
    if host.parse::<Ipv4Addr>().is_ok() || host.starts_with('[') {
        return host;
    }
    // The dot of the root zone does not change the owner of a name.
    let name = host.strip_suffix('.').unwrap_or(host);
    let site = psl::domain_str(name).unwrap_or(name);
    host.get(name.len().saturating_sub(site.len())..).unwrap_or(host)
}

/// Whether anyone can register a name below `domain`. If the list does not know a name, such as `localhost`, its last
/// label is the suffix: the list's default rule is `*`.
pub(super) fn is_public_suffix(domain: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    psl::suffix_str(domain).is_some_and(|suffix| suffix == domain)
}

/// Whether the URL is a secure origin: https, or a loopback host, as in browsers.
pub fn is_secure(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

/// Whether the URL is on this machine: nobody else can read what is sent there.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

pub(super) fn is_ip(url: &Url) -> bool {
    matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_)))
}
