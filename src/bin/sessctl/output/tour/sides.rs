//! What client and server keep, side by side, and what a step changed of it: `+` new, `~` changed, `-` gone.

use sessctl::clock::Timestamp;
use sessctl::cookies::StoredCookie;
use sessctl::session::Data;

use super::{Look, ROOMY};
use crate::output::cookie_table::{flags, sent_to};
use crate::output::decision::named;
use crate::output::style::{Role, paint, sanitize, shortened};
use crate::output::text_layout::{hanging, padded, wrapped};
use crate::tour::{Kept, Sides, Step, StepKey};

/// How wide the client's side is, of two.
const LEFT: usize = 34;

/// What became of a thing.
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

/// A line of a side.
struct Entry {
    mark: Mark,
    /// Whether it belongs to the line above.
    inner: bool,
    text: String,
}

/// A line as it is, and what colour says of it beside its sign.
type Line = (String, Option<Role>);

impl Entry {
    fn lines(&self, room: usize) -> impl Iterator<Item = Line> {
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

/// Both sides after a step, with what it changed.
pub(super) fn beside(step: &Step, look: &Look<'_>) -> Vec<String> {
    // Where what the server keeps is what the step is about.
    let whole = matches!(step.key, StepKey::Record | StepKey::Deletion);
    let (client, server) = (client(step, whole, look), server(step, whole, look));
    let heads = (look.texts.say("tour-on-client"), look.texts.say("tour-on-server"));
    let painted =
        |(line, role): &Line| role.map_or_else(|| line.clone(), |role| paint(role, line, look.color));
    if look.width < ROOMY {
        let lines = [under(&heads.0, &client, look.width), under(&heads.1, &server, look.width)].concat();
        return lines.iter().map(painted).collect();
    }
    let (left, right) = (under(&heads.0, &client, LEFT), under(&heads.1, &server, look.width - LEFT - 3));
    let rows = (0..left.len().max(right.len())).map(|row| {
        let (line, role) = left.get(row).cloned().unwrap_or_default();
        let left = painted(&(padded(&line, LEFT), role));
        let right = right.get(row).map(painted).unwrap_or_default();
        format!("{left} │ {right}").trim_end().to_owned()
    });
    rows.collect()
}

fn under(head: &str, entries: &[Entry], room: usize) -> Vec<Line> {
    let heads = wrapped(head, room).into_iter().map(|line| (line, Some(Role::Key)));
    heads.chain(entries.iter().flat_map(|entry| entry.lines(room))).collect()
}

fn client(step: &Step, whole: bool, look: &Look<'_>) -> Vec<Entry> {
    let of = |cookies: &[StoredCookie], cookie: &StoredCookie| {
        cookies.iter().find(|other| other.is_same_as(cookie)).cloned()
    };
    let Sides { cookies: before, .. } = &step.before;
    let Sides { cookies: after, .. } = &step.after;
    let gone = before.iter().filter(|cookie| of(after, cookie).is_none());
    let mut entries = Vec::new();
    for cookie in gone.chain(after) {
        let (old, new) = (of(before, cookie), of(after, cookie));
        let mark = Mark::of(old.as_ref(), new.as_ref(), |old, new| old.value == new.value);
        let value = sanitize(&cookie.value.to_text(), false).into_owned();
        let text = format!("{}={}", named(&cookie.name), shortened(&value, look.reveal));
        entries.push(Entry { mark, inner: false, text });
        if matches!(mark, Mark::New | Mark::Changed) || (mark == Mark::Same && whole) {
            let place = [("host", sent_to(cookie)), ("path", sanitize(cookie.path(), false).into_owned())];
            let place = place.each_ref().map(|(name, value)| (*name, value.as_str().into()));
            let mut inner = vec![look.texts.say_with("tour-cookie-scope", &place), flags(cookie)];
            inner.extend(cookie.expires.is_none().then(|| look.texts.say("tour-cookie-until-exit")));
            let inner = inner.into_iter().filter(|text| !text.is_empty());
            entries.extend(inner.map(|text| Entry { mark, inner: true, text }));
        }
    }
    or_nothing(entries, look)
}

fn server(step: &Step, whole: bool, look: &Look<'_>) -> Vec<Entry> {
    let of =
        |records: &[Kept], kept: &Kept| records.iter().find(|other| other.number == kept.number).cloned();
    let Sides { records: before, .. } = &step.before;
    let Sides { records: after, now, .. } = &step.after;
    let gone = before.iter().filter(|kept| of(after, kept).is_none());
    let mut entries = Vec::new();
    for kept in gone.chain(after) {
        let (old, new) = (of(before, kept), of(after, kept));
        let mark = Mark::of(old.as_ref(), new.as_ref(), |_, _| true);
        let user = kept.record.user.as_deref().map(|user| sanitize(user, false).into_owned());
        let user = user.unwrap_or_else(|| look.texts.say("tour-session-anonymous"));
        let values = [("number", kept.number.into()), ("user", user.as_str().into())];
        entries.push(Entry { mark, inner: false, text: look.texts.say_with("tour-session", &values) });
        let data = Mark::of(old.as_ref(), new.as_ref(), |old, new| old.record.data == new.record.data);
        let is_told = mark == Mark::New || (mark == Mark::Same && whole);
        if is_told {
            let handle: String = kept.record.handle.to_string().chars().take(8).chain(['…']).collect();
            let text = look.texts.say_with("tour-session-handle", &[("handle", handle.as_str().into())]);
            entries.push(Entry { mark, inner: true, text });
        }
        if is_told || data == Mark::Changed {
            let text = look
                .texts
                .say_with("tour-session-data", &[("data", data_of(&kept.record.data, look).as_str().into())]);
            entries.push(Entry { mark: data, inner: true, text });
        }
        if is_told {
            entries.push(Entry { mark, inner: true, text: ends(kept, *now, look) });
        }
    }
    or_nothing(entries, look)
}

fn data_of(data: &Data, look: &Look<'_>) -> String {
    let pairs: Vec<String> =
        data.iter().map(|(name, value)| sanitize(&format!("{name} = {value}"), false).into_owned()).collect();
    if pairs.is_empty() { look.texts.say("tour-session-no-data") } else { pairs.join(", ") }
}

fn ends(kept: &Kept, now: Timestamp, look: &Look<'_>) -> String {
    let (idle, absolute) = (kept.record.expires().since(now), kept.record.absolute_expiry.since(now));
    let (idle, absolute) = (look.duration(idle), look.duration(absolute));
    look.texts.say_with(
        "tour-session-expiry",
        &[("idle", idle.as_str().into()), ("absolute", absolute.as_str().into())],
    )
}

fn or_nothing(entries: Vec<Entry>, look: &Look<'_>) -> Vec<Entry> {
    if entries.iter().any(|entry| entry.mark != Mark::Gone) {
        return entries;
    }
    let nothing = Entry { mark: Mark::Same, inner: false, text: look.texts.say("tour-nothing") };
    entries.into_iter().chain([nothing]).collect()
}

/// What a step changed, in few words: `+ sessionid`.
pub(super) fn summary(step: &Step) -> String {
    let (before, after) = (&step.before.cookies, &step.after.cookies);
    let missing =
        |from: &[StoredCookie], cookie: &StoredCookie| !from.iter().any(|other| other.is_same_as(cookie));
    let new = after.iter().filter(|cookie| missing(before, cookie)).map(|cookie| ("+", cookie));
    let gone = before.iter().filter(|cookie| missing(after, cookie)).map(|cookie| ("-", cookie));
    let changes = new.chain(gone).map(|(sign, cookie)| format!("{sign} {}", named(&cookie.name)));
    changes.collect::<Vec<String>>().join(", ")
}
