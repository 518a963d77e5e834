//! [`Language`]: a language that has texts.

use std::ffi::OsString;

use clap::ValueEnum;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    #[default]
    En,
    Ko,
}

impl Language {
    /// The default language is first.
    pub(crate) const ALL: [Language; 2] = [Language::En, Language::Ko];

    /// Its tag (RFC 5646).
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ko => "ko",
        }
    }

    /// The language for the help and the errors of a command line that was not parsed: its `--lang`, or that of the
    /// locale.
    pub(crate) fn of_words(words: &[OsString]) -> Self {
        let is_tag = |tag: &str| Self::ALL.into_iter().find(|language| language.tag() == tag);
        let mut words = words.iter().filter_map(|word| word.to_str());
        let chosen = words.find_map(|word| word.strip_prefix("--lang"));
        let chosen = chosen.and_then(|rest| rest.strip_prefix('=').or_else(|| words.next()));
        chosen.and_then(is_tag).unwrap_or_else(Self::of_environment)
    }

    /// The language of the locale of this process.
    pub(crate) fn of_environment() -> Self {
        Self::of_locale(|name| std::env::var(name).ok())
    }

    /// The language of messages in the environment (POSIX, Internationalization Variables). The first variable that is
    /// set decides.
    fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set).unwrap_or_default();
        let name = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        let known = Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(name));
        known.unwrap_or_default()
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
}
