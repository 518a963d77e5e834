//! [`submit()`]: fills in and submits any form of a page.

use thiserror::Error;
use url::Url;

use super::html::form::Filling;
use super::html::form::InvalidField;
use super::html::form::{FormChoice, NoSuchForm};
use super::http::error::ClientError;
use super::{Page, Request, Response, UserAgent};

/// Why a form was not submitted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// A request failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No form or button was selected.
    #[error(transparent)]
    NoSuchForm(#[from] NoSuchForm),
    /// A browser would not submit the form.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<InvalidField>),
}

/// Requests a page and returns it, if it has a form.
///
/// # Errors
/// [`SubmitError::Client`] if the request failed; [`SubmitError::NoSuchForm`] if the page has no form.
pub async fn page_with_forms(agent: &mut UserAgent, url: &Url) -> Result<Page, SubmitError> {
    let response = agent.send(Request::page(url.clone())).await?;
    let page = agent.parse(&response).await?;
    if page.forms.is_empty() {
        let page = agent.hidden_in_url(&page.url).to_string();
        return Err(NoSuchForm::None { page, status: response.status }.into());
    }
    Ok(page)
}

/// Requests a page, fills in the selected form (other fields keep their values, including hidden ones), and submits it.
/// `choice` selects the button.
///
/// # Errors
/// [`SubmitError`] if the form was not submitted, or no response was received.
pub async fn submit(
    agent: &mut UserAgent,
    url: &Url,
    choice: &FormChoice,
    mut filling: Filling,
) -> Result<Response, SubmitError> {
    let page = page_with_forms(agent, url).await?;
    let values = filling.values.iter().map(|(name, _)| name.as_str());
    let fields: Vec<&str> = values.chain(filling.files.iter().map(|(name, _)| name.as_str())).collect();
    let form = choice.form_among(&page.forms, &fields)?;
    filling.button = choice.button_of(form)?;
    let invalid = form.check(&filling);
    if !invalid.is_empty() {
        return Err(SubmitError::Invalid(invalid));
    }
    // Values of password fields are never recorded.
    let secrets = form.controls.iter().filter(|control| control.is_password());
    for (_, secret) in
        secrets.flat_map(|control| filling.values.iter().filter(|(name, _)| *name == control.name))
    {
        agent.hide(secret);
    }
    let mut request = form.submission(&filling)?;
    request.carry_csrf_token(&page, form.has_csrf_token(), agent.jar());
    Ok(agent.send(request).await?)
}
