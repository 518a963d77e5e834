//! [`PageTexts`]: the texts of the pages in one language, read and escaped once: both take longer than rendering a page.

use std::fmt;
use std::sync::LazyLock;

use askama::FastWritable;
use askama::filters::{Html, HtmlSafe, escape};

use super::problem::Problem;
use crate::texts::{Language, Texts, largest_unit};

/// Declares the texts. The key of `log_in` is `page-log-in`.
macro_rules! page_texts {
    ($($text:ident)*; with a value: $($with_value:ident)*) => {
        #[derive(Debug)]
        pub(super) struct PageTexts {
            pub(super) language: Language,
            $(pub(super) $text: EscapedText,)*
            $(pub(super) $with_value: TextWithValue,)*
            /// For the texts of errors, which are rare.
            texts: Texts,
        }

        impl PageTexts {
            fn read(language: Language) -> Self {
                let texts = Texts::of(language);
                let values = [("name", VALUE.into()), ("methods", VALUE.into()), ("count", VALUE.into())];
                let text = |key: &str| texts.say_with(&format!("page-{}", key.replace('_', "-")), &values);
                PageTexts {
                    language,
                    $($text: EscapedText::new(&text(stringify!($text))),)*
                    $($with_value: TextWithValue::new(&text(stringify!($with_value))),)*
                    texts,
                }
            }
        }
    };
}

page_texts! {
    log_in not_logged_in name password welcome session_facts handle created last_used idle_expiry absolute_expiry
    counter counter_note add_one all_sessions log_out sessions this_session end end_this end_others more_sessions logged_in_from back;
    with a value: greeting sessions_of unreadable_sessions allowed_methods
}

/// Marks the place of a value until it is known.
const VALUE: &str = "\0";

/// A text that a template inserts as it is.
#[derive(Debug)]
pub(super) struct EscapedText(String);

impl EscapedText {
    fn new(text: &str) -> Self {
        let Ok(escaped) = escape(text, Html);
        EscapedText(escaped.to_string())
    }
}

impl fmt::Display for EscapedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FastWritable for EscapedText {
    fn write_into(&self, to: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(to.write_str(&self.0)?)
    }
}

impl HtmlSafe for EscapedText {}

/// A text with one value in it, which a template escapes.
#[derive(Debug)]
pub(super) struct TextWithValue {
    before: String,
    after: String,
}

impl TextWithValue {
    fn new(text: &str) -> Self {
        let (before, after) = text.split_once(VALUE).unwrap_or((text, ""));
        TextWithValue { before: before.to_owned(), after: after.to_owned() }
    }

    pub(super) fn with(&self, value: &str) -> String {
        [&self.before, value, &self.after].concat()
    }
}

/// In the order of [`Language::ALL`].
static ALL: LazyLock<[PageTexts; 2]> = LazyLock::new(|| Language::ALL.map(PageTexts::read));

impl PageTexts {
    pub(super) fn of(language: Language) -> &'static Self {
        &ALL[language as usize]
    }

    /// The value of the `lang` attribute.
    pub(super) fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// `5 minutes ago`
    pub(super) fn ago(&self, seconds: u64) -> String {
        let (count, unit) = largest_unit(seconds);
        self.texts.say_with("page-ago", &[("count", count.into()), ("unit", unit.into())])
    }

    pub(super) fn problem(&self, problem: Problem) -> String {
        self.texts.say(&format!("page-problem-{}", problem.key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_text() {
        for language in Language::ALL {
            let texts = PageTexts::of(language);
            assert_eq!(texts.language, language);
            let all = format!("{texts:?}");
            assert!(!all.contains("page-") && !all.contains("{$"), "a text is missing: {all}");
            for text in
                [&texts.greeting, &texts.sessions_of, &texts.unreadable_sessions, &texts.allowed_methods]
            {
                let text = text.with("<i>");
                assert!(text.contains("<i>") && text.len() > 3 && !text.contains(VALUE), "{text}");
            }
        }
    }
}
