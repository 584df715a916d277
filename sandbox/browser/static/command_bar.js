// A command while it is typed: its options as chips, what each may be above them. Enter sends, Tab goes on, Escape leaves.

import { act, byId, make, said, toast, words } from "./page.js";
import { fileChip, textChip } from "./chips.js";
import { choiceOf, parts } from "./command_lines.js";
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

  /** `rest`: what was typed or pasted behind the command. */
  begin(command, known, files, rest) {
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
    const last = this.read(rest);
    if (files.length) this.take(files);
    if (last && !last.filled()) last.field.focus();
    else this.next();
  }

  focus() {
    const wrong = this.chips.find((chip) => chip.box.classList.contains("is-wrong"));
    const chip = wrong ?? this.chips.find((each) => !each.filled());
    (chip?.field ?? this.end).focus();
  }

  add(option, focused = false) {
    const chip = option.kind === FILE ? fileChip(option) : textChip(option);
    chip.field.addEventListener("blur", () => this.list.hide());
    chip.field.addEventListener("keydown", (event) => this.chipKeys(event, chip));
    if (option.kind === FILE) {
      chip.field.addEventListener("change", () => this.next());
      chip.field.addEventListener("focus", () => this.show(chip, [], ""));
    } else {
      chip.field.addEventListener("input", () => {
        if (!this.named(chip)) void this.suggest(chip);
      });
      chip.field.addEventListener("focus", () => void this.suggest(chip));
    }
    this.chips.push(chip);
    this.box.insertBefore(chip.box, this.end);
    if (focused) chip.field.focus();
    return chip;
  }

  /** `model:` typed or pasted behind a value goes on in that option, as in Discord; true when it did. */
  named(chip) {
    const { before, given } = parts(chip.field.value, this.command.options.filter((each) => each !== chip.option));
    if (!given.length) return false;
    chip.put({ name: before, value: null });
    this.fill(given).field.focus();
    return true;
  }

  /** Takes a text apart: what stands before the first `name:` is the first free text's. The last chip that it fills. */
  read(text) {
    const { before, given } = parts(text, this.command.options);
    const last = this.fill(given);
    const free = before && this.freeText();
    this.end.value = free ? "" : before;
    const chip = free && this.fill([[free, before]]);
    return last ?? chip;
  }

  /** Writes texts into their options; the last chip. */
  fill(given) {
    let last;
    for (const [option, text] of given) {
      last = this.chips.find((each) => each.option === option) ?? this.add(option);
      if (text && option.kind !== FILE) last.put(choiceOf(option, text, this.known) ?? { name: text.replace(/\s*\n\s*/g, " "), value: null });
    }
    return last;
  }

  /** What takes words that name no option: what is required first. */
  freeText() {
    const open = this.command.options.filter((option) => option.kind === TEXT && !this.chips.find((each) => each.option === option)?.filled());
    return open.find((option) => option.required) ?? open.find((option) => !option.suggests && !option.choices.length);
  }

  /** Gives files to the options that take one; false when there is none. */
  take(files) {
    const option = this.command.options.find((each) => each.kind === FILE);
    if (!option || !files.length) return false;
    const chip = this.chips.find((each) => each.option === option) ?? this.add(option);
    chip.take(files[0]);
    this.next();
    return true;
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
    const typed = this.end.value;
    if (parts(typed, this.command.options).given.length) {
      this.read(typed).field.focus();
      return;
    }
    const taken = new Set(this.chips.map((chip) => chip.option));
    const every = this.command.options.filter((option) => !taken.has(option)).map((option) => ({ name: option.shown, about: option.about, option }));
    const items = fitting(every, typed);
    const free = typed.trim() && !items.length && this.freeText();
    if (free) {
      this.end.value = "";
      this.fill([[free, typed]]).field.focus();
      return;
    }
    this.list.show(this.end, items, {
      heading: items.length ? words.optional : "",
      first: typed ? 0 : -1,
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
      chip.take(null);
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
      const typed = chip.field.value;
      made[`option.${chip.option.name}`] = chip.option.kind === FILE ? chip.file : (chip.value ?? choiceOf(chip.option, typed, this.known)?.value ?? typed);
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
    const unknown = this.end.value.trim();
    if (unknown) {
      this.end.focus();
      toast(said(words.option_unknown, { name: `/${this.command.shown}`, text: unknown }));
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
