//! Two servers on one store, whichever store it is: what one does the other knows, and nobody is taken for another.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{
    Answer, Home, Kept, PostgresServer, Ran, RedisCluster, RedisServer, Serve, get, in_another_millisecond,
    post, until,
};

/// Where the sessions of a test are.
enum Place {
    Sqlite(Home),
    Redis(RedisServer),
    Cluster(RedisCluster),
    Postgres(PostgresServer, String),
}

impl Place {
    /// One of each kind, each empty.
    fn all() -> [Place; 4] {
        let postgres = PostgresServer::start();
        let (database, _) = postgres.database();
        [
            Place::Sqlite(Home::new()),
            Place::Redis(RedisServer::start(&[])),
            Place::Cluster(RedisCluster::start()),
            Place::Postgres(postgres, database),
        ]
    }

    fn url(&self) -> String {
        match self {
            Place::Sqlite(home) => format!("sqlite:{}", home.path().join("sessions.db").display()),
            Place::Redis(server) => server.url(),
            Place::Cluster(cluster) => cluster.url(),
            Place::Postgres(server, database) => server.url(database),
        }
    }

    fn serve(&self, home: &Home, options: &[&str]) -> Serve {
        let mut command = home.command(["serve", "--bind", "127.0.0.1:0"].iter().chain(options));
        command.env("SESSCTL_STORE", self.url());
        Serve::of(command)
    }

    /// All that is kept, as text.
    fn dump(&self) -> String {
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
            Place::Sqlite(home) => {
                let script = "import sqlite3\nfor row in sqlite3.connect('sessions.db').execute('select * from sessions'):\n\
                    \x20for value in row: print(value.hex() if isinstance(value, bytes) else value)";
                let mut python = std::process::Command::new("python3");
                let values = python.args(["-c", script]).current_dir(home.path()).output().expect("python3");
                String::from_utf8_lossy(&values.stdout).into_owned()
            }
            Place::Redis(server) => of_redis(server),
            Place::Cluster(cluster) => cluster.servers.iter().map(of_redis).collect::<Vec<_>>().join("\n"),
            Place::Postgres(server, database) => server.dump(database),
        }
    }

    fn cut(&mut self) {
        match self {
            Place::Sqlite(_) => unreachable!("a file has tests of its own"),
            Place::Redis(server) => server.kill(),
            Place::Cluster(cluster) => cluster.kill_all(),
            Place::Postgres(server, _) => server.crash(),
        }
    }

    fn mend(&mut self) {
        match self {
            Place::Sqlite(_) => unreachable!("a file has tests of its own"),
            Place::Redis(server) => server.resume(),
            Place::Cluster(cluster) => cluster.resume_all(),
            Place::Postgres(server, _) => server.go_on(),
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

fn count(connection: &mut Kept, cookie: &str) -> Answer {
    let request =
        format!("POST /counter HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\nContent-Length: 0\r\n\r\n");
    connection.send(request.as_bytes()).expect("to be read");
    connection.answer().expect("an answer")
}

#[test]
fn a_thousand_counts_over_two_servers_are_a_thousand() {
    for place in Place::all() {
        let home = Home::new();
        let (one, other) = (place.serve(&home, &[]), place.serve(&home, &[]));
        let cookie = log_in(&one, "alice");
        let counts: Mutex<BTreeSet<i64>> = Mutex::default();
        std::thread::scope(|scope| {
            for client in 0..20 {
                let (server, cookie, counts) =
                    (if client % 2 == 0 { &one } else { &other }, &cookie, &counts);
                scope.spawn(move || {
                    let mut connection = Kept::open(&server.address);
                    for _ in 0..50 {
                        let answer = count(&mut connection, cookie);
                        let count: Value = serde_json::from_str(&answer.body).expect("JSON");
                        counts.lock().unwrap().insert(count["count"].as_i64().expect("a count"));
                    }
                });
            }
        });
        assert_eq!(counts.into_inner().unwrap(), (1..=1000).collect(), "{}", place.url());
    }
}

#[test]
fn a_logout_is_final_on_every_server() {
    for place in Place::all() {
        let home = Home::new();
        let (one, other) = (place.serve(&home, &[]), place.serve(&home, &[]));
        for _ in 0..3 {
            let cookie = log_in(&one, "alice");
            let is_over = AtomicBool::new(false);
            std::thread::scope(|scope| {
                // A hundred requests of the session at a time, whenever the logout comes.
                for client in 0..100 {
                    let (server, cookie, is_over) =
                        (if client % 2 == 0 { &one } else { &other }, &cookie, &is_over);
                    scope.spawn(move || {
                        let mut connection = Kept::open(&server.address);
                        while !is_over.load(Ordering::SeqCst) {
                            let answer = count(&mut connection, cookie);
                            assert!(matches!(answer.status, 200 | 401), "{}", answer.status);
                            assert_eq!(answer.headers("set-cookie"), [""; 0], "no cookie for a dead session");
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
fn what_is_kept_opens_no_session() {
    for place in Place::all() {
        let home = Home::new();
        let server = place.serve(&home, &[]);
        let cookie = log_in(&server, "alice");
        post(&server.address, "/counter", &[("Cookie", &cookie)], "");
        let (name, token) = cookie.split_once('=').expect("a cookie");
        let dump = place.dump();
        assert!(dump.contains("count") && !dump.contains(token), "{dump}");
        // Whatever could be a value: words, and what stands between punctuation in them.
        let words: BTreeSet<&str> =
            dump.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-').collect();
        let lines: BTreeSet<&str> = dump.lines().filter(|line| line.len() < 1000).map(str::trim).collect();
        let mut connection = Kept::open(&server.address);
        for value in words.union(&lines).filter(|it| !it.is_empty() && !it.contains(';')) {
            let request =
                format!("GET /session HTTP/1.1\r\nHost: localhost\r\nCookie: {name}={value}\r\n\r\n");
            connection.send(request.as_bytes()).expect("to be read");
            assert_eq!(connection.answer().expect("an answer").status, 401, "{value}");
        }
        assert_eq!(session(&server, &cookie).status, 200);
    }
}

#[test]
fn an_operator_sees_sessions_and_ends_them_while_the_server_runs() {
    for place in Place::all() {
        let home = Home::new();
        let server = place.serve(&home, &[]);
        let alice = log_in(&server, "alice");
        in_another_millisecond();
        let (again, bob) = (log_in(&server, "alice"), log_in(&server, "bob"));
        post(&server.address, "/counter", &[("Cookie", &alice)], "");
        let sessions = |args: &[&str]| {
            let mut command = home.command(["sessions"].iter().chain(args));
            Ran::from(command.env("SESSCTL_STORE", place.url()).output().unwrap())
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
        sessions(&["list"]).exits(0).says("no session is alive");
        sessions(&["revoke"]).exits(2);
    }
}

#[test]
fn one_session_more_than_allowed_ends_the_oldest_on_whatever_server() {
    for place in Place::all() {
        let home = Home::new();
        let servers = [(); 2].map(|()| place.serve(&home, &["--max-sessions-per-user", "2"]));
        let login = |n: usize| {
            in_another_millisecond();
            log_in(&servers[n % 2], "alice")
        };
        let cookies: Vec<String> = (0..4).map(login).collect();
        let states: Vec<u16> = cookies.iter().map(|cookie| session(&servers[0], cookie).status).collect();
        assert_eq!(states, [401, 401, 200, 200], "{}", place.url());
        // Many at the same time leave no more than that either.
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
        assert_eq!(list["sessions"].as_array().map(Vec::len), Some(2), "{}", place.url());
    }
}

#[test]
fn a_store_out_of_reach_is_told_at_the_start() {
    let home = Home::new();
    let unused = crate::support::free_port();
    for (url, said) in [
        (format!("redis://:s3cret@127.0.0.1:{unused}"), "cannot reach the Redis server 127.0.0.1"),
        (
            format!("postgres://u:s3cret@127.0.0.1:{unused}/d"),
            "cannot reach the PostgreSQL server at 127.0.0.1",
        ),
    ] {
        let mut command = home.command(["serve", "--bind", "127.0.0.1:0"]);
        let ran = Ran::from(command.env("SESSCTL_STORE", &url).output().unwrap()).exits(1).says(said);
        assert!(!ran.stderr.contains("s3cret"), "{}", ran.stderr);
    }
}

#[test]
fn a_password_among_the_arguments_is_warned_of() {
    let server = RedisServer::start(&["--requirepass", "sesame123"]);
    let home = Home::new();
    let url = format!("redis://:sesame123@127.0.0.1:{}", server.port);
    let (_, said) = Serve::with(&home, &["--store", &url]).stop();
    assert!(said.contains("give the URL by SESSCTL_STORE") && !said.contains("sesame123"), "{said}");
    let mut command = home.command(["serve", "--bind", "127.0.0.1:0", "-v"]);
    command.env("SESSCTL_STORE", &url);
    let (_, said) = Serve::of(command).stop();
    assert!(said.is_empty(), "{said}");
}

#[test]
fn while_the_store_is_away_nobody_is_a_stranger_and_it_is_found_again() {
    for mut place in Place::all().into_iter().skip(1) {
        let home = Home::new();
        let server = place.serve(&home, &[]);
        let cookie = log_in(&server, "alice");
        place.cut();
        for _ in 0..3 {
            assert_eq!(get(&server.address, "/", &[]).status, 200, "an anonymous page");
            assert_eq!(get(&server.address, "/healthz", &[]).status, 200);
            assert_eq!(get(&server.address, "/readyz", &[]).status, 503);
            assert_eq!(post(&server.address, "/login", &[], "username=bob").status, 503, "a login");
            let page = get(&server.address, "/", &[("Cookie", &cookie)]);
            assert_eq!((page.status, page.headers("set-cookie")), (503, vec![]), "{}", place.url());
        }
        place.mend();
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            match session(&server, &cookie).status {
                200 => break,
                503 => assert!(Instant::now() < end, "{} is not found again", place.url()),
                other => panic!("{other} for a session that is there"),
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

/// Logs in again and again, and looks at the own sessions, until it is over. Hands back the cookies of the logins that
/// were answered, and how often the answer was 503.
fn log_in_and_look(
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
            other => panic!("POST /login answers {other}"),
        }
        // The last one, and one from long ago.
        for cookie in [cookies.last(), cookies.get(cookies.len() / 2)].into_iter().flatten() {
            let answer = session(server, cookie);
            match answer.status {
                200 => assert!(answer.body.contains(&format!("\"user\":\"{name}\"")), "{}", answer.body),
                503 => unavailable += 1,
                other => panic!("{other} for a session that is alive"),
            }
        }
    }
    (cookies, unavailable)
}

#[test]
fn a_cluster_that_loses_a_master_loses_no_session_and_shows_no_wrong_one() {
    let (home, mut cluster) = (Home::new(), RedisCluster::start());
    let servers = [(); 2].map(|()| {
        let mut command = home.command(["serve", "--bind", "127.0.0.1:0"]);
        Serve::of({
            command.env("SESSCTL_STORE", cluster.url());
            command
        })
    });
    let (confirmed, is_over) = (AtomicU32::new(0), AtomicBool::new(false));
    let some_log_in = || {
        let enough = confirmed.load(Ordering::Relaxed) + 100;
        until("logins", || confirmed.load(Ordering::Relaxed) >= enough);
    };
    let outcomes: Vec<(Vec<String>, u32)> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..6)
            .map(|client| {
                let (server, name) = (&servers[client % 2], format!("user{client}"));
                let (confirmed, is_over) = (&confirmed, &is_over);
                scope.spawn(move || log_in_and_look(server, &name, confirmed, is_over))
            })
            .collect();
        some_log_in();
        let victim = cluster.master_of("sessctl:session:any");
        cluster.servers[victim].kill();
        // Until every slot has a server again, and some time beyond.
        let works = |name: usize| {
            post(&servers[0].address, "/login", &[], &format!("username=probe{name}")).status == 303
        };
        until("another server to take its place", || (0..40).all(works));
        some_log_in();
        is_over.store(true, Ordering::Relaxed);
        clients.into_iter().map(|client| client.join().expect("no wrong answer")).collect()
    });
    let (mut lost, mut unavailable) = (0, 0);
    for (client, (cookies, refused)) in outcomes.iter().enumerate() {
        unavailable += refused;
        for cookie in cookies {
            let answer = session(&servers[(client + 1) % 2], cookie);
            let is_theirs = answer.body.contains(&format!("\"user\":\"user{client}\""));
            assert!(answer.status != 200 || is_theirs, "{}", answer.body);
            lost += u32::from(answer.status != 200);
        }
    }
    eprintln!("{confirmed:?} logins confirmed, {lost} lost, {unavailable} answers of 503");
    assert_eq!(lost, 0, "of {confirmed:?} logins that were answered");
}
