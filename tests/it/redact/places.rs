//! Plants one secret in each place and reads every output: none of them shows it.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::SECRET;
use crate::app::inspect::{Viewer, inspected};
use crate::support::{Home, Ran, Script, Serve, get, html, redirect, respond};

/// Request targets.
const TARGETS: &[&str] = &[
    "/login?code=SECRET&jwt=SECRET&otp=SECRET&token=SECRET&pwd=SECRET&pass=SECRET&apikey=SECRET",
    "/x?sid=SECRET&PHPSESSID=SECRET&ticket=SECRET&SAMLResponse=SECRET&SAMLRequest=SECRET&authorization=SECRET",
    "/x?X-Amz-Signature=SECRET&X-Goog-Signature=SECRET&key=SECRET&pw=SECRET&passphrase=SECRET&passwort=SECRET",
    "/x?pin=SECRET&credential=SECRET&private_key=SECRET&state=SECRET&nonce=SECRET&sig=SECRET&assertion=SECRET",
    "/x?a=1;token=SECRET",
    "/x?tok%65n=SECRET",
    "/x?next=/y?access_token=SECRET",
    "/x?next=%2Fy%3Ftoken%3DSECRET",
    "/x?next=http%3A%2F%2Fu%3ASECRET%40h%2F",
    "/x?anything=SECRET",
    "/x;jsessionid=SECRET",
    "/reset/SECRET",
];

/// Request headers.
const HEADERS: &[&str] = &[
    "X-Auth: SECRET",
    "X-Authorization: SECRET",
    "X-Api-Key: SECRET",
    "Ocp-Apim-Subscription-Key: SECRET",
    "X-Amz-Signature: SECRET",
    "Authorization: Bearer SECRET",
    "Proxy-Authorization: Basic SECRET",
    "Cookie: a=SECRET",
    "Referer: http://h/x?pin=SECRET",
    "X-Anything: SECRET",
];

/// Response headers, of the path `/response/NUMBER`.
const RESPONSES: &[&str] = &[
    "Set-Cookie: lang=en; Path=/, sessionid=SECRET; Path=/; HttpOnly",
    "Set-Cookie: sid=SECRET; Path=/",
    "Location: /y?code=SECRET",
    "Refresh: 5;url=/y;sid=SECRET",
    "Link: </y?token=SECRET>; rel=next",
    "X-Auth-Token: SECRET",
    "Www-Authenticate: Digest realm=\"x\", nonce=\"SECRET\"",
];

fn planted(place: &str) -> String {
    place.replace("SECRET", SECRET)
}

/// Fails if the text contains the secret, also in base64 or broken into lines.
#[track_caller]
fn shows_no_secret(output: &str, text: &str) {
    let joined: String = text.split('<').filter_map(|part| part.split('>').next_back()).collect();
    for spelling in [SECRET.to_owned(), STANDARD.encode(SECRET), URL_SAFE_NO_PAD.encode(SECRET)] {
        for text in [text, &joined] {
            assert!(!text.contains(&spelling), "{output} shows {spelling}:\n{text}");
        }
    }
}

#[track_caller]
fn says_no_secret(output: &str, ran: &Ran) {
    shows_no_secret(output, &ran.stderr);
    shows_no_secret(output, &ran.stdout);
}

/// Reads all outputs that show a history, and the history itself.
fn check_history(home: &Home) {
    let line = |line: &str| home.line(line).exits(0);
    for view in ["", "-v", "--har", "--mermaid", "--svg -", "--diagram", "--json"] {
        let ran = line(&format!("history --last 1000 {view}"));
        assert!(ran.stdout.contains("404") || view == "--diagram", "{view}: {}", ran.stdout);
        says_no_secret(&format!("history {view}"), &ran);
    }
    let file = home.jar().with_file_name("history.jsonl");
    shows_no_secret("the file of the history", &fs::read_to_string(file).unwrap());
}

#[test]
fn a_client_shows_no_secret_of_a_request_or_response() {
    let server = Script::new(|seen| match seen.path().strip_prefix("/response/") {
        Some(number) => respond(404, &[&planted(RESPONSES[number.parse::<usize>().unwrap()])], "no"),
        None => respond(404, &[], "no"),
    });
    let home = Home::new();
    for target in TARGETS.iter().chain(&["/x#access_token=SECRET&x=1"]) {
        let ran = home.run(["visit", "-v", &server.url(&planted(target))]).exits(4);
        says_no_secret(target, &ran.says("answered 404"));
    }
    for header in HEADERS {
        let ran = home.run(["visit", "-v", "-H", &planted(header), &server.url("/")]).exits(4);
        says_no_secret(header, &ran);
    }
    for (number, header) in RESPONSES.iter().enumerate() {
        let ran = home.run(["visit", "-v", &server.url(&format!("/response/{number}"))]).exits(4);
        says_no_secret(header, &ran.says(&format!("{}: ", header.split(':').next().unwrap())));
    }
    check_history(&home);
}

#[test]
fn a_password_or_cookie_that_a_server_repeats_is_masked() {
    let form = "<form method=post action=/login><input name=user><input type=password name=pw><button>Log in</button></form>";
    let repeated =
        [SECRET.to_owned(), STANDARD.encode(SECRET), URL_SAFE_NO_PAD.encode(format!("alice:{SECRET}"))];
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => redirect(302, &format!("/home?p={}&q={}", repeated[1], repeated[2]), &[]),
        (_, "/form") => html(200, &[], form),
        (_, "/set") => {
            respond(404, &[&format!("Set-Cookie: sid={SECRET}"), &format!("X-Own: a,{}", repeated[1])], "")
        }
        _ => respond(404, &[&format!("X-Echo: it is {}", repeated.join(" "))], ""),
    });
    for reveal in [&["-v"][..], &["-v", "--reveal"]] {
        let home = Home::new();
        let login = ["login", &server.url("/form"), "--user", "alice", "--password-stdin"];
        let ran = home.run_with_input(login.iter().chain(reveal), SECRET).exits(7);
        says_no_secret("login", &ran.says("/home?p=[hidden]"));
        check_history(&home);
    }
    let home = Home::new();
    let basic = server.url("/basic").replace("http://", &format!("http://u:{SECRET}@"));
    says_no_secret("basic", &home.run(["visit", "-v", "--reveal", &basic]).exits(4));
    let password = format!("password={SECRET}");
    says_no_secret(
        "data",
        &home.run(["visit", "-v", "--reveal", "-d", &password, &server.url("/data")]).exits(4),
    );
    says_no_secret("set", &home.run(["visit", "-v", &server.url("/set")]).exits(4));
    says_no_secret("echo", &home.run(["visit", "-v", &server.url("/echo")]).exits(4));
    check_history(&home);
}

#[test]
fn errors_show_no_user_information() {
    let home = Home::new();
    let (user, bad_port) =
        (format!("http://u:{SECRET}@127.0.0.1:1/"), format!("http://u:{SECRET}@127.0.0.1:99999/"));
    says_no_secret("port", &home.run(["visit", &bad_port]).exits(2).says("http://…@127.0.0.1:99999/"));
    says_no_secret("ftp", &home.run(["visit", &format!("ftp://u:{SECRET}@h/")]).exits(2).says("ftp://…@h/"));
    says_no_secret("refused", &home.run(["visit", &user]).exits(1).says("127.0.0.1:1"));
    for proxy in [bad_port, format!("u:{SECRET}@127.0.0.1:99999")] {
        says_no_secret(
            "proxy",
            &home.run(["visit", "http://app.test/", "--proxy", &proxy]).exits(2).says("…@127.0.0.1:99999"),
        );
    }
    says_no_secret("proxy", &home.run(["visit", "http://app.test/", "-v", "--proxy", &user]).exits(1));
    let circle = Script::new(|_| redirect(302, &planted("/x?code=SECRET"), &[]));
    says_no_secret("redirects", &home.run(["visit", &circle.url("/"), "--max-redirects", "2"]).exits(6));
    let away = Script::new(|_| redirect(302, &planted("ftp://u:SECRET@h/?pin=SECRET"), &[]));
    says_no_secret("redirect", &home.run(["visit", &away.url("/")]).exits(1));
    let json = home.run(["visit", &circle.url("/"), "--max-redirects", "2", "--json"]).exits(6).json();
    shows_no_secret("the reason in JSON", json["verdict"]["reason"].as_str().unwrap());
}

#[test]
fn a_server_shows_no_secret_of_a_request() {
    let (_home, server, path) = inspected(&["-v"]);
    let logging = Serve::with(&Home::new(), &["--log", "json"]);
    let mut viewer = Viewer::connect(&server, &path);
    let targets = TARGETS.iter().map(|target| (planted(target), None));
    let headers = HEADERS.iter().map(|header| {
        (
            "/".to_owned(),
            planted(header).split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned())),
        )
    });
    for (target, header) in targets.chain(headers) {
        let header = header.as_ref().map(|(name, value)| (name.as_str(), value.as_str()));
        get(&server.address, &target, header.as_slice());
        get(&logging.address, &target, header.as_slice());
        let shown = viewer.exchange();
        assert_eq!(shown["method"], "GET");
        shows_no_secret(&format!("the inspector at {target} {header:?}"), &shown.to_string());
    }
    for server in [server, logging] {
        let (_, log) = server.stop();
        assert!(log.contains("/reset/"), "{log}");
        shows_no_secret("the log", &log);
    }
}

#[test]
fn a_session_handle_and_search_fields_stay_readable() {
    let (_home, server, path) = inspected(&["-v"]);
    let mut viewer = Viewer::connect(&server, &path);
    let handle = "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6";
    for target in [
        "/search?key=name&state=open&q=how+to",
        "/assets/app.3f2a9c1b.js",
        &format!("/{handle}?handle={handle}"),
    ] {
        get(&server.address, target, &[]);
        assert_eq!(viewer.exchange()["target"], target);
    }
    let (_, log) = server.stop();
    assert!(log.contains(&format!("GET /{handle} ")) && log.contains("/assets/app.3f2a9c1b.js"), "{log}");
}
