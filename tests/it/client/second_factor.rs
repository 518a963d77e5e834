//! A login that stops at a further step, and goes on with `--continue` or with a code at once.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;
use std::time::Duration;

use sessctl::client::auth::{LoginOutcome, Totp, continue_login};
use sessctl::client::{AgentConfig, Credentials, UserAgent, login};
use sessctl::clock::{Clock, ManualClock, SystemClock, Timestamp};
use sessctl::cookies::Jar;
use sessctl::url::Url;

use super::login_verdicts::{FORM, INSIDE, log_in};
use crate::support::{Home, Ran, Script, Seen, html, redirect, respond};

const CODE: &str = "482915";

/// How an application asks for the code.
#[derive(Clone, Copy, PartialEq)]
enum Asks {
    /// The POST of the login form is answered with this status.
    At(u16),
    /// The POST of the login form redirects to a page of its own.
    OnItsOwnPage,
}

/// The form that asks for a code. Its token works only once.
fn code_form(path: &str, field: &str, token: u32) -> String {
    format!(
        "<form id=login method=post action={path}><input type=hidden name=user value=alice><input type=hidden name=token value=t{token}>
        <label>Two-factor code {field}</label><label>Remember <input type=checkbox name=remember></label><button>Log in</button></form>"
    )
}

/// An application with a second factor, for which only `CODE` is right. It keeps the half-finished login in a cookie.
fn application(asks: Asks, field: &'static str) -> Script {
    let path = if asks == Asks::OnItsOwnPage { "/two_factor" } else { "/login" };
    let page = move |token: u32, error: &str| {
        format!("<h1>Sign in</h1><p class=error>{error}</p>{}", code_form(path, field, token))
    };
    let tokens = std::sync::atomic::AtomicU32::new(1);
    Script::new(move |seen| {
        let token = tokens.load(std::sync::atomic::Ordering::SeqCst);
        let is_half = seen.cookie("sid") == "half";
        match (seen.method.as_str(), seen.path()) {
            _ if seen.cookie("sid") == "full" => html(200, &[], INSIDE),
            ("POST", "/login") if seen.body.contains("pass=secret") => match asks {
                Asks::At(status) => html(status, &["Set-Cookie: sid=half; Path=/"], &page(token, "")),
                Asks::OnItsOwnPage => redirect(302, "/two_factor", &["Set-Cookie: sid=half; Path=/"]),
            },
            ("POST", "/login") if seen.body.contains("pass=") => {
                html(200, &[], &format!("<p class=error>Wrong password</p>{FORM}"))
            }
            ("POST", _) if !is_half => respond(404, &[], "no such login"),
            ("POST", _) if !seen.body.contains(&format!("token=t{token}")) => {
                respond(403, &[], "an old token")
            }
            ("POST", _) if seen.body.contains(CODE) => redirect(302, "/", &["Set-Cookie: sid=full; Path=/"]),
            ("POST", _) => {
                tokens.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                html(200, &[], &page(token + 1, "That code is wrong"))
            }
            (_, "/two_factor") if is_half => html(200, &[], &page(token, "")),
            (_, "/login") => html(200, &[], FORM),
            (_, "/other") => {
                html(200, &["Set-Cookie: lang=en; Path=/", "Set-Cookie: sid=old; Path=/"], "Hello")
            }
            _ => redirect(302, "/login", &[]),
        }
    })
}

const FIELDS: [&str; 4] = [
    "<input name='user[otp_attempt]'>",
    "<input type=password name=otp>",
    "<input name=x autocomplete=one-time-code>",
    "<input name=verification_code maxlength=6 pattern='[0-9]{6}' required>",
];

fn posts(server: &Script) -> Vec<Seen> {
    server.seen().into_iter().filter(|seen| seen.method == "POST").collect()
}

fn value(home: &Home, name: &str) -> String {
    home.run(["show-cookies", "--name", name, "--value"]).stdout.trim().to_owned()
}

/// No file of the profile and no output contains a text.
#[track_caller]
fn nothing_contains(home: &Home, ran: &Ran, secret: &str) {
    let text = format!("{}{}", ran.stdout, ran.stderr).replace("--totp-secret-file", "");
    assert!(!text.contains(secret), "{text}");
    for file in std::fs::read_dir(home.jar().parent().unwrap()).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(secret), "{}: {text}", path.display());
    }
}

#[test]
fn a_login_that_waits_for_a_code_goes_on_with_it() {
    for asks in [Asks::At(200), Asks::At(422), Asks::OnItsOwnPage] {
        for field in FIELDS {
            let (server, home) = (application(asks, field), Home::new());
            let ran = log_in(&home, &server.url("/login"), &[]).exits(7);
            let ran =
                ran.says("asks for another step").says("sessctl login --continue --code CODE answers it");
            nothing_contains(&home, &ran, "secret");
            let file = home.jar().with_file_name("pending_login.json");
            assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
            assert_eq!(posts(&server).len(), 1);

            let ran = home.run(["login", "--continue", "--code", "111111", "-v"]).exits(7);
            let ran = ran.says("That code is wrong").says("--code CODE tries again");
            nothing_contains(&home, &ran, "111111");
            let before = server.seen().len();
            let ran = home.run(["login", "--continue", "--code", "482 915", "-v"]).exits(0);
            let ran = ran.answers("logged in as alice").says("changes with the cookie");
            nothing_contains(&home, &ran, CODE);
            assert!(server.seen().len() - before <= 6, "{} requests", server.seen().len() - before);
            let sent = posts(&server);
            assert_eq!(sent.len(), 3);
            let page = if asks == Asks::OnItsOwnPage { "/two_factor" } else { "/login" };
            assert_eq!(sent[2].header("origin"), server.url(""));
            assert_eq!(sent[1].header("referer"), server.url(page));
            // The page is not requested again.
            let is_page = |seen: &&Seen| seen.method == "GET" && seen.path() == "/two_factor";
            assert!(server.seen().iter().filter(is_page).count() <= 1);
            assert_eq!(value(&home, "sid"), "full");
            assert!(!file.exists(), "the step is done");
            // The login is recorded: its site is the default one.
            home.line("visit / --expect-text Hello!").exits(0);
        }
    }
}

#[test]
fn a_code_with_the_login_answers_at_once() {
    for asks in [Asks::At(200), Asks::OnItsOwnPage] {
        let login = |options: &[&str], input: &str| {
            let (server, home) = (application(asks, FIELDS[0]), Home::new());
            let url = server.url("/login");
            let line = ["login", &url, "--user", "alice", "--password-stdin"];
            let ran = home.run_with_input(line.iter().chain(options), input);
            assert!(server.seen().len() <= 8, "{} requests", server.seen().len());
            (ran, home)
        };
        login(&["--code", CODE], "secret").0.exits(0);
        login(&["--code-stdin"], &format!("secret\n{CODE}\n")).0.exits(0);
        login(&["--field", &format!("user[otp_attempt]={CODE}")], "secret").0.exits(0);
        login(&["--code", CODE, "--judge-by", "/"], "secret").0.exits(0);
        login(&["--code", CODE, "--expect-text", "Hello!"], "secret").0.exits(0);
        login(&["--code", CODE], "wrong").0.exits(7).says("Wrong password");
        let (ran, home) = login(&["--code", "111111"], "secret");
        ran.exits(7).says("That code is wrong");
        assert!(home.jar().with_file_name("pending_login.json").exists());
    }
}

#[test]
fn a_page_that_asks_for_a_code_is_no_session_whoever_judges() {
    for asks in [Asks::At(200), Asks::OnItsOwnPage] {
        for options in
            [&["--judge-by", "/two_factor"][..], &["--judge-by", "/private"], &["--expect-text", "Hello!"]]
        {
            let server = application(asks, FIELDS[0]);
            let ran = log_in(&Home::new(), &server.url("/login"), &[options, &["--json"]].concat()).exits(7);
            assert_eq!(ran.json()["verdict"]["kind"], "second_factor", "{options:?}");
        }
    }
}

#[test]
fn a_code_can_be_computed() {
    let server = application(Asks::OnItsOwnPage, FIELDS[1]);
    let home = Home::new();
    let secret = home.path().join("totp");
    std::fs::write(&secret, "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=8\nignored").unwrap();
    let totp: Totp = "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=8".parse().unwrap();
    let before = SystemClock.now();
    log_in(&home, &server.url("/login"), &["--totp-secret-file", "totp"]).exits(7).says("That code is wrong");
    let possible = [totp.code_at(before), totp.code_at(SystemClock.now())];
    let sent = posts(&server).pop().expect("a code").body;
    assert!(possible.iter().any(|code| sent.contains(&format!("otp={code}"))), "{sent}");

    std::fs::write(&secret, "not a secret 1").unwrap();
    let posts_before = posts(&server).len();
    log_in(&home, &server.url("/login"), &["--totp-secret-file", "totp"]).exits(1).says("is not base32");
    assert_eq!(posts(&server).len(), posts_before, "nothing is sent");
}

#[tokio::test]
async fn the_code_is_that_of_the_clock_of_the_jar_and_a_step_expires() {
    // RFC 6238, appendix B, with six digits.
    for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")] {
        let server = application(Asks::At(200), FIELDS[0]);
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(seconds * 1000)));
        let mut agent = UserAgent::new(AgentConfig::default(), Jar::with_clock(Arc::clone(&clock)));
        let start: Url = server.url("/login").parse().unwrap();
        let report = login(&mut agent, &start, Credentials::new("alice", "secret")).await.expect("a report");
        assert_eq!(report.outcome, LoginOutcome::SecondFactor);
        let pending = report.pending.expect("a login that waits");
        let totp: Totp = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".parse().unwrap();
        let mut credentials = Credentials::new("alice", "");
        credentials.code = Some(Box::new(move |now| Ok(totp.code_at(now))));
        continue_login(&mut agent, &pending, credentials, &mut Vec::new()).await.expect("a report");
        assert!(posts(&server)[1].body.contains(code), "{seconds}");
        clock.advance(Duration::from_secs(3600));
        assert!(!pending.is_expired(clock.now()));
        clock.advance(Duration::from_secs(1));
        assert!(pending.is_expired(clock.now()));
    }
}

#[test]
fn an_earlier_session_stays_until_the_new_one_is_known() {
    for asks in [Asks::At(200), Asks::OnItsOwnPage] {
        let (server, home) = (application(asks, FIELDS[0]), Home::new());
        home.run(["visit", &server.url("/other")]).exits(0);
        log_in(&home, &server.url("/login"), &[]).exits(7);
        home.run(["login", "--continue", "--code", "111111"]).exits(7).says("That code is wrong");
        assert_eq!((value(&home, "sid").as_str(), value(&home, "lang").as_str()), ("old", "en"));
        home.run(["login", "--continue", "--code", CODE]).exits(0).answers("logged in as alice");
        assert_eq!(value(&home, "sid"), "full");
    }
}

#[test]
fn continue_needs_a_login_that_waits() {
    let (server, home) = (application(Asks::At(200), FIELDS[0]), Home::new());
    let nothing = "no login waits for a further step";
    home.line("login --continue --code 1").exits(2).says(nothing);
    log_in(&home, &server.url("/login"), &[]).exits(7);
    home.line("login --continue").exits(2).says("give --code CODE");
    home.line("login --continue --field nothing=1").exits(2);
    home.line("login --continue --user bob").exits(2);
    home.line("--jar j.json login --continue --code 1").exits(2).says("--jar has none");
    home.line("profiles copy default copy").exits(0);
    home.line("login --continue --code 1 --profile copy").exits(2).says(nothing);
    // A new login forgets the one that waits, whatever its result is.
    let login = ["login", &server.url("/login"), "--user", "alice", "--password-stdin"];
    home.run_with_input(login, "wrong").exits(7);
    home.line("login --continue --code 1").exits(2).says(nothing);
    log_in(&home, &server.url("/login"), &[]).exits(7);
    home.line("profiles remove default").exits(0);
    assert!(!home.jar().parent().unwrap().exists());
    assert_eq!(posts(&server).len(), 3);
}

#[test]
fn a_profile_is_named_in_the_next_command() {
    let server = application(Asks::At(200), FIELDS[0]);
    let command = "sessctl login --continue --profile work --code CODE";
    let home = Home::new();
    log_in(&home, &server.url("/login"), &["--profile", "work"]).exits(7).says(command);
    home.line("login --continue --profile work --code 482915").exits(0);
}

#[test]
fn another_step_goes_on_with_its_fields() {
    let step = "<h1>Security question</h1><form method=post action=/second><input type=hidden name=t value=1><label>Your first pet <input name=answer></label><button>Next</button></form>";
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path(), seen.cookie("sid")) {
        (.., "full") => html(200, &[], INSIDE),
        ("POST", "/login", _) => redirect(302, "/second", &["Set-Cookie: sid=half; Path=/"]),
        ("POST", "/second", "half") if seen.body == "t=1&answer=Rex" => {
            redirect(302, "/", &["Set-Cookie: sid=full; Path=/"])
        }
        ("POST" | "GET", "/second", "half") => html(200, &[], step),
        (_, "/login", _) => html(200, &[], FORM),
        _ => redirect(302, "/login", &[]),
    });
    let home = Home::new();
    log_in(&home, &server.url("/login"), &[]).exits(7).says("sessctl login --continue --field NAME=VALUE");
    home.line("login --continue").exits(2).says("Your first pet");
    home.line("login --continue --field answer=Tom").exits(7).says("login refused");
    home.line("login --continue --field answer=Rex").exits(0).answers("logged in as alice");
    log_in(&Home::new(), &server.url("/login"), &["--field", "answer=Rex"]).exits(0);
}

#[test]
fn a_page_that_repeats_the_password_is_not_kept() {
    let server = Script::new(|seen| match seen.method.as_str() {
        "POST" => html(
            200,
            &["Set-Cookie: sid=half; Path=/"],
            "<form method=post action=/login><input type=hidden name=pass value=secret><input name=otp></form>",
        ),
        _ => html(200, &[], FORM),
    });
    let home = Home::new();
    let ran = log_in(&home, &server.url("/login"), &[]).exits(7).says("--code CODE with the login");
    nothing_contains(&home, &ran, "secret");
    home.line("login --continue --code 1").exits(2);
}

#[test]
fn a_code_with_a_field_for_each_digit_is_spread_over_them() {
    let digits: String = (1..=6).map(|number| format!("<input name=d{number} maxlength=1>")).collect();
    let page = format!("<h1>Two-factor authentication</h1><form method=post action=/code>{digits}</form>");
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path(), seen.cookie("sid")) {
        (.., "full") => html(200, &[], INSIDE),
        ("POST", "/code", "half") if seen.body == "d1=4&d2=8&d3=2&d4=9&d5=1&d6=5" => {
            redirect(302, "/", &["Set-Cookie: sid=full; Path=/"])
        }
        ("POST", ..) => html(200, &["Set-Cookie: sid=half; Path=/"], &page),
        (_, "/login", _) => html(200, &[], FORM),
        _ => redirect(302, "/login", &[]),
    });
    log_in(&Home::new(), &server.url("/login"), &["--code", CODE]).exits(0);
}
