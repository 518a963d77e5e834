//! `tour --lesson`: each attack succeeds on the weakened server and fails on the sound one, in both languages.

use std::path::{Path, PathBuf};
use std::process::Command;

use unicode_width::UnicodeWidthStr;

use super::tour::{RENEW, typed};
use crate::support::{Home, Ran, Serve};

const LESSONS: [&str; 6] = ["fixation", "theft", "replay", "csrf", "prediction", "lost-update"];

fn lesson(name: &str, language: &str) -> String {
    Home::new().run(["tour", "--auto", "--lesson", name, "--lang", language]).exits(0).stdout
}

/// Replaces ports and tokens by texts of the same width.
fn normalized(text: &str) -> String {
    let mut text = text.to_owned();
    let ports = text.split("127.0.0.1:").skip(1).map(|rest| {
        let digits = rest.chars().take_while(char::is_ascii_digit);
        digits.collect::<String>()
    });
    // The others are the same in each run.
    let ports: Vec<String> = ports.filter(|port| port.len() == 5).collect();
    assert!(ports.len() >= 2, "two servers on free ports: {text}");
    for port in ports {
        text = text.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:PPPPP");
    }
    let mut tokens: Vec<String> = Vec::new();
    for rest in text.split("sessionid=").skip(1) {
        let token: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        if !token.is_empty() && !token.starts_with("chose") && !tokens.contains(&token) {
            tokens.push(token);
        }
    }
    for (number, token) in (1..).zip(tokens) {
        let kind = if token.bytes().all(|byte| byte.is_ascii_digit()) { "NUMBER" } else { "TOKEN" };
        let name = format!("{kind}-{number}");
        text = text.replace(&token, &format!("{name}{}", "-".repeat(token.len() - name.len())));
    }
    text
}

#[track_caller]
fn matches_snapshots(language: &str) {
    for name in LESSONS {
        let text = normalized(&lesson(name, language));
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join(format!("tests/it/app/snapshots/lesson.{name}.{language}.txt"));
        if std::env::var_os(RENEW).is_some() {
            std::fs::write(&file, &text).expect("to be written");
        }
        let held = std::fs::read_to_string(&file).unwrap_or_default();
        let differs = (1..).zip(held.lines().zip(text.lines())).find(|(_, (held, told))| held != told);
        assert!(held == text, "{}: line {differs:?}; {RENEW}=1 rewrites it", file.display());
    }
}

#[test]
fn the_english_lessons_match_their_snapshots() {
    matches_snapshots("en");
}

#[test]
fn the_korean_lessons_match_their_snapshots() {
    matches_snapshots("ko");
}

#[test]
fn lessons_fit_eighty_columns_and_have_all_their_texts() {
    for name in LESSONS {
        for language in ["en", "ko"] {
            let text = lesson(name, language);
            for line in text.lines() {
                assert!(line.width() <= 80, "{} columns: {line}", line.width());
                assert_eq!(line, line.trim_end(), "spaces at the end");
            }
            assert!(!text.contains("lesson-") && !text.contains("{$") && !text.contains('\x1b'), "{text}");
            let (code, narrow) =
                typed(&format!("--auto --color never --lesson {name} --lang {language}"), 44, "");
            assert_eq!(code, Some(0), "{narrow}");
            assert!(narrow.lines().all(|line| line.width() <= 44), "{narrow}");
        }
    }
}

#[test]
fn each_attack_succeeds_once_and_fails_once() {
    for name in LESSONS {
        let text = lesson(name, "en");
        let (weakened, sound) = text.split_once("Now the same steps").expect("two servers");
        assert!(
            weakened.contains("The attack succeeds:") && !weakened.contains("The attack fails:"),
            "{text}"
        );
        assert!(sound.contains("The attack fails:") && !sound.contains("The attack succeeds:"), "{text}");
    }
}

#[test]
fn the_lines_of_code_are_in_the_source() {
    for name in LESSONS {
        let text = lesson(name, "en");
        let mut shown = 0;
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(file) = line.split_once(" server, in src/").and_then(|(_, file)| file.strip_suffix(':'))
            else {
                continue;
            };
            let code = lines.by_ref().take_while(|line| !line.is_empty()).map(str::trim);
            let code = code.collect::<Vec<&str>>().join(" ");
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
            let source = std::fs::read_to_string(&source).expect("a source file");
            assert!(source.lines().any(|line| line.trim() == code), "{file}: {code}");
            shown += 1;
        }
        assert_eq!(shown, 2, "one line of each server: {text}");
    }
}

/// The commands of a text: a line that starts with `$`, and its further lines.
fn commands(text: &str) -> Vec<String> {
    let mut commands: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("  $ ") {
            commands.push(command.to_owned());
            goes_on = true;
        } else if let (true, Some(rest), Some(last)) =
            (goes_on, line.strip_prefix("    "), commands.last_mut())
        {
            *last += &format!(" {rest}");
        } else {
            goes_on = false;
        }
    }
    commands
}

#[test]
fn the_audit_at_the_end_finds_the_fault_and_nothing_on_the_sound_server() {
    let binary = Path::new(env!("CARGO_BIN_EXE_sessctl")).parent().expect("a folder");
    for name in LESSONS {
        let commands = commands(&lesson(name, "en"));
        let [serve, audit, own] = &commands[..] else { panic!("{commands:?}") };
        let check = audit.split("--only ").nth(1).expect("a check").split(' ').next().expect("a check");
        assert!(own.contains(&format!("audit URL --user NAME --only {check}")), "{own}");
        let home = Home::new();
        let weaken = serve.strip_prefix("sessctl serve ").expect("a server");
        let weaken: Vec<&str> = weaken.split(' ').collect();
        for (options, code) in [(&weaken[..], 7), (&[], 0)] {
            let server = Serve::with(&home, options);
            let line = audit.replace("http://127.0.0.1:8000", &server.url());
            let mut command = Command::new("/bin/sh");
            command.args(["-c", &line]).env_clear().env("HOME", home.path()).env("PATH", binary);
            Ran::from(command.output().expect("to run")).exits(code).answers(check);
        }
    }
}

#[test]
fn only_the_lesson_about_the_value_of_tokens_shows_them_in_full() {
    for name in LESSONS {
        let text = lesson(name, "en");
        let values = text.split("sessionid=").skip(1);
        let values =
            values.map(|rest| rest.split(['…', ';', '\n', ' ', '"']).next().unwrap_or_default().len());
        let longest = values.max().expect("a token");
        assert_eq!(longest > 8, name == "prediction", "{text}");
    }
}

#[test]
fn lessons_are_listed() {
    let home = Home::new();
    let names = |text: &str| -> Vec<String> {
        let lines = text.lines().skip(1).filter_map(|line| line.split_whitespace().next());
        lines.map(str::to_owned).collect()
    };
    let list = home.line("tour --list").exits(0).answers("Session fixation").answers("logout-ends-session");
    assert_eq!(names(&list.stdout), LESSONS);
    let korean = home.line("tour --list --lang ko").exits(0).answers("세션 고정");
    assert_eq!(names(&korean.stdout), LESSONS);
    let document = home.line("tour --list --json").exits(0).json();
    let lessons = document["lessons"].as_array().expect("lessons");
    assert_eq!(lessons.iter().map(|it| it["name"].as_str().expect("a name")).collect::<Vec<_>>(), LESSONS);
    assert!(lessons.iter().any(|it| it["weakness"] == "no-httponly" && it["check"] == "cookie-httponly"));
}

#[test]
fn unknown_lessons_are_usage_errors_with_a_suggestion() {
    let home = Home::new();
    home.line("tour --lesson fixatoin").exits(2).says("'fixation'").says("lost-update");
    home.line("tour --lesson csrf --list").exits(2).says("cannot be used with");
    home.line("tour --lesson csrf --json").exits(2).says("the tour has no JSON output");
}

#[test]
fn enter_continues_a_lesson_and_q_quits() {
    let (code, text) = typed("--lesson replay --lang en", 80, "\n\nq\n");
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("for step 3 of 8") && text.contains("2 of 4 ·") && !text.contains("3 of 4 ·"),
        "{text}"
    );
    let (code, text) = typed("--lesson replay --lang en", 80, &"\n".repeat(8));
    assert!(code == Some(0) && text.contains("Test your own application:"), "{text}");
}

#[test]
fn a_lesson_changes_no_profile_and_uses_no_proxy() {
    let home = Home::new();
    let mut command = home.command(["tour", "--auto", "--lesson", "theft"]);
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "SESSCTL_URL"] {
        command.env(name, "http://127.0.0.1:9");
    }
    Ran::from(command.output().expect("to run")).exits(0);
    assert_eq!(std::fs::read_dir(home.path()).expect("a home").count(), 0, "nothing was written");
}
