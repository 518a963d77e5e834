//! [`Accepted`]: content negotiation (RFC 9110 §12.5): a page or JSON, and in which language.

use std::cmp::Reverse;

use crate::texts::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Html,
    Json,
}

/// What the client accepts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    /// The format that `Accept` prefers.
    pub(super) format: Format,
    /// Whether `Accept` names HTML, as browsers do. A client that sends only `*/*` may be a script.
    pub(super) names_html: bool,
    pub(super) language: Language,
}

impl Accepted {
    /// From the values of `Accept` and `Accept-Language`.
    pub(super) fn of(accept: &str, accept_language: &str) -> Self {
        let (mut html, mut json, mut names_html) = (0, 0, false);
        for (range, quality) in weighted(accept) {
            match media_type(range).to_ascii_lowercase().as_str() {
                "application/json" => json = quality,
                name @ ("text/html" | "*/*" | "text/*") => {
                    html = quality.max(html);
                    names_html |= name == "text/html";
                }
                _ => {}
            }
        }
        // A client that sends `application/json, */*` prefers JSON, although both have the same quality.
        let is_first = accept.trim_start().starts_with("application/json");
        let prefers_json = json > html || (json > 0 && json == html && is_first);
        Accepted {
            format: if prefers_json { Format::Json } else { Format::Html },
            names_html: names_html && !prefers_json,
            language: preferred_language(accept_language),
        }
    }

    /// The same for a response that is always of this format.
    pub(super) const fn only(self, format: Format) -> Self {
        Accepted { format, ..self }
    }
}

/// The language that `Accept-Language` prefers. Among languages of the same quality the first one wins. The default is
/// English.
pub(super) fn preferred_language(header: &str) -> Language {
    let ranges: Vec<(&str, u16)> = weighted(header).collect();
    let best = |name: &str| {
        let named = ranges.iter().enumerate().filter(|(_, (range, _))| {
            range.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(name))
        });
        named.map(|(place, (_, quality))| (*quality, Reverse(place))).max()
    };
    let preference = |language: &Language| best(language.tag()).or_else(|| best("*"));
    let accepted = Language::ALL.into_iter().rev().filter(|language| {
        // A quality of 0 means "not acceptable" (RFC 9110 §12.4.2).
        preference(language).is_some_and(|(quality, _)| quality > 0)
    });
    accepted.max_by_key(preference).unwrap_or_default()
}

fn media_type(range: &str) -> &str {
    range.split(';').next().unwrap_or_default().trim()
}

/// The items of a list with their qualities in thousandths (RFC 9110 §12.4.2). Empty items (§5.6.1.2) and those with an
/// invalid quality are left out.
fn weighted(header: &str) -> impl Iterator<Item = (&str, u16)> {
    let items = header.split(',').filter(|item| !item.trim_ascii().is_empty());
    items.filter_map(|item| {
        let parts = item.rsplit_once(';').map(|(range, weight)| (range, weight.trim().split_once('=')));
        match parts {
            Some((range, Some((name, value)))) if name.eq_ignore_ascii_case("q") => {
                thousandths(value).map(|quality| (range.trim(), quality))
            }
            _ => Some((item.trim(), 1000)),
        }
    })
}

/// A number from 0 to 1 with at most three decimals.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let parts = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(parts),
        "1" if parts == 0 => Some(1000),
        _ => None,
    }
}
