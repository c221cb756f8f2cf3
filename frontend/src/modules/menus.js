// <details class="menu"> behave like menus: one open at a time, Esc and a click elsewhere close them.
import { $$ } from "./page.js";

const openMenus = () => $$("details.menu[open]");

export function closeMenus(except) {
  for (const menu of openMenus()) if (menu !== except) menu.open = false;
}

export function start() {
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && openMenus()[0];
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
    event.stopPropagation();
  });
  document.addEventListener("focusin", (event) => closeMenus(event.target.closest("details.menu")));
}
