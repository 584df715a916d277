// What every part of the page needs: its words, and a way to tell the server what somebody does.

export const words = JSON.parse(document.body.dataset.words);
export const here = document.body.dataset.window;
export const filesLimit = Number(document.body.dataset.limit);

export const byId = (id) => document.getElementById(id);

export function said(sentence, facts) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => facts[name]);
}

/** An element with attributes and children; texts are texts, never HTML. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : value);
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const icon = (name) => make("span", { class: `icon ${name}`, "aria-hidden": "true" });

/** HTML that the server drew. */
export function drawn(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/**
 * Does something as this window's person. The answer: {} when it was taken, `form` when one opens, `refused` and
 * `failed` with a sentence when not. Fields: texts, files, or lists of them.
 */
export async function act(action, fields = {}) {
  const data = new FormData();
  data.append("window", here);
  for (const [name, value] of Object.entries(fields)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each instanceof File) data.append(name, each, each.name);
      else if (each !== null && each !== undefined) data.append(name, String(each));
    }
  }
  try {
    const response = await fetch(`${here}/${action}`, { method: "POST", body: data });
    return response.ok ? await response.json() : { refused: await response.text() };
  } catch {
    return { refused: words.offline };
  }
}

/** A sentence that shows for a while. */
export function toast(sentence) {
  const shown = make("div", { class: "toast" }, sentence);
  byId("toasts").append(shown);
  setTimeout(() => shown.remove(), 6000);
}
