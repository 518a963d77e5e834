//! `show-cookies` and `clear-cookies`.

use sessctl::internal::Json;

use crate::support::{Home, Script, respond};

fn filled() -> (Home, Script) {
    let server = Script::new(|seen| match seen.path() {
        "/set" => respond(
            200,
            &[
                "Set-Cookie: sid=0123456789abcdef0123456789abcdef; HttpOnly; SameSite=Lax; Path=/",
                "Set-Cookie: theme=dark; Max-Age=259200; Path=/set",
                "Set-Cookie: =nameless",
                "Set-Cookie: tab=a\u{1b}[2Jb; Max-Age=1000",
                "Set-Cookie: ding=d\u{202e}ong; Max-Age=60",
            ],
            "",
        ),
        _ => respond(200, &[], seen.header("cookie")),
    });
    let home = Home::new();
    home.run(["visit", &server.url("/set")]).exits(0);
    (home, server)
}

#[test]
fn the_table_shortens_values_and_tells_expiry_and_flags() {
    let (home, _server) = filled();
    let table = home.line("show-cookies").exits(0).stdout;
    let line = |name: &str| {
        table.lines().find(|line| line.trim_start().starts_with(name)).unwrap_or_else(|| panic!("{table}"))
    };
    assert!(line("sid").contains("01234567…") && line("sid").contains("HttpOnly SameSite=Lax"), "{table}");
    assert!(line("sid").contains("127.0.0.1") && line("sid").contains("with the session"), "{table}");
    assert!(line("theme").contains("(in 2 days)") || line("theme").contains("(in 3 days)"), "{table}");
    assert!(!table.contains("0123456789") && !table.contains('\u{202e}'), "{table}");
    home.line("show-cookies --reveal").exits(0).answers("0123456789abcdef0123456789abcdef");
}

#[test]
fn json_holds_every_attribute() {
    let (home, _server) = filled();
    let cookies = home.line("show-cookies --json").exits(0).json()["cookies"].clone();
    let sid = cookies
        .as_array()
        .expect("a list")
        .iter()
        .find(|cookie| cookie["name"] == "sid")
        .expect("sid")
        .clone();
    for (key, value) in [
        ("value", "0123456789abcdef0123456789abcdef"),
        ("domain", "127.0.0.1"),
        ("path", "/"),
        ("same_site", "Lax"),
    ] {
        assert_eq!(sid[key], value, "{key}");
    }
    assert_eq!(
        (&sid["host_only"], &sid["http_only"], &sid["secure"]),
        (&true.into(), &true.into(), &false.into())
    );
    assert!(sid["expires"].is_null() && sid["created"].is_string() && sid["last_used"].is_string());
    let ordered: Json =
        serde_json::from_str(&home.line("show-cookies --json").exits(0).stdout).expect("JSON");
    let Some(Json::Array(ordered)) = ordered.get("cookies") else { panic!("no list: {ordered}") };
    let keys: Vec<&str> = ordered[0].as_object().expect("an object").keys().map(String::as_str).collect();
    let documented = [
        "name",
        "value",
        "domain",
        "host_only",
        "path",
        "expires",
        "secure",
        "http_only",
        "same_site",
        "created",
        "last_used",
    ];
    assert_eq!(keys, documented);
}

#[test]
fn scripts_get_the_header_a_value_or_a_file() {
    let (home, server) = filled();
    let sent = home.run(["visit", &server.url("/x")]).exits(0).stdout;
    let shown = home.run(["show-cookies", "--header", &server.url("/x")]).exits(0).stdout;
    assert_eq!(shown, format!("Cookie: {sent}\n"));
    assert_eq!(home.line("show-cookies --name theme --value").exits(0).stdout, "dark\n");
    home.line("show-cookies --name none --value").exits(1).says("the jar has no cookie with this name");
    home.line("show-cookies --value").exits(2);
    let file = home.line("show-cookies --netscape").exits(0).stdout;
    let sid = "#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\t0123456789abcdef0123456789abcdef";
    assert!(
        file.starts_with("# Netscape HTTP Cookie File\n") && file.lines().any(|line| line == sid),
        "{file}"
    );
    home.run(["show-cookies", "--header", "http://other.test/"])
        .exits(0)
        .says("the jar has no cookies that would be sent to");
}

#[test]
fn cookies_are_cleared_by_name_domain_expiry_or_kind() {
    let names = |home: &Home| -> Vec<String> {
        let cookies = home.line("show-cookies --json").exits(0).json()["cookies"].clone();
        let cookies = cookies.as_array().expect("a list").clone();
        cookies.iter().map(|cookie| cookie["name"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let (home, _server) = filled();
    assert_eq!(names(&home), ["sid", "theme", "", "ding"], "a line with a control character is refused");
    home.line("clear-cookies").exits(2);
    home.line("clear-cookies --name none").exits(1).says("nothing was deleted");
    home.line("clear-cookies --name sid --domain other.test").exits(1).says("it has cookies of 127.0.0.1");
    home.line("clear-cookies --name sid --domain 127.0.0.1").exits(0).answers("deleted sid of 127.0.0.1/\n");
    home.line("clear-cookies --session").exits(0);
    assert_eq!(names(&home), ["theme", "ding"]);
    // One whose time has passed is deleted for good, though no table shows it any more.
    let jar = std::fs::read_to_string(home.jar()).expect("the jar");
    let date =
        |text: &str| jar.find(text).map(|at| jar[at..].chars().skip(text.len()).take(20).collect::<String>());
    let expires = date("\"expires\": \"").expect("an expiry");
    std::fs::write(home.jar(), jar.replacen(&expires[..4], "2001", 1)).expect("to be written");
    let expired = home.line("clear-cookies --expired").exits(0).stdout;
    assert!(expired.starts_with("deleted ") && expired.lines().count() == 1, "{expired}");
    home.line("clear-cookies --expired").exits(0).says("nothing was deleted");
    let deleted = home.line("clear-cookies --all --json").exits(0).json();
    assert_eq!(deleted["deleted"].as_array().map(Vec::len), Some(1));
    assert_eq!(names(&home), Vec::<String>::new());
}

#[test]
fn the_table_fits_the_terminal() {
    let (home, _server) = filled();
    for columns in [100, 80, 60] {
        let binary = env!("CARGO_BIN_EXE_sessctl");
        let line = format!(
            "stty rows 24 cols {columns} <&1; {binary} --jar {} show-cookies --color never",
            home.jar().display()
        );
        let mut script = std::process::Command::new("script");
        let output = script.args(["-qec", &line, "/dev/null"]).output().expect("script, of bsdutils");
        let table = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(table.contains("127.0.0.1"), "{table}");
        let widest = table.lines().map(|line| line.trim_end().chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= columns), "{widest:?} of {columns}:\n{table}");
    }
}

#[test]
fn values_are_taken_apart_where_no_key_is_needed() {
    let server = Script::new(|_| {
        let flask = "session=eyJ1c2VyIjoiYWxpY2UifQ.awO9mQ.WTsFZ4pcbUF55LXd6V0_4qER-HI; HttpOnly";
        let opaque = "sid=o74iirMVd2hRJnjl9qkaiNlT2oz9M1KiJaqf5FZ7bbE";
        respond(
            200,
            &[&format!("Set-Cookie: {flask}"), &format!("Set-Cookie: {opaque}"), "Set-Cookie: x=%1B[2J"],
            "",
        )
    });
    let home = Home::new();
    home.run(["visit", &server.url("/")]).exits(0);
    let ran = home
        .line("show-cookies --decode")
        .exits(0)
        .answers("session of 127.0.0.1: itsdangerous session (as Flask writes)");
    let ran = ran
        .answers("  content: {\"user\":\"alice\"}")
        .answers("  signature: not checked, because that needs the key");
    let ran = ran.answers("sid of 127.0.0.1: opaque\n  size: 43 base64 characters");
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains("o74iir"), "{}", ran.stdout);
    let json = home.line("show-cookies --decode --name session --json").exits(0).json();
    assert_eq!(json["cookies"][0]["value"]["kind"], "itsdangerous session (as Flask writes)", "{json}");
}

#[test]
fn a_domain_is_understood_as_users_write_it() {
    for domain in [
        "app.example",
        ".app.example",
        "*.app.example",
        "APP.example",
        "app.example:443",
        "https://app.example/x",
        "app.example/x",
        "https://app.example:8443",
    ] {
        let home = Home::new();
        home.run(["set-cookie", "https://www.app.example/", "a=1"]).exits(0);
        home.run(["set-cookie", "https://other.example/", "b=1"]).exits(0);
        home.run(["clear-cookies", "--domain", domain]).exits(0).answers("deleted a of www.app.example/\n");
        home.line("show-cookies --name b --value").exits(0).answers("1\n");
        home.run(["clear-cookies", "--domain", domain]).exits(1).says("nothing was deleted");
    }
}

#[test]
fn set_cookie_puts_one_cookie_into_the_jar() {
    let home = Home::new();
    let line = "Set-Cookie: id=1; Path=/a; Max-Age=60";
    home.run(["set-cookie", "https://app.test/", line]).exits(0).answers("id: stored");
    home.run(["set-cookie", "https://app.test/", "id=2; Path=/a"]).exits(0).answers("id: replaced");
    home.line("show-cookies --header https://app.test/a").exits(0).answers("Cookie: id=2\n");
    let ran = home.run(["set-cookie", "http://app.test/", "s=1; Secure"]).exits(1);
    ran.answers("s: rejected: SecureOnly").says("the cookie was not stored");
    let set =
        home.run(["set-cookie", "https://app.test/", "id=; Path=/a; Max-Age=0", "--json"]).exits(0).json();
    assert_eq!(set["set"][0]["action"], "deleted");
    assert_eq!(home.line("show-cookies --json").exits(0).json()["cookies"], serde_json::json!([]));
}

#[test]
fn a_name_that_is_not_there_is_not_an_empty_jar() {
    let (home, _server) = filled();
    let ran = home.line("show-cookies --name other").exits(0).says("no cookie with the name \"other\"");
    assert!(!ran.stderr.contains("has no cookies"), "{}", ran.stderr);
    Home::new().line("show-cookies --name other").exits(0).says("the jar has no cookies");
}

#[test]
fn python_loads_the_cookies() {
    let home = Home::new();
    for (url, line) in [
        ("http://localhost:8000/", "a=1; Path=/"),
        ("https://app.example/", "b=2; Path=/; Domain=app.example; HttpOnly"),
        ("https://app.example/", "c=3; Path=/; Max-Age=6000; Secure"),
        ("http://127.0.0.1/", "d=4"),
    ] {
        home.run(["set-cookie", url, line]).exits(0);
    }
    let file = home.line("show-cookies --netscape=python").exits(0).stdout;
    std::fs::write(home.path().join("cookies.txt"), &file).expect("a file");
    let script = "import http.cookiejar, urllib.request
jar = http.cookiejar.MozillaCookieJar('cookies.txt')
jar.load(ignore_discard=True)
for url in ['http://localhost:8000/', 'https://app.example/', 'http://127.0.0.1/']:
    request = urllib.request.Request(url)
    jar.add_cookie_header(request)
    print(request.get_header('Cookie'))";
    let output = std::process::Command::new("python3").args(["-c", script]).current_dir(home.path()).output();
    let output = output.expect("python3 to start");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(said, "a=1\nb=2; c=3\nd=4\n", "{file}{}", String::from_utf8_lossy(&output.stderr));
}
