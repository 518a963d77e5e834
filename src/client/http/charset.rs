//! The character encoding of a body.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// A page declares its encoding within this number of bytes (HTML, prescan a byte stream).
const PRESCAN_LEN: usize = 1024;

/// The encoding that the header or the page declares, otherwise UTF-8. A byte order mark takes precedence when the text
/// is decoded.
pub(crate) fn encoding_of(headers: &HeaderMap, body: &[u8]) -> &'static Encoding {
    let content_type =
        headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase());
    let by_header = content_type.as_deref().and_then(label_after_charset);
    let start = String::from_utf8_lossy(&body[..body.len().min(PRESCAN_LEN)]).to_ascii_lowercase();
    let by_page = || {
        start.match_indices("<meta").find_map(|(at, _)| label_after_charset(start[at..].split('>').next()?))
    };
    let is_html = content_type.is_none_or(|content_type| content_type.contains("html"));
    by_header.or_else(|| by_page().filter(|_| is_html)).unwrap_or(UTF_8)
}

/// The body as text. Invalid bytes become U+FFFD.
pub(crate) fn decode<'a>(headers: &HeaderMap, body: &'a [u8]) -> Cow<'a, str> {
    encoding_of(headers, body).decode(body).0
}

fn label_after_charset(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let (_, rest) = lower.split_once("charset")?;
    let rest = rest.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let label =
        rest.split(|c: char| c == ';' || c == '"' || c == '\'' || c == '/' || c.is_whitespace()).next()?;
    Encoding::for_label(label.as_bytes())
}
