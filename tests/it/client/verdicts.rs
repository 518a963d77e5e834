//! The verdicts of `login` and `logout` are right for misleading applications too, and no other form or link is used.

use std::sync::Mutex;

use crate::support::{Home, Ran, Script, Seen, html, redirect, respond};

const FORM: &str = "<form method=post action=/login><input name=user><input type=password name=pass><button>Log in</button></form>";

fn is_correct(seen: &Seen) -> bool {
    seen.body.contains("secret")
}

fn is_in(seen: &Seen) -> bool {
    seen.cookie("sid") == "alive"
}

const COOKIE: &str = "Set-Cookie: sid=alive; Path=/";

fn try_login(server: &Script, password: &str, options: &[&str]) -> (Home, Ran) {
    let home = Home::new();
    let url = server.url("/login");
    let login = ["login", &url, "--user", "alice", "--password-stdin"];
    let ran = home.run_with_input(login.iter().chain(options), password);
    (home, ran)
}

#[track_caller]
fn refuses(server: &Script) -> Ran {
    try_login(server, "wrong-one", &[]).1.exits(7)
}

#[track_caller]
fn lets_in(server: &Script) -> (Home, Ran) {
    let (home, ran) = try_login(server, "secret", &[]);
    (home, ran.exits(0).answers("logged in"))
}

#[test]
fn a_login_form_with_random_field_names_is_recognized() {
    let count = Mutex::new(0);
    let server = Script::new(move |seen| {
        let mut count = count.lock().unwrap();
        *count += 1;
        let form = format!(
            "<form method=post action=/login/{count}><input name=u{count} autocomplete=username><input type=password name=p{count}><button>Log in</button></form>"
        );
        match seen.method.as_str() {
            "POST" if is_correct(seen) => redirect(303, "/", &[COOKIE]),
            "POST" => html(200, &["Set-Cookie: track=1"], &format!("<p>Wrong.</p>{form}")),
            _ if is_in(seen) => html(200, &[], "<p>Hello</p><a href=/logout>Log out</a>"),
            _ => html(200, &[], &form),
        }
    });
    refuses(&server).says("login refused (status 200)");
    lets_in(&server);
}

#[test]
fn a_lockout_page_without_a_form_is_not_a_session() {
    let server = Script::new(|seen| match seen.method.as_str() {
        "POST" => html(200, &["Set-Cookie: locked=1; Path=/"], "<p>Locked for 15 minutes.</p>"),
        _ if seen.cookie("locked") == "1" => html(200, &[], "<p>Locked for 15 minutes.</p>"),
        _ if seen.path() == "/" => redirect(302, "/login", &[]),
        _ => html(200, &[], FORM),
    });
    refuses(&server).says("Locked for 15 minutes.");
}

#[test]
fn a_further_step_is_reported() {
    for step in [
        "<h1>Two-factor authentication</h1><form method=post><input name=token><button>Go</button></form><a href=/logout>Cancel and log out</a>",
        "<form method=post><label>Your code <input name=x maxlength=6 inputmode=numeric></label><button>Verify</button></form>",
        "<h1>Security question</h1><form method=post><label>Your first pet <input name=answer></label></form>",
        "<h1>Your password has expired</h1><form method=post><input type=password name=a><input type=password name=b></form>",
        "<h1>Check your inbox</h1><p>We sent you a link.</p>",
    ] {
        let server =
            Script::new(move |seen| match (seen.method.as_str(), seen.path(), seen.cookie("half")) {
                ("POST", "/login", _) => redirect(302, "/second", &["Set-Cookie: half=1; Path=/"]),
                (_, "/second", "1") => html(200, &[], step),
                (_, "/login", _) => html(200, &[], FORM),
                _ => redirect(302, "/login", &[]),
            });
        refuses(&server).says("asks for another step");
    }
}

#[test]
fn a_cookie_that_changes_with_each_response_is_not_a_session() {
    // Requests without the cookie are rejected: it is a protection against bots, not a session.
    let server = Script::new(|seen| match (seen.method.as_str(), seen.cookie("clear").is_empty()) {
        ("POST", _) => html(200, &["Set-Cookie: clear=b; Path=/"], &format!("<p>Wrong.</p>{FORM}")),
        (_, true) if seen.path() != "/login" => respond(403, &[], "robots"),
        _ => html(200, &["Set-Cookie: clear=a; Path=/"], FORM),
    });
    refuses(&server).says("login refused");
}

#[test]
fn a_random_page_is_not_evidence() {
    let count = Mutex::new(0_u32);
    for _ in 0..5 {
        let server = {
            let count = Mutex::new(*count.lock().unwrap());
            Script::new(move |seen| {
                let mut count = count.lock().unwrap();
                // A linear congruential generator: random, but the same in each run.
                *count = count.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let has_box = *count >> 16 & 1 == 1;
                match (seen.method.as_str(), seen.path()) {
                    ("POST", _) => html(200, &["Set-Cookie: track=1; Path=/"], "<p>Wrong password.</p>"),
                    (_, "/") if !has_box => html(200, &[], "<p>News of the day</p>"),
                    _ => html(200, &[], FORM),
                }
            })
        };
        *count.lock().unwrap() += 12_345;
        refuses(&server);
    }
}

#[test]
fn a_greeting_is_evidence_even_if_the_session_rotates() {
    let current = Mutex::new(0);
    let server = Script::new(move |seen| {
        let mut current = current.lock().unwrap();
        let is_in = *current > 0 && seen.cookie("sid") == current.to_string();
        let is_login = seen.method == "POST" && is_correct(seen);
        if is_in || is_login {
            *current += 1;
        }
        let renewed = format!("Set-Cookie: sid={current}; Path=/");
        match (seen.method.as_str(), seen.path()) {
            ("POST", _) if is_login => redirect(303, "/", &[&renewed]),
            ("POST", _) => html(401, &[], "no"),
            (_, "/") if is_in => html(200, &[&renewed], "<p>Logged in as alice.</p>"),
            (_, "/") => html(200, &[], "<p>You are not logged in.</p>"),
            _ => html(200, &[], FORM),
        }
    });
    refuses(&server);
    lets_in(&server).1.says("logged in it names alice");
}

#[test]
fn a_json_answer_can_refuse_with_any_status() {
    for answer in [
        r#"{"code":500,"msg":"no such user"}"#,
        r#"{"status":"error","message":"no such user"}"#,
        r#"{"data":{"isAuthenticated":false,"message":"x"},"message":"no such user"}"#,
    ] {
        let server = Script::new(move |seen| match seen.method.as_str() {
            "POST" => respond(200, &["Content-Type: application/json", "Set-Cookie: track=1"], answer),
            _ => html(200, &[], "<div id=app></div><script src=/a.js></script>"),
        });
        let ran = try_login(&server, "wrong", &["--as-json"]).1.exits(7);
        ran.says("login refused (status 200)").says("no such user");
    }
    let fallback =
        Script::new(|_| html(200, &["Set-Cookie: track=1"], "<div id=app></div><script src=/a.js></script>"));
    try_login(&fallback, "wrong", &["--as-json"]).1.exits(7);
}

#[test]
fn a_registration_form_is_never_sent() {
    let server = Script::new(|seen| match seen.method.as_str() {
        "POST" => html(200, &[COOKIE], "<p>Welcome, new member</p><a href=/logout>Log out</a>"),
        _ => html(
            200,
            &[],
            "<form method=post action=/join><input name=user><input type=password name=pass>
            <button>Sign up</button><p>Already a member? <a href=/nowhere>Log in</a></p></form>",
        ),
    });
    refuses(&server).says("there is no login form");
    assert!(server.seen().iter().all(|seen| seen.method == "GET"), "nothing was sent");
}

#[test]
fn a_password_is_not_sent_in_a_url_or_to_another_site() {
    let elsewhere = Script::new(|_| html(200, &[], FORM));
    let foreign = elsewhere.url("/login");
    for page in [
        "<form><input name=user><input type=password name=pass><button>Log in</button></form><script>go()</script>".to_owned(),
        "<input name=user><input type=password name=pass><button onclick='go()'>Log in</button>".to_owned(),
        "<form action='javascript:void(0)'><input name=user><input type=password name=pass></form>".to_owned(),
        format!("<a href='{foreign}'>Log in with Facebook</a>"),
    ] {
        let server = Script::new(move |seen| match seen.path() {
            "/login" => html(200, &[], &page),
            _ => respond(404, &[], "no"),
        });
        refuses(&server).says("there is no login form");
        assert!(server.seen().iter().all(|seen| seen.method == "GET" && !seen.target.contains("wrong-one")));
    }
    assert_eq!(elsewhere.seen().len(), 0);
    let _ = std::net::TcpStream::connect(elsewhere.address.as_str());
    let _ = Home::new().run(["visit", &foreign, "-q"]);
}

#[test]
fn a_link_that_leaves_a_group_is_not_a_logout() {
    let alive = Mutex::new((true, true));
    let server = Script::new(move |seen| {
        let mut alive = alive.lock().unwrap();
        let page = |is_member: bool| {
            let group = "<form method=post action=/groups/7/leave><button>Salir del grupo</button></form>
                <form method=post action=/team><button>退出团队</button></form>";
            let group = if is_member { group } else { "<p>No groups</p>" };
            html(200, &[], &format!("<p>Hello</p>{group}<a href=/bye>Salir</a>"))
        };
        match (seen.method.as_str(), seen.path()) {
            ("POST", "/login") => redirect(303, "/", &[COOKIE]),
            ("POST", _) => {
                alive.1 = false;
                redirect(303, "/", &[])
            }
            (_, "/bye") => {
                alive.0 = false;
                redirect(303, "/login", &["Set-Cookie: sid=; Max-Age=0; Path=/"])
            }
            _ if alive.0 && is_in(seen) => page(alive.1),
            _ => html(200, &[], FORM),
        }
    });
    let (home, _) = lets_in(&server);
    home.line("logout").exits(0).answers("the server ended the session");
    let posts: Vec<String> =
        server.seen().into_iter().filter(|it| it.method == "POST").map(|it| it.target).collect();
    assert_eq!(posts, ["/login"], "nothing else was pressed");
}

#[test]
fn a_logout_confirmation_is_confirmed() {
    for question in [
        "<form method=post action=/out><button name=no>Cancel</button><button name=yes>Yes, log out</button></form>",
        "<p>Do you really want to leave?</p><form method=post action=/out><button name=yes>Yes</button></form>",
        "<p>Log out?</p><a href='/out?sure=yes'>Log out</a>",
    ] {
        let alive = Mutex::new(true);
        let server = Script::new(move |seen| {
            let mut alive = alive.lock().unwrap();
            match (seen.method.as_str(), seen.path()) {
                ("POST", "/login") => redirect(303, "/", &[COOKIE]),
                (_, "/logout") => redirect(302, "/confirm", &[]),
                (_, "/confirm") => html(200, &[], question),
                (_, "/out") if seen.body.contains("yes") || seen.target.contains("yes") => {
                    *alive = false;
                    redirect(303, "/login", &[])
                }
                _ if *alive && is_in(seen) => html(200, &[], "<p>Hello</p><a href=/logout>Log out</a>"),
                _ => html(200, &[], FORM),
            }
        });
        let (home, _) = lets_in(&server);
        home.line("logout").exits(0).answers("the server ended the session");
    }
}

#[test]
fn a_password_in_a_message_is_masked_before_the_message_is_shortened() {
    let long = "x".repeat(290);
    let server = Script::new(move |seen| match seen.method.as_str() {
        "POST" => {
            let said = format!("<p role=alert>{long} p&lt;w&quot;-0123456789-0123456789 is wrong</p>{FORM}");
            html(401, &[], &said)
        }
        _ => html(200, &[], FORM),
    });
    let (_, ran) = try_login(&server, "p<w\"-0123456789-0123456789", &[]);
    let ran = ran.exits(7);
    assert!(!ran.stderr.contains("p<w") && !ran.stderr.contains("012345"), "{}", ran.stderr);
}
