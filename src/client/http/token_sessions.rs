//! The token sessions of a user agent: where they are loaded from and saved, and which of them a request carries.

use std::time::{Duration, Instant};

use super::agent::UserAgent;
use super::request::{CookieSource, Request};
use super::token_keeper::TokenKeeper;
use crate::client::profile::token_file::{TokenFile, TokenFileError, random_key};
use crate::cookies::{Jar, TokenSession};

/// How long to wait for the lock of the file after the time limit.
const LOCK_TIMEOUT: Duration = Duration::from_millis(100);

impl UserAgent {
    /// Loads the token sessions of a profile, renews them there when they expire, and saves new ones there.
    ///
    /// # Errors
    /// [`TokenFileError`], if the file exists and cannot be read.
    pub fn keep_tokens_in(&mut self, file: TokenFile) -> Result<(), TokenFileError> {
        let document = file.document()?;
        self.tokens = TokenKeeper { file: Some(file), key: document.key() };
        document.sessions.iter().for_each(|session| self.learn_token(session));
        self.jar().restore_tokens(document.sessions);
        Ok(())
    }

    /// Saves the token sessions that changed. Without a file for them, they stay in the jar only.
    ///
    /// # Errors
    /// [`TokenFileError`]; the file is then unchanged.
    pub fn save_tokens(&self) -> Result<(), TokenFileError> {
        let Some(file) = &self.tokens.file else { return Ok(()) };
        let deadline = self.deadline().max(Instant::now() + LOCK_TIMEOUT);
        file.save_with_key(self.jar(), deadline, self.tokens.key)
    }

    /// Sends this token from now on.
    pub(crate) fn use_token(&mut self, session: TokenSession) {
        self.learn_token(&session);
        self.jar().put_token(session);
    }

    /// Renews no token until [`go_on_renewing`](Self::go_on_renewing): a replay must not.
    pub(crate) fn stop_renewing(&mut self) -> Option<TokenFile> {
        self.tokens.file.take()
    }

    pub(crate) fn go_on_renewing(&mut self, file: Option<TokenFile>) {
        self.tokens.file = file;
    }

    /// Shows a hash instead of a token from now on.
    pub(super) fn learn_token(&mut self, session: &TokenSession) {
        let key = *self.tokens.key.get_or_insert_with(random_key);
        let refresh = session.refresh.as_ref().map(|refresh| &refresh.token);
        for token in [&session.access_token].into_iter().chain(refresh) {
            self.redactor.learn_token(token, key);
        }
    }

    /// The jar whose cookies and tokens a request carries.
    pub(super) fn jar_of(&self, request: &Request) -> Jar {
        match &request.cookies {
            CookieSource::Jar => self.jar().clone(),
            CookieSource::Probe(jar) => jar.clone(),
            CookieSource::None => self.jar().empty(),
        }
    }
}
