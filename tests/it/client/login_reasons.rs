//! The reason of a login that failed, and the evidence of one that worked, in words that help.

use std::sync::atomic::{AtomicU32, Ordering};

use super::login_verdicts::{COOKIE, FORM, fails, is_in, log_in};
use crate::support::{Home, Script, html, redirect};

#[test]
fn a_reason_has_no_words_that_are_not_on_the_screen() {
    for (page, said) in [
        (
            "<div role=alert><span class=sr-only>Error:</span> Bad password <i aria-hidden=true>report</i><button>×</button><button>OK</button></div>",
            "login refused (status 200): Bad password",
        ),
        (
            "<p class=visually-hidden>Loading</p><p>This was not it.</p><div aria-hidden=true><p>close</p></div>",
            "login refused (status 200): This was not it.",
        ),
        (
            "<div class=notice>Maintenance on Sunday</div><p>The password is incorrect.</p>",
            "login refused (status 200): The password is incorrect.",
        ),
    ] {
        let server = Script::new(move |seen| match seen.method.as_str() {
            "POST" => html(200, &[], &format!("{page}{FORM}")),
            _ => html(200, &[], FORM),
        });
        let ran = log_in(&Home::new(), &server.url("/login"), &["--json"]).exits(7);
        assert_eq!(ran.json()["verdict"]["reason"], said);
    }
}

#[test]
fn a_difference_names_the_query_of_its_addresses() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.target.as_str()) {
        ("POST", _) => redirect(302, "/login?page=home", &[COOKIE]),
        (_, "/login?page=home") if is_in(seen) => html(200, &[], "<p>Dear alice</p>"),
        (_, "/login?page=home") => redirect(302, "/login?page=form&token=0123456789abcdef", &[]),
        (_, "/login") => html(200, &[], FORM),
        _ if seen.path() == "/login" => html(200, &[], FORM),
        _ => html(200, &[], "<p>Welcome</p>"),
    });
    let ran = log_in(&Home::new(), &server.url("/login"), &[]).exits(0);
    let ran =
        ran.says("/login?page=home changes with the cookie: logged out it redirects to /login?page=form&");
    assert!(!ran.stderr.contains("0123456789abcdef"), "{}", ran.stderr);
}

#[test]
fn a_server_that_limits_the_rate_is_asked_no_more() {
    let count = AtomicU32::new(0);
    let server =
        Script::new(move |seen| match (seen.method.as_str(), count.fetch_add(1, Ordering::SeqCst)) {
            (_, 3..) => html(429, &["Retry-After: 7"], "<p>Slow down</p>"),
            ("POST", _) => redirect(302, "/", &[COOKIE]),
            _ => html(200, &[], FORM),
        });
    fails(&server, "/login", &[], "rate_limited", "retry after 7 s");
    assert!(server.seen().len() <= 5, "{} requests", server.seen().len());
}

#[test]
fn an_error_page_without_a_form_refuses_the_login() {
    let server = Script::new(|seen| match seen.method.as_str() {
        "POST" => html(200, &[], "<h1>Error</h1><p>The password is not right.</p>"),
        _ => html(200, &[], FORM),
    });
    fails(&server, "/login", &[], "refused", "The password is not right.");
    // Without any cookie, no page can show a session.
    assert_eq!(server.seen().len(), 2);
}
