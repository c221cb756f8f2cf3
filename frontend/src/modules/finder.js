// A box that asks the server as one types and a list of options to choose from with the keyboard (aria combobox):
// the header's search and the Ctrl+K palette. An older answer never replaces a newer one.
import { $, $$, words } from "./page.js";
import { show } from "./toasts.js";

const PAUSE = 90;

/** `address(text)` says what to ask for ("" for nothing); `onChange` hears that new options are there. */
export function finder({ box, host, address, onChange = () => {}, takesFirst = false }) {
  let asked = 0;
  let waiting = 0;
  let running = null;

  const options = () => $$("[role=option]", host);
  const active = () => $("[aria-selected=true]", host);

  function choose(option) {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (option) { box.setAttribute("aria-activedescendant", option.id); option.scrollIntoView({ block: "nearest" }); }
    else box.removeAttribute("aria-activedescendant");
  }

  function put(html) {
    host.innerHTML = html;
    choose(takesFirst ? options()[0] : null);
    onChange();
  }

  async function ask() {
    const mine = ++asked;
    running?.abort();
    running = new AbortController();
    const url = address(box.value);
    if (!url) return put("");
    try {
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: running.signal });
      if (mine !== asked) return;
      if (answer.redirected) return location.reload();
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (mine === asked) put(html);
    } catch (error) {
      if (mine === asked && error.name !== "AbortError") show({ text: words(navigator.onLine ? "failed" : "offline"), level: "error" });
    }
  }

  function soon() {
    clearTimeout(waiting);
    asked += 1; // what is under way belongs to an older text
    waiting = setTimeout(ask, box.value.trim() ? PAUSE : 0);
  }

  function step(by) {
    const all = options();
    if (!all.length) return;
    const now = all.indexOf(active());
    choose(all[(now + by + all.length + (now < 0 && by < 0 ? 1 : 0)) % all.length]);
  }

  box.addEventListener("input", soon);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && active()) {
      event.preventDefault();
      active().click();
    }
  });

  return { ask, active, options, clear: () => { clearTimeout(waiting); asked += 1; running?.abort(); put(""); } };
}
