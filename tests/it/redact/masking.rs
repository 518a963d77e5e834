//! What is shown in place of a secret.

use sessctl::internal::{Masking, Redactor};

#[test]
fn a_secret_shows_at_most_a_quarter_of_itself() {
    for (secret, shown) in [
        ("x".repeat(43).as_str(), "xxxxxxxx…"),
        ("abcdefgh", "ab…"),
        ("abc", "…"),
        ("", ""),
        ("äöüß", "ä…"),
        ("a;b=cdefghijklmnop", "a…"),
        ("abcdefgh~0123456789ab", "abcdefgh…"),
        ("[hidden]", "[hidden]"),
    ] {
        assert_eq!(Masking::Short.value(secret), shown, "{secret}");
        assert_eq!(Masking::Short.value(shown), shown, "it is masked already");
    }
    assert_eq!(Masking::Revealed.value("abc"), "abc");
    let named = |value| Redactor::new(Masking::Short).header("x-auth", value).into_owned();
    assert_eq!(named("abcdefgh"), "…");
    assert_eq!(named("ab~0123456789ab"), "ab~0123456789ab");
}

#[test]
fn equal_secrets_have_equal_hashes_only_under_the_same_key() {
    let (one, other) = (Masking::Hashed([1; 16]), Masking::Hashed([2; 16]));
    let masked = one.value("0123456789abcdef0123456789abcdef");
    assert!(masked.starts_with("01234567~") && masked.len() == 9 + 12, "{masked}");
    assert_eq!(one.value(&masked), masked, "it is masked already");
    assert_ne!(other.value("0123456789abcdef0123456789abcdef"), masked);
    assert_ne!(one.value("0123456789abcdef0123456789abcdee"), masked);
}

#[test]
fn several_hashes_in_one_value_are_not_masked_again() {
    let redactor = Redactor::new(Masking::Hashed([7; 16]));
    for value in ["%3FS3cretValue0123456789abcdef%2F%253D", "S3cret~95664f016a96/~b2d216d94bb9"] {
        let once = redactor.reference(value).into_owned();
        assert_eq!(redactor.reference(&once), once, "{value}");
    }
}
