//! [`Language`]: a language that has texts.

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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

    /// The language of messages in the environment (POSIX, Internationalization Variables). The first variable that is
    /// set decides.
    pub(crate) fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
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
