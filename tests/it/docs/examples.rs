//! Runs every command in the README and the guide, and compares its answer with the page.
//!
//! Values that change from run to run (times, tokens, handles, ports, durations) are compared by their kind.
//! `UPDATE_GUIDE=1 cargo test --locked --test it every_command` writes the answers into the pages.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};

use regress::Regex;

use super::markdown::{Example, Page, pages, root};
use crate::support::{Home, Ran, Script, Serve, html, redirect};

/// The address that the pages show for `sessctl serve` without `--bind`.
const DEFAULT: &str = "127.0.0.1:8000";

/// Values that differ from run to run, and what they are compared as.
const VALUES: &[(&str, &str)] = &[
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?", "TIME"),
    (r"\d{4}-\d\d-\d\d \(in \d+ days\)", "TIME"),
    (r"\w{3}, \d\d \w{3} (?!1970)\d{4} \d\d:\d\d:\d\d GMT", "TIME"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "HANDLE"),
    (r"(?<![\w-])[\w-]{43}(?![\w-])", "TOKEN"),
    (r"(?<![\w-])[\w-]{22}/", "INSPECTOR/"),
    (r"(?<![\w-])[\w-]{8}…", "PREFIX…"),
    (r"(Content-Length:|a body of) \d+", "$1 SIZE"),
    (r"\b\d+ (ms|s|min)\b", "DURATION"),
    (r"Sent \d+ requests, with \d+ logins?", "Sent COUNT"),
    (r#""ms": ?\d+"#, "\"ms\": DURATION"),
    (r"127\.0\.0\.1:[1-9]\d{4}", "127.0.0.1:PORT"),
    // A longer value takes some of the spaces that align it.
    (r" +(?=.*DURATION)|(?<=DURATION.*) +", " "),
];

fn comparable(lines: &[&str]) -> Vec<String> {
    let values: Vec<(Regex, &str)> =
        VALUES.iter().map(|(value, kind)| (Regex::with_flags(value, "u").expect(value), *kind)).collect();
    let comparable = |line: &&str| {
        values.iter().fold((*line).to_owned(), |line, (value, kind)| value.replace_all(&line, kind))
    };
    lines.iter().map(comparable).collect()
}

/// A free port of four digits, as the pages show, so that tables and diagrams have the same width.
fn port_of_four_digits() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let spread = u16::try_from(std::process::id() % 5_000).expect("a small number");
        let port = 4_000 + (spread + NEXT.fetch_add(1, Ordering::Relaxed)) % 5_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The terminals of a person who follows a page from its beginning to its end.
struct Terminal {
    home: Home,
    /// Servers with the addresses that the page shows for them.
    servers: Vec<(String, Serve)>,
    /// Commands that set variables for those after them.
    exports: String,
    language: &'static str,
}

impl Terminal {
    fn new(page: &Page) -> Self {
        let language = if page.name.ends_with("ko.md") { "ko_KR.UTF-8" } else { "C.UTF-8" };
        Terminal { home: Home::new(), servers: Vec::new(), exports: String::new(), language }
    }

    fn bash(&self, line: &str) -> Command {
        let binary = Path::new(env!("CARGO_BIN_EXE_sessctl")).parent().expect("a folder").to_owned();
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = [binary].into_iter().chain(std::env::split_paths(&others).collect::<Vec<PathBuf>>());
        let mut line = format!("{}{line}", self.exports);
        for (shown, server) in &self.servers {
            line = line.replace(shown, &server.address);
        }
        let mut shell = Command::new("bash");
        shell.args(["-o", "pipefail", "-c", &line]).current_dir(self.home.path()).env_clear();
        shell.env("PATH", std::env::join_paths(path).expect("a path")).env("HOME", self.home.path());
        shell.env("XDG_STATE_HOME", self.home.path().join("state")).env("LANG", self.language);
        if let Some((_, server)) = self.servers.iter().find(|(shown, _)| shown == DEFAULT) {
            shell.env("SESSCTL_URL", server.url());
        }
        shell
    }

    /// The exit code of a command, and what it writes to stdout and stderr.
    fn run(&mut self, command: &str) -> (Option<i32>, String) {
        if command.starts_with("export ") {
            self.exports.push_str(&format!("{command}\n"));
            return (Some(0), String::new());
        }
        let is_server = !command.contains('|') && !command.contains("--weaken list");
        if command.starts_with("sessctl serve") && is_server {
            return (Some(0), self.serve(command));
        }
        let output = self.bash(&format!("{{ {command}\n}} 2>&1")).output().expect("bash");
        let ran = Ran::from(output);
        // Mermaid writes a colon as `#58;`.
        let in_mermaid = |address: &str| address.replace(':', "#58;");
        let answer = self.servers.iter().fold(ran.stdout, |answer, (shown, server)| {
            let answer = answer.replace(&server.address, shown);
            answer.replace(&in_mermaid(&server.address), &in_mermaid(shown))
        });
        (ran.code, answer)
    }

    /// Starts a server, in place of an earlier one at the same address.
    fn serve(&mut self, command: &str) -> String {
        let bind = command.split_once("--bind ").and_then(|(_, rest)| rest.split_whitespace().next());
        let shown = bind.unwrap_or(DEFAULT).to_owned();
        self.servers.retain(|(address, _)| *address != shown);
        let options = command.strip_prefix("sessctl serve").unwrap_or_default();
        let options = options.replace(&format!(" --bind {shown}"), "");
        let address = format!("127.0.0.1:{}", port_of_four_digits());
        let mut server = Serve::of(self.bash(&format!("exec sessctl serve --bind {address}{options}")));
        let mut answer = String::new();
        if options.contains("--inspect") {
            answer = format!("inspect at {}{}\n", server.url(), server.inspector());
        }
        if options.contains("--weaken") {
            answer = format!("warning: {}\n", server.line_on_stderr("warning: "));
        }
        answer.push_str(&format!("listening on {}\n", server.url()));
        let answer = answer.replace(&server.address, &shown);
        self.servers.push((shown, server));
        answer
    }
}

/// Runs the commands of a page. Returns the differences, and the page with the new answers.
fn check(page: &Page) -> (Vec<String>, String) {
    let lines = page.lines();
    let (mut differences, mut updated, mut copied) = (Vec::new(), String::new(), 0);
    let mut terminal = Terminal::new(page);
    for Example { command, exit_code, answer } in page.examples() {
        let shown = &lines[answer.clone()];
        let (code, answered) = terminal.run(&command);
        let answered: Vec<&str> = answered.lines().collect();
        let is_same = comparable(shown) == comparable(&answered);
        if code != Some(exit_code) || !is_same {
            let (at, code) = (answer.start, code.unwrap_or(-1));
            let (shown, answered) = (shown.join("\n"), answered.join("\n"));
            let what = format!("{}:{at}: $ {command}\nexit code {exit_code}, ended with {code}", page.name);
            differences.push(format!("{what}\n--- the page shows\n{shown}\n--- it answers\n{answered}\n"));
        }
        for line in lines[copied..answer.start].iter().chain(if is_same { shown } else { &answered }) {
            updated.push_str(line);
            updated.push('\n');
        }
        copied = answer.end;
    }
    for line in &lines[copied..] {
        updated.push_str(line);
        updated.push('\n');
    }
    (differences, updated)
}

#[test]
fn every_command_answers_what_its_page_shows() {
    let is_updating = std::env::var_os("UPDATE_GUIDE").is_some();
    let check_and_update = |page: &Page| {
        let (differences, updated) = check(page);
        if is_updating && updated != page.text {
            std::fs::write(root().join(&page.name), updated).expect("the page to be written");
        }
        differences
    };
    let pages = pages();
    let differences: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = pages.iter().map(|page| scope.spawn(move || check_and_update(page))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("the page to be read")).collect()
    });
    assert!(pages.iter().map(|page| page.examples().len()).sum::<usize>() > 60, "the commands were found");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn other_times_and_tokens_are_the_same_answer_and_other_words_are_not() {
    let one = ["< Date: Sun, 29 Nov 2026 22:00:50 GMT", "sessionid=qENqm6l5…; Path=/", "  200 OK (7 ms) │"];
    let other = ["< Date: Mon, 30 Nov 2026 01:10:00 GMT", "sessionid=AAAAAAAA…; Path=/", " 200 OK (11 ms) │"];
    assert_eq!(comparable(&one), comparable(&other));
    assert_ne!(comparable(&["200 OK"]), comparable(&["201 OK"]));
    assert_ne!(comparable(&["a  b"]), comparable(&["a b"]), "spaces count where no duration is");
}

/// An application for the CI chapter: a login form, a report for those who are logged in, and a redirect for others.
fn application() -> Script {
    let is_alive = AtomicBool::new(false);
    Script::new(move |seen| {
        let is_known = seen.cookie("id") == "secret" && is_alive.load(Ordering::SeqCst);
        match (seen.method.as_str(), seen.path(), is_known) {
            ("POST", "/login", _) if seen.body == "username=ci&password=correct+horse" => {
                is_alive.store(true, Ordering::SeqCst);
                redirect(303, "/", &["Set-Cookie: id=secret; HttpOnly; Path=/"])
            }
            ("POST", "/logout", _) => {
                is_alive.store(false, Ordering::SeqCst);
                redirect(303, "/", &["Set-Cookie: id=; Max-Age=0; Path=/"])
            }
            ("GET", "/", true) => {
                html(200, &[], "<p>ci</p><form method=post action=/logout><button>Log out</button></form>")
            }
            ("GET", "/reports", true) => html(200, &[], "<h1>Monthly report</h1>"),
            ("GET", "/", false) => html(
                200,
                &[],
                "<form method=post action=/login><input name=username><input type=password name=password>\
                 <button>Log in</button></form>",
            ),
            _ => redirect(303, "/", &[]),
        }
    })
}

#[test]
fn the_steps_of_continuous_integration_pass_and_fail_as_the_pages_say() {
    let mut steps = 0;
    for page in pages() {
        for (_, workflow) in page.blocks_of("yaml").into_iter().filter(|(_, it)| it.starts_with("steps:")) {
            let application = application();
            let terminal = Terminal::new(&page);
            let run = |command: &str, code: i32| {
                let command = command.replace("127.0.0.1:3000", &application.address);
                let output = terminal.bash(&command).env("PASSWORD", "correct horse").output();
                Ran::from(output.expect("bash")).exits(code);
            };
            for step in workflow.lines().filter_map(|line| line.trim_start().strip_prefix("- run: ")) {
                match step {
                    "./my-application &" => {}
                    _ if step.starts_with("cargo install --locked --path ") => {}
                    _ => {
                        run(step, 0);
                        steps += 1;
                    }
                }
            }
            // Logged out, the redirect to the login form satisfies a status but not a text.
            run("sessctl visit /reports --expect-status 200", 0);
            run("sessctl visit /reports --expect-text 'Monthly report'", 7);
            run("sessctl visit /reports --expect-status 200 --max-redirects 0", 7);
        }
    }
    assert!(steps >= 3, "the steps were found");
}
