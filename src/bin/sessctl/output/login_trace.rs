//! The trace of a login: the pages that it looked at, and why it chose its form.

use sessctl::client::auth::trace::{FieldSeen, FormSeen, FormVerdict, TraceStep};

use super::output::{Output, write_err};
use super::style::{Role, paint, sanitize};

impl Output {
    /// Prints each page with its forms.
    pub(crate) fn login_trace(&self, login_trace: &[TraceStep]) {
        let color = self.terminal.stderr.color;
        for step in login_trace {
            let TraceStep { url, status, discovered_by, forms, blockers, .. } = step;
            let first = format!("{discovered_by} {url} ({status})");
            let mut lines = vec![paint(Role::Key, &sanitize(&first, false), color)];
            if forms.is_empty() {
                lines.push("  no form".to_owned());
            }
            lines.extend(forms.iter().flat_map(|form| form_lines(form, color)));
            lines.extend(blockers.iter().map(|it| paint(Role::Notable, &format!("  {it}"), color)));
            write_err(&lines.join("\n"));
        }
    }
}

fn form_lines(form: &FormSeen, color: bool) -> Vec<String> {
    let FormSeen { number, action, method, verdict, .. } = form;
    let role = if matches!(verdict, FormVerdict::Chosen { .. }) { Role::Good } else { Role::Quiet };
    // A path parameter may be a session ID.
    let path = action.path().split(';').next().unwrap_or_default();
    let line = format!("  form {number}, {method} {path}: {verdict}");
    let first = paint(role, &sanitize(&line, false), color);
    let fields = if let FormVerdict::Chosen { fields, .. } = verdict { &fields[..] } else { &[] };
    let field = |it: &FieldSeen| sanitize(&format!("    {}: {}", it.name, it.role), false).into_owned();
    std::iter::once(first).chain(fields.iter().map(field)).collect()
}
