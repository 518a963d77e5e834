//! Secrets in headers.

use sessctl::internal::{Masking, Redactor};

fn shown(name: &str, value: &str) -> String {
    let shown = Redactor::new(Masking::Short).header(name, value).into_owned();
    assert_eq!(Redactor::new(Masking::Short).header(name, &shown), shown, "it is masked already");
    shown
}

#[test]
fn cookie_values_are_shortened_and_attributes_are_not() {
    let token = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    for (name, line, expected) in [
        ("cookie", format!("a=12345678; sessionid={token}; b=; bare"), "a=12…; sessionid=abcdefgh…; b=; b…"),
        ("cookie", format!("a={token}; lone-{token}"), "a=abcdefgh…; lone-abc…"),
        (
            "set-cookie",
            format!("sessionid={token}; HttpOnly; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT"),
            "sessionid=abcdefgh…; HttpOnly; Path=/; Expires=Wed, 21 Oct 2015 07:28:00 GMT",
        ),
        ("set-cookie", "sessionid=; Max-Age=0".to_owned(), "sessionid=; Max-Age=0"),
        (
            "set-cookie",
            "lang=en; Path=/, sessionid=0123456789abcdef0123456789abcdef; Path=/; HttpOnly".to_owned(),
            "lang=…; Path=/, sessionid=01234567…; Path=/; HttpOnly",
        ),
        (
            "set-cookie",
            format!("a=1, b={token}; Path=/, c={token},{token}; Secure"),
            "a=…, b=abcdefgh…; Path=/, c=abcdefgh…,; Secure",
        ),
        ("set-cookie", format!("a=1; Path=/{token}"), "a=…; Path=/abcdefgh…"),
    ] {
        assert_eq!(shown(name, &line), expected, "{line}");
    }
}

#[test]
fn secret_headers_are_masked() {
    for (name, value) in [
        ("authorization", "Basic YWxpY2U6c2VjcmV0"),
        ("Proxy-Authorization", "Bearer abcdefghijklmnop"),
        ("x-csrf-token", "abcdefghijklmnop"),
        ("x-api-key", "abcdefghijklmnop"),
        ("x-auth", "XAUTHSECRET1"),
        ("x-authorization", "abcdefghijklmnop"),
        ("ocp-apim-subscription-key", "abcdefghijklmnop"),
        ("x-amz-signature", "abcdefghijklmnop"),
    ] {
        assert_eq!(shown(name, value), "…", "{name}");
    }
    for (name, value, expected) in [
        ("referer", "http://a/?access_token=1#x", "http://a/?access_token=…#x"),
        ("location", "/login?user=a&Password=hunter2&x", "/login?user=a&Password=…&x"),
        ("link", "</x?pin=1234>; rel=\"next\"", "</x?pin=…>; rel=\"next\""),
        ("refresh", "0;url=http://u:hunter2@h/?pin=1234", "0;url=http://…@h/?pin=…"),
        ("x-own", "S3cretValue0123456789abcdef", "S3cret…"),
        ("www-authenticate", "Digest realm=\"x\", nonce=\"abc123\"", "Digest realm=\"x\", nonce=\"…\""),
    ] {
        assert_eq!(shown(name, value), expected, "{name}");
    }
    let revealed = Redactor::new(Masking::Revealed);
    assert_eq!(revealed.header("Authorization", "Bearer abc"), "[hidden]");
    assert_eq!(revealed.header("X-Api-Key", "abc"), "abc");
}
