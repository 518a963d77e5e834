//! [`PageTexts`]: the texts of the pages in one language, read once: formatting by Fluent takes longer than rendering a
//! page.

use std::sync::LazyLock;

use super::problem::Problem;
use crate::texts::{Language, Texts};

/// Declares the texts. The key of `log_in` is `page-log-in`.
macro_rules! page_texts {
    ($($text:ident)*) => {
        #[derive(Debug)]
        pub(super) struct PageTexts {
            pub(super) language: Language,
            $(pub(super) $text: String,)*
            /// For the texts of errors, which are rare.
            texts: Texts,
        }

        impl PageTexts {
            fn read(language: Language) -> Self {
                let texts = Texts::of(language);
                // A value is inserted later, in place of its name in braces.
                let values = [("name", "{name}".into()), ("methods", "{methods}".into())];
                let text = |key: &str| texts.say_with(&format!("page-{}", key.replace('_', "-")), &values);
                PageTexts { language, $($text: text(stringify!($text)),)* texts }
            }
        }
    };
}

page_texts! {
    log_in not_logged_in name password welcome greeting session_facts handle created last_used idle_expiry
    absolute_expiry counter counter_note add_one all_sessions log_out sessions sessions_of this_session end end_this
    end_others back allowed_methods
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

    pub(super) fn greeting(&self, name: &str) -> String {
        self.greeting.replace("{name}", name)
    }

    pub(super) fn sessions_of(&self, name: &str) -> String {
        self.sessions_of.replace("{name}", name)
    }

    pub(super) fn allowed_methods(&self, methods: &str) -> String {
        self.allowed_methods.replace("{methods}", methods)
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
            for text in [texts.greeting("<i>"), texts.sessions_of("<i>"), texts.allowed_methods("<i>")] {
                assert!(text.contains("<i>") && text.len() > 3 && !text.contains('{'), "{text}");
            }
        }
    }
}
