// Who one is, the drawer of places on narrow windows, and light or dark.

import { act, byId, said, words } from "./page.js";

export function watchPeople() {
  document.addEventListener("click", (event) => {
    const language = event.target.closest("[data-language]");
    if (language) void act("language", { locale: language.dataset.language }).then(() => location.reload());
    const me = event.target.closest("#me");
    if (me) toggleWho(byId("who").hidden);
    else if (!event.target.closest("#who")) toggleWho(false);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (!byId("who").hidden) {
        toggleWho(false);
        byId("me").focus();
      } else toggleDrawer(false);
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.closest("#who, #me") || byId("who").hidden) return;
    event.preventDefault();
    const links = [...byId("who").querySelectorAll(".who-line > a:first-child")];
    const at = links.indexOf(document.activeElement);
    links[(at + step + links.length) % links.length].focus();
  });
}

function toggleWho(open) {
  byId("who").hidden = !open;
  byId("me").setAttribute("aria-expanded", String(open));
}

export function watchDrawer() {
  document.querySelector(".drawer-button").addEventListener("click", (event) => {
    event.stopPropagation();
    toggleDrawer(true);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("#drawer")) toggleDrawer(false);
  });
}

/** What lies behind the open drawer can't be used; the focus goes into it, and back. */
function toggleDrawer(open) {
  if (document.body.classList.contains("drawer-open") === open) return;
  const button = document.querySelector(".drawer-button");
  document.body.classList.toggle("drawer-open", open);
  document.querySelector(".main").inert = open;
  button.setAttribute("aria-expanded", String(open));
  if (open) (byId("drawer").querySelector(".place.here") ?? byId("drawer").querySelector("a")).focus();
  else button.focus();
}

export function watchTheme() {
  const root = document.documentElement;
  const name = () => {
    const label = said(words.look_is, { theme: words[root.dataset.theme] });
    byId("theme").setAttribute("aria-label", label);
    byId("theme").title = label;
  };
  name();
  byId("theme").addEventListener("click", () => {
    // The first click shows: from "as the machine has it" to what the machine does not have.
    const themes = matchMedia("(prefers-color-scheme: dark)").matches ? ["system", "light", "dark"] : ["system", "dark", "light"];
    root.dataset.theme = themes[(themes.indexOf(root.dataset.theme) + 1) % themes.length];
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=strict`;
    name();
  });
}
