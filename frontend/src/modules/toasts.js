// Toasts: from the HX-Trigger header, or already in the page. They wait while the pointer or focus is on them.
import { $, $$, csrf, words } from "./page.js";

const SHOWN_MS = 6000;
const WITH_UNDO_MS = 10000;

function leaveLater(toast) {
  let timer;
  const wait = () => { clearTimeout(timer); timer = setTimeout(() => toast.remove(), toast.querySelector(".toast-undo") ? WITH_UNDO_MS : SHOWN_MS); };
  const stay = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stay);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, wait);
  toast.querySelector(".toast-x")?.addEventListener("click", () => toast.remove());
  wait();
}

const KEPT = "shuke.said"; // what an undo said, kept until the page is there again

/** Remember the words of an answer for the page that comes next. */
function keepSaid(answer) {
  try {
    const said = JSON.parse(answer.headers.get("HX-Trigger") || "{}").toast;
    if (said) sessionStorage.setItem(KEPT, JSON.stringify(said));
  } catch { /* an answer without words */ }
}

function showKept() {
  const said = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (said) show(JSON.parse(said));
}

function undoButton(url, toast) {
  const button = document.createElement("button");
  button.className = "toast-undo";
  button.textContent = words("undo");
  button.addEventListener("click", async () => {
    toast.remove();
    // Not followed: a page fetched on the way would use up the words that wait for the next page.
    const answer = await fetch(url, { method: "POST", redirect: "manual", headers: { "X-CSRFToken": csrf(), "HX-Request": "true" } });
    if (answer.type !== "opaqueredirect" && !answer.ok) return show({ text: words("failed"), level: "error" });
    keepSaid(answer);
    location.reload(); // who takes something back stays where they are
  });
  return button;
}

export function show({ text, undo, level = "ok" }) {
  const toast = document.createElement("div");
  toast.className = `toast toast-${level}`;
  const said = document.createElement("span");
  said.textContent = text;
  toast.append(said);
  if (undo) toast.append(undoButton(undo, toast));
  const close = document.createElement("button");
  close.className = "toast-x";
  close.textContent = "×";
  close.setAttribute("aria-label", words("close"));
  toast.append(close);
  $("#toasts").append(toast);
  leaveLater(toast);
}

export function start() {
  $$("[data-toast]").forEach(leaveLater);
  showKept();
  document.addEventListener("toast", (event) => show(event.detail));
  document.addEventListener("htmx:responseError", (event) => {
    const { status, responseText } = event.detail.xhr;
    if (status === 401) return;
    const isPlain = (event.detail.xhr.getResponseHeader("Content-Type") || "").startsWith("text/plain");
    show({ text: isPlain && responseText ? responseText : words("failed"), level: "error" });
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) document.addEventListener(name, () => show({ text: words("offline"), level: "error" }));
}
