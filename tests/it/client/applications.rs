//! Login, use and logout of real applications on other frameworks and servers, with one command each and without options
//! for a single application. `scripts/install-applications` installs them.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::support::{Home, Ran, installed};

struct Application {
    process: Child,
    /// `http://127.0.0.1:PORT`
    url: String,
}

impl Drop for Application {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Application {
    /// Starts the command for a free port, and waits until `path` is answered.
    fn start(home: &Home, path: &str, command: impl FnOnce(u16) -> Command) -> Self {
        let address =
            std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port");
        let mut command = command(address.port());
        let said = std::fs::File::create(home.path().join("application.log")).expect("a log");
        let process =
            command.current_dir(home.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn();
        let application = Application {
            process: process.expect("the application to start"),
            url: format!("http://{address}"),
        };
        let waited =
            home.run(["--profile", "waiting", "visit", &application.at(path), "--wait", "90s", "-q"]);
        let log = std::fs::read_to_string(home.path().join("application.log")).unwrap_or_default();
        assert!(matches!(waited.code, Some(0 | 4)), "{waited:?}\n{log}");
        application
    }

    fn at(&self, path: &str) -> String {
        self.url.clone() + path
    }
}

fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/applications").join(name)
}

fn python() -> Command {
    Command::new(installed("python/bin/python"))
}

#[track_caller]
fn has_evidence(ran: &Ran, evidence: &[&str]) {
    for line in evidence {
        assert!(ran.stderr.contains(line), "{line:?} is not in\n{}", ran.stderr);
    }
}

/// Whether a page opens with an earlier cookie of the jar.
fn opens(home: &Home, url: &str, cookie: &str) -> bool {
    let cookie = format!("Cookie: {cookie}");
    let visit =
        ["--profile", "thief", "visit", url, "--no-save", "--max-redirects", "0", "-q", "-H", &cookie];
    home.run(visit).code == Some(0)
}

#[test]
fn django_admin() {
    let home = Home::new();
    let run = |args: &[&str]| {
        let mut command = python();
        command.args(args).current_dir(home.path()).env("DJANGO_SUPERUSER_PASSWORD", "s3cret & more");
        let output = command.output().expect("python to start");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    run(&["-m", "django", "startproject", "site1", "."]);
    run(&["manage.py", "migrate", "-v0"]);
    let account = ["--noinput", "--username", "admin", "--email", "admin@example.org"];
    run(&[&["manage.py", "createsuperuser"], &account[..]].concat());
    let django = Application::start(&home, "/admin/", |port| {
        let mut command = python();
        command.args(["manage.py", "runserver", &format!("127.0.0.1:{port}"), "--noreload"]);
        command
    });
    let url = django.at("/admin/");
    let login = ["login", url.as_str(), "--user", "admin", "--password-stdin"];
    home.run_with_input(login, "wrong").exits(7).says(
        "login refused (status 200): Please enter the correct username and password for a staff account.",
    );
    let ran = home.run_with_input(login, "s3cret & more\n").exits(0).answers("logged in as admin");
    let way = "logged out it redirects to /admin/login/";
    has_evidence(&ran, &["cookie sessionid was issued", "the login form is gone", way]);
    home.line("status").exits(0).answers("logged in as admin at").says("cookie sessionid expires");
    home.line("visit /admin/ --expect-text Site --expect-no-login").exits(0);
    let old = home.line("show-cookies --name sessionid --value").exits(0).stdout;

    home.run_with_input(login, "s3cret & more").exits(0);
    home.run_with_input(login, "wrong").exits(7);
    home.line("visit /admin/ --expect-status 200 --reject-text /admin/login/").exits(0);

    home.line("logout").exits(0).answers("the server ended the session");
    assert!(!opens(&home, &url, &format!("sessionid={}", old.trim())));
    home.line("status").exits(7).says("not logged in: ");
    let login_page = "expected no login, got one: ";
    home.line("visit /admin/ --expect-status 200 --expect-no-login").exits(7).says(login_page);
    home.line("logout").exits(7).says("so this client is not logged in");
}

#[test]
fn flask_login_with_flask_wtf() {
    let home = Home::new();
    let flask = Application::start(&home, "/", |port| {
        let mut command = python();
        command.arg(source("flask_app.py")).arg(port.to_string());
        command
    });
    // The start page has a search, a newsletter and a link; the login page has both forms too.
    let login = ["login", flask.url.as_str(), "--user", "alice", "--password-stdin"];
    home.run_with_input(login, "wrong")
        .exits(7)
        .says("login refused (status 200): Invalid username or password.");
    let ran = home.run_with_input(login, "correct horse & battery").exits(0).answers("logged in as alice");
    has_evidence(&ran, &["there is a logout control", "logged out it redirects to /auth/login"]);

    home.line("status").exits(0).answers("logged in as alice at");
    let note = ["submit", "/notes", "text=Buy <milk>", "colour=green", "pinned=on", "--expect-text"];
    home.run(note.iter().chain(&["<b>Pinned</b> Buy &lt;milk&gt;"])).exits(0);
    let old = home.line("show-cookies --name session --value").exits(0).stdout;
    // Its session is in the cookie itself: no logout of the server can reach a copy.
    home.line("logout").exits(7).says("only the cookie was deleted");
    assert!(opens(&home, &flask.at("/notes"), &format!("session={}", old.trim())), "the verdict was true");
    home.line("visit /notes --expect-text Username").exits(0);
    home.line("status").exits(7).says("not logged in: ");
}

#[test]
fn express_with_sessions_and_a_csrf_token() {
    let home = Home::new();
    let express = Application::start(&home, "/login", |port| {
        let mut command = Command::new("node");
        command.arg(source("express/app.js")).arg(port.to_string());
        command.env("NODE_PATH", installed("node/node_modules"));
        command
    });
    let login = ["login", express.url.as_str(), "--user", "bob@example.org", "--password-stdin"];
    home.run_with_input(login, "wrong")
        .exits(7)
        .says("login refused (status 401): Wrong e-mail or password.");
    let ran = home.run_with_input(login, "tr0ub4dor & 3").exits(0).answers("logged in as bob@example.org");
    has_evidence(&ran, &["cookie connect.sid was renewed", "logged out it redirects to /login"]);

    home.line("status").exits(0).answers("logged in");
    home.line("submit /account name=Robert --expect-text Robert").exits(0);
    let old = home.line("show-cookies --name connect.sid --value").exits(0).stdout;
    let cookie = format!("connect.sid={}", old.trim());
    assert!(opens(&home, &express.at("/account"), &cookie));
    home.line("logout").exits(0).answers("the server ended the session");
    assert!(!opens(&home, &express.at("/account"), &cookie), "the verdict was true");
    home.line("status").exits(7).says("not logged in: ");
}

#[test]
fn jupyter_server_asks_for_a_password_only() {
    let home = Home::new();
    let hashed = python()
        .args(["-c", "from jupyter_server.auth import passwd; print(passwd('open sesame & co'))"])
        .output()
        .expect("python to start");
    let hash = String::from_utf8(hashed.stdout).expect("a hash");
    let folder = home.path().to_owned();
    let jupyter = Application::start(&home, "/login", |port| {
        let mut command = Command::new("bash");
        command.arg(source("start-jupyter")).arg(port.to_string()).arg(folder).arg(hash.trim());
        command.env("PYTHON", installed("python/bin/python"));
        command
    });
    // The start page has neither a form nor a link: the login is at a usual place.
    let login = ["login", jupyter.url.as_str(), "--password-stdin"];
    home.run_with_input(login, "wrong").exits(7).says("login refused (status 401): Invalid credentials");
    let ran = home.run_with_input(login, "open sesame & co").exits(0).answers("logged in at");
    has_evidence(&ran, &["was issued", "the login form is gone", "logged out it shows a login form"]);

    home.line("visit /api/me --expect-status 200").exits(0);
    home.line("status").exits(0).answers("logged in at");
    let token = home.line("show-cookies --name _xsrf --value").exits(0).stdout;
    let header = format!("X-XSRFToken: {}", token.trim());
    let note = r#"{"type":"file","format":"text","content":"hey"}"#;
    let write = ["visit", "-X", "PUT", "/api/contents/note.txt", "-H", &header, "--body-json", note];
    home.run(write.iter().chain(&["--expect-status", "201"])).exits(0);
    // Its session is in the cookie itself, and its logout is no more than a link that nothing leads to.
    home.line("logout")
        .exits(7)
        .says("only the cookie was deleted")
        .says("used GET /logout, a common logout path");
    home.line("visit /api/me --expect-status 403").exits(0);
    home.line("status").exits(7).says("not logged in: ");
}

#[test]
fn the_form_login_of_a_servlet_container() {
    let home = Home::new();
    let folder = home.path().to_owned();
    let tomcat = Application::start(&home, "/examples/", |port| {
        let mut command = Command::new("bash");
        command.arg(source("start-tomcat")).arg(port.to_string()).arg(folder).args(["carol", "p w&<1"]);
        command
    });
    let page = tomcat.at("/examples/jsp/security/protected/");
    let login = ["login", page.as_str(), "--user", "carol", "--password-stdin"];
    let refused = home.run_with_input(login, "wrong").exits(7);
    let refused = refused.says("Invalid user name and/or password, please try again.");
    assert!(!refused.stderr.contains("jsessionid"), "a session id in a URL is not shown: {}", refused.stderr);
    let ran = home.run_with_input(login, "p w&<1").exits(0).answers("logged in as carol");
    has_evidence(&ran, &["cookie JSESSIONID was renewed", "logged out it shows a login form"]);

    let act = ["submit", page.as_str(), "dataName=colour", "dataValue=green", "--expect-text", "green"];
    home.run(act).exits(0);
    home.line("status").exits(0).answers("logged in");
    let old = home.line("show-cookies --name JSESSIONID --value").exits(0).stdout;
    let ran = home.line("logout").exits(0).answers("the server ended the session");
    let ran = ran.says("it logs out with a GET request");
    assert!(!ran.stderr.contains(old.trim()), "{}", ran.stderr);
    let cookie = format!("Cookie: JSESSIONID={}", old.trim());
    let replay = ["--profile", "thief", "visit", &page, "-H", &cookie, "--expect-text", "j_password"];
    home.run(replay).exits(0);
    home.line("status").exits(7).says("not logged in: ");
}
