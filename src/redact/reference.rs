//! Finds secrets in URLs and relative references. Nothing is parsed strictly: a URL that does not parse is also shown.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::entropy::looks_random;
use super::masking::{HIDDEN, is_masked};
use super::{Redactor, names};

/// A value may be a URL whose value is a URL, and so on. What is nested more deeply is masked as a whole.
pub(super) const MAX_DEPTH: u8 = 4;

/// Encodes a nested value that was decoded to be masked.
const NESTED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl Redactor {
    pub(super) fn redact_reference(&self, text: &str) -> String {
        self.reference_within(text, MAX_DEPTH)
    }

    /// `head?query#fragment`
    pub(super) fn reference_within(&self, text: &str, depth: u8) -> String {
        let text = self.without_user_information(text);
        let (rest, fragment) = split_before(&text, '#');
        let (head, query) = split_before(rest, '?');
        let mut shown = self.head(head, depth);
        if let Some(query) = query.strip_prefix('?') {
            shown.push('?');
            shown.push_str(&self.fields(query, depth));
        }
        if let Some(fragment) = fragment.strip_prefix('#') {
            shown.push('#');
            // Some applications route by their fragment.
            shown.push_str(&match fragment.starts_with(['/', '!']) && depth > 0 {
                true => self.reference_within(fragment, depth - 1),
                false => self.fields(fragment, depth),
            });
        }
        shown
    }

    /// Scheme and authority, which are public, and the path.
    fn head(&self, head: &str, depth: u8) -> String {
        let authority = match head.find("://") {
            Some(scheme) => scheme + 3,
            None if head.starts_with("//") => 2,
            None => 0,
        };
        let path = match authority {
            0 => 0,
            // No host contains the others.
            start => head[start..].find(['/', '&', ';', '=']).map_or(head.len(), |length| start + length),
        };
        let before = match head[..authority].strip_suffix("://") {
            Some(before) => self.fields(before, depth) + "://",
            None => head[..authority].to_owned(),
        };
        let segments = head[path..].split('/').map(|segment| self.fields(segment, depth));
        before + &head[authority..path] + &segments.collect::<Vec<String>>().join("/")
    }

    /// `name=value&name=value`, also with `;`: a query, a fragment, or a path segment with its parameters.
    fn fields(&self, text: &str, depth: u8) -> String {
        let mut shown = String::with_capacity(text.len());
        let (mut is_masked, mut delimiter) = (false, None);
        for piece in text.split_inclusive(['&', ';']) {
            let field = piece.strip_suffix(['&', ';']).unwrap_or(piece);
            // In `token=abc;def`, `def` belongs to the secret.
            let is_continued = is_masked && delimiter == Some(';') && !field.contains('=');
            delimiter = piece[field.len()..].chars().next();
            if is_continued {
                shown.pop();
            } else {
                let redacted = self.field(field, depth);
                is_masked = redacted != field;
                shown.push_str(&redacted);
            }
            shown.extend(delimiter);
        }
        shown
    }

    fn field(&self, field: &str, depth: u8) -> String {
        let Some((name, value)) = field.split_once('=') else { return self.value_within(field, depth) };
        format!("{name}={}", self.named_value(name, value, depth))
    }

    /// The value of a field of this name, both as they are written in a URL.
    pub(super) fn named_value(&self, name: &str, value: &str, depth: u8) -> String {
        let name = decoded(name.rsplit(['?', '#']).next().unwrap_or(name));
        let name = name.rsplit(['?', '#', '&', '/']).next().unwrap_or(&name);
        let plain = decoded(value);
        if self.known.is_password(&plain) {
            return HIDDEN.to_owned();
        }
        match !self.masking.reveals() && names::is_secret(name, &plain) {
            true => self.masking.named(value).into_owned(),
            false => self.value_within(value, depth),
        }
    }

    /// A value that no name declares secret: a token, something that contains a URL, or harmless.
    fn value_within(&self, value: &str, depth: u8) -> String {
        if is_masked(value) || self.masking.reveals() && !self.known.has_short_password() {
            return value.to_owned();
        }
        let has_structure = value.contains(['/', '?', '#', '=', ';', '&']);
        let is_encoded = value.contains('%');
        let is_url = value.starts_with('/') || value.contains("://");
        if (has_structure || is_encoded) && depth == 0 || !is_url && looks_random(value) {
            return self.masking.value(value).into_owned();
        }
        let shown = match has_structure {
            true => self.reference_within(value, depth - 1),
            false => self.without_user_information(value).into_owned(),
        };
        let plain = match is_encoded {
            true => percent_decode_str(&shown).decode_utf8().unwrap_or_default(),
            false => return shown,
        };
        let redacted =
            if plain == shown { plain.to_string() } else { self.redact_decoded(&plain, depth - 1) };
        if redacted == plain {
            return shown;
        }
        // Masked values stay readable.
        let encoded = redacted.split('…').map(|part| utf8_percent_encode(part, NESTED).to_string());
        encoded.collect::<Vec<String>>().join("…")
    }

    /// A decoded value may contain JSON, which has quotes.
    fn redact_decoded(&self, plain: &str, depth: u8) -> String {
        if plain.contains('"') { self.words(plain, depth) } else { self.value_within(plain, depth) }
    }

    /// Masks `user:password` before each `@host`.
    fn without_user_information<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(last_at) = text.rfind('@').filter(|_| !self.masking.reveals()) else {
            return Cow::Borrowed(text);
        };
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        if has_password_without_scheme(text) {
            from = text.find('@').unwrap_or_default();
            shown.push('…');
        }
        while let Some(mark) = text[from..].find("//").filter(|mark| from + mark < last_at) {
            let authority = text[from + mark..].trim_start_matches(['/', '\\']);
            let start = text.len() - authority.len();
            shown.push_str(&text[from..start]);
            from = start;
            if let Some(length) = user_information(authority, last_at.saturating_sub(start)) {
                let hidden = &authority[..length];
                shown.push_str(if is_masked(hidden) { hidden } else { "…" });
                from += length;
            }
        }
        shown.push_str(&text[from..]);
        Cow::Owned(shown)
    }
}

/// `u:password@host`, as `--proxy` takes it, or `http:u:password@host`.
fn has_password_without_scheme(text: &str) -> bool {
    let before =
        text.find(['/', '?', '#', '@']).filter(|end| text[*end..].starts_with('@')).map(|end| &text[..end]);
    before.is_some_and(|before| before.contains(':') && !before.starts_with("mailto:"))
}

/// The length of the user information at the start of an authority, which an `@` follows. `last_at` is where the last `@` is.
fn user_information(authority: &str, last_at: usize) -> Option<usize> {
    let end = authority.find(['/', '?', '#', '\\']).unwrap_or(authority.len());
    if let Some(length) = authority[..end].rfind('@') {
        return Some(length).filter(|length| *length > 0);
    }
    // An unescaped delimiter in a password makes what is before it look like a host with an invalid port.
    let port = authority[..end].rsplit_once(':').map_or("", |(_, port)| port);
    let is_invalid = !port.ends_with(']') && !port.bytes().all(|byte| byte.is_ascii_digit());
    (is_invalid && last_at > end).then_some(last_at)
}

/// A text up to a delimiter, and from it on.
fn split_before(text: &str, delimiter: char) -> (&str, &str) {
    text.split_at(text.find(delimiter).unwrap_or(text.len()))
}

/// A name or value of a form as an application reads it.
fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
