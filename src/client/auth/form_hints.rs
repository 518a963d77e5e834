//! [`FormHints`]: what the caller knows about the login form.

/// What the caller knows about the login form, for pages on which it cannot be guessed.
///
/// ```
/// let mut hints = sessctl::client::auth::FormHints::default();
/// hints.form = Some("staff".to_owned());
/// hints.user_field = Some("employee".to_owned());
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct FormHints {
    /// The form: its number on the page (from 1), its `id`, its `name`, or the end of the path of its action.
    pub form: Option<String>,
    /// `name` or `id` of the user name field.
    pub user_field: Option<String>,
    /// `name` or `id` of the password field.
    pub password_field: Option<String>,
    /// Names of fields that the caller fills in: none of them is the user name field.
    pub(super) given: Vec<String>,
}

impl FormHints {
    pub(super) fn has_any(&self) -> bool {
        self.form.is_some() || self.user_field.is_some() || self.password_field.is_some()
    }

    /// The hints that hold on further pages: the number of a form holds only on the first page.
    pub(super) fn for_other_pages(&self) -> FormHints {
        let is_number = |form: &String| form.parse::<usize>().is_ok();
        FormHints { form: self.form.clone().filter(|form| !is_number(form)), ..self.clone() }
    }
}
