//! The session cookie: finding it in `Cookie` headers, and the `Set-Cookie` lines.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sessctl::session::{Event, Owner, Session, SessionConfig, SessionError, Sessions};
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

pub(super) fn sessions(config: SessionConfig) -> Sessions {
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
    let sessions = sessions(SessionConfig::development());
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
async fn other_cookies_and_two_sessions_open_none() {
    let sessions = sessions(SessionConfig::development());
    let (a, b) = (new_token(&sessions).await, new_token(&sessions).await);
    for field in [format!("mysessionid={a}"), format!("SessionId={a}"), "sessionid".into(), ";;;=;".into()] {
        assert_eq!(presented(&sessions, &[&field]).await, Presented::Nothing, "{field}");
    }
    for field in [
        format!("sessionid={a}; sessionid={b}"),
        format!("sessionid=\"{a}\""),
        "sessionid=%00%ff".to_owned(),
        "sessionid=".to_owned(),
    ] {
        assert_eq!(presented(&sessions, &[&field]).await, Presented::Unusable, "{field}");
    }
}

/// Another application on a parent domain or path has set a cookie with the same name.
#[tokio::test]
async fn the_only_value_that_opens_a_session_is_used() {
    let sessions = sessions(SessionConfig::development());
    let ours = new_token(&sessions).await;
    let ended = new_token(&sessions).await;
    sessions.open([format!("sessionid={ended}").as_bytes()]).end().await.expect("a logout");
    let foreign = "B".repeat(43);
    for other in ["foreign", "", "\"x\"", &ended, &foreign] {
        for field in
            [format!("sessionid={other}; sessionid={ours}"), format!("sessionid={ours}; sessionid={other}")]
        {
            assert_eq!(presented(&sessions, &[&field]).await, Presented::Token, "{field}");
        }
    }
    let tokens =
        |n: usize| (0..n).map(|n| format!("sessionid=AAA{n}{}; ", "A".repeat(39))).collect::<String>();
    let at_most_four = format!("{}sessionid={ours}", tokens(3));
    assert_eq!(presented(&sessions, &[&at_most_four]).await, Presented::Token);
    let fifth = format!("{}sessionid={ours}", tokens(4));
    assert_eq!(presented(&sessions, &[&fifth]).await, Presented::Unusable);
    let session = sessions.open([format!("sessionid={foreign}; sessionid={ours}").as_bytes()]);
    session.login("alice").await.expect("a login");
    let live = sessions.list(Owner::Everyone, None, 10).await.expect("a list").sessions;
    assert_eq!(live.len(), 1, "an orphan is left");
}

/// Nobody can tell which of two sessions is the client's own.
#[tokio::test]
async fn two_sessions_are_none_until_a_login_ends_both() {
    let reported = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&reported);
    let sessions =
        Sessions::builder(MemoryStore::new()).config(SessionConfig::development()).on_event(move |event| {
            if matches!(event, Event::Ambiguous { handles, .. } if handles.len() == 2) {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
    let sessions = sessions.build().expect("valid settings");
    let (a, b) = (new_token(&sessions).await, new_token(&sessions).await);
    let both = format!("sessionid={a}; sessionid={b}");
    let session = sessions.open([both.as_bytes()]);
    assert_eq!(session.user().await.expect("an answer"), None);
    assert_eq!(reported.load(Ordering::Relaxed), 1);
    assert!(matches!(session.set("a", 1).await, Err(SessionError::Ended)));
    assert_eq!(session.set_cookie(), None, "another session that no request would find");
    session.login("alice").await.expect("a login");
    let line = set_cookie(&session).expect("a cookie");
    let (new, _) = line.split_once(';').expect("attributes");
    let live = sessions.list(Owner::Everyone, None, 10).await.expect("a list").sessions;
    assert_eq!(live.len(), 1, "an orphan is left");
    let next = sessions.open([format!("{new}; sessionid={b}").as_bytes()]);
    assert_eq!(next.user().await.expect("an answer").as_deref(), Some("alice"));
}

#[tokio::test]
async fn set_cookie_lines_have_all_attributes() {
    let sessions = sessions(SessionConfig::default());
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
        fn a_token_counts_whatever_the_other_values_are(
            fields in proptest::collection::vec(field(), 0..3),
        ) {
            let runtime = runtime::Builder::new_current_thread().build().expect("a runtime");
            let sessions = sessions(SessionConfig::development());
            let token = runtime.block_on(new_token(&sessions));
            let fields: Vec<Vec<u8>> = fields.iter().map(|field| with_token(field, &token)).collect();
            let found = runtime.block_on(presented(&sessions, &fields));
            // The same, written down from RFC 6265bis §4.2.1.
            let text: Vec<String> =
                fields.iter().map(|field| field.iter().copied().map(char::from).collect()).collect();
            let values: Vec<&str> = text
                .iter()
                .flat_map(|field| field.split(';'))
                .filter_map(|pair| pair.trim_start_matches(|c: char| c.is_ascii_whitespace()).split_once('='))
                .filter(|(name, _)| *name == "sessionid")
                .map(|(_, value)| value.trim_end_matches(|c: char| c.is_ascii_whitespace()))
                .collect();
            let expected = match values[..] {
                [] => Presented::Nothing,
                _ if values.contains(&token.as_str()) => Presented::Token,
                _ => Presented::Unusable,
            };
            prop_assert_eq!(found, expected);
        }
    }
}
