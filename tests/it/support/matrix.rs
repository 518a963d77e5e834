//! The matrix of applications and answers: one row for each login and logout that a test tries. With `SESSCTL_MATRIX=FILE`,
//! the rows are appended to the file as a Markdown table.

use std::io::Write;
use std::path::Path;

use serde_json::Value;

/// How many requests a login or a logout may send.
const MAX_REQUESTS: usize = 20;

/// Records one row, and asserts the limit of the requests.
#[track_caller]
pub fn record(command: &str, kind: &str, exit: u64, requests: usize) {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    assert!(requests <= MAX_REQUESTS, "{test}: {command} sent {requests} requests");
    let Some(file) = std::env::var_os("SESSCTL_MATRIX") else { return };
    let row = format!("| {} | {command} | {kind} | {exit} | {requests} |\n", test.replace("::", ": "));
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(file).expect("the matrix");
    file.write_all(row.as_bytes()).expect("the matrix");
}

/// Records the logins and logouts in a history that have a verdict.
pub fn record_history(file: &Path) {
    let Ok(history) = std::fs::read_to_string(file) else { return };
    for line in history.lines() {
        let Ok(entry) = serde_json::from_str::<Value>(line) else { continue };
        let command = entry["command"].as_str().unwrap_or_default();
        let words: Vec<&str> = command.split(' ').filter(|word| !word.contains("://")).collect();
        // Other exit codes, such as that of a redirect loop, are no verdicts.
        let is_recorded = matches!(words.first(), Some(&("login" | "logout")))
            && matches!(entry["exit"].as_u64(), Some(0 | 7));
        if let (true, Some(kind), Some(exchanges)) =
            (is_recorded, entry["kind"].as_str(), entry["exchanges"].as_array())
        {
            record(&words.join(" "), kind, entry["exit"].as_u64().unwrap_or_default(), exchanges.len());
        }
    }
}
