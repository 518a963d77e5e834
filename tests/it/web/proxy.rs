//! The client address and scheme of forwarded requests.

use http::{HeaderMap, HeaderName, HeaderValue};
use sessctl::web::{ForwardedError, TrustedProxies};

fn forwarded(peer: &str, headers: &[(&str, &str)]) -> Result<(String, Option<bool>), ForwardedError> {
    let proxies = TrustedProxies::parse(["10.0.0.0/8", "::1"]).unwrap();
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_bytes(value.as_bytes()).unwrap(),
        );
    }
    let request = proxies.forwarded(peer.parse().unwrap(), &map)?;
    Ok((request.client.to_string(), request.secure))
}

#[test]
fn the_rightmost_address_that_is_not_trusted_is_the_client() {
    let client = |address: &str, secure| Ok((address.to_owned(), secure));
    let forged = ("x-forwarded-for", "1.1.1.1, 203.0.113.9, 10.0.0.7");
    assert_eq!(forwarded("10.0.0.1", &[forged]), client("203.0.113.9", None));
    assert_eq!(forwarded("198.51.100.1", &[forged]), client("198.51.100.1", None), "the peer is not trusted");
    assert_eq!(forwarded("::ffff:10.0.0.1", &[forged]), client("203.0.113.9", None));
    let https = ("x-forwarded-proto", "https");
    assert_eq!(forwarded("::1", &[forged, https]), client("203.0.113.9", Some(true)));
    assert_eq!(forwarded("10.0.0.1", &[https]), client("10.0.0.1", Some(true)));
    let two = ("x-forwarded-for", "10.0.0.9");
    assert_eq!(
        forwarded("10.0.0.1", &[forged, two]),
        client("203.0.113.9", None),
        "two headers are one list"
    );
    assert_eq!(forwarded("10.0.0.1", &[("x-forwarded-for", "nonsense, 10.0.0.2")]), client("10.0.0.2", None));
    let rfc7239 = ("forwarded", "for=1.1.1.1;proto=http, for=\"[2001:db8::1]:4711\";proto=https");
    assert_eq!(forwarded("10.0.0.1", &[rfc7239]), client("2001:db8::1", Some(true)));
    assert_eq!(forwarded("10.0.0.1", &[rfc7239, forged]), Err(ForwardedError::Conflict));
    assert_eq!(forwarded("10.0.0.1", &[]), client("10.0.0.1", None));
    // The client sent the first part, so the whole header must not be dropped.
    for name in ["x-forwarded-for", "x-forwarded-proto", "forwarded"] {
        let error = forwarded("10.0.0.1", &[(name, "\u{ff}, 203.0.113.9")]).unwrap_err();
        assert!(error.to_string().to_lowercase().contains(name), "{error}");
        assert!(forwarded("198.51.100.1", &[(name, "\u{ff}")]).is_ok(), "the peer is not trusted");
    }
    let hidden = ("forwarded", "for=_hidden;proto=http");
    assert_eq!(forwarded("10.0.0.1", &[hidden]), client("10.0.0.1", Some(false)));
    let unknown = [("x-forwarded-for", "unknown"), ("x-forwarded-proto", "http")];
    assert_eq!(forwarded("10.0.0.1", &unknown), client("10.0.0.1", Some(false)));
    let each = [("x-forwarded-for", "203.0.113.9, 10.0.0.7"), ("x-forwarded-proto", "http, https")];
    assert_eq!(forwarded("10.0.0.1", &each), client("203.0.113.9", Some(false)));
}

#[test]
fn invalid_networks_are_rejected() {
    for bad in ["", "10.0.0.0/33", "proxy.example", "10.0.0"] {
        assert!(TrustedProxies::parse([bad]).is_err(), "{bad}");
    }
}
