//! Many at once: what sessions must hold under load.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::Value;

use crate::support::{Home, Serve, get, post};

/// A connection that is kept for many requests.
struct Kept(BufReader<TcpStream>);

impl Kept {
    fn to(address: &str) -> Self {
        Kept(BufReader::new(TcpStream::connect(address).expect("a connection")))
    }

    /// Sends a request and reads its response: status, head and body.
    fn ask(&mut self, request: &str) -> (u16, String, String) {
        self.0.get_mut().write_all(request.as_bytes()).expect("to be read");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert_ne!(self.0.read_line(&mut head).expect("a response"), 0, "closed after {head:?}");
        }
        let head = head.to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        let mut body = vec![0; length.parse().expect("a number")];
        self.0.read_exact(&mut body).expect("the body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, head, String::from_utf8(body).expect("text"))
    }
}

#[test]
fn a_thousand_counts_in_parallel_are_a_thousand() {
    let home = Home::new();
    let server = Serve::start(&home);
    let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
    let request =
        format!("POST /counter HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: 0\r\n\r\n");
    let counts: Vec<Vec<i64>> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..50)
            .map(|_| {
                scope.spawn(|| {
                    let mut connection = Kept::to(&server.address);
                    let count =
                        |body: &str| serde_json::from_str::<Value>(body).expect("JSON")["count"].as_i64();
                    (0..20).map(|_| count(&connection.ask(&request).2).expect("a count")).collect()
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
fn a_hundred_thousand_strangers_leave_nothing_behind() {
    let home = Home::new();
    let server = Serve::start(&home);
    let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let visit = |times: usize| {
        let mut connection = Kept::to(&server.address);
        for _ in 0..times {
            let (status, head, _) = connection.ask(request);
            assert_eq!((status, head.contains("set-cookie")), (200, false));
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
    assert!(grown < 5 * 1024, "grown by {grown} KiB");
}

#[test]
fn a_logout_is_final_whatever_else_is_running() {
    let home = Home::new();
    let server = Serve::start(&home);
    for _ in 0..10 {
        let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
        let request = format!(
            "POST /counter HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: 0\r\n\r\n"
        );
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut connection = Kept::to(&server.address);
                    for _ in 0..50 {
                        let (status, head, _) = connection.ask(&request);
                        assert!(matches!(status, 200 | 401), "{status}");
                        assert!(!head.contains("set-cookie"), "no cookie for a session that is dead: {head}");
                    }
                });
            }
            scope.spawn(|| post(&server.address, "/logout", &[("Cookie", &cookie)], ""));
        });
        assert_eq!(get(&server.address, "/session", &[("Cookie", &cookie)]).status, 401);
    }
}
