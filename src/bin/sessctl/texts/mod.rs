//! What people read, in their language. What machines read is English, and is not here.
//!
//! Each language is one Fluent file. Where English is said by the library itself, only the others have a text
//! ([`Texts::say_or`]).

mod language;

use std::borrow::Cow;
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub(crate) use language::Language;

const ENGLISH: &str = include_str!("en.ftl");
const KOREAN: &str = include_str!("ko.ftl");

/// The texts of one language. To build them is to parse them: only for who shows them.
pub(crate) struct Texts {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

/// What a text says of something.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Number(u64),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Value::Text(text)
    }
}

impl From<u64> for Value<'_> {
    fn from(number: u64) -> Self {
        Value::Number(number)
    }
}

impl From<usize> for Value<'_> {
    fn from(number: usize) -> Self {
        Value::Number(number as u64)
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").field("language", &self.language).finish_non_exhaustive()
    }
}

impl Texts {
    pub(crate) fn of(language: Language) -> Self {
        let source = match language {
            Language::En => ENGLISH,
            Language::Ko => KOREAN,
        };
        let locale: LanguageIdentifier = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![locale]);
        // Marks around what is inserted are for mixed directions of writing, which these languages do not have.
        bundle.set_use_isolating(false);
        // What cannot be parsed is left out, and would show itself; a test sees that nothing is.
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(parsed, _)| parsed);
        let _ = bundle.add_resource(resource);
        Texts { language, bundle }
    }

    /// The text under a key. A key without a text shows itself.
    pub(crate) fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// The text under a key, about these values.
    pub(crate) fn say_with(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.find(key, values).unwrap_or_else(|| key.to_owned())
    }

    /// The text under a key; in languages that have none, what the program says itself.
    pub(crate) fn say_or<'a>(
        &self,
        key: &str,
        values: &[(&str, Value<'_>)],
        own: impl Into<Cow<'a, str>>,
    ) -> Cow<'a, str> {
        self.find(key, values).map_or_else(|| own.into(), Cow::Owned)
    }

    fn find(&self, key: &str, values: &[(&str, Value<'_>)]) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(
                *name,
                match value {
                    Value::Text(text) => FluentValue::from(*text),
                    Value::Number(number) => FluentValue::from(*number),
                },
            );
        }
        // What goes wrong shows in the text, as `{$name}`.
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        // A text is a paragraph: its lines are those of the file.
        Some(text.replace('\n', " "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_can_be_read() {
        for source in [ENGLISH, KOREAN] {
            let errors = FluentResource::try_new(source.to_owned()).err().map(|(_, errors)| errors);
            assert_eq!(errors, None);
        }
    }

    #[test]
    fn a_text_says_its_values_without_marks_and_a_missing_one_shows_itself() {
        for (language, said) in [
            (Language::En, "Press Enter for step 2 of 11, or q to quit:"),
            (Language::Ko, "다음 단계(2/11)로 가려면 Enter, 끝내려면 q를 누르세요:"),
        ] {
            let texts = Texts::of(language);
            let values = [("next", 2_usize.into()), ("last", 11_u64.into())];
            assert_eq!(texts.say_with("tour-prompt", &values), said);
            assert_eq!(texts.say("no-such-text"), "no-such-text");
            assert_eq!(texts.say_or("no-such-text", &[], "own"), "own");
        }
        let left_out = Texts::of(Language::En).say("tour-prompt");
        assert!(left_out.contains("{$next}"), "{left_out}");
    }
}
