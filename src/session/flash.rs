//! [`Flash`]: a message that is shown once, usually on the page after a redirect.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::SessionError;
use super::session::Session;

/// The key of the messages in the session's data.
const KEY: &str = "_flash";

/// A message for the user that is read once. See [`Session::flash`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Flash {
    /// How important it is.
    pub level: FlashLevel,
    /// The text. Escape it in HTML.
    pub text: String,
}

/// How important a [`Flash`] is. Its `Display` is a word in lower case, for example for a CSS class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum FlashLevel {
    /// For information.
    Info,
    /// An action succeeded.
    Success,
    /// Something needs attention.
    Warning,
    /// An action failed.
    Error,
}

impl fmt::Display for FlashLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FlashLevel::Info => "info",
            FlashLevel::Success => "success",
            FlashLevel::Warning => "warning",
            FlashLevel::Error => "error",
        })
    }
}

impl Session {
    /// Adds a message for the next page. A client without a session gets one, also after
    /// [`end`](Session::end).
    ///
    /// ```
    /// use sessctl::session::{FlashLevel, Session, SessionError};
    ///
    /// async fn log_out(session: &Session) -> Result<(), SessionError> {
    ///     session.end().await?;
    ///     session.flash(FlashLevel::Info, "You have been logged out.").await
    /// }
    ///
    /// async fn messages(session: &Session) -> Result<Vec<String>, SessionError> {
    ///     let messages = session.take_flashes().await?;
    ///     Ok(messages.into_iter().map(|message| format!("{}: {}", message.level, message.text)).collect())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError`] if the message was not stored.
    pub async fn flash(&self, level: FlashLevel, text: impl Into<String>) -> Result<(), SessionError> {
        let message = Flash { level, text: text.into() };
        self.update(KEY, |messages: Option<Vec<Flash>>| {
            Some(messages.into_iter().flatten().chain([message.clone()]).collect())
        })
        .await
    }

    /// Removes the messages and returns them, oldest first. Each message is returned once, even to concurrent requests.
    ///
    /// # Errors
    /// The same as for [`take`](Session::take).
    pub async fn take_flashes(&self) -> Result<Vec<Flash>, SessionError> {
        Ok(self.take(KEY).await?.unwrap_or_default())
    }
}
