//! `visit`: requests as they are really sent, redirects, bodies, expectations, exit codes.

use std::io::{Read, Write};

use serde_json::Value;

use crate::support::{Home, Script, Seen, html, redirect, respond};

fn echo(seen: &Seen) -> Vec<u8> {
    let headers: Vec<String> = seen.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    respond(200, &[], &format!("{} {}\n{}\n\n{}", seen.method, seen.target, headers.join("\n"), seen.body))
}

#[test]
fn what_is_shown_is_what_was_sent() {
    let (home, server) = (Home::new(), Script::new(echo));
    let ran = home.run(["visit", &server.url("/x?y=z"), "--json", "-H", "X-Own: 1"]).exits(0);
    let document = ran.json();
    let shown: Vec<(String, String)> = document["exchanges"][0]["request"]["headers"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|header| {
            (
                header["name"].as_str().unwrap_or_default().into(),
                header["value"].as_str().unwrap_or_default().into(),
            )
        })
        .collect();
    assert_eq!(shown, server.seen()[0].headers, "names in their case, in their order");
    let names: Vec<&str> = shown.iter().map(|(name, _)| name.as_str()).collect();
    assert!(!names.contains(&"Origin") && !names.contains(&"Referer"), "{names:?}");
}

#[test]
fn redirects_turn_post_into_get_or_keep_it() {
    for (status, method, after, body) in [
        (301, "POST", "GET", ""),
        (302, "POST", "GET", ""),
        (303, "POST", "GET", ""),
        (307, "POST", "POST", "a=b"),
        (308, "POST", "POST", "a=b"),
        (302, "PUT", "PUT", "a=b"),
        (303, "PUT", "GET", ""),
        (303, "HEAD", "HEAD", ""),
    ] {
        let server = Script::new(move |seen| match seen.path() {
            "/from" => redirect(status, "/to", &["Set-Cookie: hop=1"]),
            _ => echo(seen),
        });
        let home = Home::new();
        let url = server.url("/from");
        let args = ["visit", url.as_str(), "-X", method, "--json"];
        let data: &[&str] = if method == "HEAD" { &[] } else { &["-d", "a=b"] };
        let document = home.run(args.iter().chain(data)).exits(0).json();
        let seen = server.seen();
        assert_eq!((seen[1].method.as_str(), seen[1].body.as_str()), (after, body), "{status} {method}");
        assert_eq!(seen[1].cookie("hop"), "1", "each hop has its cookies");
        assert_eq!(document["exchanges"].as_array().map(Vec::len), Some(2), "each hop is an exchange");
        if after == "GET" {
            assert_eq!((seen[1].header("content-type"), seen[1].header("content-length")), ("", ""));
        }
    }
}

#[test]
fn what_the_user_gave_stays_with_its_origin() {
    let other = Script::new(echo);
    let target = other.url("/elsewhere");
    let server = Script::new(move |seen| match seen.path() {
        "/away" => redirect(302, &target, &[]),
        "/home" => redirect(302, "/here", &[]),
        _ => echo(seen),
    });
    let home = Home::new();
    let url = |path: &str| server.url(path).replace("http://", "http://user:secret@");
    for path in ["/away", "/home"] {
        let ran = home.run(["visit", &url(path), "-v", "-H", "X-Key: k"]).exits(0);
        assert!(
            !ran.stderr.contains("secret") && ran.stderr.contains("Authorization: [hidden]"),
            "{}",
            ran.stderr
        );
    }
    let elsewhere = &other.seen()[0];
    assert_eq!((elsewhere.header("x-key"), elsewhere.header("authorization")), ("", ""));
    let here = server.seen().into_iter().find(|seen| seen.path() == "/here").expect("the redirect's target");
    assert_eq!((here.header("x-key"), here.header("authorization")), ("k", "Basic dXNlcjpzZWNyZXQ="));
}

#[test]
fn exit_codes_say_what_happened() {
    let server = Script::new(|seen| match seen.path() {
        "/loop" => redirect(302, "/loop", &[]),
        "/file" => redirect(302, "file:///etc/passwd", &[]),
        "/script" => redirect(302, "javascript:alert(1)", &[]),
        "/broken" => redirect(302, "http://[", &[]),
        "/garbage" => b"what is this?\r\n\r\n".to_vec(),
        "/short" => b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nSet-Cookie: kept=1\r\n\r\nshort".to_vec(),
        "/nothing" => Vec::new(),
        path => respond(path[1..].parse().unwrap_or(200), &[], "body"),
    });
    let home = Home::new();
    for (path, code, said) in [
        ("/200", 0, ""),
        ("/204", 0, ""),
        ("/404", 4, "answered 404"),
        ("/503", 5, "answered 503"),
        ("/loop", 6, "stopped after 20 redirects"),
        ("/file", 1, "the scheme `file` is not http or https"),
        ("/script", 1, "the scheme `javascript` is not http or https"),
        ("/broken", 1, "cannot be followed"),
        ("/garbage", 1, "did not send a valid HTTP response"),
        ("/short", 1, "cannot read the body"),
        ("/nothing", 1, "did not send a valid HTTP response"),
    ] {
        home.run(["visit", &server.url(path)]).exits(code).says(said);
    }
    home.run(["visit", &server.url("/loop"), "--max-redirects", "0"]).exits(3).says("was not followed");
    home.run(["visit", &server.url("/loop"), "--max-redirects", "2"]).exits(6).says("after 2 redirects");
    home.run(["visit", "http://127.0.0.1:9/"]).exits(1).says("refused the connection").says("--wait");
    home.run(["visit", "ftp://a.test/"]).exits(2);
    home.line("show-cookies --name kept --value").exits(0).answers("1\n");
}

#[test]
fn a_silent_server_is_waited_for_no_longer_than_allowed() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("its address"));
    Home::new().run(["visit", &url, "--timeout", "200ms"]).exits(8).says("did not finish within 0.2 s");
}

#[test]
fn wait_bridges_the_time_until_the_server_is_there() {
    let home = Home::new();
    let address =
        std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
    let mut visit =
        home.command(["visit", &format!("http://{address}/"), "--wait", "20s", "--expect-text", "here"]);
    let visit = visit
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("to start");
    let listener = std::net::TcpListener::bind(address).expect("the port is still free");
    let (mut stream, _) = listener.accept().expect("a connection");
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet).expect("a request");
        request.push(octet[0]);
    }
    stream.write_all(&respond(200, &[], "here")).expect("to be read");
    assert_eq!(visit.wait_with_output().expect("its end").status.code(), Some(0));
}

#[test]
fn expectations_decide_alone_and_say_what_was_found() {
    let server = Script::new(|_| html(404, &["Set-Cookie: sid=x"], "<p>Hello, world</p>"));
    let home = Home::new();
    let url = server.url("/");
    let visit = |args: &[&str]| home.run(["visit", &url].iter().chain(args));
    visit(&["--expect-status", "404"]).exits(0);
    visit(&["--expect-status", "200,4xx", "--expect-text", "world", "--reject-text", "moon"]).exits(0);
    visit(&["--expect-cookie", "sid", "--expect-cookie", "sid=x"]).exits(0);
    visit(&["--expect-status", "200"]).exits(7).says("expected status 200, got 404");
    visit(&["--expect-text", "moon"])
        .exits(7)
        .says("expected \"moon\" in the body, which is \"<p>Hello, world</p>\"");
    visit(&["--reject-text", "world"]).exits(7).says("found \"…<p>Hello, world</p>…\"");
    visit(&["--expect-cookie", "other"]).exits(7).says("expected cookie other for").says("sid");
    visit(&["--expect-cookie", "sid=y"]).exits(7).says("expected cookie sid=…, its value is …");
    let document = visit(&["--expect-status", "200", "--json"]).exits(7).json();
    assert_eq!(document["verdict"]["exit"], 7);
    assert_eq!(document["verdict"]["ok"], false);
}

#[test]
fn bodies_are_sent_as_they_are_given() {
    let (home, server) = (Home::new(), Script::new(echo));
    std::fs::write(home.path().join("in.json"), "{\"from\": \"file\"}").expect("to be written");
    let url = server.url("/");
    home.run(["visit", &url, "-d", "a=b c", "-d", "d=ü&"]).exits(0);
    home.run(["visit", &url, "--body", "text", "-X", "PUT"]).exits(0);
    home.run(["visit", &url, "--body-json", "@in.json"]).exits(0);
    home.run_with_input(["visit", &url, "--body", "-"], "from stdin").exits(0);
    home.run(["visit", &url, "--body", "x", "-H", "Content-Type: text/csv"]).exits(0);
    let sent: Vec<(String, String, String)> = server
        .seen()
        .iter()
        .map(|seen| (seen.method.clone(), seen.header("content-type").to_owned(), seen.body.clone()))
        .collect();
    let expected = [
        ("POST", "application/x-www-form-urlencoded", "a=b+c&d=%C3%BC%26"),
        ("PUT", "text/plain; charset=utf-8", "text"),
        ("POST", "application/json", "{\"from\": \"file\"}"),
        ("POST", "application/octet-stream", "from stdin"),
        ("POST", "text/csv", "x"),
    ];
    assert_eq!(sent, expected.map(|(method, kind, body)| (method.into(), kind.into(), body.into())));
    home.run(["visit", &url, "--body-json", "{broken"]).exits(2).says("it is not valid JSON");
    home.run(["visit", &url, "--body", "@nowhere"]).exits(1).says("cannot read nowhere");
    home.run(["visit", &url, "-d", "a=b", "--body", "x"]).exits(2);
}

#[test]
fn packed_bodies_are_unpacked_within_the_limit() {
    let gzip = |text: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(text).expect("memory");
        encoder.finish().expect("memory")
    };
    let zstd =
        |text: &[u8]| ruzstd::encoding::compress_to_vec(text, ruzstd::encoding::CompressionLevel::Fastest);
    // `hello` in brotli, uncompressed meta-block.
    let brotli = b"\x0b\x02\x80hello\x03".to_vec();
    let bomb = gzip(&vec![0; 10 << 20]);
    let bodies = [
        ("/gzip", "gzip", gzip(b"hello")),
        ("/br", "br", brotli),
        ("/zstd", "zstd", zstd(b"hello")),
        ("/bomb", "gzip", bomb),
        ("/broken", "gzip", b"nonsense".to_vec()),
    ];
    let server = Script::new(move |seen| {
        let (_, coding, body) = bodies.iter().find(|(path, ..)| *path == seen.path()).expect("a known path");
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    });
    let home = Home::new();
    for path in ["/gzip", "/br", "/zstd"] {
        assert_eq!(home.run(["visit", &server.url(path)]).exits(0).stdout, "hello", "{path}");
    }
    home.run(["visit", &server.url("/bomb"), "--max-body", "1MiB"])
        .exits(1)
        .says("larger than 1048576 bytes");
    home.run(["visit", &server.url("/broken")]).exits(1).says("cannot read the body");
}

#[test]
fn a_body_larger_than_allowed_is_an_error() {
    let server = Script::new(|_| respond(200, &["Set-Cookie: kept=1"], &"x".repeat(2000)));
    let home = Home::new();
    home.run(["visit", &server.url("/"), "--max-body", "1999"]).exits(1).says("--max-body");
    home.run(["visit", &server.url("/"), "--max-body", "2000"]).exits(0);
    home.line("show-cookies --name kept --value").exits(0);
}

#[test]
fn output_and_include_put_things_where_they_belong() {
    let server = Script::new(|_| respond(200, &["X-Hello: there"], "the body"));
    let home = Home::new();
    let ran = home.run(["visit", &server.url("/"), "-o", "out.txt"]).exits(0);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(std::fs::read_to_string(home.path().join("out.txt")).expect("the file"), "the body");
    let ran = home.run(["visit", &server.url("/"), "-i"]).exits(0);
    assert!(
        ran.stdout.starts_with("HTTP/1.1 200 OK\n") && ran.stdout.contains("X-Hello: there\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.ends_with("\n\nthe body"), "{}", ran.stdout);
    home.run(["visit", &server.url("/"), "-o", "no/such/folder/out"])
        .exits(1)
        .says("cannot write the body to no/such/folder/out");
}

#[test]
fn verbose_shows_each_hop_with_its_cookie_decisions() {
    let server = Script::new(|seen| match seen.path() {
        "/" => {
            redirect(302, "/sub/", &["Set-Cookie: a=0123456789abcdef; Path=/sub", "Set-Cookie: __Host-b=1"])
        }
        _ => html(200, &[], "done"),
    });
    let home = Home::new();
    let ran = home.run(["visit", &server.url("/"), "-v"]).exits(0);
    for line in [
        &format!("> GET {}", server.url("/")),
        &format!("> GET {}", server.url("/sub/")),
        "> Cookie: a=0123…",
        "  cookie a: sent",
        "< 302 Found",
        "< Set-Cookie: a=0123…; Path=/sub",
        "  cookie a: stored",
        "  cookie __Host-b: rejected: InvalidPrefix (RFC 6265bis §5.4, §5.7 steps 20 to 22)",
    ] {
        assert!(ran.stderr.contains(line), "{line:?} is not in\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("0123456789"), "a secret is shortened: {}", ran.stderr);
    home.run(["visit", &server.url("/sub/"), "-v", "--reveal"]).exits(0).says("> Cookie: a=0123456789abcdef");
    home.run(["visit", &server.url("/other"), "-v"]).exits(0).says("cookie a: withheld: NotOnPath");
}

#[test]
fn paths_are_of_the_base_url() {
    let (home, server) = (Home::new(), Script::new(echo));
    home.run(["--url", &server.url("/"), "visit", "/a"]).exits(0).answers("GET /a");
    let mut command = home.command(["visit", "b"]);
    let ran =
        crate::support::Ran::from(command.env("SESSCTL_URL", server.url("/app/")).output().expect("to run"));
    ran.exits(0).answers("GET /app/b");
    home.run(["visit", &server.address]).exits(0).answers("GET /\n");
}

#[test]
fn resolve_and_proxy_lead_elsewhere() {
    let (home, server) = (Home::new(), Script::new(echo));
    let port = server.address.rsplit(':').next().expect("a port");
    let rule = format!("app.test:{port}:127.0.0.1");
    home.run(["visit", &format!("http://app.test:{port}/x"), "--resolve", &rule])
        .exits(0)
        .answers("Host: app.test");
    let ran = home.run(["visit", "http://app.test/y", "--proxy", &server.url("/")]).exits(0);
    ran.answers("GET http://app.test/y");
    // Plain HTTP to this machine goes through no proxy.
    let proxy = Script::new(echo);
    let ran = home.run(["visit", &server.url("/z"), "--proxy", &proxy.url("/")]).exits(0);
    ran.answers("GET /z");
    assert_eq!(proxy.seen().len(), 0);
    home.run(["visit", &proxy.url("/")]).exits(0);
    home.run(["visit", "http://localhost:1/", "--resolve", "localhost:1:192.0.2.1"])
        .exits(2)
        .says("this machine");
}

#[test]
fn no_save_leaves_the_jar_alone() {
    let server = Script::new(|_| respond(200, &["Set-Cookie: a=b"], ""));
    let home = Home::new();
    home.run(["visit", &server.url("/"), "--no-save"]).exits(0);
    assert!(!home.jar().exists());
    home.run(["visit", &server.url("/")]).exits(0);
    assert!(home.jar().exists());
}

#[test]
fn json_tells_every_decision() {
    let server = Script::new(|_| {
        respond(200, &["Set-Cookie: ok=1; Path=/", "Set-Cookie: bad=1; Domain=other.test"], "body")
    });
    let home = Home::new();
    home.run(["visit", &server.url("/")]).exits(0);
    let document = home.run(["visit", &server.url("/"), "--json"]).exits(0).json();
    let exchange = &document["exchanges"][0];
    assert_eq!(exchange["sent"], serde_json::json!([{"name": "ok", "reason": null}]));
    assert_eq!(exchange["withheld"], serde_json::json!([]));
    assert_eq!(
        exchange["set"],
        serde_json::json!([
            {"name": "ok", "action": "replaced", "reason": null},
            {"name": "bad", "action": "rejected", "reason": "InvalidDomain"},
        ])
    );
    assert_eq!(
        (&exchange["response"]["status"], &exchange["response"]["body_size"]),
        (&200.into(), &4.into())
    );
    assert!(exchange["ms"].is_u64());
    assert_eq!(document["verdict"]["ok"], Value::Bool(true));
}

#[test]
fn a_token_that_an_application_writes_into_its_urls_is_short_there_too() {
    let token = "0123456789ABCDEF0123456789ABCDEF";
    let server = Script::new(move |seen| match seen.path() {
        "/" => redirect(302, &format!("/in;id={token}"), &[&format!("Set-Cookie: id={token}")]),
        _ => respond(404, &[&format!("X-Own: {token}")], "no"),
    });
    let ran = Home::new().run(["visit", "-v", &server.url("/")]).exits(4);
    assert!(!ran.stderr.contains(token), "{}", ran.stderr);
    ran.says("/in;id=01234567… answered 404");
    let ran = Home::new().run(["visit", "-v", "--reveal", &server.url("/")]).exits(4);
    ran.says(token);
}

#[test]
fn a_cookie_header_replaces_the_cookies_of_the_jar() {
    let server = Script::new(|_| html(200, &["Set-Cookie: new=1"], ""));
    let home = Home::new();
    for line in ["sid=1", "theme=dark", "theme=dark2; Path=/x"] {
        home.run(["set-cookie", &server.url("/x/y"), line]).exits(0);
    }
    let sent = |args: &[&str]| {
        let ran = home.run([&["visit", &server.url("/x/y"), "--no-save"], args].concat()).exits(0);
        let seen = server.seen().pop().expect("a request");
        let lines = seen.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
        (lines.map(|(_, value)| value.clone()).collect::<Vec<String>>().join("|"), ran.stderr)
    };
    let (cookie, said) = sent(&["-H", "Cookie: theme=light; more=1"]);
    assert_eq!(cookie, "sid=1; theme=light; more=1");
    assert!(said.contains("the jar's cookie theme is not sent: -H sends another one"), "{said}");
    let all = sent(&[]).0;
    assert_eq!(sent(&["-H", "Cookie:"]), (all, String::new()));
    assert_eq!(sent(&["--no-cookies"]), (String::new(), String::new()));
    assert_eq!(sent(&["--no-cookies", "-H", "Cookie: sid=2"]), ("sid=2".to_owned(), String::new()));
    home.run(["visit", &server.url("/x/y"), "--no-cookies"]).exits(0);
    home.line("show-cookies --name new --value").exits(1);
    let empty = Home::new();
    empty.run(["visit", &server.url("/"), "-H", "Cookie:"]).exits(0);
    assert!(!server.seen().pop().expect("a request").headers.iter().any(|(name, _)| name == "Cookie"));
}
