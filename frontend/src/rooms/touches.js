// Keeping in touch: dialling (the number is asked for when it is needed), @ suggests colleagues, the log form ready filled.
import { $, csrf, words } from "../modules/page.js";
import { show } from "../modules/toasts.js";

// --- dialling: tel: and sms: start the device's own program ---
async function dial(button) {
  const answer = await fetch(button.dataset.dialUrl, { headers: { "HX-Request": "true", "X-CSRFToken": csrf() } });
  if (!answer.ok) return show({ text: words("failed"), level: "error" });
  const number = (await answer.text()).trim();
  window.location.href = button.dataset.dial + number;
}

// --- the log form: kind, direction and the moment of the call ---
function momentIn(zone) {
  try {
    return new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "short" }).format(new Date()).replace(" ", "T");
  } catch { return ""; }
}

function readyLog(kind) {
  const form = $(".customers-log");
  if (!form) return;
  const tab = form.closest(".person") && $('[data-person-tab="timeline"]', form.closest(".person"));
  if (tab && !tab.hasAttribute("aria-current")) tab.click();
  const out = $('input[name=direction][value=out]', form);
  if (out) out.checked = true;
  const when = $("input[name=happened_at]", form);
  if (when && kind !== "note") when.value = momentIn(form.dataset.zone);
  form.scrollIntoView({ block: "center" });
}

// --- @ ---
const ASKED = /[@＠]([^\s@＠，。；]{0,12})$/;
let box = null;
let turn = 0;

function typedIn(area) {
  const found = ASKED.exec(area.value.slice(0, area.selectionStart));
  return found ? found[1] : null;
}

function closeBox() {
  box?.remove();
  box = null;
}

async function suggest(area) {
  const typed = typedIn(area);
  const mine = ++turn;
  if (typed === null) return closeBox();
  const answer = await fetch(`${area.dataset.mention}?q=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true" } });
  if (mine !== turn || !answer.ok) return;
  const list = document.createElement("ul");
  list.className = "mention-list";
  list.setAttribute("role", "listbox");
  list.innerHTML = await answer.text();
  closeBox();
  if (!list.children.length) return;
  list.firstElementChild.setAttribute("aria-selected", "true");
  area.after(list);
  box = list;
}

function move(step) {
  const all = [...box.children];
  const now = all.findIndex((one) => one.hasAttribute("aria-selected"));
  all[now]?.removeAttribute("aria-selected");
  all[(now + step + all.length) % all.length].setAttribute("aria-selected", "true");
}

function choose(item, area) {
  const head = area.value.slice(0, area.selectionStart).replace(ASKED, `@${item.dataset.mentionName} `);
  area.value = head + area.value.slice(area.selectionStart);
  area.setSelectionRange(head.length, head.length);
  area.focus();
  closeBox();
}

function onKey(event) {
  if (!box || !event.target.matches?.("[data-mention]") || event.isComposing) return;
  const chosen = $("[aria-selected]", box);
  const does = {
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    Enter: () => choose(chosen, event.target),
    Tab: () => choose(chosen, event.target),
    Escape: closeBox,
  }[event.key];
  if (!does) return;
  event.preventDefault();
  event.stopPropagation();
  does();
}

export function start() {
  document.addEventListener("click", (event) => {
    const dialled = event.target.closest("[data-dial]");
    if (dialled) dial(dialled).catch(() => show({ text: words("offline"), level: "error" }));
    const touch = event.target.closest("[data-touch-kind]");
    if (touch) readyLog(touch.dataset.touchKind);
    const item = event.target.closest("[data-mention-name]");
    if (item) choose(item, item.closest(".mention-box").querySelector("[data-mention]"));
    else if (box && !event.target.matches("[data-mention]")) closeBox();
    const again = event.target.closest("[data-refind]");
    if (again) setTimeout(() => window.htmx.trigger(again.form, "change"));
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-mention]")) suggest(event.target).catch(closeBox);
  });
  document.addEventListener("keydown", onKey, true);
}
