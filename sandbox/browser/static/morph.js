// Turns one drawing of a message into the next without touching what stayed the same: the focus stays on a button, a
// clip plays on, an opened spoiler stays open.

const OPENED = ".veiled, .veil, .veiled-inside, .spoiler, .spoiler > *";

export function morph(now, next) {
  if (now.isEqualNode(next)) return;
  if (now.nodeType !== next.nodeType || now.nodeName !== next.nodeName) {
    now.replaceWith(next);
    return;
  }
  if (now.nodeType !== Node.ELEMENT_NODE) {
    now.data = next.data;
    return;
  }
  if (now.matches("time") && now.dateTime === next.dateTime) return; // It shows the person's own time already.
  if (!now.matches(OPENED)) alignAttributes(now, next);
  alignChildren(now, [...next.childNodes]);
}

function alignAttributes(now, next) {
  for (const { name } of [...now.attributes]) {
    if (!next.hasAttribute(name)) now.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (now.getAttribute(name) !== value) now.setAttribute(name, value);
  }
}

function alignChildren(parent, next) {
  const now = [...parent.childNodes];
  // What is equal at both ends stays where it is; what is between is changed one by one.
  while (now.length && next.length && now[0].isEqualNode(next[0])) {
    now.shift();
    next.shift();
  }
  let after = null;
  while (now.length && next.length && now.at(-1).isEqualNode(next.at(-1))) {
    after = now.pop();
    next.pop();
  }
  const both = Math.min(now.length, next.length);
  for (let at = 0; at < both; at += 1) morph(now[at], next[at]);
  for (const gone of now.slice(both)) gone.remove();
  for (const come of next.slice(both)) parent.insertBefore(come, after);
}
