// Elements with text in them. Text is never markup: what a client sent stays harmless.

export const byId = (id) => document.getElementById(id);

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const MARKS = { "+": "new", "~": "other", "-": "gone" };

// A change with its mark: the mark says it, the colour only helps.
export const marked = (mark, text) => make("span", `change ${MARKS[mark]}`, make("b", "", mark), ` ${text}`);
