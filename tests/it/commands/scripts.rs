//! `history --curl` and `--hurl`: scripts that repeat a flow.

use std::fs;
use std::process::Command;

use crate::support::{Home, Ran, Script, Seen, html, redirect, respond};

/// A form with a CSRF token that changes with each page, and a session that depends on it.
fn application(seen: &Seen) -> Vec<u8> {
    let token = "a&b\"<c>'0123456789abcdef";
    match (seen.method.as_str(), seen.path()) {
        ("GET", "/") if seen.cookie("sid") == "s3cretsession0123456789" => {
            html(200, &[], "<h1>Hello, al ice!</h1><form method=post action=/logout><button>Log out</button></form>")
        }
        ("GET", "/") => html(
            200,
            &["Set-Cookie: pre=presession0123456789; Path=/; HttpOnly"],
            "<form method=post action=/login><input type=hidden name='csrf[token]' value=\"a&amp;b&quot;&lt;c&gt;'0123456789abcdef\">
             <input name=user><input type=password name=password><button>Log in</button></form>",
        ),
        ("POST", "/login") => {
            let fields: Vec<(String, String)> = form_urlencoded::parse(seen.body.as_bytes()).into_owned().collect();
            let field = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
            if field("csrf[token]") == token
                && (field("user"), field("password")) == ("al ice", "pa$$ 'w\"ord")
                && seen.cookie("pre") == "presession0123456789"
            {
                redirect(303, "/", &["Set-Cookie: sid=s3cretsession0123456789; Path=/; HttpOnly"])
            } else {
                html(403, &[], "<form method=post action=/login><input name=user><input type=password name=password></form>")
            }
        }
        ("PUT", "/api") => respond(200, &[], &format!("{} {}", seen.header("x-api-key"), seen.body)),
        _ => respond(404, &[], ""),
    }
}

fn logged_in() -> (Home, Script) {
    let (home, server) = (Home::new(), Script::new(application));
    let mut login = home.command(["login", &server.url("/"), "--user", "al ice"]);
    login.env("SESSCTL_PASSWORD", "pa$$ 'w\"ord");
    Ran::from(login.output().expect("to run")).exits(0);
    (home, server)
}

fn run_script(home: &Home, script: &str, variables: &[(&str, &str)]) -> Ran {
    fs::write(home.path().join("flow.sh"), script).expect("to be written");
    let mut command = Command::new("sh");
    command.arg("flow.sh").env_clear().current_dir(home.path()).env("HOME", home.path());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(variables.iter().copied());
    command.output().expect("sh").into()
}

#[test]
fn a_curl_script_repeats_a_login() {
    let (home, server) = logged_in();
    let script = home.line("history --curl").exits(0).stdout;
    for secret in ["pa$$", "w\"ord", "s3cretsession", "presession", "0123456789abcdef", "al ice"] {
        assert!(!script.contains(secret), "{secret} is in\n{script}");
    }
    let given = [("FORM_USER", "al ice"), ("FORM_PASSWORD", "pa$$ 'w\"ord")];
    let ran = run_script(&home, &script, &given);
    assert!(ran.code == Some(0) && ran.stdout.contains("Hello, al ice!"), "{ran:?}\n{script}");
    let wrong = [("FORM_USER", "al ice"), ("FORM_PASSWORD", "wrong")];
    run_script(&home, &script, &wrong).exits(1).says("expected status 200, got 403");
    let missing = run_script(&home, &script, &[("FORM_USER", "al ice")]);
    assert!(missing.code != Some(0) && missing.stderr.contains("FORM_PASSWORD"), "{missing:?}");
    drop(server);
}

#[test]
fn a_curl_script_goes_on_with_a_session_and_has_secrets_as_variables() {
    let (home, server) = logged_in();
    let api = server.url("/api?token=31d4aaf0c2b94d6e8f1a&page=2");
    home.run([
        "visit",
        "-X",
        "PUT",
        &api,
        "-H",
        "X-Api-Key: 0123456789abcdef0123",
        "--body-json",
        "{\"a\":\"it's\"}",
    ])
    .exits(0);
    home.run(["visit", &server.url("/")]).exits(0);
    let script = home.line("history --last 2 --curl").exits(0).stdout;
    assert!(!script.contains("31d4aaf0c2b9") && !script.contains("0123456789abcdef"), "{script}");
    fs::write(home.path().join("cookies.txt"), home.line("show-cookies --netscape").exits(0).stdout)
        .expect("to be written");
    let given = [
        ("BODY_1", "{\"a\":\"it's\"}"),
        ("HEADER_X_API_KEY", "0123456789abcdef0123"),
        ("QUERY_TOKEN", "31d4aaf0c2b94d6e8f1a"),
        ("SESSCTL_COOKIES", "cookies.txt"),
    ];
    let before = server.seen().len();
    let ran = run_script(&home, &script, &given);
    assert!(ran.code == Some(0) && ran.stdout.contains("Hello, al ice!"), "{ran:?}\n{script}");
    let seen = server.seen();
    let put = &seen[before];
    assert_eq!((put.method.as_str(), put.target.as_str()), ("PUT", "/api?token=31d4aaf0c2b94d6e8f1a&page=2"));
    assert_eq!((put.body.as_str(), put.header("x-api-key")), ("{\"a\":\"it's\"}", "0123456789abcdef0123"));
    assert_eq!(put.header("content-type"), "application/json");
}

#[test]
fn a_hurl_file_captures_the_token_of_the_page() {
    let (home, server) = logged_in();
    let file = home.line("history --hurl").exits(0).stdout;
    let url = server.url("/");
    for part in [
        format!("GET {url}\n"),
        "[Captures]\nform_csrf_token_: xpath \"string((//*[@name='csrf[token]']/@value)[1])\"\n".to_owned(),
        format!("POST {url}login\n"),
        "user: {{form_user}}\npassword: {{form_password}}\nHTTP 200\n".to_owned(),
        "NAME=VALUE for each of these: form_user, form_password\n".to_owned(),
    ] {
        assert!(file.contains(&part), "{part:?} is not in\n{file}");
    }
    assert!(!file.contains("s3cret") && !file.contains("pa$$"), "{file}");
    home.line("history --hurl --curl").exits(2);
}
