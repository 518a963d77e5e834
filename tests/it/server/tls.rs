//! TLS of `serve` and of the client: both protocols, whom the client trusts, certificates that are renewed.

use crate::support::{Authority, Home, Ran, Serve, exchange, get, post, until};

fn serving(home: &Home, authority: &Authority) -> Serve {
    let options = authority.options();
    Serve::with(home, &options.each_ref().map(String::as_str))
}

fn curl(authority: &Authority, args: &[&str]) -> Ran {
    let ca = authority.path("ca.pem");
    let mut command = std::process::Command::new("curl");
    command.args(["-sS", "-i", "--noproxy", "*", "--cacert"]).arg(ca).args(args);
    Ran::from(command.output().expect("curl: scripts/test installs it"))
}

#[test]
fn a_session_over_tls_from_login_to_logout() {
    let (home, authority) = (Home::new(), Authority::new());
    let server = serving(&home, &authority);
    assert!(server.url().starts_with("https://"), "{}", server.url());
    let (url, ca) = (server.url(), authority.path("ca.pem"));
    let trusting = ["--cacert", &ca.to_string_lossy(), "--url", &url].map(str::to_owned);
    let run = |args: &[&str]| home.run(trusting.iter().map(String::as_str).chain(args.iter().copied()));
    run(&["login", "--user", "alice"]).exits(0);
    let cookie = run(&["show-cookies", "--json"]).exits(0).json()["cookies"][0].clone();
    assert_eq!(cookie["name"], "__Host-sessionid");
    assert_eq!((&cookie["secure"], &cookie["host_only"]), (&true.into(), &true.into()), "{cookie}");
    run(&["visit"]).exits(0).answers("Welcome, alice!");
    run(&["visit", "-v"]).says("Strict-Transport-Security: max-age=31536000");
    run(&["logout"]).exits(0);
}

#[test]
fn the_client_trusts_whom_it_is_told_to_and_nobody_else() {
    let (home, authority, stranger) = (Home::new(), Authority::new(), Authority::new());
    let server = serving(&home, &authority);
    let url = server.url();
    home.run(["visit", &url]).exits(1).says("certificate");
    home.run(["visit", &url, "--cacert", &stranger.path("ca.pem").to_string_lossy()])
        .exits(1)
        .says("certificate");
    home.run(["visit", &url, "--cacert", &authority.path("ca.pem").to_string_lossy()]).exits(0);
    home.run(["visit", &url, "--insecure"]).exits(0);
    let mut by_environment = home.command(["visit", &url]);
    by_environment.env("SSL_CERT_FILE", authority.path("ca.pem"));
    Ran::from(by_environment.output().unwrap()).exits(0);
    home.run(["visit", &url, "--cacert", "missing.pem"]).exits(1).says("missing.pem");
    // The certificate is for localhost, not for this name.
    let port = url.rsplit_once(':').unwrap().1;
    let resolve = format!("shop.example:{port}:127.0.0.1");
    let ca = authority.path("ca.pem");
    let other = ["visit", &format!("https://shop.example:{port}/"), "--resolve", &resolve, "--cacert"]
        .map(str::to_owned);
    home.run(other.iter().map(String::as_str).chain([&*ca.to_string_lossy()])).exits(1).says("certificate");
}

#[test]
fn http2_is_spoken_to_those_who_can() {
    let (home, authority) = (Home::new(), Authority::new());
    let server = serving(&home, &authority);
    let (login, page) = (format!("{}/login", server.url()), server.url());
    let answer = curl(&authority, &["--http2", "-d", "username=alice", &login]).exits(0);
    assert!(answer.stdout.starts_with("HTTP/2 303"), "{}", answer.stdout);
    let line = answer.stdout.lines().find_map(|line| line.strip_prefix("set-cookie: ")).expect("a cookie");
    assert!(line.starts_with("__Host-sessionid=") && line.contains("Secure"), "{line}");
    let cookie = line.split(';').next().unwrap_or_default();
    let page = curl(&authority, &["--http2", "-b", cookie, &page]).exits(0);
    assert!(
        page.stdout.starts_with("HTTP/2 200") && page.stdout.contains("Welcome, alice!"),
        "{}",
        page.stdout
    );
    let foreign = ["--http2", "-b", cookie, "-H", "Origin: https://evil.example", "-X", "POST", &login];
    curl(&authority, &foreign).exits(0).answers("HTTP/2 403");
    let elsewhere = ["--http2", "-H", "Host: evil.example", &server.url()];
    curl(&authority, &elsewhere).exits(0).answers("HTTP/2 421");
    curl(&authority, &["--http1.1", &server.url()]).exits(0).answers("HTTP/1.1 200");
}

#[test]
fn what_comes_in_the_clear_is_sent_to_tls_and_gets_no_session() {
    let (home, authority) = (Home::new(), Authority::new());
    let server = serving(&home, &authority);
    let page = get(&server.address, "/session?x=1", &[("Host", "localhost:8443")]);
    assert_eq!((page.status, page.header("location")), (308, "https://localhost:8443/session?x=1"));
    let login = post(&server.address, "/login", &[], "username=alice");
    assert_eq!((login.status, login.header("set-cookie")), (403, ""));
    for host in ["", "a@b", "a/b", "a b"] {
        assert_eq!(get(&server.address, "/evil.example", &[("Host", host)]).status, 403, "{host:?}");
    }
    let (host, other) = (("Host", "localhost"), ("Host", "evil.example"));
    assert_eq!(get(&server.address, "/", &[host, other]).status, 403, "two hosts");
    let foreign = get(&server.address, "/", &[other]);
    assert_eq!((foreign.status, foreign.header("location")), (421, ""), "a host of someone else");
    let all = exchange(&server.address, b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!((all.status, all.header("location")), (400, ""));
}

#[test]
fn a_proxy_that_speaks_http2_is_redirected_like_others() {
    let (home, authority) = (Home::new(), Authority::new());
    let options = authority.options();
    let options: Vec<&str> =
        options.iter().map(String::as_str).chain(["--trust-proxy", "127.0.0.1"]).collect();
    let server = Serve::with(&home, &options);
    for version in ["--http1.1", "--http2"] {
        let page = format!("{}/x", server.url());
        let answer = curl(&authority, &[version, "-H", "X-Forwarded-Proto: http", &page]).exits(0);
        let location = format!("ocation: https://{}/x", server.address);
        assert!(answer.stdout.contains(" 307") && answer.stdout.contains(&location), "{}", answer.stdout);
    }
}

#[test]
fn a_renewed_certificate_is_read_when_the_server_is_told() {
    let (home, authority) = (Home::new(), Authority::new());
    let server = serving(&home, &authority);
    let shown = || {
        let port = server.address.rsplit_once(':').unwrap().1;
        let mut openssl = std::process::Command::new("openssl");
        openssl
            .args(["s_client", "-connect", &format!("127.0.0.1:{port}")])
            .stdin(std::process::Stdio::null());
        let said = Ran::from(openssl.output().expect("openssl: scripts/test installs it")).stdout;
        let start = said.find("-----BEGIN").expect("a certificate");
        said[start..].split_inclusive("-----END CERTIFICATE-----").next().unwrap_or_default().to_owned()
    };
    let first = shown();
    authority.sign("server");
    assert_eq!(shown(), first, "the server was not told");
    server.signal("HUP");
    until("the new certificate", || shown() != first);
    let second = shown();
    std::fs::write(authority.path("server.pem"), "no certificate").unwrap();
    server.signal("HUP");
    home.run(["visit", &server.url(), "--insecure"]).exits(0);
    let (status, said) = server.stop();
    assert!(status.success());
    assert!(
        said.contains("it contains no certificate") && said.contains("keeps using the old certificate"),
        "{said}"
    );
    assert_ne!(first, second);
}

#[test]
fn a_server_without_a_usable_certificate_does_not_start() {
    let (home, authority) = (Home::new(), Authority::new());
    authority.sign("other");
    let [.., key] = authority.options();
    let start = |certificate: &str, key: &str| {
        let certificate = authority.path(certificate).to_string_lossy().into_owned();
        home.run(["serve", "--bind", "127.0.0.1:0", "--tls-cert", &certificate, "--tls-key", key])
    };
    start("missing.pem", &key).exits(1).says("cannot read").says("missing.pem").says("No such file");
    start("server-key.pem", &key).exits(1).says("it contains no certificate");
    start("other.pem", &key).exits(1).says("cannot use certificate");
    home.run(["serve", "--tls-cert", "x"]).exits(2).says("--tls-key");
}
