// Receives the events of the server and passes them to the views.

import { byId, signed } from "./dom.js";
import { Exchanges } from "./exchanges.js";
import { Panel } from "./panel.js";
import { Sessions } from "./sessions.js";
import { say } from "./texts.js";

// How many messages are kept while the page is paused.
const MAX_WAITING = 500;

const panel = new Panel();
const exchanges = new Exchanges((exchange) => panel.show(exchange));
const sessions = new Sessions();

// The server's clock relative to the browser's. `clock advance` changes it.
let offset = 0;
const now = () => Date.now() + offset;

let last = 0;
let counts = null;
let paused = false;
let waiting = [];
let overflowed = 0;

const show = {
  exchange(exchange) {
    // After a reconnect, the server sends some exchanges again.
    if (exchange.isRecent && exchange.number <= last) return;
    last = Math.max(last, exchange.number);
    const changed = exchange.session && !exchange.isRecent ? sessions.update(exchange.session, now()) : [];
    exchanges.add(exchange, changed.map((text) => signed("~", text)));
  },
  sessions: (table) => sessions.replace(table, now()),
  ended: ({ handle, reason }) => sessions.end(handle, reason),
  missed: ({ count }) => { byId("missed").textContent = say("missed", { count }); },
  hidden: ({ count }) => exchanges.addHidden(count),
};

function receive(kind, message) {
  if (!paused) return show[kind](message);
  if (waiting.push([kind, message]) > MAX_WAITING) {
    waiting.shift();
    overflowed += 1;
  }
  byId("pause").textContent = `${say("resume")} (${say("waiting", { count: waiting.length })})`;
}

function tick(message) {
  if (counts && message.all >= counts.all) {
    const [all, shown] = [message.all - counts.all, Math.min(message.shown - counts.shown, message.all - counts.all)];
    byId("rate").textContent = say(shown < all ? "rate-some" : "rate-all", { all, shown });
    byId("rate").classList.toggle("some", shown < all);
    if (shown < all) receive("hidden", { count: all - shown });
  }
  counts = message;
}

function state(name) {
  byId("state").textContent = say(name);
  byId("state").dataset.state = name;
}

// A connection starts with recent exchanges; the first table ends them.
let isReplaying = true;

const stream = new EventSource("events");
stream.addEventListener("open", () => {
  state("live");
  [isReplaying, counts] = [true, null];
});
stream.addEventListener("error", () => state(stream.readyState === EventSource.CLOSED ? "stopped" : "lost"));
for (const kind of ["tick", "exchange", "sessions", "ended", "missed"]) {
  stream.addEventListener(kind, ({ data }) => {
    const message = JSON.parse(data);
    // The time in a recent exchange is in the past.
    if (message.now && !(isReplaying && kind === "exchange")) offset = message.now - Date.now();
    if (kind === "tick") return tick(message);
    if (kind === "exchange" && isReplaying) message.isRecent = true;
    if (kind === "sessions") isReplaying = false;
    receive(kind, message);
  });
}

byId("pause").addEventListener("click", ({ currentTarget: button }) => {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
  button.textContent = say(paused ? "resume" : "pause");
  if (paused) return;
  if (overflowed > 0) exchanges.addHidden(overflowed);
  const held = waiting;
  [waiting, overflowed] = [[], 0];
  for (const [kind, message] of held) show[kind](message);
});

byId("clear").addEventListener("click", () => {
  [waiting, overflowed] = [waiting.filter(([kind]) => kind === "sessions" || kind === "ended"), 0];
  byId("missed").textContent = "";
  exchanges.clear();
});

setInterval(() => sessions.tick(now()), 250);
