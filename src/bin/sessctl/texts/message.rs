//! [`Message`]: a sentence for the user, in English and with what its translation needs.

use std::borrow::Cow;
use std::fmt;

use super::Texts;

/// A sentence. Machine formats use its English text; `to_string` returns it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Message {
    english: String,
    /// In a box, because a failure contains messages and is returned by value.
    translation: Box<Translation>,
}

/// How a sentence is translated.
#[derive(Debug, Clone, Default)]
enum Translation {
    /// It is not: text of a server, names, errors of the operating system.
    #[default]
    None,
    /// By the key of a text with these values.
    Text(Cow<'static, str>, Vec<(&'static str, Message)>),
    /// Part by part, with this separator.
    Parts(Vec<Message>, &'static str),
}

impl Message {
    pub(crate) fn new(key: impl Into<Cow<'static, str>>, english: impl ToString) -> Self {
        let translation = Box::new(Translation::Text(key.into(), Vec::new()));
        Message { english: english.to_string(), translation }
    }

    /// With a value for the translation. The English text already contains it.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<Message>) -> Self {
        if let Translation::Text(_, values) = &mut *self.translation {
            values.push((name, value.into()));
        }
        self
    }

    pub(crate) fn joined(parts: impl IntoIterator<Item = Message>, separator: &'static str) -> Self {
        let parts: Vec<Message> = parts.into_iter().collect();
        let english = parts.iter().map(Message::english).collect::<Vec<_>>().join(separator);
        Message { english, translation: Box::new(Translation::Parts(parts, separator)) }
    }

    /// The same translation of another English text.
    pub(crate) fn in_english(self, english: String) -> Self {
        Message { english, ..self }
    }

    pub(crate) fn english(&self) -> &str {
        &self.english
    }

    /// In the language of these texts, or else in English.
    pub(crate) fn said(&self, texts: Texts) -> Cow<'_, str> {
        match &*self.translation {
            Translation::None => Cow::Borrowed(&self.english),
            _ if texts.are_english() => Cow::Borrowed(&self.english),
            Translation::Text(key, values) => {
                let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.said(texts))).collect();
                let values: Vec<_> =
                    values.iter().map(|(name, value)| (*name, value.as_ref().into())).collect();
                texts.say_or(key, &values, &self.english)
            }
            Translation::Parts(parts, separator) => {
                parts.iter().map(|part| part.said(texts)).collect::<Vec<_>>().join(separator).into()
            }
        }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.english)
    }
}

impl From<String> for Message {
    fn from(english: String) -> Self {
        Message { english, translation: Box::default() }
    }
}

impl From<&str> for Message {
    fn from(english: &str) -> Self {
        english.to_owned().into()
    }
}
