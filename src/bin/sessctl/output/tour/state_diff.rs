//! The state of client and server side by side. Signs mark the changes of a step: `+` new, `~` changed, `-` removed.

use sessctl::clock::Timestamp;
use sessctl::cookies::StoredCookie;
use sessctl::session::Data;

use super::layout::{Layout, TWO_COLUMNS_WIDTH};
use crate::output::cookie_table::{flags, sent_to};
use crate::output::decision::named;
use crate::output::style::{Role, sanitize, shortened};
use crate::output::text_layout::{hanging, padded, wrapped};
use crate::tour::{NumberedRecord, Step, StepKey};

/// The width of the column of the client.
const LEFT_WIDTH: usize = 34;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    New,
    Changed,
    Gone,
    Same,
}

impl Mark {
    const fn sign_and_role(self) -> (&'static str, Option<Role>) {
        match self {
            Mark::New => ("+", Some(Role::Good)),
            Mark::Changed => ("~", Some(Role::Notable)),
            Mark::Gone => ("-", Some(Role::Bad)),
            Mark::Same => (" ", None),
        }
    }
}

/// A cookie or a session, and its change in a step.
pub(super) struct StateChange<'a, T> {
    pub(super) mark: Mark,
    pub(super) what: &'a T,
}

/// What is in either state: first what is gone. `is_same` tells whether two are the same cookie or session, and `differs`
/// whether its content has changed.
pub(super) fn changes<'a, T>(
    (before, after): (&'a [T], &'a [T]),
    is_same: impl Fn(&T, &T) -> bool,
    differs: impl Fn(&T, &T) -> bool,
) -> Vec<StateChange<'a, T>> {
    let is_gone = |old: &&T| !after.iter().any(|new| is_same(old, new));
    let gone = before.iter().filter(is_gone).map(|what| StateChange { mark: Mark::Gone, what });
    let mark = |new: &T| match before.iter().find(|old| is_same(old, new)) {
        None => Mark::New,
        Some(old) if differs(old, new) => Mark::Changed,
        Some(_) => Mark::Same,
    };
    gone.chain(after.iter().map(|what| StateChange { mark: mark(what), what })).collect()
}

fn cookie_changes(step: &Step) -> Vec<StateChange<'_, StoredCookie>> {
    let states = (&*step.before.cookies, &*step.after.cookies);
    changes(states, StoredCookie::is_same_as, |old, new| old.value != new.value)
}

pub(super) struct DiffEntry {
    pub(super) mark: Mark,
    /// Whether it describes the entry above.
    pub(super) inner: bool,
    pub(super) text: String,
}

/// A line with its color.
pub(super) type DiffLine = (String, Option<Role>);

impl DiffEntry {
    pub(super) fn lines(&self, room: usize) -> impl Iterator<Item = DiffLine> {
        let (sign, role) = self.mark.sign_and_role();
        let first = format!("{sign} {}", if self.inner { "  " } else { "" });
        hanging(&first, &self.text, room).into_iter().map(move |line| (line, role))
    }
}

pub(super) fn side_by_side(step: &Step, layout: &Layout<'_>) -> Vec<String> {
    // These steps are about the stored state.
    let show_all = matches!(step.key, StepKey::Record | StepKey::Deletion);
    let (client, server) = (client(step, show_all, layout), server(step, show_all, layout));
    let heads = (layout.texts.say("tour-on-client"), layout.texts.say("tour-on-server"));
    let painted = |(line, role): &DiffLine| layout.painted(*role, line);
    if layout.width < TWO_COLUMNS_WIDTH {
        let lines =
            [column(&heads.0, &client, layout.width), column(&heads.1, &server, layout.width)].concat();
        return lines.iter().map(painted).collect();
    }
    let (left, right) =
        (column(&heads.0, &client, LEFT_WIDTH), column(&heads.1, &server, layout.width - LEFT_WIDTH - 3));
    let rows = (0..left.len().max(right.len())).map(|row| {
        let (line, role) = left.get(row).cloned().unwrap_or_default();
        let left = painted(&(padded(&line, LEFT_WIDTH), role));
        let right = right.get(row).map(painted).unwrap_or_default();
        format!("{left} │ {right}").trim_end().to_owned()
    });
    rows.collect()
}

fn column(head: &str, entries: &[DiffEntry], room: usize) -> Vec<DiffLine> {
    let heads = wrapped(head, room).into_iter().map(|line| (line, Some(Role::Key)));
    heads.chain(entries.iter().flat_map(|entry| entry.lines(room))).collect()
}

fn client(step: &Step, show_all: bool, layout: &Layout<'_>) -> Vec<DiffEntry> {
    let mut entries = Vec::new();
    for StateChange { mark, what: cookie } in cookie_changes(step) {
        let value = sanitize(&cookie.value.to_text(), false).into_owned();
        let text = format!("{}={}", named(&cookie.name), shortened(&value, layout.reveal));
        entries.push(DiffEntry { mark, inner: false, text });
        if matches!(mark, Mark::New | Mark::Changed) || (mark == Mark::Same && show_all) {
            let place = [("host", sent_to(cookie)), ("path", sanitize(cookie.path(), false).into_owned())];
            let place = place.each_ref().map(|(name, value)| (*name, value.as_str().into()));
            let mut inner = vec![layout.texts.say_with("tour-cookie-scope", &place), flags(cookie)];
            inner.extend(cookie.expires.is_none().then(|| layout.texts.say("tour-cookie-until-exit")));
            let inner = inner.into_iter().filter(|text| !text.is_empty());
            entries.extend(inner.map(|text| DiffEntry { mark, inner: true, text }));
        }
    }
    or_nothing(entries, layout)
}

fn server(step: &Step, show_all: bool, layout: &Layout<'_>) -> Vec<DiffEntry> {
    let states = (&*step.before.records, &*step.after.records);
    let is_same = |a: &NumberedRecord, b: &NumberedRecord| a.number == b.number;
    let mut entries = Vec::new();
    let differs = |a: &NumberedRecord, b: &NumberedRecord| a.record.data != b.record.data;
    for StateChange { mark: data_mark, what: kept } in changes(states, is_same, differs) {
        // Only the line of the data is marked as changed.
        let mark = if data_mark == Mark::Changed { Mark::Same } else { data_mark };
        let user = kept.record.user.as_deref().map(|user| sanitize(user, false).into_owned());
        let user = user.unwrap_or_else(|| layout.texts.say("tour-session-anonymous"));
        let values = [("number", kept.number.into()), ("user", user.as_str().into())];
        entries.push(DiffEntry { mark, inner: false, text: layout.texts.say_with("tour-session", &values) });
        let mut describe = |mark, text| entries.push(DiffEntry { mark, inner: true, text });
        let is_described = mark == Mark::New || (mark == Mark::Same && show_all);
        if is_described {
            let handle: String = kept.record.handle.to_string().chars().take(8).chain(['…']).collect();
            let values = [("handle", handle.as_str().into())];
            describe(mark, layout.texts.say_with("tour-session-handle", &values));
        }
        if is_described || data_mark == Mark::Changed {
            let data = data_of(&kept.record.data, layout);
            let values = [("data", data.as_str().into())];
            describe(data_mark, layout.texts.say_with("tour-session-data", &values));
        }
        if is_described {
            describe(mark, ends(kept, step.after.now, layout));
        }
    }
    or_nothing(entries, layout)
}

pub(super) fn data_of(data: &Data, layout: &Layout<'_>) -> String {
    let pairs: Vec<String> =
        data.iter().map(|(name, value)| sanitize(&format!("{name} = {value}"), false).into_owned()).collect();
    if pairs.is_empty() { layout.texts.say("tour-session-no-data") } else { pairs.join(", ") }
}

fn ends(kept: &NumberedRecord, now: Timestamp, layout: &Layout<'_>) -> String {
    let (idle, absolute) = (kept.record.expires().since(now), kept.record.absolute_expiry.since(now));
    let (idle, absolute) = (layout.duration(idle), layout.duration(absolute));
    layout.texts.say_with(
        "tour-session-expiry",
        &[("idle", idle.as_str().into()), ("absolute", absolute.as_str().into())],
    )
}

pub(super) fn or_nothing(entries: Vec<DiffEntry>, layout: &Layout<'_>) -> Vec<DiffEntry> {
    if entries.iter().any(|entry| entry.mark != Mark::Gone) {
        return entries;
    }
    let nothing = DiffEntry { mark: Mark::Same, inner: false, text: layout.texts.say("tour-nothing") };
    entries.into_iter().chain([nothing]).collect()
}

/// The change of the cookies in short: `+ sessionid`.
pub(super) fn change_of_cookies(step: &Step) -> String {
    let changes = cookie_changes(step);
    let shown = [(Mark::New, "+"), (Mark::Gone, "-")].into_iter().flat_map(|(mark, sign)| {
        let marked = changes.iter().filter(move |change| change.mark == mark);
        marked.map(move |change| format!("{sign} {}", named(&change.what.name)))
    });
    shown.collect::<Vec<String>>().join(", ")
}
