// A command while it is typed: its options as chips, what each may be above them. Enter sends, Tab goes on, Escape leaves.

import { act, byId, make, said, toast, words } from "./page.js";
import { fitting } from "./listbox.js";
import { pending } from "./log.js";
import { taken } from "./menus.js";

const TEXT = 3;
const FILE = 11;
const WAIT = 150; // Milliseconds of quiet before the bot is asked for suggestions.

export class CommandBar {
  /** `left(text)`: called when one leaves the command, with what the message box shall hold. */
  constructor(box, list, left) {
    this.box = box;
    this.list = list;
    this.left = left;
    this.command = null;
    this.asked = 0;
  }

  get open() {
    return this.command !== null;
  }

  begin(command, known, files) {
    this.command = command;
    this.known = known;
    this.chips = [];
    this.box.hidden = false;
    this.end = make("input", { type: "text", class: "chip-end", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-label": words.add_option });
    this.end.addEventListener("input", () => this.offer());
    this.end.addEventListener("focus", () => this.offer());
    this.end.addEventListener("keydown", (event) => this.endKeys(event));
    this.box.replaceChildren(make("span", { class: "command-name" }, `/${command.shown}`), this.end);
    for (const option of command.options.filter((each) => each.required)) this.add(option);
    if (files.length) this.take(files);
    this.next();
  }

  focus() {
    const wrong = this.chips.find((chip) => chip.box.classList.contains("is-wrong"));
    const chip = wrong ?? this.chips.find((each) => !each.filled());
    (chip?.field ?? this.end).focus();
  }

  add(option, focused = false) {
    const chip = option.kind === FILE ? this.fileChip(option) : this.textChip(option);
    this.chips.push(chip);
    this.box.insertBefore(chip.box, this.end);
    if (focused) chip.field.focus();
    return chip;
  }

  /** `model:` typed behind a value goes on in that option, as in Discord; true when it did. */
  named(chip) {
    const found = /(?:^|\s)(\S+):$/u.exec(chip.field.value);
    const option = found && this.command.options.find((each) => [each.name, each.shown].includes(found[1]));
    if (!option) return false;
    chip.put({ name: chip.field.value.slice(0, found.index).trimEnd(), value: null });
    const other = this.chips.find((each) => each.option === option);
    if (other) other.field.focus();
    else this.add(option, true);
    return true;
  }

  /** Gives files to the options that take one; false when there is none. */
  take(files) {
    const option = this.command.options.find((each) => each.kind === FILE);
    if (!option || !files.length) return false;
    const chip = this.chips.find((each) => each.option === option) ?? this.add(option);
    chip.file = files[0];
    chip.show();
    this.next();
    return true;
  }

  textChip(option) {
    const field = make("input", { type: "text", class: "chip-value", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-label": `${option.shown}: ${option.about}`, maxlength: option.longest, size: "1", spellcheck: "false" });
    const chip = { option, field, value: null, filled: () => field.value !== "" };
    chip.box = make("label", { class: "chip" }, make("span", { class: "chip-name" }, option.shown), field);
    const grow = () => field.setAttribute("size", String(Math.max(1, [...field.value].reduce((sum, sign) => sum + (sign > "ᄀ" ? 2 : 1), 0))));
    chip.put = (item) => {
      field.value = item.name;
      chip.value = item.value;
      grow();
    };
    field.addEventListener("input", () => {
      chip.value = null;
      chip.box.classList.remove("is-wrong");
      if (this.named(chip)) return;
      grow();
      void this.suggest(chip);
    });
    field.addEventListener("focus", () => void this.suggest(chip));
    field.addEventListener("blur", () => this.list.hide());
    field.addEventListener("keydown", (event) => this.chipKeys(event, chip));
    return chip;
  }

  fileChip(option) {
    const field = make("input", { type: "file", class: "unseen", "aria-label": `${option.shown}: ${option.about}` });
    const name = make("span", { class: "chip-file" }, words.pick_files);
    const chip = { option, field, file: null, filled: () => chip.file !== null };
    chip.box = make("label", { class: "chip" }, make("span", { class: "chip-name" }, option.shown), field, name);
    chip.show = () => {
      name.textContent = chip.file?.name ?? words.pick_files;
      chip.box.classList.remove("is-wrong");
    };
    field.addEventListener("change", () => {
      chip.file = field.files[0] ?? null;
      chip.show();
      this.next();
    });
    field.addEventListener("focus", () => this.show(chip, [], ""));
    field.addEventListener("blur", () => this.list.hide());
    field.addEventListener("keydown", (event) => this.chipKeys(event, chip));
    return chip;
  }

  remove(chip) {
    const at = this.chips.indexOf(chip);
    this.chips.splice(at, 1);
    chip.box.remove();
    (this.chips[at - 1]?.field ?? this.end).focus();
  }

  /** On to what is still to be filled in. */
  next() {
    (this.chips.find((chip) => chip.option.required && !chip.filled())?.field ?? this.end).focus();
  }

  // what is offered

  offer() {
    if (this.named({ field: this.end, put: () => (this.end.value = "") })) return;
    const taken = new Set(this.chips.map((chip) => chip.option));
    const every = this.command.options.filter((option) => !taken.has(option)).map((option) => ({ name: option.shown, about: option.about, option }));
    const items = fitting(every, this.end.value);
    // Words that name no option are the first free text's.
    const free = this.end.value.trim() && !items.length && every.find(({ option }) => option.kind === TEXT && !option.suggests && !option.choices.length);
    if (free) {
      const chip = this.add(free.option);
      chip.put({ name: this.end.value, value: null });
      this.end.value = "";
      chip.field.focus();
      return;
    }
    this.list.show(this.end, items, {
      heading: items.length ? words.optional : "",
      first: this.end.value ? 0 : -1,
      picked: (item) => {
        this.end.value = "";
        this.list.hide();
        this.add(item.option, true);
      },
    });
  }

  async suggest(chip) {
    const { option, field } = chip;
    const typed = field.value;
    this.asked += 1;
    const asked = this.asked;
    if (option.suggests) {
      this.show(chip, [], words.loading);
      await new Promise((done) => setTimeout(done, typed ? WAIT : 0));
      if (asked !== this.asked) return;
      const { choices = [], failed, refused } = await act("suggest", { command: this.command.name, focused: option.name, ...this.values(), [`option.${option.name}`]: typed });
      if (asked !== this.asked || document.activeElement !== field) return;
      const nothing = option.kind === TEXT ? words.free_text : words.no_match;
      this.show(chip, choices, failed || refused ? words.no_suggestions : typed ? nothing : "", typed ? 0 : -1);
      return;
    }
    const every = option.choices.length ? option.choices : option.takes.flatMap((kind) => this.known[kind]);
    const untouched = chip.value !== null;
    this.show(chip, untouched ? every : fitting(every, typed), every.length && typed ? words.no_match : "", every.length ? 0 : -1);
  }

  show(chip, items, empty, first = 0) {
    const { option, field } = chip;
    this.list.show(field, items, {
      heading: `${option.shown} · ${option.about}`,
      empty: items.length ? "" : empty,
      first,
      picked: (item) => {
        chip.put(item);
        this.list.hide();
        chip.box.classList.remove("is-wrong");
        this.next();
      },
    });
  }

  // keys

  chipKeys(event, chip) {
    if (event.isComposing) return;
    if (this.list.active >= 0 && event.key !== "Escape" && this.list.key(event)) return;
    if (["ArrowDown", "ArrowUp"].includes(event.key) && this.list.key(event)) return;
    if (event.key === "Enter") {
      event.preventDefault();
      if (chip.option.kind === FILE && !chip.file) chip.field.click();
      else void this.send();
    } else if (event.key === "Escape") {
      this.escape(event);
    } else if (event.key === "Backspace" && !chip.filled()) {
      event.preventDefault();
      if (chip.option.required) this.leave(`/${this.command.shown}`);
      else this.remove(chip);
    } else if (event.key === "Backspace" && chip.option.kind === FILE) {
      chip.file = null;
      chip.show();
    }
  }

  endKeys(event) {
    if (event.isComposing) return;
    if (event.key === "Enter" && this.list.active < 0) {
      event.preventDefault();
      void this.send();
    } else if (event.key === "Escape") {
      this.escape(event);
    } else if (event.key === "Backspace" && !this.end.value) {
      event.preventDefault();
      const last = this.chips.at(-1);
      if (!last) this.leave(`/${this.command.shown}`);
      else if (last.option.required || last.filled()) last.field.focus();
      else this.remove(last);
    } else if (!(event.key === "Tab" && this.list.active < 0)) this.list.key(event);
  }

  /** Out of the open list first, then out of the command. */
  escape(event) {
    event.preventDefault();
    this.asked += 1; // What is still being asked for must not open the list again.
    if (this.list.open) this.list.hide();
    else this.leave();
  }

  leave(text = "") {
    this.list.hide();
    this.asked += 1;
    this.command = null;
    this.box.hidden = true;
    this.box.replaceChildren();
    this.left(text);
  }

  // sending

  values() {
    const made = {};
    for (const chip of this.chips) {
      if (!chip.filled()) continue;
      made[`option.${chip.option.name}`] = chip.option.kind === FILE ? chip.file : (chip.value ?? valueOf(chip, this.known));
    }
    return made;
  }

  async send() {
    const missing = this.chips.find((chip) => chip.option.required && !chip.filled());
    if (missing) {
      missing.box.classList.add("is-wrong");
      missing.field.focus();
      toast(said(words.option_missing, { name: missing.option.shown }));
      return;
    }
    const { command, known, chips } = this;
    const values = this.values();
    const parts = [...this.box.childNodes];
    this.leave();
    const sending = pending(`/${command.shown}`, words.sending);
    const answer = await act("command", { command: command.name, ...values });
    if (answer.failed) {
      sending.failed(answer.failed);
      return;
    }
    sending.gone();
    if (answer.refused && !this.open && !byId("write").value) {
      // What was typed is not lost.
      Object.assign(this, { command, known, chips });
      byId("write").hidden = true;
      this.box.hidden = false;
      this.box.replaceChildren(...parts);
      this.chips.find((chip) => chip.option.name === answer.option)?.box.classList.add("is-wrong");
      this.focus();
    }
    taken(answer);
  }
}

/** A typed name that is one of the choices means its value. */
function valueOf(chip, known) {
  const typed = chip.field.value;
  const every = chip.option.choices.length ? chip.option.choices : chip.option.takes.flatMap((kind) => known[kind]);
  const bare = typed.replace(/^[@#]/, "").toLowerCase();
  return every.find((each) => each.name.toLowerCase() === typed.toLowerCase() || each.name.toLowerCase() === bare)?.value ?? typed;
}
