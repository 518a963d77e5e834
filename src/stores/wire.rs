//! Data and changes as rows of texts, which a script in Redis or a function in PostgreSQL can process without parsing JSON.
//!
//! The store applies simple operations in one step. It leaves others undecided (a comparison that fails, a value that is not
//! a short integer, data near the size limit) and returns the data. [`Change::apply_to`] then decides, and the store writes
//! the result if the data is still the same.

use serde_json::Value;

use crate::session::{Change, Data, Operation};

/// The number of texts per operation.
const TEXTS_PER_OPERATION: usize = 4;

/// The keys and values in turn, each as JSON: `"theme"`, `{"dark":true}`, …
pub(super) fn encode_data(data: &Data) -> Vec<String> {
    data.iter().flat_map(|(key, value)| [json_of(key), value.to_string()]).collect()
}

/// Reads data that [`encode_data`] or a store wrote.
pub(super) fn decode_data<T: AsRef<str>>(texts: &[T]) -> Result<Data, serde_json::Error> {
    let (pairs, _) = texts.as_chunks::<2>();
    let parse = |[key, value]: &[T; 2]| {
        Ok((serde_json::from_str(key.as_ref())?, serde_json::from_str(value.as_ref())?))
    };
    pairs.iter().map(parse).collect()
}

/// For each operation its name, its key as JSON, and its arguments: the value to set, the number to add, or the expected
/// and the new value. JSON is never empty, so an empty text means that there is no value.
pub(super) fn encode_operations(change: &Change) -> Vec<String> {
    let text = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
    let texts = change.operations().iter().flat_map(|operation| -> [String; TEXTS_PER_OPERATION] {
        match operation {
            Operation::Set(key, value) => ["set".to_owned(), json_of(key), value.to_string(), String::new()],
            // No store knows this operation, so it leaves the change undecided.
            Operation::NotJson(key) => ["not-json".to_owned(), json_of(key), String::new(), String::new()],
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
