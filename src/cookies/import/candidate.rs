//! [`Candidate`]: a cookie of a file, before the rules of a jar are applied.

use std::net::Ipv6Addr;

use cookie_store::{CookieDomain, CookiePath};
use url::Host;

use super::imported::RejectionCause;
use crate::clock::Timestamp;
use crate::cookies::byte_string::ByteString;
use crate::cookies::policy;
use crate::cookies::reason::Reason;
use crate::cookies::same_site::SameSite;
use crate::cookies::set_cookie::cap_expiry;
use crate::cookies::stored_cookie::StoredCookie;
use crate::redact::is_masked;

#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) name: ByteString,
    pub(super) value: ByteString,
    pub(super) domain: String,
    pub(super) host_only: bool,
    pub(super) path: String,
    pub(super) expires: Option<Timestamp>,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) same_site: Option<SameSite>,
}

impl Candidate {
    /// The cookie, if a jar may store it.
    pub(super) fn validate(self, now: Timestamp) -> Result<StoredCookie, RejectionCause> {
        if is_masked(&self.value.to_text()) {
            return Err(RejectionCause::Masked);
        }
        let host = host_in(&self.domain).ok_or(Reason::InvalidDomain)?;
        // An address and `localhost` have no hosts below them, whatever the file says.
        let has_no_subdomains = !matches!(&host, Host::Domain(name) if name != "localhost");
        let is_host_only = self.host_only || has_no_subdomains;
        let domain = if is_host_only { CookieDomain::HostOnly } else { CookieDomain::Suffix };
        let path =
            CookiePath::parse(&self.path).or_else(|| CookiePath::parse("/")).ok_or(Reason::SyntaxError)?;
        let cookie = StoredCookie {
            name: self.name,
            value: self.value,
            domain: domain(host.to_string()),
            path,
            expires: self.expires.map(|expires| cap_expiry(expires, now)),
            secure: self.secure,
            http_only: self.http_only,
            same_site: self.same_site,
            created: now,
            last_used: now,
        };
        if cookie.is_expired(now) {
            return Err(Reason::Expired.into());
        }
        Ok(policy::validate_imported(cookie)?)
    }
}

/// The host in the domain field of a file. The field may have a leading dot or a port. An IPv6 address may lack brackets.
fn host_in(domain: &str) -> Option<Host> {
    let bare_v6 = |text: &str| text.parse::<Ipv6Addr>().ok().map(Host::Ipv6);
    let without_port = domain.rsplit_once(':').filter(|(_, port)| port.bytes().all(|it| it.is_ascii_digit()));
    let without_port = without_port.map(|(host, _)| host);
    if let Some(address) = bare_v6(domain).or_else(|| without_port.and_then(bare_v6)) {
        return Some(address);
    }
    let name = if domain.ends_with(']') { domain } else { without_port.unwrap_or(domain) };
    let name = name.trim_start_matches('.');
    // Python adds `.local` to names without a dot. For other names than this one, `.local` may be the real domain.
    let name = if name == "localhost.local" { "localhost" } else { name };
    Host::parse(name).ok()
}
