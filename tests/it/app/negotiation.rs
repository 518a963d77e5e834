//! Content negotiation: a page or JSON, and in which language.

use crate::support::{Home, Serve, get, post};

#[test]
fn only_browsers_name_html() {
    let home = Home::new();
    let server = Serve::start(&home);
    for (accept, names) in [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
        ("Text/HTML; q=0.9", true),
        ("*/*", false),
        ("application/json", false),
        ("application/json, text/html;q=0.5", false),
        ("text/html;q=0", true),
        ("", false),
    ] {
        // Only a browser is redirected to the page with the counter.
        let answer = post(&server.address, "/counter", &[("Accept", accept)], "");
        assert_eq!(answer.status, if names { 303 } else { 401 }, "{accept}");
    }
}

#[test]
fn json_is_sent_to_clients_that_prefer_it() {
    let home = Home::new();
    let server = Serve::start(&home);
    for (accept, is_json) in [
        ("application/json", true),
        ("application/json, */*;q=0.5", true),
        ("text/html;q=0.5, application/json", true),
        ("", false),
        ("*/*", false),
        ("text/html,application/xhtml+xml", false),
        ("text/html, application/json", false),
        ("application/json;q=0", false),
    ] {
        let content_type = if is_json { "application/json" } else { "text/html; charset=utf-8" };
        let answer = get(&server.address, "/", &[("Accept", accept)]);
        assert_eq!(answer.header("content-type"), content_type, "{accept}");
    }
}

#[test]
fn a_browser_gets_the_language_that_it_prefers() {
    let home = Home::new();
    let server = Serve::start(&home);
    for (accepted, language) in [
        ("", "en"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("en;q=0.8, KO-kr ; q=0.9", "ko"),
        ("de, fr;q=0.5", "en"),
        ("de, ko;q=0.1", "ko"),
        ("*", "en"),
        ("*, ko", "en"),
        ("ko, *", "ko"),
        ("ko;q=0.5, *;q=0.8", "en"),
        ("en;q=0, *", "ko"),
        ("ko;q=0", "en"),
        ("ko, en", "ko"),
        ("en, ko", "en"),
        ("kok", "en"),
        ("en;q=0.85, ko;q=0.9", "ko"),
        ("en;q=1.000, ko;q=0.999", "en"),
        ("ko;q=1.001, ko;q=0.1234, ko;q=-0, ko;q=0.+1", "en"),
        ("ko;q=2, ko;q=x, ko;x=1, ;;", "en"),
    ] {
        let answer = get(&server.address, "/", &[("Accept-Language", accepted)]);
        assert_eq!(answer.header("content-language"), language, "{accepted}");
    }
}
