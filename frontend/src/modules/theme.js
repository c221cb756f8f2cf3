// Light, dark or as the system: a cookie so that the server paints the right one first time, and the account if there is one.
import { $$, csrf } from "./page.js";

const root = document.documentElement;

function mark() {
  for (const button of $$("[data-theme-value]")) button.setAttribute("aria-pressed", String(button.dataset.themeValue === root.dataset.theme));
}

function choose(theme, url) {
  root.dataset.theme = theme;
  document.cookie = `shuke_theme=${theme}; path=/; max-age=31536000; SameSite=Lax`;
  mark();
  document.dispatchEvent(new CustomEvent("themechange"));
  if (url) fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf() }, body: new URLSearchParams({ theme }) });
}

// Charts are painted, so they take the light colours before the page goes to paper.
function printLight() {
  let theme;
  addEventListener("beforeprint", () => {
    theme = root.dataset.theme;
    root.dataset.theme = "light";
    document.dispatchEvent(new CustomEvent("themechange"));
  });
  addEventListener("afterprint", () => {
    if (theme === undefined) delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("themechange"));
  });
}

export function start() {
  printLight();
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-value]");
    if (button) choose(button.dataset.themeValue, button.closest("[data-url]")?.dataset.url);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("themechange")));
  mark();
}
