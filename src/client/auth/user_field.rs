//! Which field of a form takes the user name, and why.

use super::trace::FieldMatch;
use super::vocabulary::{OTHER_USES, USER, mentions};
use crate::client::html::form::{Control, Form};

/// A property that marks a user name field.
type Rule = (FieldMatch, fn(&Control) -> bool);

/// The user name field of a form: the one that is marked or called so, else the last text field before the password,
/// else the first text field.
pub(super) fn user_field(
    form: &Form,
    password: Option<usize>,
    given: &[String],
) -> Option<(usize, FieldMatch)> {
    let is_free = |control: &Control| {
        control.is_text() && !given.contains(&control.name) && !mentions(&names_of(control), OTHER_USES)
    };
    let texts: Vec<usize> = form.positions(is_free).collect();
    let is_before = |index: &usize| password.is_some_and(|password| *index < password);
    let rules: [Rule; 5] = [
        (FieldMatch::Autocomplete, |control| control.has_autocomplete("username")),
        (FieldMatch::Name, |control| mentions(&control.name, USER) || mentions(&control.id, USER)),
        (FieldMatch::Autocomplete, |control| control.has_autocomplete("email")),
        (FieldMatch::Type, |control| control.text_type() == Some("email")),
        (FieldMatch::Label, |control| mentions(&control.label, USER)),
    ];
    // Of several fields that match, the one nearest to the password before it.
    let by_rule = rules.into_iter().find_map(|(reason, is_match)| {
        let matching = || texts.iter().copied().filter(|index| is_match(&form.controls[*index]));
        Some((matching().rfind(is_before).or_else(|| matching().next())?, reason))
    });
    by_rule
        .or_else(|| Some((texts.iter().copied().rfind(is_before)?, FieldMatch::BeforePassword)))
        .or_else(|| Some((*texts.first()?, FieldMatch::FirstText)))
}

/// Everything that names a field, in one text.
pub(super) fn names_of(control: &Control) -> String {
    let kind = control.text_type().unwrap_or_default();
    [&control.name, &control.id, &control.label, &control.autocomplete, kind].join(" ")
}
