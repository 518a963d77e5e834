//! Decides whether a password may be sent to an address, and records the addresses on other sites.

use url::Url;

use super::agent::UserAgent;
use super::error::ClientError;
use super::navigation::Trail;
use super::password_risk::PasswordRisk;
use super::request::Request;

impl UserAgent {
    /// The addresses on other sites than the one named that received a password.
    ///
    /// ```
    /// # use sessctl::client::UserAgent;
    /// fn warn(agent: &UserAgent) {
    ///     for target in agent.password_targets() {
    ///         eprintln!("the password was sent to {target}");
    ///     }
    /// }
    /// ```
    #[must_use]
    pub fn password_targets(&self) -> &[Url] {
        &self.password_targets
    }

    /// Sends passwords also where a hostile page or network could read them (see [`PasswordRisk`]).
    ///
    /// ```
    /// # use sessctl::client::{Credentials, UserAgent};
    /// # async fn example(mut agent: UserAgent, device: &url::Url) -> Result<(), Box<dyn std::error::Error>> {
    /// agent.allow_insecure_password(true); // a router in the local network has no TLS
    /// agent.login(device, Credentials::new("admin", "secret")).await?;
    /// # Ok(()) }
    /// ```
    pub fn allow_insecure_password(&mut self, is_allowed: bool) {
        self.allows_insecure_password = is_allowed;
    }

    pub(crate) fn allows_insecure_password(&self) -> bool {
        self.allows_insecure_password
    }

    /// Refuses to send a password where a hostile page or network could read it.
    ///
    /// # Errors
    /// [`ClientError::UnsafePassword`]
    pub(crate) fn check_password_target(&self, page: &Url, target: &Url) -> Result<(), ClientError> {
        let request = Request::link(target.clone(), page);
        self.check_password_trail(self.navigation.trail_of(&request), target)
    }

    /// Checks the target of a request with a password or a one-time code, and records that of a password.
    pub(super) fn check_secrets_of(&mut self, request: &Request, trail: Trail) -> Result<(), ClientError> {
        if request.has_password || request.has_code {
            self.check_password_trail(trail, &request.url)?;
        }
        if request.has_password {
            self.record_password_target(&request.url);
        }
        Ok(())
    }

    fn check_password_trail(&self, trail: Trail, target: &Url) -> Result<(), ClientError> {
        let named = self.navigation.start().and_then(Url::host_str).unwrap_or_default();
        let risk = if trail.had_https && target.scheme() == "http" {
            PasswordRisk::ClearText
        } else if trail.is_forgeable && !self.navigation.is_named(target) {
            PasswordRisk::OtherSite(named.to_owned())
        } else {
            return Ok(());
        };
        if self.allows_insecure_password {
            return Ok(());
        }
        Err(ClientError::UnsafePassword { target: Box::new(self.without_fields(target)), risk })
    }

    /// Records where a password is sent, if that is another site than the one named.
    fn record_password_target(&mut self, target: &Url) {
        let shown = self.without_fields(target);
        if !self.navigation.is_named(target) && !self.password_targets.contains(&shown) {
            self.password_targets.push(shown);
        }
    }

    /// A GET form writes its fields into the query.
    fn without_fields(&self, target: &Url) -> Url {
        let mut shown = self.redactor.url(target);
        shown.set_query(None);
        shown.set_fragment(None);
        shown
    }
}
