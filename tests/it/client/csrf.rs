//! CSRF tokens in fields, `meta` elements and cookies are found and sent.

use crate::support::{Home, Script, Seen, html, redirect};

/// An application whose forms require a token in a header. `page` is the HTML before its form, `cookie` the cookie that
/// it sets, and `is_right` checks the token of a request.
fn application(page: &'static str, cookie: &'static str, is_right: fn(&Seen) -> bool) -> Script {
    Script::new(move |seen| {
        let user = seen.cookie("sid");
        match (seen.method.as_str(), seen.path()) {
            ("POST", _) if !is_right(seen) => html(403, &[], "<p role=alert>The token is missing"),
            ("POST", "/login") => redirect(303, "/", &["Set-Cookie: sid=alice; Path=/; HttpOnly"]),
            ("POST", "/logout") => redirect(303, "/", &["Set-Cookie: sid=; Path=/; Max-Age=0"]),
            ("POST", _) => html(200, &[], "<p>saved"),
            _ if user == "alice" => html(
                200,
                &[],
                &format!(
                    "{page}<p>Hello alice<form method=post action=/note><input name=text></form>\
                    <form method=post action=/logout><button>Log out</button></form>"
                ),
            ),
            _ => html(
                200,
                &[&format!("Set-Cookie: {cookie}; Path=/")],
                &format!(
                    "{page}<form method=post action=/login>\
                <input name=user><input type=password name=pass><button>Log in</button></form>"
                ),
            ),
        }
    })
}

/// Logs in, submits a form and logs out, with one process for each.
#[track_caller]
fn works(server: &Script) {
    let home = Home::new();
    let login = ["login", &server.url("/"), "--user", "alice", "--password-stdin"];
    home.run_with_input(login, "secret\n").exits(0);
    home.line("submit / text=hello --form /note --expect-text saved").exits(0);
    home.line("logout").exits(7).says("only the cookie was deleted");
}

#[test]
fn a_token_in_a_meta_element_is_sent_in_its_header() {
    works(&application("<meta name=csrf-token content=t0k3n>", "x=1", |seen| {
        seen.header("x-csrf-token") == "t0k3n"
    }));
    let named = "<meta name=_csrf content=t0k3n><meta name=_csrf_header content=X-Own>";
    works(&application(named, "x=1", |seen| seen.header("x-own") == "t0k3n"));
}

#[test]
fn a_token_in_a_cookie_is_sent_in_a_header() {
    works(&application("", "XSRF-TOKEN=a%2Bb%3D", |seen| seen.header("x-xsrf-token") == "a+b="));
    works(&application("", "csrftoken=abc", |seen| seen.header("x-csrftoken") == "abc"));
    for cookie in ["csrf_token_P5000=abc", "_csrf=abc", "x.csrf-token=abc", "my_csrf_cookie=abc"] {
        works(&application("", cookie, |seen| seen.header("x-csrf-token") == "abc"));
    }
    works(&application("", "xsrf=abc", |seen| seen.header("x-xsrf-token") == "abc"));
    works(&application("", "csrftoken_8000=abc", |seen| seen.header("x-csrftoken") == "abc"));
}

#[test]
fn a_form_with_its_own_token_sends_no_other_token() {
    let page = "<meta name=csrf-token content=meta><form method=post action=/save>
        <input type=hidden name=authenticity_token value=own><input name=a></form>";
    let server = Script::new(move |_| html(200, &["Set-Cookie: XSRF-TOKEN=x"], page));
    Home::new().run(["submit", &server.url("/"), "a=1"]).exits(0);
    let sent = server.seen().pop().expect("a request");
    assert_eq!((sent.header("x-csrf-token"), sent.header("x-xsrf-token")), ("", ""));
    assert_eq!(sent.body, "authenticity_token=own&a=1");
}

#[test]
fn a_form_of_another_site_gets_no_token() {
    let other = Script::new(|_| html(200, &[], ""));
    let page = format!(
        "<meta name=csrf-token content=secret><form method=post action={}><input name=a></form>",
        other.url("/")
    );
    let server = Script::new(move |_| html(200, &[], &page));
    Home::new().run(["submit", &server.url("/"), "a=1"]).exits(0);
    assert_eq!(other.seen()[0].header("x-csrf-token"), "");
}
