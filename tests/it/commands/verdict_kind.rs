//! `verdict.kind`, the word in JSON and in the history for how a command ended.

use std::fs;
use std::path::Path;

use crate::support::{Home, Script, Seen, html, redirect, respond};

const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";
const COOKIE: &str = "Set-Cookie: sid=alive; Path=/";

/// Runs a command with `--json`. Its kind is in the document and in the history.
#[track_caller]
fn has_kind(home: &Home, line: &str, exit: i32, kind: &str) {
    let mut command = home.command(line.split_whitespace().chain(["--json"]));
    let ran = command.env("SESSCTL_PASSWORD", "secret").output().expect("the binary to start");
    assert_eq!(ran.status.code(), Some(exit), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    let document: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    assert_eq!(document["verdict"]["kind"], kind, "{line}: {document}");
    if document["exchanges"].as_array().is_some_and(|exchanges| !exchanges.is_empty()) {
        let history = home.line("history --json").exits(0).json();
        let last = history["records"].as_array().and_then(|records| records.last()).expect("a record");
        assert_eq!(last["verdict"]["kind"], kind, "{line}");
    }
}

#[test]
fn the_guide_explains_each_kind() {
    let read = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let (source, guide) = (read("bin/sessctl/commands/verdict_kind.rs"), read("guide/json.md"));
    let variants = source.split_once("enum VerdictKind {").and_then(|(_, rest)| rest.split_once("\n}\n"));
    let (mut rows, mut meaning) = (Vec::new(), "");
    for line in variants.expect("the enum").0.lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("/// ") {
            meaning = text;
        } else if let Some(name) = line.strip_suffix(',') {
            let word: String = name
                .char_indices()
                .flat_map(|(at, c)| {
                    let underscore = (at > 0 && c.is_ascii_uppercase()).then_some('_');
                    underscore.into_iter().chain([c.to_ascii_lowercase()])
                })
                .collect();
            rows.push(format!("| `{word}` | {meaning} |"));
        }
    }
    let table = guide.split_once("| kind | meaning |\n| --- | --- |\n").expect("the table").1;
    let shown: Vec<&str> = table.lines().take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 20, "{rows:?}");
    assert_eq!(shown, rows);
}

#[test]
fn the_kind_of_a_login_says_why_it_ended() {
    for (status, headers, body, exit, kind) in [
        (302, vec!["Location: /", COOKIE], "", 0, "logged_in"),
        (401, vec![], "<p>Wrong password.</p>", 7, "refused"),
        (503, vec![], "<p>Down for maintenance.</p>", 7, "server_error"),
        (429, vec!["Retry-After: 40"], "", 7, "rate_limited"),
        (
            200,
            vec![],
            "<form method=post><input name=code autocomplete=one-time-code></form>",
            7,
            "second_factor",
        ),
        (200, vec![], "<p>Hello.</p>", 7, "no_evidence"),
    ] {
        let server = Script::new(move |seen: &Seen| match seen.method.as_str() {
            "POST" => html(status, &headers, body),
            _ if seen.cookie("sid") == "alive" => html(200, &[], "<a href=/logout>Log out</a>"),
            _ => html(200, &[], FORM),
        });
        has_kind(&Home::new(), &format!("login {} --user alice", server.url("/")), exit, kind);
    }
}

#[test]
fn the_kind_of_a_login_without_a_form_says_why_there_is_none() {
    for (page, kind) in [
        ("<p>Nothing here.</p>", "no_form"),
        ("<div id=app></div><script src=app.js></script>", "script_only"),
        ("<p>Are you a robot?</p><div class=g-captcha></div>", "captcha"),
    ] {
        let server = Script::new(move |seen: &Seen| match seen.path() {
            "/" => html(200, &[], page),
            _ => respond(404, &[], ""),
        });
        has_kind(&Home::new(), &format!("login {} --user alice", server.url("/")), 7, kind);
    }
}

#[test]
fn the_kind_of_a_logout_says_how_it_ended() {
    for (answer, exit, kind) in [
        ("Set-Cookie: sid=x; Max-Age=0; Path=/", 7, "only_cookie_gone"),
        ("X-Ignored: yes", 7, "still_logged_in"),
    ] {
        let server = Script::new(move |seen: &Seen| match (seen.method.as_str(), seen.path()) {
            ("POST", _) => redirect(302, "/", &[COOKIE]),
            (_, "/logout") => redirect(302, "/", &[answer]),
            _ if seen.cookie("sid") == "alive" => html(200, &[], "<a href=/logout>Log out</a>"),
            _ => html(200, &[], FORM),
        });
        let home = Home::new();
        has_kind(&home, &format!("login {} --user alice", server.url("/")), 0, "logged_in");
        has_kind(&home, "logout", exit, kind);
    }
    let server = Script::new(|seen: &Seen| match seen.path() {
        "/plain" => html(200, &[], "<p>Hello.</p>"),
        "/" => html(404, &[], ""),
        _ => html(200, &[], FORM),
    });
    has_kind(&Home::new(), &format!("logout {}", server.url("/login")), 7, "not_logged_in");
    has_kind(&Home::new(), &format!("logout {}", server.url("/plain")), 7, "no_logout_control");
}

#[test]
fn the_kind_of_a_request_says_how_it_ended() {
    let server = Script::new(|seen: &Seen| match seen.path() {
        "/gone" => respond(404, &[], ""),
        "/down" => respond(500, &[], ""),
        "/moved" => redirect(302, "/", &[]),
        "/loop" => redirect(302, "/loop", &[]),
        _ => html(200, &[], "<p>Hello.</p>"),
    });
    let home = Home::new();
    for (line, exit, kind) in [
        ("visit /", 0, "succeeded"),
        ("visit /gone", 4, "client_error"),
        ("visit /down", 5, "server_error"),
        ("visit /moved --max-redirects 0", 3, "redirect_not_followed"),
        ("visit /loop", 6, "too_many_redirects"),
        ("visit / --expect-status 201", 7, "expectation_failed"),
        ("submit / a=b", 1, "no_form"),
        ("visit http://127.0.0.1:1/", 1, "no_connection"),
        ("visit http://[::1", 2, "usage_error"),
        ("login / --user alice --password-file missing --as-json", 1, "failed"),
    ] {
        has_kind(&home, &format!("{line} --url {}", server.url("/")), exit, kind);
    }
}
