// What sandbox/browser/markdown.py leaves to the page: spoilers open, times count. Works on whatever is or comes into the
// document; nothing has to call it.
"use strict";

(() => {
  const UNITS = [
    ["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60],
    ["second", 1],
  ];
  const DATE = { day: "numeric", month: "long", year: "numeric" };
  const SHORT_DATE = { day: "2-digit", month: "2-digit", year: "numeric" };
  const TIME = { hour: "numeric", minute: "2-digit" };
  const STYLES = {
    t: TIME,
    T: { ...TIME, second: "2-digit" },
    d: SHORT_DATE,
    D: DATE,
    f: { ...DATE, ...TIME },
    F: { ...DATE, ...TIME, weekday: "long" },
    s: { ...SHORT_DATE, ...TIME },
    S: { ...SHORT_DATE, ...TIME, second: "2-digit" },
  };
  const formats = new Map();

  function format(make, language, options) {
    const key = `${make.name} ${language} ${JSON.stringify(options)}`;
    if (!formats.has(key)) formats.set(key, new make(language, options));
    return formats.get(key);
  }

  function languageOf(element) {
    return element.closest("[lang]")?.lang || "en-US";
  }

  function relative(seconds, language) {
    const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each) ?? UNITS[UNITS.length - 1];
    const said = format(Intl.RelativeTimeFormat, language, { numeric: "always" }).format(Math.trunc(seconds / size), unit);
    return said.replace(/(\d)(?=\p{Script=Han})/u, "$1 ").replace("秒钟", "秒"); // as Discord's Chinese client writes it
  }

  function showTime(element) {
    const at = new Date(element.dateTime);
    const language = languageOf(element);
    const style = element.dataset.style;
    const text = style === "R"
      ? relative(Math.round((at - Date.now()) / 1000), language)
      : format(Intl.DateTimeFormat, language, STYLES[style]).format(at);
    if (element.textContent !== text) element.textContent = text;
    const whole = format(Intl.DateTimeFormat, language, STYLES.F).format(at);
    if (element.title !== whole) element.title = whole;
  }

  function showTimes(root) {
    if (root.matches?.("time[data-style]")) showTime(root);
    for (const element of root.querySelectorAll?.("time[data-style]") ?? []) showTime(element);
  }

  function open(spoiler) {
    for (const name of ["role", "tabindex", "aria-label"]) spoiler.removeAttribute(name);
    spoiler.classList.add("open");
    spoiler.firstElementChild?.removeAttribute("inert");
  }

  document.addEventListener("click", (event) => {
    const spoiler = event.target.closest?.(".markdown .spoiler[role]");
    if (spoiler) open(spoiler);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && event.target.matches?.(".markdown .spoiler[role]")) {
      event.preventDefault();
      open(event.target);
    }
  });

  new MutationObserver((records) => {
    for (const record of records) for (const node of record.addedNodes) showTimes(node);
  }).observe(document.documentElement, { childList: true, subtree: true });
  setInterval(() => {
    for (const element of document.querySelectorAll("time[data-style=R]")) showTime(element);
  }, 1000);
  document.addEventListener("DOMContentLoaded", () => showTimes(document));
})();
