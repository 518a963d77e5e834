//! Changes of a session's data.

use serde_json::{Value, json};
use sessctl::session::{Change, ChangeError, Data, Operation};

fn data(value: Value) -> Data {
    Data::from_json(&value.to_string()).unwrap()
}

#[test]
fn operations_apply_in_order() {
    let change = Change::new()
        .set("a", 1)
        .increment("a", 2)
        .increment("n", -1)
        .remove("gone")
        .set("a2", "x")
        .remove("a2");
    assert_eq!(change.apply_to(&data(json!({"gone": true}))), Ok(data(json!({"a": 3, "n": -1}))));
}

#[test]
fn one_rejected_operation_rejects_the_whole_change() {
    let before = data(json!({"name": "x", "max": i64::MAX}));
    let swap = Operation::CompareAndSet { key: "name".into(), expected: None, new: Some(json!(1)) };
    assert_eq!(
        Change::new().set("a", 1).and(swap).apply_to(&before),
        Err(ChangeError::Differs("name".into()))
    );
    for key in ["name", "max"] {
        assert_eq!(
            Change::new().increment(key, 1).apply_to(&before),
            Err(ChangeError::NotANumber(key.into()))
        );
    }
}

#[test]
fn data_up_to_the_size_limit_is_allowed() {
    let of = |size: usize| Change::new().set("k", "x".repeat(size - 3));
    assert!(of(Data::MAX_BYTES).apply_to(&Data::default()).is_ok());
    assert_eq!(
        of(Data::MAX_BYTES + 1).apply_to(&Data::default()),
        Err(ChangeError::TooLarge(Data::MAX_BYTES + 1))
    );
}

#[test]
fn the_change_between_two_states_turns_one_into_the_other() {
    let (from, to) = (data(json!({"a": 1, "b": 2})), data(json!({"b": 3, "c": null})));
    assert_eq!(Change::between(&from, &to).apply_to(&from), Ok(to.clone()));
    assert!(Change::between(&to, &to).operations().is_empty());
}
