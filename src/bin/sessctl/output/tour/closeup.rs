//! Parts of an exchange to look at closely: a form, headers, a `Set-Cookie` line piece by piece, an answer.

use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE, VARY,
};
use http::{HeaderName, HeaderValue};

use sessctl::client::Exchange;
use sessctl::client::form::{Control, ControlKind, Form};

use super::{Look, ROOMY};
use crate::output::Output;
use crate::output::exchange_view::{cookie_pair, title_case};
use crate::output::forms::{kind_of, method_of};
use crate::output::style::{Role, paint, sanitize};
use crate::output::text_layout::{hanging, padded, width};
use crate::tour::{CloseUp, Step};

/// What tells something of a session; the other headers are counted.
const TELLING: [HeaderName; 9] =
    [HOST, ORIGIN, COOKIE, CONTENT_TYPE, CONTENT_LENGTH, LOCATION, CACHE_CONTROL, VARY, SET_COOKIE];

/// Attributes of a cookie that say something also where they are missing.
const TELLING_ABSENT: [&str; 3] = ["Domain", "Secure", "Max-Age"];

/// The column of pieces is no wider.
const PIECE: usize = 22;

impl Output {
    pub(super) fn closeup(&self, step: &Step, closeup: &CloseUp, look: &Look<'_>) -> Vec<String> {
        let exchange = |number: &usize| step.exchanges.get(*number);
        match closeup {
            CloseUp::Form(form) => drawn(form, look),
            // All exchanges stand there whole.
            CloseUp::Request(_) | CloseUp::Exchange(_) if self.verbose => Vec::new(),
            CloseUp::Request(number) => exchange(number).map(|it| self.request(it, look)).unwrap_or_default(),
            CloseUp::Exchange(number) => {
                let lines = |it| [self.request(it, look), self.response(it, look)].concat();
                exchange(number).map(lines).unwrap_or_default()
            }
            CloseUp::SetCookie(number) => exchange(number).map(|it| pieces(it, look)).unwrap_or_default(),
            CloseUp::Body(body) => answered(body, look),
        }
    }

    /// Request and response with all their headers.
    pub(super) fn whole(&self, exchange: &Exchange, look: &Look<'_>) -> Vec<String> {
        let all = |_: &HeaderName| true;
        [self.request_with(exchange, all, look), self.response_with(exchange, all, look)].concat()
    }

    fn request(&self, exchange: &Exchange, look: &Look<'_>) -> Vec<String> {
        self.request_with(exchange, |name| TELLING.contains(name), look)
    }

    fn response(&self, exchange: &Exchange, look: &Look<'_>) -> Vec<String> {
        self.response_with(exchange, |name| TELLING.contains(name), look)
    }

    fn request_with(
        &self,
        exchange: &Exchange,
        shown: impl Fn(&HeaderName) -> bool,
        look: &Look<'_>,
    ) -> Vec<String> {
        let request = &exchange.request;
        let first = format!("{} {}", request.method, self.shown(&request.url[url::Position::BeforePath..]));
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name, value)).collect();
        self.head_of(">", &first, &headers, shown, look)
    }

    fn response_with(
        &self,
        exchange: &Exchange,
        shown: impl Fn(&HeaderName) -> bool,
        look: &Look<'_>,
    ) -> Vec<String> {
        let Some(response) = &exchange.response else { return Vec::new() };
        let headers: Vec<_> = response.headers.iter().collect();
        self.head_of("<", &response.status.to_string(), &headers, shown, look)
    }

    fn head_of(
        &self,
        side: &str,
        first: &str,
        headers: &[(&HeaderName, &HeaderValue)],
        shown: impl Fn(&HeaderName) -> bool,
        look: &Look<'_>,
    ) -> Vec<String> {
        let side_of = |lines: Vec<String>, role: Option<Role>| {
            let paint =
                move |line: String| role.map_or_else(|| line.clone(), |role| paint(role, &line, look.color));
            lines.into_iter().map(paint).collect::<Vec<String>>()
        };
        let mut lines = side_of(hanging(&format!("{side} "), first, look.width), Some(Role::Key));
        for (name, value) in headers.iter().filter(|(name, _)| shown(name)) {
            let text = format!("{}: {}", title_case(name.as_str()), self.header_value(name, value));
            // The two headers that it is all about.
            let role = (**name == COOKIE || **name == SET_COOKIE).then_some(Role::Good);
            lines.extend(side_of(hanging(&format!("{side} "), &text, look.width), role));
        }
        let others = headers.iter().filter(|(name, _)| !shown(name)).count();
        if others > 0 {
            let text = look.texts.say_with("tour-other-headers", &[("count", others.into())]);
            lines.extend(side_of(hanging(&format!("{side} "), &text, look.width), Some(Role::Quiet)));
        }
        lines
    }
}

/// The form as HTML, without what only concerns its looks.
fn drawn(form: &Form, look: &Look<'_>) -> Vec<String> {
    let method = method_of(form).to_ascii_lowercase();
    let mut lines = Vec::new();
    let mut add = |first: &str, text: &str| lines.extend(hanging(first, &sanitize(text, false), look.width));
    add("  ", &format!("<form method=\"{method}\" action=\"{}\">", form.action.path()));
    for control in &form.controls {
        add("    ", &tag(control));
    }
    add("  ", "</form>");
    look.labelled(&look.texts.say("tour-form"), lines)
}

fn tag(control: &Control) -> String {
    match control.kind {
        ControlKind::Submit(_) | ControlKind::Image(_) | ControlKind::Button => {
            format!("<button>{}</button>", control.label)
        }
        _ => format!("{}: <input type=\"{}\" name=\"{}\">", control.label, kind_of(control), control.name),
    }
}

/// An answer in JSON, a value a line.
fn answered(body: &str, look: &Look<'_>) -> Vec<String> {
    let value: Option<serde_json::Value> = serde_json::from_str(body).ok();
    let pretty = value.and_then(|value| match &value {
        serde_json::Value::Object(map) if map.len() == 1 => serde_json::to_string(&value).ok(),
        _ => serde_json::to_string_pretty(&value).ok(),
    });
    let text = pretty.unwrap_or_else(|| body.to_owned());
    let text = sanitize(&text, true);
    let lines = text.lines().flat_map(|line| {
        let indent = line.len() - line.trim_start().len();
        hanging(&" ".repeat(indent + 2), line.trim_start(), look.width)
    });
    look.labelled(&look.texts.say("tour-body"), lines)
}

/// A `Set-Cookie` line, each piece with what it says; and what those say that are not there.
fn pieces(exchange: &Exchange, look: &Look<'_>) -> Vec<String> {
    let response = exchange.response.as_ref();
    let Some(line) = response.and_then(|response| response.headers.get(SET_COOKIE)) else {
        return Vec::new();
    };
    let line = String::from_utf8_lossy(line.as_bytes()).into_owned();
    let mut parts = line.split(';').map(str::trim);
    let pair = cookie_pair(parts.next().unwrap_or_default(), look.reveal);
    let attributes: Vec<&str> = parts.collect();
    let name_of = |attribute: &str| attribute.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let mut rows = vec![(pair, look.texts.say("tour-attribute-token"))];
    for attribute in &attributes {
        let explained = look.texts.say(&format!("tour-attribute-{}", name_of(attribute)));
        rows.push(((*attribute).to_owned(), explained));
    }
    let absent = TELLING_ABSENT
        .iter()
        .filter(|name| !attributes.iter().any(|it| name_of(it).eq_ignore_ascii_case(name)));
    for name in absent {
        let piece = look.texts.say_with("tour-attribute-absent", &[("name", (*name).into())]);
        let explained = look.texts.say(&format!("tour-attribute-no-{}", name.to_ascii_lowercase()));
        rows.push((piece, explained));
    }
    let room = rows.iter().map(|(piece, _)| width(piece)).max().unwrap_or_default().min(PIECE);
    let lines = rows.iter().flat_map(|(piece, explained)| {
        let piece = sanitize(piece, false);
        if width(&piece) > room || look.width < ROOMY {
            let explained = hanging("      ", explained, look.width);
            return hanging("  ", &piece, look.width).into_iter().chain(explained).collect();
        }
        hanging(&format!("  {}  ", padded(&piece, room)), explained, look.width)
    });
    look.labelled(&look.texts.say("tour-attributes"), lines)
}
