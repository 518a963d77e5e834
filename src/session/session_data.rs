//! The values in a session: reading and changing them by key.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::change::{Change, ChangeError, Operation};
use super::error::{SessionError, from_json, to_json};
use super::session::Session;

/// The number of attempts of [`Session::update`]. Each failed attempt means that another request changed the value.
const MAX_UPDATE_ATTEMPTS: usize = 100;

impl Session {
    /// The value under `key`.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn theme(session: &Session) -> Result<String, SessionError> {
    ///     Ok(session.get("theme").await?.unwrap_or("light".to_owned()))
    /// }
    /// ```
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

    /// Removes the value under `key` and returns it. Of several concurrent requests, one gets the value.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn after_login(session: &Session) -> Result<String, SessionError> {
    ///     Ok(session.take("return_to").await?.unwrap_or("/".to_owned()))
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError::Type`] if the value is not a `T`: then it is kept. [`SessionError::Contention`] if other requests keep
    /// changing it.
    pub async fn take<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let mut current = self.record().await?.and_then(|record| record.data.get(key).cloned());
        for _ in 0..MAX_UPDATE_ATTEMPTS {
            let Some(expected) = current else { return Ok(None) };
            let value = from_json(key, expected.clone())?;
            let remove =
                Operation::CompareAndSet { key: key.to_owned(), expected: Some(expected), new: None };
            match self.try_change(Change::new().and(remove)).await? {
                Ok(_) => return Ok(Some(value)),
                Err((ChangeError::Differs(_), data)) => current = data.get(key).cloned(),
                Err((error, _)) => return Err(error.into()),
            }
        }
        Err(SessionError::Contention(key.to_owned()))
    }

    /// Sets `key` to `value`.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn choose(session: &Session, theme: &str) -> Result<(), SessionError> {
    ///     session.set("theme", theme).await
    /// }
    /// ```
    ///
    /// # Errors
    /// [`SessionError`] if the value was not stored.
    pub async fn set<T: Serialize>(&self, key: &str, value: T) -> Result<(), SessionError> {
        let value = to_json(key, &value)?;
        self.change(Change::new().set(key, value)).await.map(drop)
    }

    /// Removes `key`.
    ///
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn empty_cart(session: &Session) -> Result<(), SessionError> {
    ///     session.remove("cart").await
    /// }
    /// ```
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
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn count(session: &Session) -> Result<String, SessionError> {
    ///     Ok(format!("visit number {}", session.increment("visits", 1).await?))
    /// }
    /// ```
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
    /// ```
    /// # use sessctl::session::{Session, SessionError};
    /// async fn put(session: &Session, item: &str) -> Result<(), SessionError> {
    ///     session
    ///         .update("cart", |cart: Option<Vec<String>>| {
    ///             Some(cart.into_iter().flatten().chain([item.to_owned()]).collect())
    ///         })
    ///         .await
    /// }
    /// ```
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
            let new = work(old).map(|value| to_json(key, &value)).transpose()?;
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
}
