//! `--select` and `--pointer`: values of a response for scripts.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::{Home, Script, html, respond};

const PAGE: &str = r#"<h1>Two
    <b>words</b></h1><p class=price>1 €</p><p class=price>2 &amp; 3</p>
    <a class=next href="/page?2&amp;x">next</a><a class=next>no address</a><script>var x = 1;</script>"#;

const DOCUMENT: &str = r#"{"user":{"name":"al\"ice\n","id":12345678901234567},"list":[1.50,{"b":null,"a":true}],"a/b":{"~":"odd"}}"#;

fn server() -> Script {
    Script::new(|seen| match seen.path() {
        "/page" => html(200, &[], PAGE),
        "/json" => respond(200, &["Content-Type: application/json"], DOCUMENT),
        "/gone" => html(404, &[], PAGE),
        _ => respond(200, &["Content-Type: application/json"], "{broken"),
    })
}

#[test]
fn a_selector_prints_each_match_on_a_line() {
    let (home, server) = (Home::new(), server());
    let print = |css: &str| home.run(["visit", &server.url("/page"), "--select", css]).exits(0).stdout;
    assert_eq!(print("h1"), "Two words\n");
    assert_eq!(print(".price"), "1 €\n2 & 3\n");
    assert_eq!(print("a.next @href"), "/page?2&x\n", "an element without the attribute does not match");
    assert_eq!(print("script"), "var x = 1;\n");
    let none = home.run(["visit", &server.url("/page"), "--select", "h6"]).exits(7);
    assert_eq!(none.says("has no element that matches \"h6\"").stdout, "");
    home.run(["visit", &server.url("/page"), "--select", "h1 @id"]).exits(7);
    // The status still decides, and --lang ko explains.
    home.run(["visit", &server.url("/gone"), "--select", "h1"]).exits(4).answers("Two words\n");
    let korean = home.run(["visit", &server.url("/page"), "--select", "h6", "--lang", "ko"]);
    korean.exits(7).says("일치하는 요소가 없습니다");
}

#[test]
fn a_pointer_prints_text_without_quotes_and_other_values_as_json() {
    let (home, server) = (Home::new(), server());
    let print =
        |pointer: &str| home.run(["visit", &server.url("/json"), "--pointer", pointer]).exits(0).stdout;
    assert_eq!(print("/user/name"), "al\"ice\n\n");
    assert_eq!(print("/user/id"), "12345678901234567\n");
    assert_eq!(print("/list/1"), "{\"b\":null,\"a\":true}\n");
    assert_eq!(print("/a~1b/~0"), "odd\n");
    assert_eq!(print("/list/1/b"), "null\n");
    for (path, pointer, why) in [
        ("/json", "/list/2", "its JSON has no such member"),
        ("/json", "/list/01", "its JSON has no such member"),
        ("/other", "/a", "its body is not JSON"),
    ] {
        let none = home.run(["visit", &server.url(path), "--pointer", pointer]).exits(7).says(why);
        assert_eq!(none.stdout, "");
    }
    let file =
        home.run(["visit", &server.url("/json"), "--pointer", "/user/id", "-o", "whole.json"]).exits(0);
    assert_eq!(file.stdout, "12345678901234567\n");
    assert_eq!(std::fs::read_to_string(home.path().join("whole.json")).expect("the body"), DOCUMENT);
    let document = home.run(["visit", &server.url("/json"), "--pointer", "/list", "--json"]).exits(0).json();
    assert_eq!(document["values"], json!([[1.5, {"b": null, "a": true}]]));
}

#[test]
fn a_bad_selector_or_pointer_is_refused_before_anything_is_sent() {
    let home = Home::new();
    let server = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/", server.local_addr().expect("its address"));
    for (option, value) in [
        ("--select", "a["),
        ("--select", ""),
        ("--select", "@href"),
        ("--pointer", "user"),
        ("--pointer", "/a~2"),
    ] {
        home.run(["visit", &url, option, value]).exits(2);
    }
    home.run(["visit", &url, "--select", "a", "--pointer", "/a"]).exits(2);
    server.set_nonblocking(true).expect("a setting");
    assert!(server.accept().is_err(), "no connection was made");
}

#[test]
fn json_is_indented_on_a_terminal_only() {
    let (home, server) = (Home::new(), server());
    let on_terminal = |args: &str| {
        let line = format!("{} visit {args}", env!("CARGO_BIN_EXE_sessctl"));
        let mut command = Command::new("script");
        command.args(["-qec", &line, "/dev/null"]).env_clear().env("HOME", home.path()).stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("TERM", "xterm");
        String::from_utf8_lossy(&command.output().expect("script, of bsdutils").stdout).replace("\r\n", "\n")
    };
    let plain = on_terminal(&format!("{} --color never", server.url("/json")));
    assert!(plain.contains("  \"list\": [\n    1.50,\n    {\n      \"b\": null,"), "{plain:?}");
    let colored = on_terminal(&server.url("/json"));
    assert!(colored.contains("\u{1b}[36m\"user\"\u{1b}[0m: {\n"), "{colored:?}");
    assert!(on_terminal(&server.url("/other")).contains("{broken"), "invalid JSON is shown as it is");
    // A pipe gets the bytes, also with color.
    assert_eq!(home.run(["visit", &server.url("/json"), "--color", "always"]).exits(0).stdout, DOCUMENT);
}
