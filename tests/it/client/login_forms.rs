//! Logins of many kinds: how the form is found, what surrounds it, what needs an option, and what needs a browser.

use std::sync::Mutex;

use crate::support::{Home, Ran, Script, Seen, html, redirect, respond};

const FORM: &str = "<form method=post action=/in><input name=user><input type=password name=pass><button>Log in</button></form>";
const INSIDE: &str = "<p>Hello!</p><a href='/logout'>Log out</a>";

/// An application with one user and the password `secret`. Anonymous clients get `page`, by path.
fn application(page: impl Fn(&Seen) -> Vec<u8> + Send + Sync + 'static) -> Script {
    Script::new(move |seen| match (seen.method.as_str(), seen.path()) {
        ("POST", "/in") if seen.body.contains("pass=secret") => {
            redirect(303, "/", &["Set-Cookie: sid=alive; Path=/"])
        }
        ("POST", "/in") => html(401, &[], "<p role=alert>Wrong name or password."),
        (_, "/logout") => redirect(302, "/", &["Set-Cookie: sid=; Max-Age=0; Path=/"]),
        ("GET", _) if seen.cookie("sid") == "alive" => html(200, &[], INSIDE),
        _ => page(seen),
    })
}

fn none() -> Vec<u8> {
    respond(404, &[], "nothing here")
}

fn try_login(home: &Home, server: &Script, password: &str, options: &[&str]) -> Ran {
    let url = server.url("/");
    let login = ["login", &url, "--user", "alice", "--password-stdin"];
    home.run_with_input(login.iter().chain(options), password)
}

/// The right password logs in, a wrong one does not.
#[track_caller]
fn works(server: &Script, options: &[&str]) -> Ran {
    let home = Home::new();
    try_login(&home, server, "wrong", options).exits(7).says("login refused");
    let ran = try_login(&home, server, "secret", options).exits(0).answers("logged in as alice");
    home.line("visit / --expect-text Hello!").exits(0);
    ran
}

#[test]
fn a_login_form_in_a_frame_is_found() {
    let server = application(|seen| match seen.path() {
        "/" => html(200, &[], "<iframe src='//other.test/'></iframe><iframe src=/outer></iframe>"),
        "/outer" => html(200, &[], "<frameset><frame src=inner></frameset>"),
        "/inner" => html(200, &[], FORM),
        _ => none(),
    });
    works(&server, &[]);
    let inner = server.seen().into_iter().find(|seen| seen.path() == "/inner").unwrap();
    assert_eq!(inner.header("sec-fetch-dest"), "iframe");
    assert_eq!(inner.header("referer"), server.url("/outer"));
}

#[test]
fn a_login_form_behind_a_refresh_or_a_link_or_at_a_common_path_is_found() {
    let by_meta = application(|seen| match seen.path() {
        "/" => html(200, &[], "<meta http-equiv=Refresh content='0; url=/enter'><p>One moment"),
        "/enter" => html(200, &[], FORM),
        _ => none(),
    });
    works(&by_meta, &[]);
    let by_header = application(|seen| match seen.path() {
        "/" => html(200, &["Refresh: 1;url=enter"], "<p>One moment"),
        "/enter" => html(200, &[], FORM),
        _ => none(),
    });
    works(&by_header, &[]);
    let by_link = application(|seen| match seen.path() {
        "/" => html(200, &[], "<a href=/help>Help</a><a href=/enter>로그인</a>"),
        "/enter" => html(200, &[], FORM),
        _ => none(),
    });
    works(&by_link, &[]);
    let at_usual_place = application(|seen| match seen.path() {
        "/" => html(200, &[], "<p>Nothing leads on from here.</p>"),
        "/auth/login" => html(200, &[], FORM),
        _ => none(),
    });
    let ran = works(&at_usual_place, &["--explain"]);
    assert!(ran.stderr.contains("tried a common login path: http://"), "{}", ran.stderr);
}

#[test]
fn a_refresh_after_the_login_is_followed() {
    let server = Script::new(|seen| match (seen.method.as_str(), seen.path(), seen.cookie("sid")) {
        ("POST", ..) if seen.body.contains("pass=secret") => {
            html(200, &[], "<meta http-equiv=refresh content='1;url=/done'><p>Welcome, one moment")
        }
        ("POST", ..) => html(200, &[], &format!("<p class=error>Wrong{FORM}")),
        (_, "/done", _) => redirect(302, "/", &["Set-Cookie: sid=alive; Path=/"]),
        (.., "alive") => html(200, &[], INSIDE),
        _ => html(200, &[], FORM),
    });
    works(&server, &[]);
}

#[test]
fn explain_prints_each_form_and_field() {
    let page = "<form action=/search><input name=q><button>Search</button></form>
        <form method=post action=/news><input type=email name=email><button>Subscribe to the newsletter</button></form>
        <form method=post action=/register><input name=user><input type=password name=p autocomplete=new-password>
        <button>Create account</button></form>
        <form method=post action=/in><input type=hidden name=token value=x><label>Benutzername <input name=f1></label>
        <input type=password name=pass><input type=checkbox name=remember><button>Anmelden</button></form>";
    let server = application(move |seen| if seen.path() == "/" { html(200, &[], page) } else { none() });
    let ran = works(&server, &["--explain"]);
    for line in [
        &format!("looked at {} (200)", server.url("/")),
        "  form 1, GET /search: not a login form: it is for something else, such as a search or a newsletter",
        "  form 2, POST /news: not a login form: it is for something else, such as a search or a newsletter",
        "  form 3, POST /register: not a login form: it creates an account",
        "  form 4, POST /in: the login form (",
        "    token: sent unchanged",
        "    f1: the user name, by its label",
        "    pass: the password",
        "    remember: sent unchanged",
        "    Anmelden: the button that is pressed",
    ] {
        assert!(ran.stderr.contains(line), "{line:?} is not in\n{}", ran.stderr);
    }
}

#[test]
fn options_name_the_form_and_its_fields() {
    // Two similar forms, fields with meaningless names, and a password in a text field.
    let page = "<form method=post action=/other><input name=user><input type=password name=pass></form>
        <form method=post action=/in id=staff><input name=a1><input name=user><input name=pass></form>";
    let server = application(move |seen| if seen.path() == "/" { html(200, &[], page) } else { none() });
    works(&server, &["--form", "staff", "--user-field", "a1", "--password-field", "pass"]);
    works(&server, &["--form", "2", "--user-field", "user", "--password-field", "pass"]);
    works(&server, &["--user-field", "a1", "--password-field", "pass"]);
    let home = Home::new();
    let ran = try_login(&home, &server, "secret", &["--user-field", "nobody", "--explain"]).exits(2);
    ran.says("and its links have no form or field named nobody")
        .says("not a login form: it is not the form, or lacks a field, that you named");
    let sent = server.seen().into_iter().find(|seen| seen.body.contains("a1=alice")).unwrap();
    assert!(sent.body.contains("pass="), "{}", sent.body);
    // A password in a text field is masked too.
    let shown = try_login(&home, &server, "wrong-secret", &["--form", "2", "--password-field", "pass", "-v"]);
    assert!(!shown.stderr.contains("wrong-secret"));
}

#[test]
fn missing_required_fields_are_named() {
    let page = "<form method=post action=/in><input name=user required><input type=password name=pass required>
        <label><input type=checkbox name=terms value=yes required> I agree to the terms</label>
        <select name=tenant required><option value=''>Choose<option value=n>North</select><button>Log in</button></form>";
    let server = application(move |seen| if seen.path() == "/" { html(200, &[], page) } else { none() });
    let home = Home::new();
    let ran = try_login(&home, &server, "secret", &[]).exits(2);
    let ran = ran.says("checkbox \"I agree to the terms\" (--field terms=on)");
    ran.says("field \"tenant\" (--field tenant=VALUE)");
    assert!(server.seen().iter().all(|seen| seen.method == "GET"), "nothing was sent");
    let ran = works(&server, &["--field", "terms=on", "--field", "tenant=n"]);
    assert!(ran.stderr.contains("was issued"));
}

#[test]
fn a_page_that_needs_a_browser_is_reported() {
    let says = |page: &'static str, code: i32, what: &str| {
        let server = application(move |seen| if seen.path() == "/" { html(200, &[], page) } else { none() });
        try_login(&Home::new(), &server, "wrong", &[]).exits(code).says(what);
    };
    let captcha = "<form method=post action=/in><input name=user><input type=password name=pass>
        <div class=some-widget data-sitekey=k></div><button>Log in</button></form>";
    says(captcha, 7, "the page has a captcha; only a person can solve it");
    let passkey = "<script>navigator.credentials.get({publicKey: {}})</script><p>Use your device</p><button>Go</button>
        <p>This page is long enough to be read and there is nothing else on it that anybody could fill in at all.
        It goes on for a while so that it has something to say, and then it ends, as all pages have to do one day.</p>";
    says(passkey, 7, "the page asks for a passkey (WebAuthn)");
    let drawn = "<div id=root></div><script src=/app.js></script><noscript>You need JavaScript</noscript>";
    says(drawn, 7, "the page is rendered by JavaScript, which only a browser runs");
    says(drawn, 7, "hint: --browser");
}

#[test]
fn a_login_sends_the_headers_of_a_browser() {
    let server = Script::new(|seen| {
        let site = seen.header("sec-fetch-site");
        let is_browser = seen.header("user-agent").starts_with("Mozilla/5.0 ");
        let origin = format!("http://{}", seen.header("host"));
        match (seen.method.as_str(), seen.path(), seen.cookie("sid")) {
            _ if !is_browser => respond(403, &[], "browsers only"),
            ("POST", ..) if site != "same-origin" || seen.header("sec-fetch-mode") != "navigate" => {
                respond(403, &[], "fetch metadata")
            }
            ("POST", ..) if seen.header("origin") != origin => respond(403, &[], "origin"),
            ("POST", ..) if seen.header("referer") != format!("{origin}/") => respond(403, &[], "referer"),
            ("POST", "/in", _) if seen.body.contains("secret") => {
                redirect(303, "/", &["Set-Cookie: sid=alive"])
            }
            ("POST", "/in", _) => html(401, &[], "wrong"),
            ("GET", "/", _) if !["", "none", "same-origin"].contains(&site) => {
                respond(403, &[], "from elsewhere")
            }
            (.., "alive") => html(200, &[], INSIDE),
            _ => html(200, &[], FORM),
        }
    });
    works(&server, &[]);
    // A visit is not a navigation of a browser, and sends none of these headers.
    Home::new().run(["visit", &server.url("/style.css"), "-q"]);
    let visit = server.seen().pop().unwrap();
    assert_eq!((visit.header("sec-fetch-site"), visit.header("origin")), ("", ""));
}

/// A single-page application: all its pages are the same, and its JSON API requires a CSRF token.
fn single_page(me: &'static str) -> Script {
    Script::new(move |seen| {
        let inside = seen.cookie("sid") == "alive";
        let token = seen.header("x-xsrf-token") == "t0k3n";
        let json = |status, headers: &[&str], body: &str| {
            respond(status, &[&["Content-Type: application/json"], headers].concat(), body)
        };
        match (seen.method.as_str(), seen.path()) {
            ("POST", _) if !token => json(403, &[], r#"{"message":"no token"}"#),
            ("POST", "/api/login") if seen.header("content-type") != "application/json" => {
                json(415, &[], "{}")
            }
            ("POST", "/api/login") if seen.body == r#"{"email":"alice","password":"secret","stay":true}"# => {
                json(200, &["Set-Cookie: sid=alive; Path=/; HttpOnly"], r#"{"user":{"name":"alice"}}"#)
            }
            ("POST", "/api/login") => json(422, &[], r#"{"errors":{"email":["These do not match."]}}"#),
            ("POST", "/api/logout") => json(204, &["Set-Cookie: sid=; Max-Age=0; Path=/"], ""),
            ("GET", path) if path == me && inside => json(200, &[], r#"{"name":"alice"}"#),
            ("GET", path) if path == me => json(401, &[], r#"{"message":"Unauthenticated."}"#),
            (_, path) if path.starts_with("/api/") => json(404, &[], "{}"),
            _ => html(
                200,
                &["Set-Cookie: XSRF-TOKEN=t0k3n; Path=/"],
                "<div id=app></div><script src=/a.js></script>",
            ),
        }
    })
}

#[test]
fn a_json_login_works_in_a_single_page_application() {
    let (home, server) = (Home::new(), single_page("/api/user"));
    let url = server.url("/api/login");
    let login = ["login", "--as-json", &url, "--user", "alice", "--password-stdin", "--user-field", "email"];
    let login: Vec<&str> = login.into_iter().chain(["--field", "stay:=true"]).collect();
    home.run_with_input(&login, "wrong").exits(7).says("login refused (status 422): These do not match.");
    let ran = home.run_with_input(&login, "secret").exits(0).answers("logged in as alice");
    let ran =
        ran.says("the server accepted the user name and password (status 200)").says("cookie sid was issued");
    assert!(
        ran.stderr.contains("/api/user changes with the cookie: logged in status 200, logged out 401"),
        "{}",
        ran.stderr
    );
    let post = server.seen().into_iter().rfind(|seen| seen.method == "POST").unwrap();
    assert_eq!((post.header("sec-fetch-mode"), post.header("sec-fetch-dest")), ("cors", "empty"));

    let out = home.line("logout").exits(7).says("only the cookie was deleted");
    assert!(out.stderr.contains("used POST /api/logout, a common logout path"), "{}", out.stderr);
    home.line("visit /api/user --expect-status 401").exits(0);
}

#[test]
fn a_json_login_is_decided_by_the_named_page_or_by_its_cookie() {
    let server = single_page("/api/whatever");
    let url = server.url("/api/login");
    let login = ["login", "--as-json", &url, "--user", "alice", "--password-stdin", "--user-field", "email"];
    let login: Vec<&str> = login.into_iter().chain(["--field", "stay:=true"]).collect();
    let ran = Home::new().run_with_input(&login, "secret").exits(0);
    assert!(!ran.stderr.contains("changes with the cookie"), "{}", ran.stderr);
    let named: Vec<&str> = login.iter().copied().chain(["--judge-by", "/api/whatever"]).collect();
    Home::new().run_with_input(&named, "secret").exits(0).says("/api/whatever changes with the cookie");
    let other: Vec<&str> = login.iter().copied().chain(["--judge-by", "/api/elsewhere"]).collect();
    Home::new().run_with_input(&other, "secret").exits(7).says("not logged in");
}

#[test]
fn a_logout_link_with_data_method_is_sent_as_a_form() {
    let alive = Mutex::new(true);
    let server = Script::new(move |seen| {
        let mut alive = alive.lock().unwrap();
        match (seen.method.as_str(), seen.path()) {
            ("POST", "/in") => redirect(303, "/", &["Set-Cookie: sid=1"]),
            ("POST", "/session") if seen.body == "_method=delete" && seen.header("x-csrf-token") == "t" => {
                *alive = false;
                redirect(303, "/", &[])
            }
            (_, "/session") => respond(404, &[], ""),
            _ if *alive && seen.cookie("sid") == "1" => html(
                200,
                &[],
                "<meta name=csrf-token content=t><a href=/session data-method=delete>Sign out</a>",
            ),
            _ => html(200, &[], FORM),
        }
    });
    let home = Home::new();
    try_login(&home, &server, "secret", &[]).exits(0);
    let ran = home.line("logout").exits(0).answers("the server ended the session");
    assert!(!ran.stderr.contains("GET request"), "{}", ran.stderr);
}

#[test]
fn a_logout_by_get_is_reported() {
    let (home, server) = (Home::new(), application(|_| html(200, &[], FORM)));
    try_login(&home, &server, "secret", &[]).exits(0);
    home.line("logout")
        .exits(7)
        .says("it logs out with a GET request: a link or an image on any site can do that");
}
