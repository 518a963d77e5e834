//! [`FoundLogin`]: a login that was found and can be submitted again and again. Nothing decides whether it succeeded.

use http::Method;
use url::Url;

use super::credentials::{Credentials, LoginMethod};
use super::error::LoginError;
use super::search::{Found, Search};
use super::{MAX_REQUESTS, attempt, json};
use crate::client::auth::classify::login_button;
use crate::client::html::form::{Control, ControlKind, FormMethod};
use crate::client::html::page::HtmlPage;
use crate::client::http::agent::UserAgent;
use crate::client::http::response::Response;

/// A login form, or an endpoint that takes a login.
#[derive(Clone)]
pub(crate) struct FoundLogin {
    /// The page that was asked for.
    asked: Url,
    /// `None`: the credentials are sent to `asked` without a form.
    form: Option<Found>,
}

/// The page on which a login ended.
pub(crate) struct LoginAnswer {
    /// The response after all redirects.
    pub(crate) response: Response,
    pub(crate) page: HtmlPage,
    /// The status of the response to the submission itself.
    pub(crate) status: u16,
}

impl FoundLogin {
    /// Finds the login form, starting at `start`.
    pub(crate) async fn from(
        agent: &mut UserAgent,
        start: &Url,
        credentials: &mut Credentials<'_>,
    ) -> Result<FoundLogin, LoginError> {
        let asked = start.clone();
        if credentials.method != LoginMethod::Form {
            return Ok(FoundLogin { asked, form: None });
        }
        let find = async |agent: &mut UserAgent| {
            Search::new(agent, credentials, &mut Vec::new()).find_login_form(start).await
        };
        let limited = async |agent: &mut UserAgent| agent.with_at_most(MAX_REQUESTS, find).await;
        let form = agent.navigate(vec![start.clone()], limited).await?;
        Ok(FoundLogin { asked, form: Some(form) })
    }

    /// The page of the form, or the endpoint.
    pub(crate) fn page(&self) -> &Url {
        self.form.as_ref().map_or(&self.asked, |(page, _)| &page.url)
    }

    /// The method with which the credentials are sent.
    pub(crate) fn method(&self) -> Method {
        match &self.form {
            Some((page, form)) if page.forms[form.form].method == FormMethod::Get => Method::GET,
            _ => Method::POST,
        }
    }

    /// Where the credentials are sent to.
    pub(crate) fn target(&self) -> &Url {
        self.form.as_ref().map_or(&self.asked, |(page, form)| {
            let form = &page.forms[form.form];
            form.target(login_button(form, &[]))
        })
    }

    /// Whether it asks for a user name.
    pub(crate) fn has_user(&self) -> bool {
        self.form.as_ref().is_none_or(|(_, form)| form.user.is_some())
    }

    /// Replaces the values of hidden fields by those of the same names on another page: a token is new in each session.
    pub(crate) fn refresh_hidden_fields(&mut self, page: &HtmlPage) {
        let Some((own, form)) = &mut self.form else { return };
        let is_hidden = |control: &Control| control.kind == ControlKind::Hidden;
        let current: Vec<&Control> =
            page.forms.iter().flat_map(|form| &form.controls).filter(|control| is_hidden(control)).collect();
        for field in own.forms[form.form].controls.iter_mut().filter(|field| is_hidden(field)) {
            if let Some(control) = current.iter().find(|control| control.name == field.name) {
                field.value.clone_from(&control.value);
            }
        }
    }

    /// Whether it asks for a password.
    pub(crate) fn has_password(&self) -> bool {
        self.form.as_ref().is_none_or(|(_, form)| form.password.is_some())
    }

    /// Submits it, follows the answer, and answers the further step if the credentials have what it asks for.
    pub(crate) async fn submit(
        &self,
        agent: &mut UserAgent,
        mut credentials: Credentials<'_>,
    ) -> Result<LoginAnswer, LoginError> {
        let asked = &self.asked;
        let submit = async |agent: &mut UserAgent| match &self.form {
            Some(found) => {
                let found = found.clone();
                let trace = &mut Vec::new();
                let attempt = attempt::submit_found(agent, asked, found, &mut credentials, trace).await?;
                let answer = attempt.answer;
                Ok(LoginAnswer { response: answer.response, page: answer.page, status: answer.status })
            }
            None => {
                let response = json::submit(agent, asked, &mut credentials).await?;
                let page = HtmlPage::blank(response.url.clone());
                Ok(LoginAnswer { status: response.status.as_u16(), response, page })
            }
        };
        let limited = async |agent: &mut UserAgent| agent.with_at_most(MAX_REQUESTS, submit).await;
        agent.navigate(vec![asked.clone()], limited).await
    }
}
