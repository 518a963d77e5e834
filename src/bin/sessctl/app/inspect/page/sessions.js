// The table of the sessions on the server, with the time until each one expires.

import { byId, make, signed } from "./dom.js";
import { say } from "./texts.js";

// How long a change stays marked, and how long the row of an ended session stays, in milliseconds.
const MARK_TIMEOUT = 8000;
const ENDED_ROW_TIMEOUT = 10000;

function left(millis) {
  const seconds = Math.max(0, Math.ceil(millis / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function countdown() {
  const [text, bar] = [make("span", "left"), make("span", "bar", make("span", ""))];
  bar.setAttribute("aria-hidden", "true");
  const show = (millis, of) => {
    const shown = left(millis);
    if (text.textContent !== shown) text.textContent = shown;
    bar.firstChild.style.width = `${Math.min(100, Math.max(0, (100 * millis) / of))}%`;
    bar.classList.toggle("short", millis < of / 6);
  };
  return { cell: make("td", "time", text, bar), show };
}

class Row {
  #note = make("td", "note");
  #data = make("td", "data");
  #idle = countdown();
  #absolute = countdown();
  #timer = null;

  constructor(session) {
    this.ended = false;
    this.element = make("tr", "",
      make("td", "user", make("b", "", session.user ?? say("anonymous")), make("code", "", session.handle.slice(0, 8))),
      this.#idle.cell, this.#absolute.cell, this.#data, this.#note);
    this.element.title = session.handle;
    this.update(session);
  }

  update(session) {
    this.session = session;
    const pairs = session.data.map(([key, value]) => make("span", "", `${key}: ${value}`));
    if (session.more > 0) pairs.push(make("span", "aside", say("more-data", { count: session.more })));
    this.#data.replaceChildren(...pairs);
  }

  mark(sign, text) {
    clearTimeout(this.#timer);
    this.#note.replaceChildren(signed(sign, text));
    this.element.className = this.ended ? "ended" : `fresh ${sign === "+" ? "new" : "other"}`;
    if (!this.ended) {
      this.#timer = setTimeout(() => {
        this.#note.replaceChildren();
        this.element.className = "";
      }, MARK_TIMEOUT);
    }
  }

  show(now) {
    const { idle_end, idle, end, created } = this.session;
    this.#idle.show(idle_end - now, idle);
    this.#absolute.show(end - now, end - created);
  }

  hasExpired(now) {
    return Math.min(this.session.idle_end, this.session.end) <= now;
  }
}

export class Sessions {
  #rows = new Map();
  #body = byId("sessions");
  #known = false;

  // Replaces the whole table. Changes since the last table are marked.
  replace({ sessions, more }, now) {
    if (sessions === null) {
      byId("count").textContent = say("table-unread");
      return;
    }
    for (const session of sessions.toReversed()) this.#upsert(session, now, this.#known);
    const handles = new Set(sessions.map((session) => session.handle));
    for (const [handle, row] of this.#rows) if (!handles.has(handle) && !more) this.#end(row, "gone");
    this.#known = true;
    this.#count(more);
  }

  // Updates the session of an exchange. Returns the changes of its data as texts.
  update(session, now) {
    const changed = this.#upsert(session, now, true);
    this.#count();
    return changed;
  }

  end(handle, reason) {
    const row = this.#rows.get(handle);
    if (row) this.#end(row, reason);
    this.#count();
  }

  tick(now) {
    for (const row of this.#rows.values()) {
      if (row.ended) continue;
      row.show(now);
      if (row.hasExpired(now)) this.#end(row, "expired");
    }
  }

  #upsert(session, now, marks) {
    const row = this.#rows.get(session.handle);
    if (!row) {
      const fresh = new Row(session);
      this.#rows.set(session.handle, fresh);
      this.#body.prepend(fresh.element);
      fresh.show(now);
      if (marks) fresh.mark("+", say("new"));
      return session.data.length > 0 && marks ? session.data.map(([key, value]) => say("data-new", { key, new: value })) : [];
    }
    if (row.ended) return [];
    const before = new Map(row.session.data);
    const changed = session.data.filter(([key, value]) => before.get(key) !== value).map(([key, value]) =>
      (before.has(key) ? say("data-changed", { key, old: before.get(key), new: value }) : say("data-new", { key, new: value })));
    const used = session.idle_end > row.session.idle_end;
    row.update(session);
    row.show(now);
    if (changed.length > 0) row.mark("~", changed.join(", "));
    else if (used) row.mark("~", say("used"));
    return changed;
  }

  #end(row, reason) {
    if (row.ended) return;
    row.ended = true;
    row.mark("-", say(`ended-${reason.replaceAll("_", "-")}`));
    setTimeout(() => {
      row.element.remove();
      this.#rows.delete(row.session.handle);
      this.#count();
    }, ENDED_ROW_TIMEOUT);
    this.#count();
  }

  #count(more = false) {
    const count = [...this.#rows.values()].filter((row) => !row.ended).length;
    byId("count").textContent = count === 0 ? "" : say(more ? "table-some" : "table-all", { count });
    byId("no-sessions").hidden = this.#rows.size > 0;
  }
}
