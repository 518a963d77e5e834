//! A login is reported only if pages prove it, and each other end has its own word and its own reason.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::{Home, Ran, Script, Seen, html, redirect, respond};

pub(super) const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";
pub(super) const INSIDE: &str = "<p>Hello!</p><a href=/logout>Log out</a>";
pub(super) const COOKIE: &str = "Set-Cookie: sid=1; Path=/; HttpOnly";

pub(super) fn is_in(seen: &Seen) -> bool {
    seen.cookie("sid") == "1"
}

pub(super) fn is_correct(seen: &Seen) -> bool {
    seen.method == "POST" && seen.body.contains("secret")
}

pub(super) fn log_in(home: &Home, url: &str, options: &[&str]) -> Ran {
    let login = ["login", url, "--user", "alice", "--password-stdin"];
    home.run_with_input(login.iter().chain(options), "secret")
}

/// The login at `path` fails with this kind, and the message contains this text.
#[track_caller]
pub(super) fn fails(server: &Script, path: &str, options: &[&str], kind: &str, said: &str) {
    let options = [&["--json"], options].concat();
    let document = log_in(&Home::new(), &server.url(path), &options).exits(7).json();
    let verdict = &document["verdict"];
    assert_eq!(verdict["kind"], kind, "{verdict}");
    assert!(verdict["reason"].as_str().unwrap().contains(said), "{said:?} is not in {verdict}");
    let sent = document["exchanges"].as_array().unwrap().len();
    assert!(sent <= 20, "{sent} requests");
}

#[track_caller]
pub(super) fn lets_in(server: &Script, path: &str, options: &[&str]) -> Home {
    let home = Home::new();
    log_in(&home, &server.url(path), options).exits(0).answers("logged in as alice");
    home
}

#[test]
fn a_dead_end_that_only_the_new_cookie_shows_is_not_a_session() {
    for (path, page, said) in [
        (
            "/locked",
            "<h1>Account locked</h1><p>Your account is locked for 15 minutes.</p>",
            "locked for 15 minutes",
        ),
        ("/failed", "<p>Wrong user name or password.</p><a href=/login>Back</a>", "Wrong user name"),
        ("/suspended", "<p>The account alice was suspended. Contact the administrator.</p>", "was suspended"),
        ("/suspended", "<p>Konto gesperrt</p><a href=/logout>Abmelden</a>", "Konto gesperrt"),
        ("/notice", "<p>Please visit the service desk in room 12.</p>", "service desk"),
    ] {
        // With the new cookie, the start page shows the login form, or leads to the dead end too.
        for start_is_closed in [false, true] {
            if start_is_closed && path == "/notice" {
                continue;
            }
            let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
                ("POST", _) => redirect(302, path, &[COOKIE]),
                ("GET", at) if at == path && is_in(seen) => html(200, &[], page),
                ("GET", at) if at == path => redirect(302, "/login", &[]),
                ("GET", "/") if start_is_closed && is_in(seen) => redirect(302, path, &[]),
                _ => html(200, &[], FORM),
            });
            for asked in ["/", "/login"] {
                let document = log_in(&Home::new(), &server.url(asked), &["--json"]).exits(7).json();
                let reason = document["verdict"]["reason"].as_str().unwrap().to_owned();
                assert!(reason.contains(said), "{path} {asked}: {reason}");
            }
        }
    }
}

#[test]
fn an_error_page_proves_nothing() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => redirect(302, "/home", &[COOKIE]),
        _ if is_in(seen) => html(403, &[], "<p>You may not use this application.</p>"),
        _ => html(200, &[], FORM),
    });
    fails(&server, "/login", &[], "refused", "You may not use this application");
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => redirect(302, "/home", &[COOKIE]),
        (_, "/login") => html(200, &[], FORM),
        _ if is_in(seen) => html(401, &[], "<p>Unknown token</p>"),
        _ => html(200, &[], "<p>Welcome, guest</p>"),
    });
    fails(
        &server,
        "/login",
        &["--judge-by", "/home"],
        "no_evidence",
        "(status 401), and opens without them (status 200)",
    );
}

#[test]
fn a_page_that_does_not_exist_for_users_is_no_obstacle() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path(), is_in(seen)) {
        ("POST", ..) => redirect(302, "/", &[COOKIE]),
        (_, "/login", _) => html(200, &[], FORM),
        (_, "/account", true) => html(200, &[], "<p>Your account</p>"),
        (_, "/account", false) => redirect(302, "/login", &[]),
        _ => respond(404, &[], "no such page"),
    });
    lets_in(&server, "/login", &[]);
}

#[test]
fn a_step_that_does_not_depend_on_cookies_is_another_step() {
    for (page, kind) in [
        ("<h1>Authorize Demo</h1><form method=post action=/go><button>Allow</button></form>", "consent"),
        (
            "<p>You are already logged on elsewhere.</p><form method=post action=/go><input type=hidden name=t value=1><button>Continue</button></form>",
            "another_step",
        ),
        ("<p>We sent you a sign-in link.</p>", "another_step"),
        (
            "<p>Enter the code</p><form method=post action=/go><input name=otp><button>Verify</button></form>",
            "second_factor",
        ),
    ] {
        for answers_directly in [true, false] {
            let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
                ("POST", "/login") if answers_directly => html(200, &[COOKIE], page),
                ("POST", "/login") => redirect(302, "/step?t=1", &[COOKIE]),
                (_, "/step") => html(200, &[], page),
                _ => html(200, &[], FORM),
            });
            fails(&server, "/login", &[], kind, "not logged in yet");
        }
    }
}

#[test]
fn a_rate_limit_is_reported_with_its_wait() {
    let after = |limit: u32| {
        let count = AtomicU32::new(0);
        Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
            _ if count.fetch_add(1, Ordering::SeqCst) >= limit => {
                respond(429, &["Retry-After: 17"], "slow down")
            }
            ("POST", _) => redirect(302, "/", &[COOKIE]),
            _ if is_in(seen) => html(200, &[], "<p>Welcome</p>"),
            _ => html(200, &[], FORM),
        })
    };
    for limit in [1, 2, 3, 4] {
        fails(&after(limit), "/", &[], "rate_limited", "retry after 17 s");
    }
}

#[test]
fn a_usual_login_needs_at_most_six_requests() {
    // Where the page itself has nothing personal, the start page is requested too.
    let count = |asked: &str, inside: &'static str, home: &'static str| {
        let server = Script::new(move |seen| match (seen.method.as_str(), seen.path(), is_in(seen)) {
            ("POST", ..) => redirect(302, home, &[COOKIE]),
            (.., true) => html(200, &[], inside),
            (_, "/login", _) => html(200, &[], FORM),
            (_, "/", _) if home == "/" => html(200, &[], FORM),
            _ => redirect(302, "/login", &[]),
        });
        lets_in(&server, asked, &[]);
        server.seen().len()
    };
    for (asked, inside, home, most) in [
        ("/", INSIDE, "/", 6),
        ("/login", INSIDE, "/", 6),
        ("/login", INSIDE, "/home", 6),
        ("/login", "<p>Hello, alice</p>", "/home", 6),
        ("/login", "<p>Dashboard</p><a href=/a>A</a>", "/home", 7),
    ] {
        let sent = count(asked, inside, home);
        assert!(sent <= most, "{asked} {home} {inside}: {sent} requests");
    }
}

#[test]
fn a_login_never_needs_more_than_twenty_requests() {
    // All pages are the same for everybody, there are links to follow, and most places exist.
    let page = "<p>Welcome</p><a href=/a>A</a><a href=/b>B</a>";
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => redirect(302, "/area/home?next=1", &[COOKIE]),
        (_, "/area/session/new") => html(200, &["Set-Cookie: guest=1; Path=/"], FORM),
        _ => html(200, &[], page),
    });
    fails(&server, "/area/", &[], "no_evidence", "is the same page without the cookies");
    let server = Script::new(|_| {
        html(200, &[], "<a href=/x/login>Log in</a><a href=/y/login>Log in</a><iframe src=/f></iframe>")
    });
    let home = Home::new();
    log_in(&home, &server.url("/"), &[]).exits(7);
    assert!(server.seen().len() <= 20, "{} requests", server.seen().len());
    // Redirects count too.
    let server = Script::new(|seen| match seen.method.as_str() {
        "POST" => redirect(302, "/0", &[COOKIE]),
        _ if seen.path() == "/login" => html(200, &[], FORM),
        _ => redirect(302, &format!("{}0", seen.path()), &[]),
    });
    log_in(&Home::new(), &server.url("/login"), &[]).exits(6);
    assert_eq!(server.seen().len(), 20);
}

#[test]
fn redirects_to_different_places_are_evidence() {
    let shell = "<div id=app></div><script src=/app.js></script>";
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path(), is_in(seen)) {
        ("POST", ..) => redirect(302, "/", &[COOKIE]),
        (_, "/", true) => redirect(302, "/app", &[]),
        (_, "/app", false) | (_, "/", _) => redirect(302, "/login", &[]),
        (_, "/signin", _) => html(200, &[], FORM),
        (_, "/about", _) => html(200, &[], "<p>About us</p>"),
        _ => html(200, &[], shell),
    });
    lets_in(&server, "/signin", &[]);
    lets_in(&server, "/signin", &["--judge-by", "/"]);
    lets_in(&server, "/signin", &["--judge-by", "/app"]);
    // The script may show something else to users.
    lets_in(&server, "/signin", &["--judge-by", "/shell"]);
    fails(&server, "/signin", &["--judge-by", "/about"], "no_evidence", "/about is the same page");
    // A cookie for the language redirects too.
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path(), seen.cookie("lang")) {
        ("POST", ..) => redirect(302, "/", &["Set-Cookie: lang=ko; Path=/"]),
        (_, "/", "ko") => redirect(302, "/ko/", &[]),
        (_, "/", _) => redirect(302, "/en/", &[]),
        (_, "/signin", _) => html(200, &[], FORM),
        _ => html(200, &[], "<p>News of the day</p>"),
    });
    fails(&server, "/signin", &[], "no_evidence", "same page");
}

#[test]
fn a_members_page_may_ask_for_the_current_password() {
    for form in [
        "<form method=post action=/account/email><label>E-mail <input type=email name=email></label><label>Current password <input type=password name=password></label><button>Save</button></form>",
        "<form method=post action=/account/email><input type=email name=email><input type=password name=current_password><button>Go</button></form>",
        "<form method=post action=/account/x><input type=email name=email><input type=password name=pw><button>Go</button></form>",
    ] {
        let server = Script::new(move |seen| match (seen.method.as_str(), seen.path(), is_in(seen)) {
            ("POST", "/login", _) if is_correct(seen) => redirect(302, "/account", &[COOKIE]),
            ("POST", ..) => html(200, &["Set-Cookie: sid=2; Path=/"], &format!("<p>No.</p>{FORM}")),
            (_, "/login", false) => html(200, &[], FORM),
            (_, "/account" | "/" | "/login", true) => html(200, &[], &format!("<h1>Account</h1>{form}")),
            _ => redirect(302, "/login", &[]),
        });
        lets_in(&server, "/login", &[]);
        lets_in(&server, "/account", &[]);
        let login = ["login", &server.url("/login"), "--user", "alice", "--password-stdin"];
        Home::new().run_with_input(login, "wrong").exits(7).says("login refused");
    }
}

#[test]
fn a_session_in_the_cookie_itself_outlasts_the_logout() {
    let profile = "<p>Profile</p><a href=/logout>Log out</a><form method=post action=/delete>Delete my account <input type=password name=oldpass><button>Delete</button></form>";
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path(), is_in(seen)) {
        ("POST", "/login", _) => redirect(302, "/profile", &[COOKIE]),
        (_, "/logout", _) => redirect(302, "/", &["Set-Cookie: sid=; Path=/; Max-Age=0"]),
        (_, "/login", _) => html(200, &[], FORM),
        (.., true) => html(200, &[], profile),
        _ => html(200, &[], "<p>Welcome</p><a href=/login>Log in</a>"),
    });
    let home = lets_in(&server, "/login", &[]);
    home.line("logout").exits(7).says("only the cookie was deleted");
}

#[test]
fn an_error_page_without_a_form_is_a_refusal() {
    for page in [
        "<h1>Login failed</h1><p>The name or the password is wrong.</p><a href=/login>Back</a>",
        "<script>alert('The name or the password is wrong.'); history.back()</script>",
        "<p>The name or the password is wrong.</p><p role=status>OK</p>",
    ] {
        let server = Script::new(move |seen| match seen.method.as_str() {
            "POST" => html(200, &["Set-Cookie: seen=1; Path=/"], page),
            _ => html(200, &[], FORM),
        });
        fails(&server, "/login", &[], "refused", "The name or the password is wrong.");
    }
}

#[test]
fn messages_are_what_the_answer_says_about_the_login() {
    let notice = format!("<p class=notice>Maintenance on Sunday</p>{FORM}");
    let form = notice.clone();
    for (answer, said, not_said) in [
        (
            format!(
                "<div class=alert>Wrong password <button>OK</button></div><p class=message>×</p>{notice}"
            ),
            "Wrong password",
            "Maintenance",
        ),
        (
            format!("<p role=status>OK</p><p>The password is wrong</p>{notice}"),
            "The password is wrong",
            "OK /",
        ),
        (format!("{notice}<script>showError(\"It is wrong.\", 'x')</script>"), "It is wrong.", "Maintenance"),
    ] {
        let form = form.clone();
        let server =
            Script::new(move |seen| html(200, &[], if seen.method == "POST" { &answer } else { &form }));
        let verdict = log_in(&Home::new(), &server.url("/login"), &["--json"]).exits(7).json();
        let reason = verdict["verdict"]["reason"].as_str().unwrap();
        assert!(reason.contains(said) && !reason.contains(not_said), "{reason}");
    }
    let described = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => {
            redirect(302, "/error?error=invalid_scope&error_description=The+scope+is+not+known", &[])
        }
        (_, "/error") => {
            html(400, &[], &format!("<p>https://app.test/authorize?state={}</p>", "x".repeat(300)))
        }
        _ => html(200, &[], FORM),
    });
    fails(&described, "/login", &[], "refused", "The scope is not known");
}

#[test]
fn a_page_whose_form_a_script_creates_is_reported() {
    let text = "<p>Welcome to our application, which was made with care.</p>".repeat(20);
    for page in [
        "<input type=hidden name=token value=1><div id=root></div><script src=/app.js></script>".to_owned(),
        "<div id=root></div><script src=/app.js></script><footer><a href=/imprint>Imprint</a></footer>"
            .to_owned(),
        format!("{text}<script src=/app.js></script>"),
    ] {
        let server = Script::new(move |seen| match seen.path() {
            "/login" => html(200, &[], &page),
            _ => respond(404, &[], "no such page"),
        });
        let ran = log_in(&Home::new(), &server.url("/login"), &[]).exits(7);
        ran.says("the page is rendered by JavaScript");
    }
}

#[test]
fn a_rejected_cookie_is_the_reason() {
    for (line, rule) in [
        ("sid=1; Secure; Path=/", "SecureOnly"),
        ("sid=1; SameSite=None; Path=/", "SameSiteNoneInsecure"),
        ("sid=1; Domain=other.test; Path=/", "InvalidDomain"),
    ] {
        let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
            ("POST", _) if is_correct(seen) => redirect(302, "/", &[&format!("Set-Cookie: {line}")]),
            ("POST", _) => html(200, &[], &format!("<p class=error>Wrong password</p>{FORM}")),
            (_, "/") => redirect(302, "/login", &[]),
            _ => html(200, &[], FORM),
        });
        let url = format!("http://app.test:{}/login", server.address.rsplit(':').next().unwrap());
        let resolve = url[7..].replace("/login", "") + ":127.0.0.1";
        let home = Home::new();
        let document = log_in(&home, &url, &["--resolve", &resolve, "--json"]).exits(7).json();
        let verdict = &document["verdict"];
        assert_eq!(verdict["kind"], "cookie_rejected", "{verdict}");
        let reason = verdict["reason"].as_str().unwrap();
        assert!(reason.contains("sid") && reason.contains(rule), "{reason}");
        let login = ["login", &url, "--user", "alice", "--password-stdin", "--resolve", &resolve, "--json"];
        let wrong = home.run_with_input(login, "wrong").exits(7).json();
        assert_eq!(wrong["verdict"]["kind"], "refused");
    }
}

#[test]
fn a_form_that_a_script_sends_elsewhere_is_script_only() {
    let page = "<h1>Log in</h1><form id=loginform method=post><input name=user><input type=password name=pass><button>Log in</button></form><script src=/app.js></script>";
    let server = Script::new(move |_| html(200, &[], page));
    fails(&server, "/login", &[], "script_only", "JavaScript sends the login form");
}
