//! Sends a filled-in form of a login, and follows the pages that lead on by themselves.

use http::Method;
use url::Url;

use super::error::LoginError;
use crate::client::html::form::Filling;
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::error::ClientError;
use crate::client::http::request::Request;
use crate::client::http::response::Response;

/// How many refreshes are followed after a login.
const MAX_REFRESHES: usize = 3;

/// The answer to a submission.
pub(super) struct Answer {
    /// The response after all redirects.
    pub(super) response: Response,
    pub(super) page: HtmlPage,
    /// The status of the response to the submission itself.
    pub(super) status: u16,
    /// The user name that was sent, if the form has a field for it.
    pub(super) user: Option<String>,
}

/// Sends the request of a form, and follows refreshes.
pub(super) async fn send(
    agent: &mut UserAgent,
    request: Request,
    user: Option<String>,
) -> Result<Answer, LoginError> {
    let before = agent.flow().exchanges.len();
    let (method, sent_to) = (request.method.clone(), request.url.clone());
    let mut response = match agent.send(request).await {
        Ok(response) => response,
        Err(error) => answer_before_failure(agent, error, before, sent_to)?,
    };
    // The status of the last response to the submission itself: some redirects repeat a POST.
    let last = agent.exchanges_since(before).iter().enumerate().rfind(|(index, exchange)| {
        *index == 0 || (method == Method::POST && exchange.request.method == method)
    });
    let answered = last.and_then(|(_, exchange)| exchange.response.as_ref());
    let status = answered.map_or(response.status, |response| response.status).as_u16();
    let mut page = agent.parse(&response).await?;
    for _ in 0..MAX_REFRESHES {
        let request = match (page.self_submitting_form, page.refresh.clone()) {
            _ if status >= 400 => break,
            (Some(form), _) => page.forms[form].submission(&Filling::of(Vec::new(), None))?,
            (None, Some(target)) if target != page.url => Request::link(target, &page.url),
            _ => break,
        };
        (response, page) = agent.load(request).await?;
    }
    Ok(Answer { response, page, status, user })
}

/// The response to a submission that redirected to a server that does not answer. Other pages then decide the login.
fn answer_before_failure(
    agent: &UserAgent,
    error: ClientError,
    before: usize,
    sent_to: Url,
) -> Result<Response, ClientError> {
    let steps = agent.exchanges_since(before);
    let first = steps.first().and_then(|exchange| exchange.response.as_ref()).filter(|_| steps.len() > 1);
    let is_redirected = steps.last().is_some_and(|last| last.response.is_none());
    match (first, error) {
        (_, error @ ClientError::TimedOut { .. }) => Err(error),
        (Some(response), _) if is_redirected => Ok(Response {
            url: sent_to,
            method: Method::POST,
            version: response.version,
            status: response.status,
            headers: response.headers.clone(),
            body: Vec::new(),
        }),
        (_, error) => Err(error),
    }
}
