//! What commands leave behind to be looked at: bounded, private, without secrets, and in forms that other programs
//! read.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::support::{Home, Script, Serve, html, installed, redirect, respond};

fn history_file(home: &Home) -> PathBuf {
    home.jar().with_file_name("history.jsonl")
}

/// A login, a step that is remembered, one that fails, and a logout.
fn a_session(home: &Home) -> Serve {
    let serve = Serve::start(home);
    home.run(["login", &serve.url(), "--user", "alice"]).exits(0);
    home.line("visit -X POST /counter").exits(0);
    home.line("visit /nowhere?q=1;2#x").exits(4);
    serve
}

/// Runs a validator of another project on a file.
#[track_caller]
fn is_valid(validator: &str, file: &std::path::Path) {
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/validators").join(validator);
    let node = installed("node");
    let run = Command::new("node").arg(script).arg(file).env("NODE_FOLDER", node).output().expect("node");
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "{said}\n{}", fs::read_to_string(file).unwrap_or_default());
}

#[test]
fn a_timeline_shows_what_each_step_sent_and_changed() {
    let home = Home::new();
    let _serve = a_session(&home);
    let old = home.line("show-cookies --name sessionid --value").exits(0).stdout;
    home.line("logout").exits(0);
    let all = home.line("history").exits(0);
    let beginning = &old[..8];
    for line in [
        "1  ",
        "  login  exit 0  logged in as alice at http://127.0.0.1:",
        "    POST /login  303  ",
        &format!("        + sessionid={beginning}…"),
        "        > sessionid",
        "  visit  exit 4  ",
        "        - sessionid",
        "more requests to compare, which left the jar alone)",
    ] {
        assert!(all.stdout.contains(line), "{line:?} is not in\n{}", all.stdout);
    }
    assert!(!all.stdout.contains(old.trim()));
    let one = home.line("history 2").exits(0).stdout;
    assert!(one.contains("/counter") && !one.contains("/login"), "{one}");
    let whole = home.line("history 2 -v").exits(0).stdout;
    assert!(whole.contains(&format!("> Cookie: sessionid={beginning}…")), "{whole}");
    assert_eq!(home.line("history --last 1").exits(0).stdout.matches("  exit ").count(), 1);
    home.line("history 99").exits(1).says("cannot show number 99 of the history: it has 1 to 4");
    home.line("history --clear").exits(0);
    home.line("history").exits(0).says("the history is empty");
}

#[test]
fn a_history_with_the_purposes_of_0_1_0_is_read() {
    let home = Home::new();
    let serve = Serve::start(&home);
    for user in ["alice", "bob"] {
        home.run(["login", &serve.url(), "--user", user]).exits(0);
    }
    let har = home.line("history --har").exits(0).stdout;
    let mut text = fs::read_to_string(history_file(&home)).unwrap();
    for (now, before) in [("fresh", "newcomer"), ("probe", "control")] {
        let now = format!("\"purpose\":\"{now}\"");
        assert!(text.contains(&now), "{now} is not in {text}");
        text = text.replace(&now, &format!("\"purpose\":\"{before}\""));
    }
    fs::write(history_file(&home), text).unwrap();
    assert_eq!(home.line("history --har").exits(0).stdout, har);
}

#[test]
fn no_secret_is_in_a_history_unless_it_was_asked_for() {
    let home = Home::new();
    let secret = "S3cretValue-0123456789-abcdefghij";
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
        (_, "/start") => {
            let cookie = format!("Set-Cookie: sid={secret}; Path=/");
            redirect(302, &format!("/login;id={secret}?next=%2F&reset_token=hidden-{secret}"), &[&cookie])
        }
        ("POST", _) => respond(401, &[], "no"),
        _ => html(
            200,
            &[],
            "<form method=post action=/login><input name=user><input type=password name=pw><button>Log in</button></form>",
        ),
    });
    let login = ["login", &server.url("/start"), "--user", "u", "--password-stdin"];
    home.run_with_input(login, "pass-word-1").exits(7);
    let visit =
        ["visit", &server.url("/x"), "-H", "Authorization: Bearer opens", "-H", "X-Api-Key: opens-too"];
    home.run(visit).exits(0);
    let file = history_file(&home);
    let text = fs::read_to_string(&file).unwrap();
    for hidden in [secret, "pass-word-1", "opens"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
    assert!(text.contains("S3cretVa~"), "its beginning and its hash are there: {text}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let har = home.line("history --har").exits(0).stdout;
    assert!(!har.contains(secret) && !har.contains("pass-word-1") && !har.contains("opens"), "{har}");
    // The same value has the same hash in all of the history.
    let hash = text.split("S3cretVa~").nth(1).unwrap()[..12].to_owned();
    assert!(text.split("S3cretVa~").skip(1).all(|rest| rest.starts_with(&hash)), "{text}");

    home.run(["--reveal", "visit", &server.url("/y")]).exits(0);
    assert!(fs::read_to_string(&file).unwrap().contains(secret), "it was asked for");
    assert!(!home.line("history --har").exits(0).stdout.contains(secret), "who looks must ask too");
    assert!(home.line("history --har --reveal").exits(0).stdout.contains(secret));
}

#[test]
fn other_programs_can_read_the_har() {
    let home = Home::new();
    let _serve = a_session(&home);
    home.run(["visit", "http://127.0.0.1:1/gone", "--timeout", "2s"]).exits(1);
    home.line("logout").exits(0);
    let har = home.line("history --har").exits(0);
    let file = home.path().join("network.har");
    fs::write(&file, &har.stdout).unwrap();
    is_valid("har.mjs", &file);
    let har: Value = har.json();
    let entries = har["log"]["entries"].as_array().unwrap();
    let login = entries.iter().find(|entry| entry["request"]["method"] == "POST").unwrap();
    assert_eq!(login["response"]["redirectURL"], "/");
    assert_eq!(login["response"]["cookies"][0]["name"], "sessionid");
    assert_eq!(login["response"]["cookies"][0]["httpOnly"], true);
    assert!(entries.iter().any(|entry| entry["response"]["status"] == 0), "no response is no lie");
    // It can come back: not as values, which it does not have.
    let revealed = home.line("history --har --reveal").exits(0).stdout;
    assert_eq!(revealed.matches("\"startedDateTime\"").count(), entries.len() + 5);
}

#[test]
fn other_programs_can_draw_the_diagrams() {
    let home = Home::new();
    let serve = a_session(&home);
    home.run(["visit", &format!("{}/a;b?c=#'\"<&>%{{}}end: 안녕", serve.url())]).exits(4);
    home.line("logout").exits(0);
    let mermaid = home.line("history --last 9 --mermaid").exits(0).stdout;
    assert!(mermaid.starts_with("sequenceDiagram\n") && mermaid.contains("c->>s0: POST /login"), "{mermaid}");
    let file = home.path().join("flow.mmd");
    fs::write(&file, &mermaid).unwrap();
    is_valid("mermaid.mjs", &file);

    home.line("history --last 9 --svg flow.svg").exits(0).says("wrote flow.svg");
    let svg = home.path().join("flow.svg");
    let parsed = Command::new("python3")
        .args(["-c", "import sys, xml.dom.minidom as m; print(m.parse(sys.argv[1]).documentElement.tagName)"])
        .arg(&svg)
        .output()
        .expect("python3");
    assert_eq!(String::from_utf8_lossy(&parsed.stdout).trim(), "svg", "{parsed:?}");
    let text = fs::read_to_string(&svg).unwrap();
    // Readable at 800 pixels: type of 13, no line longer than the room there is at 8 a character.
    assert!(text.contains("viewBox=\"0 0 800 ") && text.contains("font: 13px"));
    let texts =
        text.split("<text ").skip(1).filter_map(|part| part.split_once('>')?.1.split("</text>").next());
    let longest = texts.map(|text| text.replace("&#", "").chars().count()).max().unwrap();
    assert!(longest <= 120, "{longest}");
    assert!(!text.contains("http://www.w3.org/1999/xlink") && !text.contains("<script"));
}

#[test]
fn a_diagram_in_a_terminal_fits_it() {
    let home = Home::new();
    let _serve = a_session(&home);
    home.run(["visit", "http://localhost:1/gone", "--timeout", "2s"]).exits(1);
    let diagram = home.line("history --last 9 --diagram").exits(0).stdout;
    for part in
        ["sessctl", "│ POST /login", "──▶│", "│◀──", "200 OK", "+ sessionid=", "no response", "localhost:1"]
    {
        assert!(diagram.contains(part), "{part:?} is not in\n{diagram}");
    }
    let widest = diagram.lines().map(|line| line.chars().count()).max();
    assert!(widest <= Some(80), "{widest:?}\n{diagram}");
}

#[test]
fn a_history_is_bounded() {
    let home = Home::new();
    let filler = format!("X-Filler: {}", "x".repeat(7000));
    let server = Script::new(move |_| respond(200, &[&filler, &filler.replace("Filler", "More")], "ok"));
    home.run(["visit", &server.url("/first")]).exits(0);
    let file = history_file(&home);
    let mut text = fs::read_to_string(&file).unwrap();
    let line = text.lines().nth(1).unwrap().to_owned() + "\n";
    // As many lines as fill it to just below its limit.
    while text.len() + line.len() < 4 * 1024 * 1024 {
        text.push_str(&line);
    }
    fs::write(&file, &text).unwrap();
    let before = text.lines().count() - 1;
    home.run(["visit", &server.url("/last")]).exits(0);
    let cut = fs::read_to_string(&file).unwrap();
    assert!(cut.len() <= 2 * 1024 * 1024 + 1024, "{}", cut.len());
    let newest = home.line("history --last 1").exits(0).stdout;
    assert!(newest.starts_with(&format!("{}  ", before + 1)), "numbers go on: {newest}");
    assert!(newest.contains("/last"));
}

#[test]
fn what_a_killed_writer_left_costs_one_line_at_most() {
    let home = Home::new();
    let server = Script::new(|_| respond(200, &[], "ok"));
    home.run(["visit", &server.url("/one")]).exits(0);
    let file = history_file(&home);
    let mut text = fs::read(&file).unwrap();
    text.extend_from_slice(b"{\"at\":\"2026-01-01T00:00:00Z\",\"comm");
    fs::write(&file, &text).unwrap();
    home.run(["visit", &server.url("/two")]).exits(0);
    let shown = home.line("history").exits(0).stdout;
    assert!(shown.contains("/one") && shown.contains("/two"), "{shown}");

    // What is no history is left as it is, and costs no command its success.
    fs::write(&file, "mine\n").unwrap();
    home.run(["visit", &server.url("/three")]).exits(0).says("is not a history of this sessctl");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine\n");
    home.line("history").exits(1).says("is not a history of this sessctl");
}

#[test]
fn a_jar_without_a_profile_has_no_history() {
    let home = Home::new();
    let server = Script::new(|_| respond(200, &["Set-Cookie: a=1"], "ok"));
    home.run(["--jar", "jar.json", "visit", &server.url("/")]).exits(0);
    assert!(!history_file(&home).exists());
    home.line("--jar jar.json history").exits(2).says("only profiles have");
}

#[test]
fn profiles_are_listed_shown_copied_and_removed() {
    let home = Home::new();
    home.line("profiles").exits(0).says("there are no profiles yet");
    let serve = Serve::start(&home);
    home.run(["--profile", "alice", "login", &serve.url(), "--user", "alice"]).exits(0);
    home.line("profiles").exits(0).answers("alice").answers(&serve.url());
    home.line("profiles copy alice phone").exits(0).says("copied alice to phone");
    home.line("--profile phone visit --expect-text alice").exits(0);
    home.line("profiles copy alice phone").exits(1).says("there is a profile \"phone\" already");
    let listed = home.line("profiles list --json").exits(0).json();
    assert_eq!(listed["profiles"].as_array().map(Vec::len), Some(2));
    assert_eq!(listed["profiles"][1]["records"], 2, "{listed}");
    home.line("profiles show alice").exits(0).answers("last login: http://").answers("sessionid");

    home.line("profiles remove alice").exits(0).says("its sessions stay on the servers");
    home.line("profiles show alice").exits(1).says("there is no profile \"alice\"; there are: phone");
    home.line("--profile phone visit --expect-text alice").exits(0);
    let folder = home.path().join("state/sessctl/phone");
    assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(folder.join("jar.json")).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!home.path().join("state/sessctl/alice").exists());
}
