//! Finds the secrets in URLs and headers, and names their variables.

use url::Url;

use sessctl::internal::{Redactor, is_masked};

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// The name of a variable with a secret.
    Variable(String),
}

/// The name of a variable. The first part tells what it is for, so that it never is a variable of the shell.
pub(super) fn variable(what: &str, name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    format!("{}_{}", what.to_ascii_uppercase(), name.chars().map(plain).collect::<String>())
}

/// A header: all of its value is a variable if a part of it is a secret.
pub(super) fn pieces_of_header(name: &str, value: &str, redactor: &Redactor) -> Vec<Piece> {
    let has_mask = || value.split([' ', ';', ',', '=', '&', '?', '/', '"']).any(is_masked);
    let is_secret = redactor.header(name, value) != value || is_masked(value) || has_mask();
    match is_secret {
        true => vec![Piece::Variable(variable("header", name))],
        false => vec![Piece::Text(value.to_owned())],
    }
}

/// A URL: each secret value of its query and each secret segment of its path is a variable.
pub(super) fn pieces_of_url(url: &Url, redactor: &Redactor) -> Vec<Piece> {
    let shown = redactor.url(url);
    let mut pieces = vec![Piece::Text(url.origin().ascii_serialization())];
    let segments = url.path().split('/').skip(1).zip(shown.path().split('/').skip(1));
    for (number, (segment, shown)) in (1..).zip(segments) {
        pieces.push(Piece::Text("/".to_owned()));
        pieces.push(piece(segment, shown, "path", &number.to_string()));
    }
    let pairs = url.query().unwrap_or_default().split('&').zip(shown.query().unwrap_or_default().split('&'));
    for (index, (pair, shown)) in pairs.enumerate().filter(|_| url.query().is_some()) {
        let (name, value) = pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)));
        pieces.push(Piece::Text(format!("{}{name}", if index == 0 { "?" } else { "&" })));
        if let Some(value) = value {
            let shown = shown.split_once('=').map_or("", |(_, value)| value);
            pieces.push(Piece::Text("=".to_owned()));
            pieces.push(piece(value, shown, "query", name));
        }
    }
    joined(pieces)
}

fn piece(text: &str, shown: &str, what: &str, name: &str) -> Piece {
    match text != shown || is_masked(text) {
        true => Piece::Variable(variable(what, name)),
        false => Piece::Text(text.to_owned()),
    }
}

/// Joins texts that follow each other.
fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (all.last_mut(), &piece) {
            (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(text),
            _ => all.push(piece),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use sessctl::internal::Masking;

    use super::*;

    #[test]
    fn secrets_in_a_url_become_variables() {
        let redactor = Redactor::new(Masking::Short);
        let pieces = |url: &str| pieces_of_url(&url.parse().expect("a URL"), &redactor);
        assert_eq!(
            pieces("http://a.test:81/x/y?q=tea&z"),
            [Piece::Text("http://a.test:81/x/y?q=tea&z".into())]
        );
        let expected = [Piece::Text("http://a.test/?token=".into()), Piece::Variable("QUERY_TOKEN".into())];
        assert_eq!(pieces("http://a.test/?token=31d4aaf0c2b94d6e8f1a"), expected);
        assert_eq!(pieces("http://a.test/?token=31d4%E2%80%A6"), expected);
        assert_eq!(variable("form", "user[first-name]"), "FORM_USER_FIRST_NAME_");
    }
}
