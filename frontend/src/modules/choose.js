// A list of links under an input, moved through with the arrow keys: the header search and the Ctrl+K palette.
import { $, $$ } from "./page.js";

const choices = (list) => $$("a[href], [role=option]", list).filter((item) => !item.hidden && item.offsetParent !== null);

function select(list, step) {
  const items = choices(list);
  if (!items.length) return;
  const now = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  const next = items[(now + step + items.length + (now < 0 && step < 0 ? 1 : 0)) % items.length];
  items.forEach((item) => item.setAttribute("aria-selected", String(item === next)));
  next.scrollIntoView({ block: "nearest" });
}

/** Arrow keys choose, Enter opens. Without a choice, Enter opens the first when `takesFirst`. */
export function steer(input, list, takesFirst) {
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      select(list, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      const items = choices(list);
      const chosen = items.find((item) => item.getAttribute("aria-selected") === "true") || (takesFirst ? items[0] : null);
      if (chosen) { event.preventDefault(); chosen.click(); }
    }
  });
}

function startSearch() {
  const box = $("#search");
  if (!box) return;
  const form = box.closest("form");
  const list = $("#search-results");
  const show = (isOpen) => { form.toggleAttribute("data-open", isOpen); box.setAttribute("aria-expanded", String(isOpen && list.childElementCount > 0)); };
  steer(box, list, false);
  box.addEventListener("focus", () => show(true));
  box.addEventListener("input", () => { if (!box.value.trim()) list.replaceChildren(); show(true); });
  list.addEventListener("htmx:afterSwap", () => show(true));
  document.addEventListener("click", (event) => { if (!form.contains(event.target)) show(false); });
  form.addEventListener("focusout", (event) => { if (event.relatedTarget && !form.contains(event.relatedTarget)) show(false); });
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") { show(false); box.blur(); } });
}

function startPalette() {
  const palette = $("#palette");
  if (!palette) return;
  const box = $(".palette-box", palette);
  steer(box, $(".palette-list", palette), true);
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLowerCase();
    for (const item of $$("[data-item]", palette)) item.hidden = !`${item.textContent} ${item.dataset.keys}`.toLowerCase().includes(wanted);
    if (!wanted) $("#palette-found").replaceChildren();
  });
}

export function start() {
  startSearch();
  startPalette();
}
