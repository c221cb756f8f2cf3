// Small manners: sizes from data attributes (no inline style under the CSP), copying, picking rows, submitting on change.
import { $$, everywhere, words } from "./page.js";
import { show } from "./toasts.js";

function applySizes(root) {
  for (const element of $$("[data-w]", root)) element.style.width = `${Number(element.dataset.w)}%`;
  for (const element of $$("[data-h]", root)) element.style.height = `${Number(element.dataset.h)}px`;
}

async function copy(button) {
  const text = button.dataset.copy ?? (await (await fetch(button.dataset.copyUrl, { headers: { "HX-Request": "true" } })).text()).trim();
  await navigator.clipboard.writeText(text);
  button.classList.add("is-done");
  setTimeout(() => button.classList.remove("is-done"), 1500);
  show({ text: words("copied") });
}

function countPicked() {
  const picked = $$("input.pick:checked").length;
  for (const bar of $$("[data-bulk]")) {
    bar.hidden = picked === 0;
    for (const place of $$("[data-picked]", bar)) place.textContent = String(picked);
  }
}

export function start() {
  everywhere(applySizes);
  everywhere(countPicked);
  window.addEventListener("pageshow", countPicked); // coming back, the browser checks again what was checked
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-url]");
    if (button) copy(button).catch(() => show({ text: words("failed"), level: "error" }));
    if (event.target.closest("[data-print]")) window.print();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches(".pick-all")) for (const box of $$("input.pick")) box.checked = event.target.checked;
    if (event.target.matches(".pick, .pick-all")) countPicked();
    if (event.target.closest("[data-submit-on-change]")) event.target.form?.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-unpick]")) { for (const box of $$(".pick, .pick-all")) box.checked = false; countPicked(); }
  });
}

