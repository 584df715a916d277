// The menu of a message: by its "…", a right click, or the menu key. What the bot offers stands under "Apps".

import { act, byId, make, toast, words } from "./page.js";
import { replyTo } from "./composer.js";
import { pending } from "./log.js";
import { taken } from "./menus.js";

const menu = make("div", { class: "popup message-menu", role: "menu", popover: "auto", "aria-label": words.menu });
let from = null;

export function watchMessageMenu() {
  document.querySelector("main").append(menu);
  document.addEventListener("click", (event) => {
    const more = event.target.closest("[data-more]");
    if (more) void show(more.closest(".entry"), more.getBoundingClientRect(), more);
    const reply = event.target.closest("[data-reply]");
    if (reply) replyTo(reply.closest(".entry"));
  });
  document.addEventListener("contextmenu", (event) => {
    const entry = event.target.closest?.(".entry[data-id]");
    if (!entry || event.target.closest("a[href], input, textarea, video") || !getSelection().isCollapsed) return;
    event.preventDefault();
    void show(entry, { left: event.clientX, bottom: event.clientY, top: event.clientY }, entry.querySelector(".message"));
  });
  menu.addEventListener("keydown", keys);
  // Before: "toggle" comes later, and would take the focus from where what was chosen, or pressed beside it, has put it.
  menu.addEventListener("beforetoggle", (event) => {
    if (event.newState === "closed" && menu.contains(document.activeElement)) from?.focus?.({ preventScroll: true });
  });
}

async function show(entry, at, opener) {
  const message = entry.dataset.id;
  const { commands = [], deletable } = await act("apps", { message });
  const own = entry.querySelector(".message.private");
  const close = (action) => () => {
    menu.hidePopover();
    void action();
  };
  const item = (name, action, danger = false) =>
    make("button", { type: "button", role: "menuitem", class: danger ? "danger" : "", tabindex: "-1", onclick: close(action) }, name);
  const items = [
    own ? null : item(words.reply, () => replyTo(entry)),
    own ? null : item(words.create_thread, () => startThread(message)),
    item(words.copy_text, () => copy(textOf(entry))),
    item(words.copy_id, () => copy(message)),
    commands.length ? make("div", { class: "list-heading", role: "presentation" }, words.apps) : null,
    ...commands.map((name) => item(name, () => use(message, name))),
    deletable ? make("hr", { role: "presentation" }) : null,
    deletable && item(own ? words.dismiss : words.delete, async () => taken(await act("delete", { message })), true),
  ];
  menu.replaceChildren(...items.filter(Boolean));
  from = opener;
  menu.showPopover();
  menu.style.left = `${Math.max(8, Math.min(at.left, innerWidth - menu.offsetWidth - 8))}px`;
  const room = innerHeight - at.bottom;
  menu.style.top = `${room < menu.offsetHeight + 8 ? Math.max(8, at.top - menu.offsetHeight - 4) : at.bottom + 4}px`;
  menu.querySelector("[role=menuitem]").focus();
}

function keys(event) {
  const items = [...menu.querySelectorAll("[role=menuitem]")];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const at = items.indexOf(document.activeElement);
  if (step) items[(at + step + items.length) % items.length].focus();
  else if (event.key === "Home") items[0].focus();
  else if (event.key === "End") items.at(-1).focus();
  else if (event.key === "Tab") menu.hidePopover();
  else return;
  event.preventDefault();
}

const textOf = (entry) => entry.querySelector(".body")?.innerText ?? "";

async function copy(text) {
  await navigator.clipboard.writeText(text);
  toast(words.copied);
}

async function use(message, command) {
  const sending = pending(command, words.sending);
  const answer = await act("apps", { message, command });
  if (answer.failed) sending.failed(answer.failed);
  else {
    sending.gone();
    taken(answer);
  }
}

function startThread(message) {
  const dialog = byId("ask") ?? make("dialog", { class: "modal", id: "ask", "aria-labelledby": "form-title" });
  const name = make("input", { type: "text", maxlength: "100", required: true, "aria-label": words.thread_name, placeholder: words.thread_name });
  const form = make(
    "form",
    { class: "form", method: "dialog" },
    make("header", {}, make("h2", { id: "form-title" }, words.create_thread)),
    make("div", { class: "form-body" }, name),
    make("footer", {}, make("button", { type: "button", class: "as-link", onclick: () => dialog.close() }, words.cancel), make("button", { type: "submit", class: "button style-1" }, words.create_thread)),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    dialog.close();
    taken(await act("thread", { message, name: name.value }));
  });
  dialog.replaceChildren(form);
  document.body.append(dialog);
  dialog.showModal();
}
