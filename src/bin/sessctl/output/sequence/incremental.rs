//! An incremental diagram: each earlier step is one line, and the new step is drawn in full.

use sessctl::client::Exchange;

use super::canvas::{Canvas, joined};
use super::sequence::{Detail, Item, Sequence};

/// A step of the diagram.
#[derive(Debug)]
pub(in crate::output) struct Part<'a> {
    pub(in crate::output) number: usize,
    pub(in crate::output) exchanges: &'a [Exchange],
    /// Events without a request, each before the exchange with this number.
    pub(in crate::output) events: Vec<(usize, String)>,
    /// What the step changed, in a few words.
    pub(in crate::output) change: String,
}

impl Part<'_> {
    fn asked(&self) -> String {
        let asked = self.exchanges.iter().map(|exchange| {
            let request = &exchange.request;
            format!("{} {}", request.method, request.url.path())
        });
        format!("{} {}", self.number, asked.collect::<Vec<String>>().join(", "))
    }

    fn answered(&self) -> String {
        let statuses = self.exchanges.iter().map(|exchange| {
            let status = exchange.response.as_ref().map(|response| response.status.as_u16());
            status.map_or_else(|| "-".to_owned(), |status| status.to_string())
        });
        format!("{} {}", statuses.collect::<Vec<String>>().join(", "), self.change).trim_end().to_owned()
    }
}

/// The diagram of all steps with one server; the last step in full.
pub(in crate::output) fn draw(parts: &[Part<'_>], width: usize, reveal: bool, color: bool) -> String {
    let Some((new, earlier)) = parts.split_last() else { return String::new() };
    let mut sequence = Sequence::default();
    let mut items = Vec::new();
    for (at, exchange) in new.exchanges.iter().enumerate() {
        items.extend(
            new.events.iter().filter(|(before, _)| *before == at).map(|(_, text)| Item::Note(text.clone())),
        );
        sequence.add(exchange, reveal, Detail::Cookies);
        items.append(&mut sequence.items);
    }
    let canvas = Canvas::of(&sequence, width);
    let mut lines = canvas.top(&sequence).to_vec();
    lines.extend(earlier.iter().map(|part| canvas.folded(0, &part.asked(), &part.answered())));
    let has_earlier = !earlier.is_empty();
    lines.extend(has_earlier.then(|| canvas.gap()));
    lines.extend(items.iter().flat_map(|item| canvas.lines_of(&sequence, item, color)));
    joined(&lines)
}
