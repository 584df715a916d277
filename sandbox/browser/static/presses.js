// Buttons in messages, pictures that open large, veils that are lifted.

import { act, byId, here } from "./page.js";
import { jumpTo } from "./log.js";
import { taken, tell } from "./menus.js";

// A link to a message or channel on Discord means the one in this sandbox.
const MESSAGE = /^https:\/\/(?:\w+\.)?discord\.com\/channels\/(?:@me|\d+)\/(?<channel>\d+)(?:\/(?<message>\d+))?$/;

let large = null; // The picture that is shown large.

export function watchPresses() {
  document.addEventListener("click", (event) => {
    const target = event.target;
    const press = target.closest("[data-press]");
    if (press) void pressed(press);
    const picture = target.closest("[data-large]");
    if (picture) enlarge(picture);
    const veil = target.closest(".veil");
    if (veil) lift(veil);
    const dismiss = target.closest("[data-dismiss]");
    if (dismiss) void act("delete", { message: dismiss.closest(".entry").dataset.id }).then(taken);
    const channel = target.closest("[data-channel]");
    if (channel) location.assign(pathOf(channel.dataset.channel));
    const link = MESSAGE.exec(target.closest("a[href]")?.href ?? "");
    if (link) {
      event.preventDefault();
      goTo(link.groups.channel, link.groups.message);
    }
  });
  const lightbox = byId("lightbox");
  lightbox.addEventListener("click", () => lightbox.close());
  lightbox.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) enlarge(beside(step));
  });
}

/** The next picture of the same gallery, or the one before. */
function beside(step) {
  const all = [...(large.closest(".gallery, .loose") ?? large.parentElement).querySelectorAll("[data-large]")];
  return all[(all.indexOf(large) + step + all.length) % all.length];
}

async function pressed(button) {
  if (button.getAttribute("aria-busy")) return;
  button.setAttribute("aria-busy", "true");
  const answer = await act("press", { message: button.closest(".entry").dataset.id, custom_id: button.dataset.press });
  button.removeAttribute("aria-busy");
  tell(button, answer);
}

function enlarge(button) {
  large = button;
  const lightbox = byId("lightbox");
  const picture = button.querySelector("img");
  lightbox.querySelector("img").src = button.dataset.large;
  lightbox.querySelector("img").alt = picture.alt;
  lightbox.querySelector("p").textContent = picture.alt;
  if (!lightbox.open) lightbox.showModal();
}

function lift(veil) {
  const veiled = veil.closest(".veiled");
  veiled.classList.add("lifted");
  veiled.querySelector(".veiled-inside").inert = false;
  veil.remove();
}

const pathOf = (channel) => here.replace(/\d+$/, channel);

function goTo(channel, message) {
  const path = pathOf(channel);
  if (message && path === here) void jumpTo(message);
  else location.assign(message ? `${path}#m${message}` : path);
}
