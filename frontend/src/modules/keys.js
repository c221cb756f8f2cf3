// Keys that work anywhere: / searches, Ctrl+K opens the palette, ? lists the keys, g+letter goes, j/k walk the rows.
import { $, $$, isTyping } from "./page.js";
import { open } from "./dialogs.js";

let isGoing = false;

const rows = () => $$("[data-rows] tbody tr, [data-rows] > li");

function walk(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.classList.contains("is-here"));
  const next = all[Math.min(Math.max(now + step, 0), all.length - 1)];
  all.forEach((row) => row.classList.toggle("is-here", row === next));
  next.scrollIntoView({ block: "nearest" });
}

const here = () => $("[data-rows] .is-here");

const plainKeys = {
  "/": () => $("#search")?.focus(),
  "?": () => open("keys"),
  j: () => walk(1),
  k: () => walk(-1),
  x: () => $("input.pick", here() || document.createElement("i"))?.click(),
  Enter: () => $("a[href]", here() || document.createElement("i"))?.click(),
};

function go(letter) {
  isGoing = false;
  const link = $(`[data-go="${CSS.escape(letter)}"]`);
  if (link) link.click();
  return Boolean(link);
}

function onKey(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); return open("palette"); }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || $("dialog[open]")) return;
  if (isGoing) { if (go(event.key)) event.preventDefault(); return; }
  if (event.key === "g") { isGoing = true; setTimeout(() => { isGoing = false; }, 1200); return; }
  if (event.key === "Enter" && (event.target !== document.body && event.target.id !== "main" || !here())) return;
  const labelled = $(`[data-key="${CSS.escape(event.key)}"]`);
  const action = plainKeys[event.key] || (labelled && (() => labelled.click()));
  if (action) { event.preventDefault(); action(); }
}

export function start() {
  document.addEventListener("keydown", onKey);
}
