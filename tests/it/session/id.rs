//! Tokens and handles.

use sessctl::session::SessionConfig;

use super::cookie::{Presented, new_token, presented, sessions};

#[tokio::test]
async fn a_token_is_read_back_from_its_cookie() {
    let sessions = sessions(SessionConfig::development());
    let token = new_token(&sessions).await;
    assert_eq!(presented(&sessions, &[format!("sessionid={token}")]).await, Presented::Token);
}

#[tokio::test]
async fn every_token_and_handle_is_different() {
    let sessions = sessions(SessionConfig::development());
    assert_ne!(new_token(&sessions).await, new_token(&sessions).await);
    let (a, b) = (sessions.open([]), sessions.open([]));
    for session in [&a, &b] {
        session.login("alice").await.expect("a login");
    }
    assert_ne!(a.known_handle(), b.known_handle());
    assert_eq!(a.known_handle().expect("a handle").as_uuid().get_version_num(), 8);
    // The logs and the tour show the first characters.
    let shown =
        |session: &sessctl::session::Session| session.known_handle().unwrap().to_string()[..8].to_owned();
    assert_ne!(shown(&a), shown(&b));
}

#[tokio::test]
async fn malformed_tokens_are_rejected() {
    let sessions = sessions(SessionConfig::development());
    let good = new_token(&sessions).await;
    // The last character has two bits that no token uses: with one of them set, it is the next letter or digit.
    let last = good.bytes().last().expect("a character");
    let other_ending = format!("{}{}", &good[..42], char::from(last + 1));
    let other_character = format!("{}+", &good[..42]);
    for bad in [&good[1..], "", "=", &format!("{good}="), &other_character, &"é".repeat(22), &other_ending] {
        let presented = presented(&sessions, &[format!("sessionid={bad}")]).await;
        assert_eq!(presented, Presented::Unusable, "{bad}");
    }
}

#[tokio::test]
async fn debug_output_hides_the_token() {
    let sessions = sessions(SessionConfig::development());
    let session = sessions.open([]);
    session.login("alice").await.expect("a login");
    let line = session.set_cookie().expect("a cookie");
    let token = line.to_str().expect("ASCII").strip_prefix("sessionid=").expect("a token");
    let shown = format!("{session:?} {sessions:?}");
    assert!(shown.contains("Token(secret)") && !shown.contains(&token[..6]), "{shown}");
}
