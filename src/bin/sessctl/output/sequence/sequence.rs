//! [`Sequence`]: the requests, responses and changes that a diagram shows.

use sessctl::client::Exchange;
use sessctl::client::http::Purpose;
use sessctl::client::profile::history::HistoryEntry;

use crate::output::exchange_view::pairs_sent;
use crate::output::style::sanitize;
use crate::output::timeline::{change, names_sent, values_of};

/// What a diagram shows, in order.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// The servers, to the right of the client.
    pub(super) servers: Vec<String>,
    pub(super) items: Vec<Item>,
}

#[derive(Debug)]
pub(super) enum Item {
    /// A command begins.
    Heading(String),
    /// A request to the server with this number, and its cookies.
    Request { server: usize, text: String, cookies: String },
    /// A response of the server with this number. It is not `well` if it is missing or an error.
    Response { server: usize, text: String, well: bool },
    /// A change in the client.
    Note(String),
}

/// The name of the client.
pub(super) const CLIENT: &str = "sessctl";

/// Which details of an exchange are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detail {
    /// Its duration, and whether it was a probe.
    Times,
    /// The values of its cookies.
    Cookies,
}

impl Sequence {
    /// Of all steps; with `everything`, of probes too.
    pub(super) fn of(records: &[(u64, HistoryEntry)], everything: bool, reveal: bool) -> Sequence {
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

    pub(super) fn add(&mut self, exchange: &Exchange, reveal: bool, detail: Detail) {
        let url = &exchange.request.url;
        let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
        let server = self.servers.iter().position(|other| *other == host).unwrap_or_else(|| {
            self.servers.push(host);
            self.servers.len() - 1
        });
        let path = sanitize(&url[url::Position::BeforePath..url::Position::AfterQuery], false).into_owned();
        let remark = if exchange.purpose == Purpose::Probe { " (probe)" } else { "" };
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
