//! [`submit()`]: any form of a page, filled in as a person would.

use thiserror::Error;
use url::Url;

use super::html::form::Filling;
use super::html::form::Refusal;
use super::html::form::{FormChoice, NoSuchForm};
use super::http::error::ClientError;
use super::{Page, Request, Response, UserAgent};

/// Why a form was not submitted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// An exchange failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// It is not clear which form, or which button.
    #[error(transparent)]
    NoSuchForm(#[from] NoSuchForm),
    /// A browser would not send it.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Refusal>),
}

/// Gets a page, for the forms that are on it.
///
/// # Errors
/// [`SubmitError::Client`], when there is no page; [`SubmitError::NoSuchForm`], when there is no form on it.
pub async fn page_with_forms(agent: &mut UserAgent, url: &Url) -> Result<Page, SubmitError> {
    let response = agent.send(Request::page(url.clone())).await?;
    let page = agent.parse(&response).await?;
    if page.forms.is_empty() {
        let page = agent.hidden_in_url(&page.url).to_string();
        return Err(NoSuchForm::None { page, status: response.status }.into());
    }
    Ok(page)
}

/// Gets a page, fills in the form that is meant (its own values and hidden fields kept), and submits it. The filling
/// names no button: `choice` does.
///
/// # Errors
/// [`SubmitError`], when it was not sent, or not answered.
pub async fn submit(
    agent: &mut UserAgent,
    url: &Url,
    choice: &FormChoice,
    mut filling: Filling,
) -> Result<Response, SubmitError> {
    let page = page_with_forms(agent, url).await?;
    let values = filling.values.iter().map(|(name, _)| name.as_str());
    let fields: Vec<&str> = values.chain(filling.files.iter().map(|(name, _)| name.as_str())).collect();
    let form = choice.among(&page.forms, &fields)?;
    filling.button = choice.button_of(form)?;
    let refusals = form.check(&filling);
    if !refusals.is_empty() {
        return Err(SubmitError::Refused(refusals));
    }
    // What stands in password fields is shown nowhere.
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
