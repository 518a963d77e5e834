//! [`Signal`]: the properties that make a form look like a login form, and their weights.

/// A form with at least this score is certainly a login form: besides its password field it has a user name field, or
/// its words mention a login.
pub(super) const MIN_CERTAIN_SCORE: i32 = 13;

/// A property of a form. The sum of the weights of its signals is the score of the form.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal {
    /// The caller named the form or one of its fields.
    NamedByCaller,
    /// A form that the caller named has a password field.
    NamedFormHasPassword,
    /// It has exactly one password field.
    PasswordField,
    /// It has a user name field.
    UserField,
    /// Its names, its address, its buttons or its text mention a login.
    LoginWords,
    /// The password field is marked as `new-password`, as in a registration.
    NewPassword,
    /// A further text field, as in a registration. It counts once for each field.
    OtherTextField,
    /// It asks for the user name only; the password follows on the next page.
    UserNameOnly,
}

impl Signal {
    const fn weight(self) -> i32 {
        match self {
            Signal::NamedByCaller => 100,
            Signal::NamedFormHasPassword => 1,
            Signal::PasswordField => 10,
            Signal::UserField => 4,
            Signal::LoginWords => 4,
            Signal::NewPassword => -6,
            Signal::OtherTextField => -1,
            Signal::UserNameOnly => 5,
        }
    }
}

/// The score of a form with these signals.
pub(super) fn score(signals: &[Signal]) -> i32 {
    signals.iter().map(|signal| signal.weight()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_needs_a_user_name_or_login_words_to_be_certain() {
        let is_certain = |signals: &[Signal]| score(signals) >= MIN_CERTAIN_SCORE;
        assert!(is_certain(&[Signal::PasswordField, Signal::UserField]));
        assert!(is_certain(&[Signal::PasswordField, Signal::LoginWords, Signal::OtherTextField]));
        assert!(!is_certain(&[Signal::PasswordField]));
        assert!(!is_certain(&[Signal::PasswordField, Signal::UserField, Signal::NewPassword]));
        assert!(!is_certain(&[Signal::UserNameOnly]));
        assert_eq!(
            score(&[Signal::PasswordField, Signal::UserField, Signal::LoginWords, Signal::NewPassword]),
            12
        );
    }
}
