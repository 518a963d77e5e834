//! HTTP Basic authentication in front of a form, and instead of one.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Home, Ran, Script, Seen, html, redirect, respond};

/// `stage:pw`
const STAGE: &str = "Basic c3RhZ2U6cHc=";
/// `alice:secret`
const ALICE: &str = "Basic YWxpY2U6c2VjcmV0";
const CHALLENGE: &str = "WWW-Authenticate: Basic realm=x";
const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";
const INSIDE: &str = "<p>Hello, alice!</p><a href='/logout'>Log out</a>";

fn run_as_alice(home: &Home, args: &[&str]) -> Ran {
    let mut command = home.command(args);
    command.env("SESSCTL_PASSWORD", "secret");
    Ran::from(command.output().expect("the binary to start"))
}

/// An application with a login form, behind the credentials `stage:pw`.
fn staged_application() -> Script {
    Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        _ if seen.header("authorization") != STAGE => respond(401, &[CHALLENGE], "no entry"),
        ("POST", "/login") if seen.body.contains("pass=secret") => {
            redirect(302, "/", &["Set-Cookie: sid=alive"])
        }
        ("POST", "/login") => html(200, &[], &format!("<p class=error>Wrong password.</p>{FORM}")),
        ("POST", "/note") => respond(200, &["Content-Type: text/plain"], "noted"),
        (_, "/logout") => redirect(302, "/", &["Set-Cookie: sid=; Max-Age=0"]),
        (_, "/note") => html(200, &[], "<form method=post><input name=text><button>Save</button></form>"),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(200, &[], FORM),
    })
}

#[test]
fn credentials_in_front_of_a_form_stay_for_their_origin() {
    let (home, server) = (Home::new(), staged_application());
    let url = format!("http://stage:pw@{}/", server.address);
    let done = run_as_alice(&home, &["login", &url, "--user", "alice"]).exits(0);
    done.answers(&format!("logged in as alice at {}", server.url("/")));
    assert!(server.seen().iter().all(|seen| seen.header("authorization") == STAGE));
    // What is saved has no credentials, and no other command sends them.
    let jar = std::fs::read_to_string(home.jar()).unwrap();
    assert!(!jar.contains("stage"), "{jar}");
    home.line("visit /").exits(4);
    home.line(&format!("visit {url}note")).exits(0);
    home.line(&format!("submit {url}note text=x")).exits(0).answers("noted");
    home.line(&format!("logout {url}")).exits(7).says("only the cookie was deleted");
}

#[test]
fn a_wrong_password_behind_the_credentials_is_refused() {
    let (home, server) = (Home::new(), staged_application());
    let url = format!("http://stage:pw@{}/", server.address);
    home.run_with_input(["login", &url, "--user", "alice", "--password-stdin"], "wrong")
        .exits(7)
        .says("login refused (status 200): Wrong password.");
}

#[test]
fn the_options_name_the_credentials() {
    let (home, server) = (Home::new(), staged_application());
    std::fs::write(home.path().join("pw"), "pw\n").unwrap();
    let url = server.url("/");
    let basic = ["--basic-user", "stage", "--basic-password-file", "pw"];
    run_as_alice(&home, &[&["login", &url, "--user", "alice"], &basic[..]].concat()).exits(0);
    home.run([&["visit", "/", "--expect-text", "Hello, alice!"], &basic[..]].concat()).exits(0);
    home.run([&["submit", "/note", "text=x"], &basic[..]].concat()).exits(0).answers("noted");
    home.run([&["logout"], &basic[..]].concat()).exits(7).says("only the cookie was deleted");
    let mut command = home.command(["visit", "/", "--basic-user", "stage"]);
    Ran::from(command.env("SESSCTL_BASIC_PASSWORD", "pw").output().unwrap()).exits(0);
    home.line("visit / --basic-user stage")
        .exits(2)
        .says("give --basic-password-file FILE or SESSCTL_BASIC_PASSWORD");
    let sent = server.seen();
    assert!(sent.iter().all(|seen| seen.header("authorization") == STAGE));
}

#[test]
fn refused_credentials_are_named_and_advice_has_no_password() {
    let (home, server) = (Home::new(), staged_application());
    let url = format!("http://stage:wrong@{}/", server.address);
    let ran = run_as_alice(&home, &["login", &url, "--user", "alice", "--json"]).exits(7);
    assert_eq!(ran.json()["verdict"]["kind"], "refused");
    let ran = ran.says("refuses the user name or the password for HTTP authentication (Basic)");
    assert!(!ran.stderr.contains("wrong"), "{}", ran.stderr);
    let ran = home.line(&format!("login {}", server.url("/"))).exits(7);
    assert!(!ran.says("--basic-user NAME answers it").stderr.contains("PASSWORD@"));
}

#[test]
fn no_other_origin_gets_the_credentials() {
    let other = Script::new(|_| html(200, &[], "elsewhere"));
    let away = other.url("/away");
    let server = Script::new(move |seen| match seen.path() {
        "/back" => html(200, &[], "back"),
        "/here" => redirect(302, "/back", &[]),
        _ => redirect(302, &away, &[]),
    });
    let home = Home::new();
    home.line(&format!("visit http://stage:pw@{}/here", server.address)).exits(0).answers("back");
    home.line(&format!("visit http://stage:pw@{}/", server.address)).exits(0).answers("elsewhere");
    assert!(server.seen().iter().all(|seen| seen.header("authorization") == STAGE));
    assert_eq!(other.seen()[0].header("authorization"), "");
}

#[test]
fn netrc_answers_a_challenge_if_only_its_owner_can_read_it() {
    let (home, server) = (Home::new(), staged_application());
    let path = home.path().join(".netrc");
    std::fs::write(&path, "machine 127.0.0.1 login stage password pw\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    home.line(&format!("visit {}", server.url("/"))).exits(4).says("other users may read it; run chmod 600");
    let open = Script::new(|_| html(200, &[], "public"));
    let ran = home.line(&format!("visit {}", open.url("/"))).exits(0);
    assert_eq!(ran.stderr, "", "nobody asked for credentials, so the file is not read");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    home.line(&format!("visit {}", server.url("/"))).exits(0);
    run_as_alice(&home, &["login", &server.url("/"), "--user", "alice"]).exits(0);
    home.line(&format!("visit {}", open.url("/"))).exits(0);
    assert_eq!(open.seen()[0].header("authorization"), "", "nobody asked for them");
    let mut command = home.command(["visit", &server.url("/")]);
    Ran::from(command.env("NETRC", home.path().join("none")).output().unwrap()).exits(4);
}

/// `/` links to `/login`, which answers a challenge with a cookie that opens `/`.
fn basic_login(of_login: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Script {
    Script::new(move |seen| match seen.path() {
        "/login" if seen.header("authorization") == ALICE => of_login(seen),
        "/login" => respond(401, &[CHALLENGE, "Content-Type: text/html"], "<p>Wrong name.</p>"),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(200, &[], "<p>Welcome</p><a href=/login>Log in</a>"),
    })
}

#[test]
fn the_password_of_the_login_answers_a_challenge() {
    let redirecting = |_: &Seen| redirect(302, "/", &["Set-Cookie: sid=alive; Path=/"]);
    let direct = |_: &Seen| html(200, &["Set-Cookie: sid=alive; Path=/"], "<p>Done.</p>");
    for server in [basic_login(redirecting), basic_login(direct)] {
        let home = Home::new();
        let ran = run_as_alice(&home, &["login", &server.url("/"), "--user", "alice", "--json"]).exits(0);
        assert_eq!(ran.json()["verdict"]["kind"], "logged_in");
        assert!(server.seen().len() <= 9, "{} requests", server.seen().len());
        home.line("visit / --expect-text alice").exits(0);
        // A second login works too.
        run_as_alice(&home, &["login", &server.url("/"), "--user", "alice"]).exits(0);
        let url = format!("http://alice:secret@{}/", server.address);
        Home::new().line(&format!("login {url}")).exits(0).answers("logged in");
        let ran =
            home.run_with_input(["login", &server.url("/"), "--user", "alice", "--password-stdin"], "no");
        ran.exits(7).says("login refused (status 401): Wrong name.");
    }
}

#[test]
fn an_answered_challenge_is_no_session_by_itself() {
    // The page opens by the header alone; the cookie, if there is one, is given to everyone.
    let server = Script::new(|seen| match seen.header("authorization") == ALICE {
        true => html(200, &["Set-Cookie: visitor=1"], INSIDE),
        false => respond(401, &[CHALLENGE, "Set-Cookie: visitor=1"], "no entry"),
    });
    let home = Home::new();
    let ran = run_as_alice(&home, &["login", &server.url("/"), "--user", "alice", "--json"]).exits(7);
    assert_eq!(ran.json()["verdict"]["kind"], "no_evidence");
    ran.says("give --basic-user NAME with each command");
}

#[test]
fn a_challenge_in_clear_text_gets_no_password() {
    let server = basic_login(|_| redirect(302, "/", &["Set-Cookie: sid=alive; Path=/"]));
    let port = server.address.rsplit(':').next().unwrap();
    let url = format!("http://app.test:{port}/");
    let resolve = format!("app.test:{port}:127.0.0.1");
    let args = ["login", &url, "--user", "alice", "--resolve", &resolve];
    let home = Home::new();
    run_as_alice(&home, &args).exits(7).says("HTTP Basic authentication in clear text");
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_empty()));
    run_as_alice(&home, &[&args[..], &["--allow-insecure-password"]].concat()).exits(0);
}

#[test]
fn a_form_is_preferred_to_a_challenge() {
    let server = Script::new(|seen| match seen.method.as_str() {
        "POST" if seen.body.contains("pass=secret") => redirect(302, "/", &["Set-Cookie: sid=alive"]),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(401, &[CHALLENGE], FORM),
    });
    run_as_alice(&Home::new(), &["login", &server.url("/"), "--user", "alice"]).exits(0);
    assert!(server.seen().iter().all(|seen| seen.header("authorization").is_empty()));
}
