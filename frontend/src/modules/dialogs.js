// <dialog>s: open by data-open="id", close by data-close, Esc or the veil; a record opens in the drawer; hx-confirm asks in our own words.
import htmx from "htmx.org";
import { $ } from "./page.js";

export function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog) return;
  if (dialog.open) return;
  document.getElementById("me")?.hidePopover?.();
  dialog.showModal();
  $("[autofocus], input:not([type=hidden]), textarea, select", dialog)?.focus();
}

function openDrawer(link) {
  const drawer = $("#drawer");
  $("[data-drawer-page]", drawer).href = link.href;
  $("#drawer-body").innerHTML = '<div class="skeleton"><i></i><i></i><i></i></div>';
  drawer.showModal();
  htmx.ajax("GET", link.dataset.drawer || link.href, { target: "#drawer-body", swap: "innerHTML", headers: { "X-Drawer": "1" } });
}

function isPlainClick(event) {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

function onClick(event) {
  const opener = event.target.closest("[data-open]");
  if (opener) return open(opener.dataset.open);
  if (event.target.closest("[data-close]")) return event.target.closest("dialog")?.close();
  if (event.target.closest("[data-back]")) return history.back();
  const link = event.target.closest("a[data-drawer], [data-drawers] .row-link");
  if (link && isPlainClick(event) && $("#drawer")) { event.preventDefault(); return openDrawer(link); }
  if (event.target.matches?.("dialog[open]") && event.detail > 0 && isOutside(event)) event.target.close();
}

function isOutside(event) {
  const box = event.target.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

function ask(event) {
  if (!event.detail.question) return;
  event.preventDefault();
  confirmThen(event.detail.question, () => event.detail.issueRequest(true));
}

function confirmThen(question, proceed) {
  const dialog = $("#confirm");
  $("#confirm-text").textContent = question;
  const yes = $("[data-yes]", dialog);
  yes.onclick = () => { dialog.close(); proceed(); };
  dialog.showModal();
  yes.focus();
}

export function start() {
  document.addEventListener("click", onClick);
  document.addEventListener("htmx:confirm", ask);
  document.addEventListener("submit", (event) => {
    const question = event.target.dataset.confirm;
    if (!question || event.target.dataset.agreed) return;
    event.preventDefault();
    confirmThen(question, () => { event.target.dataset.agreed = "1"; event.target.requestSubmit(event.submitter || undefined); });
  }, true);
  document.addEventListener("closedialog", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));
}
