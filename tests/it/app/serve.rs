//! The routes of `serve`: status codes, headers, sessions and cookies.

use serde_json::Value;

use crate::support::{Answer, Home, Serve, exchange, get, post};

fn login(server: &Serve, user: &str) -> String {
    let answer = post(&server.address, "/login", &[], &format!("username={user}"));
    assert_eq!(answer.status, 303, "{answer:?}");
    answer.cookie()
}

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|error| panic!("{error}: {answer:?}"))
}

#[test]
fn an_anonymous_request_gets_the_login_form_and_no_cookie() {
    let (home, server) = started();
    for cookie in ["", "sessionid=garbage", "mysessionid=x", "sessionid=%00", "a=b; c"] {
        let headers = [("Cookie", cookie)];
        let answer = get(&server.address, "/", if cookie.is_empty() { &[] } else { &headers });
        assert_eq!(answer.status, 200, "{cookie}");
        assert!(answer.body.contains("name=\"username\""), "{cookie}");
        assert_eq!(answer.headers("set-cookie"), Vec::<&str>::new(), "{cookie}");
        assert_eq!(answer.headers("vary"), ["Cookie, Accept, Accept-Language"], "{cookie}");
        assert_eq!(answer.header("cache-control"), "", "{cookie}");
    }
    drop(home);
}

#[test]
fn the_welcome_page_escapes_the_name() {
    let (_home, server) = started();
    let answer = post(&server.address, "/login", &[], "username=%3Cb%3Ealice%3C%2Fb%3E+%26+co");
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    assert_eq!(answer.header("cache-control"), "no-store");
    let cookie = answer.header("set-cookie");
    assert!(cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/"), "{cookie}");
    let page = get(&server.address, "/", &[("Cookie", &answer.cookie())]);
    assert!(page.body.contains("Welcome, &#60;b&#62;alice&#60;/b&#62; &#38; co!"), "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.headers("vary"), ["Cookie, Accept, Accept-Language"]);
}

#[test]
fn pages_use_the_accepted_language_and_json_is_english() {
    let (_home, server) = started();
    for (wanted, tag, title) in [
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko", "<title>로그인</title>"),
        ("en;q=0.9, ko;q=0.2", "en", "<title>Log in</title>"),
        ("de", "en", "<title>Log in</title>"),
        ("\u{e4}", "en", "<title>Log in</title>"),
    ] {
        let answer = get(&server.address, "/", &[("Accept-Language", wanted)]);
        assert_eq!(answer.header("content-language"), tag, "{wanted}");
        assert!(answer.body.contains(&format!("<html lang=\"{tag}\">")), "{}", answer.body);
        assert!(answer.body.contains(title), "{}", answer.body);
    }
    let korean = ("Accept-Language", "ko");
    let cookie = login(&server, "%EC%95%A4+%3Cb%3E");
    let page = get(&server.address, "/", &[korean, ("Cookie", &cookie)]);
    assert!(page.body.contains("<h1>앤 &#60;b&#62; 님, 환영합니다!</h1>"), "{}", page.body);
    for (method, path, form, said) in [
        ("GET", "/nowhere", "", "존재하지 않는 페이지입니다."),
        ("GET", "/login", "", "POST 요청만 허용합니다"),
        ("POST", "/login", "username=", "이름을 입력해 주세요"),
        ("POST", "/sessions/revoke", "", "종료할 세션을"),
    ] {
        let headers = [korean, ("Cookie", &cookie)];
        let answer = match method {
            "GET" => get(&server.address, path, &headers),
            _ => post(&server.address, path, &headers, form),
        };
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
        assert!(answer.header("vary").contains("Accept-Language"), "{path}: {}", answer.head);
    }
    let json_headers = [korean, ("Cookie", &cookie), ("Accept", "application/json")];
    let answer = post(&server.address, "/sessions/revoke", &json_headers, "handle=x");
    assert_eq!(json(&answer)["error"], "You have no such session.");
    assert_eq!(answer.header("content-language"), "");
}

#[test]
fn the_counter_redirects_browsers_and_answers_programs_in_json() {
    let (_home, server) = started();
    let cookie = login(&server, "alice");
    let browser = ("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let answer = post(&server.address, "/counter", &[("Cookie", &cookie), browser], "");
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    for accept in ["*/*", "application/json"] {
        let answer = post(&server.address, "/counter", &[("Cookie", &cookie), ("Accept", accept)], "");
        assert_eq!(answer.status, 200, "{accept}");
    }
    let page = get(&server.address, "/", &[("Cookie", &cookie)]);
    assert!(page.body.contains("Counter: 3"), "{}", page.body);
    let anonymous = post(&server.address, "/counter", &[browser], "");
    assert_eq!((anonymous.status, anonymous.headers("set-cookie").len()), (303, 0));
}

#[test]
fn a_planted_token_is_not_adopted() {
    let (_home, server) = started();
    let planted = format!("sessionid={}", "A".repeat(43));
    let answer = post(&server.address, "/login", &[("Cookie", &planted)], "username=alice");
    assert_ne!(answer.cookie(), planted);
    assert_eq!(get(&server.address, "/session", &[("Cookie", &planted)]).status, 401);
    assert_eq!(get(&server.address, "/session", &[("Cookie", &answer.cookie())]).status, 200);
}

#[test]
fn a_second_login_rotates_the_token_and_the_first_one_is_invalid() {
    let (_home, server) = started();
    let first = login(&server, "alice");
    assert_eq!(json(&post(&server.address, "/counter", &[("Cookie", &first)], ""))["count"], 1);
    let second = post(&server.address, "/login", &[("Cookie", &first)], "username=alice").cookie();
    assert_ne!(first, second);
    assert_eq!(get(&server.address, "/session", &[("Cookie", &first)]).status, 401);
    let facts = json(&get(&server.address, "/session", &[("Cookie", &second)]));
    assert_eq!(facts["data"]["count"], 1, "the same user's data is carried over");
    let other = post(&server.address, "/login", &[("Cookie", &second)], "username=bob").cookie();
    let facts = json(&get(&server.address, "/session", &[("Cookie", &other)]));
    assert_eq!(
        (&facts["user"], &facts["data"]),
        (&"bob".into(), &serde_json::json!({})),
        "another user's data is not"
    );
}

#[test]
fn two_session_cookies_of_different_sessions_are_both_ignored() {
    let (_home, server) = started();
    let (a, b) = (login(&server, "alice"), login(&server, "bob"));
    let both = format!("{a}; {b}");
    assert_eq!(get(&server.address, "/session", &[("Cookie", &both)]).status, 401);
    let twice = format!("{a}; {a}");
    assert_eq!(get(&server.address, "/session", &[("Cookie", &twice)]).status, 200);
}

#[test]
fn logout_ends_the_session_and_expires_the_cookie() {
    let (_home, server) = started();
    let cookie = login(&server, "alice");
    let answer = post(&server.address, "/logout", &[("Cookie", &cookie)], "");
    assert_eq!((answer.status, answer.header("location")), (303, "/"));
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{answer:?}");
    // The browser also clears the pages that it keeps for its back button.
    assert_eq!(answer.header("clear-site-data"), "\"cache\"");
    assert_eq!(get(&server.address, "/session", &[("Cookie", &cookie)]).status, 401);
    let anonymous = post(&server.address, "/logout", &[], "");
    assert_eq!((anonymous.status, anonymous.headers("set-cookie").len()), (303, 0));
}

#[test]
fn session_and_counter_require_a_session() {
    let (_home, server) = started();
    assert_eq!(get(&server.address, "/session", &[]).status, 401);
    let answer = post(&server.address, "/counter", &[], "");
    assert_eq!((answer.status, answer.headers("set-cookie").len()), (401, 0));
    let cookie = login(&server, "alice");
    for n in 1..=3 {
        assert_eq!(
            json(&post(&server.address, "/counter", &[("Cookie", &cookie)], "")),
            serde_json::json!({"count": n})
        );
    }
    let facts = json(&get(&server.address, "/session", &[("Cookie", &cookie)]));
    assert_eq!((&facts["user"], &facts["data"]["count"]), (&"alice".into(), &3.into()));
    for key in ["handle", "created", "idle_expiry", "absolute_expiry"] {
        assert!(facts[key].is_string(), "{key} in {facts}");
    }
}

#[test]
fn clients_that_accept_json_get_json() {
    let (_home, server) = started();
    let anonymous = get(&server.address, "/", &[("Accept", "application/json")]);
    assert_eq!(json(&anonymous), serde_json::json!({"logged_in": false}));
    let cookie = login(&server, "alice");
    let answer = get(&server.address, "/", &[("Accept", "application/json"), ("Cookie", &cookie)]);
    assert_eq!(
        (json(&answer)["user"].as_str(), answer.header("content-type")),
        (Some("alice"), "application/json")
    );
}

#[test]
fn a_wrong_method_gets_405_with_the_allowed_methods() {
    let (_home, server) = started();
    for (method, path, allow) in [
        ("POST", "/", "GET, HEAD"),
        ("GET", "/login", "POST"),
        ("DELETE", "/logout", "POST"),
        ("PUT", "/session", "GET, HEAD"),
    ] {
        let request =
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
        let answer = exchange(&server.address, request.as_bytes());
        assert_eq!((answer.status, answer.header("allow")), (405, allow), "{method} {path}");
    }
    assert_eq!(get(&server.address, "/nowhere", &[]).status, 404);
}

#[test]
fn head_works_on_every_get_route() {
    let (_home, server) = started();
    for path in ["/", "/healthz", "/style.css", "/session"] {
        let head = format!("HEAD {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
        let (head, full) = (exchange(&server.address, head.as_bytes()), get(&server.address, path, &[]));
        assert_eq!((head.status, head.body.as_str()), (full.status, ""), "{path}");
        assert_eq!(head.header("content-length"), full.body.len().to_string(), "{path}");
    }
}

#[test]
fn invalid_names_are_rejected() {
    let (_home, server) = started();
    for form in ["", "user=alice", "username=", "username=+++", "username=a%00b", "username=a%0Ab"] {
        let answer = post(&server.address, "/login", &[], form);
        assert_eq!((answer.status, answer.headers("set-cookie").len()), (400, 0), "{form}");
        assert!(answer.body.contains("role=\"alert\""), "{form}");
    }
    let long = format!("username={}", "x".repeat(101));
    assert_eq!(post(&server.address, "/login", &[], &long).status, 400);
    let json = "POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}";
    assert_eq!(exchange(&server.address, json.as_bytes()).status, 415);
}

#[test]
fn next_leads_only_to_pages_of_this_server() {
    let (_home, server) = started();
    let location = |next: &str| {
        let next: String = form_urlencoded::byte_serialize(next.as_bytes()).collect();
        let answer = post(&server.address, "/login", &[], &format!("username=alice&next={next}"));
        answer.header("location").to_owned()
    };
    for (next, target) in [
        ("/", "/"),
        ("/session", "/session"),
        ("/a?b=c#d", "/a?b=c#d"),
        ("/a b", "/a%20b"),
        ("/x/../y", "/x/../y"),
        ("/ü", "/%C3%BC"),
    ] {
        assert_eq!(location(next), target, "{next}");
    }
    for next in [
        "",
        "a",
        "//evil.example",
        "/\\evil",
        "/\\evil.example",
        "http://evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "/\n//evil",
        "\\/evil",
        "/a\\b",
        "javascript:alert(1)",
        "/\u{7f}",
        "///evil.example",
        " /a",
        "/.//evil.example",
        "/x/..//evil.example",
        "/%2e//evil.example",
    ] {
        assert_eq!(location(next), "/", "{next:?}");
    }
    assert!(get(&server.address, "/?next=/session", &[]).body.contains("name=\"next\" value=\"/session\""));
    assert!(!get(&server.address, "/?next=//evil.example", &[]).body.contains("evil"));
}

#[test]
fn pages_of_other_sites_cannot_log_in_or_out() {
    let (_home, server) = started();
    for header in [("Origin", "http://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site")] {
        let answer = post(&server.address, "/login", &[header], "username=alice");
        assert_eq!((answer.status, answer.headers("set-cookie").len()), (403, 0), "{header:?}");
    }
    let own = format!("http://{}", server.address);
    assert_eq!(post(&server.address, "/login", &[("Origin", &own)], "username=alice").status, 303);
}

#[test]
fn unknown_hosts_get_421() {
    let home = Home::new();
    let server = Serve::with(&home, &["--host", "app.test"]);
    for (host, status) in
        [("evil.example", 421), ("app.test", 200), ("localhost:1", 200), ("a.localhost", 200)]
    {
        assert_eq!(get(&server.address, "/", &[("Host", host)]).status, status, "{host}");
    }
}

#[test]
fn every_response_has_the_security_headers() {
    let (_home, server) = started();
    for path in ["/", "/nowhere", "/session"] {
        let answer = get(&server.address, path, &[]);
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
    }
}

#[test]
fn secure_binds_the_cookie_to_the_host() {
    let home = Home::new();
    let server = Serve::with(&home, &["--secure"]);
    let answer = post(&server.address, "/login", &[], "username=alice");
    assert!(answer.cookie().starts_with("__Host-sessionid="), "{answer:?}");
    assert!(answer.header("set-cookie").contains("; Secure"));
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    let plain = answer.cookie().replace("__Host-", "");
    assert_eq!(get(&server.address, "/session", &[("Cookie", &plain)]).status, 401);
    assert_eq!(get(&server.address, "/session", &[("Cookie", &answer.cookie())]).status, 200);
}

#[test]
fn sessions_expire() {
    let home = Home::new();
    let server = Serve::with(&home, &["--idle-timeout", "5m", "--lifetime", "2h"]);
    let facts = json(&get(&server.address, "/session", &[("Cookie", &login(&server, "alice"))]));
    let moment = |key: &str| -> jiff::Timestamp { facts[key].as_str().expect(key).parse().expect("a date") };
    let minutes = |from, to| moment(to).duration_since(moment(from)).as_secs() / 60;
    assert_eq!((minutes("last_seen", "idle_expiry"), minutes("created", "absolute_expiry")), (5, 120));
    // A session of one millisecond expires before a client can use it.
    let server = Serve::with(&home, &["--lifetime", "1ms"]);
    let cookie = login(&server, "alice");
    let ended = || get(&server.address, "/session", &[("Cookie", &cookie)]).status == 401;
    while !ended() {
        std::thread::yield_now();
    }
}

#[test]
fn large_requests_are_rejected_and_the_server_continues() {
    let (_home, server) = started();
    let large = format!("username={}", "x".repeat(70_000));
    assert_eq!(post(&server.address, "/login", &[], &large).status, 413);
    let chunked = format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{:x}\r\n{large}\r\n0\r\n\r\n",
        large.len()
    );
    assert_eq!(exchange(&server.address, chunked.as_bytes()).status, 413);
    let header = format!("GET / HTTP/1.1\r\nHost: localhost\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    assert_eq!(exchange(&server.address, header.as_bytes()).status, 431);
    let garbage = exchange(&server.address, b"\x00\x01\x02 what?\r\n\r\n");
    assert_eq!(garbage.status, 400);
    assert_eq!(get(&server.address, "/healthz", &[]).body, "ok\n");
}

#[test]
fn unsafe_options_are_usage_errors() {
    let home = Home::new();
    home.line("serve --bind 0.0.0.0:0").exits(2).says("--open-to-anyone");
    home.line("serve --bind 127.0.0.1:0 --cookie-name __Host-id").exits(2).says("without Secure");
    home.line("serve --bind 127.0.0.1:0 --cookie-name a;b").exits(2).says("invalid cookie name `a;b`");
    home.line("serve --bind nowhere").exits(2).says("ADDRESS:PORT");
    home.line("serve --idle-timeout 0").exits(2);
    let server = Serve::start(&home);
    home.line(&format!("serve --bind {}", server.address)).exits(1).says("cannot listen on");
}

#[test]
fn after_sigterm_running_requests_finish_and_the_exit_code_is_0() {
    let home = Home::new();
    let server = Serve::with(&home, &["-v"]);
    let cookie = login(&server, "alice");
    get(&server.address, "/", &[("Cookie", &cookie)]);
    let (status, log) = server.stop();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("POST /login 303") && log.contains("session began"), "{log}");
    let token = cookie.split('=').next_back().unwrap_or_default();
    assert!(!log.contains(&token[..6]), "no token in the log: {log}");
}

fn started() -> (Home, Serve) {
    let home = Home::new();
    let server = Serve::start(&home);
    (home, server)
}

#[test]
fn advancing_the_clock_expires_sessions() {
    let home = Home::new();
    let server = Serve::with(&home, &["--time-travel", "--idle-timeout", "30m", "--lifetime", "12h"]);
    home.run(["login", &server.url(), "--user", "alice"]).exits(0);
    // A session that is used every 29 minutes lives until the end of its lifetime.
    for _ in 0..24 {
        home.line("clock advance 29m").exits(0).answers("the server's clock shows 20");
        home.line("visit /session --expect-status 200").exits(0);
    }
    home.line("clock advance 29m").exits(0);
    home.line("visit /session --expect-status 401").exits(0);

    home.run(["login", &server.url(), "--user", "alice"]).exits(0);
    home.line("clock advance 30m").exits(0);
    home.line("visit /session --expect-status 401").exits(0);
    home.line("clock advance --json 1s").exits(0);
    assert_eq!(crate::support::post(&server.address, "/clock/advance", &[], "seconds=x").status, 400);
}

#[test]
fn the_clock_cannot_be_advanced_without_time_travel() {
    let home = Home::new();
    let server = Serve::start(&home);
    home.run(["clock", "advance", "1h", "--url", &server.url()]).exits(1).says("it answered 404 Not Found");
    let everywhere = ["serve", "--bind", "0.0.0.0:0", "--open-to-anyone", "--time-travel"];
    home.run(everywhere).exits(2).says("use --time-travel only on this machine");
}
