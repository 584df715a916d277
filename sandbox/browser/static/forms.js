// Forms that the bot opens, as dialogs: the browser keeps the focus inside, Escape closes.

import { act, drawn, filesLimit, make, said, words } from "./page.js";

export function openForm({ use, html }) {
  const dialog = make("dialog", { class: "modal", "aria-labelledby": "form-title" });
  dialog.append(drawn(html));
  document.body.append(dialog);
  const form = dialog.querySelector("form");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send(dialog, form, use);
  });
  for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());
  for (const input of dialog.querySelectorAll("input[type=file]")) input.addEventListener("change", () => nameFiles(input));
  form.addEventListener("input", (event) => clear(event.target.closest(".field")));
  form.addEventListener("click", (event) => clear(event.target.closest(".field")));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  dialog.querySelector(".field :is(input, textarea, button)")?.focus();
}

/** The names of chosen files, beside their button. */
export function nameFiles(input) {
  input.closest(".upload").querySelector(".upload-names").textContent = [...input.files].map((file) => file.name).join(", ");
}

/** A field that is being changed is no longer wrong. */
function clear(field) {
  if (!field) return;
  field.querySelector(".wrong").textContent = "";
  field.classList.remove("is-wrong");
}

async function send(dialog, form, use) {
  const fields = [...form.querySelectorAll(".field")];
  let right = true;
  const values = { use };
  for (const field of fields) {
    const given = read(field);
    const why = wrong(field, given);
    field.querySelector(".wrong").textContent = why;
    field.classList.toggle("is-wrong", Boolean(why));
    if (why && right) field.querySelector("input:not([type=hidden]), textarea, button")?.focus();
    right = right && !why;
    values[`field.${field.dataset.field}`] = given;
  }
  if (!right) return;
  const submit = form.querySelector("[type=submit]");
  submit.disabled = true;
  const answer = await act("submit", values);
  submit.disabled = false;
  form.querySelector(".form-wrong").textContent = answer.refused || answer.failed || "";
  if (answer.refused || answer.failed) return;
  dialog.close();
  if (answer.form) openForm(answer.form);
}

/** What stands in a field: a list of texts or files. */
function read(field) {
  const menu = field.querySelector(".menu");
  if (menu) return [...menu.querySelectorAll('[role=option][aria-selected="true"]')].map((option) => option.dataset.value);
  const file = field.querySelector("input[type=file]");
  if (file) return [...file.files];
  const boxes = [...field.querySelectorAll("input[type=checkbox], input[type=radio]")];
  if (boxes.length) return boxes.filter((box) => box.checked).map((box) => box.value);
  const text = field.querySelector("input, textarea").value;
  return text ? [text] : [];
}

function wrong(field, given) {
  const kind = Number(field.dataset.kind);
  const text = field.querySelector("input[type=text], textarea");
  if ("required" in field.dataset && !given.length && kind !== 23) return words.required;
  if (text?.minLength > 0 && given.length && given[0].length < text.minLength) return said(words.too_short, { count: text.minLength });
  const menu = field.querySelector(".menu");
  if (menu && given.length && given.length < Number(menu.dataset.least)) return said(words.too_few, { count: menu.dataset.least });
  const file = field.querySelector("input[type=file]");
  if (file && given.some((each) => each.size > filesLimit)) return words.file_too_large;
  if (file && given.length > Number(file.dataset.most)) return said(words.too_many, { count: file.dataset.most });
  return "";
}
