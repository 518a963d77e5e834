//! Sessions in a file: they survive a kill, processes share them, and a file that cannot be used affects only requests
//! that need a session.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Answer, Home, Kept, Ran, Serve, get, post, until};

fn file(home: &Home) -> PathBuf {
    home.path().join("sessions.db")
}

fn serve(home: &Home) -> Serve {
    Serve::with(home, &["--store", "sqlite:sessions.db"])
}

fn log_in(serve: &Serve, name: &str) -> String {
    let answer = post(&serve.address, "/login", &[], &format!("username={name}"));
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.cookie()
}

fn session(serve: &Serve, cookie: &str) -> Answer {
    get(&serve.address, "/session", &[("Cookie", cookie)])
}

/// Sends a request on an open connection.
fn ask(connection: &mut Kept, method: &str, path: &str, cookie: &str, body: &str) -> Option<Answer> {
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\
        Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.send(request.as_bytes()).ok()?;
    connection.answer()
}

/// Runs a script of another process that uses the file. Returns when the script prints `ready`.
fn python(home: &Home, script: &str) -> Child {
    let mut command = Command::new("python3");
    command.args(["-c", script]).current_dir(home.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("python3");
    let mut line = String::new();
    let stdout = child.stdout.as_mut().expect("a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("a line");
    assert_eq!(line.trim(), "ready");
    child
}

#[test]
fn sessions_survive_a_restart() {
    let home = Home::new();
    let first = serve(&home);
    let cookie = log_in(&first, "alice");
    post(&first.address, "/counter", &[("Cookie", &cookie)], "");
    let handle = session(&first, &cookie).body;
    first.stop();
    let again = serve(&home);
    assert_eq!(session(&again, &cookie).body, handle.replace("\"count\":0", "\"count\":1"));
    for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm"] {
        let mode = fs::metadata(home.path().join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// How often the server is killed. Set `SESSCTL_KILLS` for a longer run.
fn rounds() -> usize {
    std::env::var("SESSCTL_KILLS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(8)
}

#[test]
fn every_answered_login_survives_a_kill() {
    let home = Home::new();
    let answered: Mutex<Vec<(String, String)>> = Mutex::default();
    for round in 0..rounds() {
        let server = serve(&home);
        let before = answered.lock().unwrap().len();
        std::thread::scope(|scope| {
            for client in 0..8 {
                let (server, answered) = (&server, &answered);
                scope.spawn(move || {
                    let mut connection = Kept::open(&server.address);
                    for n in 0.. {
                        let name = format!("u{round}-{client}-{n}");
                        let body = format!("username={name}");
                        let Some(answer) = ask(&mut connection, "POST", "/login", "a=b", &body) else {
                            return;
                        };
                        assert_eq!(answer.status, 303);
                        answered.lock().unwrap().push((name, answer.cookie()));
                    }
                });
            }
            until("some logins", || answered.lock().unwrap().len() >= before + 40);
            let killed = Command::new("kill").args(["-9", &server.pid().to_string()]).status();
            assert!(killed.is_ok_and(|status| status.success()));
        });
        let server = serve(&home);
        let mut connection = Kept::open(&server.address);
        for (name, cookie) in &answered.lock().unwrap()[before..] {
            let answer = ask(&mut connection, "GET", "/session", cookie, "").expect("an answer");
            let facts: Value = serde_json::from_str(&answer.body).expect("JSON");
            assert_eq!((answer.status, facts["user"].as_str()), (200, Some(name.as_str())));
        }
    }
    let check = "import sqlite3; print(sqlite3.connect('sessions.db').execute('PRAGMA integrity_check').fetchone()[0])";
    let checked =
        Command::new("python3").args(["-c", check]).current_dir(home.path()).output().expect("python3");
    assert_eq!(String::from_utf8_lossy(&checked.stdout).trim(), "ok");
}

#[test]
fn no_value_in_the_file_works_as_a_token() {
    let home = Home::new();
    let server = serve(&home);
    let cookie = log_in(&server, "alice");
    let token = cookie.strip_prefix("sessionid=").expect("a token").to_owned();
    let mut dump = Vec::new();
    for name in ["sessions.db", "sessions.db-wal"] {
        dump.extend(fs::read(home.path().join(name)).expect(name));
    }
    assert!(!dump.windows(token.len()).any(|window| window == token.as_bytes()));
    let script = "import sqlite3, base64\n\
        for row in sqlite3.connect('sessions.db').execute('select * from sessions'):\n\
        \x20for value in row:\n\
        \x20 raw = value if isinstance(value, bytes) else str(value).encode()\n\
        \x20 print(raw.hex()); print(base64.urlsafe_b64encode(raw).decode().rstrip('='))";
    let values =
        Command::new("python3").args(["-c", script]).current_dir(home.path()).output().expect("python3");
    let values = String::from_utf8(values.stdout).expect("text");
    assert!(values.lines().count() >= 10, "{values}");
    for value in values.lines() {
        assert_eq!(session(&server, &format!("sessionid={value}")).status, 401, "{value}");
    }
    assert_eq!(session(&server, &cookie).status, 200);
}

/// Requests that need a session get 503, others are answered, and no user is treated as logged out.
#[track_caller]
fn answers_only_without_sessions(server: &Serve, cookie: &str) {
    assert_eq!(get(&server.address, "/", &[]).status, 200, "an anonymous page");
    assert_eq!(get(&server.address, "/healthz", &[]).status, 200);
    assert_eq!(post(&server.address, "/login", &[], "username=bob").status, 503, "a login");
    let page = get(&server.address, "/", &[("Cookie", cookie)]);
    assert!(
        page.status == 503 || page.body.contains("alice"),
        "never the page for anonymous clients: {}",
        page.status
    );
    assert_eq!(page.headers("set-cookie"), [""; 0]);
}

#[test]
fn requests_fail_while_the_file_is_missing() {
    let home = Home::new();
    let server = serve(&home);
    let cookie = log_in(&server, "alice");
    let names = ["sessions.db", "sessions.db-wal", "sessions.db-shm"].map(|name| home.path().join(name));
    let away =
        |path: &Path| path.with_extension(format!("{}.away", path.extension().unwrap().to_string_lossy()));
    for name in &names {
        fs::rename(name, away(name)).unwrap();
    }
    answers_only_without_sessions(&server, &cookie);
    assert!(!names[0].exists(), "no new file is created in place of the old one");
    for name in &names {
        fs::rename(away(name), name).unwrap();
    }
    assert_eq!(session(&server, &cookie).status, 200, "it is back");
    log_in(&server, "bob");
}

#[test]
fn a_file_that_replaces_the_store_is_not_used_until_a_restart() {
    let home = Home::new();
    let (first, second) = (Home::new(), serve(&home));
    let cookie = log_in(&second, "alice");
    let other = {
        let server = serve(&first);
        let cookie = log_in(&server, "bob");
        server.stop();
        cookie
    };
    fs::rename(file(&first), file(&home)).unwrap();
    assert_eq!(session(&second, &cookie).status, 503);
    assert_eq!(get(&second.address, "/", &[]).status, 200);
    let before = fs::read(file(&home)).unwrap();
    assert_eq!(session(&second, &other).status, 503);
    assert_eq!(fs::read(file(&home)).unwrap(), before, "the file is unchanged");
}

#[test]
fn another_process_may_open_and_close_the_file() {
    let home = Home::new();
    let server = serve(&home);
    let alice = log_in(&server, "alice");
    // SQLite deletes the log when the last connection closes. The server still has one.
    let mut other = python(
        &home,
        "import sqlite3\nc = sqlite3.connect('sessions.db')\n\
        c.execute('SELECT count(*) FROM sessions').fetchall()\nc.close()\nprint('ready', flush=True)",
    );
    other.wait().unwrap();
    assert!(home.path().join("sessions.db-wal").exists(), "the log that has the newest sessions");
    let bob = log_in(&server, "bob");
    // Dropping the server kills it.
    drop(server);
    let server = serve(&home);
    assert_eq!((session(&server, &alice).status, session(&server, &bob).status), (200, 200));
}

#[test]
fn requests_fail_in_time_while_another_process_locks_the_file() {
    let home = Home::new();
    let server = serve(&home);
    let cookie = log_in(&server, "alice");
    let mut other = python(
        &home,
        "import sqlite3, sys\nc = sqlite3.connect('sessions.db', isolation_level=None)\n\
        c.execute('BEGIN EXCLUSIVE')\nprint('ready', flush=True)\nsys.stdin.readline()",
    );
    let asked = Instant::now();
    answers_only_without_sessions(&server, &cookie);
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    other.stdin.take().expect("a pipe").write_all(b"\n").unwrap();
    other.wait().unwrap();
    log_in(&server, "bob");
    assert_eq!(session(&server, &cookie).status, 200);
}

#[test]
fn a_full_disk_fails_only_logins() {
    let home = Home::new();
    // A limit on the size of a file acts like a full disk.
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -f 120; exec \"$0\" serve --bind 127.0.0.1:0 --store sqlite:sessions.db"]);
    command.arg(env!("CARGO_BIN_EXE_sessctl")).current_dir(home.path());
    let server = Serve::of(command);
    let cookie = log_in(&server, "alice");
    let mut last = 303;
    for n in 0..2000 {
        last = post(&server.address, "/login", &[], &format!("username=user-{n}")).status;
        if last != 303 {
            break;
        }
    }
    assert_eq!(last, 503, "the disk is full");
    answers_only_without_sessions(&server, &cookie);
    assert_eq!(session(&server, &cookie).status, 200, "existing sessions can be read");
    server.stop();
    // With free space, the store works again.
    let server = serve(&home);
    assert_eq!(session(&server, &cookie).status, 200);
    log_in(&server, "bob");
}

fn refuses_to_start(home: &Home, store: &str) -> Ran {
    home.run(["serve", "--bind", "127.0.0.1:0", "--store", store]).exits(1)
}

#[test]
fn a_file_that_cannot_be_a_store_is_rejected_at_start() {
    let home = Home::new();
    refuses_to_start(&home, "sqlite:no/such/folder/x.db")
        .says("cannot open the session store no/such/folder/x.db: No such file or directory")
        .says("check that its folder exists");
    refuses_to_start(&home, "sqlite:.").says("cannot use . as a session store");
    fs::write(home.path().join("text.db"), "this file is not a database\n".repeat(99)).unwrap();
    refuses_to_start(&home, "sqlite:text.db")
        .says("cannot use text.db as a session store")
        .says("not a database");
    let made = |name: &str, sql: &str| {
        let script = format!("import sqlite3; sqlite3.connect('{name}').executescript('''{sql}''')");
        assert!(
            Command::new("python3")
                .args(["-c", &script])
                .current_dir(home.path())
                .status()
                .unwrap()
                .success()
        );
        fs::read(home.path().join(name)).unwrap()
    };
    let foreign = made("foreign.db", "CREATE TABLE customers (name TEXT)");
    refuses_to_start(&home, "sqlite:foreign.db")
        .says("cannot use foreign.db as a session store: it is the database of another application; use another file");
    assert_eq!(fs::read(home.path().join("foreign.db")).unwrap(), foreign);
    serve(&home).stop();
    made("sessions.db", "PRAGMA user_version = 99");
    refuses_to_start(&home, "sqlite:sessions.db")
        .says("it has version 99, but this program supports at most version 5; update this program");
    let unknown = home
        .run(["serve", "--store", "mysql://u:secret@h/x"])
        .exits(2)
        .says("neither memory nor sqlite:FILE");
    assert!(!unknown.stderr.contains("secret"), "{}", unknown.stderr);

    // A damaged page makes calls fail. They do not return a wrong session.
    let home = Home::new();
    let server = serve(&home);
    let cookie = log_in(&server, "alice");
    (0..300).for_each(|n| drop(log_in(&server, &format!("user-{n}"))));
    server.stop();
    let mut bytes = fs::read(file(&home)).unwrap();
    let length = bytes.len();
    bytes[4096..length].fill(0xA5);
    fs::write(file(&home), bytes).unwrap();
    let server = Serve::with(&home, &["--store", "sqlite:sessions.db"]);
    let answer = get(&server.address, "/", &[("Cookie", &cookie)]);
    assert_eq!(answer.status, 503);
    assert_eq!(get(&server.address, "/", &[]).status, 200);
}

#[test]
fn a_read_only_file_is_rejected_at_start() {
    let home = Home::new();
    serve(&home).stop();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o555)).unwrap();
    fs::set_permissions(file(&home), fs::Permissions::from_mode(0o444)).unwrap();
    // Root may write to any file, so the server runs as another user.
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
    command.arg(env!("CARGO_BIN_EXE_sessctl"));
    command
        .args(["serve", "--bind", "127.0.0.1:0", "--store", "sqlite:sessions.db"])
        .current_dir(home.path());
    let ran = Ran::from(command.output().expect("setpriv"));
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    ran.exits(1)
        .says("cannot use sessions.db as a session store")
        .says("check that you may write to the file");
}

#[test]
fn a_login_is_synced_before_it_is_answered_and_logins_share_a_sync() {
    let home = Home::new();
    let trace = home.path().join("trace");
    let mut command = Command::new("strace");
    command.args(["-f", "-e", "trace=fsync,fdatasync", "-o"]).arg(&trace);
    // A killed tracer does not end its child; `--pdeathsig` does.
    command.args(["setpriv", "--pdeathsig", "KILL"]).arg(env!("CARGO_BIN_EXE_sessctl"));
    command
        .args(["serve", "--bind", "127.0.0.1:0", "--store", "sqlite:sessions.db"])
        .current_dir(home.path());
    let server = Serve::of(command);
    let syncs = || {
        let text = fs::read_to_string(&trace).unwrap_or_default();
        text.lines().filter(|line| line.contains("sync(") && !line.contains("resumed")).count()
    };
    let before = syncs();
    (0..20).for_each(|n| drop(log_in(&server, &format!("one-{n}"))));
    let alone = syncs() - before;
    assert!(alone >= 20, "{alone} syncs for 20 logins, one after the other");
    let before = syncs();
    std::thread::scope(|scope| {
        for client in 0..40 {
            let server = &server;
            scope.spawn(move || (0..10).for_each(|n| drop(log_in(server, &format!("many-{client}-{n}")))));
        }
    });
    let together = syncs() - before;
    assert!((1..300).contains(&together), "{together} syncs for 400 logins at once");
}

#[test]
fn an_operator_command_does_not_create_a_store() {
    let home = Home::new();
    home.line("sessions list").exits(2).says("no session store is named");
    home.line("sessions list --store sqlite:other.db")
        .exits(1)
        .says("cannot open the session store other.db: the file does not exist");
    assert!(!home.path().join("other.db").exists());
}
