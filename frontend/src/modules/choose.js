// The search box of the header: results under it as one types; Enter without a choice opens the list of all found.
import { $ } from "./page.js";
import { open } from "./dialogs.js";
import { finder } from "./finder.js";

const PHONE = "(max-width: 760px)";

export function start() {
  const box = $("#search");
  if (!box) return;
  const form = box.closest("form");
  const host = $("#search-results");
  let isOpen = false;
  const show = (wanted) => {
    isOpen = wanted;
    const hasOptions = host.querySelector("[role=option]") !== null;
    form.toggleAttribute("data-open", isOpen);
    box.setAttribute("aria-expanded", String(isOpen && hasOptions));
    if (!isOpen) box.removeAttribute("aria-activedescendant");
  };
  const search = finder({
    box,
    host,
    address: (text) => (text.trim() ? `${form.action}?q=${encodeURIComponent(text)}` : ""),
    onChange: () => show(document.activeElement === box),
  });
  box.addEventListener("focus", () => { show(true); if (box.value.trim() && !host.childElementCount) search.ask(); });
  box.addEventListener("click", () => { // on a phone the whole screen is for finding
    if (matchMedia(PHONE).matches && $("#palette")) { show(false); box.blur(); open("palette"); }
  });
  form.addEventListener("focusout", (event) => { if (!form.contains(event.relatedTarget)) show(false); });
  host.addEventListener("pointerdown", (event) => { if (event.target.closest("[role=option]")) event.preventDefault(); }); // keep the focus until the click
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.isComposing) { show(false); box.blur(); }
    if (event.key === "ArrowDown") show(true);
  });
}
