//! Data and changes in a form that a store's own language can work on, without knowing what JSON means: texts in a row.
//!
//! Such a store does what is plain in one step. What is not (a comparison that fails, a number that is none, data near
//! the size limit) it leaves undecided and hands back the data: [`Change::apply_to`] then says what it means, and
//! the outcome is written if the data is still that.

use serde_json::{Map, Value};

use crate::session::{Change, Data, Operation};

/// How many texts stand for an operation.
pub(super) const TEXTS_AN_OPERATION: usize = 4;

/// Each key and its value in turn, both as JSON: `"theme"`, `{"dark":true}`, …
pub(super) fn pack(data: &Data) -> Vec<String> {
    data.iter().flat_map(|(key, value)| [json_of(key), value.to_string()]).collect()
}

/// Data out of what [`pack`] made.
pub(super) fn unpack<T: AsRef<str>>(texts: &[T]) -> Result<Data, serde_json::Error> {
    let mut map = Map::new();
    for pair in texts.chunks_exact(2) {
        map.insert(serde_json::from_str(pair[0].as_ref())?, serde_json::from_str(pair[1].as_ref())?);
    }
    Ok(Data::from(map))
}

/// Each operation as its name, its key as JSON, and what belongs to it: the value to set, the number to add, the values
/// to expect and to set. No JSON is empty: an empty text stands for nothing there.
pub(super) fn operations(change: &Change) -> Vec<String> {
    let text = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    let texts = change.operations().iter().flat_map(|operation| -> [String; TEXTS_AN_OPERATION] {
        match operation {
            Operation::Set(key, value) => ["set".to_owned(), json_of(key), value.to_string(), String::new()],
            Operation::Remove(key) => ["remove".to_owned(), json_of(key), String::new(), String::new()],
            Operation::Increment(key, n) => ["add".to_owned(), json_of(key), n.to_string(), String::new()],
            Operation::CompareAndSet { key, expected, new } => {
                ["compare-and-set".to_owned(), json_of(key), text(expected), text(new)]
            }
        }
    });
    texts.collect()
}

fn json_of(key: &str) -> String {
    Value::from(key).to_string()
}
