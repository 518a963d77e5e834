//! The trace of a login: the pages that it looked at, and why it chose its form.

use sessctl::client::auth::trace::{FieldSeen, FormSeen, FormVerdict, TraceStep};

use url::Url;

use super::output::{Output, write_err};
use super::style::{Role, paint, sanitize};
use crate::texts::login_messages::discovered;
use crate::texts::{Message, Texts};

impl Output {
    /// Prints each page with its forms.
    pub(crate) fn login_trace(&self, login_trace: &[TraceStep]) {
        let color = self.terminal.stderr.color;
        for step in login_trace {
            let TraceStep { url, status, discovered_by, forms, blockers, .. } = step;
            let first = discovered(discovered_by, format!("{url} ({status})"));
            let mut lines = vec![paint(Role::Key, &sanitize(&first.said(self.texts), false), color)];
            if forms.is_empty() {
                lines.push(format!("  {}", self.texts.say_or("trace-no-form", &[], "no form")));
            }
            lines.extend(forms.iter().flat_map(|form| form_lines(form, url, self.texts, color)));
            let blockers = blockers.iter().map(Message::from);
            let blockers = blockers.map(|it| format!("  {}", it.said(self.texts)));
            lines.extend(blockers.map(|line| paint(Role::Notable, &line, color)));
            write_err(&lines.join("\n"));
        }
    }
}

fn form_lines(form: &FormSeen, page: &Url, texts: Texts, color: bool) -> Vec<String> {
    let FormSeen { number, action, method, verdict, .. } = form;
    let role = if matches!(verdict, FormVerdict::Chosen { .. }) { Role::Good } else { Role::Quiet };
    // A path parameter may be a session ID.
    let path = action.path().split(';').next().unwrap_or_default();
    let target = match action.origin() == page.origin() {
        true => path.to_owned(),
        false => format!("{}{path}", action.origin().ascii_serialization()),
    };
    let line = Message::new("trace-form", format!("form {number}, {method} {target}: {verdict}"))
        .with("number", number.to_string())
        .with("method", method.as_str())
        .with("path", target)
        .with("verdict", verdict);
    let line = format!("  {}", line.said(texts));
    let first = paint(role, &sanitize(&line, false), color);
    let fields = if let FormVerdict::Chosen { fields, .. } = verdict { &fields[..] } else { &[] };
    let field = |it: &FieldSeen| {
        let line = format!("    {}: {}", it.name, Message::from(&it.role).said(texts));
        sanitize(&line, false).into_owned()
    };
    std::iter::once(first).chain(fields.iter().map(field)).collect()
}
