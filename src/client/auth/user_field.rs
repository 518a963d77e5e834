//! Which field of a form takes the user name, and why.

use super::trace::FieldMatch;
use super::vocabulary::{OTHER_USES, USER, mentions};
use crate::client::html::form::{Control, ControlKind, Form};

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
    // Of several fields that match, the one nearest to the password before it.
    let by = |reason: FieldMatch, is_match: &dyn Fn(&Control) -> bool| {
        let matching = || texts.iter().copied().filter(|index| is_match(&form.controls[*index]));
        matching().rfind(is_before).or_else(|| matching().next()).map(|index| (index, reason))
    };
    by(FieldMatch::Autocomplete, &|control| control.has_autocomplete("username"))
        .or_else(|| {
            by(FieldMatch::Name, &|control| mentions(&control.name, USER) || mentions(&control.id, USER))
        })
        .or_else(|| by(FieldMatch::Autocomplete, &|control| control.has_autocomplete("email")))
        .or_else(|| by(FieldMatch::Type, &|control| control.kind == ControlKind::Text("email".to_owned())))
        .or_else(|| by(FieldMatch::Label, &|control| mentions(&control.label, USER)))
        .or_else(|| texts.iter().copied().rfind(is_before).map(|index| (index, FieldMatch::BeforePassword)))
        .or_else(|| texts.first().map(|index| (*index, FieldMatch::FirstText)))
}

/// Everything that names a field, in one text.
pub(super) fn names_of(control: &Control) -> String {
    let kind = match &control.kind {
        ControlKind::Text(kind) => kind.as_str(),
        _ => "",
    };
    [&control.name, &control.id, &control.label, &control.autocomplete, kind].join(" ")
}
