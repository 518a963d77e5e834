//! Follows the pages of a single sign-on that post themselves: the page of one site carries a message for another.

use super::agent::UserAgent;
use super::error::ClientError;
use super::request::{CookieSource, Request};
use super::response::Response;
use crate::client::html::form::Filling;
use crate::client::html::page::HtmlPage;

/// How many such pages in a row are followed.
const MAX_MESSAGES: usize = 5;

/// The names of the fields of such a message. A body without them need not be parsed.
const FIELDS: [&[u8]; 5] = [b"SAMLResponse", b"SAMLRequest", b"wresult", b"id_token", b"state"];

impl UserAgent {
    /// Sends a request, follows the pages of a single sign-on, and parses the page on which it ends.
    pub(crate) async fn load(&mut self, request: Request) -> Result<(Response, HtmlPage), ClientError> {
        let cookies = request.cookies.clone();
        let response = self.send(request).await?;
        let page = self.parse(&response).await?;
        self.sign_on(response, page, cookies).await
    }

    /// Sends a request like [`send`](Self::send), and follows the pages of a single sign-on that post themselves, unless
    /// no redirect is to be followed.
    ///
    /// ```
    /// # use sessctl::client::{ClientError, Request, Response, UserAgent};
    /// async fn open(agent: &mut UserAgent, page: url::Url) -> Result<Response, ClientError> {
    ///     agent.send_and_sign_on(Request::page(page)).await // the page, not the form that a script would submit
    /// }
    /// ```
    ///
    /// # Errors
    /// Those of [`send`](Self::send).
    pub async fn send_and_sign_on(&mut self, request: Request) -> Result<Response, ClientError> {
        let cookies = request.cookies.clone();
        let response = self.send(request).await?;
        let is_html = response.content_type().is_some_and(|kind| kind.contains("html"));
        let has = |field: &&[u8]| response.body.windows(field.len()).any(|part| part == *field);
        if self.config.max_redirects == 0 || !is_html || !FIELDS.iter().any(has) {
            return Ok(response);
        }
        match self.parse(&response).await {
            Ok(page) => Ok(self.sign_on(response, page, cookies).await?.0),
            Err(ClientError::PageTooLarge { .. }) => Ok(response),
            Err(error) => Err(error),
        }
    }

    async fn sign_on(
        &mut self,
        mut response: Response,
        mut page: HtmlPage,
        cookies: CookieSource,
    ) -> Result<(Response, HtmlPage), ClientError> {
        for _ in 0..MAX_MESSAGES {
            let Some(form) = page.sign_on_form() else { break };
            let mut request = form.submission(&Filling::default())?;
            request.cookies = cookies.clone();
            response = self.send(request).await?;
            page = self.parse(&response).await?;
        }
        Ok((response, page))
    }
}
