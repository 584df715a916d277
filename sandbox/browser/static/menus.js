// Menus in messages and forms: a button that opens a list over the page, with a field to search in it where it is long.

import { act, make, toast, words } from "./page.js";
import { Listbox, fitting } from "./listbox.js";
import { openForm } from "./forms.js";

const LONG = 8; // Lines from which on there is a field to search in.

const popup = make("div", { class: "popup", popover: "manual" });
const search = make("input", { type: "text", class: "popup-search", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "true", placeholder: words.search, "aria-label": words.search });
const box = make("div", { role: "listbox", id: "popup-list" });
const frame = make("div", {}, make("div", { class: "list-heading" }), box, make("div", { class: "list-empty" }));
const list = new Listbox(frame);
let open = null; // {menu, button, values}

export function watchMenus() {
  popup.append(search, frame);
  document.querySelector("main").append(popup);
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".menu-button");
    if (button) {
      const again = open?.button === button;
      close();
      if (!again) show(button);
    } else if (open && !popup.contains(event.target)) finish();
  });
  document.addEventListener("keydown", (event) => {
    const button = event.target.closest?.(".menu-button");
    if (button && !open && ["ArrowDown", "ArrowUp"].includes(event.key)) {
      event.preventDefault();
      show(button);
    }
  });
  search.addEventListener("input", () => fill(search.value));
  search.addEventListener("keydown", keys);
  window.addEventListener("resize", place);
  document.addEventListener("scroll", place, { capture: true, passive: true });
}

function show(button) {
  const menu = button.closest(".menu");
  const items = [...menu.querySelectorAll("[role=option]")].map((option) => ({
    value: option.dataset.value,
    name: option.querySelector(".option-name").textContent,
    about: option.querySelector(".option-help")?.textContent,
    emoji: option.querySelector(".emoji")?.textContent,
  }));
  const chosen = [...menu.querySelectorAll('[role=option][aria-selected="true"]')].map((option) => option.dataset.value);
  const many = Number(menu.dataset.most) > 1;
  open = { menu, button, items, values: new Set(chosen), before: chosen.join(), many, least: Number(menu.dataset.least), most: Number(menu.dataset.most) };
  // Inside an open dialog only what is inside it can be used.
  (button.closest("dialog, main") ?? document.body).append(popup);
  button.setAttribute("aria-expanded", "true");
  box.setAttribute("aria-label", nameOf(menu));
  box.setAttribute("aria-multiselectable", String(many));
  search.value = "";
  search.classList.toggle("unseen", items.length < LONG);
  fill("");
  popup.showPopover();
  place();
  search.focus({ preventScroll: true });
}

function fill(typed) {
  const items = fitting(open.items, typed, 100).map((item) => ({ ...item, selected: open.values.has(item.value), checkable: open.many }));
  const at = items.findIndex((item) => item.selected);
  list.show(search, items, { empty: words.no_match, first: Math.max(0, at), picked });
}

function picked(item, at) {
  if (!open.many) {
    const undone = open.values.has(item.value) && open.least === 0;
    open.values = new Set(undone ? [] : [item.value]);
    finish(true);
    return;
  }
  if (open.values.has(item.value)) open.values.delete(item.value);
  else if (open.values.size < open.most) open.values.add(item.value);
  fill(search.value);
  list.activate(at);
}

function keys(event) {
  if (!open) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    const { button } = open;
    close();
    button.focus();
  } else if (event.key === "Tab") {
    event.preventDefault();
    finish();
  } else if (event.key === " " && open.many && !search.value) {
    event.preventDefault();
    list.pick(list.active);
  } else list.key(event, ["Enter"]);
}

/** Takes what was chosen: into the form, or to the bot. `surely`: also when it is what was chosen before. */
function finish(surely = false) {
  const { menu, button, values, before, least } = open;
  close();
  if (button.isConnected) button.focus({ preventScroll: true });
  const chosen = [...values];
  if (!surely && chosen.join() === before) return;
  if (chosen.length < least) return;
  showChosen(menu, chosen);
  if (!("form" in menu.dataset)) void send(menu, button, chosen);
}

const nameOf = (menu) => menu.querySelector("[role=listbox]").getAttribute("aria-label");

function showChosen(menu, chosen) {
  const names = [];
  for (const option of menu.querySelectorAll("[role=option]")) {
    const selected = chosen.includes(option.dataset.value);
    option.setAttribute("aria-selected", String(selected));
    if (selected) names.push(make("span", { class: "menu-chosen" }, option.querySelector(".option-name").textContent));
  }
  menu.querySelector(".menu-button").setAttribute("aria-label", [nameOf(menu), names.map((each) => each.textContent).join(", ")].filter(Boolean).join(": "));
  const shown = menu.querySelector(".menu-shown");
  shown.replaceChildren(...(names.length ? names : [make("span", { class: "placeholder" }, shown.dataset.placeholder)]));
}

async function send(menu, button, chosen) {
  button.setAttribute("aria-busy", "true");
  const message = menu.closest(".entry").dataset.id;
  const answer = await act("choose", { message, custom_id: menu.dataset.menu, value: chosen });
  button.removeAttribute("aria-busy");
  tell(menu, answer);
}

/** What came of a press or a choice: what failed stands below its message. */
export function tell(control, answer) {
  const body = control.closest(".entry")?.querySelector(".body");
  body?.querySelector(".press-failed")?.remove();
  if (answer.failed && body) body.append(make("div", { class: "press-failed", role: "alert" }, words.interaction_failed));
  else taken(answer);
}

/** What an answer asks the page to show. */
export function taken(answer) {
  if (answer.refused || answer.failed) toast(answer.refused || answer.failed);
  if (answer.form) openForm(answer.form);
  if (answer.to) location.assign(answer.to);
}

function close() {
  if (!open) return;
  open.button.setAttribute("aria-expanded", "false");
  open = null;
  list.hide();
  popup.hidePopover();
}

function place() {
  if (!open) return;
  const at = open.button.getBoundingClientRect();
  const below = innerHeight - at.bottom;
  const above = below < 220 && at.top > below;
  popup.style.width = `${Math.min(Math.max(at.width, 220), innerWidth - 16)}px`;
  popup.style.left = `${Math.max(8, Math.min(at.left, innerWidth - 8 - popup.offsetWidth))}px`;
  popup.style.maxHeight = `${Math.min(360, (above ? at.top : below) - 16)}px`;
  popup.style.top = above ? "auto" : `${at.bottom + 4}px`;
  popup.style.bottom = above ? `${innerHeight - at.top + 4}px` : "auto";
}
