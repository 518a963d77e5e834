//! `tour`: its text in both languages, the commands in it, and that it changes nothing else.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use unicode_width::UnicodeWidthStr;

use crate::support::{Home, Ran, Serve};

/// If set, the tests rewrite the snapshots instead of comparing.
pub(super) const RENEW: &str = "SESSCTL_RENEW_SNAPSHOTS";

fn tour(language: &str) -> String {
    Home::new().run(["tour", "--auto", "--lang", language]).exits(0).stdout
}

/// Replaces everything that differs between runs by a text of the same width.
fn normalized(text: &str) -> String {
    let mut text = text.to_owned();
    let port = text.split("http://127.0.0.1:").nth(1).expect("a port");
    let port: String = port.chars().take_while(char::is_ascii_digit).collect();
    // A port with fewer digits would change the alignment.
    assert_eq!(port.len(), 5, "a free port of this system");
    text = text.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:PPPPP");
    for (number, token) in ('1'..).zip(found(&text, "sessionid=", '…', 8)) {
        text = text.replace(&token, &format!("TOKEN--{number}"));
    }
    for (number, handle) in ('1'..).zip(handles(&text)) {
        text = text.replace(
            &handle,
            &format!("HANDLE-{number}{}", &"-RANDOM-RANDOM-RANDOM-RANDOM"[..handle.len() - 8]),
        );
        text = text.replace(&handle[..8], &format!("HANDLE-{number}"));
    }
    for name in ["created", "last_seen", "idle_expiry", "absolute_expiry"] {
        let start = format!("\"{name}\": \"");
        let Some((before, rest)) = text.split_once(&start) else { panic!("no {name} in {text}") };
        let (moment, after) = rest.split_once('"').expect("its end");
        assert!(moment.ends_with('Z') && (20..=24).contains(&moment.len()), "{moment}");
        text = format!("{before}{start}YYYY-MM-DDTHH:MM:SS.mmmZ\"{after}");
    }
    text
}

/// The different texts of this length between `start` and `end`.
fn found(text: &str, start: &str, end: char, length: usize) -> Vec<String> {
    let mut found = Vec::new();
    for rest in text.split(start).skip(1) {
        let Some((value, _)) = rest.split_once(end) else { continue };
        if value.len() == length && !found.iter().any(|known| known == value) {
            found.push(value.to_owned());
        }
    }
    found
}

/// The handle of each session: the first in full, the others as shown.
fn handles(text: &str) -> Vec<String> {
    let whole = found(text, "\"handle\": \"", '"', 36);
    let short: Vec<String> =
        ["handle ", "핸들 "].iter().flat_map(|start| found(text, start, '…', 8)).collect();
    let others = short.into_iter().filter(|short| !whole.iter().any(|it| it.starts_with(short.as_str())));
    whole.iter().cloned().chain(others).collect()
}

#[track_caller]
fn matches_snapshot(language: &str) {
    let text = normalized(&tour(language));
    let file =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/it/app/snapshots/tour.{language}.txt"));
    if std::env::var_os(RENEW).is_some() {
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("to be made");
        std::fs::write(&file, &text).expect("to be written");
    }
    let held = std::fs::read_to_string(&file).unwrap_or_default();
    let differs = (1..).zip(held.lines().zip(text.lines())).find(|(_, (held, told))| held != told);
    assert!(held == text, "{}: line {differs:?}; {RENEW}=1 rewrites it", file.display());
}

#[test]
fn the_english_text_matches_the_snapshot() {
    matches_snapshot("en");
}

#[test]
fn the_korean_text_matches_the_snapshot() {
    matches_snapshot("ko");
}

#[test]
fn it_fits_eighty_columns() {
    for language in ["en", "ko"] {
        let text = tour(language);
        for line in text.lines() {
            assert!(line.width() <= 80, "{} columns: {line}", line.width());
            assert_eq!(line, line.trim_end(), "spaces at the end");
        }
        assert!(!text.contains('\x1b') && !text.contains("tour-") && !text.contains("{$"), "{text}");
    }
}

#[test]
fn no_token_is_shown_in_full() {
    let longest = |text: String| {
        let values = text.split("sessionid=").skip(1);
        values.map(|rest| rest.split(['…', ';', '\n', ' ']).next().unwrap_or_default().len()).max()
    };
    assert_eq!(longest(tour("en")), Some(8));
    assert_eq!(longest(Home::new().line("tour --auto -v").exits(0).stdout), Some(8));
    let revealed =
        Home::new().line("tour --auto --reveal").exits(0).stdout.replace(['\n', ' ', '+', '│'], "");
    assert_eq!(longest(revealed.replace("HttpOnly", ";")).map(|length| length >= 43), Some(true));
}

#[test]
fn the_commands_in_the_text_do_what_it_shows() {
    let text = tour("en");
    let commands: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("  $ sessctl ")).collect();
    let (first, rest) = commands.split_first().expect("commands");
    let home = Home::new();
    let options: Vec<&str> = first.strip_prefix("serve ").expect("a server").split(' ').collect();
    let server = Serve::with(&home, &options);
    let mut answers = Vec::new();
    for line in rest.iter().take_while(|line| !line.starts_with("serve")) {
        let mut command = home.command(line.split(' '));
        let ran = Ran::from(command.env("SESSCTL_URL", server.url()).output().expect("to run"));
        let refused = ran.stdout.contains("there is no session");
        let ran = ran.exits(if refused { 4 } else { 0 });
        answers.push((*line, ran.stdout + &ran.stderr));
    }
    let said = |at: usize, command: &str, text: &str| {
        let of = answers.iter().filter(|(line, _)| *line == command);
        let (_, answer) =
            of.clone().nth(at).unwrap_or_else(|| panic!("{command} is not there: {commands:?}"));
        assert!(answer.contains(text), "{command}: {answer}");
    };
    said(0, "visit -v", "Log in");
    said(0, "submit / --list", "username");
    said(0, "login --user alice -v", "logged in as alice");
    said(1, "visit -v", "Welcome, alice!");
    said(0, "show-cookies", "sessionid");
    said(0, "visit /session", "\"user\":\"alice\"");
    said(1, "visit -X POST /counter", "{\"count\":2}");
    said(0, "visit", "Log in");
    said(0, "login --user alice", "logged in as alice");
    said(0, "logout", "the server ended the session");
    said(0, "visit /session --profile ended", "there is no session");
    said(0, "visit /session --profile deleted", "{\"count\":2}");
    said(0, "clock advance 31m", "the server's clock shows");
    said(1, "visit /session --profile deleted", "there is no session");
}

#[test]
fn it_changes_no_profile_and_uses_no_proxy() {
    let home = Home::new();
    let mut command = home.command(["tour", "--auto", "--profile", "mine"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:9");
    }
    command.env("SESSCTL_URL", "http://127.0.0.1:9").env("SESSCTL_STORE", "sqlite:/nowhere/x");
    Ran::from(command.output().expect("to run")).exits(0);
    assert_eq!(std::fs::read_dir(home.path()).expect("a home").count(), 0, "nothing was written");
    home.line("tour --json").exits(2).says("the tour has no JSON output");
    home.line("tour --lang de").exits(2);
}

#[test]
fn the_locale_chooses_the_language() {
    let home = Home::new();
    let title = |variables: &[(&str, &str)], args: &[&str]| {
        let mut command = home.command(["tour", "--auto"].iter().chain(args));
        command.envs(variables.iter().copied());
        let ran = Ran::from(command.output().expect("to run")).exits(0);
        ran.stdout.lines().next().unwrap_or_default().to_owned()
    };
    let (english, korean) = ("A tour of an HTTP session", "HTTP 세션 둘러보기");
    assert!(title(&[], &[]).contains(english));
    assert!(title(&[("LANG", "ko_KR.UTF-8")], &[]).contains(korean));
    assert!(title(&[("LANG", "ko_KR.UTF-8"), ("LC_ALL", "C")], &[]).contains(english));
    assert!(title(&[("LANG", "ko_KR.UTF-8")], &["--lang", "en"]).contains(english));
}

/// Runs the tour in a terminal of `script` with these keys.
pub(super) fn typed(options: &str, columns: usize, keys: &str) -> (Option<i32>, String) {
    let home = Home::new();
    let line = format!("stty rows 24 cols {columns}; {} tour {options}", env!("CARGO_BIN_EXE_sessctl"));
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env_clear().env("HOME", home.path()).env("TERM", "xterm");
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("script, of bsdutils");
    child.stdin.take().expect("a pipe").write_all(keys.as_bytes()).expect("to be read");
    let output = child.wait_with_output().expect("its end");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).replace('\r', ""))
}

#[test]
fn enter_continues_and_q_or_the_end_of_input_quits() {
    for (keys, told, untold) in [
        ("\nq\n", "1 of 11 ·", "2 of 11 ·"),
        ("q\n", "for step 1 of 11", "1 of 11 ·"),
        ("\n\n\u{4}", "2 of 11 ·", "3 of 11 ·"),
        (&"\n".repeat(11), "Remember:", "no such text"),
    ] {
        let (code, text) = typed("", 80, keys);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains(told) && !text.contains(untold), "{keys:?}: {text}");
    }
    let (code, text) = typed("--auto", 80, "");
    assert!(code == Some(0) && text.contains("Remember:") && !text.contains("Enter"), "{text}");
}

#[test]
fn a_narrow_terminal_has_one_column() {
    for language in ["en", "ko"] {
        let (code, text) = typed(&format!("--auto --color never --lang {language}"), 44, "");
        assert_eq!(code, Some(0), "{text}");
        for line in text.lines() {
            assert!(line.width() <= 44, "{} columns: {line}", line.width());
        }
    }
    let (_, wide) = typed("--auto --color never --lang en", 200, "");
    assert!(wide.lines().all(|line| line.width() <= 80));
}

#[test]
fn color_is_never_the_only_sign() {
    let plain = tour("en");
    let colored = Home::new().line("tour --auto --color always").exits(0).stdout;
    let (first, rest) = colored.split_once('\x1b').expect("color");
    let plain_of = |part: &str| part.split_once('m').map_or_else(String::new, |(_, rest)| rest.to_owned());
    let bare = first.to_owned() + &rest.split('\x1b').map(plain_of).collect::<String>();
    let trimmed =
        |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<String>>().join("\n");
    assert!(trimmed(&normalized(&bare)) == trimmed(&normalized(&plain)), "{bare}");
}
