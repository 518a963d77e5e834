//! Which language somebody reads: as a locale or a browser says.

use std::cmp::Reverse;

/// A language that there are texts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
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
    /// where nothing is said that counts.
    pub(crate) fn of_accept_language(header: &str) -> Self {
        let ranges: Vec<(&str, u16)> = header.split(',').filter_map(range).collect();
        let wish = |language: Language| {
            let named = |(_, (tag, _)): &(usize, &(&str, u16))| {
                Self::named(tag.split('-').next().unwrap_or_default()) == Some(language)
            };
            let best = |(at, (_, quality)): &(usize, &(&str, u16))| (*quality, Reverse(*at));
            let any = || ranges.iter().enumerate().find(|(_, (tag, _))| *tag == "*");
            let wish = ranges.iter().enumerate().filter(named).max_by_key(best).or_else(any);
            wish.as_ref().map(best).filter(|(quality, _)| *quality > 0)
        };
        let wished = Self::ALL.into_iter().filter_map(|language| Some((wish(language)?, language)));
        // Of equals `max_by_key` has the last, and English is the first.
        let best = wished.rev().max_by_key(|(wish, _)| *wish);
        best.map_or(Language::En, |(_, language)| language)
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(name))
    }
}

/// A language range with its quality in thousandths; `None` where that is none.
fn range(text: &str) -> Option<(&str, u16)> {
    let (tag, weight) = text.split_once(';').map_or((text, None), |(tag, weight)| (tag, Some(weight)));
    let quality = match weight {
        None => 1000,
        Some(weight) => {
            let (name, value) = weight.trim().split_once('=')?;
            let value: f64 = value.parse().ok().filter(|value| (0.0..=1.0).contains(value))?;
            name.eq_ignore_ascii_case("q").then_some((value * 1000.0).round() as u16)?
        }
    };
    Some((tag.trim(), quality))
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
            ("ko;q=2, ko;q=x, ko;x=1, ;;", Language::En),
        ] {
            assert_eq!(Language::of_accept_language(header), language, "{header}");
        }
    }
}
