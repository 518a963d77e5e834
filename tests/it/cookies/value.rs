//! What a cookie's value is: values that the frameworks wrote, with the key `secret`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sessctl::clock::Timestamp;
use sessctl::cookies::value::{Decoded, decode};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn part<'a>(decoded: &'a Decoded, label: &str) -> &'a str {
    decoded.parts.iter().find(|part| part.label == label).map_or("", |part| part.text.as_str())
}

#[track_caller]
fn is(name: &str, value: &str, kind: &str, content: &str) -> Decoded {
    let decoded = decode(name, value.as_bytes(), NOW);
    assert_eq!(decoded.kind, kind, "{decoded:?}");
    let all: Vec<&str> = decoded.parts.iter().map(|part| part.text.as_str()).collect();
    assert!(content.is_empty() || all.iter().any(|text| text.contains(content)), "{decoded:?}");
    decoded
}

#[test]
fn a_jwt_is_split_into_its_parts() {
    let jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhbGljZSIsImlhdCI6MTUxNjIzOTAyMiwiZXhwIjoxNTE2MjQyNjIyfQ.\
               SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
    let decoded = is("token", jwt, "JWT", "\"sub\":\"alice\"");
    assert_eq!(part(&decoded, "issued"), "2018-01-18T01:30:22Z");
    assert_eq!(part(&decoded, "ends"), "2018-01-18T02:30:22Z, expired");
    assert!(part(&decoded, "signature").starts_with("32 bytes, not checked"));
    is("t", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "JWT", "anyone can write such a token");
    is(
        "t",
        "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..aaaa.bbbb.cccc",
        "encrypted JWT",
        "only the key decrypts it",
    );
}

#[test]
fn flask_sessions_are_read_plain_and_compressed() {
    let plain = "eyJ1c2VyIjoiYWxpY2UiLCJfZnJlc2giOnRydWV9.awO9mQ.AjUt5FmxXiYft3h2oPeFYmt7kGg";
    let decoded =
        is("session", plain, "itsdangerous session (as Flask writes)", r#"{"user":"alice","_fresh":true}"#);
    assert_eq!(part(&decoded, "signed"), "2026-11-23T04:14:17Z");
    let packed = ".eJyrViotTi1SslJKzMlMTh0GhFItADu7Uyo.awO9mQ.WTsFZ4pcbUF55LXd6V0_4qER-HI";
    is("session", packed, "itsdangerous session (as Flask writes)", "alicealice");
}

#[test]
fn django_values_are_read_with_and_without_a_time() {
    let dumped = "eyJ1c2VyIjoiYWxpY2UifQ:1xVLRZ:ExauQxq2hQPWguffsB7qX3eYHbv4qnffxrob0tCL4lA";
    let decoded = is("messages", dumped, "Django signed value", r#"{"user":"alice"}"#);
    assert_eq!(part(&decoded, "signed"), "2026-11-23T04:14:17Z");
    let packed = ".eJyrViotTi1SslJKzMlMTh0GhFItADu7Uyo:1xVLRZ:0eBbxhdzk6X7Pv5afSM4gmHqY2jN_n-4EU5mQ1eGKr0";
    is("x", packed, "Django signed value", "alicealice");
    is("x", "hello:FRBs_KKrjaVe9zJEdlQdiuJ2n9jBEsFOL1Capquoa18", "signed text", "hello");
    is("sessionid", "4nm1lb3blvrpxjmp2ij3hyk3zqd1l3b1", "Django session id", "on the server");
}

#[test]
fn express_values_are_read_through_their_percent_encoding() {
    let signature = "N4d8VZ0bZ7Q1W0bVd8Y0oF5e5o1Vb8C1yq2y4b0m3kA";
    is("connect.sid", &format!("s%3AabcDEF.{signature}"), "Express signed cookie", "abcDEF");
    is("cart", "j%3A%7B%22items%22%3A3%7D", "Express JSON cookie", r#"{"items":3}"#);
}

#[test]
fn signed_and_encrypted_rails_values_are_distinguished() {
    // {"_rails":{"message":"ImFsaWNlIg==","exp":null,"pur":"cookie.user"}}
    let signed = "eyJfcmFpbHMiOnsibWVzc2FnZSI6IkltRnNhV05sSWc9PSIsImV4cCI6bnVsbCwicHVyIjoiY29va2llLnVzZXIifX0=\
                  --0123456789abcdef0123456789abcdef01234567";
    is("user", signed, "Rails signed cookie", "\"alice\"");
    let encrypted = "aGVsbG8gd29ybGQ%3D--AAAAAAAAAAAAAAAA--AAAAAAAAAAAAAAAAAAAAAA%3D%3D";
    is("_app_session", encrypted, "Rails encrypted cookie", "secret_key_base");
}

#[test]
fn json_and_encrypted_values_are_recognized_by_their_form() {
    is("x", "eyJ1c2VyIjoiYWxpY2UifQ==", "JSON in base64", r#"{"user":"alice"}"#);
    is("x", "%7B%22a%22%3A1%7D", "JSON", r#"{"a":1}"#);
    // {"iv":"","value":"","mac":""}
    is("laravel_session", "eyJpdiI6IiIsInZhbHVlIjoiIiwibWFjIjoiIn0%3D", "Laravel cookie", "encrypted");
    is("x", "gAAAAABYVtzqAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "Fernet token", "2016-12-18T19:00:58Z");
    is(".AspNetCore.Session", "CfDJ8Nq0", "ASP.NET Core data protection", "encrypted");
    is("user", "2|1:0|10:1516239022|4:user|8:YWxpY2U=|aa", "Tornado signed cookie", "alice");
    is("_phx", "SFMyNTY.g3QAAAABbQAAAAR1c2Vy.c2lnbmF0dXJl", "Phoenix signed session", "Erlang");
}

#[test]
fn an_id_shows_how_many_bits_can_be_random() {
    is("PHPSESSID", "el4ukv0kqbvoirg7nkp4dncpk3", "PHP session id", "26 lower-case letters and digits");
    let java = is("JSESSIONID", "0123456789ABCDEF0123456789ABCDEF.node1", "Java session id", "node1");
    assert_eq!(part(&java, "size"), "32 hexadecimal digits: at most 128 random bits");
    is("id", "f81d4fae-7dec-41d0-a765-00a0c91e6bf6", "UUID", "4");
    is("seen", "1516239022", "number", "2018-01-18T01:30:22Z");
}

#[test]
fn a_random_value_is_opaque() {
    let token = "o74iirMVd2hRJnjl9qkaiNlT2oz9M1KiJaqf5FZ7bbE";
    is("sid", token, "opaque", "43 base64 characters: at most 258 random bits");
    assert_eq!(decode("x", b"\xff\xfe", NOW).kind, "opaque");
    is("theme", "dark", "plain text", "");
    is("name", "J%C3%BCrgen", "percent-encoded text", "Jürgen");
    assert_eq!(decode("x", b"", NOW).kind, "empty");
}

#[test]
fn a_value_that_resembles_a_format_is_still_opaque() {
    let random = "0123456789abcdefghijABCDEFGHIJ_-0123456789a";
    for value in [
        format!("sid.v1.{random}"),
        "01234567890123456789012345678901".to_owned(),
        "00123456789012345678901234567e12".to_owned(),
        "qwertyuiopasdfghjklzxcvbnmqwertyuiopasdf".to_owned(),
        "vgDPYoQXVlhbJcHd".to_owned(),
        "YhkUw1ZabcdefghijkLMNOP%2Bqrst%3D".to_owned(),
    ] {
        is("sid", &value, "opaque", "");
    }
    // Rails before 5.2: base64 of `ciphertext--iv`, and a digest of it.
    let cbc = "YWFhYWFhYWFhYWFhYWFhYQ==--YmJiYmJiYmJiYmJiYmJiYg==";
    let cbc = STANDARD.encode(cbc);
    is(
        "_s",
        &format!("{cbc}--0123456789abcdef0123456789abcdef01234567"),
        "Rails encrypted cookie",
        "secret_key_base",
    );
    is("t", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.!!!", "JWT", "unreadable");
    is(
        "t",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
        "JWT",
        "anyone can write",
    );
    assert_ne!(decode("PHPSESSID", b"deleted", NOW).kind, "PHP session id");
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn every_value_has_a_kind(
            name in "(sessionid|JSESSIONID|PHPSESSID|x)",
            value in prop_oneof![
                "[a-zA-Z0-9+/=_.:|%-]{0,80}".prop_map(String::into_bytes),
                "(s:|j:|2\\||SFMyNTY\\.|gAAAAA|eyJ|\\.eJ)[a-zA-Z0-9+/=_.:|-]{0,60}".prop_map(String::into_bytes),
                proptest::collection::vec(any::<u8>(), 0..40),
            ],
        ) {
            prop_assert!(!decode(&name, &value, NOW).kind.is_empty());
        }
    }
}
