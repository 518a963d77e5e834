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
            problems: Vec<String>,
        }

        impl PageTexts {
            fn read(language: Language) -> Self {
                let texts = Texts::of(language);
                // A value is inserted later, in place of its name in braces.
                let values = [("name", "{name}".into()), ("methods", "{methods}".into())];
                let text = |key: &str| texts.say_with(&format!("page-{}", key.replace('_', "-")), &values);
                let problems = Problem::ALL.iter().map(|problem| text(&format!("problem-{}", problem.key())));
                PageTexts { language, problems: problems.collect(), $($text: text(stringify!($text)),)* }
            }
        }
    };
}

page_texts! {
    log_in not_logged_in name password welcome greeting session_facts handle created last_used idle_expiry
    absolute_expiry counter counter_note add_one all_sessions log_out sessions sessions_of this_session end end_this
    end_others back allowed_methods
}

static ENGLISH: LazyLock<PageTexts> = LazyLock::new(|| PageTexts::read(Language::En));
static KOREAN: LazyLock<PageTexts> = LazyLock::new(|| PageTexts::read(Language::Ko));

impl PageTexts {
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Ko => &KOREAN,
        }
    }

    /// For JSON, which is always English.
    pub(super) fn english() -> &'static Self {
        Self::of(Language::En)
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

    pub(super) fn problem(&self, problem: Problem) -> &str {
        self.problems.get(problem as usize).map_or("", String::as_str)
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
        let (english, korean) = (PageTexts::of(Language::En), PageTexts::of(Language::Ko));
        for problem in Problem::ALL {
            assert_ne!(english.problem(problem), korean.problem(problem));
        }
    }
}
