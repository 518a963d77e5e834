//! Giving the session of a request a new token.

use std::sync::Arc;

use super::error::SessionError;
use super::event::Event;
use super::id::{Handle, Token, TokenHash};
use super::record::Record;
use super::resolved::Previous;
use super::session::{Session, Turn};

impl Session {
    /// Stores a new record under a new token and ends the previous sessions. Only then is the token sent.
    pub(super) async fn start(
        &self,
        _turn: &Turn<'_>,
        previous: Previous,
        record: impl FnOnce(Handle) -> Record,
    ) -> Result<(), SessionError> {
        let (token, handle) = self.new_token()?;
        let (sessions, key, record) =
            (self.shared().sessions.clone(), self.shared().sessions.key_of(&token), record(handle));
        let has_previous = !matches!(previous, Previous::None);
        let starting = async move { sessions.start((key, record), previous).await };
        let record = Arc::new(self.shared().sessions.complete(starting).await?);
        self.shared().sessions.notify(|| Event::Created { handle, user: record.user.clone() });
        let mut state = self.state();
        state.activity.created |= !has_previous;
        state.issue(token, (key, record), has_previous, self.shared().sessions.now());
        Ok(())
    }

    /// Moves the session to a new token. Only then is the token sent.
    pub(super) async fn rotate(&self, _turn: &Turn<'_>, key: TokenHash) -> Result<(), SessionError> {
        // Another request has just rotated the token, and its response has the new one.
        if self.state().cookie.is_none() && self.shared().presented.token(key).is_none() {
            return Ok(());
        }
        let (token, handle) = self.new_token()?;
        let (sessions, to) = (self.shared().sessions.clone(), self.shared().sessions.key_of(&token));
        let rotating = async move { sessions.rotate(key, (to, handle)).await };
        let rotated = self.shared().sessions.complete(rotating).await;
        if let Err(SessionError::Ended) = rotated {
            self.state().mark_ended();
        }
        let (at, record) = rotated?;
        if at == to {
            self.shared().sessions.notify(|| Event::Rotated { handle, user: record.user.clone() });
            self.state().issue(token, (at, Arc::new(record)), true, self.shared().sessions.now());
        } else {
            self.state().set_live(at, &Arc::new(record));
        }
        Ok(())
    }

    fn new_token(&self) -> Result<(Token, Handle), SessionError> {
        Token::generate(self.shared().sessions.now()).map_err(|error| SessionError::Randomness(error.into()))
    }
}
