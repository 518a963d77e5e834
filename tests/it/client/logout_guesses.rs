//! `logout` without a logout control that a client without scripts can use: addresses in scripts, common paths, and the path
//! that the user names.

use super::logout_verdicts::{LOGIN, ending_with, logout_of, paths};
use crate::support::{Seen, html, redirect, respond};

#[test]
fn logouts_without_a_control_are_found_by_their_addresses() {
    let with_token = "<meta name=csrf-token content=t1><p>Hi, this page has a script.</p>";
    type Ends = fn(&Seen) -> bool;
    let by_token: Ends = |seen| seen.header("x-csrf-token") == "t1";
    let cases: [(&str, &'static str, &str, Ends, &str); 7] = [
        (
            "a link for a script",
            "<a class=link-action href data-url=/user/logout>Sign Out</a>",
            "POST /user/logout",
            |_| true,
            "used POST /user/logout",
        ),
        (
            "an unlabeled link for a script",
            "<a class=link-action href data-url=/user/logout><i></i></a>",
            "POST /user/logout",
            |_| true,
            "used POST /user/logout",
        ),
        (
            "_method=delete",
            with_token,
            "POST /session",
            |seen| seen.body == "_method=delete" && seen.header("x-csrf-token") == "t1",
            "used POST /session",
        ),
        (
            "a deleting link without words",
            "<meta name=csrf-token content=t1><a href=/session data-method=delete><i></i></a>",
            "POST /session",
            by_token,
            "used the link to /session",
        ),
        (
            "a button for a script",
            "<button onclick=\"fetch('/api/v2/logout', {method: 'POST'})\">Log out</button>",
            "POST /api/v2/logout",
            |_| true,
            "used POST /api/v2/logout",
        ),
        (
            "a script",
            "<button id=out>x</button><script>out.onclick = () => fetch('/my/signout', {method: 'POST'})</script>",
            "POST /my/signout",
            |_| true,
            "used POST /my/signout",
        ),
        (
            "only a common path",
            "<p>Hi</p>",
            "POST /logout",
            |_| true,
            "used POST /logout, a common logout path",
        ),
    ];
    for (name, inside, request, needs, said) in cases {
        let is_it = move |seen: &Seen| format!("{} {}", seen.method, seen.path()) == request;
        let server = ending_with(
            move |seen| is_it(seen) && needs(seen),
            move |seen, _| if is_it(seen) { redirect(302, "/", &[]) } else { html(404, &[], "no such page") },
            inside,
        );
        let (_, ran, requests) = logout_of(&server, "sid=1; _csrf=t1", "/", 0);
        assert!(ran.stderr.contains(said), "{name}: {ran:?}");
        assert!(requests <= 16, "{name}: {requests}");
    }
}

#[test]
fn the_post_goes_to_where_the_get_was_redirected() {
    let server = ending_with(
        |seen| seen.method == "POST" && seen.path() == "/admin/logout/",
        |seen, is_inside| match (seen.method.as_str(), seen.path()) {
            ("GET", "/admin/logout") => redirect(302, "/admin/logout/", &[]),
            ("GET", "/admin/logout/") => html(405, &["Set-Cookie: sid=; Max-Age=0; Path=/"], "not allowed"),
            ("POST", "/admin/logout/") => redirect(302, "/", &["Set-Cookie: sid=; Max-Age=0; Path=/"]),
            ("GET", "/admin/") if is_inside => html(200, &[], "<p>Hi</p>"),
            ("GET", "/admin/") => html(200, &[], LOGIN),
            _ => html(404, &[], "no such page"),
        },
        "<p>Hi</p>",
    );
    let (_, ran, _) = logout_of(&server, "sid=1", "/admin/", 0);
    ran.answers("the server ended the session").says("used POST /admin/logout/, a common logout path");
}

#[test]
fn a_guess_that_fails_leaves_the_session_in_the_jar() {
    let server = ending_with(
        |_| false,
        |seen, _| match seen.path() {
            "/logout" => html(405, &["Set-Cookie: sid=; Max-Age=0; Path=/"], "not allowed"),
            _ => html(404, &[], "no such page"),
        },
        "<p>Hi</p>",
    );
    let (home, ran, _) = logout_of(&server, "sid=1", "/", 7);
    ran.says("no logout form or link");
    home.run(["visit", &server.url("/"), "--expect-text", "Hi"]).exits(0);
}

#[test]
fn a_guess_without_a_valid_response_counts_as_not_found() {
    let server = ending_with(
        |seen| seen.method == "POST" && seen.path() == "/api/logout",
        |seen, _| match (seen.method.as_str(), seen.path()) {
            (_, "/logout") => b"not HTTP\r\n\r\n".to_vec(),
            ("POST", "/api/logout") => respond(204, &[], ""),
            _ => html(404, &[], "no such page"),
        },
        "<p>Hi</p>",
    );
    let (_, ran, _) = logout_of(&server, "sid=1", "/", 0);
    ran.says("used POST /api/logout");
}

#[test]
fn a_path_that_logs_out_itself_is_judged() {
    for (path, method) in
        [("/web/session/logout", "GET"), ("/leave?action=logout", "GET"), ("/api/logout", "POST")]
    {
        let server = ending_with(
            move |seen| seen.target == path && seen.method == method,
            move |seen, _| match seen.target == path && seen.method == method {
                true => redirect(302, "/", &["Set-Cookie: sid=; Max-Age=0; Path=/"]),
                false => html(404, &[], "no such page"),
            },
            "<p>Hi, alice</p>",
        );
        let (_, ran, requests) = logout_of(&server, "sid=1", path, 0);
        let used = format!("used {method} {}", path.split('?').next().unwrap_or_default());
        ran.answers("the server ended the session").says(&used);
        assert!(requests <= 8, "{:?}", paths(&server));
    }
}

#[test]
fn a_path_that_only_deletes_the_cookie_is_judged() {
    let server = ending_with(
        |_| false,
        |_, _| redirect(302, "/", &["Set-Cookie: sid=; Max-Age=0; Path=/"]),
        "<p>Hi, alice</p>",
    );
    let (_, ran, _) = logout_of(&server, "sid=1", "/web/session/logout", 7);
    ran.says("only the cookie was deleted").says("used GET /web/session/logout");
}

#[test]
fn a_javascript_link_is_named_as_one() {
    let server = ending_with(
        |_| false,
        |_, _| html(404, &[], "no such page"),
        "<a href='javascript:out()'>Log out</a>",
    );
    let (_, ran, _) = logout_of(&server, "sid=1", "/", 7);
    ran.says("\"Log out\" (a javascript: link)").says("logout PATH");
}
