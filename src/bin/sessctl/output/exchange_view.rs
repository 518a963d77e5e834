//! Exchanges as the network panel of a browser shows them, with what was decided about each cookie.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderName, HeaderValue};

use sessctl::client::{Exchange, Flow, Purpose, Response};

use super::Output;
use super::decision::{sent, set};
use super::style::{Role, paint, sanitize, shortened};

impl Output {
    /// All exchanges of a flow, for those who asked to see them.
    pub(crate) fn exchanges(&mut self, flow: &Flow) {
        self.tokens = tokens_in(flow);
        if self.verbose {
            for exchange in &flow.exchanges {
                let lines = self.exchange_lines(exchange, self.terminal.stderr.color);
                super::write_err(&(lines.join("\n") + "\n"));
            }
        }
    }

    /// An exchange in full.
    pub(super) fn exchange_lines(&self, exchange: &Exchange, color: bool) -> Vec<String> {
        let mut lines = Vec::new();
        let remark = match exchange.purpose {
            Purpose::Step => None,
            Purpose::Fresh => Some("* as somebody new, with an empty jar:"),
            Purpose::Probe => Some("* to compare (the jar is left alone):"),
        };
        lines.extend(remark.map(|remark| paint(Role::Quiet, remark, color)));
        let request = &exchange.request;
        let first = format!("{} {}", request.method, request.url);
        lines.push(format!("{} {}", paint(Role::Key, ">", color), self.shown(&first)));
        for (name, value) in &request.headers {
            lines.push(self.header(">", name, value, color));
        }
        let cookie = |what: String| format!("  {} {what}", paint(Role::Quiet, "cookie", color));
        lines.extend(exchange.cookies.iter().map(|it| cookie(sent(&it.name, it.withheld, color))));
        if request.body_size > 0 {
            lines.push(paint(Role::Quiet, &format!("  (a body of {} octets)", request.body_size), color));
        }
        match &exchange.response {
            None => lines.push(paint(Role::Bad, "< no response", color)),
            Some(response) => {
                let first = format!("{} ({} ms)", response.status, exchange.elapsed.as_millis());
                lines.push(format!("{} {first}", paint(Role::Key, "<", color)));
                for (name, value) in &response.headers {
                    lines.push(self.header("<", name, value, color));
                }
                lines.extend(exchange.set.iter().map(|it| cookie(set(it, color))));
            }
        }
        lines
    }

    fn header(&self, side: &str, name: &HeaderName, value: &HeaderValue, color: bool) -> String {
        let shown = self.header_value(name, value);
        let (side, name) =
            (paint(Role::Key, side, color), paint(Role::Key, &title_case(name.as_str()), color));
        format!("{side} {name}: {shown}")
    }

    /// The value of a header as it may be shown.
    pub(super) fn header_value(&self, name: &HeaderName, value: &HeaderValue) -> String {
        let text = String::from_utf8_lossy(value.as_bytes());
        match *name {
            COOKIE => sanitize(&cookie_pairs(&text, self.reveal), false).into_owned(),
            SET_COOKIE => sanitize(&set_cookie(&text, self.reveal), false).into_owned(),
            _ => self.shown(&text).into_owned(),
        }
    }

    /// Status line and headers as part of the answer.
    pub(crate) fn head(&mut self, response: &Response) {
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

/// The cookies that a request carried, with their values as they may be shown.
pub(super) fn pairs_sent(exchange: &Exchange, reveal: bool) -> String {
    let lines = exchange.request.headers.iter().filter(|(name, _)| *name == COOKIE);
    let pairs = lines.map(|(_, value)| cookie_pairs(&String::from_utf8_lossy(value.as_bytes()), reveal));
    sanitize(&pairs.collect::<Vec<String>>().join("; "), false).into_owned()
}

fn cookie_pairs(line: &str, reveal: bool) -> String {
    let pairs = line.split("; ").map(|pair| cookie_pair(pair, reveal));
    pairs.collect::<Vec<String>>().join("; ")
}

pub(super) fn cookie_pair(pair: &str, reveal: bool) -> String {
    match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", shortened(value, reveal)),
        None => shortened(pair, reveal).into_owned(),
    }
}

fn set_cookie(line: &str, reveal: bool) -> String {
    match line.split_once(';') {
        Some((pair, attributes)) => format!("{};{attributes}", cookie_pair(pair, reveal)),
        None => cookie_pair(line, reveal),
    }
}

/// A value shorter than this is a word that may stand in any URL.
const LONG_ENOUGH: usize = 16;

/// The values of all cookies that went to and fro, the longest first: one may be a part of another.
fn tokens_in(flow: &Flow) -> Vec<String> {
    let mut tokens = Vec::new();
    for exchange in &flow.exchanges {
        let sent = exchange.request.headers.iter().filter(|(name, _)| *name == COOKIE);
        let sent = sent.flat_map(|(_, value)| value.as_bytes().split(|octet| *octet == b';'));
        let set = exchange.response.iter().flat_map(|response| response.headers.get_all(SET_COOKIE));
        let set = set.filter_map(|line| line.as_bytes().split(|octet| *octet == b';').next());
        for pair in sent.chain(set) {
            let value = pair.iter().position(|octet| *octet == b'=').map_or(pair, |joint| &pair[joint + 1..]);
            match std::str::from_utf8(value.trim_ascii()) {
                Ok(value) if value.len() >= LONG_ENOUGH && !tokens.iter().any(|known| known == value) => {
                    tokens.push(value.to_owned());
                }
                _ => {}
            }
        }
    }
    tokens.sort_by_key(|token| std::cmp::Reverse(token.len()));
    tokens
}

/// Header names as they go over the wire and as people write them.
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
    fn cookie_headers_show_no_secret() {
        let token = "x".repeat(43);
        let shown = cookie_pairs(&format!("a={token}; lone-{token}"), false);
        assert_eq!(shown, "a=xxxxxxxx…; lone-xxx…");
        assert_eq!(set_cookie(&format!("a={token}; Path=/"), false), "a=xxxxxxxx…; Path=/");
        assert_eq!(title_case("x-content-type-options"), "X-Content-Type-Options");
    }
}
