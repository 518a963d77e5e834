//! [`Parameter`]: a value for `$1`, `$2` and so on, with its type.

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

/// The value of `$1`, `$2` and so on, with its type: a statement that is not prepared must state it.
pub(super) type Parameter = (Box<dyn ToSql + Send + Sync>, Type);

/// A Rust type with one type in the database.
pub(super) trait Typed {
    const TYPE: Type;
}

impl Typed for Vec<u8> {
    const TYPE: Type = Type::BYTEA;
}

impl Typed for i64 {
    const TYPE: Type = Type::INT8;
}

impl Typed for Uuid {
    const TYPE: Type = Type::UUID;
}

impl Typed for Vec<String> {
    const TYPE: Type = Type::TEXT_ARRAY;
}

impl<T: Typed> Typed for Option<T> {
    const TYPE: Type = T::TYPE;
}

/// A value with the type in the database that its Rust type has.
pub(super) fn parameter<T: Typed + ToSql + Send + Sync + 'static>(value: T) -> Parameter {
    (Box::new(value), T::TYPE)
}

macro_rules! parameters {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::stores::postgres::parameter::parameter($value)),*]
    };
}
pub(super) use parameters;
