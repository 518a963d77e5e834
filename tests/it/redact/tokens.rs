//! Values that look like generated tokens are masked, whatever their name.

use sessctl::internal::{Masking, Redactor};

fn shown(value: &str) -> String {
    Redactor::new(Masking::Short).header("x-own", value).into_owned()
}

#[test]
fn generated_tokens_look_random() {
    for token in [
        "0123456789abcdef0123456789abcdef",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "kQ3xZ8vB2nM5pL7wR4tY",
        "dBjftJeZ4CVP-mBkjvbj3ZKl0bJ3IKvYyTqnXcA0ajE",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
        "xkcdvbnmqwrtzpsdfghj",
        "83150674920458163027",
        "ST-1856339-aA5Yuvrxzpv8Tau1cYQ7",
        "S3cretValue0123456789abcdef",
        "q1w2/e3r4+t5y6u7i8o9p0==",
    ] {
        assert_eq!(shown(token), Masking::Short.value(token), "{token}");
    }
}

#[test]
fn words_numbers_and_public_names_do_not() {
    for value in [
        "internationalization",
        "how-to-write-a-very-long-slug-in-2024",
        "0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6",
        "order:0192f0c1-2b3c-7d4e-8f90-a1b2c3d4e5f6",
        "2026-11-29T22:25:46.123456Z",
        "20261129222546-20261130222546",
        "main-3f2a9c1b7d8e9f0a1b2c3d4e.js",
        "getUserAuthenticationSettings",
        "MAX_CONNECTION_LIFETIME_SECONDS",
        "00000000000000000000",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "2001:db8:85a3:8d3:1319:8a2e:370:7348",
        "3f2a9c1b7d8e9f0a",
        "",
    ] {
        assert_eq!(shown(value), value);
    }
}
