//! Texts: none is missing, none is left over, and all languages say the same of the same things.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use sessctl::cookies::{Reason, Stage, Warning};

/// Keys with the variables in their texts.
type Keys = BTreeMap<String, BTreeSet<String>>;

fn source(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/sessctl").join(name))
        .expect("a file")
}

/// The keys of a language. A key begins a line, and what is indented below belongs to it.
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

/// All source files of the binary and the library, and the templates of its pages.
fn sources() -> Vec<String> {
    let (mut folders, mut files) = (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|it| it == "rs" || it == "html") => {
                    let text = fs::read_to_string(path).expect("a file");
                    files.push(text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
                }
                false => {}
            }
        }
    }
    files
}

/// The strings that begin right after `call`, in all sources.
fn literals(call: &str) -> BTreeSet<String> {
    let of = |text: &String| -> Vec<String> {
        let after = text.match_indices(call).map(|(start, _)| text[start + call.len()..].trim_start());
        let literal = after.filter_map(|rest| rest.strip_prefix('"')?.split('"').next());
        literal.map(str::to_owned).collect()
    };
    sources().iter().flat_map(of).collect()
}

/// The strings in the list that follows `name` in a file.
fn listed(file: &str, name: &str) -> Vec<String> {
    let text = source(file);
    let list = text.split(&format!("const {name}: ")).nth(1).expect("the list");
    let list = list.split(';').nth(1).expect("its items");
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// All reasons: serde knows them by their names.
fn reasons() -> Vec<Reason> {
    let unknown = serde_json::from_str::<Reason>("\"?\"").expect_err("no reason").to_string();
    let names = unknown.split('`').skip(3).step_by(2);
    let reasons: Vec<Reason> =
        names.map(|name| serde_json::from_str(&format!("{name:?}")).expect("a reason")).collect();
    assert!(reasons.len() > 15, "{unknown}");
    reasons
}

/// The texts that the inspector's modules get, without the names of their values.
fn for_scripts() -> Vec<String> {
    let text = source("app/inspect/inspect_page.rs");
    let list = text
        .split("const SCRIPT_TEXTS: ")
        .nth(1)
        .and_then(|rest| rest.split("];\n").next())
        .expect("the list");
    list.lines()
        .filter_map(|line| Some(line.trim().strip_prefix("(\"")?.split('"').next()?.to_owned()))
        .collect()
}

#[test]
fn every_text_that_a_page_gets_is_said_by_one_of_its_modules() {
    let modules = ["main", "dom", "texts", "exchanges", "sessions", "panel"];
    let modules = modules.map(|name| source(&format!("app/inspect/page/{name}.js"))).concat();
    for name in for_scripts() {
        // The scripts build these names from the machine words of the server.
        let is_said = modules.contains(&format!("\"{name}\""))
            || ["change-", "ended-"].iter().any(|start| name.starts_with(start));
        assert!(is_said, "{name}");
    }
}

/// Keys that are put together where they are used.
fn composed() -> BTreeSet<String> {
    let steps = source("tour/steps.rs");
    let names = steps.split("fn name(").nth(1).and_then(|rest| rest.split("    }\n").next());
    let mut keys = BTreeSet::new();
    for name in names.expect("the names of the steps").split('"').skip(1).step_by(2) {
        keys.extend(["title", "text"].map(|part| format!("tour-{name}-{part}")));
    }
    let (places, questions) =
        (listed("output/tour/closing.rs", "PLACES"), listed("output/tour/closing.rs", "QUESTIONS"));
    for place in &places {
        keys.insert(format!("tour-place-{place}"));
        keys.extend(questions.iter().map(|question| format!("tour-table-{place}-{question}")));
    }
    keys.extend(questions.iter().map(|question| format!("tour-question-{question}")));
    keys.extend(
        listed("output/tour/closing.rs", "REMEMBER").iter().map(|what| format!("tour-remember-{what}")),
    );
    // The attributes of our own cookie, and those that it lacks.
    keys.extend(["token", "httponly", "samesite", "path"].map(|piece| format!("tour-attribute-{piece}")));
    let absent = listed("output/tour/closeup.rs", "TELLING_ABSENT");
    keys.extend(absent.iter().map(|name| format!("tour-attribute-no-{}", name.to_ascii_lowercase())));
    keys.extend(for_scripts().iter().map(|name| format!("inspect-{name}")));
    let problems = source("app/problem.rs");
    let problems = problems.split("fn properties(").nth(1).and_then(|rest| rest.split("    }\n").next());
    let problems = problems.expect("the keys of the problems").split('"').skip(1).step_by(2);
    keys.extend(problems.map(|problem| format!("page-problem-{problem}")));
    let page_texts = source("app/page_texts.rs");
    let page_texts = page_texts.split("\npage_texts! {").nth(1).and_then(|rest| rest.split('}').next());
    let page_texts = page_texts.expect("the texts of the pages").split_whitespace();
    keys.extend(page_texts.map(|text| format!("page-{}", text.replace('_', "-"))));
    keys.extend(literals("detail(").iter().map(|label| format!("why-label-{label}")));
    keys
}

/// Keys of what English needs no text for.
fn not_in_english() -> BTreeSet<String> {
    let mut keys = literals("say_or(");
    for reason in reasons() {
        for (stage, name) in [(Stage::Storing, "storing"), (Stage::Sending, "sending")] {
            keys.insert(format!("why-{reason}-{name}-rule"));
            keys.extend(reason.explain(stage).fix.map(|_| format!("why-{reason}-{name}-fix")));
        }
    }
    let remarks = source("../../cookies/warning.rs");
    let names = remarks.split("fn name(").nth(1).and_then(|rest| rest.split("    }\n").next());
    let names = names.expect("the names of the remarks").split('"').skip(1).step_by(2);
    keys.extend(names.map(|name| format!("why-note-{name}")));
    let words = ["sent", "withheld", "stored", "replaced", "deleted", "rejected", "nothing-to-delete"];
    keys.extend(words.map(|word| format!("why-{word}")));
    keys
}

#[test]
fn every_key_that_is_used_has_a_text_and_every_text_is_used() {
    let mut used: BTreeSet<String> = composed();
    for call in [".say(", ".say_with("] {
        used.extend(literals(call));
    }
    let english: BTreeSet<String> = keys("en").into_keys().collect();
    assert_eq!(english, used);
    let korean: BTreeSet<String> = keys("ko").into_keys().collect();
    assert_eq!(korean, used.union(&not_in_english()).cloned().collect());
}

#[test]
fn all_languages_say_the_same_variables() {
    let (english, korean) = (keys("en"), keys("ko"));
    assert!(english.len() > 80, "the texts were found");
    for (key, variables) in &english {
        assert_eq!(korean.get(key), Some(variables), "{key}");
    }
    let subjects: Vec<Warning> = vec![
        Warning::UnknownAttribute("x".into()),
        Warning::NonStandardAttribute("x".into()),
        Warning::AttributeTooLong("x".into()),
        Warning::DefaultPath("/".into()),
    ];
    for (key, variables) in korean.iter().filter(|(key, _)| key.starts_with("why-note-")) {
        let has_subject = subjects.iter().any(|it| *key == format!("why-note-{}", it.name()));
        assert_eq!(variables.contains("subject"), has_subject, "{key}");
    }
}

#[test]
fn the_texts_are_those_of_their_language() {
    let is_korean = |c: char| ('\u{AC00}'..='\u{D7A3}').contains(&c);
    for line in source("texts/ko.ftl").lines().filter(|line| !line.trim().is_empty()) {
        let (key, text) = line.split_once(" =").unwrap_or(("", line));
        // A line may be a part of a text, or have nothing but a name in it.
        let is_whole = !text.trim().is_empty() && !text.contains('{') && !key.is_empty();
        assert!(!is_whole || text.contains(is_korean), "{line}");
    }
    assert!(!source("texts/en.ftl").lines().skip(1).any(|line| line.contains(is_korean)));
}
