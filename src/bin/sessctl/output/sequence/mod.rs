//! Flows as sequence diagrams: one model of who says what to whom, drawn in a terminal, as Mermaid and as SVG.

mod canvas;
mod incremental;
mod mermaid;
mod svg;

use sessctl::client::Exchange;
use sessctl::client::http::Purpose;
use sessctl::client::profile::history::HistoryEntry;

use super::Output;
use super::decision::named;
use super::exchange_view::pairs_sent;
use super::style::sanitize;
use super::timeline::{change, values_of};
pub(super) use incremental::{Part, draw as grown};

/// What a diagram shows, in its order.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// The servers; the client stands before them.
    servers: Vec<String>,
    items: Vec<Item>,
}

#[derive(Debug)]
enum Item {
    /// A command begins.
    Heading(String),
    /// The client asks the server of this number; with what it sends beside.
    Request { server: usize, text: String, cookies: String },
    /// The server of this number answers; `false`: it did not, or with an error.
    Response { server: usize, text: String, well: bool },
    /// Something changes on the client's side.
    Note(String),
}

/// What the client is called.
const CLIENT: &str = "sessctl";

/// What is told of an exchange beside who says what to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// How long it took, and whether it was only to compare.
    Times,
    /// Which values its cookies have.
    Cookies,
}

/// How a diagram is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawing {
    Terminal,
    Mermaid,
    Svg,
}

impl Output {
    /// The diagram of these records as a text.
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

    /// The diagram as the answer.
    pub(crate) fn answer_diagram(&mut self, records: &[(u64, HistoryEntry)], drawing: Drawing) {
        let diagram = self.diagram(records, drawing);
        self.answer_styled(&diagram);
    }
}

impl Sequence {
    /// Of all steps; with `everything`, of what was sent to compare too.
    fn of(records: &[(u64, HistoryEntry)], everything: bool, reveal: bool) -> Sequence {
        let mut sequence = Sequence::default();
        for (_, record) in records {
            let reason = sanitize(&record.reason, false).into_owned();
            sequence.items.push(Item::Heading(format!("{}: {reason}", sanitize(&record.command, false))));
            let exchanges = &record.flow.exchanges;
            for exchange in exchanges.iter().filter(|it| everything || it.purpose != Purpose::Probe) {
                sequence.add(exchange, reveal, Detail::Times);
            }
        }
        sequence
    }

    fn add(&mut self, exchange: &Exchange, reveal: bool, detail: Detail) {
        let url = &exchange.request.url;
        let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let server = self.servers.iter().position(|other| *other == host).unwrap_or_else(|| {
            self.servers.push(host);
            self.servers.len() - 1
        });
        let path = sanitize(&url[url::Position::BeforePath..url::Position::AfterQuery], false).into_owned();
        let remark = if exchange.purpose == Purpose::Probe { " (to compare)" } else { "" };
        let remark = if detail == Detail::Times { remark } else { "" };
        let text = format!("{} {path}{remark}", exchange.request.method);
        let cookies = match detail {
            Detail::Times => names_sent(exchange),
            Detail::Cookies => pairs_sent(exchange, reveal),
        };
        let cookies = if cookies.is_empty() { cookies } else { format!("Cookie: {cookies}") };
        self.items.push(Item::Request { server, text, cookies });
        let took = match detail {
            Detail::Times => format!(" ({} ms)", exchange.elapsed.as_millis()),
            Detail::Cookies => String::new(),
        };
        let status = exchange.response.as_ref().map(|response| response.status);
        let text = match status {
            Some(status) => {
                let reason = status.canonical_reason().map(|reason| format!(" {reason}")).unwrap_or_default();
                format!("{}{reason}{took}", status.as_u16())
            }
            None => format!("no response{took}"),
        };
        let well = status.is_some_and(|status| !status.is_client_error() && !status.is_server_error());
        self.items.push(Item::Response { server, text, well });
        let changes = exchange.set.iter().zip(values_of(exchange, reveal));
        self.items.extend(changes.filter_map(|(set, value)| change(set, &value, false)).map(Item::Note));
    }
}

fn names_sent(exchange: &Exchange) -> String {
    let sent = exchange.cookies.iter().filter(|cookie| cookie.withheld.is_none());
    sent.map(|cookie| named(&cookie.name)).collect::<Vec<String>>().join(", ")
}
