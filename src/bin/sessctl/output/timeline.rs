//! A history as a timeline: requests, responses, and changes of the jar.

use http::header::SET_COOKIE;

use sessctl::client::Exchange;
use sessctl::client::http::Purpose;
use sessctl::client::profile::history::HistoryEntry;
use sessctl::cookies::{SetAction, SetDecision};

use super::decision::{named, sent, set};
use super::output::Output;
use super::style::{Role, paint, sanitize, shortened};

impl Output {
    /// The records, the oldest first; with `-v`, with all headers.
    pub(crate) fn timeline(&mut self, records: &[(u64, HistoryEntry)]) {
        if self.json {
            return self.records_json(records);
        }
        let color = self.terminal.stdout.color;
        for (number, record) in records {
            let mut lines = vec![heading(*number, record, color)];
            if self.verbose {
                lines.extend(record.flow.exchanges.iter().flat_map(|exchange| {
                    let mut lines = self.exchange_lines(exchange, color);
                    lines.push(String::new());
                    lines
                }));
            } else {
                lines.extend(steps(record, color, self.reveal));
            }
            self.answer_styled(&format!("{}\n", lines.join("\n")));
        }
    }
}

fn heading(number: u64, record: &HistoryEntry, color: bool) -> String {
    let when: String = record.at.to_string().chars().take(19).collect();
    let command = paint(Role::Key, &sanitize(&record.command, false), color);
    let verdict = format!("exit {}", record.exit);
    let verdict = paint(if record.exit == 0 { Role::Good } else { Role::Bad }, &verdict, color);
    let reason = sanitize(&record.reason, false);
    format!("{number}  {}  {command}  {verdict}  {reason}", when.replace('T', " "))
}

/// A line for each step and each change. Probes are only counted.
fn steps(record: &HistoryEntry, color: bool, reveal: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut origin = None;
    let exchanges = &record.flow.exchanges;
    for exchange in exchanges.iter().filter(|exchange| exchange.purpose != Purpose::Probe) {
        let url = &exchange.request.url;
        // The server is only named when it changes.
        let shown = if origin.replace(url.origin()) == Some(url.origin()) {
            url[url::Position::BeforePath..].to_owned()
        } else {
            url.to_string()
        };
        let status = exchange.response.as_ref().map(|response| response.status);
        let answer = status.map_or_else(|| "no response".to_owned(), |status| status.as_u16().to_string());
        let failed = status.is_none_or(|status| status.is_client_error() || status.is_server_error());
        let answer = paint(if failed { Role::Bad } else { Role::Good }, &answer, color);
        let took = paint(Role::Quiet, &format!("{} ms", exchange.elapsed.as_millis()), color);
        let method = &exchange.request.method;
        lines.push(format!("    {method} {}  {answer}  {took}", sanitize(&shown, false)));
        lines.extend(cookies_of(exchange, color, reveal).into_iter().map(|line| format!("        {line}")));
    }
    let compared = exchanges.iter().filter(|exchange| exchange.purpose == Purpose::Probe).count();
    if compared > 0 {
        let plural = if compared == 1 { "" } else { "s" };
        let line = format!("    ({compared} more request{plural} to compare, which left the jar alone)");
        lines.push(paint(Role::Quiet, &line, color));
    }
    lines
}

/// `> sent`, `+ new`, `~ changed`, `- deleted`, `! rejected`.
fn cookies_of(exchange: &Exchange, color: bool, reveal: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let sent_names: Vec<String> = exchange
        .cookies
        .iter()
        .filter(|cookie| cookie.withheld.is_none())
        .map(|cookie| named(&cookie.name))
        .collect();
    if !sent_names.is_empty() {
        lines.push(format!("> {}", sent_names.join(", ")));
    }
    let withheld = exchange.cookies.iter().filter(|cookie| cookie.withheld.is_some());
    lines.extend(withheld.map(|cookie| format!("! {}", sent(&cookie.name, cookie.withheld, color))));
    for (decision, value) in exchange.set.iter().zip(values_of(exchange, reveal)) {
        lines.extend(change(decision, &value, color));
    }
    lines
}

/// The change that a `Set-Cookie` line made, if any.
pub(super) fn change(decision: &SetDecision, value: &str, color: bool) -> Option<String> {
    let (sign, role) = match decision.action {
        SetAction::Stored => ("+", Role::Good),
        SetAction::Replaced { changed: true } => ("~", Role::Notable),
        SetAction::Deleted => ("-", Role::Bad),
        SetAction::Rejected(_) => return Some(format!("! {}", set(decision, color))),
        _ => return None,
    };
    let name = named(&decision.name);
    let is_gone = decision.action == SetAction::Deleted;
    let text = if is_gone { format!("{sign} {name}") } else { format!("{sign} {name}={value}") };
    Some(paint(role, &text, color))
}

/// The values of `Set-Cookie` lines, shortened.
pub(super) fn values_of(exchange: &Exchange, reveal: bool) -> impl Iterator<Item = String> {
    let lines = exchange.response.iter().flat_map(|response| response.headers.get_all(SET_COOKIE));
    lines.map(move |line| {
        let text = String::from_utf8_lossy(line.as_bytes());
        let pair = text.split(';').next().unwrap_or_default();
        let value = pair.split_once('=').map_or(pair, |(_, value)| value).trim();
        sanitize(&shortened(value, reveal), false).into_owned()
    })
}
