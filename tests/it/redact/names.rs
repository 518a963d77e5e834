//! Names whose values are secret.

use sessctl::internal::{Masking, Redactor};

/// Whether a value is masked because of the name of its field.
fn is_secret(name: &str, value: &str) -> bool {
    let field = |value: &str| format!("/x?{name}={value}");
    let shown = Redactor::new(Masking::Short).reference(&field(value)).into_owned();
    assert!(shown == field("…") || shown == field(value), "{shown}");
    shown == field("…")
}

#[test]
fn every_name_of_the_list_is_secret_in_any_case() {
    let names = "
        token code otp pin pw pwd pass passphrase passwort password passwd secret sid session jwt
        auth assertion csrf xsrf key apikey api_key api-key authorization credential private_key
        ticket sig signature state nonce SAMLRequest SAMLResponse PHPSESSID JSESSIONID
        X-Amz-Signature X-Amz-Date X-Amz-Credential X-Goog-Signature X-Auth X-Auth-Token X-Api-Key
        X-Authorization Ocp-Apim-Subscription-Key Proxy-Authorization access_token user[password]
        user[pin] connect.sid ASPSESSIONIDABC user_pass __RequestVerificationToken
    ";
    for name in names.split_whitespace() {
        for name in [name.to_owned(), name.to_ascii_uppercase(), name.to_ascii_lowercase()] {
            assert!(is_secret(&name, "S3CRET"), "{name}");
        }
    }
}

#[test]
fn short_names_do_not_match_inside_of_words() {
    let names = "
        shipping encode country_code author monkey keyboard design compass estate side tickets
        opinion passenger page name user
    ";
    for name in names.split_whitespace().chain([""]) {
        assert!(!is_secret(name, "S3CRET"), "{name}");
    }
}

#[test]
fn words_in_a_search_form_are_no_secrets() {
    for (name, value) in [("key", "name"), ("state", "open"), ("sort_key", "created_at"), ("code", "KR")] {
        assert!(!is_secret(name, value), "{name}={value}");
    }
    for (name, value) in [("key", "k3y"), ("state", "af0ifjsldkj"), ("code", "123456"), ("pin", "abcd")] {
        assert!(is_secret(name, value), "{name}={value}");
    }
}
