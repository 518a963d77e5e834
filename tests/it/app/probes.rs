//! Probes and metrics: for any host, but never through the public address.

use crate::support::{Home, Serve, get, post};

const PROBES: [(&str, &str); 3] = [("/healthz", "ok\n"), ("/readyz", "ready\n"), ("/metrics", "# ")];

/// As a kubelet asks: by the address of the pod.
const POD: (&str, &str) = ("Host", "10.244.0.5:8000");

#[test]
fn a_probe_for_any_host_is_answered_on_this_machine() {
    let home = Home::new();
    let options = ["--trust-proxy", "10.0.0.0/8", "--public-url", "https://app.example"];
    let server = Serve::with(&home, &options);
    for (path, body) in PROBES {
        let answer = get(&server.address, path, &[POD]);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.body.starts_with(body), "{path}: {}", answer.body);
    }
    assert_eq!(get(&server.address, "/", &[POD]).status, 421, "only probes are for any host");
}

#[test]
fn no_probe_and_no_metrics_are_public() {
    let home = Home::new();
    // A loopback address in --trust-proxy is a proxy, and a proxy that nobody configured adds headers.
    let trusted = Serve::with(&home, &["--trust-proxy", "127.0.0.1", "--public-url", "https://app.example"]);
    let unknown = Serve::start(&home);
    let https = ("X-Forwarded-Proto", "https");
    for (path, _) in PROBES {
        for headers in [&[][..], &[https], &[("X-Forwarded-Proto", "http")], &[POD]] {
            assert_eq!(get(&trusted.address, path, headers).status, 404, "{path} {headers:?}");
        }
        for header in
            [https, ("X-Forwarded-For", "203.0.113.9"), ("Forwarded", "for=203.0.113.9"), ("Via", "1.1 x")]
        {
            assert_eq!(get(&unknown.address, path, &[header]).status, 404, "{path} {header:?}");
        }
    }
}

#[test]
fn probes_and_metrics_have_an_address_of_their_own() {
    let home = Home::new();
    let options = ["--trust-proxy", "127.0.0.1", "--public-url", "https://app.example"];
    let options = [&options[..], &["--admin-bind", "127.0.0.1:0"]].concat();
    let mut server = Serve::with(&home, &options);
    let admin = server.line_on_stderr("probes and metrics at http://");
    let https = ("X-Forwarded-Proto", "https");
    let login = post(&server.address, "/login", &[("Host", "app.example"), https], "username=alice");
    assert_eq!(login.status, 303);
    for (path, body) in PROBES {
        let answer = get(&admin, path, &[POD]);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.body.starts_with(body), "{path}: {}", answer.body);
        assert_eq!(get(&server.address, path, &[https]).status, 404, "{path}");
    }
    let metrics = get(&admin, "/metrics", &[]).body;
    assert!(metrics.contains("sessctl_sessions_made_total 1"), "{metrics}");
    for path in ["/", "/session", "/sessions", "/metrics/x"] {
        assert_eq!(get(&admin, path, &[]).status, 404, "{path}");
    }
    assert_eq!(post(&admin, "/login", &[], "username=alice").status, 404);
    let (status, _) = server.stop();
    assert!(status.success());
    home.line("serve --admin-bind nowhere").exits(2).says("write --admin-bind ADDRESS:PORT");
}

#[test]
fn the_inspector_answers_no_proxy() {
    let home = Home::new();
    let mut server = Serve::with(&home, &["--inspect"]);
    let path = server.inspector();
    assert_eq!(get(&server.address, &path, &[("Host", "localhost")]).status, 200);
    let forwarded = [("Host", "localhost"), ("X-Forwarded-For", "203.0.113.9")];
    assert_eq!(get(&server.address, &path, &forwarded).status, 403);
    let mut behind = Serve::with(&home, &["--inspect", "--trust-proxy", "127.0.0.1"]);
    let path = behind.inspector();
    assert_eq!(get(&behind.address, &path, &[("Host", "localhost")]).status, 403);
}
