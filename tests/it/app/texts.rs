//! The texts: each key is used and has a text in every language, with the same variables, in plain words.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sessctl::cookies::{Reason, Stage, WarningKind};

use crate::support::plain_words;

/// Keys with the variables in their texts.
type Keys = BTreeMap<String, BTreeSet<String>>;

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A source file of the binary.
fn source(name: &str) -> String {
    fs::read_to_string(src().join("bin/sessctl").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The files in `src` with one of these extensions.
fn files(extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let (mut folders, mut files) = (vec![src()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().and_then(|it| it.to_str()).is_some_and(|it| extensions.contains(&it)) {
                let text = fs::read_to_string(&path).expect("a file");
                files.push((path, text));
            }
        }
    }
    files
}

/// The keys of a language. A key starts a line; the indented lines below belong to it.
fn keys(language: &str) -> Keys {
    let (text, mut keys, mut last) = (source(&format!("texts/{language}.ftl")), Keys::new(), String::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
            key.clone_into(&mut last);
            assert!(keys.insert(last.clone(), BTreeSet::new()).is_none(), "{language}: {key} is there twice");
        }
        let variables = line.split('$').skip(1).map(|rest| {
            rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_owned()
        });
        keys.entry(last.clone()).or_default().extend(variables);
    }
    keys.remove("");
    keys
}

/// The text between `start` and the next `end`.
#[track_caller]
fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).unwrap_or_else(|| panic!("{start} is missing")).1;
    rest.split_once(end).unwrap_or_else(|| panic!("{end} is missing after {start}")).0
}

/// The string literals in a piece of code.
fn strings(code: &str) -> impl Iterator<Item = &str> {
    code.split('"').skip(1).step_by(2)
}

/// The strings of a constant array.
fn array(file: &str, name: &str) -> Vec<String> {
    let text = source(file);
    strings(between(&text, &format!("const {name}: "), "];")).map(str::to_owned).collect()
}

/// The string literals that directly follow `call` in all sources, without their tests.
fn literals(call: &str) -> BTreeSet<String> {
    let mut literals = BTreeSet::new();
    for (_, text) in files(&["rs", "html"]) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let arguments = code.match_indices(call).map(|(start, _)| code[start + call.len()..].trim_start());
        literals.extend(
            arguments.filter_map(|rest| rest.strip_prefix('"')?.split('"').next()).map(str::to_owned),
        );
    }
    literals
}

/// All reasons: the error message of serde lists them.
fn reasons() -> Vec<Reason> {
    let unknown = serde_json::from_str::<Reason>("\"?\"").expect_err("no reason").to_string();
    let names = unknown.split('`').skip(3).step_by(2);
    let reasons: Vec<Reason> =
        names.map(|name| serde_json::from_str(&format!("{name:?}")).expect("a reason")).collect();
    assert!(reasons.len() > 15, "{unknown}");
    reasons
}

/// The names of the texts for the scripts of the inspector.
fn script_texts() -> Vec<String> {
    let text = source("app/inspect/inspect_page.rs");
    between(&text, "const SCRIPT_TEXTS: &str = \"", "\";\n").split_whitespace().map(str::to_owned).collect()
}

#[test]
fn every_text_for_the_scripts_of_the_inspector_is_used_by_a_script() {
    let scripts = ["main", "dom", "texts", "exchanges", "sessions", "panel"];
    let scripts = scripts.map(|name| source(&format!("app/inspect/page/{name}.js"))).concat();
    for name in script_texts() {
        // The scripts build these names from the machine words of the server.
        let is_used = scripts.contains(&format!("\"{name}\""))
            || ["change-", "ended-"].iter().any(|start| name.starts_with(start));
        assert!(is_used, "{name}");
    }
}

/// The keys that the code builds from parts.
fn composed() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for name in literals(" plan(") {
        keys.extend(["title", "text"].map(|part| format!("tour-{name}-{part}")));
    }
    for name in literals(" step(") {
        keys.extend(["title", "text"].map(|part| format!("lesson-step-{name}-{part}")));
    }
    for name in literals(": Lesson = Lesson {\n    name:") {
        let parts = ["title", "text", "succeeds", "fails", "fix"];
        keys.extend(parts.map(|part| format!("lesson-{name}-{part}")));
    }
    let summary = |name| array("output/tour/summary.rs", name);
    let questions = summary("QUESTIONS");
    for place in summary("PLACES") {
        keys.insert(format!("tour-place-{place}"));
        keys.extend(questions.iter().map(|question| format!("tour-table-{place}-{question}")));
    }
    keys.extend(questions.iter().map(|question| format!("tour-question-{question}")));
    keys.extend(summary("REMEMBER").iter().map(|what| format!("tour-remember-{what}")));
    // The attributes of the session cookie, and those that it does not have.
    keys.extend(["token", "httponly", "samesite", "path"].map(|part| format!("tour-attribute-{part}")));
    let absent = array("output/tour/detail.rs", "EXPLAINED_IF_ABSENT");
    keys.extend(absent.iter().map(|name| format!("tour-attribute-no-{}", name.to_ascii_lowercase())));
    keys.extend(script_texts().iter().map(|name| format!("inspect-{name}")));
    keys.extend(strings(&source("app/problem.rs")).map(|key| format!("page-problem-{key}")));
    let page_texts = source("app/page_texts.rs");
    let page_texts =
        between(&page_texts, "\npage_texts! {", "}").replace("with a value:", "").replace(';', "");
    keys.extend(page_texts.split_whitespace().map(|text| format!("page-{}", text.replace('_', "-"))));
    keys.extend(["why-request", "why-response"].map(str::to_owned));
    keys.extend(literals("detail(").iter().map(|label| format!("why-label-{label}")));
    keys
}

/// How the keys of messages start.
const MESSAGES: [&str; 13] = [
    "browser-",
    "control-",
    "difference-",
    "error-",
    "evidence-",
    "exchange-",
    "expected-",
    "login-",
    "logout-",
    "password-to-",
    "rejected-",
    "trace-",
    "warning-",
];

/// The variants of an enum of the library.
fn variants(file: &str, name: &str) -> Vec<String> {
    let text = fs::read_to_string(src().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines = between(&text, &format!("pub enum {name} {{"), "\n}\n").lines();
    let names = lines.filter_map(|line| line.strip_prefix("    "));
    let names = names.filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()));
    let names = names.map(|line| line.split([',', '(', ' ']).next().unwrap_or_default().to_owned());
    let names: Vec<String> = names.collect();
    assert!(names.len() > 2, "{name}: {names:?}");
    names
}

#[test]
fn every_variant_of_the_library_that_a_login_shows_has_a_message() {
    let messages = source("texts/login_messages.rs");
    for (file, name) in [
        ("client/auth/evidence.rs", "Evidence"),
        ("client/auth/evidence.rs", "ControlSeen"),
        ("client/auth/evidence.rs", "Difference"),
        ("client/auth/trace.rs", "DiscoveredBy"),
        ("client/auth/trace.rs", "FormVerdict"),
        ("client/auth/trace.rs", "FieldRole"),
    ] {
        for variant in variants(file, name) {
            assert!(messages.contains(&format!("{name}::{variant}")), "{name}::{variant} has no message");
        }
    }
}

/// The keys of an audit: those in its code, and those of each check and group.
fn audit_keys() -> BTreeSet<String> {
    let is_key = |text: &str| {
        (text.starts_with("audit-") || text.starts_with("hint-audit-"))
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    let mut keys = BTreeSet::new();
    for (_, text) in files(&["rs"]) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        keys.extend(code.split('"').skip(1).step_by(2).filter(|it| is_key(it)).map(str::to_owned));
    }
    let parts = ["title", "sends", "control", "fix"];
    let checks = sessctl::audit::CHECKS.iter();
    keys.extend(checks.flat_map(|check| parts.map(|part| format!("check-{}-{part}", check.id))));
    keys.extend(variants("audit/check.rs", "CheckGroup").iter().map(|group| format!("audit-group-{group}")));
    keys
}

/// The keys of texts that are in the library in English.
fn not_in_english() -> BTreeSet<String> {
    let mut keys = literals("say_or(");
    let phrases = source("commands/localized_help.rs");
    let phrases = between(&phrases, "const PHRASES: ", "];\n").lines();
    keys.extend(phrases.filter_map(|row| row.rsplit('"').nth(1)).map(str::to_owned));
    keys.extend(["k", "b", "c", "L"].map(|option| format!("usage-curl-{option}")));
    keys.retain(|key| !key.starts_with("help-"));
    for reason in reasons() {
        for (stage, name) in [(Stage::Storing, "storing"), (Stage::Sending, "sending")] {
            keys.insert(format!("why-{reason}-{name}-rule"));
            keys.extend(reason.explain(stage).fix.map(|_| format!("why-{reason}-{name}-fix")));
        }
    }
    for (file, name, start) in [
        ("cookies/warning.rs", "WarningKind", "why-note"),
        ("client/html/blocker.rs", "Blocker", "blocker"),
        ("client/auth/trace.rs", "RejectReason", "rejected"),
        ("client/auth/trace.rs", "FieldMatch", "user-field"),
        ("cookies/decision.rs", "SendReason", "why-sent"),
    ] {
        keys.extend(variants(file, name).iter().map(|variant| format!("{start}-{variant}")));
    }
    let table = source("app/weaknesses/weakness.rs");
    let rows = between(&table, "\nweaknesses! {", "\n}\n").lines().filter(|line| !line.starts_with("     "));
    keys.extend(rows.filter_map(|row| row.split('"').nth(1)).map(|name| format!("weakness-{name}")));
    keys.extend(audit_keys());
    let is_message = |key: &String| MESSAGES.iter().any(|start| key.starts_with(start));
    let calls = ["new(", "say(", "about(", "failed_operation(", "missing("];
    keys.extend(calls.into_iter().flat_map(literals).filter(is_message));
    let actions = ["read", "write", "lock", "create", "remove", "use", "copy-to"];
    keys.extend(actions.map(|action| format!("file-action-{action}")));
    let words =
        ["sent", "withheld", "stored", "replaced", "deleted", "rejected", "evicted", "nothing-to-delete"];
    keys.extend(words.map(|word| format!("why-{word}")));
    keys
}

#[test]
fn every_used_key_has_a_text_and_every_text_is_used() {
    let mut used: BTreeSet<String> = composed();
    for call in [".say(", ".say_with("] {
        used.extend(literals(call));
    }
    let english: BTreeSet<String> = keys("en").into_keys().collect();
    let differences: Vec<&String> = english.symmetric_difference(&used).collect();
    assert!(differences.is_empty(), "only in the texts, or only in the code: {differences:?}");
    // A test of the binary compares the texts of the help with the command line.
    let is_help = |key: &String| key.starts_with("help-");
    let korean: BTreeSet<String> = keys("ko").into_keys().filter(|key| !is_help(key)).collect();
    let expected: BTreeSet<String> = used.union(&not_in_english()).cloned().collect();
    let differences: Vec<&String> = korean.symmetric_difference(&expected).collect();
    assert!(differences.is_empty(), "only in the texts, or only in the code: {differences:?}");
}

#[test]
fn a_text_has_the_same_variables_in_all_languages() {
    let (english, korean) = (keys("en"), keys("ko"));
    assert!(english.len() > 80, "the texts were found");
    for (key, variables) in &english {
        assert_eq!(korean.get(key), Some(variables), "{key}");
    }
    let with_subject = [
        WarningKind::UnknownAttribute,
        WarningKind::NonStandardAttribute,
        WarningKind::AttributeTooLong,
        WarningKind::DefaultPath,
        WarningKind::InvalidRepetition,
    ];
    for (key, variables) in korean.iter().filter(|(key, _)| key.starts_with("why-note-")) {
        let has_subject = with_subject.iter().any(|kind| *key == format!("why-note-{kind:?}"));
        assert_eq!(variables.contains("subject"), has_subject, "{key}");
    }
}

#[test]
fn every_problem_has_a_text_of_its_own_in_each_language() {
    let (english, korean) = (source("texts/en.ftl"), source("texts/ko.ftl"));
    let problems: Vec<String> = keys("en").into_keys().filter(|it| it.starts_with("page-problem-")).collect();
    assert!(problems.len() > 10, "{problems:?}");
    for key in problems {
        let start = format!("\n{key} =");
        assert_ne!(between(&english, &start, "\n"), between(&korean, &start, "\n"), "{key}");
    }
}

#[test]
fn each_file_has_texts_of_its_language() {
    let is_korean = |c: char| ('\u{AC00}'..='\u{D7A3}').contains(&c);
    for line in source("texts/ko.ftl").lines().filter(|line| !line.trim().is_empty()) {
        let (key, text) = line.split_once(" =").unwrap_or(("", line));
        // A line may be a part of a text, or contain only a variable.
        let is_whole = !text.trim().is_empty() && !text.contains('{') && !key.is_empty();
        assert!(!is_whole || text.contains(is_korean), "{line}");
    }
    assert!(!source("texts/en.ftl").lines().skip(1).any(|line| line.contains(is_korean)));
}

#[test]
fn texts_pages_and_scripts_are_in_plain_words() {
    let mut found = Vec::new();
    for (path, text) in files(&["ftl", "html", "js", "css", "svg"]) {
        // The attribute is spelled in British English.
        let text = text.replace("aria-labelledby", "");
        let phrases = plain_words::rejected(&text).into_iter().chain(plain_words::rejected_korean(&text));
        found.extend(phrases.map(|phrase| format!("{}:{phrase}", path.display())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
