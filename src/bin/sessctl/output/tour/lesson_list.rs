//! The lessons that `tour --lesson` knows.

use crate::app::weaknesses::WEAKNESSES;
use crate::json::{Json, json};
use crate::output::style::Style;
use crate::output::table::{rendered, table};
use crate::output::view::View;
use crate::tour::Lesson;

/// The check of `audit` that finds the fault of a lesson.
pub(super) fn check_of(lesson: &Lesson) -> &'static str {
    let entry = WEAKNESSES.iter().find(|entry| entry.name == lesson.weakness);
    entry.and_then(|entry| entry.checks.first()).copied().unwrap_or_default()
}

impl View for [Lesson] {
    fn document(&self) -> Json {
        let document =
            |it: &Lesson| json!({ "name": it.name, "weakness": it.weakness, "check": check_of(it) });
        json!({ "lessons": self.iter().map(document).collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let texts = style.texts;
        let header = [
            texts.say("lesson-heading-name"),
            texts.say("lesson-heading-attack"),
            texts.say("lesson-heading-weakness"),
            texts.say("lesson-heading-check"),
        ];
        let row = |it: &Lesson| {
            let attack = texts.say(&format!("lesson-{}-title", it.name));
            [it.name.to_owned(), attack, it.weakness.to_owned(), check_of(it).to_owned()]
        };
        rendered(&table(&header.each_ref().map(|it| &**it), self.iter().map(row)), style.color)
    }
}
