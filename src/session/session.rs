//! [`Session`]: the session of one request, as a handler uses it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;

use super::activity::Activity;
use super::change::{Change, ChangeError};
use super::cookie::Presented;
use super::data::Data;
use super::error::SessionError;
use super::event::EndReason;
use super::id::Handle;
use super::login::Login;
use super::record::Record;
use super::request_state::{CookieChange, CurrentSession, RequestState};
use super::resolved::{Previous, may_carry_over};
use super::sessions::Sessions;
use super::store::Changed;

/// The session of one request. A clone is cheap and refers to the same session.
///
/// The session is read from the store at the first use. When a method that changes it returns, the store has applied
/// the change to the current data, so concurrent requests lose no update. A client without a session gets one with the
/// first change, or by [`login`](Session::login).
///
/// ```
/// use sessctl::session::{Session, SessionError};
///
/// async fn greeting(session: &Session) -> Result<String, SessionError> {
///     let visits = session.increment("visits", 1).await?;
///     let user = session.user().await?;
///     Ok(format!("Hello, {}! This is visit {visits}.", user.as_deref().unwrap_or("guest")))
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Session(Arc<SharedRequest>);

#[derive(Debug)]
pub(super) struct SharedRequest {
    pub(super) sessions: Sessions,
    pub(super) presented: Presented,
    /// Whether the client keeps cookies. Otherwise its token is in an `Authorization` header.
    has_cookie: bool,
    /// Written by the clone that holds `turn`, and read by all. It is locked only for assignments, never across an
    /// await point.
    state: Mutex<RequestState>,
    /// Held across calls of the store, so that two clones of a session do not both create one.
    turn: tokio::sync::Mutex<()>,
}

impl Session {
    pub(super) fn new(sessions: Sessions, presented: Presented) -> Self {
        Session::of(sessions, presented, true)
    }

    pub(super) fn without_cookie(sessions: Sessions, presented: Presented) -> Self {
        Session::of(sessions, presented, false)
    }

    fn of(sessions: Sessions, presented: Presented, has_cookie: bool) -> Self {
        Session(Arc::new(SharedRequest {
            sessions,
            presented,
            has_cookie,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }))
    }

    /// The session's record. `None` if the client has no session.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn expiry(session: &Session) -> Result<String, SessionError> {
    ///     let record = session.record().await?;
    ///     Ok(record.map_or("no session".to_owned(), |record| format!("until {}", record.expires())))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store failed.
    pub async fn record(&self) -> Result<Option<Arc<Record>>, SessionError> {
        if let Some(known) = self.known_session() {
            return Ok(known.map(|(_, record)| record));
        }
        let turn = self.0.turn.lock().await;
        Ok(self.current(&turn).await?.map(|(_, record)| record))
    }

    /// Like [`record`](Session::record), but does not extend the session: for a page that asks regularly whether the user is
    /// still logged in.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn is_still_logged_in(session: &Session) -> Result<bool, SessionError> {
    ///     Ok(session.peek().await?.is_some_and(|record| record.user.is_some()))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store failed.
    pub async fn peek(&self) -> Result<Option<Arc<Record>>, SessionError> {
        let turn = self.0.turn.lock().await;
        Ok(self.peeked(&turn).await?.map(|(_, record)| record))
    }

    /// The logged-in user.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn greeting(session: &Session) -> Result<String, SessionError> {
    ///     let user = session.user().await?;
    ///     Ok(format!("Hello, {}!", user.as_deref().unwrap_or("guest")))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store failed.
    pub async fn user(&self) -> Result<Option<Arc<str>>, SessionError> {
        Ok(self.record().await?.and_then(|record| record.user.clone()))
    }

    /// Applies several operations in one step and returns the new data.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// use sessctl::session::Change;
    ///
    /// async fn buy(session: &Session, item: &str) -> Result<(), SessionError> {
    ///     let change = Change::new().set("last_item", item).increment("items", 1).remove("coupon");
    ///     session.change(change).await.map(drop)
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Change`] if one of them cannot be applied. Then none was.
    pub async fn change(&self, change: Change) -> Result<Data, SessionError> {
        self.try_change(change).await?.map_err(|(error, _)| error.into())
    }

    /// Creates a session of a user with a new token, and ends the client's previous session, so that its old token
    /// opens nothing (this prevents session fixation). The data of an anonymous session, or of a session of the same
    /// user, is carried over.
    ///
    /// ```
    /// use sessctl::session::{Login, Session, SessionError};
    ///
    /// async fn log_in(session: &Session, credential_version: u64) -> Result<(), SessionError> {
    ///     session.login("alice").await?; // with the configured timeouts
    ///     session.login(Login::new("alice").credential_version(credential_version).persistent(true)).await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Login`] if the user name is empty. [`SessionError::Store`] if the previous session may still be live.
    /// Then no new one was created.
    pub async fn login(&self, login: impl Into<Login>) -> Result<(), SessionError> {
        let login = login.into();
        login.validate()?;
        let turn = self.0.turn.lock().await;
        let own = self.current(&turn).await?;
        let user = Arc::clone(&login.user);
        let carried = own.as_ref().filter(|(_, record)| may_carry_over(record, Some(&user)));
        let data = carried.map(|(_, record)| record.data.without_csrf_token()).unwrap_or_default();
        let previous = match (own, &self.state().current) {
            (Some((key, _)), _) => Previous::Own(key),
            (None, CurrentSession::Replaced(key)) => Previous::Replaced(*key),
            (None, CurrentSession::Unreadable(key)) => Previous::Unreadable(*key),
            (None, CurrentSession::Ambiguous(keys)) => Previous::Several(keys.clone()),
            (None, _) => Previous::None,
        };
        let (now, config) = (self.0.sessions.now(), self.0.sessions.config());
        self.start(&turn, previous, |handle| login.record(handle, data, now, config)).await?;
        if config.max_per_user.is_some() {
            let sessions = self.0.sessions.clone();
            // The session exists, so a failure here is no failure of the login: the next login ends the surplus.
            let _ = self.0.sessions.complete(async move { sessions.end_surplus(&user).await }).await;
        }
        Ok(())
    }

    /// Gives the session a new token and a new handle, to limit how long a stolen token can be used. It does nothing without
    /// a session.
    ///
    /// Do not use this to log a user in: for a moment the previous token, which an attacker may have planted, opens the
    /// session too. [`login`](Session::login) never lets it.
    ///
    /// Requests that were sent with the previous token still open the session for
    /// [`rotation_grace`](super::SessionConfig#structfield.rotation_grace). If several requests with one token call this at
    /// the same time, one of them rotates it.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn password_confirmed(session: &Session) -> Result<(), SessionError> {
    ///     session.cycle_id().await // after the grace, a token that was stolen before opens nothing
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store failed. Then the old token may still be valid.
    pub async fn cycle_id(&self) -> Result<(), SessionError> {
        let turn = self.0.turn.lock().await;
        match self.current(&turn).await? {
            Some((key, _)) => self.rotate(&turn, key).await,
            None => Ok(()),
        }
    }

    /// Like [`cycle_id`](Session::cycle_id), if the token was issued longer than `age` ago. Call this in every request to
    /// limit how long a stolen token can be used.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// use std::time::Duration;
    ///
    /// async fn before_each_request(session: &Session) -> Result<(), SessionError> {
    ///     session.cycle_id_if_older_than(Duration::from_secs(24 * 60 * 60)).await
    /// }
    /// ```
    ///
    /// # Errors
    /// The same as for [`cycle_id`](Session::cycle_id).
    pub async fn cycle_id_if_older_than(&self, age: Duration) -> Result<(), SessionError> {
        let turn = self.0.turn.lock().await;
        match self.current(&turn).await? {
            Some((key, record)) if self.0.sessions.now().since(record.token_issued()) > age => {
                self.rotate(&turn, key).await
            }
            _ => Ok(()),
        }
    }

    /// Reads the session again from the store and returns its record: `None` if it has ended. Use this where one request
    /// takes long, for example with each message of a WebSocket. Call it at least once a minute if tokens are rotated.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn may_send(session: &Session) -> Result<bool, SessionError> {
    ///     Ok(session.reload().await?.is_some_and(|record| record.user.is_some()))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store failed.
    pub async fn reload(&self) -> Result<Option<Arc<Record>>, SessionError> {
        let turn = self.0.turn.lock().await;
        let Some((key, _)) = self.current(&turn).await? else { return Ok(None) };
        Ok(self.read_again(&turn, key).await?.map(|(_, record)| record))
    }

    /// Deletes the session from the store, and the cookie from the browser. A change after that, in the same request, begins a
    /// new anonymous session, for example for a [flash message](Session::flash).
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn log_out(session: &Session) -> Result<(), SessionError> {
    ///     session.end().await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Store`] if the session may still be live. The browser then keeps its cookie.
    pub async fn end(&self) -> Result<(), SessionError> {
        let turn = self.0.turn.lock().await;
        self.current(&turn).await?;
        let presented = match &self.state().current {
            CurrentSession::Live(key, _)
            | CurrentSession::Replaced(key)
            | CurrentSession::Unreadable(key) => vec![*key],
            CurrentSession::Ambiguous(keys) => keys.clone(),
            CurrentSession::Unread
            | CurrentSession::None
            | CurrentSession::Ended
            | CurrentSession::LoggedOut => Vec::new(),
        };
        for key in presented {
            let sessions = self.0.sessions.clone();
            let ending = async move { sessions.delete(key, EndReason::Logout).await };
            let has_ended = self.0.sessions.complete(ending).await?;
            self.state().activity.ended |= has_ended;
        }
        let mut state = self.state();
        state.current = CurrentSession::LoggedOut;
        // Any value under our cookie name is deleted, so that nothing looks like a session.
        state.cookie = (self.0.presented != Presented::Nothing).then_some(CookieChange::Expire);
        Ok(())
    }

    /// The `Set-Cookie` line that the response must carry, if the session was created, rotated or ended, or its persistent
    /// cookie is extended. [`Sessions::open`](super::Sessions::open) has an example.
    #[must_use]
    pub fn set_cookie(&self) -> Option<HeaderValue> {
        let template = self.0.sessions.cookie();
        match self.state().cookie.as_ref().filter(|_| self.0.has_cookie)? {
            CookieChange::Issue(token, max_age) => template.issue(token, *max_age),
            CookieChange::Extend(token, max_age) => template.issue(token, Some(*max_age)),
            CookieChange::Expire => template.expire(),
        }
    }

    /// What this request has done with the session so far.
    ///
    /// ```
    /// # use sessctl::session::Session;
    /// fn log_line(session: &Session) -> String {
    ///     format!("session={:?} changed={}", session.known_handle(), session.activity().changed)
    /// }
    /// ```
    #[must_use]
    pub fn activity(&self) -> Activity {
        self.state().activity
    }

    /// The handle of the session that the client has, or had until this request ended it. `None` if the store was not
    /// asked yet.
    #[must_use]
    pub fn known_handle(&self) -> Option<Handle> {
        self.state().handle
    }

    /// Applies a change to the session, which is created if the client has none.
    pub(super) async fn try_change(
        &self,
        change: Change,
    ) -> Result<Result<Data, (ChangeError, Data)>, SessionError> {
        let turn = self.0.turn.lock().await;
        let Some((key, record)) = self.current(&turn).await? else {
            return self.create_with(&turn, change).await;
        };
        // The store may know longer timeouts than the configuration. Another request may have extended the session.
        if record.is_expired(self.0.sessions.now()) && self.read_again(&turn, key).await?.is_none() {
            return Err(SessionError::Ended);
        }
        let sessions = self.0.sessions.clone();
        let changing = async move { sessions.change(key, &change).await };
        let (at, changed) = self.0.sessions.complete(changing).await?;
        let mut state = self.state();
        let (data, outcome) = match changed {
            Changed::Applied(data) => {
                state.activity.changed = true;
                (data.clone(), Ok(data))
            }
            Changed::Rejected(error, data) => (data.clone(), Err((error, data))),
            Changed::NotFound => {
                state.mark_ended();
                return Err(SessionError::Ended);
            }
        };
        state.moved_to(at);
        if let CurrentSession::Live(key, record) = &mut state.current {
            *key = at;
            Arc::make_mut(record).data = data;
        }
        Ok(outcome)
    }

    async fn create_with(
        &self,
        turn: &Turn<'_>,
        change: Change,
    ) -> Result<Result<Data, (ChangeError, Data)>, SessionError> {
        if !matches!(
            self.state().current,
            CurrentSession::Unread
                | CurrentSession::None
                | CurrentSession::Unreadable(_)
                | CurrentSession::LoggedOut
        ) {
            return Err(SessionError::Ended);
        }
        let data = match change.apply_to(&Data::default()) {
            Ok(data) => data,
            Err(error) => return Ok(Err((error, Data::default()))),
        };
        let (now, (idle_timeout, lifetime)) =
            (self.0.sessions.now(), self.0.sessions.config().timeouts(true));
        let record = |handle| Record {
            data: data.clone(),
            ..Record::new(handle, now, idle_timeout, now.plus(lifetime))
        };
        self.start(turn, Previous::None, record).await?;
        Ok(Ok(data))
    }

    pub(super) fn shared(&self) -> &SharedRequest {
        &self.0
    }

    pub(super) fn state(&self) -> MutexGuard<'_, RequestState> {
        // Held only for assignments, so a panic cannot leave it inconsistent.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Proof that the caller holds the lock for calls of the store.
pub(super) type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;
