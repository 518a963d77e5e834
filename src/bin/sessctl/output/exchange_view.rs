//! Exchanges as a browser's network panel shows them, with the decision about each cookie.

use http::header::COOKIE;
use http::{HeaderName, HeaderValue};

use sessctl::client::http::Purpose;
use sessctl::client::{Exchange, Response, UserAgent};
use sessctl::internal::{Masking, Redactor};

use super::decision::Words;
use super::output::{Output, write_err};
use super::style::{Role, Style, sanitize};
use crate::texts::Message;

impl Output {
    /// All exchanges of a flow, with `-v`.
    pub(crate) fn exchanges(&mut self, agent: &UserAgent) {
        let flow = agent.flow();
        self.redactor.learn_passwords_of(agent.redactor());
        for exchange in &flow.exchanges {
            let sent = exchange.request.headers.iter().map(|(name, value)| (name, value));
            let received = exchange.response.iter().flat_map(|response| &response.headers);
            for (name, value) in sent.chain(received) {
                self.redactor.learn_cookies(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
            }
        }
        if self.verbose {
            let style = Style { color: self.terminal.stderr.color, ..self.style() };
            for exchange in &flow.exchanges {
                write_err(&(exchange_lines(exchange, &style).join("\n") + "\n"));
            }
        }
    }

    /// Prints status line and headers on stdout.
    pub(crate) fn head(&mut self, response: &Response) {
        if self.json {
            return;
        }
        let (status, headers) = (response.status, &response.headers);
        let reason = status.canonical_reason().unwrap_or_default();
        let mut head = format!("{:?} {} {reason}\n", response.version, status.as_u16());
        for (name, value) in headers {
            let text = String::from_utf8_lossy(value.as_bytes());
            head.push_str(&format!("{}: {}\n", title_case(name.as_str()), sanitize(&text, false)));
        }
        head.push('\n');
        self.answer_raw(head.as_bytes());
    }
}

/// An exchange in full.
pub(super) fn exchange_lines(exchange: &Exchange, style: &Style<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let say = |key: &str, english: &'static str| style.texts.say_or(key, &[], english);
    let remark = match exchange.purpose {
        Purpose::Fresh => Some(say("exchange-fresh", "* fresh, with an empty jar:")),
        Purpose::Probe => Some(say("exchange-probe", "* probe, which does not change the jar:")),
        _ => None,
    };
    lines.extend(remark.map(|remark| style.paint(Role::Quiet, &remark)));
    let request = &exchange.request;
    let url = style.redactor.reference(request.url.as_str());
    let url = sanitize(&url, false);
    lines.push(format!("{} {} {url}", style.paint(Role::Key, ">"), request.method));
    lines.extend(request.headers.iter().map(|(name, value)| header(">", name, value, style)));
    let cookie =
        |what: String| format!("  {} {what}", style.paint(Role::Quiet, &say("exchange-cookie", "cookie")));
    let words = Words(Some(&style.texts));
    lines.extend(exchange.cookies.iter().map(|it| cookie(words.sent(&it.name, it.withheld, style.color))));
    if request.body_size > 0 {
        let size = request.body_size.to_string();
        let body = Message::new("exchange-body", format!("(a body of {size} bytes)")).with("size", size);
        lines.push(style.paint(Role::Quiet, &format!("  {}", body.said(style.texts))));
    }
    let Some(response) = &exchange.response else {
        lines.push(style.paint(Role::Bad, &say("exchange-no-response", "< no response")));
        return lines;
    };
    let first = format!("{} ({} ms)", response.status, exchange.elapsed.as_millis());
    lines.push(format!("{} {first}", style.paint(Role::Key, "<")));
    lines.extend(response.headers.iter().map(|(name, value)| header("<", name, value, style)));
    for decision in &exchange.set {
        lines.push(cookie(words.set(decision, style.color)));
        let warning = say("warning-label", "warning:");
        lines.extend(
            decision
                .warnings
                .iter()
                .map(|it| format!("    {} {}", style.paint(Role::Notable, &warning), words.warning(it))),
        );
    }
    lines
}

fn header(side: &str, name: &HeaderName, value: &HeaderValue, style: &Style<'_>) -> String {
    let (side, title) = (style.paint(Role::Key, side), style.paint(Role::Key, &title_case(name.as_str())));
    format!("{side} {title}: {}", header_value(name, value, style))
}

/// The value of a header with secrets shortened.
pub(super) fn header_value(name: &HeaderName, value: &HeaderValue, style: &Style<'_>) -> String {
    let text = String::from_utf8_lossy(value.as_bytes());
    sanitize(&style.redactor.header(name.as_str(), &text), false).into_owned()
}

/// Headers with their names as people write them.
pub(super) fn header_pairs<'a>(
    headers: impl Iterator<Item = (&'a HeaderName, &'a HeaderValue)>,
) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| sanitize(&String::from_utf8_lossy(value.as_bytes()), false).into_owned();
    headers.map(|(name, value)| (title_case(name.as_str()), text(value))).collect()
}

/// The cookies that a request carried, with their values shortened.
pub(super) fn pairs_sent(exchange: &Exchange, reveal: bool) -> String {
    let lines = exchange.request.headers.iter().filter(|(name, _)| *name == COOKIE);
    let pairs = lines.map(|(_, value)| cookie_pair(&String::from_utf8_lossy(value.as_bytes()), reveal));
    sanitize(&pairs.collect::<Vec<String>>().join("; "), false).into_owned()
}

/// `name=value`, or a `Cookie` line, with secrets shortened.
pub(super) fn cookie_pair(line: &str, reveal: bool) -> String {
    Redactor::new(Masking::for_people(reveal)).header("cookie", line).into_owned()
}

/// Header names as people write them; HTTP ignores their case.
pub(super) fn title_case(name: &str) -> String {
    let capital = |part: &str| {
        let mut chars = part.chars();
        chars.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
    };
    name.split('-').map(capital).collect::<Vec<String>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_names_are_written_in_title_case() {
        assert_eq!(title_case("x-content-type-options"), "X-Content-Type-Options");
    }
}
