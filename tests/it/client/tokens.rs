//! Token sessions: login, sending, renewal and logout.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;

use crate::support::{Home, Ran, Script, Seen, respond};

const PASSWORD: &str = "correct-horse-battery-staple";
const LOGIN: [&str; 5] = ["login", "--as-json", "--user", "alice", "--password-stdin"];

/// An interface whose sessions are tokens: `/login`, `/me`, `/refresh`, `/logout`.
#[derive(Debug)]
struct Tokens {
    /// The tokens that open `/me`.
    valid: Mutex<BTreeSet<String>>,
    /// The refresh tokens that were not used yet.
    refresh: Mutex<BTreeSet<String>>,
    issued: AtomicUsize,
    /// Seconds until a token expires, as the server says.
    expires_in: i64,
    /// The header of the token, and what is before it.
    header: (&'static str, &'static str),
}

impl Tokens {
    fn new(expires_in: i64) -> Self {
        Tokens {
            valid: Mutex::default(),
            refresh: Mutex::default(),
            issued: AtomicUsize::new(0),
            expires_in,
            header: ("authorization", "Bearer "),
        }
    }

    fn issue(&self) -> (String, String) {
        let number = self.issued.fetch_add(1, Ordering::SeqCst);
        let (access, refresh) = (format!("access-{number:020}-Zk3v"), format!("refresh-{number:020}-Qm7x"));
        self.valid.lock().expect("no panic").insert(access.clone());
        self.refresh.lock().expect("no panic").insert(refresh.clone());
        (access, refresh)
    }

    fn opens(&self, seen: &Seen) -> bool {
        let token = seen.header(self.header.0).strip_prefix(self.header.1).unwrap_or_default();
        self.valid.lock().expect("no panic").contains(token)
    }

    fn answer(&self, seen: &Seen) -> Vec<u8> {
        let json = |status, text: &str| respond(status, &["Content-Type: application/json"], text);
        let body = |name: &str| {
            let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap_or_default();
            body.get(name).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
        };
        let issued = || {
            let (access, refresh) = self.issue();
            let answer =
                json!({ "access_token": access, "refresh_token": refresh, "expires_in": self.expires_in });
            json(200, &answer.to_string())
        };
        match (seen.method.as_str(), seen.path()) {
            ("POST", "/login") if body("password") == PASSWORD => issued(),
            ("POST", "/login") => json(403, r#"{"error":"wrong password"}"#),
            ("POST", "/refresh") if self.refresh.lock().expect("no panic").remove(&body("refresh_token")) => {
                issued()
            }
            ("POST", "/refresh") => json(400, r#"{"error":"invalid_grant"}"#),
            ("POST", "/logout") if self.opens(seen) => {
                self.valid.lock().expect("no panic").clear();
                json(200, "{}")
            }
            (_, "/me") if self.opens(seen) => json(200, r#"{"user":"alice"}"#),
            (_, "/me" | "/logout") => json(401, r#"{"error":"no token"}"#),
            (_, "/") => respond(200, &["Content-Type: text/html"], "<div id=app></div>"),
            _ => json(404, r#"{"error":"not found"}"#),
        }
    }
}

fn serve(tokens: Tokens) -> Script {
    Script::new(move |seen| tokens.answer(seen))
}

/// Logs in at `/login` of this server.
fn log_in(home: &Home, server: &Script, options: &[&str]) -> Ran {
    let url = server.url("/login");
    let words = LOGIN.iter().copied().chain([url.as_str()]).chain(options.iter().copied());
    home.run_with_input(words, PASSWORD)
}

fn token_file(home: &Home) -> PathBuf {
    home.path().join("state/sessctl/default/tokens.json")
}

fn kept(home: &Home) -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(token_file(home)).expect("the file")).expect("JSON")
}

/// The number of requests for a path.
fn count(server: &Script, path: &str) -> usize {
    server.seen().iter().filter(|seen| seen.path() == path).count()
}

#[test]
fn a_login_keeps_the_token_that_a_page_confirms() {
    use std::os::unix::fs::PermissionsExt;
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    log_in(&home, &server, &[])
        .exits(0)
        .says("token access_token was issued")
        .says("/me changes with the token");
    let mode = std::fs::metadata(token_file(&home)).expect("the file").permissions().mode();
    assert_eq!((mode & 0o777, &kept(&home)["version"]), (0o600, &json!(1)));
    home.run(["visit", &server.url("/me")]).exits(0).answers("alice");
    home.run(["visit", &server.url("/me"), "--no-cookies"]).exits(4);
}

#[test]
fn a_wrong_password_and_a_second_login_do_what_they_do_with_cookies() {
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    let url = server.url("/login");
    let wrong = [&LOGIN[..], &[&url]].concat();
    home.run_with_input(&wrong, "guess").exits(7).says("wrong password");
    assert!(!token_file(&home).exists());
    log_in(&home, &server, &[]).exits(0);
    let first = std::fs::read(token_file(&home)).expect("the file");
    home.run_with_input(&wrong, "guess").exits(7);
    assert_eq!(std::fs::read(token_file(&home)).expect("the file"), first);
    log_in(&home, &server, &[]).exits(0);
    let sessions = kept(&home)["sessions"].clone();
    assert_eq!(sessions.as_array().map(Vec::len), Some(1), "{sessions}");
    assert!(
        !String::from_utf8_lossy(&first).contains(sessions[0]["access_token"].as_str().expect("a token"))
    );
    home.run(["visit", &server.url("/me")]).exits(0);
}

#[test]
fn field_and_header_of_the_token_can_be_named() {
    let tokens = Tokens { header: ("x-auth-token", "key="), ..Tokens::new(60) };
    let server = Script::new(move |seen| match seen.path() {
        "/login" if seen.method == "POST" => {
            let (access, _) = tokens.issue();
            respond(200, &[], &json!({ "data": { "credential": access } }).to_string())
        }
        _ => tokens.answer(seen),
    });
    let home = Home::new();
    log_in(&home, &server, &[]).exits(7);
    let named = ["--token-field", "/data/credential", "--token-header", "X-Auth-Token: key={}"];
    log_in(&home, &server, &named).exits(0).says("token credential was issued");
    home.run(["visit", &server.url("/me")]).exits(0).answers("alice");
    let header = ["--token-header", "no place"];
    log_in(&home, &server, &header).exits(2).says("a place for the token");
}

#[test]
fn without_a_page_the_answer_decides() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => respond(200, &[], r#"{"id_token":"identity-token-1","token":"session-token-1"}"#),
        _ => respond(404, &[], ""),
    });
    let home = Home::new();
    log_in(&home, &server, &[]).exits(0).says("token token was issued");
    home.line("show-token --value").exits(0).answers("session-token-1\n");
    let judged = ["--judge-by", "/same"];
    log_in(&Home::new(), &server, &judged).exits(7).says("/same");
}

#[test]
fn a_nested_body_takes_the_user_name_and_the_password() {
    let (server, home) = (
        Script::new(|seen| match seen.method.as_str() {
            "POST" => respond(200, &[], r#"{"access_token":"abcdefgh"}"#),
            _ => respond(404, &[], ""),
        }),
        Home::new(),
    );
    let nested = ["--user-field", "/identifier/user", "--password-field", "/secrets/0~1a"];
    let fields = ["--field", r#"identifier:={"type":"m.id.user"}"#, "--field", "/device/name=ci"];
    log_in(&home, &server, &[&nested[..], &fields].concat()).exits(0);
    let seen = server.seen();
    let login = seen.iter().find(|seen| seen.method == "POST").expect("a login");
    let expected = json!({
        "identifier": { "type": "m.id.user", "user": "alice" },
        "device": { "name": "ci" },
        "secrets": { "0/a": PASSWORD },
    });
    assert_eq!(serde_json::from_str::<serde_json::Value>(&login.body).expect("JSON"), expected);
}

#[test]
fn no_other_origin_gets_the_token() {
    let other = Script::new(|_| respond(200, &[], "other"));
    let (away, tokens) = (format!("Location: {}", other.url("/")), Tokens::new(3600));
    let server = Script::new(move |seen| match seen.path() {
        "/away" => respond(302, &[&away], ""),
        "/home" => respond(302, &["Location: /me"], ""),
        _ => tokens.answer(seen),
    });
    let home = Home::new();
    log_in(&home, &server, &[]).exits(0);
    home.run(["visit", &server.url("/away")]).exits(0).answers("other");
    home.run(["visit", &server.url("/home")]).exits(0).answers("alice");
    // The same address by another name is another origin.
    let renamed = server.url("/me").replace("127.0.0.1", "localhost");
    home.run(["visit", &renamed]).exits(4);
    assert!(other.seen().iter().all(|seen| seen.header("authorization").is_empty()), "{:?}", other.seen());
    let away =
        server.seen().iter().any(|seen| seen.path() == "/away" && !seen.header("authorization").is_empty());
    assert!(away);
}

#[test]
fn a_header_of_the_command_wins() {
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    log_in(&home, &server, &[]).exits(0);
    let url = server.url("/me");
    let header = ["-H", "Authorization: Bearer mine"];
    let visit = ["visit", url.as_str()];
    home.run([&visit[..], &header, &["-v"]].concat()).exits(4).says("the token access_token is not sent");
    home.run([&["submit", url.as_str(), "--list"], &header[..]].concat());
    let last = server.seen().pop().expect("a request");
    assert_eq!(last.header("authorization"), "Bearer mine");
}

#[test]
fn eight_commands_renew_an_expired_token_once() {
    let (server, home) = (serve(Tokens::new(-5)), Home::new());
    let refresh = server.url("/refresh");
    log_in(&home, &server, &["--refresh-url", &refresh]).exits(0);
    // Only the first token has expired: a negative lifetime is none.
    let text = std::fs::read_to_string(token_file(&home)).expect("the file");
    let mut document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    document["sessions"][0]["expires"] = json!("2020-01-01T00:00:00Z");
    std::fs::write(token_file(&home), document.to_string()).expect("to write");
    let url = server.url("/me");
    std::thread::scope(|scope| {
        let visit = || home.run(["visit", url.as_str()]);
        let all: Vec<_> = (0..8).map(|_| scope.spawn(visit)).collect();
        for ran in all {
            ran.join().expect("no panic").exits(0).answers("alice");
        }
    });
    assert_eq!(count(&server, "/refresh"), 1);
    let sent = server.seen();
    let tokens: BTreeSet<&str> = sent.iter().rev().take(8).map(|seen| seen.header("authorization")).collect();
    assert_eq!(tokens.len(), 1, "{tokens:?}");
}

#[test]
fn a_refused_request_renews_the_token() {
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    log_in(&home, &server, &["--refresh-url", "/refresh"]).exits(0);
    // The logout of another client ends all tokens.
    let token = home.line("show-token --value").exits(0).stdout;
    let authorization = format!("Authorization: Bearer {}", token.trim());
    home.run(["visit", "-X", "POST", &server.url("/logout"), "-H", &authorization]).exits(0);
    home.run(["visit", &server.url("/me")]).exits(0).answers("alice");
    assert_eq!(count(&server, "/refresh"), 1);
    assert_ne!(home.line("show-token --value").exits(0).stdout, token);
}

#[test]
fn a_refused_renewal_changes_nothing_and_says_log_in_again() {
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    log_in(&home, &server, &["--refresh-url", "/nowhere"]).exits(0);
    let token = home.line("show-token --value").exits(0).stdout;
    let authorization = format!("Authorization: Bearer {}", token.trim());
    home.run(["visit", "-X", "POST", &server.url("/logout"), "-H", &authorization]).exits(0);
    let before = std::fs::read(token_file(&home)).expect("the file");
    let ran = home.run(["visit", &server.url("/me")]).exits(7).says("log in again").says("answered 404");
    assert!(!ran.stderr.contains(token.trim()), "{}", ran.stderr);
    assert_eq!(std::fs::read(token_file(&home)).expect("the file"), before);
}

#[test]
fn the_openid_configuration_names_the_address_of_the_renewal() {
    let tokens = Tokens::new(3600);
    let server = Script::new(move |seen| {
        let base = format!("http://{}", seen.header("host"));
        match (seen.method.as_str(), seen.path()) {
            (_, "/.well-known/openid-configuration") => {
                let (token, revocation) = (format!("{base}/oauth/token"), format!("{base}/oauth/revoke"));
                let description =
                    json!({ "issuer": base, "token_endpoint": token, "revocation_endpoint": revocation });
                respond(200, &[], &description.to_string())
            }
            ("POST", "/oauth/token") => {
                assert!(seen.body.starts_with("grant_type=refresh_token&refresh_token=refresh-"));
                assert!(seen.header("authorization").is_empty());
                let (access, _) = tokens.issue();
                respond(200, &[], &json!({ "access_token": access }).to_string())
            }
            ("POST", "/oauth/revoke") => {
                let token = seen.body.split('&').next().and_then(|field| field.strip_prefix("token="));
                tokens.valid.lock().expect("no panic").remove(token.unwrap_or_default());
                respond(200, &[], "")
            }
            ("POST", "/logout") => respond(404, &[], ""),
            _ => tokens.answer(seen),
        }
    });
    let home = Home::new();
    log_in(&home, &server, &[]).exits(0);
    let mut document = kept(&home);
    document["sessions"][0]["expires"] = json!("2020-01-01T00:00:00Z");
    std::fs::write(token_file(&home), document.to_string()).expect("to write");
    home.run(["visit", &server.url("/me")]).exits(0).answers("alice");
    assert_eq!(count(&server, "/oauth/token"), 1);
    home.line("logout").exits(0).answers("the old token no longer works").says("POST /oauth/revoke");
    assert!(!token_file(&home).exists());
}

#[test]
fn a_logout_replays_the_token_and_forgets_it() {
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    log_in(&home, &server, &[]).exits(0);
    home.line("logout").exits(0).answers("the old token no longer works").says("access_token");
    assert!(!token_file(&home).exists());
    home.run(["visit", &server.url("/me")]).exits(4);
}

#[test]
fn a_logout_reports_a_token_that_the_server_still_accepts() {
    let tokens = Tokens::new(3600);
    let server = Script::new(move |seen| match seen.path() {
        "/logout" => respond(200, &[], "{}"),
        _ => tokens.answer(seen),
    });
    let home = Home::new();
    log_in(&home, &server, &[]).exits(0);
    let ran = home.line("logout --json").exits(7);
    assert_eq!(ran.json()["verdict"]["kind"], "only_cookie_gone");
    assert!(!token_file(&home).exists());
}

#[test]
fn status_and_a_login_if_needed_know_the_token() {
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    home.run(["status", &server.url("/me")]).exits(7);
    log_in(&home, &server, &[]).exits(0);
    let document = home.line("status --json").exits(0).json();
    assert_eq!(document["until"][0]["token"], "access_token", "{document}");
    assert_eq!(document["user"], "alice", "{document}");
    let url = server.url("/login");
    let needed = [&LOGIN[..4], &[&url, "--if-needed"]].concat();
    home.run(needed).exits(0);
    assert_eq!(count(&server, "/login"), 1);
    home.line("logout").exits(0);
    home.run(["status", &server.url("/me")]).exits(7);
}

#[test]
fn a_jar_file_keeps_no_token() {
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    log_in(&home, &server, &["--jar", "jar.json"]).exits(0).says("the token is not kept");
    let jar = std::fs::read_to_string(home.path().join("jar.json")).expect("the jar");
    assert!(!jar.contains("access-"), "{jar}");
    assert!(!token_file(&home).exists());
}

#[test]
fn views_shorten_tokens_and_machine_formats_do_not() {
    let (server, home) = (serve(Tokens::new(3600)), Home::new());
    log_in(&home, &server, &[]).exits(0);
    let token = home.line("show-token --value").exits(0).stdout.trim().to_owned();
    let table = home.line("show-cookies").exits(0).stdout;
    assert!(table.contains("access-0…") && table.contains("Authorization: Bearer {}"), "{table}");
    assert!(!table.contains(&token), "{table}");
    let document = home.line("show-cookies --json").exits(0).json();
    assert_eq!((&document["tokens"][0]["value"], &document["cookies"]), (&json!(token), &json!([])));
    assert_eq!(document["tokens"][0]["origin"], server.url(""));
    let elsewhere = ["show-token", "--origin", "https://other.example", "--value"];
    home.run(elsewhere).exits(1).says("has none");
}

#[test]
fn neither_password_nor_tokens_are_recorded() {
    let tokens = Tokens::new(3600);
    let server = Script::new(move |seen| {
        // An application that repeats the token wherever it can.
        let token = seen.header("authorization").to_owned();
        match seen.path() {
            "/echo" => {
                let value = token.trim_start_matches("Bearer ");
                let location = format!("Location: /me?t={value}#{value}");
                respond(302, &[&location, &format!("X-Echo: {token}"), &format!("X-Plain: {value}")], "")
            }
            _ => tokens.answer(seen),
        }
    });
    let home = Home::new();
    let mut ran = vec![log_in(&home, &server, &["-v", "--refresh-url", "/refresh"]).exits(0)];
    let token = home.line("show-token --value").exits(0).stdout.trim().to_owned();
    let refresh = kept(&home)["sessions"][0]["refresh"]["token"].as_str().expect("a token").to_owned();
    let echo = server.url("/echo");
    ran.push(home.run(["visit", &echo, "-v"]));
    ran.push(home.run(["visit", &echo, "-v", "--reveal"]));
    ran.push(home.run(["visit", &echo, "--json"]));
    ran.push(home.line("history --har"));
    ran.push(home.line("history --json"));
    ran.push(home.line("logout -v --reveal"));
    ran.push(home.line("history --har --reveal"));
    let mut texts: Vec<String> = ran.into_iter().map(|ran| ran.stdout + &ran.stderr).collect();
    texts.extend(
        files_below(home.path())
            .iter()
            .map(|file| String::from_utf8_lossy(&std::fs::read(file).expect("to read")).into_owned()),
    );
    for text in texts {
        for secret in [&token, &refresh, PASSWORD] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
}

/// All files of the home. No token is left after a logout.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
