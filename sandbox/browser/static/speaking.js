// What a screen reader hears: a new message once, and a growing one when it has stopped growing, not every word twice.

import { byId } from "./page.js";

const QUIET = 1500; // Milliseconds without a change.
const MOST = 3; // Of what comes at once only the last ones are read out.
const waiting = new Map();

setInterval(() => {
  const quiet = [...waiting].filter(([, at]) => performance.now() - at > QUIET).map(([entry]) => entry);
  for (const entry of quiet) waiting.delete(entry);
  const spoken = quiet.filter((entry) => entry.isConnected).slice(-MOST).map(sentence);
  if (spoken.length) byId("spoken").textContent = spoken.join("\n");
}, QUIET / 3);

export function speak(entry) {
  waiting.delete(entry);
  waiting.set(entry, performance.now());
}

function sentence(entry) {
  const name = entry.querySelector(".author, .gutter .unseen")?.textContent ?? "";
  const body = entry.querySelector(".body, .system-line")?.textContent ?? "";
  return `${name}: ${body.replace(/\s+/g, " ").slice(0, 600)}`;
}
