//! [`Browser`]: headless Chromium with a fresh profile, controlled through chromedriver (W3C WebDriver). All its processes
//! end with the test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use base64::Engine;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::Kept;

/// The JSON key of an element in WebDriver.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Special keys in WebDriver.
pub const TAB: char = '\u{E004}';
pub const ENTER: char = '\u{E007}';

pub struct Browser {
    /// Its home directory. All processes with this home belong to the test.
    home: TempDir,
    driver: Child,
    address: String,
    session: String,
}

/// An element of the current page.
pub struct Element<'a> {
    browser: &'a Browser,
    id: String,
}

impl Browser {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts Chromium with additional arguments.
    pub fn with(args: &[&str]) -> Self {
        let home = TempDir::new().expect("a temporary folder");
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", "chromedriver", "--port=0"]);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", home.path()).env("TMPDIR", home.path()).current_dir(home.path());
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut driver = command.spawn().expect("chromedriver to start");
        let said = BufReader::new(driver.stdout.take().expect("a pipe")).lines().map_while(Result::ok);
        let port = said
            .filter_map(|line| line.split_once("successfully on port ").map(|(_, port)| port.to_owned()))
            .map(|port| port.trim_end_matches('.').parse::<u16>().expect("a port"))
            .next();
        let address = format!("127.0.0.1:{}", port.expect("chromedriver to say its port"));
        let mut browser = Browser { home, driver, address, session: String::new() };
        let profile = format!("--user-data-dir={}", browser.home.path().join("profile").display());
        let always = [
            "--headless=new",
            "--no-sandbox", // required for root
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--remote-debugging-pipe", // Chromium ends when the pipe is closed
            profile.as_str(),
        ];
        let args = [&always, args].concat();
        let options = json!({ "args": args });
        let wanted = json!({
            "browserName": "chrome", "acceptInsecureCerts": false, "goog:chromeOptions": options,
        });
        let made = browser.ask("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session = made["sessionId"].as_str().expect("a WebDriver session").to_owned();
        browser
    }

    /// Sends a WebDriver command. Panics if it fails.
    #[track_caller]
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.try_to(method, path, body).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    fn try_to(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        );
        // chromedriver ignores `Connection: close`.
        let mut connection = Kept::open(&self.address);
        connection.send((head + &body).as_bytes()).map_err(|error| Value::from(error.to_string()))?;
        let answer = connection.answer().ok_or("chromedriver hung up")?;
        let mut told: Value = serde_json::from_str(&answer.body).map_err(|_| Value::from(answer.body))?;
        let value = told["value"].take();
        if answer.status == 200 { Ok(value) } else { Err(value["message"].clone()) }
    }

    #[track_caller]
    fn get(&self, what: &str) -> Value {
        self.ask("GET", &format!("/session/{}/{what}", self.session), &Value::Null)
    }

    #[track_caller]
    fn post(&self, what: &str, body: &Value) -> Value {
        self.ask("POST", &format!("/session/{}/{what}", self.session), body)
    }

    /// Sends a DevTools command, for what WebDriver lacks.
    #[track_caller]
    pub fn devtools(&self, command: &str, params: &Value) -> Value {
        self.post("goog/cdp/execute", &json!({ "cmd": command, "params": params }))
    }

    /// Opens a page and waits until it is loaded.
    #[track_caller]
    pub fn open(&self, url: &str) {
        self.post("url", &json!({ "url": url }));
    }

    #[track_caller]
    pub fn url(&self) -> String {
        text(&self.get("url"))
    }

    #[track_caller]
    pub fn title(&self) -> String {
        text(&self.get("title"))
    }

    #[track_caller]
    pub fn reload(&self) {
        self.post("refresh", &json!({}));
    }

    #[track_caller]
    pub fn back(&self) {
        self.leave(|| {
            self.post("back", &json!({}));
        });
    }

    /// Runs an action that leads to another page, and waits until that page is loaded. chromedriver may return earlier.
    #[track_caller]
    pub fn leave(&self, act: impl FnOnce()) {
        static PAGES: AtomicU32 = AtomicU32::new(0);
        // A page from the back/forward cache has an older number.
        let page = PAGES.fetch_add(1, Ordering::Relaxed);
        self.script(&format!("document.documentElement.dataset.left = '{page}'"));
        act();
        let is_there = format!(
            "return document.readyState == 'complete' && document.documentElement.dataset.left != '{page}'"
        );
        let ask = json!({ "script": is_there, "args": [] });
        // Between the pages, commands fail.
        self.until("another page", |browser| {
            browser.try_to("POST", &format!("/session/{}/execute/sync", browser.session), &ask)
                == Ok(true.into())
        });
    }

    /// The first element that a CSS selector matches.
    #[track_caller]
    pub fn find(&self, css: &str) -> Element<'_> {
        let found = self.post("element", &json!({ "using": "css selector", "value": css }));
        Element { browser: self, id: text(&found[ELEMENT]) }
    }

    #[track_caller]
    pub fn find_all(&self, css: &str) -> Vec<Element<'_>> {
        let found = self.post("elements", &json!({ "using": "css selector", "value": css }));
        let found = found.as_array().expect("a list").iter();
        found.map(|found| Element { browser: self, id: text(&found[ELEMENT]) }).collect()
    }

    /// The focused element.
    #[track_caller]
    pub fn focused(&self) -> Element<'_> {
        Element { browser: self, id: text(&self.get("element/active")[ELEMENT]) }
    }

    /// Presses keys at the focused element.
    #[track_caller]
    pub fn press(&self, keys: &[char]) {
        let strokes = keys.iter().flat_map(|key| ["keyDown", "keyUp"].map(|kind| (kind, key)));
        let strokes: Vec<Value> =
            strokes.map(|(kind, key)| json!({ "type": kind, "value": key.to_string() })).collect();
        self.post("actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes }] }));
    }

    /// The cookies of the current page: `[{"name", "value", "httpOnly", "secure", "sameSite", …}]`.
    #[track_caller]
    pub fn cookies(&self) -> Vec<Value> {
        self.get("cookie").as_array().cloned().unwrap_or_default()
    }

    #[track_caller]
    pub fn delete_cookie(&self, name: &str) {
        self.ask("DELETE", &format!("/session/{}/cookie/{name}", self.session), &Value::Null);
    }

    /// Runs the body of a function in the page and returns its result. The page's CSP does not apply.
    #[track_caller]
    pub fn script(&self, body: &str) -> Value {
        self.post("execute/sync", &json!({ "script": body, "args": [] }))
    }

    /// Like [`Browser::script`], for an async function.
    #[track_caller]
    pub fn promise(&self, body: &str) -> Value {
        let body = format!(
            "const done = arguments[arguments.length - 1]; (async () => {{ {body} }})().then(done, (e) => done(String(e)));"
        );
        self.post("execute/async", &json!({ "script": body, "args": [] }))
    }

    /// Saves a picture of the whole page in `target/screenshots/`.
    #[track_caller]
    pub fn screenshot(&self, name: &str) -> PathBuf {
        let told = self.devtools("Page.captureScreenshot", &json!({ "captureBeyondViewport": true }));
        let picture = base64::engine::general_purpose::STANDARD.decode(text(&told["data"])).expect("base64");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
        let file = folder.join(format!("{name}.png"));
        fs::create_dir_all(&folder).and_then(|()| fs::write(&file, picture)).expect("a file");
        file
    }

    /// Sets the size of the viewport.
    #[track_caller]
    pub fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        // Scrollbars would reduce the width.
        self.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
    }

    /// Sets the preferred color scheme, `light` or `dark`.
    #[track_caller]
    pub fn prefer_colors(&self, scheme: &str) {
        let feature = json!({ "name": "prefers-color-scheme", "value": scheme });
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": [feature] }));
    }

    /// Sets the preferred languages (`ko-KR,en`), from which the browser creates `Accept-Language`.
    #[track_caller]
    pub fn prefer_languages(&self, languages: &str) {
        let agent = self.devtools("Browser.getVersion", &json!({}))["userAgent"].take();
        let preferred = json!({ "userAgent": agent, "acceptLanguage": languages });
        self.devtools("Emulation.setUserAgentOverride", &preferred);
    }

    /// Waits until a condition is true, for at most 20 seconds.
    #[track_caller]
    pub fn until(&self, what: &str, mut condition: impl FnMut(&Browser) -> bool) {
        let end = Instant::now() + Duration::from_secs(20);
        while !condition(self) {
            assert!(Instant::now() < end, "timed out waiting for: {what}, at {}", self.url());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Element<'_> {
    #[track_caller]
    fn get(&self, what: &str) -> Value {
        self.browser.get(&format!("element/{}/{what}", self.id))
    }

    #[track_caller]
    fn post(&self, what: &str, body: &Value) {
        self.browser.post(&format!("element/{}/{what}", self.id), body);
    }

    #[track_caller]
    pub fn click(&self) {
        self.post("click", &json!({}));
    }

    /// Clicks, and waits for the next page.
    #[track_caller]
    pub fn follow(&self) {
        self.browser.leave(|| self.click());
    }

    /// Types text at the end of the field.
    #[track_caller]
    pub fn write(&self, text: &str) {
        self.post("value", &json!({ "text": text }));
    }

    /// The visible text.
    #[track_caller]
    pub fn text(&self) -> String {
        text(&self.get("text"))
    }

    #[track_caller]
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.get(&format!("attribute/{name}")).as_str().map(str::to_owned)
    }

    /// The computed value of a CSS property.
    #[track_caller]
    pub fn style(&self, property: &str) -> String {
        text(&self.get(&format!("css/{property}")))
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is not a string")).to_owned()
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium, and kills the processes that remain.
        let _ = self.try_to("DELETE", &format!("/session/{}", self.session), &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let ours = format!("HOME={}\0", self.home.path().display());
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
        for process in processes {
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            if String::from_utf8_lossy(&environment).contains(&ours) {
                let id = process.file_name().unwrap_or_default().to_owned();
                let _ = Command::new("kill").args(["-s", "KILL"]).arg(id).stderr(Stdio::null()).status();
            }
        }
    }
}
