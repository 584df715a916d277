// The side panel: what goes over the wires, limits and switches. It is loaded when somebody opens it.

import { byId, drawn, here, toast, words } from "./page.js";
import { morph } from "./morph.js";

const KEY = "panel";
const AGAIN = 1000; // Milliseconds.

let socket;

export function watchPanel() {
  const button = byId("panel-button");
  const panel = byId("panel");
  if (!button || !panel) return;
  button.addEventListener("click", () => (panel.hidden ? void open() : close()));
  panel.addEventListener("click", clicked);
  panel.addEventListener("keydown", keyed);
  panel.addEventListener("submit", (event) => void submitted(event));
  panel.addEventListener("toggle", (event) => void unfolded(event.target), { capture: true });
  if (sessionStorage.getItem(KEY)) void open({ focus: false });
}

async function open({ focus = true } = {}) {
  const panel = byId("panel");
  const before = document.activeElement;
  const html = await textOf("panel");
  if (html === null) return;
  panel.replaceChildren(drawn(html));
  panel.hidden = false;
  byId("panel-button").setAttribute("aria-expanded", "true");
  choose(byId(`tab-${sessionStorage.getItem(KEY)}`) ?? panel.querySelector("[role=tab]"));
  // Whoever has gone on to write meanwhile keeps the focus.
  if (focus && document.activeElement === before) panel.querySelector("[role=tab][aria-selected=true]").focus();
  listen();
}

function close() {
  byId("panel").hidden = true;
  byId("panel-button").setAttribute("aria-expanded", "false");
  byId("panel-button").focus();
  sessionStorage.removeItem(KEY);
  socket?.close();
}

function listen() {
  socket?.close();
  const mine = new WebSocket(`ws://${location.host}${here}/panel/live`);
  socket = mine;
  // A new connection tells all there is; what is gone meanwhile must go here too.
  mine.addEventListener("open", () => {
    for (const list of byId("panel").querySelectorAll(".exchanges")) list.replaceChildren();
  });
  mine.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  mine.addEventListener("close", () => {
    if (socket === mine && !byId("panel").hidden) setTimeout(listen, AGAIN);
  });
}

function hear(news) {
  for (const [wire, number, html] of news.rows ?? []) showRow(wire, number, html);
  for (const number of news.gone ?? []) rowOf(number)?.remove();
  if (news.limits) showPart("limits", news.limits);
  if (news.switches) showSwitches(news.switches);
}

const rowOf = (number) => byId("panel").querySelector(`.exchange[data-number="${number}"]`);

function showRow(wire, number, html) {
  const next = drawn(html).firstElementChild;
  const now = rowOf(number);
  if (!now) {
    byId("panel").querySelector(`.exchanges[data-wire="${wire}"]`).prepend(next);
    return;
  }
  morph(now.querySelector("summary"), next.querySelector("summary"));
  if (now.open) void fill(now);
}

function showPart(name, html) {
  const part = byId(`shown-${name}`);
  const next = part.cloneNode(false);
  next.append(drawn(html));
  morph(part, next);
}

/** Forms are replaced one by one: the one that somebody is filling in stays as it is, unless it was sent. */
function showSwitches(html) {
  const part = byId("shown-switches");
  if (!part.childElementCount) {
    part.append(drawn(html));
    return;
  }
  for (const next of drawn(html).querySelectorAll("form")) {
    const now = part.querySelector(`form[data-key="${next.dataset.key}"]`);
    const [focused, filling] = [now.contains(document.activeElement), now.dataset.filling];
    if (filling || now.isEqualNode(next)) continue;
    const name = focused ? document.activeElement.value || document.activeElement.name : "";
    now.replaceWith(next);
    if (!focused) continue;
    const usable = [...next.elements].filter((each) => each.matches(":enabled:not(fieldset)"));
    (usable.find((each) => (each.value || each.name) === name) ?? usable[0])?.focus();
  }
}

async function unfolded(details) {
  if (details.matches(".exchange") && details.open) await fill(details);
}

async function fill(details) {
  const inside = details.querySelector(".inside");
  if (!inside.childElementCount) inside.textContent = words.loading;
  const html = await textOf(`panel/exchange/${details.dataset.number}`);
  if (html === null) return;
  const next = inside.cloneNode(false);
  next.append(drawn(html));
  morph(inside, next);
}

async function textOf(path) {
  try {
    const response = await fetch(`${here}/${path}`);
    return response.ok ? await response.text() : null;
  } catch {
    return null;
  }
}

function clicked(event) {
  const tab = event.target.closest("[role=tab]");
  if (tab) choose(tab);
  if (event.target.closest("[data-panel-close]")) close();
  if (event.target.closest("[data-clear]")) void send("clear", new FormData());
}

function keyed(event) {
  if (event.key === "Escape") {
    close();
    return;
  }
  const tab = event.target.closest("[role=tab]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !step) return;
  const tabs = [...tab.parentElement.children];
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  choose(next);
  next.focus();
}

function choose(tab) {
  for (const each of tab.parentElement.children) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    byId(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  sessionStorage.setItem(KEY, tab.id.replace("tab-", ""));
}

async function submitted(event) {
  event.preventDefault();
  const form = event.target;
  const fields = new FormData(form);
  const button = event.submitter;
  if (button?.name) fields.set(button.name, button.value);
  delete form.dataset.filling;
  await send(form.dataset.act, fields);
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("#panel form");
  if (form) form.dataset.filling = "true";
});

async function send(what, fields) {
  try {
    const response = await fetch(`${here}/panel/${what}`, { method: "POST", body: fields });
    const answer = response.ok ? await response.json() : { refused: await response.text() };
    toast(answer.refused ?? answer.done);
  } catch {
    toast(words.offline);
  }
}
