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

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-value]");
    if (button) choose(button.dataset.themeValue, button.closest("[data-url]")?.dataset.url);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("themechange")));
  mark();
}
