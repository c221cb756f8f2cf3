// Small shared questions about the page.
export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
export const words = (key) => document.body.dataset[`words${key[0].toUpperCase()}${key.slice(1)}`] || "";
export const isTyping = (target) => target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]") !== null;

/** Run `upgrade(root)` for the page now and for every fragment that arrives later. */
export function everywhere(upgrade) {
  upgrade(document);
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) upgrade(event.target); });
}

export function csrf() {
  const headers = document.body.getAttribute("hx-headers");
  return headers ? JSON.parse(headers)["X-CSRFToken"] : "";
}
