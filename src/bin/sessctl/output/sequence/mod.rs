//! Flows as sequence diagrams: one model, drawn in a terminal, as Mermaid and as SVG.

mod canvas;
mod incremental;
mod mermaid;
#[allow(clippy::module_inception, reason = "a file is named after its type")]
mod sequence;
mod svg;

use sessctl::client::Exchange;
use sessctl::client::profile::history::HistoryEntry;

use super::output::Output;
pub(super) use incremental::{Part, draw as grown};
use sequence::{Detail, Sequence};

/// The format of a diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawing {
    Terminal,
    Mermaid,
    Svg,
}

/// The diagram of exchanges whose secrets are already masked, with the values of their cookies.
pub(super) fn svg_of_exchanges(exchanges: &[Exchange]) -> String {
    let mut sequence = Sequence::default();
    exchanges.iter().for_each(|exchange| sequence.add(exchange, true, Detail::Cookies));
    svg::write(&sequence)
}

impl Output {
    /// The diagram of these records.
    pub(crate) fn diagram(&self, records: &[(u64, HistoryEntry)], drawing: Drawing) -> String {
        let sequence = Sequence::of(records, self.verbose, self.reveal);
        match drawing {
            Drawing::Terminal => {
                let width = self.terminal.width.unwrap_or(canvas::DEFAULT_WIDTH);
                canvas::draw(&sequence, width, self.terminal.stdout.color)
            }
            Drawing::Mermaid => mermaid::write(&sequence),
            Drawing::Svg => svg::write(&sequence),
        }
    }

    /// Prints the diagram.
    pub(crate) fn answer_diagram(&mut self, records: &[(u64, HistoryEntry)], drawing: Drawing) {
        let diagram = self.diagram(records, drawing);
        self.answer_styled(&diagram);
    }
}
