//! `serve --inspect`: the events, the access rules, and the limits on viewers.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Home, Kept, Serve, exchange, get, post};

/// A server that waits for its viewers takes longer to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(9);

/// A client of the event stream.
pub(crate) struct Viewer(BufReader<TcpStream>);

impl Viewer {
    /// Waits for the table, which ends the initial events.
    pub(crate) fn connect(server: &Serve, path: &str) -> Self {
        let mut viewer = Self::silent(server, path);
        viewer.until("sessions", |_| true);
        viewer
    }

    /// Reads nothing yet.
    fn silent(server: &Serve, path: &str) -> Self {
        let mut stream = TcpStream::connect(&server.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
        write!(stream, "GET {path}events HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).expect("a request");
        Viewer(BufReader::new(stream))
    }

    /// The next event. `None`: the stream has ended.
    fn next(&mut self) -> Option<(String, Value)> {
        let mut kind = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).expect("a line") == 0 {
                return None;
            }
            if let Some(name) = line.strip_prefix("event: ") {
                name.trim().clone_into(&mut kind);
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some((kind, serde_json::from_str(data).expect(data)));
            }
        }
    }

    /// The next event of this kind that meets the condition.
    #[track_caller]
    fn until(&mut self, kind: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        while let Some((is, event)) = self.next() {
            if is == kind && is_wanted(&event) {
                return event;
            }
        }
        panic!("the stream ended before {kind}")
    }

    #[track_caller]
    pub(crate) fn exchange(&mut self) -> Value {
        self.until("exchange", |_| true)
    }
}

/// A server with an inspector, and the path of the inspector.
pub(crate) fn inspected(args: &[&str]) -> (Home, Serve, String) {
    let home = Home::new();
    let mut server = Serve::with(&home, &[&["--inspect"], args].concat());
    let path = server.inspector();
    (home, server, path)
}

fn field<'a>(headers: &'a Value, name: &str) -> &'a str {
    let fields = headers.as_array().expect("headers").iter();
    fields.filter(|field| field[0] == name).find_map(|field| field[1].as_str()).unwrap_or_default()
}

#[test]
fn exchanges_are_shown_with_masked_secrets_and_changes() {
    let (_home, server, path) = inspected(&[]);
    let mut viewer = Viewer::connect(&server, &path);
    let answer = post(&server.address, "/login", &[("Authorization", "Basic c2VjcmV0")], "username=alice");
    let cookie = answer.cookie();
    let (name, token) = cookie.split_once('=').expect("a pair");
    let short = format!("{name}={}…", &token[..8]);

    let login = viewer.exchange();
    assert_eq!(
        (&login["number"], &login["method"], &login["target"], &login["status"], &login["reason"]),
        (&1.into(), &"POST".into(), &"/login".into(), &303.into(), &"See Other".into())
    );
    assert_eq!(field(&login["request"], "authorization"), "…");
    assert_eq!(field(&login["response"], "set-cookie"), format!("{short}; HttpOnly; SameSite=Lax; Path=/"));
    assert_eq!(field(&login["response"], "content-length"), "0");
    assert_eq!(login["changes"], serde_json::json!(["created"]));
    let row = &login["session"];
    assert_eq!(
        (&row["user"], &row["handle"], &row["data"]),
        (&"alice".into(), &login["handle"], &serde_json::json!([]))
    );
    let (now, left) = (login["now"].as_i64().unwrap(), |key: &str| row[key].as_i64().unwrap());
    assert!((1_790_000..=1_800_000).contains(&(left("idle_end") - now)), "{login}");
    assert!((43_190_000..=43_200_000).contains(&(left("end") - now)), "{login}");

    post(&server.address, "/counter", &[("Cookie", &cookie)], "");
    let counted = viewer.exchange();
    assert_eq!(field(&counted["request"], "cookie"), short);
    assert_eq!(counted["changes"], serde_json::json!(["changed"]));
    assert_eq!(counted["session"]["data"], serde_json::json!([["count", "1"]]));

    // A request that does not read the session loads nothing for the viewer.
    get(&server.address, "/healthz?password=hunter2", &[("Cookie", &cookie)]);
    let health = viewer.exchange();
    assert_eq!((&health["target"], &health["session"]), (&"/healthz?password=…".into(), &Value::Null));

    post(&server.address, "/logout", &[("Cookie", &cookie)], "");
    let ended = viewer.until("ended", |_| true);
    assert_eq!((&ended["handle"], &ended["reason"]), (&login["handle"], &"logout".into()));
    let logout = viewer.exchange();
    assert_eq!(logout["changes"], serde_json::json!(["ended"]));
    assert!(field(&logout["response"], "set-cookie").starts_with(&format!("{name}=; ")), "{logout}");

    // A later viewer gets the same exchanges, and no event contains the token.
    let mut raw = Viewer::silent(&server, &path);
    let (mut said, mut exchanges) = (String::new(), 0);
    while !said.contains("event: sessions") {
        raw.0.read_line(&mut said).expect("a line");
        exchanges = said.matches("event: exchange").count();
    }
    assert_eq!(exchanges, 4);
    assert!(said.contains(&token[..8]) && !said.contains(&token[..9]), "{said}");
    assert!(!said.contains("c2VjcmV0") && !said.contains("hunter2"), "{said}");
}

#[test]
fn requests_of_the_inspector_are_neither_shown_nor_counted_and_need_no_session() {
    let (_home, server, path) = inspected(&[]);
    let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
    let mut viewer = Viewer::connect(&server, &path);
    for file in ["", "main.js", "style.css", "icon.svg", "nothing.js"] {
        let answer = get(&server.address, &format!("{path}{file}"), &[("Cookie", &cookie)]);
        assert_eq!(answer.status, if file == "nothing.js" { 404 } else { 200 }, "{file}");
        assert!(!answer.header("vary").contains("Cookie"), "{file}: {}", answer.header("vary"));
        assert_eq!(answer.headers("set-cookie"), [""; 0], "{file}");
    }
    get(&server.address, "/healthz", &[]);
    let next = viewer.exchange();
    assert_eq!((&next["number"], &next["target"]), (&2.into(), &"/healthz".into()));
    let metrics = get(&server.address, "/metrics", &[]).body;
    assert!(!metrics.contains("route=\"other\",status=\"2xx\"} 1"), "{metrics}");
}

#[test]
fn the_page_needs_the_secret_path_and_cannot_be_framed() {
    let (_home, server, path) = inspected(&[]);
    let secret = path.strip_prefix("/inspect/").and_then(|path| path.strip_suffix('/')).expect("a path");
    assert_eq!(secret.len(), 22, "128 bits in base64url");
    let page = get(&server.address, &path, &[]);
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    for rule in [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    assert_eq!((page.header("x-frame-options"), page.header("referrer-policy")), ("DENY", "no-referrer"));
    assert_eq!(
        (page.header("cache-control"), page.header("x-content-type-options")),
        ("no-store", "nosniff")
    );
    for wrong in [
        "/inspect/",
        "/inspect",
        "/inspect/AAAAAAAAAAAAAAAAAAAAAA/",
        "/inspect/AAAAAAAAAAAAAAAAAAAAAA/events",
    ] {
        assert_eq!(get(&server.address, wrong, &[]).status, 404, "{wrong}");
    }
    assert_eq!(get(&server.address, &format!("/inspect/{secret}x/"), &[]).status, 404);
    let bare = get(&server.address, &format!("/inspect/{secret}"), &[]);
    assert_eq!((bare.status, bare.header("location")), (308, path.as_str()));
    // DNS rebinding: a foreign name that resolves to this machine.
    assert_eq!(get(&server.address, &path, &[("Host", "evil.example")]).status, 421);
    let posted = post(&server.address, &path, &[], "");
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD"));
    let head = format!("HEAD {path}events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let head = exchange(&server.address, head.as_bytes());
    assert_eq!((head.status, head.header("content-type")), (200, "text/event-stream; charset=utf-8"));

    let korean = get(&server.address, &path, &[("Accept-Language", "ko-KR,ko;q=0.9,en;q=0.5")]);
    assert!(korean.body.contains("<html lang=\"ko\">") && korean.body.contains("지우기"), "{korean:?}");
    assert!(page.body.contains("<html lang=\"en\">") && page.body.contains(">Clear<"), "{page:?}");
}

#[test]
fn the_inspector_is_local_and_off_by_default() {
    let home = Home::new();
    let everywhere = ["serve", "--bind", "0.0.0.0:0", "--open-to-anyone", "--inspect"];
    home.run(everywhere).exits(2).says("use --inspect only on this machine");
    // A proxy on this machine may forward requests of others, whatever their Host.
    let (_home, server, path) =
        inspected(&["--trust-proxy", "127.0.0.1", "--public-url", "https://app.example"]);
    let status =
        |host: &str| get(&server.address, &path, &[("Host", host), ("X-Forwarded-Proto", "https")]).status;
    assert_eq!((status("app.example"), status("localhost")), (403, 403));
    assert_eq!(get(&server.address, &path, &[]).status, 403);
    let server = Serve::start(&home);
    assert_eq!(get(&server.address, &path, &[]).status, 404);
    let (_, said) = server.stop();
    assert!(!said.contains("inspect"), "{said}");

    let server = Serve::with(&home, &["--inspect", "--log", "json"]);
    let (_, log) = server.stop();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(
        lines
            .iter()
            .any(|line| line["message"].as_str().is_some_and(|it| it.starts_with("inspect at http://")))
    );
}

#[test]
fn a_stopping_server_does_not_wait_for_viewers() {
    let (_home, server, path) = inspected(&[]);
    let mut viewers = [Viewer::connect(&server, &path), Viewer::connect(&server, &path)];
    let began = Instant::now();
    let (status, _) = server.stop();
    assert_eq!(status.code(), Some(0));
    assert!(began.elapsed() < STOP_TIMEOUT, "{:?}", began.elapsed());
    for viewer in &mut viewers {
        while viewer.next().is_some() {}
    }
}

/// Sends this many requests on one connection, in batches.
pub(crate) fn burst(server: &Serve, count: usize, request: &str) {
    let mut kept = Kept::open(&server.address);
    let batch = request.repeat(50);
    for _ in 0..count / 50 {
        kept.send(batch.as_bytes()).expect("to be read");
        (0..50).for_each(|_| drop(kept.answer()));
    }
}

#[test]
fn a_burst_is_sampled_and_the_counts_say_so() {
    let (_home, server, path) = inspected(&[]);
    let mut viewer = Viewer::connect(&server, &path);
    burst(&server, 3000, &format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address));
    post(&server.address, "/login", &[], "username=alice");
    // The login is shown among them.
    let mut shown = 1;
    while viewer.exchange()["target"] != "/login" {
        shown += 1;
    }
    let tick = viewer.until("tick", |tick| tick["all"] == 3001);
    assert_eq!(tick["shown"], shown);
    assert!((200..2500).contains(&shown), "{tick}");
}

#[test]
fn a_viewer_that_does_not_read_costs_no_memory() {
    let (_home, server, path) = inspected(&[]);
    let silent = Viewer::silent(&server, &path);
    let mut viewer = Viewer::connect(&server, &path);
    let large = format!(
        "POST /nowhere HTTP/1.1\r\nHost: {0}\r\nX-A: {1}\r\nX-B: {1}\r\nX-C: {1}\r\nContent-Length: 0\r\n\r\n",
        server.address,
        "x".repeat(900)
    );
    burst(&server, 250, &large);
    let before = server.memory();
    for _ in 0..20 {
        burst(&server, 250, &large);
        std::thread::sleep(Duration::from_millis(100));
    }
    viewer.until("tick", |tick| tick["all"].as_u64() >= Some(5250));
    let grown = server.memory().saturating_sub(before);
    assert!(grown < 8 * 1024, "{grown} KiB");
    // The server stops although the viewer has not read everything, at the end of the drain time at the latest.
    assert!(server.stop().0.success());
    drop(silent);
}

#[test]
fn events_have_the_time_of_the_advanced_clock() {
    let (home, server, path) = inspected(&["--time-travel"]);
    let mut viewer = Viewer::connect(&server, &path);
    home.run(["login", &server.url(), "--user", "alice"]).exits(0);
    let before = viewer.until("tick", |_| true)["now"].as_i64().unwrap();
    home.line("clock advance 31m").exits(0);
    let moved = viewer.until("exchange", |it| it["target"] == "/clock/advance");
    assert!(moved["now"].as_i64().unwrap() - before >= 31 * 60_000, "{moved}");
    let tick = viewer.until("tick", |_| true);
    assert!(tick["now"].as_i64().unwrap() - before >= 31 * 60_000, "{tick}");
    // A new viewer gets no session.
    let table = Viewer::silent(&server, &path).until("sessions", |_| true);
    assert_eq!(table["sessions"], serde_json::json!([]));
}
