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
  // A row of buttons that moves down because a text came before it stays the same row.
  const kinds = next.map(kind);
  for (const [at, come] of next.entries()) {
    while (now.length && kind(now[0]) !== kinds[at] && !kinds.includes(kind(now[0]), at)) now.shift().remove();
    if (now.length && kind(now[0]) === kinds[at]) morph(now.shift(), come);
    else parent.insertBefore(come, now[0] ?? after);
  }
  for (const gone of now) gone.remove();
}

/** What a node is, whatever stands in it. */
const kind = (node) => `${node.nodeName} ${node.getAttribute?.("class") ?? ""} ${node.id ?? ""}`;
