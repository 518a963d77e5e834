//! [`AuditConfig`]: what an audit needs to know about the application, and how far it may go.

use std::fmt;
use std::time::Duration;

use url::Url;

use super::check::Check;
use super::write_request::{ShownValue, WriteRequest};
use crate::client::Credentials;
use crate::client::auth::{FormHints, LoginMethod, NoPassword};
use crate::clock::Timestamp;

/// What an audit needs to know about the application, and how far it may go.
///
/// ```
/// use sessctl::audit::{AuditAccount, AuditConfig};
///
/// let account = AuditAccount::new("alice", "correct horse battery staple");
/// let mut config = AuditConfig::new("http://127.0.0.1:8000/".parse()?, account);
/// config.max_requests = 100;
/// # Ok::<(), sessctl::url::ParseError>(())
/// ```
#[non_exhaustive]
pub struct AuditConfig {
    /// The page at which a login starts.
    pub start: Url,
    /// The account that is used.
    pub account: AuditAccount,
    /// The account for checks that need two users.
    pub second: Option<AuditAccount>,
    /// A request that adds 1 to a stored number.
    pub write: Option<WriteRequest>,
    /// Where the number is shown.
    pub value: Option<ShownValue>,
    /// The page that shows the number, if it is not the answer to the write.
    pub value_at: Option<Url>,
    /// The page that lists the user's sessions.
    pub sessions_page: Option<Url>,
    /// How long a session may be unused.
    pub idle_timeout: Option<Duration>,
    /// How long a session may exist.
    pub absolute_timeout: Option<Duration>,
    /// Advances the clock of the application. Without it, the audit waits.
    pub clock: Option<ClockControl>,
    /// The checks to run, in the order of the table. If there are none, all of them.
    pub checks: Vec<&'static Check>,
    /// Whether to log in and out once and send nothing else: only checks that this is enough for run.
    pub passive: bool,
    /// How many logins the check of the token uses.
    pub logins: usize,
    /// How many requests may be sent.
    pub max_requests: usize,
    /// How many wrong passwords may be sent. More of them may lock the account.
    pub max_wrong_passwords: usize,
}

/// Advances the clock of the application, or says why it could not.
pub type ClockControl = Box<dyn FnMut(Duration) -> Result<(), String>>;

impl AuditConfig {
    /// All checks, with the usual limits.
    #[must_use]
    pub fn new(start: Url, account: AuditAccount) -> Self {
        AuditConfig {
            start,
            account,
            second: None,
            write: None,
            value: None,
            value_at: None,
            sessions_page: None,
            idle_timeout: None,
            absolute_timeout: None,
            clock: None,
            checks: Vec::new(),
            passive: false,
            logins: 30,
            max_requests: 300,
            max_wrong_passwords: 2,
        }
    }
}

impl fmt::Debug for AuditConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let checks: Vec<&str> = self.checks.iter().map(|check| check.id).collect();
        f.debug_struct("AuditConfig")
            .field("start", &self.start.as_str())
            .field("account", &self.account)
            .field("second", &self.second)
            .field("checks", &checks)
            .field("max_requests", &self.max_requests)
            .finish_non_exhaustive()
    }
}

/// A one-time code for the second factor at this time.
pub type CodeAt = Box<dyn Fn(Timestamp) -> String + Send + Sync>;

/// An account of the application, and how to log in with it.
#[derive(Default)]
#[non_exhaustive]
pub struct AuditAccount {
    /// The user name. `None` if the login asks for none.
    pub user: Option<String>,
    /// `None` if the login asks for none.
    pub password: Option<String>,
    /// The one-time code for the second factor.
    pub code: Option<CodeAt>,
    /// Further fields and their values.
    pub fields: Vec<(String, String)>,
    /// Which form and fields to use.
    pub hints: FormHints,
    /// How the user name and the password are sent.
    pub method: LoginMethod,
    /// The text that only a client that is logged in gets.
    pub expect_text: Option<String>,
    /// The page that shows whether a client is logged in.
    pub judge_by: Option<Url>,
}

impl AuditAccount {
    /// An account with a name and a password.
    #[must_use]
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Self {
        AuditAccount { password: Some(password.into()), ..Self::without_password(user) }
    }

    /// A name that logs in alone.
    #[must_use]
    pub fn without_password(user: impl Into<String>) -> Self {
        AuditAccount { user: Some(user.into()), ..Self::default() }
    }

    /// The credentials of a login.
    pub(super) fn credentials(&self) -> Credentials<'_> {
        self.credentials_with(self.user.as_deref(), self.password.clone())
    }

    /// The credentials of a login with another name and another password.
    pub(super) fn credentials_with(&self, user: Option<&str>, password: Option<String>) -> Credentials<'_> {
        let missing = "give --password-stdin, --password-file FILE or SESSCTL_PASSWORD";
        let source = move || password.clone().ok_or_else(|| NoPassword::NoSource(missing.to_owned()));
        let mut credentials = Credentials::from_source(user.map(str::to_owned), source);
        if let Some(code) = &self.code {
            credentials.code = Some(Box::new(|now| Ok(code(now))));
        }
        credentials.fields.clone_from(&self.fields);
        credentials.hints = self.hints.clone();
        credentials.method = self.method;
        credentials.expect_text.clone_from(&self.expect_text);
        credentials.judge_by.clone_from(&self.judge_by);
        credentials
    }

    /// The same application, with another user.
    #[must_use]
    pub fn with_user(&self, user: impl Into<String>, password: Option<String>) -> Self {
        AuditAccount {
            fields: self.fields.clone(),
            hints: self.hints.clone(),
            method: self.method,
            judge_by: self.judge_by.clone(),
            password,
            ..Self::without_password(user)
        }
    }
}

impl fmt::Debug for AuditAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditAccount").field("user", &self.user).finish_non_exhaustive()
    }
}
