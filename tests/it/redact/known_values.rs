//! Passwords and cookie values that are repeated anywhere.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sessctl::internal::{Masking, Redactor};
use url::Url;

fn knowing(password: &str) -> Redactor {
    let mut redactor = Redactor::new(Masking::Revealed);
    redactor.learn_password(password);
    redactor
}

#[test]
fn a_password_is_masked_in_every_part_of_a_url() {
    let redactor = knowing("s&cret");
    for url in [
        "http://a.test/login?user=u&pass=s%26cret",
        "http://a.test/home?pw=s%26cret",
        "http://a.test/home?next=%2Flogin%3Fpass%3Ds%2526cret",
        "http://a.test/home/s&cret",
        "http://a.test/home#password=s&cret",
    ] {
        let shown = redactor.url(&Url::parse(url).unwrap());
        assert!(!shown.as_str().contains("cret"), "{url}: {shown}");
        assert!(!redactor.header("location", url).contains("cret"), "{url}");
    }
    assert_eq!(redactor.header("content-type", "text/html"), "text/html");
    assert_eq!(redactor.text("no s&cret here"), "no [hidden] here");
}

#[test]
fn every_usual_spelling_of_a_password_is_masked() {
    let redactor = knowing("p@ss wörd/1");
    for spelling in [
        "p%40ss%20w%C3%B6rd/1",
        "p%40ss%20w%c3%b6rd%2f1",
        "p%40ss+w%C3%B6rd%2F1",
        "p@ss wörd/1",
        "p@ss%20w%C3%B6rd/1",
        &STANDARD.encode("p@ss wörd/1"),
        &STANDARD.encode("p@ss wörd/1").replace('=', "%3D"),
        &URL_SAFE_NO_PAD.encode("p@ss wörd/1"),
    ] {
        assert_eq!(redactor.text(&format!("/x/{spelling}?")), "/x/[hidden]?", "{spelling}");
    }
}

#[test]
fn a_password_is_masked_inside_of_longer_base64() {
    let redactor = knowing("Correct?Horse>9");
    for before in ["", "u:", "ab:", "user:"] {
        for after in ["", "\n", "}}"] {
            let encoded = STANDARD.encode(format!("{before}Correct?Horse>9{after}"));
            let shown = redactor.text(&encoded).into_owned();
            assert!(shown.contains("[hidden]") && shown.len() < 24, "{encoded}: {shown}");
        }
    }
}

#[test]
fn a_short_password_is_masked_as_a_field() {
    let url = Url::parse("http://xa.test/x?pass=x&y=xx").unwrap();
    assert_eq!(knowing("x").url(&url).as_str(), "http://xa.test/x?pass=[hidden]&y=xx");
}

#[test]
fn a_cookie_value_is_masked_wherever_it_is_repeated() {
    let mut redactor = Redactor::new(Masking::Hashed([1; 16]));
    redactor.learn_cookies("set-cookie", "lang=en; Path=/, sid=s%3Asecret-value; HttpOnly");
    for text in [
        "http://a.test/x;sid=s%3Asecret-value?y",
        "at http://a.test/?q=s:secret-value now",
        "state czpzZWNyZXQtdmFsdWU= here",
    ] {
        let shown = redactor.text(text);
        assert!(!shown.contains("secret") && !shown.contains("czpz"), "{shown}");
    }
    assert_eq!(redactor.text("/x?y=secret"), "/x?y=secret");
    let mut revealed = Redactor::new(Masking::Revealed);
    revealed.learn_cookies("cookie", "a=secret-value");
    assert_eq!(revealed.text("secret-value"), "secret-value");
}

#[test]
fn a_password_may_be_any_word() {
    let mut redactor = knowing("hidden");
    redactor.learn_password("[hidden]");
    let shown = redactor.text("it was hidden");
    assert_eq!(redactor.text(&shown), "it was [hidden]");
}
