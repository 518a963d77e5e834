//! The end of the tour: what to remember, and where on the web which data is kept.

use comfy_table::{ContentArrangement, Table};

use super::{Look, ROOMY};
use crate::output::Output;
use crate::output::style::{Role, paint};
use crate::output::text_layout::hanging;
use crate::texts::Texts;

/// Places where data of a visitor can be, and what there is to say of each.
const PLACES: [&str; 3] = ["cookie", "storage", "session"];
const QUESTIONS: [&str; 4] = ["holder", "readers", "end", "purpose"];

/// What to remember, and what to do next.
const REMEMBER: [&str; 3] = ["record", "secret", "deletion"];
const NEXT: [&str; 3] = ["sessctl serve -v", "sessctl login --user alice -v", "sessctl history --diagram"];

impl Output {
    /// What was to be learned.
    pub(crate) fn tour_ends(&mut self, texts: &Texts) {
        let look = self.look(texts);
        let heading = look.heading(&texts.say("tour-end-title"));
        self.paragraphs(vec![heading]);
        if look.width < ROOMY {
            self.paragraphs(PLACES.iter().map(|place| listed(place, &look)).collect());
        } else {
            self.answer_table(&table(&look));
            self.answer_styled("\n");
        }
        let remembered = REMEMBER.iter().flat_map(|what| {
            let text = texts.say(&format!("tour-remember-{what}"));
            hanging("  * ", &text, look.width)
        });
        let remembered = look.labelled(&texts.say("tour-remember"), remembered);
        let next = look.commands(&texts.say("tour-next"), &NEXT);
        self.paragraphs(vec![remembered, next]);
    }
}

fn cell(place: &str, question: &str, look: &Look<'_>) -> String {
    look.texts.say(&format!("tour-table-{place}-{question}"))
}

fn head(place: &str, look: &Look<'_>) -> String {
    look.texts.say(&format!("tour-place-{place}"))
}

fn asked(question: &str, look: &Look<'_>) -> String {
    look.texts.say(&format!("tour-question-{question}"))
}

fn table(look: &Look<'_>) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(look.width).unwrap_or(u16::MAX));
    table.set_header(std::iter::once(String::new()).chain(PLACES.iter().map(|place| head(place, look))));
    for question in QUESTIONS {
        let cells = PLACES.iter().map(|place| cell(place, question, look));
        table.add_row(std::iter::once(asked(question, look)).chain(cells));
    }
    table
}

fn listed(place: &str, look: &Look<'_>) -> Vec<String> {
    let mut lines = vec![paint(Role::Key, &head(place, look), look.color)];
    for question in QUESTIONS {
        let text = format!("{}: {}", asked(question, look), cell(place, question, look));
        lines.extend(hanging("  ", &text, look.width));
    }
    lines
}
