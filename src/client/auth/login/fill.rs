//! Filling a login form in: the name, the password, what the caller adds; and what is missing then.

use super::report::{Credentials, LoginError, MissingField};
use crate::client::UserAgent;
use crate::client::auth::classify;
use crate::client::auth::classify::LoginForm;
use crate::client::html::form::Filling;
use crate::client::html::form::InvalidField;
use crate::client::html::form::{Control, ControlKind, Form};
use crate::client::html::page::Page;

/// A login form as it is to be sent, and the name that is sent if the form asks for one.
pub(super) struct FilledIn {
    pub(super) filling: Filling,
    pub(super) user: Option<String>,
}

/// Fills the form in. Passwords among what goes into it are hidden from the flow.
pub(super) fn fill_in(
    agent: &mut UserAgent,
    page: &Page,
    found: LoginForm,
    credentials: &mut Credentials<'_>,
) -> Result<FilledIn, LoginError> {
    let form = &page.forms[found.form];
    let given = |control: &Control| credentials.fields.iter().any(|(name, _)| *name == control.name);
    let url = || Box::new(agent.hidden_in_url(&page.url));
    let (mut values, mut sent) = (Vec::new(), None);
    let user = found.user.map(|(user, _)| &form.controls[user]).filter(|control| !given(control));
    if let Some(field) = user {
        match &credentials.user {
            Some(name) => {
                values.push((field.name.clone(), name.clone()));
                sent = Some(name.clone());
            }
            None if !field.value.is_empty() => {}
            None => return Err(LoginError::UserNeeded { url: url(), field: called(field) }),
        }
    }
    // Before anybody is asked for a password: whether the form could be sent at all.
    let missing = missing_in(form, found, &credentials.fields);
    if !missing.is_empty() {
        return Err(LoginError::Incomplete { url: url(), missing });
    }
    let secret = found.password.map(|password| &form.controls[password]).filter(|control| !given(control));
    if let Some(field) = secret {
        let url = url();
        match agent.pause(|| (credentials.password)()) {
            Ok(secret) => {
                agent.hide(&secret);
                values.push((field.name.clone(), secret));
            }
            Err(why) => return Err(LoginError::PasswordNeeded { url, why }),
        }
    }
    values.extend(credentials.fields.iter().cloned());
    for control in form.controls.iter().filter(|control| control.is_password()) {
        for (_, value) in values.iter().filter(|(name, _)| *name == control.name) {
            agent.hide(value);
        }
    }
    let button = classify::login_button(form, &credentials.fields);
    Ok(FilledIn { filling: Filling::of(values, button), user: sent })
}

/// Fields that a browser wants filled in and nobody has: terms to agree to, a tenant to choose.
fn missing_in(form: &Form, found: LoginForm, fields: &[(String, String)]) -> Vec<MissingField> {
    let own = [found.user.map(|(user, _)| user), found.password].into_iter().flatten();
    let own: Vec<&str> = own.map(|index| form.controls[index].name.as_str()).collect();
    let filling = Filling::of(fields.to_vec(), classify::login_button(form, fields));
    let refusals = form.check(&filling).into_iter();
    let required = refusals.filter_map(|refusal| match refusal {
        InvalidField::Required(name) if !own.contains(&name.as_str()) => Some(name),
        _ => None,
    });
    required
        .filter_map(|name| form.controls.iter().find(|control| control.name == name))
        .map(|control| MissingField {
            name: control.name.clone(),
            label: control.label.clone(),
            is_box: matches!(control.kind, ControlKind::Checkbox { .. }),
        })
        .collect()
}

fn called(control: &Control) -> String {
    if control.label.is_empty() { control.name.clone() } else { control.label.clone() }
}
