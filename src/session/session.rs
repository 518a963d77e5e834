//! [`Session`]: what a request handler has in its hands.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::activity::Activity;
use super::change::{Change, Operation, Refusal};
use super::cookie::Presented;
use super::error::SessionError;
use super::event::{EndReason, Event};
use super::id::{Handle, Token, TokenHash};
use super::record::{Data, Record};
use super::rotate::{Old, may_carry_over, write_then_delete};
use super::sessions::Sessions;
use super::store::Changed;

/// How often [`Session::update`] tries before it gives up. Each failed try means that another request got
/// its change through.
const UPDATE_TRIES: usize = 100;

/// The session of one request. A clone is cheap and is the same session.
///
/// It is read from the store when it is first asked for something. Each change is in the store when its call
/// returns, applied to the session as it is at that moment, so that requests at the same time lose nothing.
/// A visitor who has no session gets one with the first change, or by [`login`](Session::login).
#[derive(Debug, Clone)]
pub struct Session(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    sessions: Sessions,
    presented: Presented,
    state: Mutex<State>,
    /// Held while the store is asked, so that two clones of a session do not both begin one.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    current: Current,
    cookie: Option<CookieChange>,
    activity: Activity,
    /// The last session there was, dead or alive.
    handle: Option<Handle>,
}

/// What is known of the session so far.
#[derive(Debug, Default, Clone)]
enum Current {
    /// Nobody has asked yet.
    #[default]
    Unread,
    /// There is none.
    None,
    /// It was alive when last looked at.
    Live(TokenHash, Arc<Record>),
    /// It ended during this request, by this request or another.
    Ended,
}

#[derive(Debug)]
enum CookieChange {
    Issue(Token),
    Expire,
}

impl Session {
    pub(super) fn new(sessions: Sessions, presented: Presented) -> Self {
        Session(Arc::new(Shared {
            sessions,
            presented,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }))
    }

    /// Everything that is known of the session; `None` when the visitor has none.
    ///
    /// # Errors
    /// [`SessionError::Store`], when that cannot be told.
    pub async fn record(&self) -> Result<Option<Arc<Record>>, SessionError> {
        if let Some(known) = self.known() {
            return Ok(known.map(|(_, record)| record));
        }
        let turn = self.0.turn.lock().await;
        Ok(self.current(&turn).await?.map(|(_, record)| record))
    }

    /// Who is logged in.
    ///
    /// # Errors
    /// [`SessionError::Store`], when that cannot be told.
    pub async fn user(&self) -> Result<Option<Arc<str>>, SessionError> {
        Ok(self.record().await?.and_then(|record| record.user.clone()))
    }

    /// The value under `key`.
    ///
    /// # Errors
    /// [`SessionError::Type`], when it is not a `T`; [`SessionError::Store`], when the store fails.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        self.record()
            .await?
            .and_then(|record| record.data.get(key).cloned())
            .map(|v| typed(key, v))
            .transpose()
    }

    /// Keeps `value` under `key`.
    ///
    /// # Errors
    /// [`SessionError`], when it is not in the store afterwards.
    pub async fn set<T: Serialize>(&self, key: &str, value: T) -> Result<(), SessionError> {
        let value = untyped(key, value)?;
        self.change(Change::new().set(key, value)).await.map(drop)
    }

    /// Keeps nothing under `key` any more.
    ///
    /// # Errors
    /// [`SessionError`], when it may still be in the store.
    pub async fn remove(&self, key: &str) -> Result<(), SessionError> {
        match self.record().await? {
            Some(_) => self.change(Change::new().remove(key)).await.map(drop),
            None => Ok(()), // no session is begun to remove something from it
        }
    }

    /// Adds `n` to the whole number under `key` (0 when there is none) and tells the sum. Of requests at the
    /// same time each gets a sum of its own.
    ///
    /// # Errors
    /// [`SessionError::Refused`], when something other than a whole number is there.
    pub async fn add(&self, key: &str, n: i64) -> Result<i64, SessionError> {
        let data = self.change(Change::new().add(key, n)).await?;
        let sum = data.get(key).and_then(Value::as_i64);
        sum.ok_or_else(|| Refusal::NotANumber(key.to_owned()).into())
    }

    /// Replaces the value under `key` by what `work` makes of it; `None` stands for no value. `work` runs
    /// again when another request changed the value meanwhile.
    ///
    /// # Errors
    /// [`SessionError::Contention`], when that happened too often.
    pub async fn update<T>(
        &self,
        key: &str,
        mut work: impl FnMut(Option<T>) -> Option<T>,
    ) -> Result<(), SessionError>
    where
        T: Serialize + DeserializeOwned,
    {
        let mut held = self.record().await?.and_then(|record| record.data.get(key).cloned());
        for _ in 0..UPDATE_TRIES {
            let old = held.clone().map(|value| typed(key, value)).transpose()?;
            let new = work(old).map(|value| untyped(key, value)).transpose()?;
            if new.is_none() && self.record().await?.is_none() {
                return Ok(()); // no session is begun to hold nothing
            }
            let swap = Operation::CompareAndSet { key: key.to_owned(), expected: held, new };
            match self.try_change(Change::new().and(swap)).await? {
                Ok(_) => return Ok(()),
                Err((Refusal::Differs(_), data)) => held = data.get(key).cloned(),
                Err((refusal, _)) => return Err(refusal.into()),
            }
        }
        Err(SessionError::Contention(key.to_owned()))
    }

    /// Applies several operations in one step and tells what the session then holds.
    ///
    /// # Errors
    /// [`SessionError::Refused`], when one of them cannot be done: then none was.
    pub async fn change(&self, change: Change) -> Result<Data, SessionError> {
        self.try_change(change).await?.map_err(|(refusal, _)| refusal.into())
    }

    /// Begins a session of `user` with a new token, and ends the one that the visitor had: whoever knew the
    /// old token is out. What an anonymous visitor's session held, or an earlier one of the same user, is
    /// carried over.
    ///
    /// # Errors
    /// [`SessionError::Store`], when the old session may live on: then there is no new one either.
    pub async fn login(&self, user: &str) -> Result<(), SessionError> {
        self.login_with(user, 0).await
    }

    /// The same, with the version of the credentials by which the user logged in: see
    /// [`SessionsBuilder::admission`](super::SessionsBuilder::admission).
    ///
    /// # Errors
    /// As [`login`](Session::login).
    pub async fn login_with(&self, user: &str, credential: u64) -> Result<(), SessionError> {
        let turn = self.0.turn.lock().await;
        let old = self.current(&turn).await?;
        let mine = old.as_ref().filter(|(_, record)| may_carry_over(record, Some(user)));
        let carried = mine.map(|(_, record)| record.data.clone()).unwrap_or_default();
        let old = old.map_or(Old::None, |(key, _)| Old::Superseded(key));
        let fresh = |handle| Record { credential, ..self.fresh(handle, Some(user.into()), carried) };
        self.replace(&turn, old, fresh).await?;
        if self.0.sessions.settings().max_per_user.is_some() {
            let (sessions, user) = (self.0.sessions.clone(), user.to_owned());
            self.0.sessions.complete(async move { sessions.end_the_oldest_of(&user).await }).await?;
        }
        Ok(())
    }

    /// Gives the session a new token, as is due whenever its privileges change. Without a session it does
    /// nothing.
    ///
    /// # Errors
    /// [`SessionError::Store`], when the old token may still be good: then the new one is not.
    pub async fn renew(&self) -> Result<(), SessionError> {
        let turn = self.0.turn.lock().await;
        let Some((key, record)) = self.current(&turn).await? else { return Ok(()) };
        self.replace(&turn, Old::Continued(key), |handle| Record { handle, ..Record::clone(&record) }).await
    }

    /// Ends the session in the store and makes the browser forget its cookie.
    ///
    /// # Errors
    /// [`SessionError::Store`], when it may live on; the browser then keeps its cookie.
    pub async fn end(&self) -> Result<(), SessionError> {
        let turn = self.0.turn.lock().await;
        let live = self.current(&turn).await?;
        if let Some((key, _)) = live {
            let sessions = self.0.sessions.clone();
            self.0.sessions.complete(async move { sessions.delete(key, EndReason::Logout).await }).await?;
            self.state().activity.ended = true;
        }
        let mut state = self.state();
        state.current = Current::Ended;
        // Also one that is not of our making, so that nothing is left that looks like a session.
        state.cookie = (self.0.presented != Presented::Nothing).then_some(CookieChange::Expire);
        Ok(())
    }

    /// The `Set-Cookie` line that the response must carry, if the session began, was renewed or ended.
    #[must_use]
    pub fn set_cookie(&self) -> Option<HeaderValue> {
        let template = &self.0.sessions.settings().cookie;
        match self.state().cookie.as_ref()? {
            CookieChange::Issue(token) => template.issue(token),
            CookieChange::Expire => template.expire(),
        }
    }

    /// What was done with the session so far.
    #[must_use]
    pub fn activity(&self) -> Activity {
        self.state().activity
    }

    /// Handle of the session that there is, or was until this request ended it, as far as it is known without
    /// asking the store.
    #[must_use]
    pub fn known_handle(&self) -> Option<Handle> {
        self.state().handle
    }

    /// What is known without asking the store: `Some` of a session or of none.
    fn known(&self) -> Option<Option<(TokenHash, Arc<Record>)>> {
        let mut state = self.state();
        state.activity.read = true;
        match &state.current {
            Current::Unread if matches!(self.0.presented, Presented::Token(_)) => None,
            Current::Unread | Current::None | Current::Ended => Some(None),
            Current::Live(key, record) => Some(Some((*key, record.clone()))),
        }
    }

    /// The session's key and record, read from the store the first time.
    async fn current(&self, _turn: &Turn<'_>) -> Result<Option<(TokenHash, Arc<Record>)>, SessionError> {
        match (self.known(), self.0.presented) {
            (None, Presented::Token(key)) => self.load(key).await,
            (known, _) => Ok(known.flatten()),
        }
    }

    async fn load(&self, key: TokenHash) -> Result<Option<(TokenHash, Arc<Record>)>, SessionError> {
        let (sessions, now) = (&self.0.sessions, self.0.sessions.now());
        let Some(mut record) = sessions.store().load(key, now).await? else {
            self.state().current = Current::None;
            return Ok(None);
        };
        if !sessions.admits(key, &record).await? {
            self.state().current = Current::None;
            return Ok(None);
        }
        let is_due = now.since(record.seen) >= sessions.settings().touch_interval;
        // A touch that finds the session gone has met a logout: that one counts.
        let lives = !is_due || sessions.store().touch(key, now).await?;
        let mut state = self.state();
        state.activity.live = true;
        state.handle = Some(record.handle);
        if !lives {
            state.current = Current::Ended;
            return Ok(None);
        }
        if is_due {
            record.seen = record.seen.max(now);
        }
        let record = Arc::new(record);
        state.current = Current::Live(key, Arc::clone(&record));
        Ok(Some((key, record)))
    }

    /// Applies a change to the session, which is begun for it if there is none.
    async fn try_change(&self, change: Change) -> Result<Result<Data, (Refusal, Data)>, SessionError> {
        let turn = self.0.turn.lock().await;
        let Some((key, _)) = self.current(&turn).await? else {
            return self.begin_with(&turn, change).await;
        };
        let (sessions, now) = (self.0.sessions.clone(), self.0.sessions.now());
        let changing = async move { sessions.store().change(key, &change, now).await };
        let changed = self.0.sessions.complete(changing).await?;
        let mut state = self.state();
        let (data, outcome) = match changed {
            Changed::Applied(data) => {
                state.activity.changed = true;
                (data.clone(), Ok(data))
            }
            Changed::Refused(refusal, data) => (data.clone(), Err((refusal, data))),
            Changed::Gone => {
                state.has_ended();
                return Err(SessionError::Ended);
            }
        };
        if let Current::Live(_, record) = &mut state.current {
            Arc::make_mut(record).data = data;
        }
        Ok(outcome)
    }

    async fn begin_with(
        &self,
        turn: &Turn<'_>,
        change: Change,
    ) -> Result<Result<Data, (Refusal, Data)>, SessionError> {
        if matches!(self.state().current, Current::Ended) {
            return Err(SessionError::Ended);
        }
        let data = match change.apply_to(&Data::default()) {
            Ok(data) => data,
            Err(refusal) => return Ok(Err((refusal, Data::default()))),
        };
        self.replace(turn, Old::None, |handle| self.fresh(handle, None, data.clone())).await?;
        Ok(Ok(data))
    }

    fn fresh(&self, handle: Handle, user: Option<Arc<str>>, data: Data) -> Record {
        let (now, settings) = (self.0.sessions.now(), self.0.sessions.settings());
        let (idle_timeout, ends) = (settings.idle_timeout, now.plus(settings.lifetime));
        Record { handle, user, credential: 0, data, created: now, seen: now, idle_timeout, ends }
    }

    /// Writes a new record under a new token, then deletes the old one; only then is the token given out.
    async fn replace(
        &self,
        _turn: &Turn<'_>,
        old: Old,
        record: impl FnOnce(Handle) -> Record,
    ) -> Result<(), SessionError> {
        let (token, handle) = Token::generate().map_err(SessionError::Randomness)?;
        let (sessions, key, record) = (self.0.sessions.clone(), token.hash(), record(handle));
        let replacing = async move { write_then_delete(&sessions, key, record, old).await };
        let replaced = self.0.sessions.complete(replacing).await;
        let mut state = self.state();
        if let Err(SessionError::Ended) = replaced {
            state.has_ended();
        }
        let record = replaced?;
        let (handle, user) = (record.handle, record.user.clone());
        self.0.sessions.tell(|| match old {
            Old::Continued(_) => Event::Renewed { handle, user },
            Old::None | Old::Superseded(_) => Event::Made { handle, user },
        });
        state.handle = Some(record.handle);
        state.current = Current::Live(key, Arc::new(record));
        state.cookie = Some(CookieChange::Issue(token));
        state.activity.live = true;
        match old {
            Old::None => state.activity.created = true,
            Old::Superseded(_) | Old::Continued(_) => state.activity.renewed = true,
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Held for assignments only, which do not panic half-way.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The session ended by somebody else's doing: no cookie goes out for it.
    fn has_ended(&mut self) {
        self.current = Current::Ended;
        self.cookie = None;
    }
}

/// Proof that it is the caller's turn to ask the store.
type Turn<'a> = tokio::sync::MutexGuard<'a, ()>;

fn typed<T: DeserializeOwned>(key: &str, value: Value) -> Result<T, SessionError> {
    serde_json::from_value(value).map_err(|source| SessionError::Type { key: key.to_owned(), source })
}

fn untyped<T: Serialize>(key: &str, value: T) -> Result<Value, SessionError> {
    serde_json::to_value(value).map_err(|source| SessionError::Type { key: key.to_owned(), source })
}
