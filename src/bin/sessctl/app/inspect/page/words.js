// What the page says: texts by name, in the language of the page.

const texts = JSON.parse(document.getElementById("texts").textContent);
const numbers = new Intl.NumberFormat(document.documentElement.lang);
const times = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

export function say(name, values = {}) {
  const shown = (value) => (typeof value === "number" ? numbers.format(value) : value);
  return texts[name].replace(/\{([a-z]+)\}/g, (mark, key) => (key in values ? shown(values[key]) : mark));
}

export const time = (millis) => times.format(new Date(millis));

// What the server says a request did, with the mark before it.
const CHANGES = {
  "session began": "change-began",
  "token renewed": "change-renewed",
  "data changed": "change-data",
  "session ended": "change-ended",
};

export const change = (what) => (what in CHANGES ? say(CHANGES[what]) : what);
