//! [`TrustedProxies`]: the client address and scheme of a request that a proxy forwarded.
//!
//! `X-Forwarded-For`, `X-Forwarded-Proto` and `Forwarded` (RFC 7239) count only if a trusted proxy wrote them. A client
//! can forge every entry before the rightmost address that is not a trusted proxy.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;
use thiserror::Error;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The networks of the proxies whose forwarding headers count.
///
/// ```
/// use sessctl::web::TrustedProxies;
///
/// let proxies = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
/// let mut headers = http::HeaderMap::new();
/// headers.insert("x-forwarded-for", "203.0.113.9".parse().unwrap());
/// let request = proxies.forwarded("10.0.0.1".parse().unwrap(), &headers).unwrap();
/// assert_eq!(request.client.to_string(), "203.0.113.9");
/// ```
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<IpNet>);

/// The client and scheme of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForwardedRequest {
    /// The client: the rightmost address that is not a trusted proxy.
    pub client: IpAddr,
    /// Whether the client used TLS. `None` if no trusted proxy reports it.
    pub secure: Option<bool>,
    /// Whether a trusted proxy forwarded the request.
    pub proxied: bool,
}

/// The headers of a trusted proxy do not show where the request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ForwardedError {
    /// `Forwarded` and `X-Forwarded-…` disagree. A proxy that writes only one of them passes the other one on as the client
    /// sent it.
    #[error(
        "the headers Forwarded and X-Forwarded-For contradict each other; let the proxy remove the one it does not set"
    )]
    Conflict,
    /// A header is not ASCII. A proxy that appends to it passes on what the client sent.
    #[error("the header {0} is not ASCII")]
    NotAscii(&'static str),
}

/// The text is not a network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not a network or an address; write for example 10.0.0.0/8, ::1 or 192.168.1.7")]
pub struct InvalidNetwork(String);

impl TrustedProxies {
    /// Reads networks (`10.0.0.0/8`) and single addresses.
    ///
    /// ```
    /// # use sessctl::web::TrustedProxies;
    /// assert!(TrustedProxies::parse(["10.0.0.0/8", "fd00::/8", "192.0.2.7"]).is_ok());
    /// assert!(TrustedProxies::parse(["10.0.0.0/33"]).is_err());
    /// ```
    ///
    /// # Errors
    /// [`InvalidNetwork`] if one cannot be read.
    pub fn parse<'a>(networks: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidNetwork> {
        let network = |text: &'a str| {
            let network = text.trim().parse::<IpNet>().ok();
            let network = network.or_else(|| text.trim().parse::<IpAddr>().ok().map(IpNet::from));
            network.ok_or_else(|| InvalidNetwork(text.to_owned()))
        };
        networks.into_iter().map(network).collect::<Result<_, _>>().map(TrustedProxies)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The client and scheme of a request from `peer` with these headers.
    ///
    /// ```
    /// # use sessctl::web::TrustedProxies;
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let proxies = TrustedProxies::parse(["10.0.0.1"])?;
    /// let mut headers = http::HeaderMap::new();
    /// headers.insert("forwarded", "for=198.51.100.1, for=203.0.113.9;proto=https".parse()?);
    ///
    /// let request = proxies.forwarded("10.0.0.1".parse()?, &headers)?; // the client wrote the first entry itself
    /// assert_eq!((request.client, request.secure), ("203.0.113.9".parse()?, Some(true)));
    /// let direct = proxies.forwarded("192.0.2.8".parse()?, &headers)?; // not from the proxy: the header does not count
    /// assert_eq!((direct.client, direct.proxied), ("192.0.2.8".parse()?, false));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ForwardedError`] if the headers of a trusted proxy contradict each other or are not ASCII.
    pub fn forwarded(&self, peer: IpAddr, headers: &HeaderMap) -> Result<ForwardedRequest, ForwardedError> {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return Ok(ForwardedRequest { client: peer, secure: None, proxied: false });
        }
        for name in ["X-Forwarded-For", "X-Forwarded-Proto", "Forwarded"] {
            if headers.get_all(name).iter().any(|value| value.to_str().is_err()) {
                return Err(ForwardedError::NotAscii(name));
            }
        }
        let x_forwarded = self.walk(peer, x_forwarded_hops(headers));
        let forwarded = self.walk(peer, forwarded_hops(headers));
        let (client, secure) = match (x_forwarded, forwarded) {
            (Some(one), Some(other)) if one.0 != other.0 => return Err(ForwardedError::Conflict),
            (Some(one), Some(other)) if one.1.is_some() && other.1.is_some() && one.1 != other.1 => {
                return Err(ForwardedError::Conflict);
            }
            (Some(one), Some(other)) => (one.0, one.1.or(other.1)),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => (peer, scheme_without_address(headers)),
        };
        Ok(ForwardedRequest { client, secure, proxied: true })
    }

    /// Walks back from the nearest hop to the first one that is not trusted. `None` if there are no hops. The walk stops
    /// at an entry that is not an address: earlier entries cannot be trusted.
    fn walk(&self, peer: IpAddr, hops: Vec<Hop>) -> Option<(IpAddr, Option<bool>)> {
        if hops.is_empty() {
            return None;
        }
        let mut client = (peer, None);
        for (nth, hop) in hops.into_iter().rev().enumerate() {
            let Some(address) = hop.address else {
                // The proxy hides the client (`_hidden`, `unknown`), but reports the scheme.
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

/// One entry, as the next proxy wrote it.
#[derive(Debug)]
struct Hop {
    address: Option<IpAddr>,
    secure: Option<bool>,
}

fn values<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Vec<&'a str> {
    let all = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(',')).map(str::trim).filter(|value| !value.is_empty()).collect()
}

fn x_forwarded_hops(headers: &HeaderMap) -> Vec<Hop> {
    let (addresses, schemes) = (values(headers, &X_FORWARDED_FOR), values(headers, &X_FORWARDED_PROTO));
    let secure = |index: usize| {
        // Some proxies add one scheme per hop; most write one for the whole path.
        let scheme = if schemes.len() == addresses.len() { schemes.get(index) } else { schemes.last() };
        scheme.and_then(|scheme| is_secure(scheme))
    };
    let hop = |(index, text): (usize, &&str)| Hop { address: address_in(text), secure: secure(index) };
    addresses.iter().enumerate().map(hop).collect()
}

/// `X-Forwarded-Proto` without an address.
fn scheme_without_address(headers: &HeaderMap) -> Option<bool> {
    values(headers, &X_FORWARDED_PROTO).last().and_then(|scheme| is_secure(scheme))
}

/// `for=192.0.2.43;proto=https, for="[2001:db8::1]:4711"` (RFC 7239 §4).
fn forwarded_hops(headers: &HeaderMap) -> Vec<Hop> {
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

/// An address with or without a port.
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
