//! Details of HTTP: targets and hosts that are not valid, challenges, and when to try again.

use crate::support::{Home, Serve, exchange, get, post};

#[test]
fn invalid_targets_and_hosts_are_rejected() {
    let home = Home::new();
    let server = Serve::start(&home);
    let (rejected, host) = (400, format!("Host: {}\r\n", server.address));
    for (line, fields, status) in [
        ("GET / HTTP/1.1", host.clone(), 200),
        ("GET http://127.0.0.1/ HTTP/1.1", host.clone(), 200),
        ("GET http://evil.example/ HTTP/1.1", host.clone(), 421),
        ("GET / HTTP/1.0", String::new(), 200),
        ("GET http://127.0.0.1/ HTTP/1.1", String::new(), rejected),
        ("GET http://127.0.0.1/ HTTP/1.1", format!("{host}{host}"), rejected),
        ("GET http://a@127.0.0.1/ HTTP/1.1", host.clone(), rejected),
        ("GET 127.0.0.1:8000 HTTP/1.1", host.clone(), rejected),
        ("GET * HTTP/1.1", host.clone(), rejected),
        ("GET / HTTP/1.1", "Host: evil.example:.localhost\r\n".to_owned(), rejected),
        ("GET / HTTP/1.1", "Host: localhost:80:80\r\n".to_owned(), rejected),
        ("GET / HTTP/1.1", "Host: [::1\r\n".to_owned(), rejected),
        ("GET / HTTP/1.1", "Host: [::1]x\r\n".to_owned(), rejected),
        ("GET / HTTP/1.1", "Host: [::1]:80\r\n".to_owned(), 200),
    ] {
        let request = format!("{line}\r\n{fields}Connection: close\r\n\r\n");
        assert_eq!(exchange(&server.address, request.as_bytes()).status, status, "{request}");
    }
}

#[test]
fn a_401_has_a_challenge_and_a_503_says_when_to_try_again() {
    let home = Home::new();
    let server = Serve::with(&home, &["--store", "sqlite:sessions.db"]);
    let answer = get(&server.address, "/session", &[]);
    assert_eq!((answer.status, answer.header("www-authenticate").starts_with("Cookie ")), (401, true));
    std::fs::rename(home.path().join("sessions.db"), home.path().join("away.db")).unwrap();
    let answer = post(&server.address, "/login", &[], "username=alice");
    assert_eq!((answer.status, answer.header("retry-after")), (503, "1"));
}

#[test]
fn a_page_without_tls_is_another_origin_for_a_tls_server() {
    let home = Home::new();
    let origin = [("Host", "localhost"), ("Origin", "http://localhost")];
    let secure = Serve::with(&home, &["--secure"]);
    assert_eq!(post(&secure.address, "/login", &origin, "username=alice").status, 303);
    let proxied = Serve::with(&home, &["--trust-proxy", "10.0.0.0/8,127.0.0.1"]);
    let over_tls = [&origin[..], &[("X-Forwarded-Proto", "https")]].concat();
    assert_eq!(post(&proxied.address, "/login", &over_tls, "username=alice").status, 403);
}

/// Another application on a parent domain sets a cookie with the same name.
#[test]
fn the_cookie_that_opens_a_session_is_used_and_two_sessions_are_reported_once() {
    let home = Home::new();
    let server = Serve::start(&home);
    let log_in =
        |cookie: &str| post(&server.address, "/login", &[("Cookie", cookie)], "username=alice").cookie();
    let ours = log_in("");
    for cookie in [format!("sessionid=foreign; {ours}"), format!("{ours}; sessionid=")] {
        assert_eq!(get(&server.address, "/session", &[("Cookie", &cookie)]).status, 200, "{cookie}");
    }
    let both = format!("{ours}; {}", log_in(""));
    for _ in 0..3 {
        assert_eq!(get(&server.address, "/session", &[("Cookie", &both)]).status, 401);
    }
    // A login ends both, so no session is left that nobody can use.
    let next = log_in(&both);
    let listed = get(&server.address, "/sessions", &[("Cookie", &next), ("Accept", "application/json")]).body;
    let listed: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    assert_eq!(listed["sessions"].as_array().expect("a list").len(), 1, "{listed}");
    let (_, said) = server.stop();
    assert_eq!(said.matches("two session cookies").count(), 1, "{said}");
}
