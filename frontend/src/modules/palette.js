// Ctrl+K: one box that finds customers, pages and actions. An action that needs a customer asks for whom; → on a customer
// shows what to do for them; Esc takes one step back, then closes and gives the focus back.
import { $, everywhere } from "./page.js";
import { finder } from "./finder.js";

const MOST_RECENT = 8;

const storeOf = (palette) => `shuke.recent.${palette.dataset.who}`;

function recent(palette) {
  try { return JSON.parse(localStorage.getItem(storeOf(palette)) || "[]").filter(Number.isInteger); } catch { return []; }
}

function remember(palette, id) {
  const ids = [id, ...recent(palette).filter((other) => other !== id)].slice(0, MOST_RECENT);
  try { localStorage.setItem(storeOf(palette), JSON.stringify(ids)); } catch { /* private windows may keep nothing */ }
}

export function start() {
  const palette = $("#palette");
  if (!palette?.dataset.url) return;
  const box = $(".palette-box", palette);
  const host = $(".palette-list", palette);
  const chip = $(".palette-scope", palette);
  let scope = null; // { key: "action" | "customer", value, label }

  const search = finder({
    box,
    host,
    takesFirst: true,
    address: (text) => {
      const asked = new URLSearchParams({ q: text.trim() });
      if (scope) asked.set(scope.key, scope.value);
      if (!text.trim()) asked.set("recent", recent(palette).join(","));
      return `${palette.dataset.url}?${asked}`;
    },
    onChange: () => { host.scrollTop = 0; box.setAttribute("aria-expanded", String(search?.options().length > 0)); },
  });

  function narrow(wanted) {
    scope = wanted;
    chip.hidden = !scope;
    chip.textContent = scope?.label || "";
    box.value = "";
    box.placeholder = scope ? palette.dataset[scope.key === "action" ? "wordsWhom" : "wordsWhat"] : palette.dataset.wordsAll;
    box.focus();
    search.ask();
  }

  everywhere((root) => {
    const shown = root.matches?.("[data-customer]") ? root : $("[data-customer]", root);
    if (shown) remember(palette, Number(shown.dataset.customer));
  });

  new MutationObserver(() => { if (palette.open) narrow(null); }).observe(palette, { attributeFilter: ["open"] });

  host.addEventListener("pointerdown", (event) => { if (event.target.closest("[role=option]")) event.preventDefault(); });
  host.addEventListener("click", (event) => {
    const asks = event.target.closest("[data-ask]");
    if (!asks) return;
    event.preventDefault();
    narrow({ key: "action", value: asks.dataset.ask, label: asks.dataset.askLabel });
  });

  const isAtEnd = () => box.selectionStart === box.value.length && box.selectionEnd === box.value.length;

  palette.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const picked = search.active()?.dataset.pick;
    if ((event.key === "ArrowRight" && isAtEnd()) || (event.key === "Tab" && !event.shiftKey)) {
      if (event.key === "Tab") event.preventDefault(); // the box keeps the focus: options are walked with the arrows
      if (picked && !scope) { event.preventDefault(); narrow({ key: "customer", value: picked, label: search.active().dataset.pickName }); }
    } else if (scope && (event.key === "Escape" || (event.key === "Backspace" && !box.value))) {
      event.preventDefault();
      narrow(null);
    }
  });
}
