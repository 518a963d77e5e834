//! Round trips with other programs: each uses the session that we export, and we use what it saves.
//!
//! Debian, PyPI and npm provide these programs; `scripts/interop` builds xh and hurl too.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{Home, Ran, Script, Serve, installed, respond, until};

/// A home whose default profile is logged in.
fn logged_in() -> (Home, Serve, String) {
    let home = Home::new();
    let serve = Serve::start(&home);
    home.run(["login", &serve.url(), "--user", "alice"]).exits(0);
    let url = serve.url().trim_end_matches('/').to_owned();
    (home, serve, url)
}

fn export(home: &Home, option: &str, file: &str) {
    let ran = home.run(["show-cookies", option]).exits(0);
    fs::write(home.path().join(file), ran.stdout).expect("to be written");
}

fn command(home: &Home, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(home.path()).env("HOME", home.path()).stdin(std::process::Stdio::null());
    command
}

#[track_caller]
fn run(mut command: Command) -> String {
    let ran = Ran::from(command.output().unwrap_or_else(|error| panic!("{command:?}: {error}")));
    ran.exits(0).stdout
}

#[test]
fn curl_reads_a_configuration() {
    let (home, _serve, url) = logged_in();
    export(&home, "--curl-config", "session.cfg");
    let mut curl = command(&home, "curl");
    curl.args(["-s", "-K", "session.cfg", &format!("{url}/session")]);
    assert!(run(curl).contains("\"user\":\"alice\""));
    let odd =
        Script::new(|seen| respond(200, &["Set-Cookie: odd=a\\b\"c\td; Path=/"], seen.header("cookie")));
    home.run(["--jar", "jar", "visit", "-q", &odd.url("/")]).exits(0);
    let config = home.run(["--jar", "jar", "--url", &odd.url("/"), "show-cookies", "--curl-config"]).exits(0);
    let config = config.says("a curl configuration cannot represent hosts, paths and expiry");
    fs::write(home.path().join("odd.cfg"), config.stdout).expect("to be written");
    let mut curl = command(&home, "curl");
    curl.args(["-s", "-K", "odd.cfg", &odd.url("/x")]);
    assert_eq!(run(curl), "odd=a\\b\"c\td");
}

#[test]
fn httpie_goes_on_with_a_session() {
    let (home, _serve, url) = logged_in();
    export(&home, "--httpie", "session.json");
    let mut http = command(&home, installed("interop/python/bin/http"));
    http.args(["--ignore-stdin", "--session=./session.json", "--body", &format!("{url}/session")]);
    assert!(run(http).contains("alice"));
    home.line("import-cookies session.json --profile back").exits(0);
    home.run(["visit", &url, "--profile", "back", "--select", "h1"]).exits(0).answers("Welcome, alice!");
}

#[test]
fn python_requests_goes_on_with_a_session() {
    let (home, _serve, url) = logged_in();
    let script = "
import http.cookiejar, os, requests, sys
jar = http.cookiejar.MozillaCookieJar(os.environ['SESSCTL_COOKIES_PYTHON'])
jar.load(ignore_discard=True)
session = requests.Session()
session.cookies = jar
print(session.get(sys.argv[1] + '/session').json()['user'])
session.post(sys.argv[1] + '/logout', allow_redirects=False)
";
    fs::write(home.path().join("use.py"), script).expect("to be written");
    let python = installed("interop/python/bin/python");
    let ran = home.run(["exec", "--", python.to_str().expect("a path"), "use.py", &url]);
    ran.exits(0).answers("alice");
    home.run(["visit", &url, "--select", "h1"]).exits(0).answers("Log in");
}

#[test]
fn playwright_starts_logged_in_and_we_go_on_with_its_state() {
    let (home, _serve, url) = logged_in();
    let script = "
const { chromium } = require(process.argv[2]);
(async () => {
    const browser = await chromium.launch({ executablePath: process.argv[3], args: ['--no-sandbox'] });
    const context = await browser.newContext({ storageState: process.env.SESSCTL_STORAGE_STATE });
    const page = await context.newPage();
    await page.goto(process.argv[4]);
    console.log(await page.textContent('h1'));
    const fresh = await browser.newContext();
    const other = await fresh.newPage();
    await other.goto(process.argv[4]);
    await other.fill('[name=username]', 'bob');
    await other.press('[name=username]', 'Enter');
    await other.getByText('Welcome, bob!').first().waitFor();
    await fresh.storageState({ path: 'bob.json' });
    await browser.close();
})().catch(error => { console.error(error); process.exit(1); });
";
    fs::write(home.path().join("use.js"), script).expect("to be written");
    let library = installed("interop/node/node_modules/playwright-core");
    let chromium = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join("chromium"))
        .find(|path| path.exists())
        .expect("chromium");
    let (library, chromium) =
        (library.to_str().expect("a path"), chromium.to_str().expect("a path").to_owned());
    let ran = home.run(["exec", "--", "node", "use.js", library, &chromium, &url]);
    ran.exits(0).answers("Welcome, alice!");
    home.line("import-cookies bob.json --profile bob").exits(0).answers("a storage state of Playwright");
    home.run(["visit", &url, "--profile", "bob", "--select", "h1"]).exits(0).answers("Welcome, bob!");
}

#[test]
fn a_storage_state_has_every_attribute() {
    let server = Script::new(|_| {
        respond(
            200,
            &[
                "Set-Cookie: =nameless",
                "Set-Cookie: a=1; Path=/deep; HttpOnly; SameSite=Strict; Max-Age=86400",
                "Set-Cookie: b=2; Path=/",
            ],
            "",
        )
    });
    let home = Home::new();
    home.run(["visit", "-q", &server.url("/")]).exits(0);
    home.line("set-cookie https://www.app.test/ c=3;Domain=app.test;Secure;SameSite=None").exits(0);
    let ran = home.line("show-cookies --storage-state").exits(0).says("skipped cookie : it has no name");
    let state = ran.json();
    let cookies: Vec<&Value> = state["cookies"].as_array().expect("a list").iter().collect();
    let [a, b, c] = cookies[..] else { panic!("{state}") };
    assert_eq!(
        (&a["path"], &a["httpOnly"], &a["sameSite"]),
        (&"/deep".into(), &true.into(), &"Strict".into())
    );
    assert!(a["expires"].as_f64().is_some_and(|expires| expires > 1e9), "{a}");
    assert_eq!(
        (&b["expires"].as_f64(), &b["sameSite"], &b["domain"]),
        (&Some(-1.0), &"Lax".into(), &"127.0.0.1".into())
    );
    assert_eq!(
        (&c["domain"], &c["secure"], &c["sameSite"]),
        (&".app.test".into(), &true.into(), &"None".into())
    );
    // Other formats say what they leave out.
    home.line("show-cookies --netscape").exits(0).says("a cookies.txt cannot represent SameSite (a, c)");
    home.line("show-cookies --netscape=wget").exits(0).says("a cookies.txt cannot represent HttpOnly (a)");
    home.line("show-cookies --httpie").exits(0).says("an HTTPie session cannot represent HttpOnly (a)");
    home.line("show-cookies --netscape -q").exits(0).says("skipped cookie");
    home.line("show-cookies --httpie --storage-state").exits(2);
}

#[test]
fn the_database_of_a_running_firefox_is_read() {
    let server = Script::new(|_| {
        respond(
            200,
            &[
                "Set-Cookie: keep=firefox-value; Path=/; Max-Age=86400; HttpOnly; SameSite=Strict",
                "Set-Cookie: gone=1; Path=/",
                "Content-Type: text/html",
            ],
            "<title>x</title>",
        )
    });
    let home = Home::new();
    let root = home.path().join(".config/mozilla/firefox");
    let folder = root.join("abc.test");
    fs::create_dir_all(&folder).expect("a folder");
    let list = "[Profile0]\nName=test\nIsRelative=1\nPath=abc.test\nDefault=1\n";
    fs::write(root.join("profiles.ini"), list).expect("to be written");
    let mut firefox = Command::new("setpriv");
    firefox.args(["--pdeathsig", "KILL", "--", "firefox-esr", "--headless", "--no-remote", "--profile"]);
    firefox.arg(&folder).arg(server.url("/")).env("HOME", home.path()).env("MOZ_HEADLESS", "1");
    firefox.stdin(std::process::Stdio::null()).stdout(std::process::Stdio::null());
    let mut firefox = firefox.stderr(std::process::Stdio::null()).spawn().expect("firefox-esr to start");
    let import = || home.line("import-cookies --from firefox");
    until("Firefox stores the cookie", || {
        import().stdout.contains("imported 1 cookie of a cookie database of Firefox")
    });
    assert!(firefox.try_wait().expect("its state").is_none(), "Firefox is running");
    let ran = home.line("import-cookies --from firefox:test --profile named").exits(0);
    ran.says("Firefox keeps session cookies in memory");
    let cookie = home.line("show-cookies --json").exits(0).json()["cookies"][0].clone();
    for (member, value) in
        [("name", "keep"), ("value", "firefox-value"), ("domain", "127.0.0.1"), ("same_site", "Strict")]
    {
        assert_eq!(cookie[member], value, "{cookie}");
    }
    assert_eq!((&cookie["http_only"], &cookie["host_only"]), (&true.into(), &true.into()));
    let expires: jiff::Timestamp = cookie["expires"].as_str().expect("a time").parse().expect("a time");
    let hours = (expires.as_second() - jiff::Timestamp::now().as_second()) / 3600;
    assert!((22..=24).contains(&hours), "{cookie}");
    let _ = firefox.kill();
    let _ = firefox.wait();
}
