//! [`Credentials`]: what a login sends, and what the caller knows about the form.

use std::fmt;

use thiserror::Error;
use url::Url;

use super::token_hints::TokenHints;
use crate::client::auth::form_hints::FormHints;
#[cfg(feature = "browser")]
use crate::client::browser::BrowserConfig;
use crate::clock::Timestamp;

/// What a login sends, and what the caller knows about the form.
///
/// ```
/// use sessctl::client::Credentials;
///
/// let mut credentials = Credentials::new("alice", "correct horse battery staple");
/// credentials.fields.push(("tenant".to_owned(), "north".to_owned()));
/// ```
#[non_exhaustive]
pub struct Credentials<'a> {
    /// The user name.
    pub user: Option<String>,
    /// Called at most once for each form with a password field.
    pub password: Box<dyn FnMut() -> Result<String, NoPassword> + Send + Sync + 'a>,
    /// Called at most once, if a page asks for a one-time code. Without it, the login stops there.
    pub code: Option<CodeSource<'a>>,
    /// Further fields and their values. They replace what the login would fill in. Those that a further step asks for
    /// answer it.
    pub fields: Vec<(String, String)>,
    /// If given, the login succeeds exactly if the last page contains this text.
    pub expect_text: Option<String>,
    /// Which form and fields to use.
    pub hints: FormHints,
    /// The page that shows whether the client is logged in. It must differ for anonymous clients.
    pub judge_by: Option<Url>,
    /// The page on which the last login ended. It may show an earlier session.
    pub last_page: Option<Url>,
    /// How the user name and the password are sent.
    pub method: LoginMethod,
    /// What is known about the token in the answer, if the session is a token.
    pub token: TokenHints,
    /// The browser of [`LoginMethod::Browser`].
    #[cfg(feature = "browser")]
    pub browser: BrowserConfig,
}

/// Returns a one-time code. Its argument is the time of the jar's clock, for [`Totp`](crate::client::auth::Totp).
pub type CodeSource<'a> = Box<dyn FnMut(Timestamp) -> Result<String, NoPassword> + Send + Sync + 'a>;

/// How the user name and the password are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum LoginMethod {
    /// With the form of a page.
    #[default]
    Form,
    /// As JSON, directly to the URL.
    Json,
    /// As the fields of a form, directly to the URL, as a script sends them.
    FormEncoded,
    /// By a browser of this machine, which runs the scripts of the pages.
    #[cfg(feature = "browser")]
    Browser,
}

/// Why there is no password or no code.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NoPassword {
    /// No source was given. The text names the possible sources.
    #[error("{0}")]
    NoSource(String),
    /// The source cannot be read.
    #[error("cannot read it from {0}")]
    Unreadable(String),
}

impl<'a> Credentials<'a> {
    /// A user name and a password.
    ///
    /// ```
    /// # use sessctl::client::{Credentials, auth::LoginMethod};
    /// let mut credentials = Credentials::new("alice", "secret");
    /// credentials.method = LoginMethod::Json; // for an endpoint instead of a page with a form
    /// credentials.expect_text = Some("welcome".to_owned());
    /// ```
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        let password = password.into();
        Self::from_source(Some(user.into()), move || Ok(password.clone()))
    }

    /// A user name, and a source that is asked for the password only if a form needs one.
    ///
    /// ```
    /// # use sessctl::client::{Credentials, auth::NoPassword};
    /// let credentials = Credentials::from_source(Some("alice".to_owned()), || {
    ///     std::fs::read_to_string("password.txt").map_err(|_| NoPassword::Unreadable("password.txt".to_owned()))
    /// });
    /// # drop(credentials);
    /// ```
    #[must_use]
    pub fn from_source(
        user: Option<String>,
        password: impl FnMut() -> Result<String, NoPassword> + Send + Sync + 'a,
    ) -> Self {
        Credentials {
            user,
            password: Box::new(password),
            code: None,
            fields: Vec::new(),
            expect_text: None,
            hints: FormHints::default(),
            judge_by: None,
            last_page: None,
            method: LoginMethod::default(),
            token: TokenHints::default(),
            #[cfg(feature = "browser")]
            browser: BrowserConfig::default(),
        }
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}
