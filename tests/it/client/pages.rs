//! Pages: their character encoding, and the pages to which they redirect.

use http::header::{CONTENT_TYPE, HeaderName, REFRESH};
use sessctl::client::Response;
use sessctl::client::html::HtmlPage;
use url::Url;

fn base() -> Url {
    Url::parse("http://a.test/x/").unwrap()
}

fn response(headers: &[(HeaderName, &'static str)], body: &[u8]) -> Response {
    let headers = headers.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect();
    Response::new(base(), headers, body.to_vec())
}

fn page_of(headers: &[(HeaderName, &'static str)], body: &[u8]) -> HtmlPage {
    HtmlPage::of(&response(headers, body))
}

#[test]
fn assignments_to_location_are_found() {
    for (rest, target) in [
        (" = '/in';", Some("/in")),
        (".href=\"/in\"", Some("/in")),
        (".replace('/in')", Some("/in")),
        (".assign( '/in' )", Some("/in")),
        (".pathname.split('/')", None),
        (" == '/in'", None),
        (".href = next", None),
    ] {
        let page = page_of(&[], format!("<script>location{rest}</script>").as_bytes());
        assert_eq!(page.refresh, target.map(|target| base().join(target).unwrap()), "{rest}");
    }
}

#[test]
fn refresh_is_parsed_in_all_notations() {
    for content in [
        "0;url=/login",
        "0; URL='/login'",
        " 3 ; url = \"/login\"; more",
        "0,/login",
        "0 /login",
        "1.5;url=/login",
    ] {
        let target = page_of(&[(REFRESH, content)], b"").refresh;
        assert_eq!(target, base().join("/login").ok(), "{content}");
    }
    for content in ["5", "", "600; url=/login", "0; url=javascript:alert(1)", "0;"] {
        assert_eq!(page_of(&[(REFRESH, content)], b"").refresh, None, "{content}");
    }
}

#[test]
fn the_header_or_the_page_declares_the_encoding() {
    let text = |content_type: &'static str, body: &[u8]| {
        response(&[(CONTENT_TYPE, content_type)], body).text().into_owned()
    };
    let korean = b"<META CHARSET=\"EUC-KR\">\xb7\xce\xb1\xd7\xc0\xce";
    assert!(text("text/html", korean).contains("로그인"));
    assert!(response(&[], korean).text().contains("로그인"));
    assert_eq!(text("text/html; charset=ISO-8859-1", b"ung\xfcltig"), "ungültig");
    assert_eq!(text("text/plain", "plain ü".as_bytes()), "plain ü");
    let equiv = b"<meta http-equiv=content-type content='text/html; charset=shift_jis'>\x83\x8d";
    assert!(text("text/html", equiv).contains('ロ'));
}
