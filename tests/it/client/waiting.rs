//! `--wait` and `--delay`: until the server is ready, and until the form may be sent.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sessctl::client::{AgentConfig, Request, UserAgent};
use sessctl::cookies::Jar;

use crate::support::{Home, Script, html, redirect};

const FORM: &str = "<form method=post action=/send><input name=a><button>Send</button></form>";

#[test]
fn wait_retries_until_the_server_is_ready() {
    for (status, headers) in
        [(502, &[][..]), (503, &[]), (504, &[]), (503, &["Retry-After: 0"]), (503, &["Retry-After: 1"])]
    {
        let left = AtomicUsize::new(2);
        let server = Script::new(move |_| {
            let starts = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if starts.is_ok() { html(status, headers, "starting") } else { html(200, &[], "ready") }
        });
        let home = Home::new();
        home.run(["visit", &server.url("/"), "--wait", "60s", "--expect-text", "ready"]).exits(0);
        assert_eq!(server.seen().len(), 3, "{status} {headers:?}");
    }
}

#[test]
fn wait_retries_while_the_connection_is_reset() {
    let left = AtomicUsize::new(2);
    let server = Script::speaking(move |_, stream| {
        let starts = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if starts.is_err() {
            let _ = std::io::Write::write_all(stream, &html(200, &[], "ready"));
        }
    });
    let home = Home::new();
    home.run(["visit", &server.url("/"), "--wait", "60s", "--expect-text", "ready"]).exits(0);
    assert_eq!(server.seen().len(), 3);
}

#[test]
fn a_request_that_is_not_safe_is_not_repeated_without_an_answer() {
    let server = Script::speaking(|_, _| {});
    let home = Home::new();
    home.run(["visit", "-X", "POST", &server.url("/"), "--wait", "60s"]).exits(1);
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_retry_after_that_does_not_fit_is_shown_and_ends_the_wait() {
    for (status, code) in [(503, 5), (429, 4)] {
        let server = Script::new(move |_| html(status, &["Retry-After: 3600"], "later"));
        let home = Home::new();
        let ran = home.run(["visit", &server.url("/"), "--wait", "20s"]).exits(code);
        ran.says(&format!("answered {status}")).says("Retry-After: 3600 s");
        assert_eq!(server.seen().len(), 1);
    }
}

#[test]
fn a_form_that_is_answered_429_is_sent_again_after_the_time_it_names() {
    let server = Script::new({
        let left = AtomicUsize::new(1);
        move |seen| {
            if seen.method == "GET" {
                return html(200, &[], FORM);
            }
            let limited = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if limited.is_ok() { html(429, &["Retry-After: 0"], "later") } else { html(200, &[], "sent") }
        }
    });
    let home = Home::new();
    let submit = ["submit", &server.url("/"), "a=1", "--expect-text", "sent"];
    home.run(submit.iter().chain(&["--wait", "60s"])).exits(0);
    let bodies: Vec<String> = server.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies, ["", "a=1", "a=1"]);
}

#[test]
fn a_server_that_is_ready_is_not_waited_for() {
    let server = Script::new(|seen| match seen.path() {
        "/" => redirect(302, "/broken", &[]),
        _ => html(503, &[], "broken"),
    });
    let home = Home::new();
    home.run(["visit", &server.url("/"), "--wait", "60s"]).exits(5);
    assert_eq!(server.seen().len(), 2);
}

#[test]
fn delay_waits_before_a_form_is_sent() {
    const AT_LEAST: Duration = Duration::from_millis(300);
    let server = Script::new({
        let made = Mutex::new(Instant::now());
        move |seen| {
            let mut made = made.lock().expect("no panic");
            if seen.method == "GET" {
                *made = Instant::now();
                return html(200, &[], FORM);
            }
            if made.elapsed() < AT_LEAST { html(403, &[], "too fast") } else { html(200, &[], "sent") }
        }
    });
    let home = Home::new();
    home.run(["submit", &server.url("/"), "a=1", "--delay", "300ms", "--expect-text", "sent"]).exits(0);
}

#[tokio::test]
async fn the_longest_limits_do_not_overflow() {
    let server = Script::new(|_| html(200, &[], "ready"));
    let mut config = AgentConfig::default();
    (config.timeout, config.wait, config.delay) = (Duration::MAX, Duration::MAX, Duration::ZERO);
    let mut agent = UserAgent::new(config, Jar::new());
    let url = server.url("/").parse().expect("a URL");
    assert_eq!(agent.send(Request::page(url)).await.expect("a response").status, 200);
}
