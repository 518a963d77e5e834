//! The session cookie: finding it in `Cookie` headers, and writing `Set-Cookie`.

use http::HeaderValue;

use super::id::{Token, TokenHash};

/// The `SameSite` attribute of the session cookie (RFC 6265bis §4.1.2.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSitePolicy {
    /// The cookie is sent only with same-site requests, not even with a link from another site.
    Strict,
    /// The cookie is sent with links from other sites, but not with their forms and scripts.
    Lax,
    /// The cookie is sent with all requests. It must be `Secure`.
    None,
}

/// The session cookie of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presented {
    /// There is none.
    Nothing,
    /// Its value is not a token, or the request has several different values.
    Unusable,
    /// A well-formed token. The store knows whether it opens a session.
    Token(TokenHash),
}

/// The fixed parts of the `Set-Cookie` line.
#[derive(Debug)]
pub(crate) struct CookieTemplate {
    name: String,
    attributes: String,
}

impl CookieTemplate {
    /// `name` is a token (RFC 9110 §5.6.2), so every line made of it is a valid header value.
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

    /// Finds the session cookie in the `Cookie` headers of a request.
    ///
    /// Two different values count as none: another host, for example a sibling domain, may have set one of them, and
    /// the server cannot tell which.
    pub(crate) fn find<'a>(&self, fields: impl Iterator<Item = &'a [u8]>) -> Presented {
        let mut found: Option<&[u8]> = None;
        for pair in fields.flat_map(|field| field.split(|&byte| byte == b';')) {
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

    /// The line that sets the cookie.
    pub(crate) fn issue(&self, token: &Token) -> Option<HeaderValue> {
        let line = [self.name.as_str(), "=", &token.encode(), &self.attributes].concat();
        HeaderValue::from_maybe_shared(bytes::Bytes::from(line)).ok()
    }

    /// The line that deletes the cookie: same name and path, and an expiry date in the past.
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
    fn the_session_cookie_is_found_among_others() {
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
    fn other_cookies_and_ambiguous_values_open_no_session() {
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
    fn set_cookie_lines_have_all_attributes() {
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

        /// A `Cookie` header: session cookies, other cookies, and arbitrary bytes.
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
            fn a_token_counts_only_if_it_is_the_single_value(
                fields in proptest::collection::vec(field(), 0..3),
            ) {
                let template = CookieTemplate::new("sessionid", false, SameSitePolicy::Lax);
                let found = template.find(fields.iter().map(Vec::as_slice));
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
                    [one] => Token::parse(one.as_bytes())
                        .map_or(Presented::Unusable, |token| Presented::Token(token.hash())),
                    _ => Presented::Unusable,
                };
                prop_assert_eq!(found, expected);
            }
        }
    }
}
