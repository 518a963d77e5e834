// A sequence diagram: exchanges as arrows between client and server, the newest at the bottom.

import { byId, make, sessionChange } from "./dom.js";
import { say, time } from "./texts.js";

const MAX_ITEMS = 300;

// Within this many pixels of the end, the list follows new exchanges.
const END_MARGIN = 48;

const headers = (list, name) => list.filter(([key]) => key === name).map(([, value]) => value);
const deletes = (line) => /;\s*max-age=0(;|$)/i.test(line);
const cookieOf = (line) => line.split(";")[0];

function statusClass(status) {
  return status < 300 ? "fine" : status < 400 ? "on" : "bad";
}

function arrow(direction, what, notes) {
  return make("span", `arrow ${direction}`, make("span", "what", ...what), ...notes);
}

// The user and the handle of the session, as in the table.
function sessionOf({ handle, session }) {
  if (!handle) return null;
  const user = session?.user ? make("b", "", `${session.user} `) : "";
  return make("span", "session", user, make("code", "", handle.slice(0, 8)));
}

function itemOf(exchange, notes) {
  const cookies = headers(exchange.request, "cookie").map((value) => make("code", "cookie", `Cookie: ${value}`));
  const lines = headers(exchange.response, "set-cookie").map((line) =>
    make("code", `cookie ${deletes(line) ? "gone" : "new"}`,
      make("b", "", deletes(line) ? "-" : "+"), ` Set-Cookie: ${cookieOf(line)}`));
  const location = headers(exchange.response, "location").map((to) => make("span", "aside", ` → ${to}`));
  const status = `${exchange.status} ${exchange.reason}`.trim();
  const item = make("li", "exchange",
    make("span", "number", `#${exchange.number}`, make("time", "", time(exchange.at))),
    make("span", "flow",
      arrow("request", [make("b", "", exchange.method), ` ${exchange.target}`], cookies),
      arrow(`response ${statusClass(exchange.status)}`,
        [make("b", "", status), ...location, make("span", "aside", ` ${say("duration", { ms: exchange.ms })}`)], lines)),
    make("span", "changes", sessionOf(exchange), ...exchange.changes.map(sessionChange), ...notes));
  item.id = `exchange-${exchange.number}`;
  item.setAttribute("role", "option");
  item.setAttribute("aria-selected", "false");
  return item;
}

export class Exchanges {
  #list = byId("exchanges");
  #scroller = this.#list.parentElement;
  #latest = byId("latest");
  #pending = [];
  #exchanges = new Map();
  #selected = null;
  #follows = true;
  #onSelect;

  constructor(onSelect) {
    this.#onSelect = onSelect;
    this.#list.addEventListener("click", (event) => this.#select(event.target.closest(".exchange")));
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    // Scrolling up stops following, scrolling back to the end resumes it.
    this.#scroller.addEventListener("scroll", () => {
      const below = this.#scroller.scrollHeight - this.#scroller.scrollTop - this.#scroller.clientHeight;
      this.#follow(below < END_MARGIN);
    }, { passive: true });
    this.#latest.addEventListener("click", () => this.#toEnd());
    new ResizeObserver(() => this.#follows && this.#toEnd()).observe(this.#scroller);
  }

  // `notes`: further changes by the exchange.
  add(exchange, notes) {
    this.#put({ item: itemOf(exchange, notes), exchange });
  }

  // Notes that requests were not shown.
  addHidden(count) {
    this.#put({ item: make("li", "hidden", say("hidden", { count })), exchange: null });
  }

  clear() {
    this.#pending = [];
    this.#exchanges.clear();
    this.#list.replaceChildren();
    this.#unselect();
    this.#follow(true);
    byId("no-exchanges").hidden = false;
  }

  // Draws all pending items with the next animation frame.
  #put(entry) {
    if (entry.exchange === null) entry.item.setAttribute("role", "presentation");
    if (this.#pending.push(entry) > MAX_ITEMS) this.#pending.shift();
    if (this.#pending.length === 1) requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    const entries = this.#pending;
    this.#pending = [];
    if (entries.length === 0) return;
    for (const { item, exchange } of entries) if (exchange) this.#exchanges.set(item.id, exchange);
    this.#list.append(...entries.map(({ item }) => item));
    while (this.#list.childElementCount > MAX_ITEMS) {
      const first = this.#list.firstElementChild;
      this.#exchanges.delete(first.id);
      if (first === this.#selected) this.#unselect();
      first.remove();
    }
    byId("no-exchanges").hidden = true;
    if (this.#follows) this.#toEnd();
  }

  #follow(follows) {
    this.#follows = follows;
    this.#latest.hidden = follows;
  }

  #toEnd() {
    this.#follow(true);
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #unselect() {
    this.#selected?.setAttribute("aria-selected", "false");
    this.#selected = null;
    this.#list.removeAttribute("aria-activedescendant");
    this.#onSelect(null);
  }

  #select(item) {
    if (!item) return;
    this.#selected?.setAttribute("aria-selected", "false");
    this.#selected = item;
    item.setAttribute("aria-selected", "true");
    this.#list.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
    this.#onSelect(this.#exchanges.get(item.id));
  }

  #key(event) {
    const all = [...this.#list.querySelectorAll(".exchange")];
    if (all.length === 0) return;
    const at = all.indexOf(this.#selected);
    const to = { ArrowUp: at < 0 ? all.length - 1 : at - 1, ArrowDown: at < 0 ? all.length - 1 : at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === "Escape") return this.#unselect();
    if (to === undefined) return;
    event.preventDefault();
    this.#select(all[Math.min(Math.max(to, 0), all.length - 1)]);
  }
}
