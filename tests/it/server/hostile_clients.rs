//! `serve` against bad clients: they are refused, and a normal client is served all along.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::support::{Answer, Home, Kept, Serve, exchange, get, post};

/// A server, and a normal client that visits it with its session again and again until the end of the test,
/// each time on a connection of its own.
struct Besieged {
    _server: Serve,
    address: String,
    _home: Home,
    served: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    normal_client: Option<JoinHandle<()>>,
}

impl Besieged {
    fn new() -> Self {
        let home = Home::new();
        let server = Serve::start(&home);
        let address = server.address.clone();
        let cookie = post(&address, "/login", &[], "username=alice").cookie();
        let (served, over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (counting, ending, url) = (Arc::clone(&served), Arc::clone(&over), address.clone());
        let normal_client = std::thread::spawn(move || {
            while !ending.load(Ordering::SeqCst) {
                let page = get(&url, "/", &[("Cookie", &cookie)]);
                assert!(page.status == 200 && page.body.contains("Welcome, alice!"), "{page:?}");
                counting.fetch_add(1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(1));
            }
        });
        let normal_client = Some(normal_client);
        Besieged { _server: server, address, _home: home, served, over, normal_client }
    }

    /// Waits until the normal client was served twice more: once at least from its beginning.
    fn serves_on(&self) {
        let before = self.served.load(Ordering::SeqCst);
        while self.served.load(Ordering::SeqCst) < before + 2 {
            assert!(
                self.normal_client.as_ref().is_some_and(|thread| !thread.is_finished()),
                "it was not served"
            );
            std::thread::yield_now();
        }
    }

    /// Sends octets as they are.
    fn ask(&self, request: impl AsRef<[u8]>) -> Answer {
        exchange(&self.address, request.as_ref())
    }

    /// Is an anonymous visit with this `Cookie` header.
    #[track_caller]
    fn is_anonymous(&self, cookie: &[u8]) {
        let head = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: ";
        let answer = self.ask([head, cookie, b"\r\n\r\n"].concat());
        let shown = cookie.escape_ascii();
        assert_eq!((answer.status, answer.headers("set-cookie").len()), (200, 0), "{shown}: {answer:?}");
        assert!(answer.body.contains("name=\"username\""), "{shown}");
        self.serves_on();
    }

    /// Refuses this name, or greets by it as the page must write it.
    #[track_caller]
    fn logs_in(&self, name: &[u8], greeted: Option<&str>) {
        let form = [b"username=", name].concat();
        let head = format!(
            "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            form.len()
        );
        let answer = self.ask([head.as_bytes(), &form].concat());
        match greeted {
            None => assert_eq!((answer.status, answer.headers("set-cookie").len()), (400, 0), "{answer:?}"),
            Some(greeted) => {
                assert_eq!(answer.status, 303, "{answer:?}");
                let page = get(&self.address, "/", &[("Cookie", &answer.cookie())]);
                assert!(page.body.contains(greeted), "{page:?}");
            }
        }
        self.serves_on();
    }
}

impl Drop for Besieged {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        let ended = self.normal_client.take().map(JoinHandle::join);
        if !std::thread::panicking() {
            assert!(ended.is_none_or(|ended| ended.is_ok()), "the normal client was not served");
        }
    }
}

#[test]
fn an_oversized_request_line() {
    let siege = Besieged::new();
    for octets in [20_000, 70_000, 1 << 20] {
        let answer = siege.ask(format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(octets)));
        // A client that is still sending may be cut off before it hears why.
        assert!(matches!(answer.status, 414 | 431) || octets > 20_000 && answer.status == 0, "{answer:?}");
        siege.serves_on();
    }
}

#[test]
fn oversized_headers() {
    let siege = Besieged::new();
    let one = format!("X: {}\r\n", "x".repeat(20_000));
    let many: String = (0..2_000).map(|n| format!("X-{n}: x\r\n")).collect();
    for headers in [one, many] {
        let answer = siege.ask(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"));
        assert_eq!(answer.status, 431);
        siege.serves_on();
    }
}

#[test]
fn an_oversized_body() {
    let siege = Besieged::new();
    for octets in [70_000, 10 << 20] {
        let form = format!("username={}", "x".repeat(octets));
        assert_eq!(post(&siege.address, "/login", &[], &form).status, 413);
        siege.serves_on();
    }
}

#[test]
fn a_body_that_is_only_said_to_be_oversized() {
    let siege = Besieged::new();
    let answer = siege.ask("POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n");
    assert_eq!(answer.status, 413, "at once, unread");
    siege.serves_on();
}

#[test]
fn an_oversized_chunked_body() {
    let siege = Besieged::new();
    let chunk = format!("{:x}\r\n{}\r\n", 10_000, "x".repeat(10_000));
    let answer = siege.ask(format!(
        "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: application/x-www-form-urlencoded\r\n\r\n{}0\r\n\r\n",
        chunk.repeat(10)
    ));
    assert_eq!(answer.status, 413);
    siege.serves_on();
}

#[test]
fn chunks_that_are_none() {
    let siege = Besieged::new();
    for chunks in ["nonsense\r\n", "ffffffffffffffffff\r\n", "-1\r\n"] {
        let answer = siege.ask(format!(
            "POST /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\n{chunks}"
        ));
        assert_eq!(answer.status, 400, "{chunks}");
        siege.serves_on();
    }
}

#[test]
fn a_body_of_two_lengths() {
    let siege = Besieged::new();
    for lengths in [
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: x",
    ] {
        let answer =
            siege.ask(format!("POST /login HTTP/1.1\r\nHost: localhost\r\n{lengths}\r\n\r\n0\r\n\r\n"));
        // What is left on the connection is nobody's request: two servers in a row would disagree on it.
        assert!(answer.status >= 400, "{lengths}: {answer:?}");
        assert_eq!(answer.body.matches("HTTP/1.1").count(), 0, "{lengths}: one answer only");
        siege.serves_on();
    }
}

/// Opens a thousand connections, lets each say something for as long as the server listens, and waits until all of
/// them were closed.
fn a_thousand(siege: &Besieged, begin: &[u8], go_on: Option<&[u8]>) {
    // Both ends of a connection are descriptors, of two processes.
    rlimit::increase_nofile_limit(4096).expect("descriptors");
    let mut connections: Vec<Kept> = (0..1000).map(|_| Kept::open(&siege.address)).collect();
    for connection in &mut connections {
        connection.send(begin).expect("to be read");
    }
    siege.serves_on();
    if let Some(more) = go_on {
        // As soon as one has been closed, all will be.
        while connections.iter_mut().all(|connection| connection.send(more).is_ok()) {
            siege.serves_on();
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    siege.serves_on();
    assert!(connections.iter_mut().all(Kept::is_closed), "within the limit");
    siege.serves_on();
}

#[test]
fn a_thousand_silent_connections() {
    a_thousand(&Besieged::new(), b"", None);
}

#[test]
fn a_thousand_slow_connections() {
    a_thousand(&Besieged::new(), b"GET / HTTP/1.1\r\nX: ", Some(b"x"));
}

#[test]
fn pipelined_garbage() {
    let siege = Besieged::new();
    let good = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for garbage in [
        &b"\x00\x01\x02\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"\xff\xfe GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let mut connection = Kept::open(&siege.address);
        connection
            .send(&[good.as_bytes(), good.as_bytes(), garbage, good.as_bytes()].concat())
            .expect("to be read");
        let mut statuses = Vec::new();
        while let Some(answer) = connection.answer() {
            statuses.push(answer.status);
        }
        assert_eq!(statuses, [200, 200, 400], "{}", garbage.escape_ascii());
        siege.serves_on();
    }
}

#[test]
fn broken_percent_encoding() {
    let siege = Besieged::new();
    for path in ["/%", "/%zz", "/%2", "/%00", "/a%c3%28"] {
        let answer = get(&siege.address, path, &[]);
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
    }
    for query in ["/?next=%", "/?next=%zz", "/?next=%2", "/?next=%00", "/?%&=%&&&=", "/?next=/%ff"] {
        assert_eq!(get(&siege.address, query, &[]).status, 200, "{query}");
    }
    siege.logs_in(b"%", Some("Welcome, %!"));
    siege.logs_in(b"%zz", Some("Welcome, %zz!"));
}

#[test]
fn broken_utf_8() {
    let siege = Besieged::new();
    let answer = siege.ask(b"GET /\xc3\x28 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(matches!(answer.status, 400 | 404), "{answer:?}");
    let header =
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: \xff\xfe\r\nX: \xc3\x28\r\n\r\n";
    assert_eq!(siege.ask(header).status, 200);
    siege.logs_in(b"%c3%28", Some("Welcome, \u{fffd}(!"));
    siege.logs_in(b"a\xff\xfe", Some("Welcome, a\u{fffd}\u{fffd}!"));
}

#[test]
fn a_user_name_of_html() {
    let siege = Besieged::new();
    siege.logs_in(b"<script>alert(1)</script>", Some("Welcome, &#60;script&#62;alert(1)&#60;/script&#62;!"));
    siege.logs_in(b"%22%27%26", Some("Welcome, &#34;&#39;&#38;!"));
}

#[test]
fn a_user_name_of_control_characters() {
    let siege = Besieged::new();
    for name in ["a%00b", "a%0D%0ASet-Cookie:+x=y", "%1B[2J", "%7F", "%C2%85"] {
        siege.logs_in(name.as_bytes(), None);
    }
}

#[test]
fn a_user_name_of_a_megabyte() {
    let siege = Besieged::new();
    let form = format!("username={}", "x".repeat(1 << 20));
    let answer = post(&siege.address, "/login", &[], &form);
    assert_eq!((answer.status, answer.headers("set-cookie").len()), (413, 0));
    siege.logs_in("x".repeat(60_000).as_bytes(), None);
    siege.logs_in("x".repeat(100).as_bytes(), Some(&format!("Welcome, {}!", "x".repeat(100))));
}

#[test]
fn cookies_of_garbage() {
    let siege = Besieged::new();
    for cookie in
        [&b"\xff\xfe\x80"[..], b";;;", b"=", b"sessionid", b"sessionid=", b"=sessionid=x", b"\"", b"a=b; c"]
    {
        siege.is_anonymous(cookie);
    }
}

#[test]
fn a_token_that_is_not_base64() {
    let siege = Besieged::new();
    for token in
        ["!".repeat(43), "%41".repeat(43), "é".repeat(21), "A".repeat(42), "A".repeat(44), "A".repeat(10_000)]
    {
        siege.is_anonymous(format!("sessionid={token}").as_bytes());
    }
    // Its last character carries bits that no token has: it is no other spelling of one that exists.
    siege.is_anonymous(format!("sessionid={}B", "A".repeat(42)).as_bytes());
}

#[test]
fn doubled_cookies() {
    let siege = Besieged::new();
    let token = |user: &str| post(&siege.address, "/login", &[], &format!("username={user}")).cookie();
    let (alice, bob) = (token("alice"), token("bob"));
    siege.is_anonymous(format!("{alice}; {bob}").as_bytes());
    siege.is_anonymous(format!("{alice}\r\nCookie: {bob}").as_bytes());
    for other in ["sessionid=x", "sessionid=", &alice] {
        for cookie in [format!("{alice}; {other}"), format!("{other}; {alice}")] {
            let answer = get(&siege.address, "/session", &[("Cookie", &cookie)]);
            assert_eq!(answer.status, 200, "the only value that opens a session is used: {cookie}");
        }
    }
}

#[test]
fn a_cookie_whose_name_only_ends_as_ours() {
    let siege = Besieged::new();
    let cookie = post(&siege.address, "/login", &[], "username=alice").cookie();
    siege.is_anonymous(b"mysessionid=");
    siege.is_anonymous(format!("my{cookie}").as_bytes());
    siege.is_anonymous(format!("x=1,{cookie}").as_bytes());
    siege.is_anonymous(cookie.replace("sessionid", "SessionID").as_bytes());
}

/// Is refused as a request of another site, and begins no session.
#[track_caller]
fn is_foreign(header: (&str, &str)) {
    let siege = Besieged::new();
    for path in ["/login", "/logout", "/counter"] {
        let answer = post(&siege.address, path, &[header], "username=alice");
        assert_eq!((answer.status, answer.headers("set-cookie").len()), (403, 0), "{path} {header:?}");
    }
    siege.serves_on();
}

#[test]
fn a_foreign_origin() {
    is_foreign(("Origin", "http://evil.example"));
    is_foreign(("Origin", "http://localhost.evil.example"));
    is_foreign(("Origin", "garbage"));
}

#[test]
fn an_origin_that_is_null() {
    is_foreign(("Origin", "null"));
}

#[test]
fn a_foreign_sec_fetch_site() {
    is_foreign(("Sec-Fetch-Site", "cross-site"));
    is_foreign(("Sec-Fetch-Site", "same-site"));
    is_foreign(("Sec-Fetch-Site", "garbage"));
}

#[test]
fn host_names_that_are_not_ours() {
    let siege = Besieged::new();
    for host in
        ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "[::2]", "", "a b"]
    {
        let answer = get(&siege.address, "/", &[("Host", host)]);
        assert!(matches!(answer.status, 400 | 421), "{host:?}: {answer:?}");
        assert!(!answer.body.contains("username"), "{host:?}");
    }
    let without = siege.ask("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    assert!(matches!(without.status, 400 | 421), "{without:?}");
    let twice = siege.ask(format!(
        "GET / HTTP/1.1\r\nHost: {}\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        siege.address
    ));
    assert!(matches!(twice.status, 400 | 421), "{twice:?}");
    let absolute =
        siege.ask("GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(matches!(absolute.status, 400 | 421), "{absolute:?}");
    siege.serves_on();
}

#[test]
fn told_to_stop_under_load() {
    let home = Home::new();
    let server = Serve::start(&home);
    let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<JoinHandle<()>> = (0..50)
        .map(|_| {
            let (address, answered) = (server.address.clone(), Arc::clone(&answered));
            let request = format!("POST /counter HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n");
            std::thread::spawn(move || {
                let mut connection = Kept::open(&address);
                let mut is_last = false;
                while !is_last {
                    connection.send(request.as_bytes()).expect("to be read");
                    let answer = connection.answer().expect("an answer to each request");
                    assert_eq!(answer.status, 200, "{answer:?}");
                    is_last = answer.header("connection").eq_ignore_ascii_case("close");
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            })
        })
        .collect();
    while answered.load(Ordering::SeqCst) < 500 {
        std::thread::yield_now();
    }
    let (status, said) = server.stop();
    assert_eq!(status.code(), Some(0), "{said}");
    for client in clients {
        client.join().expect("no request dropped");
    }
}
