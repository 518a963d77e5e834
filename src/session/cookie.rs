//! The session cookie: finding it in `Cookie` headers, and writing `Set-Cookie`.

use std::time::Duration;

use http::HeaderValue;

use super::id::{Token, TokenHash};

/// The session cookie of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presented {
    /// No cookie has the name.
    Nothing,
    /// No value is a token.
    Unusable,
    /// Well-formed tokens: the first one, and further ones of other cookies with the same name. The store knows which
    /// of them open a session.
    Tokens(PresentedToken, Vec<PresentedToken>),
}

/// A token of a request, and its key. It is needed until the response, which may send a persistent cookie again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PresentedToken {
    token: Token,
    pub(super) key: TokenHash,
}

/// The number of tokens that are looked up for one request.
const MAX_TOKENS: usize = 4;

impl Presented {
    pub(super) fn of(token: Token, key: TokenHash) -> Self {
        Presented::Tokens(PresentedToken { token, key }, Vec::new())
    }

    /// The token of this key, if the request has it.
    pub(super) fn token(&self, key: TokenHash) -> Option<&Token> {
        let Presented::Tokens(first, others) = self else { return None };
        [first].into_iter().chain(others).find(|presented| presented.key == key).map(|it| &it.token)
    }

    /// Adds the value of one cookie: `None` if it is not a token.
    fn add(&mut self, token: Option<PresentedToken>) {
        match (&mut *self, token) {
            (Presented::Nothing, None) => *self = Presented::Unusable,
            (Presented::Nothing | Presented::Unusable, Some(token)) => {
                *self = Presented::Tokens(token, Vec::new());
            }
            (Presented::Tokens(first, others), Some(token))
                if *first != token && !others.contains(&token) && others.len() + 1 < MAX_TOKENS =>
            {
                others.push(token);
            }
            _ => {}
        }
    }
}

/// The fixed parts of the `Set-Cookie` line.
#[derive(Debug)]
pub(crate) struct CookieTemplate {
    name: String,
    attributes: String,
}

impl CookieTemplate {
    /// `name` is a token (RFC 9110 §5.6.2) and `attributes` are visible ASCII, so every line made of them is a valid header
    /// value.
    pub(super) fn new(name: String, attributes: String) -> Self {
        CookieTemplate { name, attributes }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Finds the session cookie in the `Cookie` headers of a request.
    ///
    /// Another application on a parent domain or path may have set a cookie with the same name. The browser sends both,
    /// and only the store can tell which one is ours.
    pub(super) fn find<'a>(
        &self,
        fields: impl Iterator<Item = &'a [u8]>,
        key_of: impl Fn(&Token) -> TokenHash,
    ) -> Presented {
        let mut found = Presented::Nothing;
        for pair in fields.flat_map(|field| field.split(|&byte| byte == b';')) {
            let pair = pair.trim_ascii_start();
            let Some(value) =
                pair.strip_prefix(self.name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
            else {
                continue;
            };
            let token = Token::parse(value.trim_ascii_end());
            found.add(token.map(|token| PresentedToken { key: key_of(&token), token }));
        }
        found
    }

    /// The line that sets the cookie. Without `max_age`, the browser deletes it on exit.
    pub(crate) fn issue(&self, token: &Token, max_age: Option<Duration>) -> Option<HeaderValue> {
        let mut line = [self.name.as_str(), "=", &token.encode(), &self.attributes].concat();
        if let Some(max_age) = max_age {
            line.extend(["; Max-Age=", &max_age.as_secs().to_string()]);
        }
        HeaderValue::from_maybe_shared(bytes::Bytes::from(line)).ok()
    }

    /// The line that deletes the cookie: same name and path, and an expiry date in the past.
    pub(crate) fn expire(&self) -> Option<HeaderValue> {
        let line =
            format!("{}={}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT", self.name, self.attributes);
        HeaderValue::try_from(line).ok()
    }
}
