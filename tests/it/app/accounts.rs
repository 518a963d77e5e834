//! Accounts: login by password, and the end of the sessions when an account changes.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::support::{Answer, Home, Serve, get, in_another_millisecond, post, until};

const PASSWORD: &str = "correct horse 1";

/// Longer than the interval between checks of the file.
const CHECK_INTERVAL: Duration = Duration::from_millis(600);

fn add(home: &Home, name: &str, password: &str) {
    home.run_with_input(["users", "add", "accounts.json", name, "--password-stdin"], password).exits(0);
}

fn serve(home: &Home, options: &[&str]) -> Serve {
    Serve::with(home, &[&["--users", "accounts.json"], options].concat())
}

fn log_in(server: &Serve, name: &str, password: &str) -> Answer {
    let password: String = form_urlencoded::byte_serialize(password.as_bytes()).collect();
    post(&server.address, "/login", &[], &format!("username={name}&password={password}"))
}

fn cookie_of(server: &Serve, name: &str, password: &str) -> String {
    let answer = log_in(server, name, password);
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.cookie()
}

fn status(server: &Serve, cookie: &str) -> u16 {
    get(&server.address, "/session", &[("Cookie", cookie)]).status
}

/// Waits until a change of the file has ended the session.
#[track_caller]
fn ends(server: &Serve, cookie: &str) {
    until("the end of the session", || status(server, cookie) == 401);
}

#[test]
fn only_the_right_password_logs_in() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    let server = serve(&home, &[]);
    let page = get(&server.address, "/", &[]).body;
    assert!(page.contains("name=\"password\"") && page.contains("current-password"), "{page}");
    assert_eq!(post(&server.address, "/login", &[], "username=alice").status, 400);
    for (name, password) in [("alice", "wrong"), ("nobody", PASSWORD), ("alice", ""), ("Alice", PASSWORD)] {
        let answer = log_in(&server, name, password);
        assert!(matches!(answer.status, 401 | 400), "{name}: {}", answer.status);
        assert_eq!(answer.headers("set-cookie"), [""; 0]);
    }
    assert!(log_in(&server, "alice", "wrong").body.contains("The name or the password is wrong."));
    assert_eq!(status(&server, &cookie_of(&server, "alice", PASSWORD)), 200);

    // `login` fills in the form without hints.
    let login = ["login", &server.url(), "--user", "alice", "--password-stdin"];
    home.run_with_input(login, "not this one").exits(7).says("The name or the password is wrong.");
    home.run_with_input(login, PASSWORD).exits(0);
    home.line("logout").exits(0);
}

#[test]
fn every_change_of_an_account_ends_its_sessions() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    add(&home, "bob", PASSWORD);
    let server = serve(&home, &["--store", "sqlite:sessions.db"]);
    let (alice, bob) = (cookie_of(&server, "alice", PASSWORD), cookie_of(&server, "bob", PASSWORD));
    home.run_with_input(["users", "passwd", "accounts.json", "alice", "--password-stdin"], "another horse 2")
        .exits(0);
    ends(&server, &alice);
    assert_eq!(log_in(&server, "alice", PASSWORD).status, 401);
    let alice = cookie_of(&server, "alice", "another horse 2");
    home.line("users disable accounts.json alice").exits(0);
    ends(&server, &alice);
    assert_eq!(log_in(&server, "alice", "another horse 2").status, 401);
    home.line("users enable accounts.json alice").exits(0);
    std::thread::sleep(CHECK_INTERVAL);
    assert_eq!(status(&server, &alice), 401, "the session stays deleted");
    let alice = cookie_of(&server, "alice", "another horse 2");

    // The same for a change while the server is stopped, and for an account that is removed and added again.
    server.stop();
    home.line("users remove accounts.json alice").exits(0);
    add(&home, "alice", "another horse 2");
    let server = serve(&home, &["--store", "sqlite:sessions.db"]);
    assert_eq!(status(&server, &alice), 401);
    assert_eq!(status(&server, &bob), 200, "sessions of other users continue");
}

#[test]
fn failed_logins_are_limited_until_they_expire() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    let server = serve(&home, &["--time-travel"]);
    let answers: Vec<Answer> = (0..12).map(|_| log_in(&server, "alice", "wrong")).collect();
    let last = answers.last().unwrap();
    assert_eq!((answers[0].status, last.status), (401, 429));
    let wait: u64 = last.header("retry-after").parse().expect("seconds");
    assert!((1..=15).contains(&wait), "{wait}");
    assert_eq!(log_in(&server, "alice", PASSWORD).status, 429, "the right password must wait too");
    home.run(["clock", "advance", "10m", "--url", &server.url()]).exits(0);
    assert_eq!(log_in(&server, "alice", PASSWORD).status, 303);
}

#[test]
fn one_session_more_than_allowed_ends_the_oldest() {
    let home = Home::new();
    for store in ["memory", "sqlite:sessions.db"] {
        let server = Serve::with(&home, &["--max-sessions-per-user", "2", "--store", store]);
        let login = |_| {
            in_another_millisecond();
            post(&server.address, "/login", &[], "username=alice").cookie()
        };
        let cookies: Vec<String> = (0..3).map(login).collect();
        let states: Vec<u16> = cookies.iter().map(|cookie| status(&server, cookie)).collect();
        assert_eq!(states, [401, 200, 200], "{store}");
        assert_eq!(post(&server.address, "/login", &[], "username=bob").status, 303);
        assert_eq!(status(&server, &cookies[1]), 200, "{store}");
    }
}

#[test]
fn the_file_is_private_and_invalid_changes_are_rejected() {
    let home = Home::new();
    home.line("users list accounts.json")
        .exits(1)
        .says("the accounts file accounts.json does not exist; create it with `sessctl users add`");
    add(&home, "alice", PASSWORD);
    let file = home.path().join("accounts.json");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("$argon2id$v=19$m=12288,t=3,p=1$") && !text.contains(PASSWORD), "{text}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

    let try_add = |name: &str, password: &str| {
        home.run_with_input(["users", "add", "accounts.json", name, "--password-stdin"], password)
    };
    try_add("alice", PASSWORD).exits(1).says("the user \"alice\" already exists");
    try_add("", PASSWORD).exits(2).says("is not valid; use 1 to 100 characters");
    try_add("a\nb", PASSWORD).exits(2).says("is not valid; use 1 to 100 characters");
    try_add("bob", "short").exits(2).says("the password must have 8 to 1024 characters");
    home.line("users add accounts.json bob")
        .exits(2)
        .says("cannot ask for the password: there is no terminal");
    home.line("users remove accounts.json nobody").exits(1).says("the user \"nobody\" does not exist");
    assert_eq!(fs::read_to_string(&file).unwrap(), text, "the file is unchanged");
    home.line("users disable accounts.json alice").exits(0);
    home.line("users list accounts.json").exits(0).answers("alice  (disabled)");
    assert_eq!(home.line("users list accounts.json --json").exits(0).json()["users"][0]["disabled"], true);

    fs::write(&file, "{\"users\": [secret]}").unwrap();
    let ran = home.line("users list accounts.json").exits(1).says("is not a valid accounts file: line 1");
    assert!(!ran.stderr.contains("secret"));
    home.line("serve --users accounts.json").exits(1).says("is not a valid accounts file");
    home.line("serve --users missing.json").exits(1).says("the accounts file missing.json does not exist");
}

#[test]
fn with_accounts_a_server_may_bind_to_a_public_address() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    home.line("serve --bind 0.0.0.0:0").exits(2).says("require passwords with --users FILE");
    let mut command = home.command(["serve", "--bind", "0.0.0.0:0", "--users", "accounts.json"]);
    command.stdout(std::process::Stdio::piped());
    let mut child = command.spawn().expect("to start");
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line)
        .unwrap();
    let _ = child.kill();
    let _ = child.wait();
    assert!(line.starts_with("listening on http://0.0.0.0:"), "{line}");
}

#[test]
fn hashing_does_not_block_other_requests() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    let server = serve(&home, &[]);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..20)
            .map(|n| {
                let server = &server;
                scope.spawn(move || log_in(server, &format!("user-{n}"), "wrong one").status)
            })
            .collect();
        let visits: Vec<u16> = (0..20).map(|_| get(&server.address, "/healthz", &[]).status).collect();
        assert!(visits.iter().all(|status| *status == 200));
        all.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(statuses.iter().all(|status| matches!(status, 401 | 429)), "{statuses:?}");
}

#[test]
fn users_list_and_end_their_sessions() {
    let home = Home::new();
    let server = Serve::start(&home);
    let new = |name: &str| post(&server.address, "/login", &[], &format!("username={name}")).cookie();
    let (first, second, third, bob) = (new("al<ice"), new("al<ice"), new("al<ice"), new("bob"));
    let json = |cookie: &str| -> serde_json::Value {
        let answer = get(&server.address, "/sessions", &[("Cookie", cookie), ("Accept", "application/json")]);
        serde_json::from_str(&answer.body).expect("JSON")
    };
    let handle = |cookie: &str| {
        let current =
            json(cookie)["sessions"].as_array().unwrap().iter().find(|it| it["own"] == true).cloned();
        current.expect("the current session")["handle"].as_str().unwrap().to_owned()
    };
    assert_eq!(json(&first)["sessions"].as_array().map(Vec::len), Some(3));
    let page = get(&server.address, "/sessions", &[("Cookie", &first)]);
    assert!(page.body.contains("al&#60;ice") && page.body.contains("(this session)"), "{}", page.body);
    assert_eq!(page.header("cache-control"), "no-store");

    let revoke = |cookie: &str, form: &str| {
        post(&server.address, "/sessions/revoke", &[("Cookie", cookie)], form).status
    };
    let of_bob = format!("handle={}", handle(&bob));
    assert_eq!(revoke(&first, &of_bob), 404, "another user's session is not found");
    assert_eq!(status(&server, &bob), 200);
    assert_eq!(
        (revoke(&first, "handle=nonsense"), revoke(&first, "x=1"), revoke("", &of_bob)),
        (404, 400, 303)
    );
    assert_eq!(revoke(&first, &format!("handle={}", handle(&second))), 303);
    assert_eq!((status(&server, &second), status(&server, &third)), (401, 200));
    assert_eq!(revoke(&first, "others=1"), 303);
    assert_eq!((status(&server, &first), status(&server, &third), status(&server, &bob)), (200, 401, 200));
    assert_eq!(revoke(&first, &format!("handle={}", handle(&first))), 303);
    assert_eq!(status(&server, &first), 401);
    let foreign = [("Cookie", bob.as_str()), ("Origin", "http://evil.example")];
    assert_eq!(post(&server.address, "/sessions/revoke", &foreign, "others=1").status, 403);
    assert_eq!(get(&server.address, "/sessions", &[]).header("location"), "/?next=/sessions");
}

#[test]
fn sessions_are_told_apart_by_device_and_address() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    let firefox = ("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    let page = |server: &Serve, form: &str| {
        let cookie = post(&server.address, "/login", &[firefox], form).cookie();
        get(&server.address, "/sessions", &[("Cookie", &cookie)]).body
    };
    let own = page(&serve(&home, &[]), &format!("username=alice&password={}", PASSWORD.replace(' ', "+")));
    assert!(
        own.contains("<dd>Firefox on Linux, 127.0.0.1</dd>") && own.contains(">just now</time>"),
        "{own}"
    );
    let open = page(&Serve::start(&home), "username=alice");
    assert!(
        !open.contains("Firefox") && !open.contains("127.0.0.1"),
        "without accounts, nothing is stored: {open}"
    );
}

#[test]
fn a_name_is_the_same_in_all_its_unicode_forms() {
    let home = Home::new();
    let (composed, decomposed) = ("Ren\u{e9}e", "Rene\u{301}e");
    add(&home, decomposed, PASSWORD);
    let try_add = |name: &str| {
        home.run_with_input(["users", "add", "accounts.json", name, "--password-stdin"], PASSWORD)
    };
    try_add(composed).exits(1).says("already exists");
    for invisible in ["al\u{200b}ice", "\u{202e}alice", "alice\u{2060}"] {
        try_add(invisible).exits(2).says("without control or invisible characters");
    }
    let server = serve(&home, &[]);
    let encoded = |name: &str| form_urlencoded::byte_serialize(name.as_bytes()).collect::<String>();
    let first = cookie_of(&server, &encoded(composed), PASSWORD);
    let second = cookie_of(&server, &encoded(decomposed), PASSWORD);
    let answer = get(&server.address, "/sessions", &[("Cookie", &second), ("Accept", "application/json")]);
    assert_eq!(answer.body.matches("\"handle\"").count(), 2, "one user: {}", answer.body);
    assert_eq!(log_in(&server, &encoded("al\u{200b}ice"), PASSWORD).status, 400);
    home.run(["users", "disable", "accounts.json", composed]).exits(0);
    ends(&server, &first);
}

#[test]
fn the_list_of_sessions_has_pages() {
    let home = Home::new();
    let server = Serve::with(&home, &["--max-sessions-per-user", "0"]);
    let log_in = || post(&server.address, "/login", &[], "username=alice").cookie();
    let cookies: Vec<String> = (0..120).map(|_| log_in()).collect();
    let headers = [("Cookie", cookies[0].as_str()), ("Accept", "application/json")];
    let list = |query: &str| get(&server.address, &format!("/sessions{query}"), &headers);
    let (mut handles, mut query) = (std::collections::HashSet::new(), String::new());
    for len in [50, 50, 20] {
        let page: serde_json::Value = serde_json::from_str(&list(&query).body).expect("JSON");
        let sessions = page["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), len);
        handles.extend(sessions.iter().map(|session| session["handle"].to_string()));
        let next: Option<String> = page["next"].as_str().map(|next| format!("?after={next}"));
        assert_eq!(next.is_none(), len == 20, "{}", page["next"]);
        query = next.unwrap_or_default();
    }
    assert_eq!(handles.len(), 120);
    assert_eq!(list("?after=nonsense").status, 400);
    let page = get(&server.address, "/sessions", &[("Cookie", &cookies[0])]).body;
    let link = page.split("href=\"/sessions?after=").nth(1).expect("a link").split('"').next().unwrap();
    let last = get(&server.address, &format!("/sessions?after={link}"), &[("Cookie", &cookies[0])]);
    assert_eq!((last.status, last.body.matches("class=\"handle\"").count()), (200, 50));
    // By default, a user has at most 100 sessions.
    let server = Serve::start(&home);
    let cookies: Vec<String> = (0..101)
        .map(|_| {
            in_another_millisecond();
            post(&server.address, "/login", &[], "username=alice").cookie()
        })
        .collect();
    assert_eq!((status(&server, &cookies[0]), status(&server, &cookies[1])), (401, 200));
}

#[test]
fn the_right_password_gets_in_while_others_guess() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    let server = serve(&home, &["--trust-proxy", "127.0.0.1", "--public-url", "https://app.example"]);
    let log_in_from = |address: &str, form: &str| {
        let headers = [("X-Forwarded-For", address), ("X-Forwarded-Proto", "https"), ("Host", "app.example")];
        post(&server.address, "/login", &headers, form).status
    };
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        for thread in 0..40 {
            let (log_in_from, is_over) = (&log_in_from, &is_over);
            scope.spawn(move || {
                // Each from a network and for a name of its own, so that no limit applies.
                for n in 0.. {
                    if is_over.load(std::sync::atomic::Ordering::Relaxed) {
                        break;
                    }
                    let address = format!("10.{thread}.{}.{}", n / 250, n % 250);
                    log_in_from(&address, &format!("username=user-{thread}-{n}&password=wrong"));
                }
            });
        }
        let form = format!("username=alice&password={}", PASSWORD.replace(' ', "+"));
        let statuses: Vec<u16> = (0..3).map(|_| log_in_from("192.0.2.1", &form)).collect();
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        assert_eq!(statuses, [303; 3]);
    });
    let memory = server.memory();
    assert!(memory < 160 * 1024, "{memory} KiB: the memory for hashes is reused");
}

#[test]
fn rewriting_the_file_ends_no_session_and_replacing_it_ends_all() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    let server = serve(&home, &["--store", "sqlite:sessions.db"]);
    let alice = cookie_of(&server, "alice", PASSWORD);
    let file = home.path().join("accounts.json");
    let text = fs::read(&file).unwrap();
    // Some editors empty a file before they write it.
    fs::write(&file, "").unwrap();
    std::thread::sleep(CHECK_INTERVAL);
    assert_eq!(status(&server, &alice), 200);
    fs::write(&file, &text).unwrap();
    std::thread::sleep(CHECK_INTERVAL);
    assert_eq!(status(&server, &alice), 200);

    fs::remove_file(&file).unwrap();
    add(&home, "alice", "another horse 2");
    ends(&server, &alice);
    // The operator got one warning.
    let (_, said) = server.stop();
    assert_eq!(said.matches("accounts.json is not a valid accounts file: it is empty").count(), 1, "{said}");
    assert!(said.contains("the accounts file is readable again"), "{said}");
}

#[test]
fn many_concurrent_logins_wait_in_a_queue() {
    let home = Home::new();
    add(&home, "alice", PASSWORD);
    let server = serve(&home, &[]);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> =
            (0..10).map(|_| scope.spawn(|| log_in(&server, "alice", PASSWORD).status)).collect();
        all.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses, [303; 10]);
}
