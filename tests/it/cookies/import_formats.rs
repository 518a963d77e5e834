//! Files of many programs: each is read, or refused with its name and the next step. Nothing is lost without a message.

use serde_json::{Value, json};

use crate::support::{Home, Ran, Script, html, respond};

/// Imports a file into a new jar.
fn import(content: impl AsRef<[u8]>, options: &[&str]) -> (Home, Ran) {
    let home = Home::new();
    std::fs::write(home.path().join("file"), content).expect("to be written");
    let ran = home.run(["--jar", "jar", "import-cookies", "file"].iter().chain(options));
    (home, ran)
}

/// The cookies of the jar.
fn jar(home: &Home) -> Vec<Value> {
    let document = home.line("--jar jar show-cookies --json").exits(0).json();
    document["cookies"].as_array().expect("a list").clone()
}

/// The members of the only cookie.
#[track_caller]
fn only_cookie(content: impl AsRef<[u8]>, wanted: &Value) {
    let text = String::from_utf8_lossy(content.as_ref()).into_owned();
    let (home, ran) = import(content, &[]);
    ran.exits(0).answers("imported 1 cookie of");
    let cookies = jar(&home);
    for (name, value) in wanted.as_object().expect("an object") {
        assert_eq!(&cookies[0][name], value, "{name} of {text}");
    }
}

#[test]
fn the_exports_of_browsers_and_their_drivers_are_read() {
    let wanted = json!({"name": "sid", "value": "abc", "domain": "app.test", "host_only": true, "path": "/",
        "secure": true, "http_only": true, "expires": "2100-01-01T00:00:00Z"});
    let until = 4_102_444_800_i64;
    for document in [
        // Cookie-Editor and EditThisCookie.
        json!([{"name": "sid", "value": "abc", "domain": "app.test", "hostOnly": true, "path": "/", "secure": true,
            "httpOnly": true, "session": false, "sameSite": "no_restriction", "expirationDate": until, "storeId": "0", "id": 1}]),
        // J2TEAM: the host is in the document.
        json!({"url": "https://app.test/x", "cookies": [{"name": "sid", "value": "abc", "path": "/", "secure": true,
            "httpOnly": true, "hostOnly": true, "expirationDate": until}]}),
        // Selenium.
        json!([{"name": "sid", "value": "abc", "domain": "app.test", "path": "/", "secure": true, "httpOnly": true,
            "expiry": until, "sameSite": "None"}]),
        // Puppeteer, and an answer of the DevTools protocol.
        json!([{"name": "sid", "value": "abc", "domain": "app.test", "path": "/", "secure": true, "httpOnly": true,
            "expires": until, "size": 6, "session": false, "priority": "Medium", "sourceScheme": "Secure"}]),
        json!({"id": 1, "result": {"cookies": [{"name": "sid", "value": "abc", "domain": "app.test", "path": "/",
            "secure": true, "httpOnly": true, "expires": until, "size": 6}]}}),
        // tough-cookie.
        json!({"version": "tough-cookie@4.1.3", "storeType": "MemoryCookieStore", "rejectPublicSuffixes": true, "cookies": [
            {"key": "sid", "value": "abc", "domain": "app.test", "path": "/", "secure": true, "httpOnly": true,
             "hostOnly": true, "expires": "2100-01-01T00:00:00.000Z", "creation": "2026-01-01T00:00:00.000Z"}]}),
    ] {
        // The lifetime is capped at 400 days, so only its presence is compared.
        let mut wanted = wanted.clone();
        wanted.as_object_mut().expect("an object").remove("expires");
        only_cookie(document.to_string(), &wanted);
        let (home, _) = import(document.to_string(), &[]);
        assert!(jar(&home)[0]["expires"].is_string(), "{document}");
    }
}

#[test]
fn a_storage_state_of_playwright_is_read_as_its_browser_meant_it() {
    let state = |cookie: Value| json!({"cookies": [cookie], "origins": []}).to_string();
    // Firefox and WebKit report `None` for a cookie without SameSite.
    only_cookie(
        state(json!({"name": "sid", "value": "abc", "domain": "127.0.0.1", "path": "/", "expires": -1,
            "httpOnly": true, "secure": false, "sameSite": "None"})),
        &json!({"domain": "127.0.0.1", "same_site": null, "expires": null, "http_only": true}),
    );
    for expires in [json!(0), json!(-1), json!(-11_644_473_600_i64), json!(""), Value::Null] {
        only_cookie(
            state(json!({"name": "a", "value": "1", "domain": "app.test", "path": "/", "expires": expires})),
            &json!({"expires": null}),
        );
    }
    let dated = state(
        json!({"name": "a", "value": "1", "domain": "app.test", "expires": "Fri, 01 Jan 2100 00:00:00 GMT"}),
    );
    let (home, ran) = import(dated, &[]);
    ran.exits(0);
    assert!(jar(&home)[0]["expires"].is_string());
    let (_, ran) =
        import(state(json!({"name": "a", "value": "1", "domain": "app.test", "expires": "soon"})), &[]);
    ran.exits(1).says("skipped cookie 1: its expiry is not a time");
    // A cookie's own URL counts, not that of the command.
    let with_url = state(json!({"name": "a", "value": "1", "url": "https://other.example/x"}));
    let (home, ran) = import(with_url, &["--url", "http://app.test"]);
    ran.exits(0);
    assert_eq!(jar(&home)[0]["domain"], "other.example");
}

#[test]
fn a_partitioned_cookie_is_kept_for_its_own_site_only() {
    let state = |key: Value| {
        json!({"cookies": [{"name": "a", "value": "1", "domain": "www.app.test", "path": "/", "secure": true,
            "partitionKey": key}], "origins": []})
        .to_string()
    };
    for own in
        [json!("https://app.test"), json!({"topLevelSite": "https://app.test"}), json!("(https,app.test)")]
    {
        import(state(own), &[]).1.exits(0).says("cookie 1: it is partitioned");
    }
    let (_, ran) = import(state(json!("https://embedder.example")), &[]);
    ran.exits(1).says("skipped cookie 1: it is partitioned: only pages of embedder.example");
}

#[test]
fn hosts_that_end_in_local_keep_their_name() {
    for (line, domain, host_only) in [
        ("nas.local\tFALSE\t/\tFALSE\t0\tsid\tabc\n", "nas.local", true),
        (".nas.local\tTRUE\t/\tFALSE\t0\tsid\tabc\n", "nas.local", false),
        ("localhost.local\tFALSE\t/\tFALSE\t0\tsid\tabc\n", "localhost", true),
    ] {
        only_cookie(line, &json!({"domain": domain, "host_only": host_only}));
        // What was imported can be exported and imported again.
        let (home, _) = import(line, &[]);
        let exported = home.line("--jar jar show-cookies --netscape").exits(0).stdout;
        only_cookie(exported, &json!({"domain": domain, "host_only": host_only}));
    }
    let state =
        json!({"cookies": [{"name": "a", "value": "1", "domain": "nas.local", "path": "/"}], "origins": []});
    only_cookie(state.to_string(), &json!({"domain": "nas.local"}));
}

#[test]
fn a_contradiction_and_a_broken_rule_are_explained() {
    let (_, ran) = import(".app.test\tFALSE\t/\tFALSE\t0\tsid\tabc\n", &[]);
    ran.exits(0).says("line 1: its domain starts with a dot but its second field is FALSE");
    let session = json!({"__meta__": {"httpie": "3.2.4"}, "cookies": [
        {"name": "a", "value": "1", "domain": "app.test", "samesite": "None"}]});
    let (_, ran) = import(session.to_string(), &[]);
    ran.exits(1).says("SameSiteNoneInsecure: SameSite=None requires Secure (RFC 6265bis §5.7 step 19)");
}

#[test]
fn a_file_without_cookies_fails_with_the_reason() {
    let archive = json!({"log": {"entries": [{"startedDateTime": "2026-01-01T00:00:00Z",
        "request": {"url": "https://app.test/", "headers": [], "cookies": []}, "response": {"headers": []}}]}});
    let storage = json!({"cookies": [], "origins": [{"origin": "https://app.test", "localStorage": []}]});
    for (content, reason) in [
        (String::new(), "the file is empty"),
        ("# Netscape HTTP Cookie File\n".to_owned(), "the file has only comments"),
        (archive.to_string(), "the archive has no cookie headers"),
        (storage.to_string(), "the state has only local storage"),
        ("[]".to_owned(), "its list of cookies is empty"),
        ("SQLite format 3\0...".to_owned(), "SQLite cannot read it"),
        (
            "curl 'https://app.test/' -H 'Accept: */*'".to_owned(),
            "the command has neither -b nor a Cookie header",
        ),
        ("Cookie: a=1; b=2\n".to_owned(), "it is a Cookie header"),
    ] {
        let (_, ran) = import(&content, &[]);
        assert_eq!(ran.code, Some(1), "{content}");
        ran.says(reason);
    }
}

#[test]
fn a_file_in_utf_16_is_read() {
    let text = "# Netscape HTTP Cookie File\r\napp.test\tFALSE\t/\tFALSE\t0\tsid\tabc\r\n";
    let units = || text.encode_utf16();
    let little: Vec<u8> = [0xFF, 0xFE].into_iter().chain(units().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain(units().flat_map(u16::to_be_bytes)).collect();
    for content in [little, big] {
        only_cookie(content, &json!({"domain": "app.test", "value": "abc"}));
    }
}

#[test]
fn a_masked_value_never_replaces_a_real_one() {
    let server =
        Script::new(|_| html(200, &["Set-Cookie: sid=0123456789abcdef0123456789abcdef; Path=/"], "hello"));
    let home = Home::new();
    home.run(["visit", "-q", &server.url("/set")]).exits(0);
    let before = home.line("show-cookies --json").exits(0).json();
    let archive = home.line("history --har").exits(0).stdout;
    std::fs::write(home.path().join("h.har"), &archive).expect("to be written");
    let ran = home.line("import-cookies h.har").exits(1);
    ran.says("skipped cookie sid: its value was masked");
    assert_eq!(home.line("show-cookies --json").exits(0).json(), before);
    let line = "app.test\tFALSE\t/\tFALSE\t0\tsid\tREDACTED\n";
    import(line, &[]).1.exits(1).says("skipped line 1: its value was masked");
}

#[test]
fn the_cookies_of_a_response_are_read_if_its_lines_are_missing_or_joined() {
    let response = |headers: Value| {
        json!({"log": {"entries": [{"startedDateTime": "", "request": {"url": "https://app.test/", "headers": []},
        "response": {"headers": headers, "cookies": [
            {"name": "a", "value": "1", "path": "/", "secure": true, "httpOnly": null},
            {"name": "b", "value": "2", "path": "/", "httpOnly": true},
        ]}}]}})
    };
    let joined = json!([{"name": "Set-Cookie", "value": "a=1; Path=/; Secure, b=2; Path=/; HttpOnly"}]);
    for headers in [json!([]), joined] {
        let (home, ran) = import(response(headers).to_string(), &[]);
        ran.exits(0).answers("imported 2 cookies of an HTTP archive");
        let cookies = jar(&home);
        let is = |name: &str, key: &str| {
            cookies.iter().find(|cookie| cookie["name"] == name).expect(name)[key] == true
        };
        assert!(is("a", "secure") && !is("a", "http_only") && is("b", "http_only"), "{cookies:?}");
    }
    // The pages of an extension have no cookies.
    let extension = json!({"log": {"entries": [{"startedDateTime": "2026-01-01T00:00:00Z",
        "request": {"url": "chrome-extension://abc/x", "headers": [{"name": "Cookie", "value": "a=1"}]}}]}});
    import(extension.to_string(), &[]).1.exits(1);
}

#[test]
fn a_login_with_many_cookies_keeps_its_session_cookie() {
    let server = Script::new(|_| {
        let lines: Vec<String> = std::iter::once("Set-Cookie: sid=s; Path=/".to_owned())
            .chain((0..179).map(|n| format!("Set-Cookie: nonce{n}=x; Path=/")))
            .collect();
        respond(200, &lines.iter().map(String::as_str).collect::<Vec<_>>(), "")
    });
    let home = Home::new();
    let document = home.run(["--jar", "jar", "visit", "--json", &server.url("/")]).exits(0).json();
    assert_eq!(jar(&home).len(), 180);
    let set = document["exchanges"][0]["set"].as_array().expect("a list");
    assert!(set.iter().all(|it| it.get("evicted").is_none()), "{set:?}");
    assert!(jar(&home).iter().any(|cookie| cookie["name"] == "sid"));
}

#[test]
fn an_eviction_is_shown() {
    let server = Script::new(|_| {
        let lines: Vec<String> = (0..181).map(|n| format!("Set-Cookie: c{n}=x; Path=/")).collect();
        respond(200, &lines.iter().map(String::as_str).collect::<Vec<_>>(), "")
    });
    let home = Home::new();
    let ran = home.run(["visit", "-v", &server.url("/")]).exits(0);
    ran.says("c0 was evicted");
    let document = home.run(["visit", "--json", &server.url("/")]).exits(0).json();
    let set = document["exchanges"][0]["set"].as_array().expect("a list");
    assert!(set.iter().any(|it| it["evicted"] == json!(["c1"])), "{set:?}");
}

#[test]
fn two_cookies_in_one_line_are_pointed_out() {
    let line = "lang=en; Path=/, sessionid=abc";
    let ran = Home::new().run(["why", "http://app.test/", "--set-cookie", line]).exits(0);
    assert!(ran.stdout.contains("looks like a second cookie"), "{}", ran.stdout);
    let server = Script::new(move |_| respond(200, &[&format!("Set-Cookie: {line}")], ""));
    let home = Home::new();
    let ran = home.run(["visit", "-v", &server.url("/")]).exits(0);
    ran.says("lang: stored").says("warning: Path has a comma and another NAME=VALUE");
    let document = home.run(["visit", "--json", &server.url("/")]).exits(0).json();
    let notes = &document["exchanges"][0]["set"][0]["notes"];
    assert!(notes[0].as_str().is_some_and(|note| note.contains("looks like a second cookie")), "{document}");
    home.run(["history"]).exits(0).answers("looks like a second cookie");
    let valid = "lang=en; Path=/a,b";
    let ran = Home::new().run(["why", "http://app.test/", "--set-cookie", valid]).exits(0);
    assert!(!ran.stdout.contains("looks like a second cookie"), "{}", ran.stdout);
}
