//! Streams, color, help, and broken pipes.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{Home, Ran, Script, Serve, respond};

#[test]
fn every_command_has_help() {
    let home = Home::new();
    home.line("--version").exits(0).answers("sessctl ");
    home.line("--help").exits(0).answers("Exit codes:");
    for command in [
        "tour",
        "serve",
        "login",
        "visit",
        "submit",
        "logout",
        "why",
        "show-cookies",
        "import-cookies",
        "set-cookie",
        "clear-cookies",
    ] {
        home.run([command, "--help"]).exits(0).answers("Usage: sessctl");
    }
    home.line("").exits(2);
    home.line("nonsense").exits(2);
    home.line("visit --nonsense").exits(2);
}

#[test]
fn help_and_guide_list_the_same_exit_codes() {
    let help = Home::new().line("--help").exits(0).stdout;
    let (_, codes) = help.split_once("Exit codes:\n").expect("exit codes");
    let codes: Vec<&str> = codes.lines().map(str::trim).collect();
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/exit_codes.md"));
    let guide = guide.expect("the guide").replace('`', "");
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"));
    let rows: Vec<String> = rows.skip(2).map(|row| row.replace(" | ", "  ")).collect();
    assert_eq!(codes, rows);
    assert_eq!(codes.len(), 9);
}

#[test]
fn completions_and_manual_pages_are_printed() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        home.run(["completions", shell]).exits(0).answers("import-cookies");
    }
    home.line("completions csh").exits(2);
    home.line("man").exits(0).answers(".TH sessctl 1");
    home.line("man show-cookies").exits(0).answers(".TH sessctl-show-cookies 1").answers("decode");
    let manual = home.line("man login").exits(0).stdout;
    for section in
        ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "FILES", "EXIT STATUS", "EXAMPLES"]
    {
        assert!(
            manual.lines().any(|line| line.replace('"', "") == format!(".SH {section}")),
            "{section}: {manual}"
        );
    }
    assert!(manual.contains("\\-\\-color\\fR \\fIWHEN"), "{manual}");
    assert!(manual.contains("SESSCTL_PASSWORD") && manual.contains("http_proxy"), "{manual}");
    home.line("man nonsense").exits(2).says("there is no command \"nonsense\"");
    // The shell accepts the script, which is too long for one argument.
    let script = home.path().join("sessctl.bash");
    fs::write(&script, home.line("completions bash").stdout).expect("a file");
    let checked = Command::new("bash").arg("-n").arg(&script).status();
    assert!(checked.is_ok_and(|status| status.success()));
}

#[test]
fn a_pipe_gets_no_color_unless_it_is_forced() {
    let home = Home::new();
    let server = Serve::start(&home);
    let url = server.url();
    let escapes = |ran: &Ran| ran.stdout.contains('\x1b') || ran.stderr.contains('\x1b');
    assert!(!escapes(&home.run(["visit", "-v", &url]).exits(0)));
    assert!(escapes(&home.run(["visit", "-v", &url, "--color", "always"]).exits(0)));
    let with = |name: &str, value: &str, color: &str| {
        let mut command = home.command(["visit", "-v", &url, "--color", color]);
        Ran::from(command.env(name, value).output().expect("to run")).exits(0)
    };
    assert!(escapes(&with("CLICOLOR_FORCE", "1", "auto")));
    assert!(!escapes(&with("CLICOLOR_FORCE", "0", "auto")));
    assert!(!escapes(&with("NO_COLOR", "1", "auto")) && escapes(&with("NO_COLOR", "1", "always")));
}

#[test]
fn quiet_prints_only_the_result() {
    let home = Home::new();
    let server = Serve::start(&home);
    let ran = home.run(["login", &server.url(), "--user", "alice", "-q"]).exits(0);
    assert_eq!(ran.stderr, "");
    assert_eq!(ran.stdout, format!("logged in as alice at {}/\n", server.url()));
    home.line("visit -q -v").exits(2);
}

#[test]
fn a_closed_pipe_is_no_error_and_a_full_disk_is_one() {
    let server = Script::new(|_| respond(200, &[], &"x".repeat(1 << 20)));
    let home = Home::new();
    let mut visit = home.command(["visit", &server.url("/")]);
    let mut child = visit.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("to start");
    drop(child.stdout.take());
    Ran::from(child.wait_with_output().expect("its end")).exits(0);
    if let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") {
        let mut visit = home.command(["visit", &server.url("/")]);
        let ran = Ran::from(visit.stdout(full).stderr(Stdio::piped()).output().expect("to run"));
        ran.exits(1).says("cannot write to standard output");
    }
}

#[test]
fn text_from_a_server_cannot_control_the_terminal() {
    let server =
        Script::new(|_| respond(200, &["X-Evil: a\u{1b}]0;title\u{7}b"], "safe \u{1b}[2J\u{1b}[31mred"));
    let home = Home::new();
    let line = format!("{} visit {}", env!("CARGO_BIN_EXE_sessctl"), server.url("/"));
    // `script` runs the command in a terminal.
    let mut command = Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env_clear().env("HOME", home.path()).stdin(Stdio::null());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let shown = String::from_utf8_lossy(&command.output().expect("script, of bsdutils").stdout).into_owned();
    assert!(shown.contains("safe \\u{1b}[2J\\u{1b}[31mred"), "{shown:?}");
    // On a pipe, a body is not escaped.
    home.run(["visit", &server.url("/")]).exits(0).answers("\u{1b}[2J");
}
