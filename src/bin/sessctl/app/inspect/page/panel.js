// The selected exchange with its headers, as in the network panel of a browser.

import { byId, make, sessionChange } from "./dom.js";
import { say, time } from "./texts.js";

const titleCase = (name) => name.replace(/(^|-)([a-z])/g, (all, dash, letter) => dash + letter.toUpperCase());
const HIGHLIGHTED = new Set(["cookie", "set-cookie"]);

function table(title, rows) {
  const lines = rows.map(([name, value, kind]) => {
    const head = make("th", "", name);
    head.scope = "row";
    return make("tr", kind ?? "", head, make("td", "", value));
  });
  return make("table", "", make("caption", "", title), make("tbody", "", ...lines));
}

const fields = (list) => list.map(([name, value]) => [titleCase(name), value, HIGHLIGHTED.has(name) ? "cookie" : ""]);

export class Panel {
  #title = byId("panel-title");
  #details = byId("details");
  #hint = [this.#title.textContent, ...this.#details.childNodes];

  show(exchange) {
    if (!exchange) {
      this.#title.textContent = this.#hint[0];
      this.#details.replaceChildren(...this.#hint.slice(1));
      return;
    }
    const { number, method, target, version, status, reason, at, ms, handle, changes } = exchange;
    this.#title.textContent = say("exchange", { number });
    const general = [
      [say("method"), `${method} (${version})`],
      [say("target"), target],
      [say("status"), `${status} ${reason}`],
      [say("time"), time(at)],
      [say("took"), say("duration", { ms })],
      [say("session"), handle ?? say("no-session")],
    ];
    if (changes.length > 0) {
      general.push(["", make("span", "", ...changes.flatMap((change) => [sessionChange(change), " "]))]);
    }
    this.#details.replaceChildren(
      table(say("general"), general),
      table(say("request-headers"), fields(exchange.request)),
      table(say("response-headers"), fields(exchange.response)));
    this.#details.parentElement.scrollTop = 0;
  }
}
