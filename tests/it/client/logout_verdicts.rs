//! `logout`: the verdict for applications with a single sign-on, with cookies that remember the user, and without a logout
//! control that a client without scripts can use.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::{Home, Ran, Script, Seen, html, redirect};

/// What the provider does when the application sends a client to its logout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AtProvider {
    Asks,
    Ends,
    /// The application does not send the client there.
    NotVisited,
    /// The page after the logout needs a session, so that the single sign-on logs in again at once.
    LogsInAgain,
}

pub(super) const LOGIN: &str = "<form method=post action=/login><input name=user><input type=password name=p><button>Log in</button></form>";

/// An application whose users log in at a provider on another host. Returns both.
fn with_sign_on(at_provider: AtProvider, by_form: bool) -> (Script, Script) {
    let application = Arc::new(Mutex::new(String::new()));
    let (callback, known) = (Arc::clone(&application), AtomicBool::new(true));
    let provider = Script::new(move |seen| {
        let is_known = known.load(Ordering::SeqCst) && seen.cookie("idp") == "1";
        let callback = format!("{}/callback", callback.lock().expect("no panic"));
        match seen.path() {
            "/seed" => html(200, &["Set-Cookie: idp=1"], "seeded"),
            "/end" if at_provider == AtProvider::Asks => html(
                200,
                &[],
                "<h1>Do you want to log out?</h1><form method=post action=/end/confirm><button>Log out</button></form>",
            ),
            "/end" => {
                known.store(false, Ordering::SeqCst);
                html(200, &[], "<p>Bye</p>")
            }
            "/authorize" if is_known && by_form => html(
                200,
                &[],
                &format!(
                    "<body onload='document.forms[0].submit()'><form method=post action='{callback}'><input type=hidden name=code value=1><input type=hidden name=state value=2></form>"
                ),
            ),
            "/authorize" if is_known => redirect(302, &format!("{callback}?code=1&state=2"), &[]),
            _ => html(200, &[], LOGIN),
        }
    });
    let at = provider.url("").replace("127.0.0.1", "localhost");
    let (alive, session) = (AtomicBool::new(true), AtomicUsize::new(1));
    let script = Script::new(move |seen| {
        let current = session.load(Ordering::SeqCst).to_string();
        let is_alive = alive.load(Ordering::SeqCst) && seen.cookie("sid") == current;
        match seen.path() {
            "/seed" => html(200, &["Set-Cookie: sid=1"], "seeded"),
            "/callback" => {
                alive.store(true, Ordering::SeqCst);
                session.fetch_add(1, Ordering::SeqCst);
                let cookie = format!("Set-Cookie: sid={}", session.load(Ordering::SeqCst));
                redirect(303, "/private", &[&cookie])
            }
            "/logout" => {
                alive.store(false, Ordering::SeqCst);
                let target = match at_provider {
                    AtProvider::NotVisited => "/bye".to_owned(),
                    AtProvider::LogsInAgain => "/".to_owned(),
                    AtProvider::Asks | AtProvider::Ends => format!("{at}/end"),
                };
                redirect(302, &target, &["Set-Cookie: sid=; Max-Age=0"])
            }
            "/bye" => html(200, &[], "<p>You left.</p>"),
            _ if is_alive => html(200, &[], "<p>Hi</p><a href=/logout>Log out</a>"),
            _ => redirect(302, &format!("{at}/authorize"), &[]),
        }
    });
    *application.lock().expect("no panic") = script.url("");
    (script, provider)
}

/// Runs `logout` with the cookie `sid=1` (and more), and returns the number of requests.
pub(super) fn logout_of(server: &Script, cookies: &str, target: &str, code: i32) -> (Home, Ran, usize) {
    let home = Home::new();
    let file = home.path().join("cookies.json");
    let list: Vec<String> = cookies
        .split("; ")
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| format!(r#"127.0.0.1	FALSE	/	FALSE	0	{name}	{value}"#))
        .collect();
    std::fs::write(&file, format!("# Netscape HTTP Cookie File\n{}\n", list.join("\n"))).expect("a file");
    home.run(["import-cookies", file.to_str().expect("a path")]).exits(0);
    let ran = home.run(["logout", &server.url(target)]).exits(code);
    let requests = server.seen().len();
    assert!(requests <= 20, "{requests} requests: {:?}", paths(server));
    (home, ran, requests)
}

pub(super) fn paths(server: &Script) -> Vec<String> {
    server.seen().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
}

/// An application in which the session `sid=1` ends with a request for which `ends` is true. `answer` answers other requests
/// than those for `/`.
pub(super) fn ending_with(
    ends: impl Fn(&Seen) -> bool + Send + Sync + 'static,
    answer: impl Fn(&Seen, bool) -> Vec<u8> + Send + Sync + 'static,
    inside: &'static str,
) -> Script {
    let alive = AtomicBool::new(true);
    Script::new(move |seen| {
        let is_inside = alive.load(Ordering::SeqCst) && seen.cookie("sid") == "1";
        if is_inside && ends(seen) {
            alive.store(false, Ordering::SeqCst);
        }
        match seen.path() {
            "/" if is_inside => html(200, &[], inside),
            "/" => html(200, &[], LOGIN),
            _ => answer(seen, is_inside),
        }
    })
}

#[test]
fn a_single_sign_on_that_still_knows_the_client_is_no_logout() {
    for by_form in [true, false] {
        for (at_provider, code, said) in [
            (AtProvider::Asks, 7, "the single sign-on session at localhost"),
            (AtProvider::NotVisited, 7, "the single sign-on at localhost"),
            (AtProvider::LogsInAgain, 7, "logs you in again"),
            (AtProvider::Ends, 0, "the server ended the session"),
        ] {
            let (application, provider) = with_sign_on(at_provider, by_form);
            let home = Home::new();
            home.run(["visit", &application.url("/seed")]).exits(0);
            home.run(["visit", &provider.url("/seed").replace("127.0.0.1", "localhost")]).exits(0);
            let ran = home.run(["logout", &application.url("/private")]).exits(code);
            assert!(ran.stdout.contains(said) || ran.stderr.contains(said), "{at_provider:?}: {ran:?}");
            let confirmed = provider.seen().iter().any(|seen| seen.path() == "/end/confirm");
            assert!(!confirmed, "a button of another site is not pressed");
            let sent = application.seen().len() + provider.seen().len() - 2;
            assert!(sent <= 20, "{sent} requests");
        }
    }
}

#[test]
fn a_replay_that_revives_the_session_is_undone() {
    for (to, has_login_page) in [("/", false), ("/", true), ("/bye", false), ("/bye", true)] {
        let alive = AtomicBool::new(true);
        let server = Script::new(move |seen| {
            match seen.path() {
                "/logout" => {
                    alive.store(false, Ordering::SeqCst);
                    return redirect(302, to, &["Set-Cookie: remember=; Max-Age=0"]);
                }
                "/bye" => return html(200, &[], "<p>Bye.</p>"),
                "/login" => return html(200, &[], LOGIN),
                _ => {}
            }
            if seen.cookie("remember") == "r1" {
                alive.store(true, Ordering::SeqCst);
            }
            match alive.load(Ordering::SeqCst) && seen.cookie("sid") == "1" {
                true => html(200, &[], "<p>Hi</p><a href=/logout>Log out</a>"),
                false if has_login_page => redirect(302, "/login", &[]),
                false => html(200, &[], LOGIN),
            }
        });
        let (home, ran, _) = logout_of(&server, "sid=1; remember=r1", "/", 7);
        let ran = ran.says("only the cookie was deleted").says("the old cookies still open a session");
        assert!(!ran.stderr.contains("changed nothing"), "{}", ran.stderr);
        let jar = ["visit", &server.url("/"), "--reject-text", "Log out", "--expect-text", "Log in"];
        home.run(jar).exits(0);
    }
}

#[test]
fn a_usual_logout_takes_six_requests() {
    let by_form = "<p>Hi</p><form method=post action=/logout><input type=hidden name=t value=1><button>Log out</button></form>";
    let by_link = "<p>Hi</p><a href=/logout>Log out</a>";
    for inside in [by_form, by_link] {
        for to in ["/", "/account", "/login", "/login?left=1", "/bye"] {
            for set in ["Set-Cookie: sid=; Max-Age=0; Path=/", "Set-Cookie: sid=2; Path=/", "X-Same: 1"] {
                for cookies in ["sid=1", "sid=1; csrftoken=c"] {
                    let server = ending_with(
                        |seen| seen.path() == "/logout",
                        move |seen, is_inside| match seen.path() {
                            "/logout" => redirect(302, to, &[set]),
                            "/account" if is_inside => html(200, &[], inside),
                            "/account" => redirect(302, "/login?next=/account", &[]),
                            "/login" => html(200, &[], LOGIN),
                            _ => html(200, &[], "<p>Bye.</p>"),
                        },
                        inside,
                    );
                    let (_, ran, requests) = logout_of(&server, cookies, "/account", 0);
                    ran.answers("the server ended the session");
                    assert!(requests <= 6, "{to} {set} {cookies}: {:?}", paths(&server));
                }
            }
        }
    }
}

#[test]
fn a_logout_that_asks_is_confirmed_on_its_site() {
    let server = ending_with(
        |seen| seen.method == "POST" && seen.path() == "/logout",
        |seen, _| match seen.method.as_str() {
            "POST" => redirect(302, "/", &[]),
            _ => html(
                200,
                &[],
                "<h1>Log out?</h1><form method=post action=/logout><button>Yes</button></form>",
            ),
        },
        "<p>Hi</p><a href=/logout>Log out</a>",
    );
    let (_, ran, requests) = logout_of(&server, "sid=1", "/", 0);
    let ran = ran.says("used the link to /logout").says("confirmed with the form to /logout");
    assert!(!ran.stderr.contains("with a GET request") && requests <= 6, "{requests}: {ran:?}");
}

#[test]
fn a_cookie_that_logs_in_again_is_no_logout() {
    let server = Script::new(|seen| match (seen.path(), seen.cookie("sid"), seen.cookie("remember")) {
        ("/logout", ..) => redirect(302, "/bye", &["Set-Cookie: sid=; Max-Age=0"]),
        ("/bye", ..) => html(200, &[], "<p>Bye.</p>"),
        ("/login", _, "r") => redirect(302, "/", &["Set-Cookie: sid=1"]),
        ("/login", ..) => html(200, &[], LOGIN),
        (_, "1", _) => html(200, &[], "<p>Hi</p><a href=/logout>Log out</a>"),
        _ => redirect(302, "/login", &[]),
    });
    let (_, ran, _) = logout_of(&server, "sid=1; remember=r", "/", 7);
    ran.says("still logged in").says("the cookies that are left in the jar log in again");
}

#[test]
fn a_server_that_fails_or_limits_the_rate_gives_no_verdict() {
    for status in [429, 503] {
        let left = AtomicBool::new(false);
        let server = Script::new(move |seen| match seen.path() {
            "/logout" => {
                left.store(true, Ordering::SeqCst);
                redirect(302, "/bye", &[])
            }
            "/bye" => html(200, &[], "<p>Bye.</p>"),
            _ if left.load(Ordering::SeqCst) => html(status, &[], "<p>Later.</p>"),
            _ => html(200, &[], "<p>Hi</p><a href=/logout>Log out</a>"),
        });
        let (_, ran, _) = logout_of(&server, "sid=1", "/", 7);
        ran.says("cannot tell whether the session ended").says(&format!("status {status}"));
    }
}
