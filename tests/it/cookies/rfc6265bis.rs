//! The rules of RFC 6265bis, section by section: the cases in `tests/cookies`, run through the jar, and some of them
//! through the binary.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde::Deserialize;
use sessctl::clock::{ManualClock, Timestamp};
use sessctl::cookies::{Jar, RequestContext, SetAction, SetDecision};
use url::Url;

use crate::support::Home;

/// The time at which each case begins: 2027-01-15T08:00:00Z.
const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);

#[derive(Deserialize)]
struct Topic {
    section: String,
    title: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Step {
    /// The clock moves forward, in seconds.
    Wait { wait: u64 },
    /// A response sets a number of cookies, with this line for each; `#` is its number.
    Fill { url: Url, fill: usize, line: String },
    /// A response sets cookies.
    Set { url: Url, set: Vec<Bytes>, expect: Vec<String> },
    /// A request is sent.
    Ask {
        url: Url,
        cookie: Option<Bytes>,
        #[serde(default)]
        withheld: BTreeMap<String, String>,
        from: Option<Url>,
        method: Option<String>,
        #[serde(default)]
        embedded: bool,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Bytes {
    Text(String),
    Other { base64: String },
}

impl Bytes {
    fn get(&self) -> Vec<u8> {
        match self {
            Bytes::Text(text) => text.clone().into_bytes(),
            Bytes::Other { base64 } => STANDARD.decode(base64).expect("base64"),
        }
    }
}

fn topics() -> Vec<Topic> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cookies");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("the cases").flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let text = std::fs::read_to_string(file).expect("a file");
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
        })
        .collect()
}

fn shown(decision: &SetDecision) -> String {
    match decision.action {
        SetAction::Rejected(reason) => format!("rejected:{reason}"),
        action => action.name().to_owned(),
    }
}

/// Runs one case; the differences from what it expects.
fn run(case: &Case) -> Vec<String> {
    let clock = Arc::new(ManualClock::new(START));
    let jar = Jar::with_clock(Arc::clone(&clock));
    let mut wrong = Vec::new();
    for (number, step) in (1..).zip(&case.steps) {
        match step {
            Step::Wait { wait } => clock.advance(Duration::from_secs(*wait)),
            Step::Fill { url, fill, line } => {
                let lines = (0..*fill).map(|number| line.replace('#', &format!("{number:03}")));
                for decision in lines.flat_map(|line| jar.receive(url, [line.as_bytes()])) {
                    if decision.action != SetAction::Stored {
                        wrong.push(format!("step {number}: {decision:?}"));
                    }
                }
            }
            Step::Set { url, set, expect } => {
                let lines: Vec<Vec<u8>> = set.iter().map(Bytes::get).collect();
                let decisions = jar.receive(url, lines.iter().map(Vec::as_slice));
                let became: Vec<String> = decisions.iter().map(shown).collect();
                if became != *expect {
                    wrong.push(format!("step {number}: {became:?} instead of {expect:?}"));
                }
            }
            Step::Ask { url, cookie, withheld, from, method, embedded } => {
                let method = method.as_deref().unwrap_or("GET").parse().expect("a method");
                let (header, withheld_by) = ask(&jar, url, from.clone(), method, *embedded);
                let expected = cookie.as_ref().map(Bytes::get);
                if header != expected {
                    let text = |bytes: Option<Vec<u8>>| bytes.map(|it| it.escape_ascii().to_string());
                    wrong.push(format!("step {number}: {:?} instead of {:?}", text(header), text(expected)));
                }
                for (name, reason) in withheld {
                    if withheld_by.get(name) != Some(reason) {
                        wrong
                            .push(format!("step {number}: {name} {:?}, not {reason}", withheld_by.get(name)));
                    }
                }
            }
        }
    }
    wrong
}

/// The header, and the withheld cookies with their reasons.
fn ask(
    jar: &Jar,
    url: &Url,
    initiator: Option<Url>,
    method: Method,
    embedded: bool,
) -> (Option<Vec<u8>>, BTreeMap<String, String>) {
    let context = RequestContext::new(initiator, method, embedded);
    let answers = jar.explain_sending(url, &context);
    let withheld_by = answers.iter().filter_map(|answer| {
        Some((answer.cookie.name.to_text().into_owned(), answer.reasons.first()?.to_string()))
    });
    let withheld_by = withheld_by.collect();
    if context == RequestContext::default() {
        return (jar.cookies_for(url).0.map(|header| header.as_bytes().to_vec()), withheld_by);
    }
    let sent = answers.iter().filter(|answer| answer.reasons.is_empty()).map(|answer| &answer.cookie);
    let pairs: Vec<Vec<u8>> = sent
        .map(|cookie| match &cookie.name.0[..] {
            [] => cookie.value.0.clone(),
            name => [name, b"=", &cookie.value.0].concat(),
        })
        .collect();
    ((!pairs.is_empty()).then(|| pairs.join(&b"; "[..])), withheld_by)
}

#[test]
fn every_case_of_every_section_holds() {
    let mut wrong = Vec::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for topic in topics() {
        *counts.entry(format!("§{} {}", topic.section, topic.title)).or_default() += topic.cases.len();
        for case in &topic.cases {
            let what = run(case);
            wrong.extend(what.iter().map(|what| format!("§{} {}: {what}", topic.section, case.name)));
        }
    }
    for (section, count) in &counts {
        println!("{count:>5}  {section}");
    }
    println!("{:>5}  cases of RFC 6265bis in all", counts.values().sum::<usize>());
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Asks the binary about the first line of each case that does not depend on today's date.
#[test]
fn the_binary_decides_as_the_jar_does() {
    let home = Home::new();
    let topics = topics();
    let timeless = topics.iter().filter(|topic| !["5.1.1", "5.5"].contains(&topic.section.as_str()));
    let mut asked = 0;
    for case in timeless.flat_map(|topic| &topic.cases) {
        let Some(Step::Set { url, set, expect }) = case.steps.first() else { continue };
        let (Some(Bytes::Text(line)), Some(expected)) = (set.first(), expect.first()) else { continue };
        if line.contains('\0') {
            continue; // an argument of a process cannot contain it
        }
        let answer =
            home.run(["why", url.as_str(), "--json", &format!("--set-cookie={line}")]).exits(0).json();
        let became = &answer["set"][0];
        let reason = became["reason"].as_str().map(|reason| format!("rejected:{reason}"));
        let became = reason.unwrap_or_else(|| became["action"].as_str().unwrap_or_default().to_owned());
        assert_eq!(became, *expected, "{line} of {url}");
        asked += 1;
    }
    assert!(asked > 300, "{asked}");
}
