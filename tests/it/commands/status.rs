//! `status` and `login --if-needed`: whether there is a session, whose, and until when.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Home, Ran, Script, Seen, Serve, html, redirect, respond};

const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";

fn json(body: &str) -> Vec<u8> {
    respond(200, &["Content-Type: application/json"], body)
}

/// An application whose session tokens are the names of the users. `/end` ends all sessions.
fn application() -> Script {
    let is_over = AtomicBool::new(false);
    Script::new(move |seen: &Seen| {
        let user = if is_over.load(Ordering::SeqCst) { "" } else { seen.cookie("sid") };
        let name = seen.body.split('&').find_map(|it| it.strip_prefix("user=")).unwrap_or_default();
        match (seen.method.as_str(), seen.path()) {
            ("POST", "/login") => {
                redirect(303, "/", &[&format!("Set-Cookie: sid={name}; Path=/; Max-Age=3600")])
            }
            (_, "/end") => {
                is_over.store(true, Ordering::SeqCst);
                respond(200, &[], "")
            }
            (_, "/public") => html(200, &[], "<p>News</p>"),
            (_, "/down") => respond(503, &[], ""),
            (_, "/loop") => redirect(302, "/loop", &[]),
            (_, "/api") if user.is_empty() => respond(401, &["Content-Type: application/json"], "{}"),
            (_, "/api") => json(&format!(r#"{{"user":{{"name":"{user}"}}}}"#)),
            (_, "/me") if user.is_empty() => redirect(302, "/login", &[]),
            (_, "/me") => html(200, &[], "<p>Your profile</p>"),
            (_, "/login") => html(200, &[], FORM),
            _ if user.is_empty() => html(200, &[], "<a href=/login>Log in</a>"),
            _ => html(200, &[], &format!("<h1>Welcome, {user}!</h1><a href=/logout>Log out</a>")),
        }
    })
}

fn log_in(home: &Home, server: &Script, args: &[&str]) -> Ran {
    let root = server.url("/");
    let mut login = home.command(["login", root.as_str(), "--user"].iter().chain(args));
    Ran::from(login.env("SESSCTL_PASSWORD", "secret").output().expect("the binary to start"))
}

#[test]
fn status_tells_whether_there_is_a_session_whose_and_until_when() {
    let (home, server) = (Home::new(), application());
    let root = server.url("/");
    let none = format!("error: not logged in: the jar has no cookies for {root}");
    home.run(["status", &root]).exits(7).says(&none);
    log_in(&home, &server, &["alice"]).exits(0);
    let before = server.seen().len();
    let ran = home.line("status").exits(0).answers(&format!("logged in as alice at {root}\n"));
    ran.says("logged in it shows a logout control").says(", when cookie sid expires");
    for (page, said) in [("/api", "logged in as alice at"), ("/me", "logged in at")] {
        home.run(["status", page]).exits(0).answers(said);
    }
    home.line("status /api --expect-text alice").exits(0).says("the page contains \"alice\"");
    home.line("visit /end").exits(0);
    for (page, said) in [
        ("/", "links to a login, and is the same page without the cookies"),
        ("/api", "answered 401"),
        ("/me", "shows a login form"),
    ] {
        home.run(["status", page]).exits(7).says("error: not logged in: ").says(said);
    }
    home.line("status /api --expect-text alice").exits(7).says("does not contain \"alice\"");
    assert!(server.seen()[before..].iter().all(|seen| seen.method == "GET"), "nothing but GET");
}

#[test]
fn status_has_stable_json() {
    let (home, server) = (Home::new(), application());
    log_in(&home, &server, &["alice"]).exits(0);
    let document = home.line("status --json").exits(0).json();
    let members: Vec<&str> = document.as_object().expect("an object").keys().map(String::as_str).collect();
    for name in ["verdict", "user", "url", "evidence", "until", "exchanges"] {
        assert!(members.contains(&name), "{name} is not in {members:?}");
    }
    let verdict = &document["verdict"];
    assert_eq!((verdict["ok"].as_bool(), verdict["exit"].as_u64()), (Some(true), Some(0)));
    assert_eq!((verdict["kind"].as_str(), document["user"].as_str()), (Some("logged_in"), Some("alice")));
    assert_eq!(document["url"], server.url("/"));
    assert!(document["evidence"][0].as_str().is_some_and(|it| it.contains("logout control")), "{document}");
    assert_eq!(document["until"][0]["cookie"], "sid");
    assert!(document["until"][0]["expires"].as_str().is_some_and(|it| it.ends_with('Z')), "{document}");
    let count = document["exchanges"].as_array().map(Vec::len).expect("a list");
    assert!((2..=5).contains(&count), "a handful of requests: {count}");

    for page in ["/public", "/down", "/loop"] {
        let ran = home.run(["status", page, "--json"]).exits(7);
        assert_eq!(ran.json()["verdict"]["kind"], "unknown", "{page}");
    }
    home.line("status /public").exits(7).says("is the same page with and without the cookies").says("hint: ");
    home.line("visit /end").exits(0);
    let document = home.line("status --json").exits(7).json();
    assert_eq!(document["verdict"]["kind"], "logged_out");
    assert!(document["user"].is_null(), "{document}");
    assert!(document["evidence"][0].as_str().is_some_and(|it| it.starts_with("not logged in")), "{document}");
    assert_eq!(document["until"], serde_json::json!([]));
    let gone = home.run(["status", "http://127.0.0.1:1/", "--json"]).exits(1).json();
    assert_eq!(gone["verdict"]["kind"], "no_connection");
    assert!(gone["user"].is_null() && gone["until"].is_array(), "{gone}");
}

#[test]
fn a_login_happens_only_if_it_is_needed() {
    let (home, server) = (Home::new(), application());
    let root = server.url("/");
    // There is no terminal and no password: a login that needs one fails.
    let needed = |user: &str| home.run(["login", &root, "--user", user, "--if-needed"]);
    let posts = || server.seen().iter().filter(|seen| seen.method == "POST").count();
    needed("alice").exits(2).says("password");
    log_in(&home, &server, &["alice", "--if-needed"]).exits(0).answers("logged in as alice at");
    assert_eq!(posts(), 1);
    needed("alice").exits(0).answers(&format!("already logged in as alice at {root}"));
    home.run(["login", &root, "--if-needed"]).exits(0).answers("already logged in as alice");
    let document = home.run(["login", &root, "--if-needed", "--json"]).exits(0).json();
    assert_eq!(document["verdict"]["kind"], "logged_in");
    assert_eq!(posts(), 1, "nothing was submitted");
    needed("bob").exits(2).says("password");
    log_in(&home, &server, &["bob", "--if-needed"]).exits(0).answers("logged in as bob at");
    home.line("visit /end").exits(0);
    needed("bob").exits(2).says("password");
    home.line("login --continue --if-needed").exits(2);
}

#[test]
fn a_page_without_links_shows_the_end_of_a_session_that_it_showed_before() {
    let home = Home::new();
    let server = Script::new(|seen: &Seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => redirect(303, "/api/me", &["Set-Cookie: sid=alive; Path=/"]),
        (_, "/api/me") if seen.cookie("sid") == "alive" => json(r#"{"user":"alice"}"#),
        (_, "/api/me") => json(r#"{"user":null}"#),
        _ => html(200, &[], FORM),
    });
    log_in(&home, &server, &["alice"]).exits(0);
    home.line("status").exits(0).answers("logged in as alice at").answers("/api/me");
    home.run(["set-cookie", &server.url("/"), "sid=ended; Path=/"]).exits(0);
    home.line("status").exits(7).says("changed with the cookies after the login");
}

#[test]
fn status_is_right_about_a_session_server() {
    let home = Home::new();
    let server = Serve::start(&home);
    home.run(["login", &server.url(), "--user", "alice", "-q"]).exits(0);
    home.line("status -q").exits(0).answers("logged in as alice at");
    let jar = std::fs::read(home.jar()).expect("a jar");
    home.line("logout -q").exits(0);
    std::fs::write(home.jar(), jar).expect("the old jar");
    home.line("status").exits(7).says("not logged in: ").says("shows a login form");
    let warning = "warning: ended at /, a login form: the session has ended";
    home.line("visit / -o /dev/null").exits(0).says(warning);
}
