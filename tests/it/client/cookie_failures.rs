//! Logins that fail because of a cookie, and messages that an application writes into one.

use crate::support::{Home, Script, html, redirect};

const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";

/// An application whose login sets this cookie, and whose pages want `sid=alive`.
fn application(cookie: &'static str) -> Script {
    Script::new(move |seen| match seen.method.as_str() {
        "POST" => redirect(302, "/", &[&format!("Set-Cookie: {cookie}")]),
        _ if seen.cookie("sid") == "alive" => html(200, &[], "<p>Hello!</p><a href=/logout>Log out</a>"),
        _ => html(200, &[], &format!("<title>App</title>{FORM}")),
    })
}

fn log_in(server: &Script, options: &[&str]) -> crate::support::Ran {
    let url = server.url("/");
    let args = [&["login", &url, "--user", "alice", "--password-stdin"], options].concat();
    Home::new().run_with_input(args, "secret")
}

#[test]
fn a_cookie_for_another_path_is_the_reason() {
    for cookie in ["sid=alive; Path=/other", "sid=alive; Path=/login"] {
        let server = application(cookie);
        let ran = log_in(&server, &["--json"]).exits(7);
        assert_eq!(ran.json()["verdict"]["kind"], "cookie_rejected", "{cookie}");
        ran.says("the cookie sid of the login is not sent to the pages of the application (NotOnPath)")
            .says("let the server set it with Path=/");
        log_in(&server, &["--lang", "ko"]).exits(7).says("전송되지 않습니다(NotOnPath)");
    }
    log_in(&application("sid=alive; Path=/"), &[]).exits(0);
    // A cookie that was sent, and a login that marks an error, have other reasons.
    let both = Script::new(|seen| match seen.method.as_str() {
        "POST" => redirect(302, "/?e", &["Set-Cookie: seen=1; Path=/", "Set-Cookie: x=1; Path=/other"]),
        _ => html(200, &[], FORM),
    });
    let ran = log_in(&both, &["--json"]).exits(7);
    assert_eq!(ran.json()["verdict"]["kind"], "refused");
    let marked = Script::new(|seen| match seen.target.as_str() {
        "/login" => redirect(302, "/?e", &["Set-Cookie: x=1; Path=/other"]),
        "/?e" => html(200, &[], &format!("<p class=error>Wrong password.</p>{FORM}")),
        _ => html(200, &[], FORM),
    });
    log_in(&marked, &[]).exits(7).says("login refused (status 302): Wrong password.");
}

#[test]
fn the_words_of_a_message_cookie_are_quoted() {
    for cookie in [
        "flash=%7B%22error%22%3A%22Wrong+password%22%7D; Path=/",
        "flash_error=Wrong%20password; Path=/",
        "notice=Wrong+password; Path=/",
        "PLAY_FLASH=\"error=Wrong+password\"; Path=/",
        "messages=W1siX19qc29uX21lc3NhZ2UiLDAsNDAsIldyb25nIHBhc3N3b3JkIl1d:1tXyZa:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA; Path=/",
    ] {
        log_in(&application(cookie), &[]).exits(7).says("login refused (status 302): Wrong password");
    }
    let ran = log_in(&application("flash=9f86d081884c7d659a2feaa0c55ad015; Path=/"), &[]).exits(7);
    assert!(!ran.says("no reason given").stderr.contains("9f86d081"));
}
