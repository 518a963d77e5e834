//! A login while the jar has an earlier session of the same site.

use std::sync::Mutex;

use super::login_verdicts::{FORM, INSIDE, is_correct, is_in, log_in};
use crate::support::{Home, Script, Seen, html, redirect, respond};

#[test]
fn a_second_login_below_a_context_path_works() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path(), is_in(seen)) {
        (_, "/", _) => redirect(302, "/app/", &[]),
        ("POST", ..) => redirect(302, "/app/", &["Set-Cookie: sid=1; Path=/app"]),
        (_, "/app/logout", _) => redirect(302, "/app/", &["Set-Cookie: sid=; Path=/app; Max-Age=0"]),
        (.., true) => html(200, &[], "<p>Hello</p><a href=/app/logout>Log out</a>"),
        _ => html(200, &[], &FORM.replace("/login", "/app/login")),
    });
    let home = Home::new();
    for _ in 0..2 {
        log_in(&home, &server.url("/"), &[]).exits(0).answers("logged in as alice");
    }
    home.run(["visit", &server.url("/app/"), "--expect-text", "Hello"]).exits(0);
}

/// An application whose sessions are numbered. `out` decides what its logout page does to the session of the request.
fn numbered(out: fn(&Seen, &mut Vec<u32>, u32) -> Vec<u8>, start: &'static str) -> Script {
    let sessions = Mutex::new((0_u32, Vec::<u32>::new()));
    Script::new(move |seen| {
        let mut sessions = sessions.lock().unwrap();
        let own = seen.cookie("sid").parse().unwrap_or(0);
        let is_alive = sessions.1.contains(&own);
        match (seen.method.as_str(), seen.path(), is_alive) {
            ("POST", "/login", _) if is_correct(seen) => {
                sessions.0 += 1;
                let id = sessions.0;
                sessions.1.push(id);
                redirect(302, "/account", &[&format!("Set-Cookie: sid={id}; Path=/")])
            }
            (_, "/logout", _) => out(seen, &mut sessions.1, own),
            (_, "/login", _) => html(200, &[], FORM),
            (_, "/account", true) => html(200, &[], INSIDE),
            (_, "/account", false) => redirect(302, "/login", &[]),
            _ if start.is_empty() => respond(404, &[], "no such page"),
            _ => html(200, &[], if is_alive { INSIDE } else { start }),
        }
    })
}

#[test]
fn the_end_of_an_earlier_session_is_claimed_only_if_its_cookies_are_useless() {
    type Out = fn(&Seen, &mut Vec<u32>, u32) -> Vec<u8>;
    let ends: Out = |_, alive, own| {
        alive.retain(|id| *id != own);
        redirect(302, "/login", &[])
    };
    let asks: Out = |seen, alive, own| match seen.method.as_str() {
        "POST" => {
            alive.retain(|id| *id != own);
            redirect(302, "/login", &[])
        }
        _ => html(200, &[], "<form method=post action=/logout><button>Yes</button></form>"),
    };
    let nothing: Out = |_, _, _| redirect(302, "/account", &[]);
    let only_cookie: Out = |_, _, _| redirect(302, "/login", &["Set-Cookie: sid=; Path=/; Max-Age=0"]);
    for (out, is_ended) in [(ends, true), (asks, true), (nothing, false), (only_cookie, false)] {
        for start in ["", "<p>Welcome</p>"] {
            let (home, server) = (Home::new(), numbered(out, start));
            let url = server.url("/login");
            log_in(&home, &url, &[]).exits(0);
            let old = home.line("show-cookies --name sid --value").exits(0).stdout;
            let ran = log_in(&home, &url, &[]).exits(0);
            let said = if is_ended { "logged out of the earlier session" } else { "may still be active" };
            assert!(ran.stderr.contains(said), "{said:?} is not in {}", ran.stderr);
            let old = format!("Cookie: sid={}", old.trim());
            let visit =
                ["--jar", "x.json", "visit", &server.url("/account"), "-H", &old, "--expect-text", "Hello!"];
            let is_alive = home.run(visit).code == Some(0);
            assert!(!(is_ended && is_alive), "the claim is true");
            home.run(["visit", &server.url("/account"), "--expect-text", "Hello!"]).exits(0);
            assert!(server.seen().len() <= 30, "{} requests", server.seen().len());
        }
    }
}

#[test]
fn a_failed_second_login_keeps_the_cookies_of_the_first() {
    let server = numbered(|_, _, _| redirect(302, "/account", &[]), "");
    let home = Home::new();
    log_in(&home, &server.url("/login"), &[]).exits(0);
    let login = ["login", &server.url("/login"), "--user", "alice", "--password-stdin"];
    home.run_with_input(login, "wrong").exits(7);
    assert_eq!(home.line("show-cookies --name sid --value").exits(0).stdout.trim(), "1");
}

#[test]
fn an_earlier_login_at_a_server_that_is_gone_does_not_matter() {
    let home = Home::new();
    let start = || numbered(|_, _, _| redirect(303, "/login", &[]), "<p>Welcome</p>");
    let gone = start();
    log_in(&home, &gone.url("/login"), &[]).exits(0);
    drop(gone);
    log_in(&home, &start().url("/login"), &[]).exits(0);
}
