//! Many concurrent requests on sessions.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Home, Kept, Serve, get, post};

#[test]
fn a_thousand_concurrent_increments_add_up_to_a_thousand() {
    let home = Home::new();
    let server = Serve::start(&home);
    let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
    let counts: Vec<Vec<i64>> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..50)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = Kept::open(&server.address);
                    let count =
                        |body: &str| serde_json::from_str::<Value>(body).expect("JSON")["count"].as_i64();
                    (0..20).map(|_| count(&connection.increment(&cookie).body).expect("a count")).collect()
                })
            })
            .collect();
        all.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let distinct: BTreeSet<i64> = counts.into_iter().flatten().collect();
    assert_eq!(distinct, (1..=1000).collect());
    let facts: Value =
        serde_json::from_str(&get(&server.address, "/session", &[("Cookie", &cookie)]).body).expect("JSON");
    assert_eq!(facts["data"]["count"], 1000);
}

#[test]
fn a_hundred_thousand_anonymous_requests_use_no_memory() {
    let home = Home::new();
    let server = Serve::start(&home);
    let visit = |times: usize| {
        let mut connection = Kept::open(&server.address);
        for _ in 0..times {
            let answer = connection.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assert_eq!((answer.status, answer.headers("set-cookie")), (200, vec![]));
        }
    };
    visit(2_000);
    let before = server.memory();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| visit(25_000));
        }
    });
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 5 * 1024, "the memory grew by {grown} KiB");
}

#[test]
fn a_logout_is_final_during_concurrent_requests() {
    let home = Home::new();
    let server = Serve::start(&home);
    for _ in 0..10 {
        let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut connection = Kept::open(&server.address);
                    for _ in 0..50 {
                        let answer = connection.increment(&cookie);
                        assert!(matches!(answer.status, 200 | 401), "{}", answer.status);
                        assert_eq!(answer.headers("set-cookie"), [""; 0], "a cookie for an ended session");
                    }
                });
            }
            scope.spawn(|| post(&server.address, "/logout", &[("Cookie", &cookie)], ""));
        });
        assert_eq!(get(&server.address, "/session", &[("Cookie", &cookie)]).status, 401);
    }
}
