// A forum: a new post is a title, a text and files.

import { act, byId } from "./page.js";
import { nameFiles } from "./forms.js";
import { taken } from "./menus.js";

export function watchForum() {
  const form = byId("new-post");
  form?.elements.files.addEventListener("change", (event) => nameFiles(event.target));
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { title, text, files } = form.elements;
    taken(await act("post", { title: title.value, text: text.value, files: [...files.files] }));
  });
}
