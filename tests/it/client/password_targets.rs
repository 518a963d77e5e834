//! Where a password is sent: never from https to clear text, and never to another site to which a page leads that anyone
//! on the network can forge.

use crate::support::{Authority, Home, Ran, Script, Seen, html, redirect, respond};

const FIELDS: &str = "<input name=username><input type=password name=password>";

/// A start page over https or http, and servers that could get the password.
struct Servers {
    home: Home,
    secure: Script,
    clear: Script,
}

impl Servers {
    /// `{clear}` and `{secure}` in an answer are the addresses of `evil.test` on the two servers, `{same}` is the
    /// application over http.
    fn new(start: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        let clear = Script::new(move |seen| answer(seen, &start));
        let port = port(&clear).to_owned();
        let secure = Script::over_tls(&authority, "server", move |seen| secure_answer(seen, &port));
        Servers { home: Home::new(), secure, clear }
    }

    fn run(&self, words: &[&str]) -> Ran {
        let resolve = ["app.test", "evil.test"].into_iter().flat_map(|host| {
            [&self.secure, &self.clear].map(|it| format!("--resolve={host}:{}:127.0.0.1", port(it)))
        });
        let resolve: Vec<String> = resolve.chain(["--insecure".to_owned()]).collect();
        let mut command = self.home.command(resolve.iter().map(String::as_str).chain(words.iter().copied()));
        command.env("SESSCTL_PASSWORD", "open-sesame");
        Ran::from(command.output().expect("the binary to start"))
    }

    fn login(&self, url: &str, options: &[&str]) -> Ran {
        self.run(&[&["login", url, "--user", "alice"], options].concat())
    }

    /// Whether a page got the password that should not.
    fn leaks(&self) -> bool {
        let got = |seen: &Seen| seen.body.contains("open-sesame") || seen.target.contains("open-sesame");
        self.clear.seen().iter().any(|seen| seen.path() == "/in" && got(seen))
    }
}

fn port(server: &Script) -> &str {
    server.address.rsplit_once(':').expect("a port").1
}

/// Pages over https. `PORT` is the port of the server without TLS.
fn secure_answer(seen: &Seen, clear: &str) -> Vec<u8> {
    let form = |action: &str| html(200, &[], &format!("<form method=post action='{action}'>{FIELDS}</form>"));
    match (seen.method.as_str(), seen.path()) {
        (_, "/action") => form(&format!("http://evil.test:{clear}/in")),
        (_, "/same-host") => form(&format!("http://app.test:{clear}/in")),
        ("GET", "/then-code") => form("/then-code"),
        ("POST", "/then-code") => html(
            200,
            &[],
            &format!("<form method=post action='http://app.test:{clear}/in'><input name=otp></form>"),
        ),
        ("GET", "/by-307") => form("/by-307"),
        ("POST", "/by-307") => redirect(307, &format!("http://app.test:{clear}/in"), &[]),
        (_, "/redirect") => redirect(302, &format!("http://app.test:{clear}/form"), &[]),
        (_, "/guess") => redirect(302, &format!("http://app.test:{clear}/nothing"), &[]),
        (_, "/refresh") => html(
            200,
            &[],
            &format!("<meta http-equiv=refresh content='0; url=http://app.test:{clear}/form'>"),
        ),
        (_, "/link") => html(200, &[], &format!("<a href='http://app.test:{clear}/form'>Log in</a>")),
        (_, "/formaction") => html(
            200,
            &[],
            &format!(
                "<form method=post>{FIELDS}<button formaction='http://app.test:{clear}/in'>Log in</button></form>"
            ),
        ),
        (_, "/base") => html(
            200,
            &[],
            &format!("<base href='http://app.test:{clear}/'><form method=post action=in>{FIELDS}</form>"),
        ),
        (_, "/get") => html(200, &[], &format!("<form action='http://app.test:{clear}/in'>{FIELDS}</form>")),
        (_, "/api") => redirect(307, &format!("http://app.test:{clear}/in"), &[]),
        (_, "/in") => html(200, &["Set-Cookie: sid=1"], "<a href=/logout>Log out</a>"),
        _ => respond(404, &[], ""),
    }
}

fn answer(seen: &Seen, start: &impl Fn(&str) -> Vec<u8>) -> Vec<u8> {
    let port = seen.header("host").rsplit_once(':').map_or("", |(_, port)| port);
    match (seen.method.as_str(), seen.path()) {
        ("GET", "/form" | "/login") => {
            html(200, &[], &format!("<form method=post action=/in>{FIELDS}</form>"))
        }
        (_, "/in") => html(200, &["Set-Cookie: sid=1; Path=/"], "<a href=/logout>Log out</a>"),
        _ => start(port),
    }
}

fn no_start(_: &str) -> Vec<u8> {
    respond(404, &[], "")
}

#[test]
fn never_from_https_to_clear_text() {
    let servers = Servers::new(no_start);
    let paths = [
        "action",
        "same-host",
        "by-307",
        "redirect",
        "guess",
        "refresh",
        "link",
        "formaction",
        "base",
        "get",
        "api",
    ];
    for path in paths {
        let url = format!("https://app.test:{}/{path}", port(&servers.secure));
        let options: &[&str] = if path == "api" { &["--as-json"] } else { &[] };
        let ran = servers.login(&url, options).exits(7);
        ran.says("did not send the password to http://").says("/in: this would send it in clear text");
        if !["guess", "refresh", "link", "api"].contains(&path) {
            servers.run(&["submit", &url, "username=alice", "password=open-sesame"]).says("/in: this would");
        }
        assert!(!servers.leaks(), "{path}");
    }
    let url = format!("https://app.test:{}/same-host", port(&servers.secure));
    servers.login(&url, &["--allow-insecure-password"]);
    assert!(servers.leaks());
}

#[test]
fn not_to_another_site_to_which_a_page_without_https_leads() {
    type Start = fn(&str) -> Vec<u8>;
    let starts: [(&str, Start, &[&str]); 6] = [
        ("action", |port| form(&format!("<form method=post action='http://evil.test:{port}/in'>"), ""), &[]),
        (
            "formaction",
            |port| {
                form(
                    "<form method=post>",
                    &format!("<button formaction='http://evil.test:{port}/in'>Log in</button>"),
                )
            },
            &[],
        ),
        (
            "base",
            |port| form(&format!("<base href='http://evil.test:{port}/'><form method=post action=in>"), ""),
            &[],
        ),
        ("get", |port| form(&format!("<form action='http://evil.test:{port}/in'>"), ""), &[]),
        ("307", |port| redirect(307, &format!("http://evil.test:{port}/in"), &[]), &["--as-json"]),
        ("link", |port| html(200, &[], &format!("<a href='http://evil.test:{port}/form'>Log in</a>")), &[]),
    ];
    for (name, start, options) in starts {
        let servers = Servers::new(start);
        let url = format!("http://app.test:{}/start", port(&servers.clear));
        let ran = servers.login(&url, options).exits(7);
        ran.says("did not send the password to http://evil.test:").says("this is another site than app.test");
        assert!(!servers.leaks(), "{name}");
        // With the option, it is sent, and the complete address is reported.
        let target = format!("you named: http://evil.test:{}/in", port(&servers.clear));
        let json = servers.login(&url, &[options, &["--allow-insecure-password", "--json"]].concat()).json();
        assert!(json["verdict"].to_string().contains(&target), "{name}: {}", json["verdict"]);
        assert!(servers.leaks(), "{name}");
        let _ = servers.run(&["visit", &format!("https://app.test:{}/", port(&servers.secure))]);
    }
}

fn form(start: &str, end: &str) -> Vec<u8> {
    html(200, &[], &format!("{start}{FIELDS}{end}</form>"))
}

#[test]
fn a_password_for_another_site_is_reported_with_its_address() {
    // From loopback, another site is allowed.
    let server = Script::new(|seen| {
        let port = seen.header("host").rsplit_once(':').map_or("", |(_, port)| port);
        match seen.path() {
            "/in" if seen.body.contains("right") => {
                html(200, &["Set-Cookie: sid=1"], "<a href=/logout>Log out</a>")
            }
            "/in" if !seen.cookie("sid").is_empty() => html(200, &[], "<a href=/logout>Log out</a>"),
            _ => html(
                200,
                &[],
                &format!("<form method=post action='http://localhost:{port}/in'>{FIELDS}</form>"),
            ),
        }
    });
    let target = format!("http://localhost:{}/in", port(&server));
    // The session is on the other site, so the login is not one of the site that was named.
    for (password, code) in [("right", 7), ("wrong", 7)] {
        let words = ["login", &server.url("/"), "--user", "alice", "--password-stdin"];
        let home = Home::new();
        let ran = home.run_with_input([&words[..], &["--explain"]].concat(), password).exits(code);
        ran.says(&format!("POST {target}")).says(&format!("another site than the one you named: {target}"));
        let json = home.run_with_input([&words[..], &["--json"]].concat(), password).exits(code).json();
        assert!(json["verdict"].to_string().contains(&target), "{}", json["verdict"]);
    }
    // The site that was named is not.
    let words = ["login", &target.replace("/in", "/"), "--user", "alice", "--password-stdin"];
    let ran = Home::new().run_with_input(words, "right").exits(0);
    assert!(!ran.stderr.contains("another site"), "{}", ran.stderr);
}

#[test]
fn a_one_time_code_is_not_sent_to_clear_text_either() {
    let servers = Servers::new(|_| respond(404, &[], ""));
    let url = format!("https://app.test:{}/then-code", port(&servers.secure));
    servers.login(&url, &["--code", "123456"]).exits(7).says("did not send the password to http://app.test");
    servers.login(&url, &[]).exits(7).says("login --continue");
    servers.run(&["login", "--continue", "--code", "123456"]).exits(7).says("in clear text");
    assert!(servers.clear.seen().is_empty());
    servers.run(&["login", "--continue", "--code", "123456", "--allow-insecure-password"]);
    assert!(servers.clear.seen()[0].body.contains("otp=123456"));
}
