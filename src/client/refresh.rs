//! Pages that lead on by themselves (HTML, shared declarative refresh steps).

use http::HeaderMap;
use scraper::ElementRef;
use url::Url;

/// A page that stays longer than this, in seconds, is there to be read.
const SOON: f64 = 10.0;

/// Where a `Refresh` header leads.
pub(super) fn in_headers(headers: &HeaderMap, page: &Url) -> Option<Url> {
    target_of(headers.get("refresh")?.to_str().ok()?, page)
}

/// Where a `meta` element leads.
pub(super) fn in_metas(elements: &[ElementRef<'_>], base: &Url) -> Option<Url> {
    let metas = elements.iter().filter(|element| element.value().name() == "meta");
    let mut refreshes = metas.filter(|meta| {
        meta.attr("http-equiv").is_some_and(|what| what.trim().eq_ignore_ascii_case("refresh"))
    });
    target_of(refreshes.next()?.attr("content")?, base)
}

/// `0; url=/login`, with or without `url=`, quotes and the sign between.
fn target_of(content: &str, base: &Url) -> Option<Url> {
    let content = content.trim();
    let digits = content.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(content.len());
    let (seconds, rest) = content.split_at(digits);
    // `.5` and `` are zero to browsers.
    if seconds.split('.').next()?.parse::<f64>().unwrap_or(0.0) > SOON {
        return None;
    }
    let rest = rest.trim_start().trim_start_matches([';', ',']).trim_start();
    let named = rest.get(..3).filter(|name| name.eq_ignore_ascii_case("url"));
    let target = named.and_then(|_| rest[3..].trim_start().strip_prefix('=')).unwrap_or(rest).trim();
    let target = match target.chars().next() {
        Some(quote @ ('"' | '\'')) => target[1..].split(quote).next()?,
        _ => target,
    };
    if target.is_empty() {
        return None;
    }
    let target = base.join(target).ok()?;
    matches!(target.scheme(), "http" | "https").then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_lead_on_in_many_spellings() {
        let base = Url::parse("http://a.test/x/").unwrap();
        for content in [
            "0;url=/login",
            "0; URL='/login'",
            " 3 ; url = \"/login\"; more",
            "0,/login",
            "0 /login",
            "1.5;url=/login",
        ] {
            let target = target_of(content, &base).map(String::from);
            assert_eq!(target.as_deref(), Some("http://a.test/login"), "{content}");
        }
        for content in ["5", "", "600; url=/login", "0; url=javascript:alert(1)", "0;"] {
            assert_eq!(target_of(content, &base), None, "{content}");
        }
    }
}
