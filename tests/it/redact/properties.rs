//! Properties of redaction that hold for any input.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sessctl::internal::{Masking, Redactor};
use url::Url;

use super::SECRET;

/// Text made of the pieces that redaction looks for.
fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "http://",
        "//",
        "/",
        "?",
        "#",
        "&",
        ";",
        "=",
        "@",
        ":",
        ",",
        " ",
        "\"",
        "'",
        "%",
        "%3D",
        "%253D",
        "%3F",
        "%2F",
        "%40",
        "…",
        "~",
        "token",
        "pin",
        "state",
        "x",
        "Path",
        "a1b2",
        "u:p",
        "h",
        SECRET,
        "hunter2",
        "[hidden]",
        "abcd…",
        "ab~0123456789ab",
        "가",
        "\\",
        "{",
        "}",
        "(",
        ")",
        "<",
        "127.0.0.1:99999",
    ];
    let piece =
        prop_oneof![8 => proptest::sample::select(pieces.to_vec()).prop_map(str::to_owned), 1 => ".{0,4}"];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

fn redactors() -> Vec<Redactor> {
    let mut redactors =
        [Masking::Short, Masking::Hashed([7; 16]), Masking::Revealed].map(Redactor::new).to_vec();
    for redactor in &mut redactors {
        redactor.learn_password("hunter2");
        redactor.learn_cookies("set-cookie", "sid=a1b2a1b2x; Path=/");
    }
    redactors
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn masked_text_passes_through_unchanged(text in text()) {
        for redactor in redactors() {
            let once = redactor.text(&text).into_owned();
            prop_assert_eq!(redactor.text(&once), once.as_str());
            let once = redactor.reference(&text).into_owned();
            prop_assert_eq!(redactor.reference(&once), once.as_str());
            for header in ["cookie", "set-cookie", "location", "x-any", "x-api-key"] {
                let once = redactor.header(header, &text).into_owned();
                prop_assert_eq!(redactor.header(header, &once), once.as_str(), "{}: {}", header, text);
            }
            if let Ok(url) = Url::parse(&text) {
                let once = redactor.url(&url);
                prop_assert_eq!(redactor.url(&once), once);
            }
        }
    }

    #[test]
    fn a_password_is_never_shown(text in text()) {
        for redactor in redactors() {
            prop_assert!(!redactor.text(&text).contains("hunter2"));
            prop_assert!(!redactor.header("x-any", &text).contains("hunter2"));
        }
    }

    #[test]
    fn a_named_value_is_never_shown(before in text(), value in "[a-zA-Z0-9]{4}[0-9]{4}[a-zA-Z0-9]{0,8}") {
        for redactor in &redactors()[..2] {
            let url = format!("/x?{before}&pin={value}");
            prop_assert!(!redactor.reference(&url).ends_with(&value), "{}", redactor.reference(&url));
        }
    }
}

#[test]
fn a_long_hostile_value_takes_no_long_time() {
    let redactor = &redactors()[0];
    let began = Instant::now();
    for unit in ["a=", "//u@", "%2525", "?next=%2F", "\"token\":\"", ";", "@:", "/x;a=b?c#d"] {
        let long = unit.repeat(16 * 1024 / unit.len());
        let _ = (redactor.text(&long), redactor.header("set-cookie", &long));
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
