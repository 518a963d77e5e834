//! [`submit()`]: fills in and submits any form of a page, as a browser would.

use thiserror::Error;
use url::Url;

use super::html::form::{Filling, FormChoice, InvalidField, NoSuchForm};
use super::html::page::HtmlPage;
use super::http::agent::UserAgent;
use super::http::error::ClientError;
use super::http::request::Request;
use super::http::response::Response;

/// Why a form was not submitted.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SubmitError {
    /// A request failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The choice matches no form or no button, or several forms.
    #[error(transparent)]
    NoSuchForm(#[from] NoSuchForm),
    /// A browser would not send the form.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<InvalidField>),
}

/// Loads a page that has at least one form.
///
/// # Errors
/// [`SubmitError::Client`] if there is no page, [`SubmitError::NoSuchForm`] if it has no form.
pub async fn page_with_forms(agent: &mut UserAgent, url: &Url) -> Result<HtmlPage, SubmitError> {
    let (response, page) = agent.load(Request::page(url.clone())).await?;
    if page.forms.is_empty() {
        let page = agent.redactor.url(&page.url).to_string();
        return Err(NoSuchForm::None { page, status: response.status }.into());
    }
    Ok(page)
}

/// Loads a page, fills in the chosen form and submits it. Fields that the filling does not name keep their values, so
/// hidden fields such as CSRF tokens are sent along. `choice` names the button; a button in `filling` has no effect.
///
/// # Errors
/// [`SubmitError`] if the form was not sent, or got no response.
///
/// ```no_run
/// use sessctl::client::form::{Filling, FormChoice};
/// use sessctl::client::{AgentConfig, UserAgent, submit};
/// use sessctl::cookies::Jar;
///
/// # async fn run(jar: Jar) -> Result<(), Box<dyn std::error::Error>> {
/// let mut agent = UserAgent::new(AgentConfig::default(), jar);
/// let filling = Filling::of(vec![("title".to_owned(), "Hello".to_owned())], None);
/// let page = "https://example.com/posts/new".parse()?;
/// let response = submit(&mut agent, &page, &FormChoice::default(), filling).await?;
/// assert!(response.status.is_success());
/// # Ok(())
/// # }
/// ```
pub async fn submit(
    agent: &mut UserAgent,
    url: &Url,
    choice: &FormChoice,
    filling: Filling,
) -> Result<Response, SubmitError> {
    let url = agent.take_credentials(url)?;
    agent.navigate(vec![url.clone()], async |agent| submit_from(agent, &url, choice, filling).await).await
}

async fn submit_from(
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
    filling.fit(form);
    let (checked, values) = (form.clone(), filling.clone());
    let invalid = agent.compute(move || checked.check(&values), &page.url).await?;
    if !invalid.is_empty() {
        return Err(SubmitError::Invalid(invalid));
    }
    agent.hide_passwords(form, &filling);
    let request = form.request(&filling, &page, agent.jar())?;
    Ok(agent.send_and_sign_on(request).await?)
}
