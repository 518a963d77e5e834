//! The pages of `serve` in a real browser: in both languages, light and dark, on a narrow screen, and with the keyboard
//! only. Screenshots are in `target/screenshots/`.

use serde_json::Value;

use crate::support::{Browser, ENTER, Home, Serve, TAB, installed};

const GREETING: &str = "Welcome, Ann!";

/// A server, and a browser at its start page.
fn visited(home: &Home) -> (Serve, Browser) {
    let server = Serve::start(home);
    let browser = Browser::start();
    browser.resize(1000, 800);
    browser.open(&server.url());
    (server, browser)
}

fn log_in(browser: &Browser, name: &str) {
    browser.find("#username").write(name);
    browser.find("form[action='/login'] button").follow();
}

fn heading(browser: &Browser) -> String {
    browser.find("h1").text()
}

#[test]
fn a_session_from_login_to_logout() {
    let home = Home::new();
    let (_server, browser) = visited(&home);
    assert_eq!((heading(&browser).as_str(), browser.title().as_str()), ("Log in", "Log in"));
    assert_eq!(browser.cookies(), Vec::<Value>::new());
    log_in(&browser, "Ann");
    assert_eq!(heading(&browser), GREETING);
    let cookies = browser.cookies();
    assert_eq!(cookies.len(), 1);
    assert_eq!(
        [&cookies[0]["name"], &cookies[0]["httpOnly"], &cookies[0]["sameSite"]],
        [&Value::from("sessionid"), &true.into(), &"Lax".into()]
    );
    assert_eq!(browser.script("return document.cookie"), "");
    browser.reload();
    assert_eq!(heading(&browser), GREETING);
    assert_eq!(browser.cookies()[0]["value"], cookies[0]["value"]);
    // The button redirects to the page, and a reload does not count again.
    for count in 1..=2 {
        browser.find("form[action='/counter'] button").follow();
        assert_eq!(browser.find("h2").text(), format!("Counter: {count}"));
    }
    browser.reload();
    assert_eq!(browser.find("h2").text(), "Counter: 2");
    browser.find("form[action='/logout'] button").follow();
    assert_eq!(heading(&browser), "Log in");
    assert_eq!(browser.cookies(), Vec::<Value>::new());
}

#[test]
fn without_the_cookie_the_user_is_logged_out() {
    let home = Home::new();
    let (server, browser) = visited(&home);
    log_in(&browser, "Ann");
    browser.delete_cookie("sessionid");
    browser.reload();
    assert_eq!(heading(&browser), "Log in");
    // A page that needs a session redirects to the login and back.
    browser.open(&format!("{}/sessions", server.url()));
    log_in(&browser, "Ann");
    assert_eq!(heading(&browser), "Sessions of Ann");
    assert_eq!(browser.find_all(".sessions > li").len(), 2, "the server still has the first session");
    browser.find("footer button").follow();
    assert_eq!(browser.find_all(".sessions > li").len(), 1);
    browser.find(".sessions button").follow();
    assert_eq!(heading(&browser), "Log in");
}

/// Browsers may keep a page for the back button in spite of `no-store`.
#[test]
fn back_after_logout_shows_no_page_of_the_session() {
    let home = Home::new();
    let (server, browser) = visited(&home);
    log_in(&browser, "Ann");
    browser.find("a[href='/sessions']").follow();
    assert_eq!(heading(&browser), "Sessions of Ann");
    browser.find("a[href='/']").follow();
    browser.find("form[action='/logout'] button").follow();
    assert_eq!(heading(&browser), "Log in");
    for _ in 0..4 {
        browser.back();
        if !browser.url().starts_with(&server.url()) {
            break;
        }
        assert_eq!(heading(&browser), "Log in");
        assert_eq!(browser.script("return document.body.innerText.includes('Ann')"), false);
    }
}

#[test]
fn pages_use_the_language_of_the_browser() {
    let home = Home::new();
    let (server, browser) = visited(&home);
    browser.prefer_languages("ko-KR,ko,en");
    browser.reload();
    let language = || browser.script("return document.documentElement.lang");
    assert_eq!((heading(&browser).as_str(), language()), ("로그인", "ko".into()));
    log_in(&browser, "앤");
    assert_eq!(heading(&browser), "앤 님, 환영합니다!");
    browser.open(&format!("{}/nowhere", server.url()));
    assert_eq!(browser.find("[role=alert]").text(), "존재하지 않는 페이지입니다.");
    for languages in ["en-GB,en,ko", "de"] {
        browser.prefer_languages(languages);
        browser.open(&server.url());
        assert_eq!((heading(&browser).as_str(), language()), ("Welcome, 앤!", "en".into()));
    }
}

#[test]
fn the_pages_work_with_the_keyboard_only() {
    let home = Home::new();
    let (server, browser) = visited(&home);
    assert_eq!(browser.focused().attribute("id").as_deref(), Some("username"), "it is focused");
    browser.leave(|| browser.press(&['A', 'n', 'n', TAB, ENTER]));
    assert_eq!(heading(&browser), GREETING);
    // In reading order, each with a focus ring.
    let mut reached = Vec::new();
    for _ in 0..3 {
        browser.press(&[TAB]);
        let focused = browser.focused();
        reached.push(focused.text());
        assert_eq!(
            (focused.style("outline-style"), focused.style("outline-width")),
            ("solid".into(), "3px".into())
        );
    }
    assert_eq!(reached, ["Add one", "All your sessions", "Log out"]);
    browser.leave(|| browser.press(&[ENTER]));
    assert_eq!(heading(&browser), "Log in");
    assert_eq!(browser.url(), format!("{}/", server.url()));
}

pub(crate) fn axe() -> String {
    let axe = installed("node").join("node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(axe).expect("axe-core")
}

/// The violations that axe-core finds in the open page.
pub(crate) fn violations(browser: &Browser, axe: &str) -> Vec<String> {
    browser.script(axe);
    let found =
        browser.promise("return await axe.run(document, { resultTypes: ['violations', 'incomplete'] })");
    assert!(found["passes"].as_array().is_some_and(|passes| passes.len() > 10), "{found}");
    let of = |kind: &str| found[kind].as_array().cloned().unwrap_or_default();
    let told = |it: &Value| format!("{}: {} {}", it["id"], it["help"], it["nodes"]);
    of("violations").iter().chain(&of("incomplete")).map(told).collect()
}

#[test]
fn every_page_is_accessible_in_all_languages_colours_and_widths() {
    let home = Home::new();
    home.run_with_input(["users", "add", "users.json", "Ann", "--password-stdin"], "correct horse\n")
        .exits(0);
    let (guest, asking) = (Serve::start(&home), Serve::with(&home, &["--users", "users.json"]));
    let axe = axe();
    let browser = Browser::start();
    // The name of a page, and how to open it.
    type Way<'a> = (&'a str, &'a dyn Fn());
    let fresh = |url: String| {
        browser.open(&url);
        if browser.find_all("#username").is_empty() {
            browser.find("form[action='/logout'] button").follow();
        }
    };
    let greeted = || {
        fresh(guest.url());
        log_in(&browser, "Ann");
    };
    let ways: [Way<'_>; 6] = [
        ("login", &|| fresh(guest.url())),
        ("wrong", &|| {
            fresh(asking.url());
            browser.find("#password").write("wrong");
            log_in(&browser, "Ann");
        }),
        ("welcome", &greeted),
        ("sessions", &|| {
            greeted();
            browser.delete_cookie("sessionid");
            greeted();
            browser.find("a[href='/sessions']").follow();
        }),
        ("long-name", &|| {
            fresh(guest.url());
            log_in(&browser, &"W".repeat(100));
        }),
        ("error", &|| browser.open(&format!("{}/nowhere", guest.url()))),
    ];
    let mut wrong = Vec::new();
    for (language, languages) in [("en", "en"), ("ko", "ko,en")] {
        browser.prefer_languages(languages);
        for (page, way) in &ways {
            browser.resize(1000, 800);
            way();
            for scheme in ["light", "dark"] {
                browser.prefer_colors(scheme);
                for width in [1000, 320] {
                    browser.resize(width, 800);
                    let name = format!("{page}-{language}-{scheme}-{width}");
                    let overflow =
                        "const root = document.documentElement; return root.scrollWidth > root.clientWidth";
                    if browser.script(overflow) == true {
                        wrong.push(format!("{name} scrolls sideways"));
                    }
                    wrong.extend(
                        violations(&browser, &axe).into_iter().map(|found| format!("{name}: {found}")),
                    );
                    browser.screenshot(&name);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
