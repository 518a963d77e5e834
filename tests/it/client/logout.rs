//! `logout`: whether the server ended the session, or only the cookie was deleted.

use std::sync::Mutex;

use crate::support::{Home, Script, Serve, html, redirect};

/// An application with one session. `out` is what its logout does to the session and to the cookie.
fn application(out: fn(&mut bool) -> Vec<u8>, inside: &'static str) -> Script {
    let alive = Mutex::new(false);
    Script::new(move |seen| {
        let mut alive = alive.lock().expect("no panic");
        match (seen.method.as_str(), seen.path()) {
            ("POST", "/login") => {
                *alive = true;
                redirect(302, "/", &["Set-Cookie: sid=1"])
            }
            (_, "/out") => out(&mut alive),
            _ if *alive && seen.cookie("sid") == "1" => html(200, &[], inside),
            _ => html(
                200,
                &[],
                "<form method=post action=/login><input name=user><input type=password name=p><button>Log in</button></form>",
            ),
        }
    })
}

const BY_LINK: &str = "<p>Hi</p><a href=/out>Sign out</a>";
const BY_FORM: &str =
    "<form method=post action=/out><input type=hidden name=t value=1><button>로그아웃</button></form>";

fn logged_in(server: &Script) -> Home {
    let home = Home::new();
    home.run_with_input(["login", &server.url("/"), "--user", "a", "--password-stdin"], "x").exits(0);
    home
}

#[test]
fn logout_distinguishes_an_ended_session_from_a_deleted_cookie() {
    type Out = fn(&mut bool) -> Vec<u8>;
    let both: Out = |alive| {
        *alive = false;
        redirect(302, "/", &["Set-Cookie: sid=; Max-Age=0"])
    };
    let only_cookie: Out = |_| redirect(302, "/", &["Set-Cookie: sid=; Max-Age=0"]);
    let only_session: Out = |alive| {
        *alive = false;
        redirect(302, "/", &[])
    };
    let neither: Out = |_| html(200, &[], "<p>Bye!</p>");
    for (out, code, said) in [
        (both, 0, "the server ended the session"),
        (only_cookie, 7, "only the cookie was deleted"),
        (only_session, 0, "the server ended the session"),
        (neither, 7, "still logged in"),
    ] {
        for inside in [BY_LINK, BY_FORM] {
            let server = application(out, inside);
            let ran = logged_in(&server).line("logout").exits(code);
            assert!(ran.stdout.contains(said) || ran.stderr.contains(said), "{said:?}: {ran:?}");
        }
    }
}

#[test]
fn a_logout_form_sends_its_hidden_fields_and_its_page_as_referer() {
    let server = application(
        |alive| {
            *alive = false;
            redirect(302, "/", &[])
        },
        BY_FORM,
    );
    logged_in(&server).line("logout").exits(0);
    let sent = server.seen().into_iter().find(|seen| seen.path() == "/out").expect("a logout");
    assert_eq!((sent.method.as_str(), sent.body.as_str()), ("POST", "t=1"));
    assert_eq!(
        (sent.header("origin"), sent.header("referer")),
        (server.url("").as_str(), server.url("/").as_str())
    );
}

#[test]
fn logout_without_a_session_is_reported() {
    let home = Home::new();
    let server = Serve::start(&home);
    home.run(["logout", &server.url()]).exits(7).says("so this client is not logged in");
    home.run(["logout", "http://127.0.0.1:9/"]).exits(1).says("refused the connection");
}

#[test]
fn serve_ends_the_session_at_logout() {
    let home = Home::new();
    let server = Serve::start(&home);
    home.run(["login", &server.url(), "--user", "alice"]).exits(0);
    let document = home.line("logout --json").exits(0).json();
    assert_eq!(document["verdict"]["ok"], true);
    let exchanges = document["exchanges"].as_array().expect("a list");
    let probes = exchanges.iter().filter(|exchange| exchange["purpose"] == "probe");
    assert!(probes.count() >= 1 && exchanges.len() <= 6, "what was compared is shown: {exchanges:?}");
    let cookies = home.line("show-cookies --json").exits(0).json();
    assert_eq!(cookies["cookies"], serde_json::json!([]));
}
