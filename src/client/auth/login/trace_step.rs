//! Describes a page for the trace: how each of its forms was classified, and how the fields of the login form are used.

use http::Method;

use crate::client::auth::classify::{LoginForm, classify_form, login_button, login_form};
use crate::client::auth::form_hints::FormHints;
use crate::client::auth::trace::{DiscoveredBy, FieldRole, FieldSeen, FormSeen, FormVerdict, TraceStep};
use crate::client::html::form::{Control, ControlKind, FormMethod};
use crate::client::html::page::HtmlPage;

/// The step of the trace for a page.
pub(super) fn trace_step(
    page: &HtmlPage,
    status: u16,
    discovered_by: DiscoveredBy,
    hints: &FormHints,
) -> TraceStep {
    let chosen = login_form(page, hints);
    let forms = page.forms.iter().enumerate().map(|(index, form)| FormSeen {
        number: index + 1,
        action: form.target(login_button(form, &[])).clone(),
        method: if form.method == FormMethod::Post { Method::POST } else { Method::GET },
        verdict: match classify_form(page, index, hints) {
            Err(reason) => FormVerdict::Rejected(reason),
            Ok(found) if chosen != Some(found) => FormVerdict::Other(found.score),
            Ok(found) => FormVerdict::Chosen { score: found.score, fields: fields_of(page, &found) },
        },
    });
    TraceStep {
        url: page.url.clone(),
        status,
        discovered_by,
        forms: forms.collect(),
        blockers: page.blockers.clone(),
    }
}

fn fields_of(page: &HtmlPage, found: &LoginForm) -> Vec<FieldSeen> {
    let form = &page.forms[found.form];
    let button = login_button(form, &[]);
    let field = |(index, control): (usize, &Control)| {
        let role = if Some(index) == found.password {
            FieldRole::Password
        } else if let Some((_, reason)) = found.user.filter(|(user, _)| *user == index) {
            FieldRole::User(reason)
        } else if Some(index) == button {
            FieldRole::Button
        } else {
            let is_button =
                matches!(control.kind, ControlKind::Submit(_) | ControlKind::Image(_) | ControlKind::Button);
            if is_button || control.disabled || control.name.is_empty() {
                return None;
            }
            FieldRole::Kept
        };
        let name = match role {
            FieldRole::Button if !control.label.is_empty() => control.label.clone(),
            FieldRole::Button if control.name.is_empty() => "button".to_owned(),
            _ => control.name.clone(),
        };
        Some(FieldSeen { name, role })
    };
    form.controls.iter().enumerate().filter_map(field).collect()
}
