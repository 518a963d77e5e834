//! Expectations about the address, the login, the headers and the JSON of a response, and the warning about a login form.

use crate::support::{Home, Ran, Script, Seen, html, redirect, respond};

const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";

/// Pages behind a login, which redirect anonymous clients.
fn application() -> Script {
    Script::new(|seen: &Seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/login") => redirect(303, "/reports", &["Set-Cookie: sid=alive; Path=/"]),
        (_, "/login") => html(200, &[], FORM),
        (_, "/app") => redirect(302, "/signin?next=/app", &[]),
        (_, "/signin") => html(200, &[], "<div id=root></div><script src=app.js></script>"),
        (_, "/api") => respond(401, &["Content-Type: application/json"], "{}"),
        _ if seen.cookie("sid") == "alive" => html(200, &[], "<p>Report</p><a href=/logout>Log out</a>"),
        _ => redirect(302, "/login?next=/reports", &[]),
    })
}

fn visit(home: &Home, server: &Script, line: &str) -> Ran {
    let url = server.url("/");
    home.run(["visit", "-o", "/dev/null", "--url", &url].into_iter().chain(line.split(' ')))
}

#[test]
fn a_login_page_fails_where_no_login_is_expected() {
    let (home, server) = (Home::new(), application());
    let at = |path: &str| server.url(path);
    for (line, said) in [
        ("/reports --expect-status 200", format!("{} has a login form", at("/login?next=/reports"))),
        ("/app", format!("{} is the address of a login", at("/signin?next=/app"))),
        ("/reports --max-redirects 0", format!("{} redirects to a login", at("/reports"))),
        ("/api", format!("{} answered 401", at("/api"))),
    ] {
        visit(&home, &server, &format!("{line} --expect-no-login"))
            .exits(7)
            .says(&format!("error: expected no login, got one: {said}"));
    }
    visit(&home, &server, "/reports --expect-status 200").exits(0);
    visit(&home, &server, "/reports -H Cookie:sid=alive --expect-no-login").exits(0);
}

#[test]
fn the_address_after_redirects_can_be_expected() {
    let (home, server) = (Home::new(), application());
    let other = server.url("/login").replace("127.0.0.1", "localhost");
    visit(&home, &server, "/reports --expect-url /login").exits(0);
    visit(&home, &server, "/reports --expect-url /login?next=/reports").exits(0);
    visit(&home, &server, &format!("/reports --expect-url {}", server.url("/login"))).exits(0);
    for wanted in ["/reports", "/login?next=/", &other] {
        let expected = if wanted.starts_with('/') { server.url(wanted) } else { wanted.to_owned() };
        let got = server.url("/login?next=/reports");
        visit(&home, &server, &format!("/reports --expect-url {wanted}"))
            .exits(7)
            .says(&format!("error: expected to end at {expected}, ended at {got}"));
    }
}

#[test]
fn headers_and_json_can_be_expected() {
    let home = Home::new();
    let body = r#"{"user":"alice","count":1,"a/b":[true,{"x":null}]}"#;
    let server = Script::new(move |seen: &Seen| match seen.path() {
        "/text" => respond(200, &["X-Empty:"], "plain"),
        _ => respond(500, &["Content-Type: application/json", "Vary: Cookie", "Vary: Origin"], body),
    });
    let visit = |path: &str, option: &str, value: &str| {
        home.run(["visit", &server.url(path), "-o", "/dev/null", option, value])
    };
    for value in ["vary", "Vary: Cookie", "vary:Origin", "content-type: application/json"] {
        visit("/", "--expect-header", value).exits(0);
    }
    visit("/text", "--expect-header", "x-empty").exits(0);
    let other = "error: expected the header vary: Accept, got Cookie, Origin";
    visit("/", "--expect-header", "Vary: Accept").exits(7).says(other);
    let none = "error: expected the header etag, got none with this name";
    visit("/", "--expect-header", "ETag").exits(7).says(none);
    visit("/", "--expect-header", "no name").exits(2).says("not a valid header name");
    for value in
        ["/user=alice", r#"/user="alice""#, "/count=1", "/count=1.0", "/a~1b/0=true", r#"/a~1b/1={"x":null}"#]
    {
        visit("/", "--expect-json", value).exits(0);
    }
    for (value, said) in [
        ("/user=bob", r#"expected /user to be "bob" in the body, got "alice""#),
        (r#"/count="1""#, r#"expected /count to be "1" in the body, got 1"#),
        ("/a~1b/2=true", "expected /a~1b/2 to be true in the body, which has no /a~1b/2"),
    ] {
        visit("/", "--expect-json", value).exits(7).says(&format!("error: {said}"));
    }
    visit("/text", "--expect-json", "/x=1").exits(7).says(r#"expected JSON in the body, which is "plain""#);
    visit("/", "--expect-json", "user=bob").exits(2).says("is not a JSON pointer");
    visit("/", "--expect-json", "/user").exits(2).says("write POINTER=VALUE");
}

#[test]
fn a_visit_that_ends_at_a_login_form_says_so() {
    let (home, server) = (Home::new(), application());
    let is_silent = |ran: Ran| assert!(!ran.stderr.contains("ended at"), "{}", ran.stderr);
    let anonymous = "ended at /login, a login form: this client is not logged in";
    visit(&home, &server, "/reports").exits(0).says(anonymous);
    let mut login = home.command(["login", &server.url("/reports"), "--user", "alice"]);
    Ran::from(login.env("SESSCTL_PASSWORD", "x").output().expect("the binary to start")).exits(0);
    is_silent(visit(&home, &server, "/reports").exits(0));
    home.run(["set-cookie", &server.url("/"), "sid=expired; Path=/"]).exits(0);
    let ended = "warning: ended at /login, a login form: the session has ended";
    visit(&home, &server, "/reports -q").exits(0).says(ended);
    let ended = "ended at /signin, the address of a login: the session has ended";
    visit(&home, &server, "/app").exits(0).says(ended);
    // The user asked for the login page, or another message says it.
    is_silent(visit(&home, &server, "/login").exits(0));
    is_silent(visit(&home, &server, "/reports --expect-no-login").exits(7));
    is_silent(visit(&home, &server, "/reports --max-redirects 0").exits(3));
    is_silent(visit(&home, &server, "/api").exits(4));
}

#[test]
fn a_login_form_at_the_page_itself_is_noticed_if_cookies_were_sent() {
    let (home, server) = (Home::new(), Script::new(|_: &Seen| html(200, &["Set-Cookie: seen=1"], FORM)));
    let url = server.url("/home");
    let first = home.run(["visit", &url, "-q"]).exits(0);
    assert!(first.stderr.is_empty(), "{}", first.stderr);
    home.run(["visit", &url, "-q"]).exits(0).says("ended at /home, a login form: the session has ended");
}
