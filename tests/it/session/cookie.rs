//! The session cookie: finding it in `Cookie` headers, and the `Set-Cookie` lines.

use sessctl::session::{Session, SessionConfig, Sessions};
use sessctl::stores::MemoryStore;

/// What a request's cookies are to the session engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presented {
    /// None of them is the session cookie.
    Nothing,
    /// The session cookie opens no session.
    Unusable,
    /// The session cookie opens a session.
    Token,
}

pub(super) fn sessions(config: &SessionConfig) -> Sessions {
    Sessions::new(MemoryStore::new(), config).expect("valid settings")
}

/// The `Set-Cookie` line of a request.
fn set_cookie(session: &Session) -> Option<String> {
    session.set_cookie().map(|line| line.to_str().expect("ASCII").to_owned())
}

/// The token of a new session.
pub(super) async fn new_token(sessions: &Sessions) -> String {
    let session = sessions.open([]);
    session.login("alice").await.expect("a login");
    let line = set_cookie(&session).expect("a cookie");
    let (pair, _) = line.split_once(';').expect("attributes");
    pair.split_once('=').expect("a value").1.to_owned()
}

pub(super) async fn presented(sessions: &Sessions, fields: &[impl AsRef<[u8]>]) -> Presented {
    let session = sessions.open(fields.iter().map(AsRef::as_ref));
    if session.record().await.expect("an answer").is_some() {
        return Presented::Token;
    }
    // A logout deletes whatever is under the name of the session cookie.
    session.end().await.expect("an answer");
    if session.set_cookie().is_some() { Presented::Unusable } else { Presented::Nothing }
}

#[tokio::test]
async fn the_session_cookie_is_found_among_others() {
    let sessions = sessions(&SessionConfig::default());
    let text = new_token(&sessions).await;
    for fields in [
        vec![format!("sessionid={text}")],
        vec![format!("a=b; sessionid={text};c=d")],
        vec!["a=b".to_owned(), format!("sessionid={text}")],
        vec![format!("sessionid={text}; sessionid={text}")],
    ] {
        assert_eq!(presented(&sessions, &fields).await, Presented::Token, "{fields:?}");
    }
}

#[tokio::test]
async fn other_cookies_and_ambiguous_values_open_no_session() {
    let sessions = sessions(&SessionConfig::default());
    let (a, b) = (new_token(&sessions).await, new_token(&sessions).await);
    for field in [format!("mysessionid={a}"), format!("SessionId={a}"), "sessionid".into(), ";;;=;".into()] {
        assert_eq!(presented(&sessions, &[&field]).await, Presented::Nothing, "{field}");
    }
    for field in [
        format!("sessionid={a}; sessionid={b}"),
        format!("sessionid={a}; sessionid="),
        format!("sessionid=\"{a}\""),
        "sessionid=%00%ff".to_owned(),
        "sessionid=".to_owned(),
    ] {
        assert_eq!(presented(&sessions, &[&field]).await, Presented::Unusable, "{field}");
    }
}

#[tokio::test]
async fn set_cookie_lines_have_all_attributes() {
    let sessions = sessions(&SessionConfig::default().secure(true));
    let session = sessions.open([]);
    session.login("alice").await.expect("a login");
    let line = set_cookie(&session).expect("a cookie");
    let token = line.strip_prefix("__Host-sessionid=").and_then(|rest| rest.get(..43)).expect("a token");
    assert_eq!(line, format!("__Host-sessionid={token}; HttpOnly; SameSite=Lax; Path=/; Secure"));
    let session = sessions.open([format!("__Host-sessionid={token}").as_bytes()]);
    session.end().await.expect("a logout");
    assert_eq!(
        set_cookie(&session).expect("a cookie"),
        "__Host-sessionid=; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    );
}

mod properties {
    use super::*;
    use proptest::prelude::*;
    use tokio::runtime;

    /// A `Cookie` header: session cookies, other cookies, and arbitrary bytes. `TOKEN` is to be replaced by a token.
    fn field() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            Just(b"sessionid=TOKEN".to_vec()),
            Just(b"sessionid=".to_vec()),
            Just(b"; ".to_vec()),
            Just(b";".to_vec()),
            "[a-z=\" ;]{0,8}".prop_map(String::into_bytes),
            proptest::collection::vec(any::<u8>(), 0..4),
        ];
        proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
    }

    fn with_token(field: &[u8], token: &str) -> Vec<u8> {
        // Byte by byte, because the field need not be UTF-8.
        let text: String = field.iter().copied().map(char::from).collect();
        text.replace("TOKEN", token).chars().map(|c| u8::try_from(c).expect("a byte")).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn a_token_counts_only_if_it_is_the_single_value(
            fields in proptest::collection::vec(field(), 0..3),
        ) {
            let runtime = runtime::Builder::new_current_thread().build().expect("a runtime");
            let sessions = sessions(&SessionConfig::default());
            let token = runtime.block_on(new_token(&sessions));
            let fields: Vec<Vec<u8>> = fields.iter().map(|field| with_token(field, &token)).collect();
            let found = runtime.block_on(presented(&sessions, &fields));
            // The same, written down from RFC 6265bis §4.2.1.
            let text: Vec<String> =
                fields.iter().map(|field| field.iter().copied().map(char::from).collect()).collect();
            let mut values: Vec<&str> = text
                .iter()
                .flat_map(|field| field.split(';'))
                .filter_map(|pair| pair.trim_start_matches(|c: char| c.is_ascii_whitespace()).split_once('='))
                .filter(|(name, _)| *name == "sessionid")
                .map(|(_, value)| value.trim_end_matches(|c: char| c.is_ascii_whitespace()))
                .collect();
            values.dedup();
            let expected = match values[..] {
                [] => Presented::Nothing,
                [one] if one == token => Presented::Token,
                _ => Presented::Unusable,
            };
            prop_assert_eq!(found, expected);
        }
    }
}
