//! `audit`: options, exit codes, limits, the baseline, and that it neither shows a secret nor touches the user's files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::faulty::{Faulty, PASSWORD, SECOND_PASSWORD};
use crate::support::{Home, Ran, Script, Serve, html, until};

/// Runs `audit` of the faulty application with these options.
fn audit(home: &Home, application: &Faulty, options: &str) -> Ran {
    Ran::from(command(home, application, options).output().expect("the binary to start"))
}

fn command(home: &Home, application: &Faulty, options: &str) -> std::process::Command {
    let url = application.url();
    let mut command =
        home.command(["audit", &url, "--user", "alice"].into_iter().chain(options.split_whitespace()));
    command.env("SESSCTL_PASSWORD", PASSWORD).env("SESSCTL_SECOND_PASSWORD", SECOND_PASSWORD);
    command
}

/// All files below a folder, with their content.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.insert(entry.path(), fs::read(entry.path()).expect("a file"));
        }
    }
    found
}

#[test]
fn arguments_that_cannot_work_exit_with_2_before_anything_is_sent() {
    let home = Home::new();
    for (line, says) in [
        ("audit http://192.0.2.1/ --user alice", "192.0.2.1 is not this machine"),
        ("audit https://app.example/ --user alice", "if you may test this host, add --authorized"),
        ("audit --user alice --only cookie-secur", "a similar value exists: 'cookie-secure'"),
        ("audit --user alice --skip zzz", "sessctl audit --list prints the names of all checks"),
        ("audit --explain logout-ends", "a similar value exists: 'logout-ends-session'"),
        ("audit --user alice --only hsts --skip hsts", "no check is left"),
        ("audit --user alice --json --format html", "give only one of them"),
        ("audit --user alice --clock-command true", "write it where the number of seconds belongs"),
        ("audit --user alice --fail-on info", "invalid value 'info' for '--fail-on <SEVERITY>'"),
        ("audit --user alice --value /count", "--write <REQUEST>"),
    ] {
        home.line(line).exits(2).says(says);
    }
    let korean = home.line("audit --user alice --only cookie-secur --lang ko").exits(2);
    korean.says("비슷한 값이 있습니다: 'cookie-secure'").says("모든 점검의 이름을 출력합니다");
    home.line("audit http://192.0.2.1/ --user alice --lang ko").exits(2).says("이 컴퓨터가 아닙니다");
}

#[test]
fn the_exit_code_depends_on_the_severity_of_the_findings() {
    let (home, application) = (Home::new(), Faulty::start());
    let run = |options: &str| audit(&home, &application, options);
    run("--only cookie-httponly").exits(7).answers("medium    cookie-httponly").says("1 finding");
    run("--only cookie-httponly --fail-on high")
        .exits(0)
        .answers("medium    cookie-httponly")
        .answers("no finding with the severity high");
    run("--only cache-control").exits(0).answers("low       cache-control");
    run("--only cache-control --fail-on low").exits(7).says("1 finding");
    run("--only cookie-httponly,cookie-samesite").exits(7).says("2 findings");
    // The name is missing, and the form asks for it.
    home.run(["audit", &application.url()]).exits(1).says("asks for a user name").says("give --user NAME");
    // A remark never fails a run, and a missing option alone changes nothing.
    run("--only cookie-secure,idle-timeout --fail-on low")
        .exits(0)
        .answers("info      cookie-secure")
        .answers("idle-timeout: give the timeout with --idle-timeout");
    run("--passive --only cookie-domain,hsts -q").exits(0).answers("Passed:\n  cookie-domain");
}

#[test]
fn an_audit_that_cannot_log_in_or_is_cut_short_exits_with_1() {
    let (home, application) = (Home::new(), Faulty::start());
    let url = application.url();
    let ran = Ran::from(
        command(&home, &application, "--json").env("SESSCTL_PASSWORD", "wrong").output().expect("a run"),
    );
    let document = ran.exits(1).says(&format!("cannot audit {url}: ")).json();
    assert_eq!(document["verdict"]["kind"], "incomplete", "{document}");
    let results = document["checks"].as_array().expect("checks");
    assert!(results.iter().all(|it| it["result"] == "not-tested"), "{document}");
    let ran =
        Ran::from(command(&home, &application, "").env_remove("SESSCTL_PASSWORD").output().expect("a run"));
    ran.exits(1)
        .answers("  all checks: cannot log in: ")
        .says("give --password-stdin, --password-file FILE or");
    let refused = home.line("audit http://127.0.0.1:1/ --user alice --json").exits(1).json();
    assert_eq!(refused["checks"][0]["reason_kind"], "target_failed");
    // The limit stops a check that needs more requests. The checks before it keep their results.
    let ran = audit(&home, &application, "--only cookie-domain,relogin --max-requests 20 --json");
    let document = ran.exits(1).json();
    assert_eq!(document["checks"][0]["result"], "pass");
    assert_eq!(document["checks"][1]["reason_kind"], "request_limit", "{document}");
    assert!(document["requests"].as_u64().is_some_and(|count| count <= 20), "{document}");
    // With a finding, the exit code is 7.
    audit(&home, &application, "--only cookie-httponly,relogin --max-requests 20").exits(7);
}

#[test]
fn a_wrong_password_that_logs_in_is_the_only_finding() {
    let application = Script::new(|seen| match (seen.method.as_str(), seen.cookie("sid")) {
        ("POST", _) => crate::support::redirect(303, "/", &["Set-Cookie: sid=alive; Path=/"]),
        (_, "alive") => html(200, &[], "<p>Hello alice</p><a href=/logout>Log out</a>"),
        _ => html(200, &[], "<form method=post><input name=user><input type=password name=pass></form>"),
    });
    let home = Home::new();
    let mut command = home.command(["audit", &application.url("/"), "--user", "alice", "--json"]);
    let ran = Ran::from(command.env("SESSCTL_PASSWORD", PASSWORD).output().expect("a run"));
    let document = ran.exits(7).json();
    let failed: Vec<&str> = document["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .filter(|it| it["result"] != "not-tested")
        .filter_map(|it| it["id"].as_str())
        .collect();
    assert_eq!(failed, ["wrong-password"], "{document}");
}

#[test]
fn a_signal_ends_the_sessions_and_writes_the_report_so_far() {
    let (home, application) = (Home::new(), Faulty::start());
    for (first, signal, code) in [("cookie-domain", "INT", 1), ("cookie-httponly", "TERM", 7)] {
        let before = application.logins();
        // Without a clock command, the check of the timeout waits for an hour.
        let options = format!("--only {first},idle-timeout --idle-timeout 1h --format json -o report.json");
        let mut child = command(&home, &application, &options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary to start");
        // After a wrong password, the first login and the two logins of the check, no request is sent.
        let (mut sent, mut quiet) = (0, 0);
        until("the check waits", || {
            let now = application.script.seen().len();
            quiet = if now == sent { quiet + 1 } else { 0 };
            sent = now;
            application.logins() >= before + 4 && quiet >= 25
        });
        assert!(application.open_sessions() >= 2);
        let sent = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()));
        assert_eq!(child.wait().expect("its end").code(), Some(code), "{signal}");
        let report = fs::read(home.path().join("report.json")).expect("the report");
        let report: serde_json::Value = serde_json::from_slice(&report).expect("JSON");
        assert_eq!(report["checks"][0]["id"], first);
        assert_ne!(report["checks"][0]["result"], "not-tested", "{report}");
        assert_eq!(report["checks"][1]["reason_kind"], "target_failed", "{report}");
        assert_eq!(application.open_sessions(), 0, "the sessions were ended");
    }
}

#[test]
fn the_list_and_the_explanations_have_every_check() {
    let home = Home::new();
    let list = home.line("audit --list --json").exits(0).json();
    let checks = list["checks"].as_array().expect("checks");
    let table = home.line("audit --list").exits(0).stdout;
    assert_eq!(table.lines().count(), checks.len() + 1, "{table}");
    for check in checks {
        let id = check["id"].as_str().expect("a name");
        assert!(table.contains(&format!(" {id} ")), "{table}");
        let explained = home.line(&format!("audit --explain {id}")).exits(0).stdout;
        let plain = explained.split_whitespace().collect::<Vec<&str>>().join(" ");
        for key in ["title", "sends", "control", "fix"] {
            let text = check[key].as_str().expect("a text");
            assert!(plain.contains(text), "{text:?} is not in {explained}");
        }
        for number in check["cwe"].as_array().expect("numbers") {
            assert!(explained.contains(&format!("CWE-{number}: ")), "{explained}");
        }
    }
    let korean = home.line("audit --explain cookie-secure --lang ko").exits(0);
    korean.answers("세션 쿠키는 https로만 전송됩니다").answers("문제를 해결하는 방법");
    home.line("audit --list --passive").exits(0);
    let passive = home.line("audit --list --passive --json").exits(0).json();
    let passive = passive["checks"].as_array().expect("checks");
    assert!(passive.len() < checks.len() && passive.iter().all(|it| it["passive"] == true));
}

#[test]
fn the_jar_the_profile_and_the_history_stay_as_they_are() {
    let home = Home::new();
    let serve = Serve::start(&home);
    home.run(["audit", &serve.url(), "--user", "alice"]).exits(0);
    assert_eq!(files(&home.path().join("state")), BTreeMap::new(), "nothing is created");
    // Another user: a check ends all other sessions of its account.
    home.run(["login", &serve.url(), "--user", "carol"]).exits(0);
    home.line("visit -X POST /counter").exits(0);
    let before = files(&home.path().join("state"));
    assert!(before.len() >= 2, "{:?}", before.keys());
    home.run(["audit", &serve.url(), "--user", "alice"]).exits(0);
    let jar = home.jar().display().to_string();
    home.run(["audit", &serve.url(), "--user", "alice", "--jar", &jar]).exits(0);
    assert_eq!(files(&home.path().join("state")), before);
    home.line("visit / --expect-text Welcome").exits(0);
}

#[test]
fn no_report_no_argument_and_no_child_has_a_secret() {
    let (home, application) = (Home::new(), Faulty::start());
    let spy = home.path().join("spy.sh");
    fs::write(
        &spy,
        "env > child.env\ntr '\\0' ' ' < /proc/$PPID/cmdline > parent.args\necho \"$@\" > child.args\n",
    )
    .expect("a script");
    let clock = format!("--clock-command=sh\u{a0}{}\u{a0}{{}}", spy.display());
    let shown = |format: &str, more: &[&str]| {
        let url = application.url();
        let args = ["audit", &url, "--user", "alice", "--second-user", "bob", "--idle-timeout", "60"];
        let clock = clock.replace('\u{a0}', " ");
        let mut command = home.command(args.iter().chain(&["--format", format, &clock, "-v"]).chain(more));
        command.env("SESSCTL_PASSWORD", PASSWORD).env("SESSCTL_SECOND_PASSWORD", SECOND_PASSWORD);
        let ran = Ran::from(command.output().expect("the binary to start")).exits(7);
        ran.stdout + &ran.stderr
    };
    for format in ["text", "json", "junit", "sarif", "html"] {
        let mut report = shown(format, &[]);
        // The diagrams of the HTML are images in base64.
        for data in report.clone().split("base64,").skip(1) {
            let data = STANDARD.decode(data.split('"').next().unwrap_or_default()).expect("base64");
            report.push_str(&String::from_utf8(data).expect("SVG"));
        }
        for secret in application.tokens().iter().map(String::as_str).chain([PASSWORD, SECOND_PASSWORD]) {
            assert!(!report.contains(secret), "{secret} is in the report as {format}:\n{report}");
        }
        assert!(report.contains("cookie-httponly"), "{report}");
    }
    for file in ["child.env", "parent.args", "child.args"] {
        let seen = fs::read_to_string(home.path().join(file)).expect("the clock command ran");
        assert!(!seen.contains("Planted") && !seen.is_empty(), "{file}: {seen}");
    }
    // The number of seconds replaces the braces.
    let args = fs::read_to_string(home.path().join("child.args")).expect("a file");
    assert!(args.trim().parse::<f64>().is_ok(), "{args}");
    let revealed = shown("json", &["--reveal"]);
    assert!(application.tokens().iter().any(|token| revealed.contains(token)), "{revealed}");
    assert!(!revealed.contains(PASSWORD) && !revealed.contains(SECOND_PASSWORD), "{revealed}");
}

#[test]
fn with_a_baseline_only_new_findings_fail() {
    let (home, application) = (Home::new(), Faulty::start());
    let only = "--only cookie-httponly,cookie-samesite,cache-control";
    application.set_http_only(true);
    audit(&home, &application, &format!("{only} --write-baseline known.json")).exits(7);
    let text = fs::read_to_string(home.path().join("known.json")).expect("the baseline");
    let known: Vec<String> = serde_json::from_str(&text).expect("a list of fingerprints");
    assert_eq!(known.len(), 2, "{text}");
    audit(&home, &application, &format!("{only} --baseline known.json --fail-on low"))
        .exits(0)
        .answers("Known from the baseline:\n  cookie-samesite, cache-control")
        .answers("no new finding");
    // One more fault is a new finding. The others are known.
    application.set_http_only(false);
    let ran = audit(&home, &application, &format!("{only} --baseline known.json --json")).exits(7);
    assert_eq!(ran.json()["verdict"]["reason"], "1 new finding");
    let new: Vec<bool> =
        ran.json()["checks"].as_array().expect("checks").iter().map(|it| it["new"] == true).collect();
    assert_eq!(new, [true, false, false], "{}", ran.stdout);
    // A fault that is gone is reported. One whose check did not run is not.
    audit(&home, &application, &format!("{only} --write-baseline all.json")).exits(7);
    application.set_http_only(true);
    let ran = audit(&home, &application, "--only cookie-httponly --baseline all.json --json").exits(0);
    let fixed = ran.json()["fixed"].as_array().cloned().expect("a list");
    assert_eq!(fixed.len(), 1, "{fixed:?}");
    assert!(fixed[0].as_str().is_some_and(|it| it.starts_with("cookie-httponly-")), "{fixed:?}");
    // A new baseline keeps what was not tested.
    audit(&home, &application, "--only cookie-httponly --baseline all.json --write-baseline all.json")
        .exits(0);
    let kept: Vec<String> =
        serde_json::from_slice(&fs::read(home.path().join("all.json")).expect("a file")).expect("a list");
    assert_eq!(kept, known);
}

#[test]
fn an_unreadable_baseline_is_named_with_its_line_before_anything_is_sent() {
    let home = Home::new();
    home.line("audit http://127.0.0.1:1/ --user alice --baseline missing.json")
        .exits(1)
        .says("cannot read the baseline missing.json: ");
    fs::write(home.path().join("broken.json"), "[\n  \"rotation-0011223344556677\",\n  7\n]\n")
        .expect("a file");
    home.line("audit http://127.0.0.1:1/ --user alice --baseline broken.json")
        .exits(1)
        .says("cannot read the baseline broken.json: line 3 is not part of a JSON list of fingerprints");
}

#[test]
fn a_file_that_cannot_be_written_is_reported_before_anything_is_sent() {
    let home = Home::new();
    for option in ["-o", "--write-baseline"] {
        let ran = home.line(&format!("audit http://127.0.0.1:1/ --user alice {option} /dev/full")).exits(1);
        ran.says("cannot use /dev/full: it is a device or a pipe, not a file");
    }
}

#[test]
fn the_commands_of_a_finding_repeat_it() {
    let (home, application) = (Home::new(), Faulty::start());
    let document = audit(&home, &application, "--only csrf,token-in-body --json").exits(7).json();
    for check in document["checks"].as_array().expect("checks") {
        let commands = check["reproduce"].as_array().expect("commands");
        let audit = commands[0].as_str().expect("a command").strip_prefix("sessctl ").expect("sessctl");
        let mut again = home.command(audit.split_whitespace());
        let again = again.env("SESSCTL_PASSWORD", PASSWORD).output().expect("the binary to start");
        assert_eq!(again.status.code(), Some(7), "{audit}");
        for command in commands {
            let command = command.as_str().expect("a command");
            assert!(!command.contains("URL") && !command.contains("PAGE"), "{command}");
        }
        assert!(!check["evidence"].as_array().expect("exchanges").is_empty(), "{check}");
    }
}
