//! The details of a step: a form, headers, the parts of a `Set-Cookie` header, a response body.

use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE, VARY,
};
use http::{HeaderName, HeaderValue};

use sessctl::client::Exchange;
use sessctl::client::form::{Control, ControlKind, Form};

use super::layout::{Layout, TWO_COLUMNS_WIDTH};
use crate::json::Json;
use crate::output::exchange_view::{cookie_pair, header_value, title_case};
use crate::output::forms::{kind_of, method_of};
use crate::output::output::Output;
use crate::output::style::{Role, sanitize};
use crate::output::text_layout::{hanging, padded, width};
use crate::tour::{Step, StepDetail};

/// The headers that concern a session.
const SHOWN_HEADERS: [HeaderName; 9] =
    [HOST, ORIGIN, COOKIE, CONTENT_TYPE, CONTENT_LENGTH, LOCATION, CACHE_CONTROL, VARY, SET_COOKIE];

/// Attributes whose absence has a meaning.
const EXPLAINED_IF_ABSENT: [&str; 3] = ["Domain", "Secure", "Max-Age"];

const MAX_COLUMN_WIDTH: usize = 22;

impl Output {
    pub(super) fn detail(&self, step: &Step, detail: &StepDetail, layout: &Layout<'_>) -> Vec<String> {
        let exchange = |number: &usize| step.exchanges.get(*number);
        match detail {
            StepDetail::Form(form) => form_lines(form, layout),
            // All exchanges are shown in full.
            StepDetail::Request(_) | StepDetail::Exchange(_) if self.verbose => Vec::new(),
            StepDetail::Request(number) => {
                exchange(number).map(|it| self.request(it, is_shown, layout)).unwrap_or_default()
            }
            StepDetail::Exchange(number) => {
                exchange(number).map(|it| self.exchange(it, is_shown, layout)).unwrap_or_default()
            }
            StepDetail::SetCookie(number) => {
                exchange(number).map(|it| set_cookie_lines(it, layout)).unwrap_or_default()
            }
            StepDetail::Body(body) => body_lines(body, layout),
        }
    }

    /// Request and response with all headers.
    pub(super) fn full_exchange(&self, exchange: &Exchange, layout: &Layout<'_>) -> Vec<String> {
        self.exchange(exchange, |_| true, layout)
    }

    fn exchange(&self, exchange: &Exchange, shown: ShownHeaders, layout: &Layout<'_>) -> Vec<String> {
        let mut lines = self.request(exchange, shown, layout);
        if let Some(response) = &exchange.response {
            let headers: Vec<_> = response.headers.iter().collect();
            lines.extend(self.head_of("< ", &response.status.to_string(), &headers, shown, layout));
        }
        lines
    }

    fn request(&self, exchange: &Exchange, shown: ShownHeaders, layout: &Layout<'_>) -> Vec<String> {
        let request = &exchange.request;
        let first = format!("{} {}", request.method, self.shown(&request.url[url::Position::BeforePath..]));
        let headers: Vec<_> = request.headers.iter().map(|(name, value)| (name, value)).collect();
        self.head_of("> ", &first, &headers, shown, layout)
    }

    fn head_of(
        &self,
        side: &str,
        first: &str,
        headers: &[(&HeaderName, &HeaderValue)],
        shown: ShownHeaders,
        layout: &Layout<'_>,
    ) -> Vec<String> {
        let mut lines = Vec::new();
        let mut add = |text: &str, role: Option<Role>| {
            lines.extend(hanging(side, text, layout.width).iter().map(|line| layout.painted(role, line)));
        };
        add(first, Some(Role::Key));
        for (name, value) in headers.iter().filter(|(name, _)| shown(name)) {
            let text = format!("{}: {}", title_case(name.as_str()), header_value(name, value, &self.style()));
            let role = (**name == COOKIE || **name == SET_COOKIE).then_some(Role::Good);
            add(&text, role);
        }
        let others = headers.iter().filter(|(name, _)| !shown(name)).count();
        if others > 0 {
            let text = layout.texts.say_with("tour-other-headers", &[("count", others.into())]);
            add(&text, Some(Role::Quiet));
        }
        lines
    }
}

/// Whether a header is shown. The others are only counted.
type ShownHeaders = fn(&HeaderName) -> bool;

fn is_shown(name: &HeaderName) -> bool {
    SHOWN_HEADERS.contains(name)
}

/// The form as HTML, reduced to its labels and fields.
fn form_lines(form: &Form, layout: &Layout<'_>) -> Vec<String> {
    let method = method_of(form).to_ascii_lowercase();
    let mut lines = Vec::new();
    let mut add =
        |first: &str, text: &str| lines.extend(hanging(first, &sanitize(text, false), layout.width));
    add("  ", &format!("<form method=\"{method}\" action=\"{}\">", form.action.path()));
    for control in &form.controls {
        add("    ", &tag(control));
    }
    add("  ", "</form>");
    layout.labeled(&layout.texts.say("tour-form"), lines)
}

fn tag(control: &Control) -> String {
    match control.kind {
        ControlKind::Submit(_) | ControlKind::Image(_) | ControlKind::Button => {
            format!("<button>{}</button>", control.label)
        }
        _ => format!("{}: <input type=\"{}\" name=\"{}\">", control.label, kind_of(control), control.name),
    }
}

/// JSON with one value per line.
fn body_lines(body: &str, layout: &Layout<'_>) -> Vec<String> {
    let value: Option<Json> = serde_json::from_str(body).ok();
    let pretty = value.and_then(|value| match &value {
        Json::Object(members) if members.len() == 1 => serde_json::to_string(&value).ok(),
        _ => serde_json::to_string_pretty(&value).ok(),
    });
    let text = pretty.unwrap_or_else(|| body.to_owned());
    let text = sanitize(&text, true);
    let lines = text.lines().flat_map(|line| {
        let indent = line.len() - line.trim_start().len();
        hanging(&" ".repeat(indent + 2), line.trim_start(), layout.width)
    });
    layout.labeled(&layout.texts.say("tour-body"), lines)
}

/// Each part of the `Set-Cookie` header with its meaning, then the meaning of the attributes that are absent.
fn set_cookie_lines(exchange: &Exchange, layout: &Layout<'_>) -> Vec<String> {
    let response = exchange.response.as_ref();
    let Some(line) = response.and_then(|response| response.headers.get(SET_COOKIE)) else {
        return Vec::new();
    };
    let line = String::from_utf8_lossy(line.as_bytes()).into_owned();
    let mut parts = line.split(';').map(str::trim);
    let pair = cookie_pair(parts.next().unwrap_or_default(), layout.reveal);
    let attributes: Vec<&str> = parts.collect();
    let name_of = |attribute: &str| attribute.split('=').next().unwrap_or_default().to_ascii_lowercase();
    let mut rows = vec![(pair, layout.texts.say("tour-attribute-token"))];
    for attribute in &attributes {
        let explained = layout.texts.say(&format!("tour-attribute-{}", name_of(attribute)));
        rows.push(((*attribute).to_owned(), explained));
    }
    let absent = EXPLAINED_IF_ABSENT
        .iter()
        .filter(|name| !attributes.iter().any(|it| name_of(it).eq_ignore_ascii_case(name)));
    for name in absent {
        let part = layout.texts.say_with("tour-attribute-absent", &[("name", (*name).into())]);
        let explained = layout.texts.say(&format!("tour-attribute-no-{}", name.to_ascii_lowercase()));
        rows.push((part, explained));
    }
    let room = rows.iter().map(|(part, _)| width(part)).max().unwrap_or_default().min(MAX_COLUMN_WIDTH);
    let lines = rows.iter().flat_map(|(part, explained)| {
        let part = sanitize(part, false);
        if width(&part) > room || layout.width < TWO_COLUMNS_WIDTH {
            let explained = hanging("      ", explained, layout.width);
            return hanging("  ", &part, layout.width).into_iter().chain(explained).collect();
        }
        hanging(&format!("  {}  ", padded(&part, room)), explained, layout.width)
    });
    layout.labeled(&layout.texts.say("tour-attributes"), lines)
}
