// Elements with text. A string from the server becomes a text node, so it is never parsed as HTML.

import { say } from "./texts.js";

export const byId = (id) => document.getElementById(id);

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null));
  return element;
}

const CLASSES = { "+": "new", "~": "other", "-": "gone" };

// A change with its sign. The meaning does not depend on the color alone.
export const signed = (sign, text) => make("span", `change ${CLASSES[sign]}`, make("b", "", sign), ` ${text}`);

const SIGNS = { created: "+", rotated: "~", changed: "~", ended: "-" };

// A change of a session, as the server names it.
export const sessionChange = (change) => signed(SIGNS[change], say(`change-${change}`));
