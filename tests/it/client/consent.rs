//! A login at an identity provider on another site.

use std::sync::{Arc, Mutex};

use super::login_verdicts::{COOKIE, FORM, fails, is_in, lets_in, log_in};
use crate::support::{Home, Script, html, redirect};

/// An application and its identity provider on another site.
fn sign_on(confirm: &'static str) -> (Script, Script) {
    let port = Arc::new(Mutex::new((String::new(), String::new())));
    let (known, known_by_provider) = (port.clone(), port.clone());
    let application = Script::new(move |seen| {
        let provider = known.lock().unwrap().1.clone();
        match (seen.path(), seen.cookie("app") == "1") {
            ("/callback", _) if seen.target.contains("code=ok") => {
                redirect(302, "/private", &["Set-Cookie: app=1; Path=/"])
            }
            (_, true) => html(200, &[], "<p>Private</p><a href=/logout>Log out</a>"),
            ("/private", _) => {
                redirect(302, &format!("{provider}/authorize"), &["Set-Cookie: state=x; Path=/"])
            }
            _ => html(200, &[], "<p>Welcome</p><a href=/private>Log in</a>"),
        }
    });
    let provider = Script::new(move |seen| {
        let application = known_by_provider.lock().unwrap().0.clone();
        match (seen.method.as_str(), seen.path(), is_in(seen)) {
            ("POST", "/login", _) => redirect(302, "/authorize", &[COOKIE]),
            ("POST", "/confirm", true) => redirect(302, &format!("{application}/callback?code=ok"), &[]),
            (_, "/authorize", true) if confirm.is_empty() => {
                redirect(302, &format!("{application}/callback?code=ok"), &[])
            }
            (_, "/authorize", true) => redirect(302, "/consent/17", &[]),
            (_, "/consent/17", true) => html(200, &[], confirm),
            _ => html(200, &[], FORM),
        }
    });
    let of_provider = provider.url("").replace("127.0.0.1", "localhost");
    *port.lock().unwrap() = (application.url(""), of_provider);
    (application, provider)
}

#[test]
fn a_sign_on_that_asks_for_consent_is_not_a_login() {
    for confirm in [
        "<h1>Authorize</h1><form method=post action=/confirm><input type=hidden name=ok value=1><button>Continue</button></form>",
        "<p>Demo wants to read your mail</p><form method=post action=/confirm><button name=a value=no>Deny</button><button name=a value=yes>Allow</button></form>",
        "<form method=post action=/confirm><input type=checkbox name=mail checked><button>Sí, entra</button></form><a href=/logout>Not you?</a>",
    ] {
        let (application, provider) = sign_on(confirm);
        fails(&application, "/private", &[], "consent", "/consent/17 asks you to confirm the sign-on");
        fails(&application, "/private", &["--judge-by", "/private"], "consent", "/consent/17");
        fails(&application, "/", &[], "consent", "/consent/17");
        // The command that the hint names finishes the login.
        let home = Home::new();
        log_in(&home, &application.url("/private"), &[])
            .exits(7)
            .says("sessctl login --continue confirms it");
        home.line("login --continue").exits(0).answers("logged in as alice");
        home.run(["visit", &application.url("/private"), "--expect-text", "Private"]).exits(0);
        drop(provider);
    }
}

#[test]
fn a_sign_on_without_consent_is_a_login() {
    let (application, _provider) = sign_on("");
    for path in ["/private", "/"] {
        let home = lets_in(&application, path, &[]);
        home.run(["visit", &application.url("/private"), "--expect-text", "Private"]).exits(0);
    }
    lets_in(&application, "/private", &["--judge-by", "/private"]);
}
