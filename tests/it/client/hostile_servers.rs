//! The client against hostile servers: each request ends in time with a message and an exit code, and keeps the jar.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use crate::support::{Authority, Home, Ran, Script, respond};

/// A home folder with a jar that has a cookie for each local server.
struct Client {
    home: Home,
    before: Vec<u8>,
}

impl Client {
    fn new() -> Self {
        let home = Home::new();
        let good = Script::new(|_| respond(200, &["Set-Cookie: older=1; Path=/"], ""));
        home.run(["visit", &good.url("/")]).exits(0);
        let before = std::fs::read(home.jar()).expect("the jar");
        Client { home, before }
    }

    /// Visits with a long timeout. The jar must not change.
    #[track_caller]
    fn visits(&self, url: &str, options: &[&str]) -> Ran {
        let ran = self.home.run(["visit", url, "--timeout", "60s"].iter().chain(options));
        self.is_unharmed(ran)
    }

    /// Visits, and must time out.
    #[track_caller]
    fn times_out(&self, url: &str) -> Ran {
        let ran = self.home.run(["visit", url, "--timeout", "300ms"]);
        self.is_unharmed(ran).exits(8).says("did not finish within").says("--timeout sets a longer limit")
    }

    #[track_caller]
    fn is_unharmed(&self, ran: Ran) -> Ran {
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        assert_eq!(std::fs::read(self.home.jar()).expect("the jar"), self.before, "the jar is as it was");
        ran
    }
}

/// Answers each request with these bytes, and closes the connection.
fn responding(octets: impl Into<Vec<u8>>) -> Script {
    let octets = octets.into();
    Script::new(move |_| octets.clone())
}

/// Answers with `beginning`, then repeats `more` with a pause each time until the client closes the connection.
fn repeating(beginning: &'static [u8], more: &'static [u8], pause: Duration) -> Script {
    Script::speaking(move |_, stream| {
        let mut said = stream.write_all(beginning);
        while said.is_ok() {
            std::thread::sleep(pause);
            said = stream.write_all(more);
        }
    })
}

const AT_ONCE: Duration = Duration::ZERO;
const SLOWLY: Duration = Duration::from_millis(20);

#[test]
fn a_refused_connection() {
    let client = Client::new();
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let url = format!("http://{}/", nobody.expect("a port that was free"));
    client.visits(&url, &[]).exits(1).says("refused the connection").says("--wait 10s retries");
}

#[test]
fn a_reset_connection() {
    // A connection that is closed with unread bytes is reset.
    let server = Script::accepting(|stream| drop(stream.peek(&mut [0])));
    Client::new().visits(&server.url("/"), &[]).exits(1).says("it reset the connection");
}

#[test]
fn a_connection_closed_before_the_answer() {
    Client::new().visits(&responding("").url("/"), &[]).exits(1).says("did not send a valid HTTP response");
}

#[test]
fn a_kept_alive_connection_that_closes_on_the_next_request() {
    // It announces no close, and closes the connection when the next request arrives.
    let server = Script::accepting(|mut stream| {
        let head = "HTTP/1.1 302 Found\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n";
        let mut request = [0; 4096];
        let octets = stream.read(&mut request).unwrap_or(0);
        let is_next = request[..octets].starts_with(b"GET /next ");
        let _ = stream.write_all(if is_next {
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine"
        } else {
            head.as_bytes()
        });
        let _ = stream.read(&mut request);
    });
    assert_eq!(Client::new().visits(&server.url("/"), &[]).exits(0).stdout, "fine");
}

#[test]
fn garbage_instead_of_http() {
    for garbage in
        [&b"\x16\x03\x01\x02\x00\x01"[..], b"SSH-2.0-OpenSSH_9.2\r\n", b"<html>\n\n", b"HTTP/9.9 x\r\n\r\n"]
    {
        let server = responding(garbage);
        Client::new().visits(&server.url("/"), &[]).exits(1).says("did not send a valid HTTP response");
    }
}

#[test]
fn an_invalid_status() {
    for status in ["0", "99", "1000", "-1", "2OO"] {
        let server = responding(format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\n\r\n"));
        Client::new().visits(&server.url("/"), &[]).exits(1).says("did not send a valid HTTP response");
    }
}

#[test]
fn a_body_shorter_than_declared() {
    let server = responding("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
    Client::new().visits(&server.url("/"), &[]).exits(1).says("cannot read the body of http://");
}

#[test]
fn incomplete_or_invalid_chunks() {
    for chunks in ["5\r\nshort\r\n", "5\r\nsho", "nonsense\r\n", "ffffffffffffffffff\r\n", "-1\r\n"] {
        let server = responding(format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"));
        Client::new().visits(&server.url("/"), &[]).exits(1).says("cannot read the body of http://");
    }
}

#[test]
fn two_lengths_of_one_body() {
    let server = responding("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
    Client::new().visits(&server.url("/"), &[]).exits(1).says("did not send a valid HTTP response");
}

#[test]
fn endless_headers() {
    let server = repeating(b"HTTP/1.1 200 OK\r\n", b"X-Again: and again\r\n", AT_ONCE);
    Client::new().visits(&server.url("/"), &[]).exits(1).says("did not send a valid HTTP response");
}

#[test]
fn slow_headers() {
    let server = repeating(b"HTTP/1.1 200 OK\r\nX: ", b"x", SLOWLY);
    Client::new().times_out(&server.url("/"));
}

#[test]
fn endless_interim_responses() {
    let server = repeating(b"", b"HTTP/1.1 100 Continue\r\n\r\n", SLOWLY);
    Client::new().times_out(&server.url("/"));
}

#[test]
fn a_silent_server() {
    let server = Script::speaking(|_, stream| drop(stream.read(&mut [0])));
    Client::new().times_out(&server.url("/"));
}

#[test]
fn a_server_that_does_not_read() {
    let server = Script::accepting(|stream| {
        while stream.peek(&mut [0]).is_ok_and(|octets| octets > 0) {
            std::thread::sleep(SLOWLY);
        }
    });
    let client = Client::new();
    let body = client.home.path().join("body");
    std::fs::write(&body, vec![b'x'; 32 << 20]).expect("to be written");
    let body = format!("@{}", body.display());
    let ran = client.home.run(["visit", &server.url("/"), "--timeout", "300ms", "--body", &body]);
    client.is_unharmed(ran).exits(8).says("did not finish within");
}

#[test]
fn a_slow_endless_body() {
    let server = repeating(b"HTTP/1.1 200 OK\r\n\r\n", b"x", SLOWLY);
    Client::new().times_out(&server.url("/"));
}

#[test]
fn a_fast_endless_body() {
    let server = repeating(b"HTTP/1.1 200 OK\r\n\r\n", &[b'x'; 65536], AT_ONCE);
    let ran = Client::new().visits(&server.url("/"), &["--max-body", "4MiB"]);
    assert_eq!(ran.exits(1).says("is larger than 4194304 bytes; --max-body sets a larger limit").stdout, "");
}

#[test]
fn a_body_over_the_limit() {
    let server = Script::new(|_| respond(200, &[], &"x".repeat(1001)));
    let ran = Client::new().visits(&server.url("/"), &["--max-body", "1000"]);
    ran.exits(1).says("is larger than 1000 bytes; --max-body sets a larger limit");
    Client::new().visits(&server.url("/"), &["--max-body", "1001"]).exits(0);
}

#[test]
fn a_decompression_bomb() {
    // 64 MiB of zeros in 64 KiB, compressed twice.
    let zeros = packed(&vec![0; 64 << 20]);
    for (encoding, bomb) in [("gzip", zeros.clone()), ("gzip, gzip", packed(&zeros))] {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {}\r\n\r\n",
            bomb.len()
        );
        let server = responding([head.as_bytes(), &bomb].concat());
        let ran = Client::new().visits(&server.url("/"), &["--max-body", "1MiB"]);
        ran.exits(1).says("is larger than 1048576 bytes; --max-body sets a larger limit");
    }
}

fn packed(octets: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(octets).expect("memory");
    packer.finish().expect("memory")
}

#[test]
fn a_redirect_loop() {
    let server = Script::new(|_| respond(302, &["Location: /again"], ""));
    let ran = Client::new().visits(&server.url("/"), &[]);
    ran.exits(6).says("stopped after 20 redirects").says("/again");
}

/// Asserts that a redirect is not followed.
#[track_caller]
fn is_not_followed(location: &str, why: &str) {
    let location = location.to_owned();
    let line = format!("Location: {location}");
    let server = Script::new(move |_| respond(302, &[line.as_str()], "the body of the redirect"));
    let ran = Client::new().visits(&server.url("/"), &[]).exits(1).says("cannot be followed").says(why);
    assert_eq!(ran.stdout, "", "{location}");
    assert_eq!(server.seen().len(), 1, "{location}");
}

#[test]
fn a_redirect_to_a_file() {
    is_not_followed("file:///etc/passwd", "file:");
}

#[test]
fn a_redirect_to_a_script() {
    is_not_followed("javascript:alert(1)", "javascript:");
}

#[test]
fn a_redirect_to_another_protocol() {
    is_not_followed("ftp://127.0.0.1/", "ftp:");
    is_not_followed("data:text/html,hello", "data:");
}

#[test]
fn a_redirect_to_a_broken_url() {
    is_not_followed("http://[::1", "invalid IPv6 address");
    is_not_followed("http://", "empty host");
    is_not_followed("http://127.0.0.1:99999/", "invalid port number");
}

#[test]
fn a_header_of_a_hundred_megabytes() {
    let server = Script::speaking(|_, stream| {
        let mut said = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Large: ");
        for _ in 0..100 {
            said = said.and_then(|()| stream.write_all(&vec![b'x'; 1 << 20]));
        }
        // The client may have closed the connection.
        let _ = said.and_then(|()| stream.write_all(b"\r\nContent-Length: 0\r\n\r\n"));
    });
    Client::new().visits(&server.url("/"), &[]).exits(1).says("did not send a valid HTTP response");
}

#[test]
fn ten_thousand_cookies_in_one_response() {
    let lines: String = (0..10_000).map(|n| format!("Set-Cookie: c{n}=1\r\n")).collect();
    let server = responding(format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 0\r\n\r\n"));
    Client::new().visits(&server.url("/"), &[]).exits(1).says("did not send a valid HTTP response");
}

#[test]
fn more_cookies_than_a_domain_may_have() {
    let home = Home::new();
    let lines: String = (0..500).map(|n| format!("Set-Cookie: c{n}=1\r\n")).collect();
    let server = responding(format!("HTTP/1.1 200 OK\r\n{lines}Content-Length: 0\r\n\r\n"));
    home.run(["visit", &server.url("/")]).exits(0);
    let jar = home.line("show-cookies --json").exits(0).json();
    let names: Vec<&str> = jar["cookies"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|cookie| cookie["name"].as_str())
        .collect();
    let newest: Vec<String> = (320..500).map(|n| format!("c{n}")).collect();
    assert_eq!(names, newest);
}

#[test]
fn cookies_are_stored_if_only_the_body_fails() {
    let home = Home::new();
    let server = responding("HTTP/1.1 200 OK\r\nSet-Cookie: kept=1\r\nContent-Length: 100\r\n\r\nshort");
    home.run(["visit", &server.url("/")]).exits(1);
    assert_eq!(home.line("show-cookies --name kept --value").exits(0).stdout, "1\n");
}

#[test]
fn cookies_are_not_stored_if_the_headers_are_incomplete() {
    let server = responding("HTTP/1.1 200 OK\r\nSet-Cookie: half=1\r\nSet-Coo");
    Client::new().visits(&server.url("/"), &[]).exits(1).says("did not send a valid HTTP response");
}

#[test]
fn https_to_a_port_without_tls() {
    let server = Script::accepting(|mut stream| {
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let url = server.url("/").replace("http:", "https:");
    Client::new().visits(&url, &[]).exits(1).says("the server does not use TLS on this port");
}

#[test]
fn a_server_whose_certificate_is_the_one_of_the_file() {
    let authority = Authority::new();
    authority.sign_itself("self");
    authority.sign_itself("other");
    let server = Script::over_tls(&authority, "self", |_| respond(200, &[], "fine"));
    let url = server.url("/").replace("http:", "https:");
    let path = |name: &str| authority.path(name).display().to_string();
    Client::new().visits(&url, &["--cacert", &path("self.pem")]).exits(0);
    Client::new().visits(&url, &["--cacert", &path("other.pem")]).exits(1).says("cannot connect");
    let other_name = url.replace("127.0.0.1", "app.test");
    let resolve = format!("{}:127.0.0.1", other_name.trim_start_matches("https://").trim_end_matches('/'));
    let options = ["--cacert", &path("self.pem"), "--resolve", &resolve];
    Client::new().visits(&other_name, &options).exits(1).says("cannot connect");
}

#[test]
fn http_authentication_is_named_by_its_scheme() {
    for (challenge, said) in [
        ("Basic realm=x", "HTTP authentication (Basic)"),
        ("Negotiate, Basic realm=x", "HTTP authentication (Basic)"),
        ("Digest realm=x, nonce=y", "not with the Basic scheme"),
        ("NTLM", "not with the Basic scheme"),
        ("Bearer", "not with the Basic scheme"),
    ] {
        let header = format!("WWW-Authenticate: {challenge}");
        let server = Script::new(move |_| respond(401, &[header.as_str()], ""));
        let ran =
            Home::new().run_with_input(["login", &server.url("/"), "-u", "a", "--password-stdin"], "pw");
        ran.exits(7).says(said);
    }
}

/// The tests above can fail: a correct server gives exit code 0.
#[test]
fn a_good_server_for_comparison() {
    let server =
        Script::speaking(|_, stream: &mut TcpStream| drop(stream.write_all(&respond(200, &[], "fine"))));
    assert_eq!(Client::new().visits(&server.url("/"), &[]).exits(0).stdout, "fine");
}
