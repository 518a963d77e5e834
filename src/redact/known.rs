//! Values that this command sent as a password or received as a cookie: applications repeat them in URLs, headers and
//! messages, in many spellings.

use std::cmp::Reverse;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{NO_PAD, PAD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::masking::{HIDDEN, is_masked};
use super::sentence::is_sentence;

/// A shorter password is masked only as a whole field of a URL: it is a part of too many words.
const MIN_PASSWORD_LEN: usize = 4;

/// A shorter cookie value is masked only in `Cookie` and `Set-Cookie`.
const MIN_COOKIE_LEN: usize = 8;

/// Passwords and cookie values, with what replaces each of their spellings.
#[derive(Clone, Default)]
pub(super) struct KnownValues {
    passwords: Vec<String>,
    /// Spellings with what is shown instead, the longest first: one may be a part of another.
    replacements: Vec<(String, String)>,
}

impl std::fmt::Debug for KnownValues {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KnownValues").finish_non_exhaustive()
    }
}

impl KnownValues {
    pub(super) fn add_password(&mut self, password: &str) {
        if !password.is_empty() && !self.is_password(password) {
            self.passwords.push(password.to_owned());
            self.add(password, MIN_PASSWORD_LEN, HIDDEN);
        }
    }

    pub(super) fn add_cookie(&mut self, value: &str, shown: &str) {
        let decoded = percent_decode_str(value).decode_utf8_lossy();
        // A message in a cookie is no secret, and the page repeats it.
        if value.len() < MIN_COOKIE_LEN || is_masked(value) || is_sentence(&decoded.replace('+', " ")) {
            return;
        }
        self.add(value, MIN_COOKIE_LEN, shown);
        if decoded != value {
            self.add(&decoded, MIN_COOKIE_LEN, shown);
        }
    }

    pub(super) fn passwords(&self) -> impl Iterator<Item = &str> {
        self.passwords.iter().map(String::as_str)
    }

    /// Whether this is a whole password.
    pub(super) fn is_password(&self, value: &str) -> bool {
        self.passwords.iter().any(|password| password == value)
    }

    /// Whether URLs must be searched for a password that is too short to be searched for in text.
    pub(super) fn has_short_password(&self) -> bool {
        self.passwords.iter().any(|password| password.len() < MIN_PASSWORD_LEN)
    }

    fn add(&mut self, value: &str, min_len: usize, shown: &str) {
        let is_known = |all: &[(String, String)], value: &str| all.iter().any(|(it, _)| it == value);
        if is_known(&self.replacements, value) {
            return;
        }
        for spelling in spellings(value).into_iter().filter(|spelling| spelling.len() >= min_len) {
            if !is_known(&self.replacements, &spelling) {
                self.replacements.push((spelling, shown.to_owned()));
            }
        }
        self.replacements.sort_by_key(|(spelling, _)| Reverse(spelling.len()));
    }

    /// Replaces all known values.
    pub(super) fn hide(&self, text: &str) -> String {
        if !self.replacements.iter().any(|(spelling, _)| text.contains(spelling)) {
            return text.to_owned();
        }
        let mut rest = text;
        let mut shown = String::with_capacity(text.len());
        while let Some(c) = rest.chars().next() {
            let known = self.replacements.iter().find(|(spelling, _)| rest.starts_with(spelling));
            let (taken, put) = match known {
                // `hidden` may be a password too.
                _ if rest.starts_with(HIDDEN) => (HIDDEN.len(), HIDDEN),
                Some((spelling, shown)) => (spelling.len(), shown.as_str()),
                None => (c.len_utf8(), &rest[..c.len_utf8()]),
            };
            shown.push_str(put);
            rest = &rest[taken..];
        }
        shown
    }
}

/// The spellings of a value in URLs, JSON, HTML and base64.
fn spellings(value: &str) -> Vec<String> {
    /// As most libraries encode, and as they encode a path.
    const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    const IN_PATH: &AsciiSet = &UNRESERVED.remove(b'/');
    let form = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let percent = |text: &str, set| utf8_percent_encode(text, set).to_string();
    let full = percent(value, NON_ALPHANUMERIC);
    // In quotes, which the list leaves out.
    let json = serde_json::Value::from(value).to_string();
    let html = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut all = vec![
        value.to_owned(),
        form(value),
        form(&form(value)),
        percent(value, UNRESERVED),
        percent(value, IN_PATH),
        percent(&full, NON_ALPHANUMERIC),
        full,
        json[1..json.len() - 1].to_owned(),
        html.replace('"', "&quot;").replace('\'', "&#39;"),
        html.replace('"', "&#34;").replace('\'', "&#x27;"),
        html,
    ];
    all.extend(Url::parse("http://base.invalid/").ok().map(|mut url| {
        url.set_path(value);
        url.path().trim_start_matches('/').to_owned()
    }));
    for spelling in in_base64(value) {
        all.push(percent(&spelling, UNRESERVED));
        all.push(spelling);
    }
    all.extend(all.clone().iter().map(|spelling| with_lowercase_hex(spelling)));
    all
}

/// The value in base64 and base64url: by itself, with and without padding, and as a part of a longer text, where the
/// characters that it shares with its neighbors are left out.
fn in_base64(value: &str) -> Vec<String> {
    let mut all = Vec::new();
    for alphabet in [&alphabet::STANDARD, &alphabet::URL_SAFE] {
        all.push(GeneralPurpose::new(alphabet, PAD).encode(value));
        let unpadded = GeneralPurpose::new(alphabet, NO_PAD);
        all.push(unpadded.encode(value));
        for before in 0..3 {
            let encoded = unpadded.encode([&b"\0\0"[..before], value.as_bytes()].concat());
            let whole = (before + value.len()) * 8 / 6;
            all.extend(encoded.get((before * 8).div_ceil(6)..whole).map(str::to_owned));
        }
    }
    all
}

/// `%c3` for `%C3`, which means the same.
fn with_lowercase_hex(spelling: &str) -> String {
    let mut parts = spelling.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (hex, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        text + "%" + &hex.to_ascii_lowercase() + rest
    })
}
