//! Errors of the JSON parser, without the values that they quote: a value in a jar may be a secret.

/// The message of an error, with the quoted string replaced by `…`.
pub(super) fn without_values(error: &serde_json::Error) -> String {
    let error = error.to_string();
    // The first quote is the eighth character of what is found.
    match (error.find("string \""), error.rfind("\", expected")) {
        (Some(start), Some(end)) if start + 8 <= end => format!("{}…{}", &error[..start + 8], &error[end..]),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::without_values;

    #[test]
    fn a_value_is_not_in_the_message() {
        let error = serde_json::from_str::<u32>("\"my \\\"secret\"").unwrap_err();
        assert_eq!(without_values(&error), "invalid type: string \"…\", expected u32 at line 1 column 13");
    }
}
