//! [`Change`]: operations on a session's keys that a store applies in one step, or not at all.
//!
//! A store calls [`Change::apply_to`] inside its own lock or transaction. Only this file defines what the operations do.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use thiserror::Error;

use super::data::Data;
use super::finite::to_finite_json;

/// Operations on keys, applied in their order, in one step.
///
/// ```
/// use sessctl::session::{Change, Data};
///
/// let change = Change::new().set("color", "green").increment("visits", 1);
/// let data = change.apply_to(&Data::default())?;
/// assert_eq!(data.get("visits"), Some(&1.into()));
/// # Ok::<(), sessctl::session::ChangeError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change(Vec<Operation>);

/// One operation on one key.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// Sets the key to this value.
    Set(String, Value),
    /// Removes the key.
    Remove(String),
    /// Adds to the integer under the key. A missing key counts as 0.
    Increment(String, i64),
    /// A value for this key that JSON cannot represent: the change is rejected.
    NotJson(String),
    /// Sets the key (`new: None` removes it) if it has the expected value (`expected: None`: if it is missing).
    CompareAndSet {
        /// The key.
        key: String,
        /// The value that it must have.
        expected: Option<Value>,
        /// Its new value.
        new: Option<Value>,
    },
}

/// Why a change was rejected. None of its operations was applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// `CompareAndSet` found another value than the expected one.
    #[error("the session value `{0}` was changed by another request; read it again")]
    Differs(String),
    /// `Increment` found a value that is not an integer, or the sum does not fit into 64 bits.
    #[error("cannot increment the session value `{0}`: it is not an integer, or the sum exceeds 64 bits")]
    NotANumber(String),
    /// JSON cannot represent the value: it contains NaN or an infinite number.
    #[error("cannot store the session value `{0}`: JSON has neither NaN nor infinite numbers")]
    NotJson(String),
    /// The data would be larger than [`Data::MAX_BYTES`].
    #[error("cannot store {0} bytes in the session: the limit is {max} bytes", max = Data::MAX_BYTES)]
    TooLarge(usize),
}

impl Change {
    /// A change without operations.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an operation that sets `key` to `value`. If JSON cannot represent the value, the change will be rejected.
    #[must_use]
    pub fn set(self, key: impl Into<String>, value: impl Serialize) -> Self {
        let key = key.into();
        self.and(match to_finite_json(&value) {
            Ok(Some(value)) => Operation::Set(key, value),
            Ok(None) | Err(_) => Operation::NotJson(key),
        })
    }

    /// Adds an operation that removes `key`.
    #[must_use]
    pub fn remove(self, key: impl Into<String>) -> Self {
        self.and(Operation::Remove(key.into()))
    }

    /// Adds an operation that adds `n` to the integer under `key`.
    #[must_use]
    pub fn increment(self, key: impl Into<String>, n: i64) -> Self {
        self.and(Operation::Increment(key.into(), n))
    }

    /// Adds an operation.
    #[must_use]
    pub fn and(mut self, operation: Operation) -> Self {
        self.0.push(operation);
        self
    }

    /// The operations in their order.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.0
    }

    /// The change that turns `from` into `to`. It touches only keys that differ.
    #[must_use]
    pub fn between(from: &Data, to: &Data) -> Change {
        let removed = from.iter().filter(|(key, _)| to.get(key).is_none());
        let set = to.iter().filter(|(key, value)| from.get(key) != Some(value));
        let removed = removed.map(|(key, _)| Operation::Remove(key.to_owned()));
        Change(removed.chain(set.map(|(key, value)| Operation::Set(key.to_owned(), value.clone()))).collect())
    }

    /// The change that adds to `to` the keys that only `from` has, or has with another value.
    pub(super) fn additions(to: &Data, from: &Data) -> Change {
        let set = from.iter().filter(|(key, value)| to.get(key) != Some(value));
        Change(set.map(|(key, value)| Operation::Set(key.to_owned(), value.clone())).collect())
    }

    /// The data after this change.
    ///
    /// # Errors
    /// [`ChangeError`] if one of the operations cannot be applied.
    pub fn apply_to(&self, data: &Data) -> Result<Data, ChangeError> {
        let mut map = data.to_map();
        for operation in &self.0 {
            apply(operation, &mut map)?;
        }
        let size: usize = map.iter().map(|(key, value)| key.len() + value.to_string().len()).sum();
        if size > Data::MAX_BYTES {
            return Err(ChangeError::TooLarge(size));
        }
        Ok(Data::from_map(map))
    }
}

fn apply(operation: &Operation, map: &mut IndexMap<String, Value>) -> Result<(), ChangeError> {
    match operation {
        Operation::Set(key, value) => {
            map.insert(key.clone(), value.clone());
        }
        Operation::NotJson(key) => return Err(ChangeError::NotJson(key.clone())),
        Operation::Remove(key) => {
            map.shift_remove(key);
        }
        Operation::Increment(key, n) => {
            let before = match map.get(key) {
                None => Some(0),
                Some(value) => value.as_i64(),
            };
            let sum = before.and_then(|before| before.checked_add(*n));
            map.insert(key.clone(), sum.ok_or_else(|| ChangeError::NotANumber(key.clone()))?.into());
        }
        Operation::CompareAndSet { key, expected, new } => {
            if map.get(key) != expected.as_ref() {
                return Err(ChangeError::Differs(key.clone()));
            }
            match new {
                Some(value) => map.insert(key.clone(), value.clone()),
                None => map.shift_remove(key),
            };
        }
    }
    Ok(())
}
