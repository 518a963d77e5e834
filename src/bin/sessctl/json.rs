//! [`json!`]: JSON documents whose members keep the order in which the code writes them.

pub(crate) use sessctl::internal::Json;

/// A [`Json`] value, written as JSON. Values can be any expressions that serde can serialize.
macro_rules! json {
    (@members $members:ident) => {};
    (@members $members:ident $name:tt : {$($value:tt)*} $(, $($rest:tt)*)?) => {
        $members.set(&$name, $crate::json::json!({ $($value)* }));
        $crate::json::json!(@members $members $($($rest)*)?);
    };
    (@members $members:ident $name:tt : [] $(, $($rest:tt)*)?) => {
        $members.set(&$name, $crate::json::Json::Array(Vec::new()));
        $crate::json::json!(@members $members $($($rest)*)?);
    };
    (@members $members:ident $name:tt : $value:expr $(, $($rest:tt)*)?) => {
        $members.set(&$name, &$value);
        $crate::json::json!(@members $members $($($rest)*)?);
    };
    ({ $($members:tt)* }) => {{
        #[allow(unused_mut, reason = "an empty object has no members")]
        let mut members = $crate::json::Json::Object(Default::default());
        $crate::json::json!(@members members $($members)*);
        members
    }};
    ($value:expr) => { $crate::json::Json::of(&$value) };
}

pub(crate) use json;

#[cfg(test)]
mod tests {
    #[test]
    fn members_keep_their_order() {
        let mut document = json!({ "z": 1, "a": { "y": [1.5], "b": null_if(true) }, "m": {}, });
        document.set("c", "é");
        document.set("z", json!({ "k": -2, "b": false }));
        assert_eq!(
            document.to_string(),
            r#"{"z":{"k":-2,"b":false},"a":{"y":[1.5],"b":null},"m":{},"c":"é"}"#
        );
    }

    fn null_if(is_null: bool) -> Option<bool> {
        (!is_null).then_some(true)
    }
}
