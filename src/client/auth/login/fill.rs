//! Fills in a login form: the user name, the password and the caller's fields. Tells which required fields are missing.

use super::credentials::Credentials;
use super::error::{LoginError, MissingField};
use crate::client::auth::classify::{LoginForm, login_button};
use crate::client::html::form::{Control, Filling, Form, InvalidField};
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;

/// A filled-in login form, and the user name in it if the form has a field for it.
pub(super) struct FilledForm {
    pub(super) filling: Filling,
    pub(super) user: Option<String>,
}

/// Fills in the form. The flow hides the passwords in it.
pub(super) fn fill_in(
    agent: &mut UserAgent,
    page: &HtmlPage,
    found: LoginForm,
    credentials: &mut Credentials<'_>,
) -> Result<FilledForm, LoginError> {
    let form = &page.forms[found.form];
    let url = Box::new(agent.redactor.url(&page.url));
    let given = |control: &Control| credentials.fields.iter().any(|(name, _)| *name == control.name);
    let field = |index: Option<usize>| index.map(|index| &form.controls[index]).filter(|it| !given(it));
    let (mut values, mut user) = (Vec::new(), None);
    if let Some(field) = field(found.user.map(|(user, _)| user)) {
        match &credentials.user {
            Some(name) => {
                values.push((field.name.clone(), name.clone()));
                user = Some(name.clone());
            }
            None if !field.value.is_empty() => {}
            None => {
                let label = if field.label.is_empty() { &field.name } else { &field.label };
                return Err(LoginError::UserNeeded { url, field: label.clone() });
            }
        }
    }
    // Before the user is asked for a password: whether the form can be sent at all.
    let missing = missing_in(form, found, &credentials.fields);
    if !missing.is_empty() {
        return Err(LoginError::Incomplete { url, missing });
    }
    let button = login_button(form, &credentials.fields);
    if let Some(field) = field(found.password) {
        agent.check_password_target(&page.url, form.target(button))?;
        match agent.pause(|| (credentials.password)()) {
            Ok(secret) => {
                agent.hide(&secret);
                values.push((field.name.clone(), secret));
            }
            Err(why) => return Err(LoginError::PasswordNeeded { url, why }),
        }
    }
    values.extend(credentials.fields.iter().cloned());
    let filling = Filling::of(values, button);
    agent.hide_passwords(form, &filling);
    Ok(FilledForm { filling, user })
}

/// Required fields that nobody filled in, such as terms to accept or a tenant to choose.
fn missing_in(form: &Form, found: LoginForm, fields: &[(String, String)]) -> Vec<MissingField> {
    let own = [found.user.map(|(user, _)| user), found.password].into_iter().flatten();
    let own: Vec<&str> = own.map(|index| form.controls[index].name.as_str()).collect();
    let filling = Filling::of(fields.to_vec(), login_button(form, fields));
    let required = form.check(&filling).into_iter().filter_map(|invalid| match invalid {
        InvalidField::Required(name) if !own.contains(&name.as_str()) => Some(name),
        _ => None,
    });
    required
        .filter_map(|name| form.controls.iter().find(|control| control.name == name))
        .map(MissingField::of)
        .collect()
}

impl UserAgent {
    /// Hides the values of password fields from the flow.
    pub(in crate::client) fn hide_passwords(&mut self, form: &Form, filling: &Filling) {
        for control in form.controls.iter().filter(|control| control.is_password()) {
            for (_, value) in filling.values.iter().filter(|(name, _)| *name == control.name) {
                self.hide(value);
            }
        }
    }
}
