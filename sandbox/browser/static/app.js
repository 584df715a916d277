// The page of one window: each part watches its own.

import { byId } from "./page.js";
import { watchComposer } from "./composer.js";
import { openForm } from "./forms.js";
import { watchForum } from "./forum.js";
import { listen } from "./live.js";
import { watchLog } from "./log.js";
import { watchMenus } from "./menus.js";
import { watchMessageMenu } from "./message_menu.js";
import { watchDrawer, watchPeople, watchTheme } from "./people.js";
import { watchPanel } from "./panel.js";
import { watchPresses } from "./presses.js";

watchPeople();
watchDrawer();
watchTheme();
watchLog();
watchMenus();
watchPresses();
watchMessageMenu();
watchComposer();
watchForum();
watchPanel();
listen();

const form = byId("open-form");
if (form) openForm({ use: form.dataset.use, html: form.innerHTML });
