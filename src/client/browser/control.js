// What is done to a control of `globalThis.sessctl.elements`. Clicks and keys are real input events of the browser: this
// only says where, and helps where they have no effect.
((number, action, text) => {
  const element = globalThis.sessctl?.elements[number];
  if (!element || !element.isConnected) return JSON.stringify({ is_gone: true });
  const outer = (node) => { try { return node.ownerDocument.defaultView.frameElement; } catch { return null; } };
  const root = () => element.getRootNode();
  const changed = () => {
    for (const name of ['input', 'change']) element.dispatchEvent(new Event(name, { bubbles: true, composed: true }));
  };
  if (action === 'place') {
    element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
    const box = element.getBoundingClientRect();
    let x = box.left + box.width / 2, y = box.top + box.height / 2;
    const hit = root().elementFromPoint?.(x, y);
    const is_hit = !!hit && (hit === element || element.contains(hit) || hit.contains(element));
    for (let frame = outer(element); frame; frame = outer(frame)) {
      const around = frame.getBoundingClientRect();
      x += around.left + frame.clientLeft;
      y += around.top + frame.clientTop;
    }
    return JSON.stringify({ x: Math.round(x), y: Math.round(y), is_hit: is_hit && box.width > 0 });
  }
  if (action === 'focus') {
    element.focus();
    element.select?.();
  }
  if (action === 'click') element.click();
  if (action === 'set' && element.value !== text) {
    if (element.localName === 'select') {
      const option = [...element.options].find((it) => it.value === text || it.label === text);
      if (option) option.selected = true;
    } else {
      element.value = text;
    }
    changed();
  }
  return JSON.stringify({ is_checked: !!element.checked });
})
