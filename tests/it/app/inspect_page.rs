//! The page of `serve --inspect` in a real browser.

use std::ops::Deref;
use std::time::Duration;

use serde_json::json;

use super::browser::{axe, violations};
use super::inspect::{burst, inspected};
use crate::support::{Browser, Home, Serve, get, post};

struct Page(Browser);

impl Deref for Page {
    type Target = Browser;

    fn deref(&self) -> &Browser {
        &self.0
    }
}

impl Page {
    #[track_caller]
    fn open(server: &Serve, path: &str, languages: &str) -> Self {
        let page = Page(Browser::start());
        page.resize(1440, 900);
        page.prefer_languages(languages);
        page.prefer_colors("light");
        let ears = "window.complaints = []; for (const kind of ['error', 'unhandledrejection', 'securitypolicyviolation']) \
                    addEventListener(kind, (it) => complaints.push(`${kind}: ${it.message ?? it.reason ?? it.blockedURI}`));";
        page.devtools("Page.enable", &json!({}));
        page.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": ears }));
        page.open(&format!("{}{path}", server.url()));
        page.becomes("document.getElementById('state').dataset.state === 'live'");
        page
    }

    /// Waits until an expression is true.
    #[track_caller]
    fn becomes(&self, expression: &str) {
        let question = format!("return Boolean({expression})");
        self.until(expression, |browser| browser.script(&question) == true);
    }

    #[track_caller]
    fn text(&self, css: &str) -> String {
        self.find(css).text()
    }

    #[track_caller]
    fn click(&self, css: &str) {
        self.find(css).click();
    }

    #[track_caller]
    fn shows_no_errors(&self) {
        assert_eq!(self.script("return complaints"), json!([]));
    }
}

fn visit(home: &Home, server: &Serve, line: &str) {
    let args = line.split_whitespace().chain(["--url"]).map(str::to_owned).chain([server.url()]);
    home.run(args).exits(0);
}

const SHOWN: &str = "document.querySelectorAll('.exchange').length";

/// An exchange by its target.
fn of(target: &str) -> String {
    format!("[...document.querySelectorAll('.exchange')].find((it) => it.textContent.includes({target:?}))")
}

#[test]
fn exchanges_appear_as_arrows_and_the_selected_one_shows_its_headers() {
    let (home, server, path) = inspected(&[]);
    let page = Page::open(&server, &path, "en-US,en");
    page.screenshot("inspect-empty");
    visit(&home, &server, "login --user alice");
    visit(&home, &server, "visit -X POST /counter -o /dev/null");
    visit(&home, &server, "visit -X POST /counter -o /dev/null");
    page.becomes(&of("~ count: 1 → 2"));
    let login = page.script(&format!("return {}.innerText", of("+ session created")));
    let login = login.as_str().expect("text");
    for part in ["POST /login", "303 See Other", "+ Set-Cookie: sessionid=", "…", "alice"] {
        assert!(login.contains(part), "{part} is not in {login}");
    }
    page.script(&format!("{}.setAttribute('data-test', 'login')", of("+ session created")));
    page.script("document.querySelector('[data-test=login]').scrollIntoView({ block: 'center' })");
    page.click("[data-test=login]");
    let panel = page.text("#panel");
    for part in [
        "Exchange #",
        "303 See Other",
        "Request headers",
        "User-Agent",
        "Response headers",
        "Set-Cookie",
        "HttpOnly; SameSite=Lax",
    ] {
        assert!(panel.contains(part), "{part} is not in {panel}");
    }
    page.screenshot("inspect-light");
    page.prefer_colors("dark");
    page.screenshot("inspect-dark");
    // The keyboard selects the next one and the last one, and Escape ends the selection.
    let title = page.text("#panel-title");
    page.press(&['\u{e015}']);
    assert_ne!(page.text("#panel-title"), title);
    page.press(&['\u{e010}']);
    assert!(page.text("#panel").contains("/counter"));
    assert_eq!(page.script("return document.querySelectorAll('[aria-selected=true]').length"), 1);
    page.press(&['\u{e00c}']);
    assert!(page.text("#panel").contains("Select an exchange"));
    page.shows_no_errors();
}

#[test]
fn the_page_can_be_paused_and_cleared() {
    let (_home, server, path) = inspected(&[]);
    let page = Page::open(&server, &path, "en-US,en");
    get(&server.address, "/first", &[]);
    page.becomes(&of("/first"));
    page.click("#pause");
    get(&server.address, "/second", &[]);
    page.becomes("document.getElementById('pause').textContent.includes('1 waiting')");
    assert_eq!(page.script(&format!("return {SHOWN}")), 1);
    assert_eq!(page.script("return document.getElementById('pause').ariaPressed"), "true");
    page.click("#pause");
    page.becomes(&of("/second"));
    assert_eq!(page.text("#pause"), "Pause");
    page.click("#clear");
    assert_eq!(page.script(&format!("return {SHOWN}")), 0);
    get(&server.address, "/third", &[]);
    page.becomes(&of("/third"));
    assert_eq!(page.script(&format!("return {SHOWN}")), 1);
    page.shows_no_errors();
}

#[test]
fn sessions_count_down_and_end_with_a_reason() {
    let (home, server, path) = inspected(&["--time-travel"]);
    let page = Page::open(&server, &path, "en-US,en");
    let cookie = post(&server.address, "/login", &[], "username=alice").cookie();
    post(&server.address, "/login", &[], "username=%3Ci%3Ebob");
    page.becomes("document.querySelectorAll('#sessions tr').length === 2");
    page.becomes("/\\b29:\\d\\d[^]*\\b11:59:\\d\\d/.test(document.getElementById('sessions').innerText)");
    let shown = page.script("return document.getElementById('sessions').innerText");
    assert!(
        shown.as_str().is_some_and(|text| text.contains("<i>bob")),
        "a name is text, not markup: {shown}"
    );
    page.becomes(&format!("document.getElementById('sessions').innerText !== {shown}"));
    post(&server.address, "/logout", &[("Cookie", &cookie)], "");
    page.becomes("document.querySelector('tr.ended')?.innerText.includes('- ended by logout')");
    visit(&home, &server, "clock advance 12m");
    page.becomes("/\\b17:\\d\\d/.test(document.getElementById('sessions').innerText)");
    page.screenshot("inspect-sessions");
    visit(&home, &server, "clock advance 20m");
    page.becomes("document.getElementById('sessions').innerText.includes('- expired')");
    // The row is removed after a while.
    page.becomes("document.querySelectorAll('#sessions tr').length === 0");
    assert!(page.text(".sessions").contains("nobody is logged in"));
    page.shows_no_errors();
}

#[test]
fn the_page_is_accessible_in_all_languages_and_colours() {
    let ((home, server, path), axe) = (inspected(&[]), axe());
    visit(&home, &server, "login --user alice");
    visit(&home, &server, "visit -X POST /counter -o /dev/null");
    let mut wrong = Vec::new();
    for languages in ["en", "ko,en"] {
        let page = Page::open(&server, &path, languages);
        page.becomes(&of("/counter"));
        for part in ["nothing", "an exchange"] {
            for scheme in ["light", "dark"] {
                page.prefer_colors(scheme);
                for width in [1440, 700] {
                    // High enough to show everything: axe cannot measure the contrast of hidden parts.
                    page.resize(width, 3000);
                    let found = violations(&page, &axe).into_iter();
                    wrong.extend(
                        found.map(|it| format!("{languages} {scheme} {width}, {part} selected: {it}")),
                    );
                }
            }
            page.click(".exchange");
        }
        page.shows_no_errors();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_burst_is_labeled_as_a_sample_and_the_page_stays_usable() {
    let (_home, server, path) = inspected(&[]);
    let page = Page::open(&server, &path, "en-US,en");
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..40 {
                burst(&server, 100, &request);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        page.becomes("/^showing [0-9,]+ of [0-9,]+ requests per second$/.test(document.getElementById('rate').textContent)");
        page.becomes(
            "document.querySelector('#exchanges .hidden')?.innerText.includes('more requests, not shown')",
        );
        page.screenshot("inspect-burst");
        // Scrolling up stops following, and a button jumps to the latest exchange.
        page.script("document.querySelector('.exchanges .scroller').scrollTop = 0");
        page.becomes("!document.getElementById('latest').hidden");
        page.click("#latest");
        page.becomes("document.getElementById('latest').hidden");
    });
    let most = page.script("return document.getElementById('exchanges').childElementCount");
    assert!(most.as_u64() <= Some(300), "{most}");
    page.shows_no_errors();
}

#[test]
fn the_page_is_korean_if_accepted_and_reports_a_lost_server() {
    let (home, server, path) = inspected(&[]);
    let page = Page::open(&server, &path, "ko-KR,ko,en");
    visit(&home, &server, "login --user 민수");
    page.becomes(&of("+ 세션 생성"));
    page.click(".exchange");
    assert!(page.text("#panel").contains("요청 헤더"));
    assert_eq!(page.text("#clear"), "지우기");
    page.screenshot("inspect-korean");
    let (status, _) = server.stop();
    assert!(status.success());
    page.becomes("document.getElementById('state').innerText.includes('다시 연결')");
}
