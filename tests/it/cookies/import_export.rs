//! Exports to and imports from curl, wget, HTTPie, xh, Playwright and browsers.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::{Home, Script, respond};

/// The cookies of a jar by name, without `created` and `last_used`.
fn cookies(home: &Home, jar: &str) -> Vec<Value> {
    let jar = home.run(["--jar", jar, "show-cookies", "--json"]).exits(0).json();
    let mut cookies = jar["cookies"].as_array().expect("a list").clone();
    for cookie in &mut cookies {
        let cookie = cookie.as_object_mut().expect("an object");
        cookie.remove("created");
        cookie.remove("last_used");
    }
    // Not by the whole text: fractions of a second of `expires`, which a file loses, would decide.
    cookies.sort_by_key(|cookie| cookie["name"].to_string());
    cookies
}

/// Removes what a format cannot represent: these keys, and fractions of a second.
fn without(mut cookies: Vec<Value>, keys: &[&str]) -> Vec<Value> {
    for cookie in &mut cookies {
        cookie["expires"] = cookie["expires"].as_str().map(|date| date[..19].to_owned()).into();
        for key in keys {
            cookie.as_object_mut().expect("an object").remove(*key);
        }
    }
    cookies
}

/// A jar with all kinds of cookies, and the server that set them.
fn filled() -> (Home, Script) {
    let server = Script::new(|seen| match seen.path() {
        "/set" => respond(
            200,
            &[
                "Set-Cookie: session=1; Path=/; HttpOnly; SameSite=Lax",
                "Set-Cookie: long=2; Path=/; Max-Age=86400",
                "Set-Cookie: secure=3; Path=/; Secure; Max-Age=86400",
                "Set-Cookie: deep=4; Path=/deep/er; Max-Age=86400",
                "Set-Cookie: odd=a=b \"c\" d; Path=/; Max-Age=86400",
            ],
            "",
        ),
        _ => respond(200, &[], seen.header("cookie")),
    });
    let home = Home::new();
    home.run(["--jar", "jar", "visit", &server.url("/set")]).exits(0);
    (home, server)
}

/// Runs curl or wget, which scripts/test installs.
fn run(home: &Home, line: &[&str]) -> String {
    let ran =
        Command::new(line[0]).args(&line[1..]).current_dir(home.path()).env("HOME", home.path()).output();
    let ran = ran.unwrap_or_else(|error| panic!("{}: {error}", line[0]));
    assert!(ran.status.success(), "{line:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

#[test]
fn a_jar_survives_curl() {
    let (home, server) = filled();
    let file = home.line("--jar jar show-cookies --netscape").exits(0).stdout;
    std::fs::write(home.path().join("cookies.txt"), file).expect("to be written");
    let sent = run(&home, &["curl", "-s", "-b", "cookies.txt", "-c", "back.txt", &server.url("/deep/er")]);
    for pair in ["session=1", "long=2", "deep=4", "odd=a=b \"c\" d"] {
        assert!(sent.contains(pair), "{pair} in {sent}");
    }
    home.line("--jar again import-cookies back.txt")
        .exits(0)
        .answers("imported 5 cookies of a Netscape cookies.txt");
    assert_eq!(
        without(cookies(&home, "again"), &["same_site"]),
        without(cookies(&home, "jar"), &["same_site"])
    );
}

#[test]
fn a_jar_survives_wget() {
    let (home, server) = filled();
    let file = home.line("--jar jar show-cookies --netscape=wget").exits(0).stdout;
    assert!(!file.contains("#HttpOnly_"), "wget ignores such a line: {file}");
    std::fs::write(home.path().join("cookies.txt"), file).expect("to be written");
    let url = server.url("/deep/er");
    let keep = ["--load-cookies", "cookies.txt", "--save-cookies", "back.txt", "--keep-session-cookies"];
    let sent = run(&home, &[&["wget", "-q", "-O", "-"], &keep[..], &[url.as_str()]].concat());
    for pair in ["session=1", "long=2", "deep=4", "odd=a=b \"c\" d"] {
        assert!(sent.contains(pair), "{pair} in {sent}");
    }
    home.line("--jar again import-cookies back.txt").exits(0).answers("imported 5 cookies");
    let rest = ["same_site", "http_only"];
    assert_eq!(without(cookies(&home, "again"), &rest), without(cookies(&home, "jar"), &rest));
}

#[test]
fn a_jar_imports_its_own_json() {
    let (home, _server) = filled();
    let json = home.line("--jar jar show-cookies --json").exits(0).stdout;
    std::fs::write(home.path().join("jar.json"), json).expect("to be written");
    home.line("--jar one import-cookies jar.json").exits(0).answers("imported 5 cookies of a jar of sessctl");
    home.line("--jar two import-cookies jar").exits(0).answers("imported 5 cookies of a jar of sessctl");
    assert_eq!(cookies(&home, "one"), cookies(&home, "jar"));
    assert_eq!(cookies(&home, "two"), cookies(&home, "jar"));
    let ran = home.run_with_input(["--jar", "three", "import-cookies", "-", "--json"], &json_of(&home));
    assert_eq!(ran.exits(0).json()["imported"].as_array().map(Vec::len), Some(5));
}

fn json_of(home: &Home) -> String {
    home.line("--jar jar show-cookies --json").exits(0).stdout
}

/// Imports a document; name, domain, host-only and whether it expires, of each cookie.
fn imported(document: &Value, options: &[&str]) -> Vec<(String, String, bool, bool)> {
    let home = Home::new();
    std::fs::write(home.path().join("file"), document.to_string()).expect("to be written");
    home.run(["--jar", "jar", "import-cookies", "file"].iter().chain(options)).exits(0);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let cookies = cookies(&home, "jar").into_iter();
    cookies
        .map(|it| {
            (text(&it["name"]), text(&it["domain"]), it["host_only"] == true, it["expires"].is_string())
        })
        .collect()
}

#[test]
fn sessions_of_httpie_and_xh_are_imported() {
    let list = json!([
        {"name": "a", "value": "1", "domain": "example.org", "path": "/", "secure": false, "expires": null},
        {"name": "b", "value": "2", "domain": ".example.org", "path": "/x", "secure": true, "expires": 4_102_444_800_i64},
        {"name": "c", "value": "3", "domain": "localhost.local", "path": "/"},
        {"name": "d", "value": "4", "domain": "", "path": "/"},
    ]);
    let expected = |host: &str| {
        let cookie =
            |name: &str, domain: &str, host_only, ends| (name.to_owned(), domain.to_owned(), host_only, ends);
        vec![
            cookie("b", "example.org", false, true),
            cookie("a", "example.org", true, false),
            cookie("d", host, true, false),
            cookie("c", "localhost", true, false),
        ]
    };
    let sorted = |mut cookies: Vec<(String, String, bool, bool)>| {
        cookies.sort();
        cookies
    };
    for meta in [
        json!({"about": "HTTPie session file", "httpie": "3.2.4"}),
        json!({"about": "xh session file", "xh": "0.25.0"}),
    ] {
        let document = json!({"__meta__": meta, "cookies": list, "headers": [], "auth": {}});
        assert_eq!(sorted(imported(&document, &["--url", "http://app.test"])), sorted(expected("app.test")));
    }
    // Older versions write cookies by name, and the session's host is not in the file.
    let document = json!({"__meta__": {"httpie": "2.6.0"}, "cookies": {"a": {"value": "1", "path": "/", "expires": null}}});
    assert_eq!(imported(&document, &["--url", "http://app.test"])[0].1, "app.test");
    let home = Home::new();
    std::fs::write(home.path().join("file"), document.to_string()).expect("to be written");
    home.line("import-cookies file").exits(1).says("it names no host; give one with --url");
}

#[test]
fn an_archive_of_a_browser_is_imported() {
    let header = |name: &str, value: &str| json!({"name": name, "value": value});
    let entry = |time: &str, url: &str, sent: Value, set: Value| {
        json!({"startedDateTime": time, "request": {"url": url, "method": "GET", "headers": sent, "cookies": []},
               "response": {"status": 200, "headers": set, "cookies": []}})
    };
    let soon = jiff::Timestamp::now().to_string();
    let document = json!({"log": {"version": "1.2", "entries": [
        entry(&soon, "https://app.example.org/", json!([header("Cookie", "before=1; sid=old")]),
              json!([header("set-cookie", "sid=new; Path=/; Secure; HttpOnly\nwide=1; Domain=example.org; Max-Age=99999")])),
        entry("2001-01-01T00:00:00.000Z", "https://app.example.org/", json!([]), json!([header("Set-Cookie", "gone=1; Max-Age=60")])),
    ]}});
    let cookies = imported(&document, &[]);
    let names: Vec<(&str, &str)> = cookies.iter().map(|it| (it.0.as_str(), it.1.as_str())).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    for expected in [("before", "app.example.org"), ("sid", "app.example.org"), ("wide", "example.org")] {
        assert!(names.contains(&expected), "{names:?}");
    }
}

#[test]
fn the_sent_cookies_of_an_archive_are_imported() {
    let soon = jiff::Timestamp::now().to_string();
    let whole = json!([
        {"name": "JSESSIONID", "value": "1", "path": "/app", "domain": "app.example.org", "httpOnly": true, "secure": false,
         "expires": "1969-12-31T23:59:59.000Z"},
        {"name": "sid", "value": "2", "path": "/", "domain": ".example.org", "httpOnly": true, "secure": true,
         "sameSite": "Lax", "expires": "1969-12-31T23:59:59.000Z"},
    ]);
    let sent = json!([{"name": "Cookie", "value": "JSESSIONID=1; sid=2"}]);
    let entry = |url: &str, cookies: Value, headers: Value, set: &str| {
        json!({"startedDateTime": soon, "request": {"url": url, "headers": headers, "cookies": cookies},
               "response": {"headers": [{"name": "Set-Cookie", "value": set}]}})
    };
    let document = json!({"log": {"entries": [
        entry("https://app.example.org/app/", whole, sent, "c=old; Secure; HttpOnly; SameSite=Strict"),
        // A WebSocket request carries the same cookies; a script has changed one.
        entry("wss://app.example.org/app/socket", json!([]), json!([{"name": "Cookie", "value": "sid=2; c=new"}]), "bad=1; Domain=org"),
        {"startedDateTime": "nonsense"},
    ]}});
    let home = Home::new();
    std::fs::write(home.path().join("file"), document.to_string()).expect("to be written");
    let ran = home.line("--jar jar import-cookies file").exits(0).answers("imported 3 cookies");
    ran.says("skipped entry 2, cookie bad: PublicSuffix").says("skipped entry 3: ");
    let cookies = cookies(&home, "jar");
    let by_name = |name: &str| cookies.iter().find(|cookie| cookie["name"] == name).expect(name);
    let java = by_name("JSESSIONID");
    assert_eq!(
        (&java["path"], &java["http_only"], &java["secure"]),
        (&"/app".into(), &true.into(), &false.into())
    );
    let sid = by_name("sid");
    assert_eq!(
        (&sid["host_only"], &sid["same_site"], &sid["expires"]),
        (&false.into(), &"Lax".into(), &Value::Null)
    );
    let changed = by_name("c");
    assert_eq!(
        (&changed["value"], &changed["secure"], &changed["same_site"]),
        (&"new".into(), &true.into(), &"Strict".into())
    );
}

#[test]
fn files_of_python_and_playwright_and_ip_addresses_are_read() {
    let home = Home::new();
    let lines = [
        "# Netscape HTTP Cookie File",
        "a.test\tFALSE\t/\tFALSE\t\tpython\t1",
        "a.test\tFALSE\t/\tFALSE\t-1\tminus\t1",
        "localhost.local\tFALSE\t/\tFALSE\t0\tlocal\t1",
        ".localhost\tTRUE\t/\tFALSE\t0\twide\t1",
        "::1\tFALSE\t/\tFALSE\t0\tcurl\t1",
        "::1:18080\tFALSE\t/\tFALSE\t0\twget\t1",
        "a.test\tFALSE\t/\tFALSE\tnan\tnan\t1",
    ];
    std::fs::write(home.path().join("file"), lines.join("\n")).expect("to be written");
    let ran = home.line("--jar jar import-cookies file").exits(0).answers("imported 6 cookies");
    ran.says("skipped line 8: the fifth field must be a time");
    let jar = cookies(&home, "jar");
    let domain_of = |name: &str| jar.iter().find(|it| it["name"] == name).expect(name)["domain"].clone();
    assert_eq!((domain_of("local"), domain_of("wide")), ("localhost".into(), "localhost".into()));
    assert_eq!((domain_of("curl"), domain_of("wget")), ("[::1]".into(), "[::1]".into()));
    home.line("--jar jar show-cookies --netscape").exits(0).answers("\n::1\tFALSE\t/\tFALSE\t0\tcurl\t1\n");
    let state = json!({"cookies": [{"name": "p", "value": "1", "domain": ".app.test", "path": "/", "expires": -1,
        "httpOnly": true, "secure": true, "sameSite": "None"}], "origins": []});
    assert_eq!(imported(&state, &[]), [("p".to_owned(), "app.test".to_owned(), false, false)]);
}

#[test]
fn cookies_beyond_the_limit_are_reported() {
    let home = Home::new();
    let lines: Vec<String> = (0..190).map(|n| format!("a.test\tFALSE\t/\tFALSE\t0\tc{n}\t1")).collect();
    std::fs::write(home.path().join("file"), lines.join("\n")).expect("to be written");
    let ran = home.line("--jar jar import-cookies file").exits(0).answers("imported 180 cookies");
    ran.says("10 cookies are not in the jar: a jar holds at most 180 cookies of a domain");
}

#[test]
fn a_path_cannot_forge_a_line_of_a_file() {
    let server =
        Script::new(|_| respond(200, &["Set-Cookie: x=1; Path=/\tFALSE\t0\tsessionid\tattacker"], ""));
    let home = Home::new();
    home.run(["--jar", "jar", "visit", &server.url("/")]).exits(0);
    let ran = home.line("--jar jar show-cookies --netscape").exits(0).says("contains a tab");
    assert!(!ran.stdout.contains("attacker"), "{}", ran.stdout);
    let json = json_of(&home).replace("/\\tFALSE", "/\\nevil");
    std::fs::write(home.path().join("file"), &json).expect("to be written");
    home.line("--jar other import-cookies file").exits(1).says("path contains a control character");
}

#[test]
fn invalid_cookies_are_left_out_and_reported() {
    let home = Home::new();
    let lines = [
        "# Netscape HTTP Cookie File",
        "good.test\tFALSE\t/\tFALSE\t0\tgood\t1",
        ".com\tTRUE\t/\tFALSE\t0\tsuffix\t1",
        "a.test\tFALSE\t/\tFALSE\t0\t__Host-x\t1",
        "a.test\tFALSE\t/\tFALSE\t1000\told\t1",
        "a.test\tMAYBE\t/\tFALSE\t0\tx\t1",
        "nonsense",
        "wget.test:8080\tFALSE\t/\tFALSE\t0\tport\t1\r",
        "a.test\tFALSE\t/\tFALSE\t0\tempty",
    ];
    std::fs::write(home.path().join("file"), lines.join("\n")).expect("to be written");
    let ran = home.line("--jar jar import-cookies file").exits(0).answers("imported 3 cookies");
    let ran = ran.says("skipped line 3: PublicSuffix").says("skipped line 4: InvalidPrefix");
    let ran =
        ran.says("skipped line 5: Expired").says("skipped line 6: the second and the fourth field must be");
    ran.says("skipped line 7: it must have seven fields");
    let domains: Vec<Value> = cookies(&home, "jar").iter().map(|cookie| cookie["domain"].clone()).collect();
    assert!(domains.contains(&"wget.test".into()), "{domains:?}");
}

#[test]
fn a_file_of_unknown_format_changes_nothing() {
    let (home, _server) = filled();
    let before = std::fs::read(home.path().join("jar")).expect("the jar");
    for text in ["", "nonsense", "{broken", "[]", "{}", "{\"cookies\": 1}", "{\"log\": 1}", "\u{0}\u{1}"] {
        std::fs::write(home.path().join("file"), text).expect("to be written");
        let ran = home.line("--jar jar import-cookies file");
        assert!(ran.code == Some(1) && ran.stderr.contains("file: it"), "{text:?}: {ran:?}");
    }
    home.line("--jar jar import-cookies missing").exits(1).says("cannot read missing");
    home.line("--jar jar import-cookies .").exits(1).says("cannot read .");
    assert_eq!(std::fs::read(home.path().join("jar")).expect("the jar"), before);
}
