// What a screen reader hears: a new message once, and a growing one when it has stopped growing, not every word twice.

import { byId } from "./page.js";

const QUIET = 1500; // Milliseconds without a change.
const waiting = new Map();

export function speak(entry) {
  const id = entry.dataset.id;
  clearTimeout(waiting.get(id));
  waiting.set(
    id,
    setTimeout(() => {
      waiting.delete(id);
      const body = entry.querySelector(".body, .system-line");
      if (entry.isConnected && body) byId("spoken").textContent = `${nameOf(entry)}: ${body.innerText.slice(0, 600)}`;
    }, QUIET),
  );
}

function nameOf(entry) {
  return entry.querySelector(".author, .gutter .unseen")?.textContent ?? "";
}
