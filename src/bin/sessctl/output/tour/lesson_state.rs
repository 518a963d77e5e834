//! What attacker, victim and server keep after a step of a lesson, with the marks of the tour.

use sessctl::cookies::StoredCookie;

use super::layout::Layout;
use super::state_diff::{DiffEntry, changes, data_of, or_nothing};
use crate::output::decision::named;
use crate::output::style::{sanitize, shortened};
use crate::tour::NumberedRecord;

pub(super) fn cookies(
    (before, after): (&[StoredCookie], &[StoredCookie]),
    layout: &Layout<'_>,
) -> Vec<DiffEntry> {
    let changes = changes((before, after), StoredCookie::is_same_as, |old, new| old.value != new.value);
    let entries = changes.into_iter().map(|change| {
        let value = sanitize(&change.what.value.to_text(), false).into_owned();
        let text = format!("{}={}", named(&change.what.name), shortened(&value, layout.reveal));
        DiffEntry { mark: change.mark, inner: false, text }
    });
    or_nothing(entries.collect(), layout)
}

pub(super) fn sessions(
    (before, after): (&[NumberedRecord], &[NumberedRecord]),
    layout: &Layout<'_>,
) -> Vec<DiffEntry> {
    let is_same = |a: &NumberedRecord, b: &NumberedRecord| a.number == b.number;
    let differs = |a: &NumberedRecord, b: &NumberedRecord| a.record.data != b.record.data;
    let entries = changes((before, after), is_same, differs).into_iter().map(|change| {
        let record = &change.what.record;
        let user = record.user.as_deref().map(|user| sanitize(user, false).into_owned());
        let user = user.unwrap_or_else(|| layout.texts.say("tour-session-anonymous"));
        let data = data_of(&record.data, layout);
        let values = [("number", change.what.number.into()), ("user", user.as_str().into())];
        let session = layout.texts.say_with("tour-session", &values);
        let data = layout.texts.say_with("tour-session-data", &[("data", data.as_str().into())]);
        DiffEntry { mark: change.mark, inner: false, text: format!("{session}, {data}") }
    });
    or_nothing(entries.collect(), layout)
}
