//! The chapter about `audit`: its tables are those of the library, and its workflow fails on a new finding.

use sessctl::audit::{CHECKS, NOT_COVERED};

use super::markdown::{Page, root};
use crate::support::faulty::{Faulty, PASSWORD};
use crate::support::{Home, Ran};

fn chapter() -> Page {
    Page::read("src/guide/audit.md".to_owned())
}

/// Compares the lines after `first`, up to an empty line. `UPDATE_GUIDE=1` writes them.
fn has_lines(first: &str, expected: &[String]) {
    let page = chapter();
    let (before, rest) = page.text.split_once(first).unwrap_or_else(|| panic!("{first:?} is missing"));
    let (shown, after) = rest.split_once("\n\n").expect("an empty line");
    let expected = expected.join("\n");
    if std::env::var_os("UPDATE_GUIDE").is_some() {
        let text = format!("{before}{first}{expected}\n\n{after}");
        std::fs::write(root().join(&page.name), text).expect("the page to be written");
    } else {
        assert_eq!(shown, expected);
    }
}

#[test]
fn the_chapter_lists_all_checks_and_what_none_of_them_can_see() {
    let joined = |parts: Vec<String>| parts.join(", ");
    let rows = CHECKS.iter().map(|check| {
        let asvs = check.asvs.iter().map(|it| format!("{} L{}", it.number, it.level)).collect();
        let cwe = check.cwe.iter().map(ToString::to_string).collect();
        let (asvs, cwe) = (joined(asvs), joined(cwe));
        format!("| `{}` | {} | {} | {asvs} | {cwe} |", check.id, check.title, check.severity)
    });
    has_lines(
        "| check | what must hold | severity | ASVS | CWE |\n| --- | --- | --- | --- | --- |\n",
        &rows.collect::<Vec<_>>(),
    );
    let unseen = NOT_COVERED.iter().map(|it| format!("| {} | {} |", it.asvs.number, it.reason));
    has_lines("| ASVS | why |\n| --- | --- |\n", &unseen.collect::<Vec<_>>());
}

#[test]
fn the_workflow_of_the_chapter_fails_on_a_new_finding_and_writes_sarif() {
    let (_, workflow) = chapter().blocks_of("yaml").into_iter().next().expect("the workflow");
    let step =
        workflow.lines().find_map(|line| line.trim_start().strip_prefix("- run: sessctl ")).expect("a step");
    let uploaded =
        workflow.split_once("sarif_file: ").and_then(|(_, rest)| rest.split(' ').next()).expect("a file");
    let (home, application) = (Home::new(), Faulty::start());
    // The faulty application has one account.
    let step =
        step.replace("http://127.0.0.1:3000/", &application.url()).replace("--user ci", "--user alice");
    let run = |line: &str| {
        let mut command = home.command(line.split_whitespace());
        Ran::from(command.env("SESSCTL_PASSWORD", PASSWORD).output().expect("the binary to start"))
    };
    application.set_http_only(true);
    let url = application.url();
    run(&format!("audit {url} --user alice --write-baseline audit-baseline.json -q")).exits(7);
    run(&step).exits(0);
    application.set_http_only(false);
    run(&step).exits(7).says("1 new finding");
    let sarif = std::fs::read_to_string(home.path().join(uploaded)).expect("the file that is uploaded");
    assert_eq!(sarif.matches("\"baselineState\": \"new\"").count(), 1, "{sarif}");
}
