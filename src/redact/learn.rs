//! Learns secrets from what this command sends and receives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

#[cfg(feature = "client")]
use super::Masking;
use super::{Redactor, header, names};

impl Redactor {
    /// From now on, masks this password in every spelling, also with [`Masking::Revealed`](super::Masking::Revealed).
    pub fn learn_password(&mut self, password: &str) {
        self.known.add_password(password);
    }

    /// Learns all passwords that another redactor knows.
    pub fn learn_passwords_of(&mut self, other: &Redactor) {
        other.known.passwords().for_each(|password| self.learn_password(password));
    }

    /// From now on, masks the credentials of an `Authorization` header as it does passwords.
    pub(crate) fn learn_authorization(&mut self, value: &str) {
        let (scheme, credentials) = value.split_once(' ').unwrap_or(("", value));
        let basic = STANDARD.decode(credentials).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"));
        if let Some((_, password)) =
            basic.and_then(|plain| String::from_utf8(plain).ok()).as_deref().and_then(|it| it.split_once(':'))
        {
            self.learn_password(password);
        }
        self.learn_password(credentials);
    }

    /// From now on, shows a prefix and a hash under `key` instead of this token, also with
    /// [`Masking::Revealed`](super::Masking::Revealed).
    #[cfg(feature = "client")]
    pub(crate) fn learn_token(&mut self, token: &str, key: [u8; 16]) {
        self.known.add_cookie(token, &Masking::Hashed(key).value(token));
    }

    /// From now on, masks the passwords in the body of a form or of a JSON object.
    pub(crate) fn learn_body(&mut self, content_type: &str, body: &[u8]) {
        if content_type.starts_with("application/x-www-form-urlencoded") {
            for (name, value) in url::form_urlencoded::parse(body) {
                self.learn_field(&name, &value);
            }
        } else if content_type.contains("json")
            && let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(body)
        {
            for (name, value) in &fields {
                self.learn_field(name, value.as_str().unwrap_or_default());
            }
        }
    }

    fn learn_field(&mut self, name: &str, value: &str) {
        if names::is_password(name) {
            self.learn_password(value);
        }
    }

    /// From now on, masks the cookie values of this header wherever they are repeated. Other headers than `Cookie` and
    /// `Set-Cookie` are ignored.
    pub fn learn_cookies(&mut self, name: &str, value: &str) {
        if !self.masking.reveals() {
            header::for_each_cookie_value(name, value, |value| {
                self.known.add_cookie(value, &self.masking.value(value));
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::redact::{Masking, Redactor};

    #[test]
    fn passwords_are_learned_from_what_is_sent() {
        let mut redactor = Redactor::new(Masking::Revealed);
        redactor.learn_authorization("Basic dTpodW50ZXItMQ==");
        redactor.learn_authorization("Bearer abc-token");
        redactor.learn_body("application/x-www-form-urlencoded", b"user=alice&pass=hunter%262&csrf=public");
        redactor.learn_body("application/json; charset=utf-8", br#"{"user":"bob","Password":"hunter-3"}"#);
        assert_eq!(
            redactor.text("hunter-1 dTpodW50ZXItMQ== abc-token alice hunter&2 public bob hunter-3"),
            "[hidden] [hidden] [hidden] alice [hidden] public bob [hidden]"
        );
    }
}
