//! Which language somebody reads: as a locale or a browser says.

use std::convert::Infallible;
use std::str::FromStr;

/// A language that there are texts in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Language {
    #[default]
    En,
    Ko,
}

impl Language {
    /// The first is for whom nothing else is said.
    pub(crate) const ALL: [Language; 2] = [Language::En, Language::Ko];

    /// Its name for machines.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ko => "ko",
        }
    }

    /// The language of messages by the variables of the environment (POSIX, Internationalization Variables): the first
    /// that is set decides.
    pub(crate) fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default();
        let name = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        Self::named(name).unwrap_or(Language::En)
    }

    /// The language that `Accept-Language` would rather have (RFC 9110 §12.5.4). Of equals the first named, and English
    /// where nothing is said that counts. Asked for every page: nothing is allocated.
    pub(crate) fn of_accept_language(header: &str) -> Self {
        let mut wishes = [None; Self::ALL.len()];
        let mut any = None;
        for (at, (tag, quality)) in header.split(',').filter_map(range).enumerate() {
            let named = Self::named(tag.split('-').next().unwrap_or_default());
            let wish = match named {
                Some(language) => &mut wishes[language as usize],
                None if tag == "*" => &mut any,
                None => continue,
            };
            if wish.is_none_or(|(better, _)| quality > better) {
                *wish = Some((quality, at));
            }
        }
        let mut best: Option<((u16, usize), Self)> = None;
        for (wish, language) in wishes.into_iter().zip(Self::ALL) {
            let Some((quality, at)) = wish.or(any).filter(|(quality, _)| *quality > 0) else { continue };
            if best.is_none_or(|((of_best, at_best), _)| (quality, at_best) > (of_best, at)) {
                best = Some(((quality, at), language));
            }
        }
        best.map_or(Language::En, |(_, language)| language)
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(name))
    }
}

impl FromStr for Language {
    type Err = Infallible;

    /// As `Accept-Language` says.
    fn from_str(header: &str) -> Result<Self, Infallible> {
        Ok(Self::of_accept_language(header))
    }
}

/// A language range with its quality in thousandths; `None` where that is none.
fn range(text: &str) -> Option<(&str, u16)> {
    let (tag, weight) = text.split_once(';').map_or((text, None), |(tag, weight)| (tag, Some(weight)));
    let quality = match weight {
        None => 1000,
        Some(weight) => {
            let (name, value) = weight.trim().split_once('=')?;
            thousandths(value).filter(|_| name.eq_ignore_ascii_case("q"))?
        }
    };
    Some((tag.trim(), quality))
}

/// A number from 0 to 1 with three decimals at most.
fn thousandths(value: &str) -> Option<u16> {
    let (whole, decimals) = value.split_once('.').unwrap_or((value, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let digits = decimals.bytes().chain([b'0'; 3]).take(3);
    let parts = digits.fold(0, |parts, digit| parts * 10 + u16::from(digit - b'0'));
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
    fn a_locale_names_the_language_of_messages() {
        for (variables, language) in [
            (&[][..], Language::En),
            (&[("LANG", "ko_KR.UTF-8")], Language::Ko),
            (&[("LANG", "ko")], Language::Ko),
            (&[("LANG", "kok_IN")], Language::En),
            (&[("LANG", "de_DE.UTF-8")], Language::En),
            (&[("LANG", "ko_KR.UTF-8"), ("LC_MESSAGES", "C")], Language::En),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "ko_KR"), ("LC_MESSAGES", "C")], Language::Ko),
            (&[("LC_ALL", ""), ("LANG", "ko@x")], Language::Ko),
        ] {
            let variable = |name: &str| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(Language::of_locale(variable), language, "{variables:?}");
        }
    }

    #[test]
    fn a_browser_gets_what_it_would_rather_have() {
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
            assert_eq!(Language::of_accept_language(header), language, "{header}");
        }
    }
}
