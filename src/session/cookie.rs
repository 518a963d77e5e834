//! The session cookie: finding it in `Cookie` headers, and writing `Set-Cookie`.

use http::HeaderValue;

use super::id::{Token, TokenHash};

/// The `SameSite` attribute of the session cookie (RFC 6265bis §4.1.2.7). The variants have the names of its values.
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Presented {
    /// No cookie has the name.
    Nothing,
    /// No value is a token.
    Unusable,
    /// Well-formed tokens: the first one, and further ones of other cookies with the same name. The store knows which
    /// of them open a session.
    Tokens(TokenHash, Vec<TokenHash>),
}

/// The number of tokens that are looked up for one request.
const MAX_TOKENS: usize = 4;

impl Presented {
    /// Whether the request has the token of this key.
    pub(super) fn contains(&self, key: TokenHash) -> bool {
        matches!(self, Presented::Tokens(first, others) if *first == key || others.contains(&key))
    }

    /// Adds the value of one cookie: `None` if it is not a token.
    fn add(&mut self, token: Option<TokenHash>) {
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
    /// `name` is a token (RFC 9110 §5.6.2), so every line made of it is a valid header value.
    pub(super) fn new(name: &str, secure: bool, same_site: SameSitePolicy) -> Self {
        let secure = if secure { "; Secure" } else { "" };
        CookieTemplate {
            name: name.to_owned(),
            attributes: format!("; HttpOnly; SameSite={same_site:?}; Path=/{secure}"),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Finds the session cookie in the `Cookie` headers of a request.
    ///
    /// Another application on a parent domain or path may have set a cookie with the same name. The browser sends both,
    /// and only the store can tell which one is ours.
    pub(crate) fn find<'a>(&self, fields: impl Iterator<Item = &'a [u8]>) -> Presented {
        let mut found = Presented::Nothing;
        for pair in fields.flat_map(|field| field.split(|&byte| byte == b';')) {
            let pair = pair.trim_ascii_start();
            let Some(value) =
                pair.strip_prefix(self.name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="))
            else {
                continue;
            };
            found.add(Token::parse(value.trim_ascii_end()).as_ref().map(Token::hash));
        }
        found
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
