// The messages: new ones at the end, changed ones in place, older ones on scrolling up. Who reads at the end stays
// there; who reads further up is not moved.

import { byId, drawn, here, make, toast, words } from "./page.js";
import { morph } from "./morph.js";
import { speak } from "./speaking.js";

const MOST = 400; // Messages that stay drawn while one reads at the end.
const NEAR_END = 60; // Pixels.
const NEAR_TOP = 600;

const scroller = byId("scroller");
const log = byId("log");
const beginning = log?.querySelector(".beginning");
const toNewest = byId("to-newest");
let atEnd = true;
let top = 0;
let loading = false;

export function watchLog() {
  if (!log) return;
  new ResizeObserver(stay).observe(log);
  new ResizeObserver(stay).observe(scroller);
  scroller.addEventListener("scroll", scrolled, { passive: true });
  toNewest.addEventListener("click", goToEnd);
  log.addEventListener("click", jumped);
  goToEnd();
  const asked = /^#m(\d+)$/.exec(location.hash);
  if (asked) void jumpTo(asked[1]);
}

export function goToEnd() {
  if (!scroller) return;
  atEnd = true;
  stay();
}

/** Rows of [id, html]; html null: the message is gone. `anew`: there are gaps before them, so the page begins with them. */
export function showRows(rows, anew) {
  if (!log) return;
  if (anew) {
    for (const entry of log.querySelectorAll(".entry")) entry.remove();
    setMore(true);
  }
  for (const [id, html] of rows) showRow(id, html);
  if (atEnd) trim();
}

/** Something of this window alone, at the end: a command that is on its way. */
export function addOwn(element) {
  log.append(element);
  goToEnd();
}

function showRow(id, html) {
  const shown = byId(`m${id}`);
  if (html === null) {
    shown?.remove();
    return;
  }
  const next = drawn(html).querySelector(".entry");
  if (shown) {
    const focused = shown.contains(document.activeElement);
    morph(shown, next);
    // Whose button is gone stays at its message.
    if (focused && !shown.contains(document.activeElement)) shown.querySelector(".message").focus({ preventScroll: true });
    speak(shown);
    return;
  }
  const after = following(BigInt(id));
  if (after === undefined) return; // Older than what is shown: it comes on scrolling up.
  log.insertBefore(next, after);
  speak(next);
}

/** The entry that a message stands before; null: it is the newest; undefined: it is older than all that is shown. */
function following(id) {
  let after = log.querySelector(".entry[data-own]");
  for (let entry = log.lastElementChild; entry; entry = entry.previousElementSibling) {
    if (!entry.dataset.id) continue;
    if (BigInt(entry.dataset.id) < id) return after;
    after = entry;
  }
  return log.dataset.older === "true" && after?.dataset.id ? undefined : after;
}

function trim() {
  const entries = log.querySelectorAll(".entry");
  if (entries.length <= MOST) return;
  for (const entry of [...entries].slice(0, entries.length - MOST / 2)) entry.remove();
  top = 0; // Nobody scrolled: the page above became shorter.
  setMore(true);
}

function setMore(more) {
  log.dataset.older = String(more);
  beginning.hidden = more;
}

function stay() {
  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
}

function scrolled() {
  const left = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight;
  // Only who scrolls up leaves the end: what grows below does not push anybody away from it.
  atEnd = left < NEAR_END || (atEnd && scroller.scrollTop >= top);
  top = scroller.scrollTop;
  toNewest.hidden = atEnd;
  if (scroller.scrollTop < NEAR_TOP && log.dataset.older === "true") void loadOlder();
}

export async function loadOlder() {
  const first = log.querySelector(".entry[data-id]");
  if (loading || !first || log.dataset.older !== "true") return false;
  loading = true;
  try {
    const response = await fetch(`${here}/before/${first.dataset.id}`);
    const { html, more } = await response.json();
    const older = drawn(html);
    for (const entry of older.querySelectorAll(".entry")) entry.classList.add("older"); // Drawn when they come into sight.
    const fromEnd = scroller.scrollHeight - scroller.scrollTop;
    log.insertBefore(older, first);
    setMore(more);
    if (!atEnd) scroller.scrollTop = scroller.scrollHeight - fromEnd;
    return true;
  } catch {
    toast(words.offline);
    return false;
  } finally {
    loading = false;
  }
}

function jumped(event) {
  const link = event.target.closest("[data-jump]");
  if (!link) return;
  event.preventDefault();
  void jumpTo(link.dataset.jump);
}

/** Shows a message, however far up it is. */
export async function jumpTo(id) {
  let entry = byId(`m${id}`);
  while (!entry && (await loadOlder())) entry = byId(`m${id}`);
  if (!entry) {
    toast(words.message_missing);
    return;
  }
  atEnd = false;
  entry.scrollIntoView({ block: "center" });
  const message = entry.querySelector(".message");
  message.focus({ preventScroll: true });
  message.classList.add("found");
  setTimeout(() => message.classList.remove("found"), 2000);
}

/** "Sending command…", until it is taken. */
export function pending(name, sentence) {
  const text = make("div", { class: "body" }, make("span", { class: "dots", "aria-hidden": "true" }, make("i"), make("i"), make("i")), sentence);
  const entry = make("div", { class: "entry", "data-own": true }, make("div", { class: "message own" }, make("div", { class: "quote" }, make("span", { class: "spine" }), byId("me").querySelector("b").textContent, ` ${words.used} `, make("span", { class: "command-name" }, name)), text));
  addOwn(entry);
  return {
    gone: () => entry.remove(),
    failed: (why) => {
      entry.firstElementChild.classList.add("failed");
      text.replaceChildren(make("span", {}, why, " · ", make("button", { type: "button", class: "as-link", onclick: () => entry.remove() }, words.dismiss)));
    },
  };
}
