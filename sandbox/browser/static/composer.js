// The message box: messages with files and replies; "/" makes it a command bar.

import { act, byId, filesLimit, here, make, toast, words, said } from "./page.js";
import { CommandBar } from "./command_bar.js";
import { commandOf } from "./command_lines.js";
import { Listbox, fitting } from "./listbox.js";
import { goToEnd } from "./log.js";
import { taken } from "./menus.js";

const form = byId("composer");
const write = byId("write");
const picker = byId("files");
let list;
let bar;
let files = [];
let replying = null; // {id, name}
let offered = { commands: [], known: {} };

export function watchComposer() {
  if (!form) return;
  list = new Listbox(byId("suggestions"));
  bar = new CommandBar(byId("command"), list, leaveCommand);
  write.addEventListener("input", () => {
    grow();
    suggest();
  });
  write.addEventListener("focus", () => void learn());
  write.addEventListener("keydown", keys);
  write.addEventListener("blur", () => list.hide());
  form.addEventListener("paste", pasted);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void (bar.open ? bar.send() : say());
  });
  picker.addEventListener("change", () => {
    add([...picker.files]);
    picker.value = "";
  });
  byId("replying").querySelector("button").addEventListener("click", () => replyTo(null));
  document.addEventListener("click", (event) => {
    const command = event.target.closest("[data-command]");
    if (command) void begin(command.dataset.command);
  });
  document.addEventListener("keydown", typedElsewhere);
  watchDrops();
  void learn();
  if (matchMedia("(pointer: fine)").matches) write.focus();
}

/** What may be used here: it changes with settings and roles, so it is asked for whenever one begins to write. */
async function learn() {
  const response = await fetch(`${here}/commands`).catch(() => null);
  if (!response?.ok) return;
  const early = !offered.commands.length && write.value.startsWith("/"); // Typed before anything could be offered.
  offered = await response.json();
  if (early) suggest();
}

export function replyTo(entry) {
  const name = entry ? nameOf(entry) : "";
  replying = entry ? { id: entry.dataset.id, name } : null;
  const line = byId("replying");
  line.hidden = !replying;
  line.querySelector("span").textContent = replying ? said(words.replying, { name }) : "";
  write.focus();
}

function nameOf(entry) {
  return entry.querySelector(".author, .gutter .unseen")?.textContent ?? "";
}

async function begin(name) {
  await learn();
  const command = offered.commands.find((each) => each.name === name);
  if (command) enterCommand(command);
}

function keys(event) {
  if (event.isComposing) return;
  if (list.key(event)) return;
  if (event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    void say();
  } else if (event.key === "Escape" && replying) replyTo(null);
}

/** Letters that are typed while nothing has the focus go into the message box, as in Discord. */
function typedElsewhere(event) {
  const letter = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!letter || event.key === " " || document.querySelector("dialog[open], :popover-open")) return;
  if (document.activeElement?.matches("input, textarea, select, [contenteditable]") || form.hidden) return;
  if (bar.open) bar.focus();
  else write.focus();
}

function grow() {
  write.style.height = "auto";
  write.style.height = `${Math.min(write.scrollHeight, innerHeight / 2)}px`;
}

function suggest() {
  const text = write.value;
  const before = text.slice(0, write.selectionStart);
  const typed = commandOf(text, offered.commands);
  if (typed) {
    enterCommand(typed.command, typed.rest);
    return;
  }
  if (/^\/[^\n]*$/.test(text)) {
    const items = fitting(
      offered.commands.map((command) => ({ name: `/${command.shown}`, about: command.about, command })),
      text,
    );
    list.show(write, items, { heading: items.length ? words.commands : "", empty: words.no_command, picked: (item) => enterCommand(item.command) });
    return;
  }
  const sign = /(?:^|\s)([@#])([^\s@#]*)$/.exec(before);
  if (!sign) {
    list.hide();
    return;
  }
  const kinds = sign[1] === "@" ? ["people", "roles"] : ["channels"];
  const every = kinds.flatMap((kind) => offered.known[kind] ?? []);
  // A name that is written means one: a bot's role is called as the bot is.
  const names = every.filter((each, at) => every.findIndex((other) => other.name === each.name) === at);
  list.show(write, fitting(names, sign[2], 10), { picked: (item) => complete(sign[2].length, item.name) });
}

function complete(typed, name) {
  const end = write.selectionStart;
  write.setRangeText(`${name} `, end - typed, end, "end");
  list.hide();
}

function enterCommand(command, rest = "") {
  list.hide();
  write.value = "";
  grow();
  write.hidden = true;
  bar.begin(command, offered.known, files.splice(0), rest);
  showFiles();
}

function leaveCommand(left) {
  write.hidden = false;
  write.value = left;
  write.focus();
  grow();
  void learn();
}

async function say() {
  const text = write.value;
  if (!text.trim() && !files.length) return;
  const sent = { text, files, reply: replying?.id };
  write.value = "";
  files = [];
  replyTo(null);
  showFiles();
  grow();
  list.hide();
  goToEnd();
  const answer = await act("say", sent);
  taken(answer);
  if (answer.refused && !write.value) {
    write.value = text;
    files = sent.files;
    showFiles();
    grow();
  }
}

// files

function add(more) {
  const fit = more.filter((file) => file.size <= filesLimit);
  if (fit.length < more.length) toast(words.file_too_large);
  if (bar.open && bar.take(fit)) return;
  files.push(...fit);
  showFiles();
  write.focus();
}

function showFiles() {
  const line = byId("attached");
  line.hidden = !files.length;
  line.replaceChildren(
    ...files.map((file, at) => {
      const remove = () => {
        files.splice(at, 1);
        showFiles();
        write.focus();
      };
      const preview = file.type.startsWith("image/") && file.type !== "image/svg+xml" ? make("img", { src: URL.createObjectURL(file), alt: "" }) : make("span", { class: "icon file-sheet", "aria-hidden": "true" });
      return make("div", { class: "attached-file" }, preview, make("span", {}, file.name), make("button", { type: "button", class: "icon-button", "aria-label": `${words.remove}: ${file.name}`, onclick: remove }, "✕"));
    }),
  );
}

function pasted(event) {
  const pasted = [...(event.clipboardData?.files ?? [])];
  if (!pasted.length) return;
  event.preventDefault();
  add(pasted);
}

function watchDrops() {
  const drop = byId("drop");
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files") && !document.querySelector("dialog[open]");
  document.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    drop.hidden = false;
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) drop.hidden = true;
  });
  document.addEventListener("drop", (event) => {
    drop.hidden = true;
    if (!carries(event)) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });
}
