//! The state of client and server side by side. Signs mark the changes of a step: `+` new, `~` changed, `-` removed.

use sessctl::clock::Timestamp;
use sessctl::cookies::StoredCookie;
use sessctl::session::Data;

use super::layout::{Layout, TWO_COLUMNS_WIDTH};
use crate::output::cookie_table::{flags, sent_to};
use crate::output::decision::named;
use crate::output::style::{Role, paint, sanitize, shortened};
use crate::output::text_layout::{hanging, padded, wrapped};
use crate::tour::{NumberedRecord, Step, StepKey, TourState};

/// The width of the column of the client.
const LEFT_WIDTH: usize = 34;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Changed,
    Gone,
    Same,
}

impl Mark {
    const fn sign(self) -> &'static str {
        match self {
            Mark::New => "+",
            Mark::Changed => "~",
            Mark::Gone => "-",
            Mark::Same => " ",
        }
    }

    fn of<T>(before: Option<&T>, after: Option<&T>, is_same: impl Fn(&T, &T) -> bool) -> Mark {
        match (before, after) {
            (None, _) => Mark::New,
            (_, None) => Mark::Gone,
            (Some(before), Some(after)) if is_same(before, after) => Mark::Same,
            _ => Mark::Changed,
        }
    }
}

struct DiffEntry {
    mark: Mark,
    /// Whether it describes the entry above.
    inner: bool,
    text: String,
}

/// A line with its color.
type DiffLine = (String, Option<Role>);

impl DiffEntry {
    fn lines(&self, room: usize) -> impl Iterator<Item = DiffLine> {
        let first = format!("{} {}", self.mark.sign(), if self.inner { "  " } else { "" });
        let role = match self.mark {
            Mark::New => Some(Role::Good),
            Mark::Changed => Some(Role::Notable),
            Mark::Gone => Some(Role::Bad),
            Mark::Same => None,
        };
        hanging(&first, &self.text, room).into_iter().map(move |line| (line, role))
    }
}

pub(super) fn side_by_side(step: &Step, layout: &Layout<'_>) -> Vec<String> {
    // These steps are about the stored state.
    let show_all = matches!(step.key, StepKey::Record | StepKey::Deletion);
    let (client, server) = (client(step, show_all, layout), server(step, show_all, layout));
    let heads = (layout.texts.say("tour-on-client"), layout.texts.say("tour-on-server"));
    let painted =
        |(line, role): &DiffLine| role.map_or_else(|| line.clone(), |role| paint(role, line, layout.color));
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
    let of = |cookies: &[StoredCookie], cookie: &StoredCookie| {
        cookies.iter().find(|other| other.is_same_as(cookie)).cloned()
    };
    let TourState { cookies: before, .. } = &step.before;
    let TourState { cookies: after, .. } = &step.after;
    let gone = before.iter().filter(|cookie| of(after, cookie).is_none());
    let mut entries = Vec::new();
    for cookie in gone.chain(after) {
        let (old, new) = (of(before, cookie), of(after, cookie));
        let mark = Mark::of(old.as_ref(), new.as_ref(), |old, new| old.value == new.value);
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
    let of = |records: &[NumberedRecord], kept: &NumberedRecord| {
        records.iter().find(|other| other.number == kept.number).cloned()
    };
    let TourState { records: before, .. } = &step.before;
    let TourState { records: after, now, .. } = &step.after;
    let gone = before.iter().filter(|kept| of(after, kept).is_none());
    let mut entries = Vec::new();
    for kept in gone.chain(after) {
        let (old, new) = (of(before, kept), of(after, kept));
        let mark = Mark::of(old.as_ref(), new.as_ref(), |_, _| true);
        let user = kept.record.user.as_deref().map(|user| sanitize(user, false).into_owned());
        let user = user.unwrap_or_else(|| layout.texts.say("tour-session-anonymous"));
        let values = [("number", kept.number.into()), ("user", user.as_str().into())];
        entries.push(DiffEntry { mark, inner: false, text: layout.texts.say_with("tour-session", &values) });
        let data = Mark::of(old.as_ref(), new.as_ref(), |old, new| old.record.data == new.record.data);
        let is_described = mark == Mark::New || (mark == Mark::Same && show_all);
        if is_described {
            let handle: String = kept.record.handle.to_string().chars().take(8).chain(['…']).collect();
            let text = layout.texts.say_with("tour-session-handle", &[("handle", handle.as_str().into())]);
            entries.push(DiffEntry { mark, inner: true, text });
        }
        if is_described || data == Mark::Changed {
            let text = layout.texts.say_with(
                "tour-session-data",
                &[("data", data_of(&kept.record.data, layout).as_str().into())],
            );
            entries.push(DiffEntry { mark: data, inner: true, text });
        }
        if is_described {
            entries.push(DiffEntry { mark, inner: true, text: ends(kept, *now, layout) });
        }
    }
    or_nothing(entries, layout)
}

fn data_of(data: &Data, layout: &Layout<'_>) -> String {
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

fn or_nothing(entries: Vec<DiffEntry>, layout: &Layout<'_>) -> Vec<DiffEntry> {
    if entries.iter().any(|entry| entry.mark != Mark::Gone) {
        return entries;
    }
    let nothing = DiffEntry { mark: Mark::Same, inner: false, text: layout.texts.say("tour-nothing") };
    entries.into_iter().chain([nothing]).collect()
}

/// The change of the cookies in short: `+ sessionid`.
pub(super) fn cookie_changes(step: &Step) -> String {
    let (before, after) = (&step.before.cookies, &step.after.cookies);
    let missing =
        |from: &[StoredCookie], cookie: &StoredCookie| !from.iter().any(|other| other.is_same_as(cookie));
    let new = after.iter().filter(|cookie| missing(before, cookie)).map(|cookie| ("+", cookie));
    let gone = before.iter().filter(|cookie| missing(after, cookie)).map(|cookie| ("-", cookie));
    let changes = new.chain(gone).map(|(sign, cookie)| format!("{sign} {}", named(&cookie.name)));
    changes.collect::<Vec<String>>().join(", ")
}
