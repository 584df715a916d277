// What happens, as it happens. A connection that breaks is made anew, and the server says what was missed.

import { byId, drawn, here, said, words } from "./page.js";
import { showRows } from "./log.js";
import { morph } from "./morph.js";

const AGAIN = 1000; // Milliseconds; each time twice as many.
const AT_MOST = 15000;
const TYPING = 10000;

let wait = AGAIN;
let since = document.body.dataset.since;
let typingEnds;

export function listen() {
  const socket = new WebSocket(`ws://${location.host}${here}/live?since=${since}`);
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("open", () => {
    wait = AGAIN;
    setOffline(false);
  });
  socket.addEventListener("close", () => {
    setOffline(true);
    setTimeout(listen, wait);
    wait = Math.min(2 * wait, AT_MOST);
  });
}

function hear(news) {
  since = news.at;
  if (news.rows) {
    showRows(news.rows, news.anew);
    setTyping("");
  }
  if (news.typing) setTyping(news.typing);
  if (news.places) showPlaces(news.places);
}

function setOffline(offline) {
  document.querySelector(".offline").hidden = !offline;
}

function setTyping(name) {
  const typing = byId("typing");
  if (!typing) return;
  typing.textContent = name ? said(words.typing, { name }) : "";
  clearTimeout(typingEnds);
  if (name) typingEnds = setTimeout(() => setTyping(""), TYPING);
}

function showPlaces(html) {
  const drawer = byId("drawer");
  if (!byId("who").hidden) return; // Whoever is choosing is not disturbed.
  const next = document.createElement("div");
  next.append(drawn(html));
  for (const { name, value } of drawer.attributes) next.setAttribute(name, value);
  morph(drawer, next);
}
