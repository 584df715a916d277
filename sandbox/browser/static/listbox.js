// A list to choose from, moved through with the arrows while the focus stays in the field that it belongs to.

import { icon, make } from "./page.js";

let count = 0;

export class Listbox {
  /** `frame`: what is shown and hidden; in it the element with role=listbox, with a heading and a word for "nothing". */
  constructor(frame) {
    this.frame = frame;
    this.box = frame.querySelector("[role=listbox]");
    this.field = null;
    this.active = -1;
    this.box.addEventListener("mousedown", (event) => event.preventDefault()); // The focus stays where it is.
    this.box.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.pick(this.options.indexOf(option));
    });
    this.box.addEventListener("mousemove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.activate(this.options.indexOf(option), false);
    });
  }

  get options() {
    return [...this.box.querySelectorAll("[role=option]")];
  }

  get open() {
    return !this.frame.hidden;
  }

  /**
   * `items`: {name, about?, sign?, emoji?, group?, selected?}, and whatever `picked` needs. `first`: which one is active.
   */
  show(field, items, { heading = "", empty = "", first = 0, picked }) {
    this.field = field;
    this.items = items;
    this.picked = picked;
    this.box.replaceChildren(...items.map((item, at) => this.row(item, at)));
    this.box.hidden = !items.length;
    this.frame.querySelector(".list-heading").textContent = heading;
    this.frame.querySelector(".list-empty").textContent = items.length ? "" : empty;
    this.frame.hidden = !items.length && !empty && !heading;
    this.expanded(items.length > 0);
    field.setAttribute("aria-controls", this.box.id);
    this.activate(items.length ? Math.min(first, items.length - 1) : -1);
  }

  row(item, at) {
    count += 1;
    const name = make("span", { class: "option-name" }, item.sign ? make("span", { class: "sign" }, item.sign) : "", item.name);
    return make(
      "div",
      { class: "option", role: "option", id: `option-${count}`, "aria-selected": String(Boolean(item.selected)), "data-at": at },
      item.emoji ? make("span", { class: "emoji" }, item.emoji) : null,
      name,
      item.about ? make("span", { class: "option-help" }, item.about) : null,
      item.checkable ? icon(item.selected ? "checked" : "unchecked") : null,
    );
  }

  /** A field of several lines has the list beside it, but does not itself open. */
  expanded(open) {
    if (this.field?.getAttribute("role") === "combobox") this.field.setAttribute("aria-expanded", String(open));
  }

  hide() {
    this.frame.hidden = true;
    this.expanded(false);
    this.field?.removeAttribute("aria-activedescendant");
    this.active = -1;
  }

  activate(at, scroll = true) {
    this.active = at;
    for (const [index, option] of this.options.entries()) option.classList.toggle("active", index === at);
    const option = this.options[at];
    if (option) {
      this.field?.setAttribute("aria-activedescendant", option.id);
      if (scroll) option.scrollIntoView({ block: "nearest" });
    } else this.field?.removeAttribute("aria-activedescendant");
  }

  pick(at) {
    const item = this.items[at];
    if (item) this.picked(item, at);
  }

  /** Whether a key was for the list. `takes`: the keys that pick. */
  key(event, takes = ["Enter", "Tab"]) {
    if (!this.open || event.isComposing) return false;
    const size = this.items.length;
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && size) {
      const from = this.active < 0 && steps[event.key] < 0 ? size : this.active;
      this.activate((from + steps[event.key] + size) % size);
    } else if (event.key === "Escape") {
      this.hide();
    } else if (takes.includes(event.key) && !event.shiftKey && this.active >= 0) {
      this.pick(this.active);
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}

/** The items whose name fits what was typed: those that begin with it first. */
export function fitting(items, typed, most = 25) {
  const wanted = typed.toLowerCase();
  const at = (item) => item.name.toLowerCase().indexOf(wanted);
  return items
    .filter((item) => at(item) >= 0)
    .sort((one, other) => (at(one) > 0) - (at(other) > 0))
    .slice(0, most);
}
