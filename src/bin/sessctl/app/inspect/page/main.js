// The stream of what happens, handed on to those who show it.

import { byId, marked } from "./dom.js";
import { Lifelines } from "./lifelines.js";
import { Panel } from "./panel.js";
import { Sessions } from "./sessions.js";
import { say } from "./words.js";

// How many messages wait while the page is paused.
const WAITING = 500;

const panel = new Panel();
const lifelines = new Lifelines((exchange) => panel.show(exchange));
const sessions = new Sessions();

// The server's clock, which may be moved, by the browser's.
let ahead = 0;
const now = () => Date.now() + ahead;

let last = 0;
let counts = null;
let paused = false;
let waiting = [];
let overflowed = 0;

const show = {
  exchange(exchange) {
    // After a connection was lost some come again.
    if (exchange.again && exchange.number <= last) return;
    last = Math.max(last, exchange.number);
    const changed = exchange.session && !exchange.again ? sessions.update(exchange.session, now()) : [];
    lifelines.add(exchange, changed.map((text) => marked("~", text)));
  },
  sessions: (table) => sessions.replace(table, now()),
  ended: ({ handle, reason }) => sessions.end(handle, reason),
  missed: ({ count }) => { byId("missed").textContent = say("missed", { count }); },
  hidden: ({ count }) => lifelines.hid(count),
};

function hear(kind, message) {
  if (!paused) return show[kind](message);
  if (waiting.push([kind, message]) > WAITING) {
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
    if (shown < all) hear("hidden", { count: all - shown });
  }
  counts = message;
}

function state(name) {
  byId("state").textContent = say(name);
  byId("state").dataset.state = name;
}

// What a connection begins with are the exchanges that there were before; its first table ends them.
let greeting = true;

const stream = new EventSource("events");
stream.addEventListener("open", () => {
  state("live");
  [greeting, counts] = [true, null];
});
stream.addEventListener("error", () => state(stream.readyState === EventSource.CLOSED ? "over" : "lost"));
for (const kind of ["tick", "exchange", "sessions", "ended", "missed"]) {
  stream.addEventListener(kind, ({ data }) => {
    const message = JSON.parse(data);
    // Of what was kept the time is long over.
    if (message.now && !(greeting && kind === "exchange")) ahead = message.now - Date.now();
    if (kind === "tick") return tick(message);
    if (kind === "exchange" && greeting) message.again = true;
    if (kind === "sessions") greeting = false;
    hear(kind, message);
  });
}

byId("pause").addEventListener("click", ({ currentTarget: button }) => {
  paused = !paused;
  button.setAttribute("aria-pressed", String(paused));
  button.textContent = say(paused ? "resume" : "pause");
  if (paused) return;
  if (overflowed > 0) lifelines.hid(overflowed);
  const held = waiting;
  [waiting, overflowed] = [[], 0];
  for (const [kind, message] of held) show[kind](message);
});

byId("clear").addEventListener("click", () => {
  [waiting, overflowed] = [waiting.filter(([kind]) => kind === "sessions" || kind === "ended"), 0];
  byId("missed").textContent = "";
  lifelines.clear();
});

setInterval(() => sessions.tick(now()), 250);
