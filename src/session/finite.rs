//! Finds numbers that JSON cannot represent. `serde_json` writes NaN and infinity as `null`, without an error.

use std::fmt;

use serde::Serialize;
use serde::ser::{self, Serializer};
use serde_json::Value;

/// A value as JSON. `None`: it contains a number that is not finite.
///
/// # Errors
/// The value cannot be written as JSON for another reason.
pub(super) fn to_finite_json<T: Serialize>(value: &T) -> Result<Option<Value>, serde_json::Error> {
    let json = serde_json::to_value(value)?;
    // The value is written once more, so this is only checked if the JSON contains `null`.
    let is_finite = !has_null(&json) || value.serialize(FiniteNumbers).is_ok();
    Ok(is_finite.then_some(json))
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.iter().any(has_null),
        Value::Object(values) => values.values().any(has_null),
        _ => false,
    }
}

/// A serializer that writes nothing, and fails at a number that is not finite.
struct FiniteNumbers;

/// Why serialization stopped. Its cause does not matter.
#[derive(Debug)]
struct Stopped;

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("stopped")
    }
}

impl std::error::Error for Stopped {}

impl ser::Error for Stopped {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Stopped
    }
}

type Checked = Result<(), Stopped>;

fn check(is_finite: bool) -> Checked {
    is_finite.then_some(()).ok_or(Stopped)
}

/// Methods that accept a value without looking at it.
macro_rules! accept {
    ($($name:ident($($argument:ty),*);)*) => {
        $(fn $name(self, $(_: $argument),*) -> Checked { Ok(()) })*
    };
}

/// Methods that begin a value with parts.
macro_rules! begin {
    ($($name:ident($($argument:ty),*) -> $part:ident;)*) => {
        $(
            type $part = FiniteNumbers;
            fn $name(self, $(_: $argument),*) -> Result<FiniteNumbers, Stopped> { Ok(FiniteNumbers) }
        )*
    };
}

impl Serializer for FiniteNumbers {
    type Ok = ();
    type Error = Stopped;

    accept! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_i128(i128);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_u128(u128);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
    }

    begin! {
        serialize_seq(Option<usize>) -> SerializeSeq;
        serialize_tuple(usize) -> SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> SerializeTupleVariant;
        serialize_map(Option<usize>) -> SerializeMap;
        serialize_struct(&'static str, usize) -> SerializeStruct;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> SerializeStructVariant;
    }

    fn serialize_f32(self, number: f32) -> Checked {
        check(number.is_finite())
    }

    fn serialize_f64(self, number: f64) -> Checked {
        check(number.is_finite())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Checked {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Checked {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        value: &T,
    ) -> Checked {
        value.serialize(self)
    }
}

/// The parts of a value, each of which is checked.
macro_rules! parts {
    ($($part:ident: $($method:ident($($name:ty)?)),+;)*) => {
        $(impl ser::$part for FiniteNumbers {
            type Ok = ();
            type Error = Stopped;
            $(fn $method<T: Serialize + ?Sized>(&mut self, $(_: $name,)? value: &T) -> Checked {
                value.serialize(FiniteNumbers)
            })+
            fn end(self) -> Checked { Ok(()) }
        })*
    };
}

parts! {
    SerializeSeq: serialize_element();
    SerializeTuple: serialize_element();
    SerializeTupleStruct: serialize_field();
    SerializeTupleVariant: serialize_field();
    SerializeMap: serialize_key(), serialize_value();
    SerializeStruct: serialize_field(&'static str);
    SerializeStructVariant: serialize_field(&'static str);
}
