//! [`FurtherStep`]: a step after the password, such as a one-time code, and the form that answers it.

use super::credentials::{Credentials, NoPassword};
use super::error::{LoginError, MissingField};
use super::submission::Answer;
use crate::client::auth::classify::{login_button, login_form};
use crate::client::auth::code_form::{code_field, has_step_heading};
use crate::client::auth::second_factor::{asks_for_step, confirming_button};
use crate::client::html::form::{Control, ControlKind, Filling, Form, FormChoice, FormMethod};
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::request::Request;

/// The form that answers a step, and its field for a one-time code, as indexes that are valid for the page of the step.
#[derive(Debug, Clone, Copy)]
pub(super) struct FurtherStep {
    pub(super) form: usize,
    code: Option<usize>,
}

/// The step that the answer to a login asks for, if the caller gave what it takes.
pub(super) fn to_answer_at_once(answer: &Answer, credentials: &Credentials<'_>) -> Option<FurtherStep> {
    let (page, hints) = (&answer.page, credentials.hints.for_other_pages());
    if matches!(answer.status, 429 | 500..) || login_form(page, &hints).is_some() {
        return None;
    }
    let step = of_code(page);
    if step.is_some() && credentials.code.is_some() {
        return step;
    }
    let is_given = |form: &Form| credentials.fields.iter().any(|(name, _)| is_answer(form.field(name)));
    let given = page.forms.iter().position(is_given).filter(|_| step.is_some() || asks_for_step(page))?;
    Some(FurtherStep { form: given, code: step.filter(|step| step.form == given).and_then(|step| step.code) })
}

/// The form that asks for a code, or one with a single field on a page whose heading is about a further step.
fn of_code(page: &HtmlPage) -> Option<FurtherStep> {
    let found = code_field(page).or_else(|| {
        let mut forms = page.forms.iter().enumerate().filter(|(_, form)| form.method == FormMethod::Post);
        let found = forms.find_map(|(index, form)| Some((index, only_field(form)?)));
        found.filter(|_| has_step_heading(page))
    });
    found.map(|(form, code)| FurtherStep { form, code: Some(code) })
}

/// The only field of a form that takes a text.
fn only_field(form: &Form) -> Option<usize> {
    let mut fields = form.positions(takes_text);
    fields.next().filter(|_| fields.next().is_none())
}

fn takes_text(control: &Control) -> bool {
    control.is_text() || control.is_password()
}

/// Whether a field is for the answer of a user. Options such as "remember this device" answer nothing.
fn is_answer(field: Option<&Control>) -> bool {
    field.is_some_and(|control| {
        let is_choice = matches!(control.kind, ControlKind::Radio { .. } | ControlKind::Select { .. });
        takes_text(control) || (is_choice && !control.disabled && !control.concealed)
    })
}

impl FurtherStep {
    /// The step of a page that the caller wants to answer: its form is the one that the caller names, or that asks for a
    /// code and has the given fields, or the only one that fits.
    pub(super) fn of(page: &HtmlPage, credentials: &Credentials<'_>) -> Result<Self, LoginError> {
        let step = of_code(page);
        let given: Vec<&str> = credentials.fields.iter().map(|(name, _)| name.as_str()).collect();
        let is_fitting =
            |step: &FurtherStep| given.iter().all(|name| page.forms[step.form].field(name).is_some());
        if let Some(step) = step.filter(is_fitting).filter(|_| credentials.hints.form.is_none()) {
            return Ok(step);
        }
        let choice = FormChoice::new(credentials.hints.form.clone(), None);
        let chosen = choice.form_among(&page.forms, &given)?;
        let form = page.forms.iter().position(|form| std::ptr::eq(form, chosen)).unwrap_or_default();
        let code = step.filter(|step| step.form == form).and_then(|step| step.code);
        Ok(FurtherStep { form, code: code.or_else(|| only_field(chosen)) })
    }

    /// The request that answers the step. The flow hides the code in it.
    pub(super) async fn request(
        &self,
        agent: &mut UserAgent,
        page: &HtmlPage,
        credentials: &mut Credentials<'_>,
    ) -> Result<Request, LoginError> {
        let filling = self.fill_in(agent, page, credentials).await?;
        let mut request = page.forms[self.form].request(&filling, page, agent.jar())?;
        request.has_code = self.code.is_some();
        Ok(request)
    }

    /// The values that answer the step. The flow hides the code in them.
    pub(super) async fn fill_in(
        &self,
        agent: &mut UserAgent,
        page: &HtmlPage,
        credentials: &mut Credentials<'_>,
    ) -> Result<Filling, LoginError> {
        let form = &page.forms[self.form];
        let url = Box::new(agent.redactor.url(&page.url));
        let fields = credentials.fields.iter().filter(|(name, _)| form.field(name).is_some());
        let mut filling = Filling::of(fields.cloned().collect(), button(form, &credentials.fields));
        filling.fit(form);
        let code = self.code.map(|index| &form.controls[index]);
        let is_given = |field: &Control| filling.values.iter().any(|(name, _)| *name == field.name);
        match (code.filter(|field| !is_given(field)), &mut credentials.code) {
            (Some(field), Some(source)) => {
                agent.check_password_target(&page.url, form.target(filling.button))?;
                let now = agent.jar().now();
                match agent.pause(|| source(now)) {
                    Ok(code) => {
                        let code = without_spaces(code);
                        agent.hide(&code);
                        filling.values.extend(values_of(form, field, code));
                    }
                    Err(why) => return Err(LoginError::CodeNeeded { url, why }),
                }
            }
            (Some(_), None) if code_field(page).is_some() => {
                return Err(LoginError::CodeNeeded {
                    url,
                    why: NoPassword::NoSource(CODE_OPTIONS.to_owned()),
                });
            }
            _ => {}
        }
        let open = form.controls.iter().filter(|control| takes_text(control) && control.value.is_empty());
        let missing: Vec<MissingField> = open.map(MissingField::of).collect();
        if filling.values.is_empty() && !missing.is_empty() {
            return Err(LoginError::Incomplete { url, missing });
        }
        let (checked, values) = (form.clone(), filling.clone());
        let invalid = agent.compute(move || checked.check(&values), &page.url).await?;
        if !invalid.is_empty() {
            return Err(LoginError::Invalid { url, invalid });
        }
        agent.hide_passwords(form, &filling);
        for (_, value) in filling.values.iter().filter(|(name, _)| code.is_some_and(|it| it.name == *name)) {
            agent.hide(value);
        }
        Ok(filling)
    }

    /// Whether `later` has the form of this step again.
    pub(super) fn is_asked_again(&self, page: &HtmlPage, later: &HtmlPage) -> bool {
        let signature = |form: &Form| -> (String, Vec<String>) {
            let fields = form.controls.iter().filter(|control| is_answer(Some(control)));
            (form.action.path().to_owned(), fields.map(|control| control.name.clone()).collect())
        };
        let own = signature(&page.forms[self.form]);
        !own.1.is_empty() && later.forms.iter().any(|form| signature(form) == own)
    }
}

/// The options that give a code.
const CODE_OPTIONS: &str = "give --code CODE, --code-stdin or --totp-secret-file FILE";

/// The button that answers: the one that the caller names, or on a page without fields the one that confirms.
fn button(form: &Form, fields: &[(String, String)]) -> Option<usize> {
    let is_named = |button: &Control| fields.iter().any(|(name, _)| *name == button.name);
    let is_plain = !form
        .controls
        .iter()
        .any(|control| takes_text(control) || (control.is_submit() && is_named(control)));
    confirming_button(form).filter(|_| is_plain).or_else(|| login_button(form, fields))
}

/// The code in its field, or its characters in fields for one character each.
fn values_of(form: &Form, field: &Control, code: String) -> Vec<(String, String)> {
    let is_single = |control: &&Control| takes_text(control) && control.constraints.max_length == Some(1);
    let fields: Vec<&Control> = form.controls.iter().filter(is_single).collect();
    if is_single(&field) && fields.len() == code.chars().count() {
        let names = fields.into_iter().map(|field| field.name.clone());
        return names.zip(code.chars().map(String::from)).collect();
    }
    vec![(field.name.clone(), code)]
}

/// A code of digits without the spaces that many applications show in it.
fn without_spaces(code: String) -> String {
    let is_digits = code.chars().all(|c| c.is_ascii_digit() || c == ' ');
    if is_digits { code.replace(' ', "") } else { code }
}
