//! `login`: finds the form, fills it in, and decides by evidence.

use crate::support::{Home, Script, Seen, Serve, html, redirect, respond};

const WRONG: &str = "<div class='alert'>Wrong name or password.</div>";
const INSIDE: &str = "<p>Hello!</p><a href='/logout'>Log out</a>";

fn form(fields: &str) -> String {
    format!("<form method=post action=/login>{fields}<button>Log in</button></form>")
}

fn name_and_password() -> String {
    form("<input name=user><input type=password name=pass>")
}

/// An application with the user `alice` and the password `secret`. Anonymous clients get `page`.
fn application(page: impl Fn() -> String + Send + Sync + 'static) -> Script {
    Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/login") if seen.body.contains("pass=secret") => {
            redirect(302, "/", &["Set-Cookie: sid=alive"])
        }
        ("POST", "/login") => html(200, &[], &format!("{WRONG}{}", page())),
        (_, "/logout") => redirect(302, "/", &["Set-Cookie: sid=; Max-Age=0"]),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(200, &[], &page()),
    })
}

fn log_in(home: &Home, server: &Script, password: &str) -> crate::support::Ran {
    home.run_with_input(["login", &server.url("/"), "--user", "alice", "--password-stdin"], password)
}

#[test]
fn a_login_reports_its_evidence() {
    let (home, server) = (Home::new(), application(name_and_password));
    let ran = log_in(&home, &server, "secret\n").exits(0).answers("logged in as alice");
    for evidence in [
        "cookie sid was issued",
        "the login form is gone",
        "logged out it shows a login form",
        "the link to /logout",
    ] {
        assert!(ran.stderr.contains(evidence), "{evidence:?} is not in\n{}", ran.stderr);
    }
    home.line("visit --expect-text Hello!").exits(0);
    home.line("logout").exits(7).says("only the cookie was deleted");
}

#[test]
fn a_refused_login_reports_the_messages_of_the_application() {
    let (home, server) = (Home::new(), application(name_and_password));
    log_in(&home, &server, "wrong").exits(7).says("login refused (status 200): Wrong name or password.");
    let ran = home.run_with_input(
        ["login", &server.url("/"), "--user", "alice", "--password-stdin", "--json"],
        "wrong",
    );
    assert_eq!(ran.exits(7).json()["verdict"]["exit"], 7);
}

#[test]
fn hidden_fields_checked_boxes_and_the_name_of_the_button_are_sent() {
    let fields = "<input type=hidden name=token value='a&b'><input name=user value=someone><input type=password name=pass>
        <input type=checkbox name=remember checked><input type=checkbox name=news value=yes>
        <input type=radio name=tier value=1><input type=radio name=tier value=2 checked>
        <select name=lang><option value=en>English<option value=ko selected>한국어</select>
        <textarea name=note>\nas\nis</textarea><input name=off value=x disabled>
        <input type=submit name=go value='Sign in'><button name=help value=1>Help</button>";
    let page = format!(
        "<form id=search><input name=q><button>Search</button></form><form method=post action=login>{fields}</form>"
    );
    let server = application(move || page.clone());
    let home = Home::new();
    let url = server.url("/");
    let args =
        ["login", &url, "--user", "alice", "--password-stdin", "--field", "extra=1", "--field", "lang=en"];
    home.run_with_input(args, "secret").exits(0);
    let sent = server.seen().into_iter().find(|seen| seen.method == "POST").expect("a submission");
    let pairs: Vec<(String, String)> = form_urlencoded::parse(sent.body.as_bytes()).into_owned().collect();
    let expected = [
        ("token", "a&b"),
        ("user", "alice"),
        ("pass", "secret"),
        ("remember", "on"),
        ("tier", "2"),
        ("lang", "en"),
        ("note", "as\r\nis"),
        ("go", "Sign in"),
        ("extra", "1"),
    ];
    assert_eq!(pairs, expected.map(|(name, value)| (name.into(), value.into())));
    assert_eq!(
        (sent.header("origin"), sent.header("referer")),
        (server.url("").as_str(), server.url("/").as_str())
    );
}

#[test]
fn a_login_link_is_followed() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/in") => redirect(303, "/", &["Set-Cookie: sid=alive"]),
        (_, "/sign-in") => html(
            200,
            &[],
            "<form method=post action=/in><input name=user><input type=password name=pass></form>",
        ),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(200, &[], "<a href=/blog/login-tips>Tips</a><a href='/sign-in'>Sign in</a>"),
    });
    // The first login link leads to a page without a form; the start page has another link.
    let home = Home::new();
    let ran = log_in(&home, &server, "x");
    assert!(matches!(ran.code, Some(0)), "{}", ran.stderr);
}

#[test]
fn a_user_name_page_and_a_password_page_are_one_login() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/login") if seen.body.contains("pass=secret") => {
            redirect(302, "/", &["Set-Cookie: sid=alive"])
        }
        ("POST", "/login") => {
            html(200, &[], &form("<input type=hidden name=user value=alice><input type=password name=pass>"))
        }
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(200, &[], &form("<label>User name <input name=user></label>")),
    });
    let home = Home::new();
    log_in(&home, &server, "secret").exits(0);
    assert_eq!(server.seen().iter().filter(|seen| seen.method == "POST").count(), 2);
}

#[test]
fn a_login_works_without_a_new_cookie() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let inside = AtomicBool::new(false);
    let server = Script::new(move |seen| {
        if seen.method == "POST" {
            inside.store(seen.cookie("sid") == "same", Ordering::SeqCst);
            return redirect(302, "/", &[]);
        }
        match (inside.load(Ordering::SeqCst) && seen.cookie("sid") == "same", seen.cookie("sid").is_empty()) {
            (true, _) => html(200, &[], INSIDE),
            (_, false) => html(200, &[], &name_and_password()),
            _ => html(200, &["Set-Cookie: sid=same"], &name_and_password()),
        }
    });
    let ran = log_in(&Home::new(), &server, "secret").exits(0);
    assert!(!ran.stderr.contains("issued") && !ran.stderr.contains("renewed"), "{}", ran.stderr);
}

#[test]
fn changed_bytes_and_a_new_cookie_are_not_evidence() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let count = AtomicU32::new(0);
    let server = Script::new(move |seen| {
        let n = count.fetch_add(1, Ordering::SeqCst);
        match (seen.method.as_str(), seen.path()) {
            ("POST", _) => redirect(302, "/welcome", &[&format!("Set-Cookie: sid={n}")]),
            (_, "/welcome") => html(200, &[], &format!("<p>Visitor {n}</p>")),
            _ => html(200, &[], &name_and_password()),
        }
    });
    log_in(&Home::new(), &server, "x")
        .exits(7)
        .says("is the same page without the cookies")
        .says("--expect-text");
}

#[test]
fn a_difference_between_any_two_requests_is_not_evidence() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let count = AtomicU32::new(0);
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => redirect(302, "/welcome", &["Set-Cookie: sid=1"]),
        // Every second response has a link that mentions a logout.
        (_, "/welcome") if count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) => {
            html(200, &[], "<a href=/x>How to log out</a>")
        }
        (_, "/welcome") => html(200, &[], "<p>Welcome</p>"),
        _ => html(200, &[], &name_and_password()),
    });
    log_in(&Home::new(), &server, "x").exits(7);
}

#[test]
fn an_expected_text_alone_decides_the_login() {
    let server = Script::new(|seen| match seen.method.as_str() {
        "POST" => html(200, &[], "<p>Secret plans</p>"),
        _ => html(200, &[], &name_and_password()),
    });
    let (home, url) = (Home::new(), server.url("/"));
    let args = ["login", url.as_str(), "--user", "alice", "--password-stdin"];
    home.run_with_input(args, "x").exits(7);
    home.run_with_input(args.iter().chain(&["--expect-text", "Secret plans"]), "x").exits(0);
    home.run_with_input(args.iter().chain(&["--expect-text", "Other plans"]), "x").exits(7);
}

#[test]
fn a_password_comes_from_stdin_a_file_or_the_environment() {
    let server = application(name_and_password);
    let url = server.url("/");
    let args = ["login", url.as_str(), "--user", "alice"];
    let home = Home::new();
    home.run(args).exits(2).says("--password-stdin, --password-file FILE or SESSCTL_PASSWORD");
    std::fs::write(home.path().join("pw"), "secret\nsecond line\n").expect("to be written");
    home.run(args.iter().chain(&["--password-file", "pw"])).exits(0);
    let mut command = Home::command(&home, args);
    command.env("SESSCTL_PASSWORD", "secret");
    crate::support::Ran::from(command.output().expect("to run")).exits(0);
    home.run(args.iter().chain(&["--password", "secret"])).exits(2);
    home.run(args.iter().chain(&["--password-file", "nowhere"])).exits(1).says("nowhere");
}

#[test]
fn a_password_is_never_printed_or_stored() {
    let server = Script::new(|seen| match seen.path() {
        "/login" if seen.target.contains("pass=s%26cret") => {
            redirect(302, "/login/done?again=1&pw=s%26cret", &["Set-Cookie: sid=alive"])
        }
        "/login/done" => html(200, &[], INSIDE),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(
            200,
            &[],
            "<form action=/login><input name=user><input type=password name=pass><button>Log in</button></form>",
        ),
    });
    let home = Home::new();
    for option in ["-v", "--json"] {
        let url = server.url("/");
        let args = ["login", url.as_str(), "--user", "alice", "--password-stdin", "--reveal", option];
        let ran = home.run_with_input(args, "s&cret").exits(0);
        for text in [&ran.stdout, &ran.stderr, &std::fs::read_to_string(home.jar()).expect("a jar")] {
            assert!(!text.contains("s&cret") && !text.contains("s%26cret"), "{text}");
        }
    }
}

#[test]
fn a_missing_user_name_is_a_usage_error() {
    let server = Script::new(|_| {
        html(
            200,
            &[],
            &form(
                "<label for=u>Your e-mail</label><input id=u name=mail type=email><input type=password name=p>",
            ),
        )
    });
    Home::new().run(["login", &server.url("/")]).exits(2).says("asks for a user name (Your e-mail)");
}

#[test]
fn a_page_without_a_login_form_is_reported() {
    let server = Script::new(|seen| match seen.path() {
        "/error" => respond(500, &[], ""),
        _ => html(200, &[], "<form><input name=q placeholder=Search></form><p>Nothing here"),
    });
    let home = Home::new();
    home.run(["login", &server.url("/"), "--user", "alice"]).exits(7).says("there is no login form on");
    home.run(["login", &server.url("/error"), "--user", "alice"]).exits(7).says("(status 500)");
}

#[test]
fn a_search_form_is_not_a_login_form() {
    let page = "<form method=post action=/subscribe><input type=email name=email><button>Subscribe to the newsletter</button></form>
        <form method=post action=/register><input name=user><input type=password name=a><input type=password name=b><button>Sign up</button></form>
        <form method=post action=/login><input name=user><input type=password name=pass><button>Sign in</button></form>";
    let server = application(move || page.to_owned());
    log_in(&Home::new(), &server, "secret").exits(0);
    let posts: Vec<Seen> = server.seen().into_iter().filter(|seen| seen.method == "POST").collect();
    assert_eq!((posts.len(), posts[0].path()), (1, "/login"));
}

#[test]
fn a_form_is_sent_with_the_action_and_encoding_of_its_button() {
    let server = Script::new(|seen| {
        match (seen.method.as_str(), seen.path()) {
        ("POST", "/base/other") => redirect(302, "/", &["Set-Cookie: sid=alive; Path=/"]),
        ("POST", _) => respond(500, &[], "the wrong address"),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(
            200,
            &[],
            "<base href=/base/><table><form action=wrong enctype=multipart/form-data><tr><td><input name=user>
            <tr><td><input type=password name='pa\"ss'><tr><td><button formmethod=post formaction=other>Log in</button></form></table>",
        ),
    }
    });
    log_in(&Home::new(), &server, "secret").exits(0);
    let sent = server.seen().into_iter().find(|seen| seen.method == "POST").expect("a submission");
    assert!(sent.header("content-type").starts_with("multipart/form-data; boundary="), "{sent:?}");
    assert!(sent.body.contains("name=\"pa%22ss\"\r\n\r\nsecret\r\n"), "{}", sent.body);
}

#[test]
fn a_second_login_to_serve_ends_the_earlier_session() {
    let home = Home::new();
    let server = Serve::start(&home);
    home.run(["login", &server.url(), "--user", "alice"]).exits(0);
    let first = home.line("show-cookies --name sessionid --value").exits(0).stdout;
    home.line("login --user bob").exits(0).says("logged out of the earlier session with the form to /logout");
    let second = home.line("show-cookies --name sessionid --value").exits(0).stdout;
    assert_ne!(first, second);
    home.line("visit --expect-text bob").exits(0);
    let old = format!("Cookie: sessionid={}", first.trim());
    home.run(["--jar", "other.json", "visit", &server.url(), "-H", &old, "--reject-text", "Welcome"])
        .exits(0);
}

#[test]
fn a_refused_second_login_keeps_the_earlier_session() {
    let server = application(name_and_password);
    let home = Home::new();
    log_in(&home, &server, "secret").exits(0);
    log_in(&home, &server, "wrong").exits(7).says("Wrong name or password.");
    home.line("visit --expect-text Hello!").exits(0);
    // Both sessions have the same cookie, which its logout only deletes.
    log_in(&home, &server, "secret").exits(0).says("the earlier session may still be active");
    home.line("visit --expect-text Hello!").exits(0);
}

#[test]
fn an_earlier_session_that_may_remain_is_reported() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/login") => redirect(302, "/", &["Set-Cookie: sid=alive"]),
        (_, "/logout") => respond(500, &[], ""),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(200, &[], &name_and_password()),
    });
    let home = Home::new();
    log_in(&home, &server, "secret").exits(0);
    log_in(&home, &server, "secret")
        .exits(0)
        .says("the earlier session may still be active: nothing shows that the link to /logout ended it");
}

#[test]
fn a_rate_limit_is_not_evidence() {
    use std::sync::atomic::{AtomicU32, Ordering};
    let count = AtomicU32::new(0);
    let server = Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
        ("POST", _) => redirect(302, "/home", &["Set-Cookie: sid=1"]),
        (_, "/home") if count.fetch_add(1, Ordering::SeqCst) >= 3 => respond(429, &[], ""),
        (_, "/home") => html(200, &[], "<a href=/>Log in</a>"),
        _ => html(200, &[], &name_and_password()),
    });
    log_in(&Home::new(), &server, "x").exits(7);
}

#[test]
fn an_error_message_or_a_code_page_is_not_a_session() {
    for (inside, said) in [
        ("<p class=error>Too many attempts</p>", "Too many attempts"),
        (
            "<form method=post><input name=code autocomplete=one-time-code><button>Verify</button></form>",
            "one-time code",
        ),
    ] {
        let server = Script::new(move |seen| match (seen.method.as_str(), seen.cookie("sid")) {
            ("POST", _) => redirect(302, "/", &["Set-Cookie: sid=1"]),
            (_, "1") => html(200, &[], inside),
            _ => html(200, &[], &name_and_password()),
        });
        log_in(&Home::new(), &server, "x").exits(7).says(said);
    }
}

#[test]
fn a_registration_form_is_not_a_login_form() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/login") => redirect(302, "/", &["Set-Cookie: sid=alive"]),
        ("POST", _) => respond(500, &[], "an account was created"),
        (_, "/login") => html(200, &[], &name_and_password()),
        _ if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => html(
            200,
            &[],
            "<a href=#>Log in</a><a href=/sso/google>Sign in with Google</a><a href=/login>Log in</a>
            <form method=post action=/join><input type=email name=email>
            <input type=password name=pass autocomplete=new-password><button>Sign up</button></form>",
        ),
    });
    log_in(&Home::new(), &server, "secret").exits(0);
}

#[test]
fn the_button_that_logs_in_is_pressed() {
    let buttons = "<button formaction=/forgot name=b value=1>Forgot password?</button>
        <button formaction=/google name=b value=2>Sign in with Google</button>
        <button name=b value=3>Show</button><button name=b value=4>Sign in</button>";
    let server = application(move || {
        format!(
            "<form method=post action=/login><input name=user><input type=password name=pass>{buttons}</form>"
        )
    });
    log_in(&Home::new(), &server, "secret").exits(0);
    let sent = server.seen().into_iter().find(|seen| seen.method == "POST").expect("a submission");
    assert!(sent.path() == "/login" && sent.body.ends_with("b=4"), "{sent:?}");
}

#[test]
fn a_form_is_sent_in_the_encoding_of_its_page() {
    let page = encoding_rs::EUC_KR
        .encode("<meta charset=euc-kr><form method=post action=/login><input type=hidden name=h value='가'><label>아이디 <input name=user></label><input type=password name=pass><button>로그인</button></form>")
        .0
        .into_owned();
    let wrong = encoding_rs::EUC_KR
        .encode("<meta charset=euc-kr><p class=error>비밀번호가 틀렸습니다")
        .0
        .into_owned();
    let server = Script::new(move |seen| {
        let body = if seen.method == "POST" { &wrong } else { &page };
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    });
    log_in(&Home::new(), &server, "x").exits(7).says("비밀번호가 틀렸습니다");
    let sent = server.seen().into_iter().find(|seen| seen.method == "POST").expect("a submission");
    assert!(sent.body.starts_with("h=%B0%A1&"), "{}", sent.body);
}

#[test]
fn a_hostile_page_does_not_outlast_the_timeout() {
    let deep = "<div>".repeat(60_000);
    let server =
        Script::new(move |_| html(200, &[], &format!("{deep}<form><input type=password name=p></form>")));
    let url = server.url("/");
    let ran = Home::new().run_with_input(["login", &url, "--password-stdin", "--timeout", "300ms"], "x");
    ran.exits(8).says("did not finish within");
}

#[test]
fn an_error_does_not_contain_the_password() {
    for target in ["javascript:x?pass=s3cretpw", "http://[s3cretpw", "/login?pw=s3cretpw"] {
        let server = Script::new(move |seen| match seen.path() {
            "/login" => redirect(302, target, &[]),
            _ => html(
                200,
                &[],
                "<form action=/login><input name=user><input type=password name=pass><button>Log in</button></form>",
            ),
        });
        let ran = log_in(&Home::new(), &server, "s3cretpw");
        assert_ne!(ran.code, Some(0));
        assert!(!ran.stderr.contains("s3cretpw"), "{}", ran.stderr);
    }
}
