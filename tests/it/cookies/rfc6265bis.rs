//! The rules of RFC 6265bis, section by section: cases as data in `tests/cookies`, run through the jar, and a part of
//! them through the binary.

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

/// When each case begins: 2027-01-15T08:00:00Z.
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
    /// The clock moves on by so many seconds.
    Wait { wait: u64 },
    /// A response sets cookies.
    Set { url: Url, set: Vec<Octets>, expect: Vec<String> },
    /// A request asks for them.
    Ask {
        url: Url,
        cookie: Option<Octets>,
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
enum Octets {
    Text(String),
    Other { base64: String },
}

impl Octets {
    fn get(&self) -> Vec<u8> {
        match self {
            Octets::Text(text) => text.clone().into_bytes(),
            Octets::Other { base64 } => STANDARD.decode(base64).expect("base64"),
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

/// Runs one case; what is otherwise than it says.
fn run(case: &Case) -> Vec<String> {
    let clock = Arc::new(ManualClock::new(START));
    let jar = Jar::with_clock(Arc::clone(&clock));
    let mut wrong = Vec::new();
    for (number, step) in (1..).zip(&case.steps) {
        match step {
            Step::Wait { wait } => clock.advance(Duration::from_secs(*wait)),
            Step::Set { url, set, expect } => {
                let lines: Vec<Vec<u8>> = set.iter().map(Octets::get).collect();
                let decisions = jar.receive(url, lines.iter().map(Vec::as_slice));
                let became: Vec<String> = decisions.iter().map(shown).collect();
                if became != *expect {
                    wrong.push(format!("step {number}: {became:?} instead of {expect:?}"));
                }
            }
            Step::Ask { url, cookie, withheld, from, method, embedded } => {
                let method = method.as_deref().unwrap_or("GET").parse().expect("a method");
                let (header, kept_back) = ask(&jar, url, from.clone(), method, *embedded);
                let expected = cookie.as_ref().map(Octets::get);
                if header != expected {
                    let text = |octets: Option<Vec<u8>>| octets.map(|it| it.escape_ascii().to_string());
                    wrong.push(format!("step {number}: {:?} instead of {:?}", text(header), text(expected)));
                }
                for (name, reason) in withheld {
                    if kept_back.get(name) != Some(reason) {
                        wrong.push(format!("step {number}: {name} {:?}, not {reason}", kept_back.get(name)));
                    }
                }
            }
        }
    }
    wrong
}

/// The header, and the names of the cookies that are kept back with the reasons.
fn ask(
    jar: &Jar,
    url: &Url,
    initiator: Option<Url>,
    method: Method,
    embedded: bool,
) -> (Option<Vec<u8>>, BTreeMap<String, String>) {
    let context = RequestContext::new(initiator, method, embedded);
    let answers = jar.explain_sending(url, &context);
    let kept_back = answers.iter().filter_map(|answer| {
        Some((answer.cookie.name.to_text().into_owned(), answer.reasons.first()?.to_string()))
    });
    let kept_back = kept_back.collect();
    if context == RequestContext::default() {
        return (jar.cookies_for(url).0.map(|header| header.as_bytes().to_vec()), kept_back);
    }
    let sent = answers.iter().filter(|answer| answer.reasons.is_empty()).map(|answer| &answer.cookie);
    let pairs: Vec<Vec<u8>> = sent
        .map(|cookie| match &cookie.name.0[..] {
            [] => cookie.value.0.clone(),
            name => [name, b"=", &cookie.value.0].concat(),
        })
        .collect();
    ((!pairs.is_empty()).then(|| pairs.join(&b"; "[..])), kept_back)
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

/// What a line would become by the binary: the first of each case that does not depend on today's date.
#[test]
fn the_binary_decides_as_the_jar_does() {
    let home = Home::new();
    let topics = topics();
    let timeless = topics.iter().filter(|topic| !["5.1.1", "5.5"].contains(&topic.section.as_str()));
    let mut asked = 0;
    for case in timeless.flat_map(|topic| &topic.cases) {
        let Some(Step::Set { url, set, expect }) = case.steps.first() else { continue };
        let (Some(Octets::Text(line)), Some(expected)) = (set.first(), expect.first()) else { continue };
        if line.contains('\0') {
            continue; // no argument of a process may hold it
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
