//! HTTP Basic authentication: the credentials stay for their origin, and no other origin ever gets them.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use url::{Origin, Url};

use super::agent::UserAgent;
use super::basic_auth::{BasicAuth, BasicSource, basic_value, offers_basic, take_user_info};
use super::error::ClientError;
use super::password_risk::PasswordRisk;
use super::request::Request;
use crate::cookies::is_secure;

impl UserAgent {
    /// Sends these credentials to the origin of `url` with HTTP Basic authentication, and never to another origin.
    ///
    /// ```
    /// # use sessctl::client::{Request, UserAgent};
    /// # use axum::{Router, http::HeaderMap, routing::get};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let app = Router::new().route("/", get(|headers: HeaderMap| async move { headers["authorization"].to_str().unwrap_or_default().to_owned() }));
    /// let mut agent = UserAgent::for_service(app); // it answers with the header that it gets
    /// let page: url::Url = "https://app.test/".parse()?;
    /// agent.use_basic(&page, "alice", "secret")?;
    /// assert_eq!(agent.send(Request::page(page)).await?.text(), "Basic YWxpY2U6c2VjcmV0");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ClientError::BadRequest`] if the user name contains a colon or either contains a control character.
    pub fn use_basic(&mut self, url: &Url, user: &str, password: &str) -> Result<(), ClientError> {
        if user.contains(':') || user.chars().chain(password.chars()).any(char::is_control) {
            let why = "cannot use HTTP Basic authentication: the user name contains a colon, or the user name or the \
                       password a control character";
            return Err(ClientError::BadRequest(why.to_owned()));
        }
        let value = basic_value(&[user.as_bytes(), b":", password.as_bytes()].concat())?;
        self.keep_basic(url, value);
        Ok(())
    }

    /// Finds credentials for the origin of `url` when it asks for them with HTTP Basic authentication, over https or on this
    /// machine. `find` returns a user name and a password, and runs at most once.
    ///
    /// ```
    /// # use sessctl::client::UserAgent;
    /// fn use_environment(agent: &mut UserAgent, url: &url::Url) {
    ///     agent.find_basic(url, || Some(("deploy".to_owned(), std::env::var("DEPLOY_PASSWORD").ok()?)));
    /// }
    /// ```
    pub fn find_basic(
        &mut self,
        url: &Url,
        find: impl FnOnce() -> Option<(String, String)> + Send + Sync + 'static,
    ) {
        self.basic_source = Some(BasicSource { origin: url.origin(), find: Box::new(find) });
    }

    fn keep_basic(&mut self, url: &Url, value: HeaderValue) {
        self.redactor.learn_authorization(&String::from_utf8_lossy(value.as_bytes()));
        let origin = url.origin();
        self.basic.retain(|basic| basic.origin != origin);
        self.basic.push(BasicAuth { origin, value });
    }

    /// The URL without its user information, which is sent to its origin from now on, unless other credentials are.
    pub(crate) fn take_credentials(&mut self, url: &Url) -> Result<Url, ClientError> {
        let mut plain = url.clone();
        if let Some(value) = take_user_info(&mut plain)?
            && !self.has_basic(url)
        {
            self.keep_basic(url, value);
        }
        Ok(plain)
    }

    /// Moves user information from the URL to the header of this request, or of all requests to its origin if the user
    /// named the URL.
    pub(super) fn move_credentials(&mut self, request: &mut Request) -> Result<(), ClientError> {
        if request.from_page.is_none() {
            request.url = self.take_credentials(&request.url)?;
        } else if let Some(value) = take_user_info(&mut request.url)? {
            request.headers.entry(AUTHORIZATION).or_insert(value);
        }
        Ok(())
    }

    /// Whether credentials are sent to the origin of this URL.
    pub(crate) fn has_basic(&self, url: &Url) -> bool {
        self.basic_value_for(&url.origin()).is_some()
    }

    pub(super) fn basic_value_for(&self, origin: &Origin) -> Option<&HeaderValue> {
        self.basic.iter().find(|basic| basic.origin == *origin).map(|basic| &basic.value)
    }

    /// Whether a request should be sent again with the credentials that its origin has asked for.
    pub(super) fn answers(
        &mut self,
        request: &Request,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<bool, ClientError> {
        let allowed = is_secure(&request.url) || self.allows_insecure_password;
        if status != StatusCode::UNAUTHORIZED || !allowed || !offers_basic(headers) {
            return Ok(false);
        }
        let sent = self.with_origin_headers(request, &self.jar_of(request));
        let has_own = sent.headers.contains_key(AUTHORIZATION);
        let origin = request.url.origin();
        let source = self.basic_source.take_if(|source| source.origin == origin && !has_own);
        let Some((user, password)) = source.and_then(|source| (source.find)()) else { return Ok(false) };
        self.use_basic(&request.url, &user, &password)?;
        Ok(true)
    }

    /// Whether the password of a login may answer the challenge of this page: the user named its site, and there are no
    /// other credentials for it.
    ///
    /// # Errors
    /// [`ClientError::UnsafePassword`] if anyone on the network could read it, or have forged the challenge.
    pub(crate) fn may_answer_challenge(&self, url: &Url) -> Result<bool, ClientError> {
        if !self.navigation.is_named(url) || self.has_basic(url) {
            return Ok(false);
        }
        if !is_secure(url) && !self.allows_insecure_password {
            let target = Box::new(self.redactor.url(url));
            return Err(ClientError::UnsafePassword { target, risk: PasswordRisk::Challenge });
        }
        Ok(true)
    }

    /// Runs `work` without any of these credentials.
    pub(crate) async fn without_basic<T>(&mut self, work: impl AsyncFnOnce(&mut UserAgent) -> T) -> T {
        let kept = std::mem::take(&mut self.basic);
        let result = work(self).await;
        self.basic = kept;
        result
    }

    /// Sends no credentials to the origin of `url` any more.
    pub(crate) fn forget_basic(&mut self, url: &Url) {
        let origin = url.origin();
        self.basic.retain(|basic| basic.origin != origin);
    }
}
