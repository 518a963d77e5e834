//! [`Texts`]: what people read, in their language. Each language is one Fluent file.
//!
//! Machine formats are always English and are not here. The library has its own English texts, so the English file does
//! not repeat them (see [`Texts::say_or`]).

mod characters;
mod duration;
mod language;
pub(crate) mod login_messages;
mod message;

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub(crate) use characters::is_misleading;
pub(crate) use duration::largest_unit;
pub(crate) use language::Language;
pub(crate) use message::Message;

const ENGLISH: &str = include_str!("en.ftl");
const KOREAN: &str = include_str!("ko.ftl");

static ENGLISH_BUNDLE: Bundle = LazyLock::new(|| bundle(Language::En, ENGLISH));
static KOREAN_BUNDLE: Bundle = LazyLock::new(|| bundle(Language::Ko, KOREAN));

type Bundle = LazyLock<FluentBundle<FluentResource>>;

/// The texts of one language. The first text that is needed parses the file.
#[derive(Clone, Copy)]
pub(crate) struct Texts {
    language: Language,
    bundle: &'static Bundle,
}

/// The value of a variable in a text.
#[derive(Debug, Clone, Copy)]
pub(crate) enum TextValue<'a> {
    Text(&'a str),
    Number(u64),
}

impl<'a> From<&'a str> for TextValue<'a> {
    fn from(text: &'a str) -> Self {
        TextValue::Text(text)
    }
}

impl From<u64> for TextValue<'_> {
    fn from(number: u64) -> Self {
        TextValue::Number(number)
    }
}

impl From<usize> for TextValue<'_> {
    fn from(number: usize) -> Self {
        TextValue::Number(number as u64)
    }
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Texts").field("language", &self.language).finish_non_exhaustive()
    }
}

impl Texts {
    pub(crate) fn of(language: Language) -> Self {
        let bundle = match language {
            Language::En => &ENGLISH_BUNDLE,
            Language::Ko => &KOREAN_BUNDLE,
        };
        Texts { language, bundle }
    }

    pub(crate) fn are_english(&self) -> bool {
        self.language == Language::En
    }

    /// The text of a key. Without one, the key itself.
    pub(crate) fn say(&self, key: &str) -> String {
        self.say_with(key, &[])
    }

    /// The text of a key with these values.
    pub(crate) fn say_with(&self, key: &str, values: &[(&str, TextValue<'_>)]) -> String {
        self.find(key, values).unwrap_or_else(|| key.to_owned())
    }

    /// The text of a key. If the language has none, the library's own English text.
    pub(crate) fn say_or<'a>(
        &self,
        key: &str,
        values: &[(&str, TextValue<'_>)],
        own: impl Into<Cow<'a, str>>,
    ) -> Cow<'a, str> {
        match self.language {
            Language::En => own.into(),
            Language::Ko => self.find(key, values).map_or_else(|| own.into(), Cow::Owned),
        }
    }

    /// The text of a key, if the language has one.
    pub(crate) fn find(&self, key: &str, values: &[(&str, TextValue<'_>)]) -> Option<String> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut arguments = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            arguments.set(
                *name,
                match value {
                    TextValue::Text(text) => FluentValue::from(*text),
                    TextValue::Number(number) => FluentValue::from(*number),
                },
            );
        }
        // A missing value appears in the text as `{$name}`.
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(&arguments), &mut errors);
        // The line breaks are those of the file; a text is one paragraph.
        Some(text.replace('\n', " "))
    }
}

fn bundle(language: Language, source: &str) -> FluentBundle<FluentResource> {
    let locale: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // Isolating marks around values are for mixed writing directions, which these languages do not have.
    bundle.set_use_isolating(false);
    // A text that cannot be parsed is left out. A test parses all texts.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(parsed, _)| parsed);
    let _ = bundle.add_resource(resource);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_can_be_parsed() {
        for source in [ENGLISH, KOREAN] {
            let errors = FluentResource::try_new(source.to_owned()).err().map(|(_, errors)| errors);
            assert_eq!(errors, None);
        }
    }

    #[test]
    fn values_are_inserted_without_marks_and_a_missing_text_or_value_is_visible() {
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
        let without_value = Texts::of(Language::En).say("tour-prompt");
        assert!(without_value.contains("{$next}"), "{without_value}");
    }
}
