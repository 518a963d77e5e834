//! Finds secrets in headers.

use super::masking::{HIDDEN, is_masked};
use super::{Redactor, names};

/// Attributes of `Set-Cookie` (RFC 6265bis §5.6, CHIPS, and Chrome's `Priority`). Any other `name=value` after them is
/// another cookie: a proxy has folded several lines into one.
const ATTRIBUTES: &[&str] = &["domain", "expires", "max-age", "partitioned", "path", "priority", "samesite"];

/// Headers whose values look like tokens and are public.
const PUBLIC: &[&str] = &["etag", "if-match", "if-none-match"];

impl Redactor {
    pub(super) fn redact_header(&self, name: &str, value: &str) -> String {
        let name = name.to_ascii_lowercase();
        let mask = |value: &str| self.masking.value(value).into_owned();
        match name.as_str() {
            "authorization" | "proxy-authorization" if is_masked_credential(value) => value.to_owned(),
            "authorization" | "proxy-authorization" if self.masking.reveals() => HIDDEN.to_owned(),
            "cookie" => map_cookie(value, mask),
            "set-cookie" => map_set_cookie(value, mask, |attribute| self.redact_reference(attribute)),
            "referer" | "location" | "content-location" => self.redact_reference(value),
            _ if self.masking.reveals() => value.to_owned(),
            _ if names::is_secret(&name, value) => self.masking.named(value).into_owned(),
            _ if PUBLIC.contains(&name.as_str()) => value.to_owned(),
            _ if super::entropy::looks_random(value) => mask(value),
            _ => self.redact_text(value),
        }
    }
}

/// Whether the credentials behind the scheme are masked already.
fn is_masked_credential(value: &str) -> bool {
    value.split_once(' ').is_some_and(|(_, credentials)| credentials != HIDDEN && is_masked(credentials))
}

/// Calls `see` with the value of each cookie in a `Cookie` or `Set-Cookie` header.
pub(super) fn for_each_cookie_value(name: &str, line: &str, mut see: impl FnMut(&str)) {
    let see = |value: &str| {
        see(value.trim().trim_matches('"'));
        String::new()
    };
    match name.to_ascii_lowercase().as_str() {
        "cookie" => drop(map_cookie(line, see)),
        "set-cookie" => drop(map_set_cookie(line, see, str::to_owned)),
        _ => {}
    }
}

fn map_cookie(line: &str, mut mask: impl FnMut(&str) -> String) -> String {
    line.split(';').map(|part| pair(part, &mut mask)).collect::<Vec<String>>().join(";")
}

/// `name=value`, perhaps with a comma behind it. Without `=`, all of it is the value (RFC 6265bis §5.6 step 3).
fn pair(part: &str, mask: &mut impl FnMut(&str) -> String) -> String {
    if let Some(part) = part.strip_suffix(',') {
        return pair(part, mask) + ",";
    }
    let start = part.find('=').map_or(part.len() - part.trim_start().len(), |at| at + 1);
    let (name, value) = part.split_at(start);
    let value = value.trim();
    if value.is_empty() { part.to_owned() } else { format!("{name}{}", mask(value)) }
}

fn map_set_cookie(
    line: &str,
    mut mask: impl FnMut(&str) -> String,
    redact_attribute: impl Fn(&str) -> String,
) -> String {
    let (first, rest) = line.split_at(line.find(';').unwrap_or(line.len()));
    // A comma begins another cookie, if it is not in a date or in a value.
    let mut shown = first.split_inclusive(',').map(|part| pair(part, &mut mask)).collect::<String>();
    let mut is_value = false;
    let mut delimiter = ';';
    for piece in rest.split_inclusive([';', ',']) {
        let part = piece.trim_end_matches([';', ',']);
        let name = part.split_once('=').map(|(name, _)| name.trim().to_ascii_lowercase());
        let is_attribute = name.as_ref().is_some_and(|name| ATTRIBUTES.contains(&name.as_str()));
        let is_continued = is_value && delimiter == ',' && name.is_none();
        if !is_continued {
            is_value = name.is_some() && !is_attribute;
            shown.push_str(&if is_value { pair(part, &mut mask) } else { redact_attribute(part) });
        }
        delimiter = piece[part.len()..].chars().next().unwrap_or(';');
        shown.push_str(&piece[part.len()..]);
    }
    shown
}
