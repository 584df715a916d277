// The chips of a command that is being typed: one option each, with what was typed or the file that was chosen.

import { make, words } from "./page.js";

/** `value`: of the choice that was picked; null: what stands in the field counts. */
export function textChip(option) {
  const field = make("input", { type: "text", class: "chip-value", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-label": labelOf(option), maxlength: option.longest, size: "1", spellcheck: "false" });
  const chip = { option, field, value: null, filled: () => field.value !== "" };
  chip.box = boxOf(option, field);
  const grow = () => field.setAttribute("size", String(Math.max(1, [...field.value].reduce((sum, sign) => sum + (sign > "ᄀ" ? 2 : 1), 0))));
  chip.put = (item) => {
    field.value = item.name;
    chip.value = item.value;
    grow();
  };
  field.addEventListener("input", () => {
    chip.value = null;
    chip.box.classList.remove("is-wrong");
    grow();
  });
  return chip;
}

export function fileChip(option) {
  const field = make("input", { type: "file", class: "unseen", "aria-label": labelOf(option) });
  const name = make("span", { class: "chip-file" }, words.pick_files);
  const chip = { option, field, file: null, filled: () => chip.file !== null };
  chip.box = boxOf(option, field, name);
  chip.take = (file) => {
    chip.file = file;
    name.textContent = file?.name ?? words.pick_files;
    chip.box.classList.remove("is-wrong");
  };
  field.addEventListener("change", () => chip.take(field.files[0] ?? null));
  return chip;
}

const labelOf = (option) => `${option.shown}: ${option.about}`;

const boxOf = (option, ...inside) => make("label", { class: "chip" }, make("span", { class: "chip-name" }, option.shown), ...inside);
