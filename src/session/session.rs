//! [`Session`]: the session of one request, as a handler uses it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::activity::Activity;
use super::change::{Change, ChangeError, Operation};
use super::cookie::Presented;
use super::error::{SessionError, from_json, to_json};
use super::event::EndReason;
use super::id::Handle;
use super::record::{Data, Record};
use super::request_state::{CookieChange, CurrentSession, RequestState};
use super::resolved::{Previous, Resolved, may_carry_over};
use super::sessions::Sessions;
use super::store::Changed;

/// The number of attempts of [`Session::update`]. Each failed attempt means that another request changed the value.
const MAX_UPDATE_ATTEMPTS: usize = 100;

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
    /// Written by the clone that holds `turn`, and read by all. It is locked only for assignments, never across an
    /// await point.
    state: Mutex<RequestState>,
    /// Held across calls of the store, so that two clones of a session do not both create one.
    turn: tokio::sync::Mutex<()>,
}

impl Session {
    pub(super) fn new(sessions: Sessions, presented: Presented) -> Self {
        Session(Arc::new(SharedRequest {
            sessions,
            presented,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }))
    }

    /// The session's record. `None` if the client has no session.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store failed.
    pub async fn record(&self) -> Result<Option<Arc<Record>>, SessionError> {
        if let Some(known) = self.known() {
            return Ok(known.map(|(_, record)| record));
        }
        let turn = self.0.turn.lock().await;
        Ok(self.current(&turn).await?.map(|(_, record)| record))
    }

    /// The logged-in user.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the store failed.
    pub async fn user(&self) -> Result<Option<Arc<str>>, SessionError> {
        Ok(self.record().await?.and_then(|record| record.user.clone()))
    }

    /// The value under `key`.
    ///
    /// # Errors
    /// [`SessionError::Type`] if the value is not a `T`; [`SessionError::Store`] if the store failed.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        self.record()
            .await?
            .and_then(|record| record.data.get(key).cloned())
            .map(|v| from_json(key, v))
            .transpose()
    }

    /// Sets `key` to `value`.
    ///
    /// # Errors
    /// [`SessionError`] if the value was not stored.
    pub async fn set<T: Serialize>(&self, key: &str, value: T) -> Result<(), SessionError> {
        let value = to_json(key, value)?;
        self.change(Change::new().set(key, value)).await.map(drop)
    }

    /// Removes `key`.
    ///
    /// # Errors
    /// [`SessionError`] if the value may still be stored.
    pub async fn remove(&self, key: &str) -> Result<(), SessionError> {
        match self.record().await? {
            Some(_) => self.change(Change::new().remove(key)).await.map(drop),
            None => Ok(()), // a session is not created only to remove a value
        }
    }

    /// Adds `n` to the integer under `key` (a missing key counts as 0) and returns the sum. Concurrent requests get
    /// different sums.
    ///
    /// # Errors
    /// [`SessionError::Change`] if the value is not an integer.
    pub async fn increment(&self, key: &str, n: i64) -> Result<i64, SessionError> {
        let data = self.change(Change::new().increment(key, n)).await?;
        let sum = data.get(key).and_then(Value::as_i64);
        sum.ok_or_else(|| ChangeError::NotANumber(key.to_owned()).into())
    }

    /// Replaces the value under `key` by the result of `work`. `None` means that there is no value. If another request
    /// changes the value first, `work` runs again with the new value.
    ///
    /// # Errors
    /// [`SessionError::Contention`] if that happens too often.
    pub async fn update<T>(
        &self,
        key: &str,
        mut work: impl FnMut(Option<T>) -> Option<T>,
    ) -> Result<(), SessionError>
    where
        T: Serialize + DeserializeOwned,
    {
        let mut current = self.record().await?.and_then(|record| record.data.get(key).cloned());
        for _ in 0..MAX_UPDATE_ATTEMPTS {
            let old = current.clone().map(|value| from_json(key, value)).transpose()?;
            let new = work(old).map(|value| to_json(key, value)).transpose()?;
            if new.is_none() && self.record().await?.is_none() {
                return Ok(()); // a session is not created without a value
            }
            let swap = Operation::CompareAndSet { key: key.to_owned(), expected: current, new };
            match self.try_change(Change::new().and(swap)).await? {
                Ok(_) => return Ok(()),
                Err((ChangeError::Differs(_), data)) => current = data.get(key).cloned(),
                Err((error, _)) => return Err(error.into()),
            }
        }
        Err(SessionError::Contention(key.to_owned()))
    }

    /// Applies several operations in one step and returns the new data.
    ///
    /// # Errors
    /// [`SessionError::Change`] if one of them cannot be applied. Then none was.
    pub async fn change(&self, change: Change) -> Result<Data, SessionError> {
        self.try_change(change).await?.map_err(|(error, _)| error.into())
    }

    /// Creates a session of `user` with a new token, and ends the client's previous session, so that its old token
    /// opens nothing (this prevents session fixation). The data of an anonymous session, or of a session of the same
    /// user, is carried over.
    ///
    /// # Errors
    /// [`SessionError::Store`] if the previous session may still be live. Then no new one was created.
    pub async fn login(&self, user: &str) -> Result<(), SessionError> {
        self.login_with(user, 0).await
    }

    /// Like [`login`](Session::login), with the version of the credentials that the user logged in with. See
    /// [`SessionsBuilder::admission`](super::SessionsBuilder::admission).
    ///
    /// # Errors
    /// The same as for [`login`](Session::login).
    pub async fn login_with(&self, user: &str, credential: u64) -> Result<(), SessionError> {
        let turn = self.0.turn.lock().await;
        let own = self.current(&turn).await?;
        let carried = own.as_ref().filter(|(_, record)| may_carry_over(record, Some(user)));
        let data = carried.map(|(_, record)| record.data.clone()).unwrap_or_default();
        let previous = match (own, &self.state().current) {
            (Some((key, _)), _) => Previous::Own(key),
            (None, CurrentSession::Replaced(key)) => Previous::Replaced(*key),
            (None, CurrentSession::Unreadable(key)) => Previous::Unreadable(*key),
            (None, CurrentSession::Ambiguous(keys)) => Previous::Several(keys.clone()),
            (None, _) => Previous::None,
        };
        let record = |handle| Record { user: Some(user.into()), credential, data, ..self.new_record(handle) };
        self.start(&turn, previous, record).await?;
        if self.0.sessions.config().max_per_user.is_some() {
            let (sessions, user) = (self.0.sessions.clone(), user.to_owned());
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
    /// # Errors
    /// [`SessionError::Store`] if the store failed.
    pub async fn reload(&self) -> Result<Option<Arc<Record>>, SessionError> {
        let turn = self.0.turn.lock().await;
        let Some((key, _)) = self.current(&turn).await? else { return Ok(None) };
        let reloaded = match self.0.sessions.follow(key).await? {
            Resolved::Live(key, record) => self.admit(&turn, key, record).await?,
            Resolved::Replaced | Resolved::Unreadable(_) | Resolved::NotFound => None,
        };
        if reloaded.is_none() {
            self.state().mark_ended();
        }
        Ok(reloaded.map(|(_, record)| record))
    }

    /// Deletes the session from the store, and the cookie from the browser.
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
            CurrentSession::Unread | CurrentSession::None | CurrentSession::Ended => Vec::new(),
        };
        for key in presented {
            let sessions = self.0.sessions.clone();
            let ending = async move { sessions.delete(key, EndReason::Logout).await };
            self.state().activity.ended |= self.0.sessions.complete(ending).await?;
        }
        let mut state = self.state();
        state.current = CurrentSession::Ended;
        // Any value under our cookie name is deleted, so that nothing looks like a session.
        state.cookie = (self.0.presented != Presented::Nothing).then_some(CookieChange::Expire);
        Ok(())
    }

    /// The `Set-Cookie` line that the response must carry, if the session was created, rotated or ended.
    #[must_use]
    pub fn set_cookie(&self) -> Option<HeaderValue> {
        let template = self.0.sessions.cookie();
        match self.state().cookie.as_ref()? {
            CookieChange::Issue(token) => template.issue(token),
            CookieChange::Expire => template.expire(),
        }
    }

    /// What this request has done with the session so far.
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
    async fn try_change(&self, change: Change) -> Result<Result<Data, (ChangeError, Data)>, SessionError> {
        let turn = self.0.turn.lock().await;
        let Some((key, _)) = self.current(&turn).await? else {
            return self.create_with(&turn, change).await;
        };
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
            CurrentSession::Unread | CurrentSession::None | CurrentSession::Unreadable(_)
        ) {
            return Err(SessionError::Ended);
        }
        let data = match change.apply_to(&Data::default()) {
            Ok(data) => data,
            Err(error) => return Ok(Err((error, Data::default()))),
        };
        let record = |handle| Record { data: data.clone(), ..self.new_record(handle) };
        self.start(turn, Previous::None, record).await?;
        Ok(Ok(data))
    }

    fn new_record(&self, handle: Handle) -> Record {
        let (now, config) = (self.0.sessions.now(), self.0.sessions.config());
        Record::new(handle, now, config.idle_timeout, now.plus(config.lifetime))
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
