//! The guard: cross-site requests, and requests for other hosts.

use http::{Request, Version};
use sessctl::web::{Guard, Rejection};

fn check(guard: &Guard, method: &str, headers: &[(&str, &str)]) -> Result<(), Rejection> {
    let mut request = Request::builder().method(method).uri("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    guard.check(&request.body(()).unwrap())
}

const US: (&str, &str) = ("host", "127.0.0.1:8000");

#[test]
fn cross_site_posts_are_rejected() {
    let guard = Guard::default();
    let cross = Err(Rejection::CrossSite);
    for (header, expected) in [
        (("sec-fetch-site", "same-origin"), Ok(())),
        (("sec-fetch-site", "none"), Ok(())),
        (("sec-fetch-site", "same-site"), cross),
        (("sec-fetch-site", "cross-site"), cross),
        (("origin", "http://127.0.0.1:8000"), Ok(())),
        (("origin", "http://127.0.0.1:8001"), cross),
        (("origin", "https://127.0.0.1:8000"), cross),
        (("origin", "http://evil.example"), cross),
        (("origin", "null"), cross),
        (("accept", "*/*"), Ok(())),
    ] {
        assert_eq!(check(&guard, "POST", &[US, header]), expected, "{header:?}");
        assert_eq!(check(&guard, "GET", &[US, header]), Ok(()), "{header:?}");
    }
    // Sec-Fetch-Site takes precedence over Origin.
    let both = [US, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8000")];
    assert_eq!(check(&guard, "POST", &both), cross);
}

#[test]
fn origins_are_equal_without_regard_to_case_and_default_port() {
    let guard = Guard::new(true, None, None);
    for (host, origin) in [("Example.org", "https://example.org"), ("example.org:443", "https://example.org")]
    {
        assert_eq!(check(&guard, "POST", &[("host", host), ("origin", origin)]), Ok(()));
    }
    let downgraded = [("host", "example.org"), ("origin", "http://example.org")];
    assert_eq!(check(&guard, "POST", &downgraded), Err(Rejection::CrossSite));
}

#[test]
fn behind_a_proxy_the_public_origin_counts() {
    let guard = Guard::new(true, None, Some("https://app.example".into()));
    let host = ("host", "10.0.0.5:8000");
    assert_eq!(check(&guard, "POST", &[host, ("origin", "https://app.example")]), Ok(()));
    for origin in ["https://10.0.0.5:8000", "http://app.example", "null", "https://app.example.evil"] {
        assert_eq!(check(&guard, "POST", &[host, ("origin", origin)]), Err(Rejection::CrossSite), "{origin}");
    }
}

#[test]
fn only_configured_hosts_are_served() {
    let guard = Guard::new(false, Some(vec!["app.test".into()]), None);
    for host in ["localhost", "LOCALHOST.:80", "a.localhost:1", "127.9.9.9", "[::1]:8000", "App.Test:8000"] {
        assert_eq!(check(&guard, "GET", &[("host", host)]), Ok(()), "{host}");
    }
    for host in ["evil.example", "localhost.evil.example", "notlocalhost", "127.0.0.1.evil.example", "[::2]"]
    {
        assert_eq!(check(&guard, "GET", &[("host", host)]), Err(Rejection::UnknownHost), "{host}");
    }
}

#[test]
fn a_request_needs_exactly_one_valid_host() {
    let guard = Guard::default();
    for headers in [
        &[][..],
        &[US, US],
        &[("host", "")],
        &[("host", "a b")],
        &[("host", "u@localhost")],
        &[("host", "evil.example:.localhost")],
        &[("host", ":80")],
    ] {
        assert_eq!(check(&guard, "GET", headers), Err(Rejection::NoHost), "{headers:?}");
    }
    let old = Request::builder().version(Version::HTTP_10).body(()).unwrap();
    assert_eq!(guard.check(&old), Ok(()));
}

#[test]
fn pages_without_tls_are_foreign_to_a_tls_server() {
    let mut guard = Guard::new(true, None, None);
    let plain = [("host", "localhost"), ("origin", "http://localhost")];
    assert_eq!(check(&guard, "POST", &plain), Err(Rejection::CrossSite));
    guard.plain_loopback = true;
    assert_eq!(check(&guard, "POST", &plain), Ok(()));
    assert_eq!(
        check(&guard, "POST", &[("host", "app.test"), ("origin", "http://app.test")]),
        Err(Rejection::CrossSite)
    );
}
