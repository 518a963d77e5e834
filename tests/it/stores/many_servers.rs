//! Two servers that share a store of each kind: both see the same sessions, and outages log nobody out.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{
    Answer, Home, Kept, PostgresServer, Ran, RedisCluster, RedisServer, Serve, get, in_another_millisecond,
    post, until,
};

/// The storage of a test's sessions.
pub(super) enum Storage {
    Sqlite(Home),
    Redis(RedisServer),
    Cluster(RedisCluster),
    Postgres(PostgresServer, String),
}

impl Storage {
    /// An empty storage of each kind.
    fn all() -> [Storage; 4] {
        let postgres = PostgresServer::start();
        let (database, _) = postgres.database();
        [
            Storage::Sqlite(Home::new()),
            Storage::Redis(RedisServer::start(&[])),
            Storage::Cluster(RedisCluster::start()),
            Storage::Postgres(postgres, database),
        ]
    }

    pub(super) fn url(&self) -> String {
        match self {
            Storage::Sqlite(home) => format!("sqlite:{}", home.path().join("sessions.db").display()),
            Storage::Redis(server) => server.url(),
            Storage::Cluster(cluster) => cluster.url(),
            Storage::Postgres(server, database) => server.url(database),
        }
    }

    pub(super) fn serve(&self, home: &Home, options: &[&str]) -> Serve {
        let mut command = home.command(["serve", "--bind", "127.0.0.1:0"].iter().chain(options));
        command.env("SESSCTL_STORE", self.url());
        Serve::of(command)
    }

    /// All stored values, as text.
    pub(super) fn dump(&self) -> String {
        let of_redis = |server: &RedisServer| {
            let keys = server.says(&["KEYS", "*"]);
            let values = keys.lines().map(|key| match server.says(&["TYPE", key]).as_str() {
                "zset" => server.says(&["ZRANGE", key, "0", "-1"]),
                _ => server.says(&["GET", key]),
            });
            let values: Vec<String> = values.collect();
            format!("{keys}\n{}", values.join("\n"))
        };
        match self {
            Storage::Sqlite(home) => {
                let script = "import sqlite3\nfor row in sqlite3.connect('sessions.db').execute('select * from sessions'):\n\
                    \x20for value in row: print(value.hex() if isinstance(value, bytes) else value)";
                let mut python = std::process::Command::new("python3");
                let values = python.args(["-c", script]).current_dir(home.path()).output().expect("python3");
                String::from_utf8_lossy(&values.stdout).into_owned()
            }
            Storage::Redis(server) => of_redis(server),
            Storage::Cluster(cluster) => cluster.servers.iter().map(of_redis).collect::<Vec<_>>().join("\n"),
            Storage::Postgres(server, database) => server.dump(database),
        }
    }

    pub(super) fn stop(&mut self) {
        match self {
            Storage::Sqlite(_) => unreachable!("a file has separate tests"),
            Storage::Redis(server) => server.kill(),
            Storage::Cluster(cluster) => cluster.kill_all(),
            Storage::Postgres(server, _) => server.crash(),
        }
    }

    fn restart(&mut self) {
        match self {
            Storage::Sqlite(_) => unreachable!("a file has separate tests"),
            Storage::Redis(server) => server.resume(),
            Storage::Cluster(cluster) => cluster.resume_all(),
            Storage::Postgres(server, _) => server.go_on(),
        }
    }
}

fn log_in(serve: &Serve, name: &str) -> String {
    let answer = post(&serve.address, "/login", &[], &format!("username={name}"));
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.cookie()
}

fn session(serve: &Serve, cookie: &str) -> Answer {
    get(&serve.address, "/session", &[("Cookie", cookie)])
}

/// On an overloaded machine a store may miss its time limit. The server then answers 503, and the increment may have
/// been applied or not.
#[test]
fn a_thousand_increments_on_two_servers_lose_none() {
    for storage in Storage::all() {
        let home = Home::new();
        let (one, other) = (storage.serve(&home, &[]), storage.serve(&home, &[]));
        let cookie = log_in(&one, "alice");
        let (counts, unknown): (Mutex<Vec<u64>>, AtomicU64) = (Mutex::default(), AtomicU64::new(0));
        std::thread::scope(|scope| {
            for client in 0..20 {
                let server = if client % 2 == 0 { &one } else { &other };
                let (cookie, counts, unknown) = (&cookie, &counts, &unknown);
                scope.spawn(move || {
                    let mut connection = Kept::open(&server.address);
                    for _ in 0..50 {
                        let answer = connection.increment(cookie);
                        let json: Value = serde_json::from_str(&answer.body).expect("JSON");
                        match (answer.status, json["count"].as_u64()) {
                            (200, Some(count)) => counts.lock().unwrap().push(count),
                            (503, None) => _ = unknown.fetch_add(1, Ordering::SeqCst),
                            _ => panic!("{} {}", answer.status, answer.body),
                        }
                    }
                });
            }
        });
        let (counts, unknown) = (counts.into_inner().unwrap(), unknown.into_inner());
        let distinct: BTreeSet<u64> = counts.iter().copied().collect();
        assert_eq!(distinct.len(), counts.len(), "{}: two increments gave the same count", storage.url());
        assert_eq!(counts.len() as u64 + unknown, 1000, "{}", storage.url());
        assert!(distinct.last().is_some_and(|&last| last <= 1000), "{}", storage.url());
        assert!(distinct.len() > 500, "{}: {unknown} of 1000 increments failed", storage.url());
    }
}

#[test]
fn a_logout_is_final_on_every_server() {
    for storage in Storage::all() {
        let home = Home::new();
        let (one, other) = (storage.serve(&home, &[]), storage.serve(&home, &[]));
        for _ in 0..3 {
            let cookie = log_in(&one, "alice");
            let is_over = AtomicBool::new(false);
            std::thread::scope(|scope| {
                // A hundred clients send requests during the logout.
                for client in 0..100 {
                    let (server, cookie, is_over) =
                        (if client % 2 == 0 { &one } else { &other }, &cookie, &is_over);
                    scope.spawn(move || {
                        let mut connection = Kept::open(&server.address);
                        while !is_over.load(Ordering::SeqCst) {
                            let answer = connection.increment(cookie);
                            assert!(matches!(answer.status, 200 | 401 | 503), "{}", answer.status);
                            assert_eq!(
                                answer.headers("set-cookie"),
                                [""; 0],
                                "a cookie for an ended session"
                            );
                        }
                    });
                }
                assert_eq!(post(&other.address, "/logout", &[("Cookie", &cookie)], "").status, 303);
                assert_eq!((session(&one, &cookie).status, session(&other, &cookie).status), (401, 401));
                is_over.store(true, Ordering::SeqCst);
            });
            assert_eq!((session(&one, &cookie).status, session(&other, &cookie).status), (401, 401));
        }
    }
}

#[test]
fn no_stored_value_opens_a_session() {
    for storage in Storage::all() {
        let home = Home::new();
        let server = storage.serve(&home, &[]);
        let cookie = log_in(&server, "alice");
        post(&server.address, "/counter", &[("Cookie", &cookie)], "");
        let (name, token) = cookie.split_once('=').expect("a cookie");
        let dump = storage.dump();
        assert!(dump.contains("count") && !dump.contains(token), "{dump}");
        // Every word and every short line could be a cookie value.
        let words: BTreeSet<&str> =
            dump.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').collect();
        let lines: BTreeSet<&str> = dump.lines().filter(|line| line.len() < 1000).map(str::trim).collect();
        let mut connection = Kept::open(&server.address);
        for value in words.union(&lines).filter(|it| !it.is_empty() && !it.contains(';')) {
            let request =
                format!("GET /session HTTP/1.1\r\nHost: localhost\r\nCookie: {name}={value}\r\n\r\n");
            assert_eq!(connection.ask(&request).status, 401, "{value}");
        }
        assert_eq!(session(&server, &cookie).status, 200);
    }
}

#[test]
fn an_operator_lists_and_ends_sessions_while_the_server_runs() {
    for storage in Storage::all() {
        let home = Home::new();
        let server = storage.serve(&home, &[]);
        let alice = log_in(&server, "alice");
        in_another_millisecond();
        let (again, bob) = (log_in(&server, "alice"), log_in(&server, "bob"));
        post(&server.address, "/counter", &[("Cookie", &alice)], "");
        let sessions = |args: &[&str]| {
            let mut command = home.command(["sessions"].iter().chain(args));
            Ran::from(command.env("SESSCTL_STORE", storage.url()).output().unwrap())
        };
        let all = sessions(&["list"]).exits(0).stdout;
        assert_eq!((all.matches("alice").count(), all.matches("bob").count()), (2, 1), "{all}");
        let of_alice = sessions(&["list", "--user", "alice", "--json"]).exits(0).json();
        let handle = of_alice["sessions"][0]["handle"].as_str().expect("a handle").to_owned();
        let shown = sessions(&["show", &handle]).exits(0).answers("user: alice").answers("\"count\":1");
        assert!(!shown.stdout.contains(alice.strip_prefix("sessionid=").unwrap()));
        sessions(&["revoke", &handle]).exits(0).answers("ended 1 session");
        assert_eq!((session(&server, &alice).status, session(&server, &again).status), (401, 200));
        sessions(&["revoke", &handle]).exits(1).says("the store has no such session");
        sessions(&["revoke", "--user", "alice"]).exits(0).answers("ended 1 session");
        assert_eq!((session(&server, &again).status, session(&server, &bob).status), (401, 200));
        sessions(&["revoke", "--all"]).exits(0).answers("ended 1 session");
        sessions(&["list"]).exits(0).says("the store has no sessions");
        sessions(&["revoke"]).exits(2);
    }
}

#[test]
fn one_session_too_many_ends_the_oldest_on_any_server() {
    for storage in Storage::all() {
        let home = Home::new();
        let servers = [(); 2].map(|()| storage.serve(&home, &["--max-sessions-per-user", "2"]));
        let login = |n: usize| {
            in_another_millisecond();
            log_in(&servers[n % 2], "alice")
        };
        let cookies: Vec<String> = (0..4).map(login).collect();
        let states: Vec<u16> = cookies.iter().map(|cookie| session(&servers[0], cookie).status).collect();
        assert_eq!(states, [401, 401, 200, 200], "{}", storage.url());
        // Concurrent logins keep the limit too.
        std::thread::scope(|scope| {
            for client in 0..20 {
                let server = &servers[client % 2];
                scope.spawn(move || log_in(server, "alice"));
            }
        });
        let last = log_in(&servers[0], "alice");
        let list =
            get(&servers[1].address, "/sessions", &[("Cookie", &last), ("Accept", "application/json")]);
        let list: Value = serde_json::from_str(&list.body).expect("JSON");
        assert_eq!(list["sessions"].as_array().map(Vec::len), Some(2), "{}", storage.url());
    }
}

#[test]
fn serve_reports_an_unreachable_store_at_the_start() {
    let home = Home::new();
    let unused = crate::support::free_port();
    for (url, said) in [
        (format!("redis://:s3cret@127.0.0.1:{unused}"), "cannot reach the Redis server 127.0.0.1"),
        (format!("postgres://u:s3cret@127.0.0.1:{unused}/d"), "cannot reach the PostgreSQL server 127.0.0.1"),
    ] {
        let mut command = home.command(["serve", "--bind", "127.0.0.1:0"]);
        let ran = Ran::from(command.env("SESSCTL_STORE", &url).output().unwrap()).exits(1).says(said);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
    }
}

#[test]
fn serve_warns_of_a_password_in_its_arguments() {
    let server = RedisServer::start(&["--requirepass", "sesame123"]);
    let home = Home::new();
    let url = format!("redis://:sesame123@127.0.0.1:{}", server.port);
    let (_, said) = Serve::with(&home, &["--store", &url]).stop();
    assert!(said.contains("give the URL in SESSCTL_STORE") && !said.contains("sesame123"), "{said}");
    let mut command = home.command(["serve", "--bind", "127.0.0.1:0", "-v"]);
    command.env("SESSCTL_STORE", &url);
    let (_, said) = Serve::of(command).stop();
    assert!(said.is_empty(), "{said}");
}

#[test]
fn during_an_outage_of_the_store_nobody_is_logged_out() {
    for mut storage in Storage::all().into_iter().skip(1) {
        let home = Home::new();
        let server = storage.serve(&home, &[]);
        let cookie = log_in(&server, "alice");
        storage.stop();
        for _ in 0..3 {
            assert_eq!(get(&server.address, "/", &[]).status, 200, "an anonymous page");
            assert_eq!(get(&server.address, "/healthz", &[]).status, 200);
            assert_eq!(get(&server.address, "/readyz", &[]).status, 503);
            assert_eq!(post(&server.address, "/login", &[], "username=bob").status, 503, "a login");
            let page = get(&server.address, "/", &[("Cookie", &cookie)]);
            assert_eq!((page.status, page.headers("set-cookie")), (503, vec![]), "{}", storage.url());
        }
        storage.restart();
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            match session(&server, &cookie).status {
                200 => break,
                503 => assert!(Instant::now() < end, "{} does not work again", storage.url()),
                other => panic!("status {other} for a live session"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        log_in(&server, "bob");
        let metrics = get(&server.address, "/metrics", &[]).body;
        assert!(
            metrics.contains("sessctl_sessions_live 2") || metrics.contains("sessctl_sessions_live 3"),
            "{metrics}"
        );
    }
}

/// Logs in and reads the new sessions until `is_over`. Returns the cookies of the successful logins, and the number of
/// responses with status 503.
fn log_in_and_read(
    server: &Serve,
    name: &str,
    confirmed: &AtomicU32,
    is_over: &AtomicBool,
) -> (Vec<String>, u32) {
    let (mut cookies, mut unavailable) = (Vec::new(), 0);
    while !is_over.load(Ordering::Relaxed) {
        let login = post(&server.address, "/login", &[], &format!("username={name}"));
        match login.status {
            303 => {
                cookies.push(login.cookie());
                confirmed.fetch_add(1, Ordering::Relaxed);
            }
            503 => unavailable += 1,
            other => panic!("POST /login has status {other}"),
        }
        // The latest session, and an old one.
        for cookie in [cookies.last(), cookies.get(cookies.len() / 2)].into_iter().flatten() {
            let answer = session(server, cookie);
            match answer.status {
                200 => assert!(answer.body.contains(&format!("\"user\":\"{name}\"")), "{}", answer.body),
                503 => unavailable += 1,
                other => panic!("status {other} for a live session"),
            }
        }
    }
    (cookies, unavailable)
}

#[test]
fn a_cluster_that_loses_a_master_loses_no_session() {
    let (home, mut cluster) = (Home::new(), RedisCluster::start());
    let servers = [(); 2].map(|()| {
        let mut command = home.command(["serve", "--bind", "127.0.0.1:0"]);
        Serve::of({
            command.env("SESSCTL_STORE", cluster.url());
            command
        })
    });
    let (confirmed, is_over) = (AtomicU32::new(0), AtomicBool::new(false));
    let wait_for_logins = || {
        let enough = confirmed.load(Ordering::Relaxed) + 100;
        until("logins", || confirmed.load(Ordering::Relaxed) >= enough);
    };
    let outcomes: Vec<(Vec<String>, u32)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..6)
            .map(|client| {
                let (server, name) = (&servers[client % 2], format!("user{client}"));
                let (confirmed, is_over) = (&confirmed, &is_over);
                scope.spawn(move || log_in_and_read(server, &name, confirmed, is_over))
            })
            .collect();
        wait_for_logins();
        let victim = cluster.master_of("sessctl:session:any");
        cluster.servers[victim].kill();
        // Wait until every slot has a server again, and then for some more logins.
        let works = |name: usize| {
            post(&servers[0].address, "/login", &[], &format!("username=probe{name}")).status == 303
        };
        until("a new master", || (0..40).all(works));
        wait_for_logins();
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().expect("no panic")).collect()
    });
    let (mut lost, mut unavailable) = (0, 0);
    for (client, (cookies, unavailable_count)) in outcomes.iter().enumerate() {
        unavailable += unavailable_count;
        for cookie in cookies {
            let answer = session(&servers[(client + 1) % 2], cookie);
            let is_theirs = answer.body.contains(&format!("\"user\":\"user{client}\""));
            assert!(answer.status != 200 || is_theirs, "{}", answer.body);
            lost += u32::from(answer.status != 200);
        }
    }
    eprintln!("{confirmed:?} logins confirmed, {lost} lost, {unavailable} responses with status 503");
    assert_eq!(lost, 0, "of {confirmed:?} successful logins");
}
