// Writes the page as scripts have drawn it: one HTML text with open shadow roots, slots and frames of the same origin in
// place. What only a script can submit is written as a form that could be submitted, so that it can be classified like
// any other form. `data-sessctl` numbers the controls: `globalThis.sessctl.elements` has them in this order.
((withHtml) => {
  const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
  const LEFT_OUT = new Set('script style noscript template svg canvas video audio object'.split(' '));
  const UNSEEN = new Set('html head title meta link base option optgroup body'.split(' '));
  const CLICKABLE = 'button, a, summary, [role=button], [role=link], [role=tab], input[type=submit], input[type=button], input[type=image]';
  const SUBMITS = 'button:not([type]), button[type=submit], input[type=submit], input[type=image]';
  const BUTTONS = SUBMITS + ', button, input[type=button], [role=button]';
  const TEXTS = 'input:not([type]), input[type=text], input[type=email], input[type=tel], input[type=password]';
  const elements = [], parts = [];
  const escape = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
  const isElement = (node) => node.nodeType === 1;

  const inside = (element) => {
    if (element.shadowRoot) return element.shadowRoot.childNodes;
    if (element.localName === 'slot') {
      const assigned = element.assignedNodes();
      if (assigned.length) return assigned;
    }
    if (element.localName === 'iframe' || element.localName === 'frame') {
      try { return element.contentDocument.body.childNodes; } catch { return []; }
    }
    return element.childNodes;
  };
  const outside = (node) => {
    if (node.assignedSlot) return node.assignedSlot;
    const parent = node.parentNode;
    if (!parent) return null;
    if (parent.nodeType === 11) return parent.host || null;
    if (parent.nodeType === 9) { try { return parent.defaultView.frameElement; } catch { return null; } }
    return parent;
  };
  const all = (element, selector, found = []) => {
    for (const node of inside(element)) {
      if (!isElement(node)) continue;
      if (node.matches(selector)) found.push(node);
      all(node, selector, found);
    }
    return found;
  };
  const view = (element) => element.ownerDocument.defaultView;
  const isHidden = (element) => {
    const style = view(element)?.getComputedStyle(element);
    return !style || style.display === 'none' || style.visibility === 'hidden' || style.visibility === 'collapse';
  };
  const isSeen = (element) => {
    for (let it = element; it; it = outside(it)) if (isHidden(it)) return false;
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0;
  };
  const within = (element, selector) => {
    for (let it = element; it; it = outside(it)) if (it.matches(selector)) return it;
    return null;
  };

  const isWithin = (element, around) => {
    for (let it = element; it; it = outside(it)) if (it === around) return true;
    return false;
  };

  // Fields that are in no form: their form is the nearest element that also has a button.
  const loose = new Set();
  const root = document.documentElement;
  const free = all(root, TEXTS).filter((field) => !within(field, 'form') && isSeen(field));
  const passwords = free.filter((field) => field.type === 'password');
  const starts = passwords.length ? passwords : all(root, 'form').some((form) => all(form, TEXTS).length) ? [] : free;
  for (const field of starts) {
    let around = outside(field);
    while (around && around.localName !== 'body' && !all(around, BUTTONS).some(isSeen)) around = outside(around);
    if (around && !within(around, 'form') && ![...loose].some((it) => isWithin(around, it))) loose.add(around);
  }

  const write = (node, form) => {
    if (node.nodeType === 3) { parts.push(escape(node.data)); return; }
    if (!isElement(node)) return;
    let name = node.localName;
    if (name === 'script' && /navigator\.credentials\.get|PublicKeyCredential/.test(node.textContent)) {
      parts.push('<script>PublicKeyCredential</script>');
    }
    if (LEFT_OUT.has(name)) return;
    const attributes = new Map();
    for (const { name: key, value } of node.attributes) {
      if (/^[a-z][a-z0-9_:.-]*$/i.test(key) && !key.startsWith('on')) attributes.set(key, value.slice(0, 4000));
    }
    const isFrame = name === 'iframe' || name === 'frame';
    const own = loose.has(node) ? node : name === 'form' ? node : null;
    if (loose.has(node)) parts.push('<form method="post" action="">');
    if (name === 'form') {
      const action = (node.getAttribute('action') || '').trim();
      if ((!node.hasAttribute('method') && (!action || action === '#')) || /^javascript:/i.test(action)) {
        attributes.set('method', 'post');
        attributes.delete('action');
      }
    }
    const owner = own ? { hasSubmit: all(own, SUBMITS).some(isSeen) } : form;
    const isField = name === 'input' || name === 'select' || name === 'textarea';
    if (owner && !owner.hasSubmit && node.matches(BUTTONS) && isSeen(node)) {
      if (name !== 'input') name = 'button';
      attributes.set('type', 'submit');
    }
    if (isField || node.matches(CLICKABLE)) {
      const number = elements.push(node) - 1;
      attributes.set('data-sessctl', String(number));
      if (isField && !attributes.get('name')) attributes.set('name', node.id || `field-${number}`);
      // Scripts enable a button once its form is filled in.
      if (node.matches(BUTTONS)) attributes.delete('disabled');
    }
    if (name === 'input') {
      attributes.delete('checked');
      if (node.checked) attributes.set('checked', '');
      if (node.type === 'password' || node.type === 'file') attributes.delete('value');
      else attributes.set('value', node.value);
      if (node.type !== 'hidden' && node.matches(TEXTS) && !isSeen(node)) attributes.set('hidden', '');
    }
    if (name === 'option') {
      attributes.delete('selected');
      if (node.selected) attributes.set('selected', '');
    }
    if (node.type !== 'hidden' && !UNSEEN.has(node.localName) && isHidden(node)) attributes.set('hidden', '');
    const children = inside(node);
    let isOpaque = false;
    if (isFrame) {
      try { isOpaque = !node.contentDocument.body; } catch { isOpaque = true; }
      if (!isOpaque) { name = 'div'; attributes.delete('src'); }
    }
    const shown = [...attributes].map(([key, value]) => ` ${key}="${escape(value)}"`).join('');
    // A form that nobody sees is not the one to fill in.
    const tag = name === 'form' && all(node, TEXTS).length && !all(node, TEXTS).some(isSeen) ? 'div' : name;
    parts.push(`<${tag}${shown}>`);
    if (!VOID.has(tag)) {
      if (tag === 'textarea') parts.push('\n', escape(node.value));
      else if (!isOpaque) for (const child of children) write(child, owner);
      parts.push(`</${tag}>`);
    }
    if (loose.has(node)) parts.push('</form>');
  };
  write(root, null);
  const html = parts.join('');
  let hash = 0;
  for (let i = 0; i < html.length; i++) hash = (Math.imul(hash, 31) + html.charCodeAt(i)) | 0;
  globalThis.sessctl = { elements };
  const label = (element) => (element.innerText || element.value || element.getAttribute('aria-label') || '').trim().slice(0, 80);
  const buttons = !withHtml ? [] : [...elements.entries()]
    .filter(([, element]) => element.matches(CLICKABLE) && !within(element, 'form') && ![...loose].some((it) => isWithin(element, it)) && isSeen(element))
    .map(([number, element]) => ({ number, text: label(element) }));
  return JSON.stringify({
    url: location.href, is_loading: document.readyState === 'loading', hash, html: withHtml ? html : '', buttons,
  });
})
