//! How a `Set-Cookie` line is read: names, values, attributes and dates.

use std::time::Duration;

use sessctl::clock::{ManualClock, Timestamp};
use sessctl::cookies::{Jar, Reason, SameSite, SetAction, StoredCookie};
use url::Url;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

const MAX_LIFETIME: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What a jar does with a line that it receives at `now`, and the cookie that it then has.
fn received(line: &str, now: Timestamp) -> (SetAction, Option<StoredCookie>) {
    let jar = Jar::with_clock(ManualClock::new(now));
    let url = Url::parse("https://www.example.org/").unwrap();
    let decisions = jar.receive(&url, [line.as_bytes()]);
    (decisions[0].action, jar.cookies().pop())
}

fn stored(line: &str) -> StoredCookie {
    received(line, NOW).1.unwrap_or_else(|| panic!("{line} is not stored"))
}

#[test]
fn a_pair_splits_at_its_first_equals_sign() {
    for (line, name, value) in [
        ("a=b=c", "a", "b=c"),
        (" a\t= b c ;x", "a", "b c"),
        ("foo", "", "foo"),
        ("=foo", "", "foo"),
        ("a=\"b\"", "a", "\"b\""),
        ("a= \t ", "a", ""),
    ] {
        let cookie = stored(line);
        assert_eq!((cookie.name, cookie.value), (name.into(), value.into()), "{line}");
    }
}

#[test]
fn attributes_are_read_in_any_case_and_the_last_counts() {
    let cookie = stored("a=b; PATH=/x; path=/y; Secure=no; HTTPonly; samesite=lAX; DOMAIN=.Example.ORG");
    assert_eq!((cookie.path(), cookie.domain_name()), ("/y", "example.org"));
    assert!(cookie.secure && cookie.http_only && cookie.same_site == Some(SameSite::Lax));
}

#[test]
fn max_age_overrides_expires_and_both_are_capped_at_400_days() {
    let after = |line: &str| stored(line).expires.map(|expires| expires.since(NOW).as_secs());
    assert_eq!(after("a=b; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), Some(60));
    assert_eq!(after("a=b; Max-Age=99999999999999999999"), Some(MAX_LIFETIME.as_secs()));
    assert_eq!(after("a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT"), Some(MAX_LIFETIME.as_secs()));
    assert_eq!(received("a=b; Max-Age=-1", NOW), (SetAction::AlreadyExpired, None));
    assert_eq!(after("a=b; Max-Age=1x; Max-Age="), None);
}

#[test]
fn a_long_attribute_is_ignored_and_a_long_pair_is_rejected() {
    assert_eq!(stored(&format!("a=b; Path=/{}", "x".repeat(1024))).path(), "/");
    let action = |length| received(&format!("a={}", "x".repeat(length)), NOW).0;
    assert_eq!(action(4095), SetAction::Stored);
    assert_eq!(action(4096), SetAction::Rejected(Reason::NameValuePairExceedsMaxSize));
}

/// The date in `Expires`, read on the day before `expected`. `None` if it is ignored.
fn date(text: &str, expected: &str) -> Option<String> {
    let expected: Timestamp = serde_json::from_value(expected.into()).unwrap();
    let day_before = Timestamp::from_millis(expected.as_millis() - 24 * 60 * 60 * 1000);
    let (_, cookie) = received(&format!("a=b; Expires={text}"), day_before);
    cookie.expect("a cookie").expires.map(|expires| expires.to_string())
}

#[test]
fn the_parts_of_a_date_may_be_in_any_order() {
    let expected = "2007-12-10T17:02:24Z";
    for text in [
        "Mon, 10-Dec-2007 17:02:24 GMT",
        "Mon Dec 10 17:02:24 2007",
        "17:02:24 10 dec 07",
        "2007 10 December 17:2:24",
        "10 DECember 17:02:24z 2007y",
    ] {
        assert_eq!(date(text, expected).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn two_digit_years_below_70_are_after_2000() {
    for (text, expected) in
        [("1 Jan 69 0:0:0", "2069-01-01T00:00:00Z"), ("1 Jan 70 0:0:0", "1970-01-01T00:00:00Z")]
    {
        assert_eq!(date(text, expected).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn text_that_is_not_a_date_is_ignored() {
    for text in [
        "",
        "tomorrow",
        "1 Jan 160 0:0:0",
        "1st Jan 2030 0:0:0",
        "32 Jan 2030 0:0:0",
        "30 Feb 2030 0:0:0",
        "1 Jan 2030 24:0:0",
        "1 Jan 2030 0:60:0",
        "1 Jan 2030 0:0:60",
        "1 Jan 2030",
        "Jan 2030 0:0:0",
        "001 Jan 2030 0:0:0",
        "1 Jan 20300 0:0:0",
        "1 Jan 2030 000:0:0",
    ] {
        assert_eq!(date(text, "2030-01-01T00:00:00Z"), None, "{text}");
    }
}
