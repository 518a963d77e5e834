//! A [`Change`]: operations on a session's keys that a store applies in one step, or not at all.
//!
//! Whoever writes a store calls [`Change::apply_to`] inside its own lock or transaction; the meaning of
//! the operations is decided here alone.

use serde_json::{Map, Value};
use thiserror::Error;

use super::record::Data;

/// Operations on keys, applied in their order, in one step.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Change(Vec<Operation>);

/// One operation on one key.
#[derive(Debug, Clone, PartialEq)]
pub enum Operation {
    /// The key holds this value from now on.
    Set(String, Value),
    /// The key holds nothing from now on.
    Remove(String),
    /// Adds to the whole number under the key; a key that holds nothing counts as 0.
    Add(String, i64),
    /// Sets (or, with `None`, removes) the key if it holds just this value (or, with `None`, nothing).
    CompareAndSet {
        /// The key.
        key: String,
        /// What it must hold.
        expected: Option<Value>,
        /// What it then holds.
        new: Option<Value>,
    },
}

/// Why a change was not applied. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Refusal {
    /// `CompareAndSet` met another value than the expected one.
    #[error("`{0}` holds another value by now")]
    Differs(String),
    /// `Add` met something other than a whole number, or the sum is beyond 64 bits.
    #[error("`{0}` does not hold a whole number that can be added to")]
    NotANumber(String),
    /// The data would be larger than [`Data::MAX_OCTETS`].
    #[error("the session's data would be {0} octets, {max} at most are kept", max = Data::MAX_OCTETS)]
    TooLarge(usize),
}

impl Change {
    /// A change that does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// And set `key` to `value`.
    #[must_use]
    pub fn set(self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.and(Operation::Set(key.into(), value.into()))
    }

    /// And remove `key`.
    #[must_use]
    pub fn remove(self, key: impl Into<String>) -> Self {
        self.and(Operation::Remove(key.into()))
    }

    /// And add `n` to the whole number under `key`.
    #[must_use]
    pub fn add(self, key: impl Into<String>, n: i64) -> Self {
        self.and(Operation::Add(key.into(), n))
    }

    /// And do this.
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

    /// The change that makes `to` out of `from`, touching no other key.
    #[must_use]
    pub fn between(from: &Data, to: &Data) -> Change {
        let removed = from.iter().filter(|(key, _)| to.get(key).is_none());
        let set = to.iter().filter(|(key, value)| from.get(key) != Some(value));
        let removed = removed.map(|(key, _)| Operation::Remove(key.to_owned()));
        Change(removed.chain(set.map(|(key, value)| Operation::Set(key.to_owned(), value.clone()))).collect())
    }

    /// What `data` is after this change.
    ///
    /// # Errors
    /// [`Refusal`], when one of the operations cannot be done; `data` is as it was.
    pub fn apply_to(&self, data: &Data) -> Result<Data, Refusal> {
        let mut map = Map::from(data);
        for operation in &self.0 {
            apply(operation, &mut map)?;
        }
        let octets: usize = map.iter().map(|(key, value)| key.len() + value.to_string().len()).sum();
        if octets > Data::MAX_OCTETS {
            return Err(Refusal::TooLarge(octets));
        }
        Ok(Data::from(map))
    }
}

fn apply(operation: &Operation, map: &mut Map<String, Value>) -> Result<(), Refusal> {
    match operation {
        Operation::Set(key, value) => {
            map.insert(key.clone(), value.clone());
        }
        Operation::Remove(key) => {
            map.shift_remove(key);
        }
        Operation::Add(key, n) => {
            let before = match map.get(key) {
                None => Some(0),
                Some(value) => value.as_i64(),
            };
            let sum = before.and_then(|before| before.checked_add(*n));
            map.insert(key.clone(), sum.ok_or_else(|| Refusal::NotANumber(key.clone()))?.into());
        }
        Operation::CompareAndSet { key, expected, new } => {
            if map.get(key) != expected.as_ref() {
                return Err(Refusal::Differs(key.clone()));
            }
            match new {
                Some(value) => map.insert(key.clone(), value.clone()),
                None => map.shift_remove(key),
            };
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn data(value: Value) -> Data {
        Data::from_json(&value.to_string()).unwrap()
    }

    #[test]
    fn operations_apply_in_order() {
        let change =
            Change::new().set("a", 1).add("a", 2).add("n", -1).remove("gone").set("a2", "x").remove("a2");
        assert_eq!(change.apply_to(&data(json!({"gone": true}))), Ok(data(json!({"a": 3, "n": -1}))));
    }

    #[test]
    fn a_refused_operation_refuses_the_whole_change() {
        let before = data(json!({"name": "x", "max": i64::MAX}));
        let swap = Operation::CompareAndSet { key: "name".into(), expected: None, new: Some(json!(1)) };
        assert_eq!(
            Change::new().set("a", 1).and(swap).apply_to(&before),
            Err(Refusal::Differs("name".into()))
        );
        for key in ["name", "max"] {
            assert_eq!(Change::new().add(key, 1).apply_to(&before), Err(Refusal::NotANumber(key.into())));
        }
    }

    #[test]
    fn data_has_a_size_limit_and_the_limit_itself_is_allowed() {
        let of = |octets: usize| Change::new().set("k", "x".repeat(octets - 3));
        assert!(of(Data::MAX_OCTETS).apply_to(&Data::default()).is_ok());
        assert_eq!(
            of(Data::MAX_OCTETS + 1).apply_to(&Data::default()),
            Err(Refusal::TooLarge(Data::MAX_OCTETS + 1))
        );
    }

    #[test]
    fn the_change_between_two_data_leads_from_one_to_the_other() {
        let (from, to) = (data(json!({"a": 1, "b": 2})), data(json!({"b": 3, "c": null})));
        assert_eq!(Change::between(&from, &to).apply_to(&from), Ok(to.clone()));
        assert!(Change::between(&to, &to).operations().is_empty());
    }
}
