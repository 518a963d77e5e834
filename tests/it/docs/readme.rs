//! The README is true: its commands are run, in their order, and answer what it says they do.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Home, Ran, Serve};

const DEFAULT: &str = "127.0.0.1:8000";

struct Block<'a> {
    kind: &'a str,
    text: String,
}

fn readme() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).expect("README.md")
}

fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(kind) = line.strip_prefix("```").filter(|kind| !kind.is_empty()) {
            let inside: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block { kind, text: inside.join("\n") });
        }
    }
    blocks
}

/// Commands with what they are said to answer.
fn commands(block: &Block<'_>) -> Vec<(String, Vec<String>)> {
    let mut commands: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.text.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command.to_owned(), Vec::new())),
            (None, Some((_, answer))) => answer.push(line.to_owned()),
            (None, None) => panic!("a block begins with an answer: {line}"),
        }
    }
    commands
}

/// `…` stands for anything within a line, and alone on a line for any lines.
fn matches(expected: &[String], lines: &[&str]) -> bool {
    match (expected, lines) {
        ([], []) => true,
        ([first, rest @ ..], _) if first == "…" => {
            (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..]))
        }
        ([first, rest @ ..], [line, others @ ..]) => line_matches(first, line) && matches(rest, others),
        _ => false,
    }
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn its_commands_answer_what_it_says() {
    let text = readme();
    let home = Home::new();
    let mut server: Option<Serve> = None;
    let mut ran = 0;
    for (command, expected) in blocks(&text).iter().filter(|block| block.kind == "console").flat_map(commands)
    {
        if let Some(options) = command.strip_prefix("sessctl serve") {
            let options: Vec<&str> = options.split_whitespace().collect();
            server = Some(Serve::with(&home, &options));
            assert_eq!(expected, [format!("listening on http://{DEFAULT}")]);
            continue;
        }
        let server = server.as_ref().expect("a server before its clients");
        let (line, code) = command.split_once(" # exit code ").unwrap_or((&command, "0"));
        let binary = Path::new(env!("CARGO_BIN_EXE_sessctl")).parent().expect("a folder").to_owned();
        let mut shell = Command::new("bash");
        shell
            .args(["-o", "pipefail", "-c", &format!("{{ {line}; }} 2>&1")])
            .current_dir(home.path())
            .env_clear();
        let path = std::env::join_paths([binary].into_iter().chain(
            std::env::var_os("PATH").iter().flat_map(std::env::split_paths).collect::<Vec<PathBuf>>(),
        ));
        shell.env("PATH", path.expect("a path")).env("HOME", home.path());
        shell.env("XDG_STATE_HOME", home.path().join("state")).env("SESSCTL_URL", server.url());
        let output = Ran::from(shell.output().expect("bash"));
        let answer = output.stdout.replace(&server.address, DEFAULT);
        let lines: Vec<&str> = answer.lines().collect();
        assert_eq!(output.code, code.trim().parse().ok(), "{command}\n{answer}");
        assert!(matches(&expected, &lines), "{command}\nexpected:\n{}\ngot:\n{answer}", expected.join("\n"));
        ran += 1;
    }
    assert!(ran >= 10, "the commands were found");
}

#[test]
fn the_scripts_and_options_that_it_names_are_there() {
    let text = readme();
    let home = Home::new();
    for block in blocks(&text).iter().filter(|block| ["sh", "yaml"].contains(&block.kind)) {
        for line in block.text.lines() {
            if let Some(script) = line.split_whitespace().find(|word| word.starts_with("scripts/")) {
                assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(script).is_file(), "{script}");
            }
            let Some((_, rest)) = line.split_once("sessctl ") else { continue };
            let mut words = rest.split_whitespace();
            let command = words.next().expect("a command");
            let help = home.run([command, "--help"]).exits(0).stdout;
            for option in words.filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "{command} has no {option}");
            }
        }
    }
}

#[test]
fn its_tables_name_commands_that_there_are() {
    let home = Home::new();
    for word in readme().split('`').skip(1).step_by(2) {
        let command = word.strip_prefix("sessctl ").and_then(|rest| rest.split_whitespace().next());
        if let Some(command) = command.filter(|command| *command != "help") {
            home.run([command, "--help"]).exits(0);
        }
    }
}
