//! The session cookie on the wire: finding ours in `Cookie`, writing `Set-Cookie`.

use http::HeaderValue;

use super::config::SameSitePolicy;
use super::id::{Token, TokenHash};

/// What a request presents under the name of our cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presented {
    /// No cookie.
    Nothing,
    /// A cookie that is no token of ours, or several.
    Unusable,
    /// A token; whether it opens a session is for the store to say.
    Token(TokenHash),
}

/// The fixed parts of our `Set-Cookie` line.
#[derive(Debug)]
pub(crate) struct CookieTemplate {
    name: String,
    attributes: String,
}

impl CookieTemplate {
    /// `name` is a token (RFC 9110 §5.6.2): visible ASCII, so that every line made of it is a header value.
    pub(super) fn new(name: &str, secure: bool, same_site: SameSitePolicy) -> Self {
        let same_site = match same_site {
            SameSitePolicy::Strict => "Strict",
            SameSitePolicy::Lax => "Lax",
            SameSitePolicy::None => "None",
        };
        let secure = if secure { "; Secure" } else { "" };
        CookieTemplate {
            name: name.to_owned(),
            attributes: format!("; HttpOnly; SameSite={same_site}; Path=/{secure}"),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// What stands under our name in the `Cookie` fields of a request.
    ///
    /// Two different values are as good as none: one of them was planted (by a sibling domain, say), and
    /// nothing tells which.
    pub(crate) fn find<'a>(&self, fields: impl Iterator<Item = &'a [u8]>) -> Presented {
        let mut found: Option<&[u8]> = None;
        for pair in fields.flat_map(|field| field.split(|&octet| octet == b';')) {
            let pair = pair.trim_ascii_start();
            let Some(value) =
                pair.strip_prefix(self.name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
            else {
                continue;
            };
            let value = value.trim_ascii_end();
            if found.is_some_and(|earlier| earlier != value) {
                return Presented::Unusable;
            }
            found = Some(value);
        }
        match found.map(Token::parse) {
            None => Presented::Nothing,
            Some(None) => Presented::Unusable,
            Some(Some(token)) => Presented::Token(token.hash()),
        }
    }

    /// The line that gives the browser its token.
    pub(crate) fn issue(&self, token: &Token) -> Option<HeaderValue> {
        let line = [self.name.as_str(), "=", &token.encode(), &self.attributes].concat();
        HeaderValue::from_maybe_shared(bytes::Bytes::from(line)).ok()
    }

    /// The line that makes the browser forget: same name and path, a date in the past.
    pub(crate) fn expire(&self) -> Option<HeaderValue> {
        let line =
            format!("{}={}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT", self.name, self.attributes);
        HeaderValue::try_from(line).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(fields: &[&str]) -> Presented {
        let template = CookieTemplate::new("sessionid", false, SameSitePolicy::Lax);
        template.find(fields.iter().map(|field| field.as_bytes()))
    }

    #[test]
    fn our_cookie_is_found_among_others() {
        let (token, _) = Token::generate().unwrap();
        let text = token.encode();
        for fields in [
            vec![format!("sessionid={text}")],
            vec![format!("a=b; sessionid={text};c=d")],
            vec!["a=b".to_owned(), format!("sessionid={text}")],
            vec![format!("sessionid={text}; sessionid={text}")],
        ] {
            let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
            assert_eq!(found(&fields), Presented::Token(token.hash()), "{fields:?}");
        }
    }

    #[test]
    fn what_is_not_ours_is_not_found() {
        let (a, b) = (Token::generate().unwrap().0.encode(), Token::generate().unwrap().0.encode());
        for field in
            [format!("mysessionid={a}"), format!("SessionId={a}"), "sessionid".into(), ";;;=;".into()]
        {
            assert_eq!(found(&[&field]), Presented::Nothing, "{field}");
        }
        for field in [
            format!("sessionid={a}; sessionid={b}"),
            format!("sessionid={a}; sessionid="),
            format!("sessionid=\"{a}\""),
            "sessionid=%00%ff".to_owned(),
            "sessionid=".to_owned(),
        ] {
            assert_eq!(found(&[&field]), Presented::Unusable, "{field}");
        }
    }

    #[test]
    fn lines_carry_all_attributes() {
        let (token, _) = Token::generate().unwrap();
        let template = CookieTemplate::new("__Host-sessionid", true, SameSitePolicy::Lax);
        assert_eq!(
            template.issue(&token).unwrap(),
            format!("__Host-sessionid={}; HttpOnly; SameSite=Lax; Path=/; Secure", token.encode())
        );
        assert_eq!(
            template.expire().unwrap(),
            "__Host-sessionid=; HttpOnly; SameSite=Lax; Path=/; Secure; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
        );
    }

    mod properties {
        use super::*;
        use proptest::prelude::*;

        /// What may stand in a field: pairs of ours and of others, and anything.
        fn field() -> impl Strategy<Value = Vec<u8>> {
            let token = Token::generate().unwrap().0.encode();
            let piece = prop_oneof![
                Just(format!("sessionid={token}").into_bytes()),
                Just(b"sessionid=".to_vec()),
                Just(b"; ".to_vec()),
                Just(b";".to_vec()),
                "[a-z=\" ;]{0,8}".prop_map(String::into_bytes),
                proptest::collection::vec(any::<u8>(), 0..4),
            ];
            proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
        }

        proptest! {
            #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
            #[test]
            fn a_token_is_honoured_only_where_nothing_else_stands_under_our_name(
                fields in proptest::collection::vec(field(), 0..3),
            ) {
                let template = CookieTemplate::new("sessionid", false, SameSitePolicy::Lax);
                let found = template.find(fields.iter().map(Vec::as_slice));
                // The same by the words of RFC 6265bis §4.2.1, without an eye on speed.
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
                    [one] => Token::parse(one.as_bytes())
                        .map_or(Presented::Unusable, |token| Presented::Token(token.hash())),
                    _ => Presented::Unusable,
                };
                prop_assert_eq!(found, expected);
            }
        }
    }
}
