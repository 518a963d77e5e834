//! A history as a timeline: requests, responses, and changes of the jar.

use http::header::SET_COOKIE;

use sessctl::client::Exchange;
use sessctl::client::http::Purpose;
use sessctl::client::profile::history::HistoryEntry;
use sessctl::cookies::{SetAction, SetDecision};

use super::decision::{Words, named};
use super::exchange_view::exchange_lines;
use super::network_document::record_json;
use super::style::{Role, Style, paint, sanitize, second, shortened};
use super::view::View;
use crate::json::{Json, json};

/// The records with their numbers, the oldest first; with `-v`, with all headers.
impl View for [(u64, HistoryEntry)] {
    fn document(&self) -> Json {
        json!({ "records": self.iter().map(record_json).collect::<Json>() })
    }

    fn render(&self, style: &Style<'_>) -> String {
        let mut lines = Vec::new();
        for (number, record) in self {
            lines.push(heading(*number, record, style));
            if style.verbose {
                for exchange in &record.flow.exchanges {
                    lines.extend(exchange_lines(exchange, style));
                    lines.push(String::new());
                }
            } else {
                lines.extend(steps(record, style));
            }
        }
        lines.into_iter().map(|line| line + "\n").collect()
    }
}

fn heading(number: u64, record: &HistoryEntry, style: &Style<'_>) -> String {
    let command = style.paint(Role::Key, &sanitize(&record.command, false));
    let role = if record.exit == 0 { Role::Good } else { Role::Bad };
    let verdict = style.paint(role, &format!("exit {}", record.exit));
    let reason = sanitize(&record.reason, false);
    format!("{number}  {}  {command}  {verdict}  {reason}", second(record.at))
}

/// A line for each step and each change. Probes are only counted.
fn steps(record: &HistoryEntry, style: &Style<'_>) -> Vec<String> {
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
        let answer = style.paint(if failed { Role::Bad } else { Role::Good }, &answer);
        let took = style.paint(Role::Quiet, &format!("{} ms", exchange.elapsed.as_millis()));
        let method = &exchange.request.method;
        lines.push(format!("    {method} {}  {answer}  {took}", sanitize(&shown, false)));
        lines.extend(cookies_of(exchange, style).into_iter().map(|line| format!("        {line}")));
    }
    let compared = exchanges.iter().filter(|exchange| exchange.purpose == Purpose::Probe).count();
    if compared > 0 {
        let plural = if compared == 1 { "" } else { "s" };
        let line = format!("    ({compared} more request{plural} to compare, which left the jar alone)");
        lines.push(style.paint(Role::Quiet, &line));
    }
    lines
}

/// `> sent`, `+ new`, `~ changed`, `- deleted`, `! rejected`.
fn cookies_of(exchange: &Exchange, style: &Style<'_>) -> Vec<String> {
    let sent = names_sent(exchange);
    let mut lines = Vec::new();
    lines.extend((!sent.is_empty()).then(|| format!("> {sent}")));
    let withheld = exchange.cookies.iter().filter(|cookie| cookie.withheld.is_some());
    let words = Words::ENGLISH;
    lines.extend(
        withheld.map(|cookie| format!("! {}", words.sent(&cookie.name, cookie.withheld, style.color))),
    );
    let set = exchange.set.iter().zip(values_of(exchange, style.reveal));
    lines.extend(set.filter_map(|(decision, value)| change(decision, &value, style.color)));
    for decision in &exchange.set {
        let warnings = decision.warnings.iter();
        lines.extend(warnings.map(|it| format!("! {}: {}", named(&decision.name), words.warning(it))));
    }
    lines
}

/// The names of the cookies that a request carried.
pub(super) fn names_sent(exchange: &Exchange) -> String {
    let sent = exchange.cookies.iter().filter(|cookie| cookie.withheld.is_none());
    sent.map(|cookie| named(&cookie.name)).collect::<Vec<String>>().join(", ")
}

/// The change that a `Set-Cookie` line made, if any.
pub(super) fn change(decision: &SetDecision, value: &str, color: bool) -> Option<String> {
    let (sign, role) = match decision.action {
        SetAction::Stored => ("+", Role::Good),
        SetAction::Replaced { changed: true } => ("~", Role::Notable),
        SetAction::Deleted => ("-", Role::Bad),
        SetAction::Rejected(_) => return Some(format!("! {}", Words::ENGLISH.set(decision, color))),
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
