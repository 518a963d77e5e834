//! Content negotiation (RFC 9110 §12.5): a page or JSON, and in which language.

use std::cmp::Reverse;
use std::convert::Infallible;
use std::str::FromStr;

use crate::texts::Language;

/// The format that `Accept` prefers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Format {
    #[default]
    Html,
    Json,
}

impl FromStr for Format {
    type Err = Infallible;

    fn from_str(accept: &str) -> Result<Self, Infallible> {
        let (mut html, mut json) = (0, 0);
        for (range, quality) in weighted(accept) {
            match media_type(range).to_ascii_lowercase().as_str() {
                "application/json" => json = quality,
                "text/html" | "*/*" | "text/*" => html = quality.max(html),
                _ => {}
            }
        }
        // A client that sends `application/json, */*` prefers JSON, although both have the same quality.
        let is_first = accept.trim_start().starts_with("application/json");
        Ok(if json > html || (json > 0 && json == html && is_first) { Format::Json } else { Format::Html })
    }
}

/// Whether `Accept` names HTML, as browsers do. A client that sends only `*/*` may be a script.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct NamesHtml(pub(super) bool);

impl FromStr for NamesHtml {
    type Err = Infallible;

    fn from_str(accept: &str) -> Result<Self, Infallible> {
        let is_named = weighted(accept).any(|(range, _)| media_type(range).eq_ignore_ascii_case("text/html"));
        Ok(NamesHtml(is_named && accept.parse() == Ok(Format::Html)))
    }
}

impl FromStr for Language {
    type Err = Infallible;

    /// The language that `Accept-Language` prefers. Among languages of the same quality the first one wins. The default
    /// is English.
    fn from_str(header: &str) -> Result<Self, Infallible> {
        let ranges: Vec<(&str, u16)> = weighted(header).collect();
        let best = |name: &str| {
            let named = ranges.iter().enumerate().filter(|(_, (range, _))| {
                range.split('-').next().is_some_and(|primary| primary.eq_ignore_ascii_case(name))
            });
            named.map(|(place, (_, quality))| (*quality, Reverse(place))).max()
        };
        let preference = |language: &Language| best(language.tag()).or_else(|| best("*"));
        let wanted = Language::ALL.into_iter().rev().filter_map(|language| {
            preference(&language).filter(|(quality, _)| *quality > 0).map(|preference| (preference, language))
        });
        Ok(wanted.max_by_key(|(preference, _)| *preference).map_or(Language::En, |(_, language)| language))
    }
}

/// What the client accepts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accepted {
    pub(super) format: Format,
    pub(super) language: Language,
}

fn media_type(range: &str) -> &str {
    range.split(';').next().unwrap_or_default().trim()
}

/// The items of a list with their qualities in thousandths (RFC 9110 §12.4.2). An item with an invalid quality is left
/// out.
fn weighted(header: &str) -> impl Iterator<Item = (&str, u16)> {
    header.split(',').filter_map(|item| {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_browsers_name_html() {
        for (accept, names) in [
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
            ("Text/HTML; q=0.9", true),
            ("*/*", false),
            ("application/json", false),
            ("application/json, text/html;q=0.5", false),
            ("text/html;q=0", true),
            ("", false),
        ] {
            assert_eq!(accept.parse::<NamesHtml>().map(|it| it.0), Ok(names), "{accept}");
        }
    }

    #[test]
    fn json_is_sent_to_clients_that_prefer_it() {
        for accept in ["application/json", "application/json, */*;q=0.5", "text/html;q=0.5, application/json"]
        {
            assert_eq!(accept.parse(), Ok(Format::Json), "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/html,application/xhtml+xml",
            "text/html, application/json",
            "application/json;q=0",
        ] {
            assert_eq!(accept.parse(), Ok(Format::Html), "{accept}");
        }
    }

    #[test]
    fn a_browser_gets_the_language_that_it_prefers() {
        for (header, language) in [
            ("", Language::En),
            ("ko", Language::Ko),
            ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", Language::Ko),
            ("en-US,en;q=0.9,ko;q=0.8", Language::En),
            ("en;q=0.8, KO-kr ; q=0.9", Language::Ko),
            ("de, fr;q=0.5", Language::En),
            ("de, ko;q=0.1", Language::Ko),
            ("*", Language::En),
            ("*, ko", Language::En),
            ("ko, *", Language::Ko),
            ("ko;q=0.5, *;q=0.8", Language::En),
            ("en;q=0, *", Language::Ko),
            ("ko;q=0", Language::En),
            ("ko, en", Language::Ko),
            ("en, ko", Language::En),
            ("kok", Language::En),
            ("en;q=0.85, ko;q=0.9", Language::Ko),
            ("en;q=1.000, ko;q=0.999", Language::En),
            ("ko;q=1.001, ko;q=0.1234, ko;q=-0, ko;q=0.+1", Language::En),
            ("ko;q=2, ko;q=x, ko;x=1, ;;", Language::En),
        ] {
            assert_eq!(header.parse(), Ok(language), "{header}");
        }
    }
}
