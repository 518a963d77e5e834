//! `SameSite` applies to what the client sends: a page is the initiator of each request that it causes.

use crate::support::{Home, Ran, Script, Seen, html, redirect, respond};

/// The hosts of one server. The first two are of one site.
const HOSTS: [&str; 3] = ["bank.test", "www.bank.test", "evil.example"];

/// A server under several names, and a jar with cookies of `bank.test`.
struct Bank {
    home: Home,
    server: Script,
}

impl Bank {
    fn new() -> Self {
        let bank = Bank { home: Home::new(), server: Script::new(answer) };
        bank.run(&["visit", &bank.url("bank.test", "/set")]).exits(0);
        bank
    }

    fn port(&self) -> &str {
        self.server.address.rsplit_once(':').expect("a port").1
    }

    fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port())
    }

    fn run(&self, words: &[&str]) -> Ran {
        let resolve = HOSTS.map(|host| format!("--resolve={host}:{}:127.0.0.1", self.port()));
        let mut command = self.home.command(resolve.iter().map(String::as_str).chain(words.iter().copied()));
        command.env("SESSCTL_PASSWORD", "pw");
        Ran::from(command.output().expect("the binary to start"))
    }

    /// The requests to the target of the pages since the last call of this function, with their cookies.
    fn transfers(&self, from: usize) -> Vec<Seen> {
        let seen = self.server.seen().split_off(from);
        seen.into_iter().filter(|seen| seen.path() == "/transfer").collect()
    }

    /// The names of the cookies that `why` calls sent.
    fn explained(&self, target: &str, method: &str, from: Option<&str>) -> Vec<String> {
        let mut words = vec!["why", "--json", target, "--method", method];
        words.extend(from.iter().flat_map(|from| ["--from", from]));
        let json = self.run(&words).exits(0).json();
        let cookies = json["cookies"].as_array().expect("a list").iter();
        let sent = cookies.filter(|cookie| cookie["sent"] == true);
        sent.map(|cookie| cookie["name"].as_str().expect("a name").to_owned()).collect()
    }
}

fn answer(seen: &Seen) -> Vec<u8> {
    let port = seen.header("host").rsplit_once(':').map_or("", |(_, port)| port);
    let target = format!("http://bank.test:{port}/transfer");
    let form = |method: &str, action: &str, field: &str, script: &str| {
        let field = format!("<input type=hidden name={field} value=evil>");
        format!("<form action='{action}' method={method}>{field}<button>Log out</button></form>{script}")
    };
    let submits = "<script>document.forms[0].submit()</script>";
    let page = |text: String| html(200, &[], &text);
    match seen.path() {
        "/set" => respond(
            200,
            &[
                "Set-Cookie: strict=1; SameSite=Strict",
                "Set-Cookie: lax=1; SameSite=Lax",
                "Set-Cookie: young=1",
            ],
            "",
        ),
        "/self-posting" => page(form("post", &target, "to", submits)),
        "/sign-on" => page(form("post", &target, "SAMLResponse", "<script src=/post.js></script>")),
        "/form" => page(form("post", &target, "to", "")),
        "/get-form" => page(form("get", &target, "to", "")),
        "/form-by-307" => page(form("post", "/307", "to", "")),
        "/form-by-302" => page(form("post", "/302", "to", "")),
        "/307" => redirect(307, &target, &[]),
        "/302" => redirect(302, &target, &[]),
        "/refresh" => page(format!("<meta http-equiv=refresh content='0; url={target}'>")),
        "/script" => page(format!("<script>location = '{target}'</script>")),
        "/link" => page(format!("<a href='{target}'>Log in</a>")),
        "/logout-link" => page(format!("<a href='{target}'>Log out</a>")),
        "/login-form" => page(format!(
            "<form action='{target}' method=post><input name=user><input type=password name=pw></form>"
        )),
        "/transfer" => page("<form method=post><button>Confirm</button></form>".to_owned()),
        _ => html(404, &[], ""),
    }
}

#[test]
fn a_request_and_why_give_the_same_decision() {
    let bank = Bank::new();
    let target = bank.url("bank.test", "/transfer");
    for (command, path, method) in [
        ("submit", "/form", "POST"),
        ("submit", "/get-form", "GET"),
        ("submit", "/form-by-307", "POST"),
        ("submit", "/form-by-302", "GET"),
        ("visit", "/sign-on", "POST"),
        ("login", "/refresh", "GET"),
        ("login", "/script", "GET"),
        ("login", "/link", "GET"),
        ("logout", "/logout-link", "GET"),
    ] {
        for host in ["evil.example", "www.bank.test"] {
            let before = bank.server.seen().len();
            bank.run(&[command, &bank.url(host, path)]);
            let transfers = bank.transfers(before);
            let sent = transfers.first().unwrap_or_else(|| panic!("{command} {host}{path}: no request"));
            assert_eq!(sent.method, method, "{command} {host}{path}");
            let names = sent.header("cookie").split("; ").filter_map(|pair| pair.split_once('='));
            let names: Vec<String> = names.map(|(name, _)| name.to_owned()).collect();
            let from = format!("http://{host}:{}", bank.port());
            assert_eq!(names, bank.explained(&target, method, Some(&from)), "{command} {host}{path}");
            assert_eq!(sent.cookie("strict").is_empty(), host == "evil.example", "{command} {host}{path}");
        }
    }
    // What the user types has no initiator, also after a redirect.
    for path in ["http://bank.test/transfer", "http://evil.example/302"] {
        let (host, path) = path.trim_start_matches("http://").split_once('/').expect("a path");
        let before = bank.server.seen().len();
        bank.run(&["visit", &bank.url(host, &format!("/{path}"))]).exits(0);
        assert_eq!(bank.transfers(before)[0].header("cookie"), "strict=1; lax=1; young=1");
    }
    assert_eq!(bank.explained(&target, "GET", None), ["strict", "lax", "young"]);
}

#[test]
fn no_page_of_another_site_is_posted_to_or_probed_with_strict_cookies() {
    let bank = Bank::new();
    for (command, path) in [
        ("login", "/self-posting"),
        ("login", "/refresh"),
        ("login", "/login-form"),
        ("logout", "/form"),
        ("logout", "/get-form"),
        ("logout", "/logout-link"),
    ] {
        let before = bank.server.seen().len();
        let url = bank.url("evil.example", path);
        let user: &[&str] = if command == "login" { &["--user", "alice"] } else { &[] };
        let ran = bank.run(&[&[command, &url], user].concat());
        assert_ne!(ran.code, Some(0), "{command} {path}: {}", ran.stderr);
        for sent in bank.transfers(before) {
            assert_eq!(sent.method, "GET", "{command} {path}");
            assert_eq!(sent.cookie("strict"), "", "{command} {path}");
        }
    }
    // The same pages of the bank itself are used.
    let before = bank.server.seen().len();
    bank.run(&["logout", &bank.url("www.bank.test", "/form")]);
    assert_eq!(bank.transfers(before)[0].cookie("strict"), "1");
}
