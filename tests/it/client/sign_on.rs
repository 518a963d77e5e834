//! Pages of a single sign-on that post themselves are followed, whatever submits them.

use crate::support::{Home, Script, Seen, html, redirect};

/// An application on 127.0.0.1, with a provider on localhost that answers with this page.
fn application(fields: &'static str, script: &'static str) -> Script {
    Script::new(move |seen: &Seen| {
        let port = seen.header("host").rsplit_once(':').map_or("", |(_, port)| port);
        match (seen.method.as_str(), seen.path()) {
            ("GET", "/" | "/login") if seen.cookie("app").is_empty() => {
                redirect(302, &format!("http://localhost:{port}/sso"), &[])
            }
            ("GET", "/") => html(200, &[], "<p>Welcome, alice</p><a href=/logout>Log out</a>"),
            ("GET", "/form") => html(200, &[], "<form method=post action=/start><input name=a></form>"),
            ("POST", "/start") => redirect(302, &format!("http://localhost:{port}/sso"), &[]),
            ("GET", "/sso") if seen.cookie("sso").is_empty() => html(
                200,
                &[],
                "<form method=post action=/sso><input name=username><input type=password name=password></form>",
            ),
            (_, "/sso") => {
                let form = format!("<form method=post action='http://127.0.0.1:{port}/acs'>{fields}");
                let page = format!("{form}<noscript><button>Continue</button></noscript></form>{script}");
                html(200, &["Set-Cookie: sso=1"], &page)
            }
            ("POST", "/acs") if seen.body.contains("signed") => {
                redirect(303, "/", &["Set-Cookie: app=1; HttpOnly"])
            }
            _ => html(404, &[], "nothing here"),
        }
    })
}

const SAML: &str =
    "<input type=hidden name=SAMLResponse value=signed><input type=hidden name=RelayState value=x>";
const EXTERNAL: &str = "<script src=/post.js></script>";

#[test]
fn a_login_follows_each_kind() {
    for (fields, script) in [
        (SAML, EXTERNAL),
        (SAML, "<script>document.querySelector('button').click()</script>"),
        (SAML, "<script>setTimeout(() => document.forms[0].submit(), 3000)</script>"),
        ("<input type=hidden name=wresult value=signed>", EXTERNAL),
        ("<input type=hidden name=code value=signed><input type=hidden name=state value=s>", EXTERNAL),
        ("<input type=hidden name=id_token value=signed><input type=hidden name=state value=s>", EXTERNAL),
    ] {
        let (server, home) = (application(fields, script), Home::new());
        let ran = home.run_with_input(["login", &server.url("/"), "-u", "alice", "--password-stdin"], "pw\n");
        ran.exits(0).answers("logged in as alice at http://127.0.0.1");
    }
}

#[test]
fn visit_and_submit_follow_them_too() {
    let (server, home) = (application(SAML, EXTERNAL), Home::new());
    let localhost = server.url("/sso").replace("127.0.0.1", "localhost");
    home.run(["submit", &localhost, "username=alice", "password=pw"]).exits(0).answers("Welcome, alice");
    home.run(["clear-cookies", "--name", "app"]).exits(0);
    home.run(["visit", &server.url("/")]).exits(0).answers("Welcome, alice");
    home.run(["clear-cookies", "--name", "app"]).exits(0);
    home.run(["submit", &server.url("/form"), "a=1"]).exits(0).answers("Welcome, alice");
    // Without redirects, the page itself is the answer.
    home.run(["visit", &localhost, "--max-redirects", "0"]).exits(0).answers("SAMLResponse");
}

#[test]
fn other_forms_of_another_site_are_not_sent() {
    for fields in [
        "<input type=hidden name=to value=signed>",
        "<input type=hidden name=code value=signed>",
        "<input name=SAMLResponse value=signed>",
    ] {
        let submits = "<script>document.forms[0].submit()</script>";
        let (server, home) = (application(fields, submits), Home::new());
        let ran = home.run_with_input(["login", &server.url("/"), "-u", "alice", "--password-stdin"], "pw\n");
        ran.exits(7);
        assert!(server.seen().iter().all(|seen| seen.path() != "/acs"), "{fields}");
    }
}
