//! The end of the tour: a table of where data is stored, and what to remember.

use comfy_table::{ContentArrangement, Table};

use super::layout::{Layout, TWO_COLUMNS_WIDTH};
use crate::output::output::Output;
use crate::output::style::Role;
use crate::output::table::rendered;
use crate::output::text_layout::hanging;
use crate::texts::Texts;

/// The columns and rows of the table.
const PLACES: [&str; 3] = ["cookie", "storage", "session"];
const QUESTIONS: [&str; 4] = ["holder", "readers", "end", "purpose"];

const REMEMBER: [&str; 3] = ["record", "secret", "deletion"];
const NEXT: [&str; 3] = ["sessctl serve -v", "sessctl login --user alice -v", "sessctl history --diagram"];

impl Output {
    pub(crate) fn tour_ends(&mut self, texts: &Texts) {
        let layout = self.layout(texts);
        let heading = layout.heading(&texts.say("tour-end-title"));
        self.paragraphs(vec![heading]);
        if layout.width < TWO_COLUMNS_WIDTH {
            self.paragraphs(PLACES.iter().map(|place| listed(place, &layout)).collect());
        } else {
            self.answer_styled(&rendered(&table(&layout), layout.color));
            self.answer_styled("\n");
        }
        let remembered = REMEMBER.iter().flat_map(|what| {
            let text = texts.say(&format!("tour-remember-{what}"));
            hanging("  * ", &text, layout.width)
        });
        let remembered = layout.labeled(&texts.say("tour-remember"), remembered);
        let next = layout.commands(&texts.say("tour-next"), &NEXT);
        self.paragraphs(vec![remembered, next]);
    }
}

fn table(layout: &Layout<'_>) -> Table {
    let say = |key: String| layout.texts.say(&key);
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(layout.width).unwrap_or(u16::MAX));
    let heads = PLACES.iter().map(|place| say(format!("tour-place-{place}")));
    table.set_header(std::iter::once(String::new()).chain(heads));
    for question in QUESTIONS {
        let cells = PLACES.iter().map(|place| say(format!("tour-table-{place}-{question}")));
        table.add_row(std::iter::once(say(format!("tour-question-{question}"))).chain(cells));
    }
    table
}

fn listed(place: &str, layout: &Layout<'_>) -> Vec<String> {
    let say = |key: String| layout.texts.say(&key);
    let mut lines = vec![layout.painted(Some(Role::Key), &say(format!("tour-place-{place}")))];
    for question in QUESTIONS {
        let (asked, answer) =
            (say(format!("tour-question-{question}")), say(format!("tour-table-{place}-{question}")));
        lines.extend(hanging("  ", &format!("{asked}: {answer}"), layout.width));
    }
    lines
}
