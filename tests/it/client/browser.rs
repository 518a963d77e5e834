//! `login --browser`: Chromium and Firefox log in to pages that only scripts draw.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Home, Ran, Script, Seen, html, redirect, respond, until};

const PASSWORD: &str = "s3cret-of-alice";

/// The browsers draw more slowly than the default limit allows while other tests use the processor.
const PATIENT: &str = "180s";

/// An application that draws everything with a script. `kind` is how it draws its form.
fn page(kind: &str) -> String {
    let script = r#"
        const app = document.getElementById('app');
        const post = (path, body) => fetch(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
        const login = (root, fields, send) => {
            root.innerHTML = '<h2>Sign in</h2><p role=alert></p>' + fields + '<button type=button>Sign in</button>';
            // The values that a script knows are those of input events.
            const known = {};
            for (const field of root.querySelectorAll('input')) field.addEventListener('input', () => known[field.type] = field.value);
            root.querySelector('button').addEventListener('click', () => send(known));
        };
        const refuse = (root) => root.querySelector('[role=alert]').textContent = 'Wrong email or password.';
        const name = '<label>Email <input type=email></label>', word = '<label>Password <input type=password></label>';
        const finish = async (root, body) => (await post('/api/login', body)).ok ? location.href = '/app' : refuse(root);
        const draw = {
            plain: () => login(app, name + word, (known) => finish(app, known)),
            shadow: () => { const root = app.attachShadow({ mode: 'open' }); login(root, name + word, (known) => finish(root, known)); },
            steps: () => login(app, name, async (first) => {
                await post('/api/name', first);
                login(app, word, (known) => finish(app, { ...first, ...known }));
            }),
        };
        setTimeout(draw[KIND], KIND === 'plain' ? 2000 : 50);
    "#;
    format!(
        "<!doctype html><title>App</title><div id=app></div><script>const KIND = '{kind}';{script}</script>"
    )
}

/// What the application shows to everyone. A script asks who the user is.
const APP: &str = "<!doctype html><title>App</title><main></main><script>
    fetch('/api/me').then(async (me) => {
        document.querySelector('main').innerHTML = me.ok ? `<h1>Welcome, ${(await me.json()).name}</h1>` : '<a href=/plain>Sign in</a>';
    });
</script>";

fn json(status: u16, body: &str, headers: &[&str]) -> Vec<u8> {
    let headers = [&["Content-Type: application/json"], headers].concat();
    respond(status, &headers, body)
}

fn answer(seen: &Seen) -> Vec<u8> {
    let host = seen.header("host");
    let port = host.rsplit(':').next().unwrap_or_default();
    match (seen.method.as_str(), seen.path()) {
        (_, "/plain") => html(200, &[], &page("plain")),
        (_, "/shadow") => html(200, &[], &page("shadow")),
        (_, "/steps") => html(200, &[], &page("steps")),
        (_, "/frame") => html(
            200,
            &[],
            "<h1>Portal</h1><iframe src=/shadow width=700 height=500 style='margin:3em'></iframe>",
        ),
        (_, "/moved") => html(
            200,
            &[],
            &format!("<script>setTimeout(() => location = 'http://localhost:{port}/sso', 100)</script>"),
        ),
        (_, "/sso") => redirect(
            302,
            &format!("http://127.0.0.1:{port}/plain"),
            &["Set-Cookie: sso=1; Path=/sso; HttpOnly"],
        ),
        (_, "/nothing") => {
            html(200, &[], "<title>Empty shop</title><p>Come back later.</p><script>1</script>")
        }
        (_, "/puzzle") => {
            html(200, &[], "<title>Wait</title><div class=h-captcha data-sitekey=1>Are you a robot?</div>")
        }
        ("POST", "/api/login") if seen.body.contains("alice@app.test") && seen.body.contains(PASSWORD) => {
            json(200, "{}", &["Set-Cookie: sid=alive; HttpOnly; SameSite=Strict; Path=/; Max-Age=3600"])
        }
        ("POST", "/api/login") => json(401, "{}", &[]),
        (_, "/api/me") if seen.cookie("sid") == "alive" => json(200, r#"{"name":"alice"}"#, &[]),
        (_, "/api/me") => json(401, "{}", &[]),
        _ => html(200, &[], APP),
    }
}

/// A home in which all folders of browsers are in one place.
struct BrowserHome(Home);

impl BrowserHome {
    fn new() -> Self {
        let home = Home::new();
        fs::create_dir(home.path().join("tmp")).expect("a folder");
        BrowserHome(home)
    }

    fn tmp(&self) -> PathBuf {
        self.0.path().join("tmp")
    }

    fn command(&self, url: &str, browser: &str, password: &str, more: &[&str]) -> Command {
        let args = ["login", url, "--user", "alice@app.test", "--browser", "--timeout", PATIENT];
        let mut command = self.0.command([&args, more].concat());
        command.env("TMPDIR", self.tmp()).env("SESSCTL_PASSWORD", password).env("SESSCTL_BROWSER", browser);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    #[track_caller]
    fn log_in(&self, url: &str, browser: &str, password: &str, more: &[&str]) -> Ran {
        let ran =
            Ran::from(self.command(url, browser, password, more).output().expect("the binary to start"));
        self.is_clean();
        ran
    }

    /// Asserts that no process and no folder of a browser remains.
    #[track_caller]
    fn is_clean(&self) {
        until("the processes of the browser to end", || processes_of(&self.tmp()).is_empty());
        let left: Vec<_> =
            fs::read_dir(self.tmp()).expect("a folder").flatten().map(|it| it.path()).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

/// The processes whose arguments or environment name this folder, except the binary under test.
fn processes_of(folder: &Path) -> Vec<PathBuf> {
    let name = folder.join("sessctl-browser-").display().to_string();
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    let names_folder = |process: &PathBuf| {
        ["cmdline", "environ"].iter().any(|file| {
            String::from_utf8_lossy(&fs::read(process.join(file)).unwrap_or_default()).contains(&name)
        })
    };
    processes.filter(names_folder).collect()
}

fn kill(processes: &[PathBuf]) {
    let ids = processes.iter().filter_map(|process| process.file_name());
    let _ = Command::new("kill").args(["-s", "KILL"]).args(ids).stderr(Stdio::null()).status();
}

fn each_form_is_filled_in(browser: &str) {
    let server = Script::new(answer);
    for path in ["/moved", "/shadow", "/frame", "/steps"] {
        let home = BrowserHome::new();
        let ran = home
            .log_in(&server.url(path), browser, PASSWORD, &[])
            .exits(0)
            .answers("logged in as alice@app.test");
        let evidence = "/api/me changes with the cookie: logged in status 200, logged out 401";
        assert!(ran.stderr.contains(evidence), "{path}: {}", ran.stderr);
        home.0.line(&format!("visit {} --expect-text alice", server.url("/api/me"))).exits(0);
        let jar: Value = serde_json::from_slice(&fs::read(home.0.jar()).expect("a jar")).expect("JSON");
        let cookie =
            |name: &str| jar["cookies"].as_array().and_then(|all| all.iter().find(|it| it["name"] == name));
        let sid = cookie("sid").expect("the cookie of the session");
        assert!(
            sid["http_only"] == true && sid["same_site"] == "Strict" && sid["host_only"] == true,
            "{sid}"
        );
        assert!(sid["expires"].is_string(), "{sid}");
        let sso = cookie("sso").map(|it| (it["domain"].as_str(), it["path"].as_str()));
        assert_eq!(sso, (path == "/moved").then_some((Some("localhost"), Some("/sso"))), "{path}");
    }
    let ran = BrowserHome::new().log_in(&server.url("/plain"), browser, "wrong", &["--json"]).exits(7);
    let verdict = &ran.json()["verdict"];
    assert_eq!((&verdict["kind"], verdict["exit"].as_u64()), (&Value::from("refused"), Some(7)), "{verdict}");
    assert!(
        verdict["reason"].as_str().is_some_and(|it| it.contains("Wrong email or password.")),
        "{verdict}"
    );
}

#[test]
fn chromium_fills_in_forms_that_scripts_draw() {
    each_form_is_filled_in("chromium");
}

#[test]
fn firefox_fills_in_forms_that_scripts_draw() {
    each_form_is_filled_in("firefox");
}

/// The same HTML and the same requests for everybody: a script reads the cookie.
const READS_COOKIE: &str = "<!doctype html><title>App</title><main></main><script>
    const main = document.querySelector('main');
    if (document.cookie.includes('sid=alive')) {
        localStorage.setItem('token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMDAwMH0.AAAA');
        main.innerHTML = '<h1>Your files</h1><a href=/logout>Log out</a>';
    } else {
        main.innerHTML = '<form><input name=user><input type=password name=word><button>Log in</button></form>';
        main.querySelector('form').onsubmit = (event) => {
            event.preventDefault();
            document.cookie = main.querySelector('[name=word]').value.startsWith('s3cret') ? 'sid=alive' : 'sid=no';
            location.reload();
        };
    }
</script>";

#[test]
fn a_page_that_is_the_same_for_everyone_is_compared_as_an_empty_browser_draws_it() {
    let server = Script::new(|_| html(200, &[], READS_COOKIE));
    let home = BrowserHome::new();
    let ran = home.log_in(&server.url("/"), "chromium", PASSWORD, &["--explain"]).exits(0);
    let ran = ran.says("/ is drawn differently in an empty browser");
    assert!(ran.stderr.contains("logged in it shows a logout control"), "{}", ran.stderr);
    assert!(ran.stderr.contains("word: the password"), "{}", ran.stderr);
    assert!(!fs::read_to_string(home.0.jar()).expect("a jar").contains(PASSWORD));
}

#[test]
fn a_page_without_a_form_is_described() {
    let server = Script::new(answer);
    let short = ["--timeout", "20s"];
    let log_in = |path: &str| {
        let home = BrowserHome::new();
        let mut command =
            home.0.command(["login", &server.url(path), "--user", "a", "--browser", short[0], short[1]]);
        command.env("TMPDIR", home.tmp()).env("SESSCTL_BROWSER", "chromium");
        let ran = Ran::from(command.output().expect("the binary to start"));
        home.is_clean();
        ran
    };
    log_in("/nothing")
        .exits(7)
        .says("no login form has appeared")
        .says("it shows: Empty shop / Come back later.");
    log_in("/puzzle").exits(7).says("captcha").says("--browser=window");
}

#[test]
fn secrets_are_not_in_the_arguments_or_the_environment_of_the_browser() {
    let home = Arc::new(BrowserHome::new());
    let (watched, found) = (Arc::clone(&home), Arc::new(Mutex::new(Vec::new())));
    let seen_processes = Arc::clone(&found);
    let server = Script::new(move |seen| {
        if seen.path() == "/api/login" {
            for process in processes_of(&watched.tmp()) {
                let read = |file: &str| {
                    String::from_utf8_lossy(&fs::read(process.join(file)).unwrap_or_default()).into_owned()
                };
                seen_processes.lock().expect("no panic").push(read("cmdline") + &read("environ"));
            }
        }
        answer(seen)
    });
    home.log_in(&server.url("/shadow"), "chromium", PASSWORD, &[]).exits(0);
    let found = found.lock().expect("no panic");
    assert!(!found.is_empty() && found.iter().all(|it| !it.contains(PASSWORD)), "{found:?}");
    let history =
        fs::read_to_string(home.0.path().join("state/sessctl/default/history.jsonl")).expect("a history");
    assert!(!history.contains(PASSWORD) && history.contains("/api/login"), "{history}");
}

/// A program that is no browser.
fn program(home: &Home, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = home.path().join("firefox-or-not");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
    path.display().to_string()
}

#[test]
fn a_browser_that_is_missing_broken_or_silent_is_an_error_in_time() {
    let home = BrowserHome::new();
    let url = "http://127.0.0.1:9/";
    home.log_in(url, "/no/such/browser", "x", &[])
        .exits(1)
        .says("found no browser; tried /no/such/browser")
        .says("SESSCTL_BROWSER");
    let broken = program(&home.0, "echo 'no fonts' >&2; exit 3");
    home.log_in(url, &broken, "x", &[]).exits(1).says("ended unexpectedly: no fonts");
    let silent = program(&home.0, "sleep 1000");
    let mut command = home.0.command(["login", url, "--user", "a", "--browser", "--timeout", "1s"]);
    command.env("TMPDIR", home.tmp()).env("SESSCTL_BROWSER", &silent);
    Ran::from(command.output().expect("the binary to start")).exits(8).says("did not finish within 1 s");
    home.is_clean();
    let chromium = fs::copy(&silent, home.0.path().join("chromium")).expect("a copy");
    assert!(chromium > 0);
    let silent = home.0.path().join("chromium").display().to_string();
    command = home.0.command(["login", url, "--user", "a", "--browser", "--timeout", "1s"]);
    command.env("TMPDIR", home.tmp()).env("SESSCTL_BROWSER", &silent);
    Ran::from(command.output().expect("the binary to start")).exits(8).says("did not finish within 1 s");
    home.is_clean();
    home.log_in(url, "chromium", "x", &["--cacert", "/dev/null"])
        .exits(2)
        .says("Chromium cannot use --cacert");
}

#[test]
fn a_browser_that_is_killed_at_any_step_is_an_error() {
    for step in ["/shadow", "/api/login", "/app"] {
        let home = Arc::new(BrowserHome::new());
        let watched = Arc::clone(&home);
        let server = Script::new(move |seen| {
            if seen.path() == step {
                kill(&processes_of(&watched.tmp()));
            }
            answer(seen)
        });
        let started = Instant::now();
        home.log_in(&server.url("/shadow"), "chromium", PASSWORD, &[])
            .exits(1)
            .says("ended unexpectedly: signal: 9");
        assert!(started.elapsed() < Duration::from_secs(180), "{step}");
    }
}

#[test]
fn ctrl_c_ends_the_browser() {
    for signal in ["INT", "TERM"] {
        let server = Script::new(|_| {
            std::thread::park_timeout(Duration::from_secs(10));
            Vec::new()
        });
        let home = BrowserHome::new();
        let mut child =
            home.command(&server.url("/"), "chromium", "x", &[]).spawn().expect("the binary to start");
        until("the request of the browser", || !server.seen().is_empty());
        assert!(!processes_of(&home.tmp()).is_empty());
        let id = child.id().to_string();
        Command::new("kill").args(["-s", signal, &id]).status().expect("kill to run");
        let status = child.wait().expect("the binary to end");
        use std::os::unix::process::ExitStatusExt as _;
        assert_eq!(status.signal(), Some(if signal == "INT" { 2 } else { 15 }), "{status}");
        home.is_clean();
    }
}
