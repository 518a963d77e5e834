//! Stored cookies, and their names and values, in JSON.

use sessctl::cookies::{ByteString, StoredCookie};

#[test]
fn a_cookie_survives_json_with_all_its_attributes() {
    let json = r#"{"name":"a","value":"b","domain":"example.org","host_only":false,"path":"/x","expires":"2030-01-01T00:00:00Z","secure":true,"http_only":true,"same_site":"Lax","created":"2026-01-01T00:00:00.5Z","last_used":"2026-01-02T00:00:00Z"}"#;
    let cookie: StoredCookie = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&cookie).unwrap(), json);
}

#[test]
fn bytes_survive_json() {
    for bytes in [&b"plain"[..], "zwölf".as_bytes(), b"", b"\xff\xfe=", b"{\"base64\":1}"] {
        let bytes = ByteString(bytes.to_vec());
        let json = serde_json::to_string(&bytes).unwrap();
        assert_eq!(serde_json::from_str::<ByteString>(&json).unwrap(), bytes, "{json}");
    }
}

#[test]
fn invalid_base64_is_an_error() {
    assert!(serde_json::from_str::<ByteString>(r#"{"base64":"?"}"#).is_err());
}
