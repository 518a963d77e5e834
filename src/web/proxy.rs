//! [`TrustedProxies`]: who really asks, where a proxy stands in between.
//!
//! What `X-Forwarded-For`, `X-Forwarded-Proto` and `Forwarded` (RFC 7239) say counts only from a proxy that is trusted,
//! and only as far as trusted ones have written it: whatever stands before the rightmost address that is not trusted was
//! written by somebody who may lie.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use thiserror::Error;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The proxies whose word is taken.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// What is known of a request that may have come by a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Who asks: the rightmost address that is no trusted proxy's.
    pub client: IpAddr,
    /// Whether it came over TLS; `None`: nobody who is trusted says.
    pub secure: Option<bool>,
    /// Whether a trusted proxy handed it on.
    pub proxied: bool,
}

/// `Forwarded` and `X-Forwarded-…` say different things: a proxy that writes only one of them has handed the other one
/// on as the client wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("Forwarded and X-Forwarded-For contradict each other")]
pub struct Contradiction;

/// It is no network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no network; write 10.0.0.0/8, ::1 or 192.168.1.7")]
pub struct BadNetwork(String);

impl TrustedProxies {
    /// Those in these networks: `10.0.0.0/8`, or single addresses.
    ///
    /// # Errors
    /// [`BadNetwork`], when one is none.
    pub fn parse<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Self, BadNetwork> {
        let network = |text: &'a str| {
            let network = text.trim().parse::<IpNet>().ok();
            let network = network.or_else(|| text.trim().parse::<IpAddr>().ok().map(IpNet::from));
            network.ok_or_else(|| BadNetwork(text.to_owned()))
        };
        networks.into_iter().map(network).collect::<Result<_, _>>().map(TrustedProxies)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Who sent a request that came from `peer` with these headers.
    ///
    /// # Errors
    /// [`Contradiction`], when the headers of a trusted proxy contradict each other.
    pub fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> Result<Origin, Contradiction> {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Ok(Origin { client: peer, secure: None, proxied: false });
        }
        let classic = self.walk(peer, classic_hops(headers));
        let standard = self.walk(peer, standard_hops(headers));
        let (client, secure) = match (classic, standard) {
            (Some(one), Some(other)) if one.0 != other.0 => return Err(Contradiction),
            (Some(one), Some(other)) if one.1.is_some() && other.1.is_some() && one.1 != other.1 => {
                return Err(Contradiction);
            }
            (Some(one), Some(other)) => (one.0, one.1.or(other.1)),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => (peer, said_alone(headers)),
        };
        Ok(Origin { client, secure, proxied: true })
    }

    /// From the nearest hop back to the first that is not trusted. `None` where there are no hops. What is no address
    /// ends the way: nothing before it can be believed.
    fn walk(&self, peer: IpAddr, hops: Vec<Hop>) -> Option<(IpAddr, Option<bool>)> {
        if hops.is_empty() {
            return None;
        }
        let mut client = (peer, None);
        for (nth, hop) in hops.into_iter().rev().enumerate() {
            let Some(address) = hop.address else {
                // The proxy hides who asked (`_hidden`, `unknown`), but says how.
                return Some(if nth == 0 { (peer, hop.secure) } else { client });
            };
            client = (address.to_canonical(), hop.secure);
            if !self.trusts(address) {
                break;
            }
        }
        Some(client)
    }
}

/// One step of the way, as the proxy after it has written it down.
#[derive(Debug)]
struct Hop {
    address: Option<IpAddr>,
    secure: Option<bool>,
}

fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let all = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty()).collect()
}

fn classic_hops(headers: &HeaderMap) -> Vec<Hop> {
    let (addresses, schemes) = (values(headers, &X_FORWARDED_FOR), values(headers, &X_FORWARDED_PROTO));
    let secure = |index: usize| {
        // Each proxy may have added one; most write one for the whole way.
        let scheme = if schemes.len() == addresses.len() { schemes.get(index) } else { schemes.last() };
        scheme.and_then(|scheme| is_secure(scheme))
    };
    let hop = |(index, text): (usize, &&str)| Hop { address: address_in(text), secure: secure(index) };
    addresses.iter().enumerate().map(hop).collect()
}

/// `X-Forwarded-Proto` without an address.
fn said_alone(headers: &HeaderMap) -> Option<bool> {
    values(headers, &X_FORWARDED_PROTO).last().and_then(|scheme| is_secure(scheme))
}

/// `for=192.0.2.43;proto=https, for="[2001:db8::1]:4711"` (RFC 7239 §4).
fn standard_hops(headers: &HeaderMap) -> Vec<Hop> {
    let hop = |element: &str| {
        let mut hop = Hop { address: None, secure: None };
        for pair in element.split(';') {
            let Some((name, value)) = pair.split_once('=') else { continue };
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "for" => hop.address = address_in(value),
                "proto" => hop.secure = is_secure(value),
                _ => {}
            }
        }
        hop
    };
    values(headers, &http::header::FORWARDED).into_iter().map(hop).collect()
}

/// An address, perhaps with a port.
fn address_in(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

fn is_secure(scheme: &str) -> Option<bool> {
    match scheme.to_ascii_lowercase().as_str() {
        "https" | "wss" => Some(true),
        "http" | "ws" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(peer: &str, headers: &[(&str, &str)]) -> Result<(String, Option<bool>), Contradiction> {
        let proxies = TrustedProxies::parse(["10.0.0.0/8", "::1"]).unwrap();
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let origin = proxies.origin(peer.parse().unwrap(), &map)?;
        Ok((origin.client.to_string(), origin.secure))
    }

    #[test]
    fn the_rightmost_address_that_is_not_trusted_is_the_client() {
        let client = |address: &str, secure| Ok((address.to_owned(), secure));
        let lie = ("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.7");
        assert_eq!(origin("10.0.0.1", &[lie]), client("203.0.113.9", None));
        assert_eq!(origin("198.51.100.1", &[lie]), client("198.51.100.1", None), "nobody trusts that peer");
        assert_eq!(origin("::ffff:10.0.0.1", &[lie]), client("203.0.113.9", None));
        let https = ("x-forwarded-proto", "https");
        assert_eq!(origin("::1", &[lie, https]), client("203.0.113.9", Some(true)));
        assert_eq!(origin("10.0.0.1", &[https]), client("10.0.0.1", Some(true)));
        let two = ("x-forwarded-for", "10.0.0.9");
        assert_eq!(origin("10.0.0.1", &[lie, two]), client("203.0.113.9", None), "two fields are one list");
        assert_eq!(
            origin("10.0.0.1", &[("x-forwarded-for", "nonsense, 10.0.0.2")]),
            client("10.0.0.2", None)
        );
        let standard = ("forwarded", "for=1.1.1.1;proto=http, for=\"[2001:db8::1]:4711\";proto=https");
        assert_eq!(origin("10.0.0.1", &[standard]), client("2001:db8::1", Some(true)));
        assert_eq!(origin("10.0.0.1", &[standard, lie]), Err(Contradiction));
        assert_eq!(origin("10.0.0.1", &[]), client("10.0.0.1", None));
        let hidden = ("forwarded", "for=_hidden;proto=http");
        assert_eq!(origin("10.0.0.1", &[hidden]), client("10.0.0.1", Some(false)));
        let unknown = [("x-forwarded-for", "unknown"), ("x-forwarded-proto", "http")];
        assert_eq!(origin("10.0.0.1", &unknown), client("10.0.0.1", Some(false)));
        let each = [("x-forwarded-for", "203.0.113.9, 10.0.0.7"), ("x-forwarded-proto", "http, https")];
        assert_eq!(origin("10.0.0.1", &each), client("203.0.113.9", Some(false)));
    }

    #[test]
    fn networks_are_read_in_both_forms() {
        for bad in ["", "10.0.0.0/33", "proxy.example", "10.0.0"] {
            assert!(TrustedProxies::parse([bad]).is_err(), "{bad}");
        }
    }
}
