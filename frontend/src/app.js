import htmx from "htmx.org";
import Alpine from "@alpinejs/csp";
import * as choose from "./modules/choose.js";
import * as dialogs from "./modules/dialogs.js";
import * as keys from "./modules/keys.js";
import * as loading from "./modules/loading.js";
import * as menus from "./modules/menus.js";
import * as palette from "./modules/palette.js";
import * as tabs from "./modules/tabs.js";
import * as theme from "./modules/theme.js";
import * as toasts from "./modules/toasts.js";
import * as touches from "./modules/touches.js";
import { rooms } from "virtual-rooms";

Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  timeout: 20000,
  defaultSettleDelay: 0,
  scrollIntoViewOnBoost: false,
  responseHandling: [
    { code: "204", swap: false },
    { code: "[23]..", swap: true },
    { code: "422", swap: true },
    { code: "[45]..", swap: false, error: true },
  ],
});
window.htmx = htmx;
window.Alpine = Alpine;

for (const module of [theme, tabs, menus, toasts, dialogs, choose, palette, keys, touches, loading, ...rooms]) module.start();
Alpine.start();
