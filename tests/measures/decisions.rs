//! Measures how many `Set-Cookie` lines a jar processes per second.
#![allow(missing_docs, clippy::expect_used, clippy::print_stdout, reason = "a measurement")]

use std::time::Instant;

use sessctl::cookies::{Jar, SetAction};
use sessctl::url::Url;

fn main() {
    let urls: Vec<Url> = (0..50)
        .map(|n| Url::parse(&format!("https://h{n}.example{}.org/some/path", n % 7)).expect("a URL"))
        .collect();
    let lines: Vec<String> = (0..40)
        .map(|n| match n % 5 {
            0 => format!("name{n}=value{n}; Path=/; Secure; HttpOnly; SameSite=Lax"),
            1 => format!("name{n}=value{n}; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Path=/"),
            2 => format!("name{n}=value{n}; Max-Age=3600; Domain=example{}.org", n % 7),
            3 => format!("name{n}=value{n}; SameSite=None"),
            _ => format!("name{n}=0123456789abcdef0123456789abcdef0123456789"),
        })
        .collect();
    let (mut decisions, mut rejected) = (0, 0);
    let started = Instant::now();
    for _ in 0..100 {
        let jar = Jar::new();
        for _ in 0..5 {
            for url in &urls {
                let outcomes = jar.receive(url, lines.iter().map(String::as_bytes));
                decisions += outcomes.len();
                rejected += outcomes.iter().filter(|it| matches!(it.action, SetAction::Rejected(_))).count();
            }
        }
    }
    let rate = decisions as f64 / started.elapsed().as_secs_f64();
    println!("{{\"decisions\": {decisions}, \"rejected\": {rejected}, \"rate\": {rate}}}");
}
