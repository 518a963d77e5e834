//! Behind a proxy: the client's address is the one that the proxy names, and plain HTTP gets no session.

use crate::support::{Home, Serve, get, post};

const HTTPS: (&str, &str) = ("X-Forwarded-Proto", "https");
const FROM: (&str, &str) = ("X-Forwarded-For", "203.0.113.9");
const HOST: (&str, &str) = ("Host", "app.example");

fn serve(home: &Home, options: &[&str]) -> Serve {
    let all = ["--trust-proxy", "127.0.0.0/8", "--public-url", "https://app.example"];
    Serve::with(home, &[&all[..], options].concat())
}

#[test]
fn over_https_cookies_are_bound_to_the_host_and_hsts_is_set() {
    let home = Home::new();
    let server = serve(&home, &[]);
    let origin = ("Origin", "https://app.example");
    let login = post(&server.address, "/login", &[HOST, HTTPS, FROM, origin], "username=alice");
    assert_eq!(login.status, 303, "{}", login.body);
    let line = login.header("set-cookie");
    assert!(
        line.starts_with("__Host-sessionid=") && line.contains("Secure") && line.contains("HttpOnly"),
        "{line}"
    );
    assert_eq!(login.header("strict-transport-security"), "max-age=31536000");
    let cookie = login.cookie();
    assert_eq!(get(&server.address, "/session", &[HOST, HTTPS, FROM, ("Cookie", &cookie)]).status, 200);
    let foreign = ("Origin", "https://app.example.evil");
    assert_eq!(
        post(&server.address, "/logout", &[HOST, HTTPS, FROM, foreign, ("Cookie", &cookie)], "").status,
        403
    );
}

#[test]
fn over_plain_http_there_is_no_session() {
    let home = Home::new();
    let server = serve(&home, &[]);
    let plain = ("X-Forwarded-Proto", "http");
    let page = get(&server.address, "/session?x=1", &[HOST, plain, FROM]);
    assert_eq!((page.status, page.header("location")), (307, "https://app.example/session?x=1"));
    assert_eq!(
        page.header("cache-control"),
        "no-store",
        "a browser would keep the loop of a misconfigured proxy"
    );
    let foreign = get(&server.address, "/", &[("Host", "evil.example"), plain, FROM]);
    assert_eq!((foreign.status, foreign.header("location")), (421, ""));
    let login = post(&server.address, "/login", &[HOST, plain, FROM], "username=alice");
    assert_eq!((login.status, login.header("set-cookie")), (403, ""));
    let both = [HOST, HTTPS, FROM, ("Forwarded", "for=198.51.100.1;proto=https")];
    assert_eq!(get(&server.address, "/", &both).status, 400, "headers that contradict each other");
    let (_, said) = server.stop();
    let warnings: Vec<&str> = said.lines().filter(|line| line.contains("X-Forwarded-Proto: http,")).collect();
    assert!(warnings.len() == 1 && warnings[0].contains("--public-url"), "{said}");
}

#[test]
fn an_untrusted_proxy_is_ignored() {
    let home = Home::new();
    let server = Serve::with(&home, &["--trust-proxy", "10.0.0.0/8", "--host", "app.example"]);
    let page = get(&server.address, "/", &[HOST, HTTPS, FROM]);
    assert_eq!((page.status, page.header("location")), (307, "https://app.example/"));
    let silent = Serve::with(&home, &["--trust-proxy", "127.0.0.1", "--host", "app.example"]);
    assert_eq!(get(&silent.address, "/", &[HOST]).status, 502, "a proxy that sends no scheme");
    assert_eq!(get(&silent.address, "/", &[HOST, HTTPS]).status, 200);
    home.line("serve --trust-proxy 10.0.0.0/99").exits(2).says("is not a network or an address");
    home.line("serve --public-url https://x.test").exits(2);
    home.line("serve --trust-proxy ::1 --public-url http://x.test").exits(2).says("not an https origin");
}

#[test]
fn failures_are_counted_by_the_address_that_the_proxy_names() {
    let home = Home::new();
    home.run_with_input(["users", "add", "accounts.json", "alice", "--password-stdin"], "correct horse")
        .exits(0);
    let server = serve(&home, &["--users", "accounts.json"]);
    let try_from = |from: &str, n: usize| {
        let headers = [HOST, HTTPS, ("X-Forwarded-For", from)];
        post(&server.address, "/login", &headers, &format!("username=user-{n}&password=wrong+one")).status
    };
    let statuses: Vec<u16> = (0..40).map(|n| try_from("1.1.1.1, 203.0.113.9", n)).collect();
    assert_eq!((statuses[0], statuses[39]), (401, 429), "{statuses:?}");
    assert_eq!(try_from("1.1.1.1, 203.0.113.10", 99), 401, "another address");
    assert_eq!(try_from("8.8.8.8, 203.0.113.9", 99), 429, "the entries of the client are ignored");
}
