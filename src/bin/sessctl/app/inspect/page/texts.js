// The texts of the page, by name.

const texts = JSON.parse(document.getElementById("texts").textContent);
const numbers = new Intl.NumberFormat(document.documentElement.lang);
const times = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

export function say(name, values = {}) {
  const format = (value) => (typeof value === "number" ? numbers.format(value) : value);
  return texts[name].replace(/\{([a-z]+)\}/g, (mark, key) => (key in values ? format(values[key]) : mark));
}

export const time = (millis) => times.format(new Date(millis));
