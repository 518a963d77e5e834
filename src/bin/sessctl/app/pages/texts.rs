//! What the pages say, in each language: found once, at the start, since Fluent takes longer than a page does.

use std::sync::LazyLock;

use crate::texts::{Language, Texts};

use crate::app::problem::Problem;

/// Stands where a value will.
const HOLE: &str = "\u{E000}";

/// The texts of all pages in one language.
#[derive(Debug)]
pub(crate) struct PageTexts {
    pub(super) language: Language,
    pub(super) log_in: String,
    pub(super) stranger: String,
    pub(super) name: String,
    pub(super) password: String,
    pub(super) welcome: String,
    pub(super) greeting: Around,
    pub(super) known: String,
    pub(super) handle: String,
    pub(super) began: String,
    pub(super) seen: String,
    pub(super) idle_expiry: String,
    pub(super) absolute_expiry: String,
    pub(super) counter: String,
    pub(super) counter_is: String,
    pub(super) add_one: String,
    pub(super) all_sessions: String,
    pub(super) log_out: String,
    pub(super) sessions: String,
    pub(super) sessions_of: Around,
    pub(super) own: String,
    pub(super) end: String,
    pub(super) end_own: String,
    pub(super) end_others: String,
    pub(super) back: String,
    pub(super) methods: Around,
    problems: Vec<String>,
}

/// A text with one value in it: what stands before and after.
#[derive(Debug)]
pub(super) struct Around {
    pub(super) before: String,
    pub(super) after: String,
}

static ENGLISH: LazyLock<PageTexts> = LazyLock::new(|| PageTexts::read(Language::En));
static KOREAN: LazyLock<PageTexts> = LazyLock::new(|| PageTexts::read(Language::Ko));

impl PageTexts {
    /// As `lang` says it.
    pub(super) fn tag(&self) -> &'static str {
        self.language.tag()
    }

    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &ENGLISH,
            Language::Ko => &KOREAN,
        }
    }

    pub(crate) fn english() -> &'static Self {
        Self::of(Language::En)
    }

    pub(crate) fn problem(&self, problem: Problem) -> &str {
        self.problems.get(problem as usize).map_or("", String::as_str)
    }

    fn read(language: Language) -> Self {
        let texts = Texts::of(language);
        PageTexts {
            language,
            log_in: texts.say("page-log-in"),
            stranger: texts.say("page-stranger"),
            name: texts.say("page-name"),
            password: texts.say("page-password"),
            welcome: texts.say("page-welcome"),
            greeting: around(&texts.say_with("page-greeting", &[("name", HOLE.into())])),
            known: texts.say("page-known"),
            handle: texts.say("page-handle"),
            began: texts.say("page-began"),
            seen: texts.say("page-seen"),
            idle_expiry: texts.say("page-idle-expiry"),
            absolute_expiry: texts.say("page-absolute-expiry"),
            counter: texts.say("page-counter"),
            counter_is: texts.say("page-counter-is"),
            add_one: texts.say("page-add-one"),
            all_sessions: texts.say("page-all-sessions"),
            log_out: texts.say("page-log-out"),
            sessions: texts.say("page-sessions"),
            sessions_of: around(&texts.say_with("page-sessions-of", &[("name", HOLE.into())])),
            own: texts.say("page-own"),
            end: texts.say("page-end"),
            end_own: texts.say("page-end-own"),
            end_others: texts.say("page-end-others"),
            back: texts.say("page-back"),
            methods: around(&texts.say_with("page-methods", &[("methods", HOLE.into())])),
            problems: Problem::ALL.iter().map(|problem| texts.say(problem.key())).collect(),
        }
    }
}

fn around(text: &str) -> Around {
    let (before, after) = text.split_once(HOLE).unwrap_or((text, ""));
    Around { before: before.to_owned(), after: after.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_its_own_text_for_all_that_pages_say() {
        for language in Language::ALL {
            let texts = PageTexts::of(language);
            assert_eq!(texts.language, language);
            let all = format!("{texts:?}");
            assert!(!all.contains("page-") && !all.contains("{$"), "a text is missing: {all}");
            for around in [&texts.greeting, &texts.sessions_of, &texts.methods] {
                assert!(!format!("{around:?}").contains(HOLE), "{around:?}");
                assert!(!around.before.is_empty() || !around.after.is_empty());
            }
        }
        let (english, korean) = (PageTexts::of(Language::En), PageTexts::of(Language::Ko));
        for problem in Problem::ALL {
            assert_ne!(english.problem(problem), korean.problem(problem));
        }
    }
}
