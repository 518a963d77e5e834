//! `serve --weaken`: each weakness is found by its checks and by no others, and the sound server by none.

mod checks;
mod command;
mod connection;
mod target;

use std::collections::BTreeSet;
use std::sync::Mutex;

use serde_json::Value;

use crate::support::{Authority, Home};
use checks::CHECKS;
use target::{Setting, Target};

/// A weakness, and the checks that must find it.
struct Expected {
    weakness: String,
    checks: BTreeSet<String>,
    checks_over_tls: BTreeSet<String>,
}

fn all_weaknesses() -> Vec<Expected> {
    let document = Home::new().line("serve --weaken list --json").exits(0).json();
    let names = |checks: &Value| -> BTreeSet<String> {
        let checks = checks.as_array().expect("checks").iter();
        checks.map(|check| check.as_str().expect("a name").to_owned()).collect()
    };
    let rows = document["weaknesses"].as_array().expect("weaknesses").iter();
    let expected = |row: &Value| Expected {
        weakness: row["name"].as_str().expect("a name").to_owned(),
        checks: names(&row["checks"]),
        checks_over_tls: names(&row["checks_over_tls"]),
    };
    rows.map(expected).collect()
}

/// The checks that find something on a server.
fn found(target: &Target) -> BTreeSet<String> {
    let applicable = CHECKS.iter().filter(|check| check.settings.contains(&target.setting));
    let found = applicable.filter(|check| (check.finds)(target));
    found.map(|check| check.name.to_owned()).collect()
}

/// Runs this in two threads.
fn for_each<T: Send>(items: Vec<T>, run: impl Fn(T) + Sync) {
    let items = Mutex::new(items.into_iter());
    let next = || items.lock().expect("no panic").next();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(item) = next() {
                    run(item);
                }
            });
        }
    });
}

#[test]
fn each_weakness_is_found_by_its_checks_and_by_no_others() {
    let authority = Authority::new();
    let (wrong, servers) = (Mutex::new(Vec::new()), Mutex::new(BTreeSet::new()));
    for_each(all_weaknesses(), |expected| {
        let setting = match expected.weakness.as_str() {
            "no-secure" | "no-prefix" | "no-hsts" | "clear-text-login" => Setting::Tls,
            "any-password" | "user-enumeration" | "no-throttling" | "login-by-get" => Setting::Accounts,
            _ => Setting::Plain,
        };
        let found = found(&Target::start(setting, &authority, &["--weaken", &expected.weakness]));
        if found != expected.checks {
            let Expected { weakness, checks, .. } = &expected;
            wrong.lock().unwrap().push(format!("{weakness}: expected {checks:?}, found {found:?}"));
        }
        servers.lock().unwrap().insert(expected.weakness);
    });
    assert_eq!(servers.into_inner().unwrap().len(), 43, "the weaknesses were started");
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_sound_server_has_no_weakness() {
    let authority = Authority::new();
    for_each(vec![Setting::Plain, Setting::Accounts, Setting::Tls, Setting::TlsAccounts], |setting| {
        assert_eq!(found(&Target::start(setting, &authority, &[])), BTreeSet::new(), "{setting:?}");
    });
}

#[test]
fn every_check_finds_a_weakness() {
    let checks: BTreeSet<String> = all_weaknesses().into_iter().flat_map(|it| it.checks).collect();
    assert_eq!(checks, CHECKS.iter().map(|check| check.name.to_owned()).collect());
}

#[test]
fn weaknesses_of_the_token_exist_over_tls_too() {
    let authority = Authority::new();
    let names = ["fixation", "readable-token", "wide-domain", "substring-cookie", "textbook"];
    let all = all_weaknesses().into_iter().filter(|it| names.contains(&it.weakness.as_str())).collect();
    for_each(all, |expected: Expected| {
        let found = found(&Target::start(Setting::Tls, &authority, &["--weaken", &expected.weakness]));
        assert_eq!(found, expected.checks_over_tls, "{}", expected.weakness);
    });
}

#[test]
fn races_exist_in_a_database_too() {
    let authority = Authority::new();
    let list = ["--store", "sqlite:sessions.db", "--weaken", "revival,lost-updates"];
    let found = found(&Target::start(Setting::Plain, &authority, &list));
    assert_eq!(found, ["lost-updates", "revival"].map(str::to_owned).into());
}

#[test]
fn three_weaknesses_can_be_combined() {
    let list = "no-rotation,predictable-token,no-httponly";
    let target = Target::start(Setting::Plain, &Authority::new(), &["--weaken", list]);
    let expected = ["cookie-httponly", "fixation", "relogin", "rotation", "token-entropy"];
    assert_eq!(found(&target), expected.map(str::to_owned).into());
    let list = "login-by-get,open-redirect,token-in-url";
    let target = Target::start(Setting::Accounts, &Authority::new(), &["--weaken", list]);
    let answer = target.get(&format!("/login?{}&next=//evil.example/x?y=1", target.form("alice")), None);
    let token = answer.cookie().split_once('=').map(|(_, token)| token.to_owned()).expect("a cookie");
    assert_eq!(answer.header("location"), format!("//evil.example/x?y=1&sessionid={token}"));
}
