// The desk: tabs of the customer page, and the arrow keys that go on to the next customer while the drawer is open.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

function showTab(button) {
  const page = button.closest(".person");
  for (const other of $$("[data-person-tab]", page)) {
    const isHere = other === button;
    other.toggleAttribute("aria-current", false);
    if (isHere) other.setAttribute("aria-current", "page");
    $(`#tab-${other.dataset.personTab}`, page).hidden = !isHere;
  }
}

function step(direction) {
  const links = $$("#rows .row-link, .today-list a[data-drawer]").filter((link) => link.offsetParent !== null);
  const shown = $("#drawer [data-customer]")?.dataset.customer;
  const now = links.findIndex((link) => link.pathname.endsWith(`/${shown}/`));
  const next = links[now + direction];
  if (now < 0 || !next) return;
  $("#drawer [data-drawer-page]").href = next.href;
  for (const row of $$("[data-rows] .is-here")) row.classList.remove("is-here");
  next.closest("tr, li")?.classList.add("is-here");
  window.htmx.ajax("GET", next.href, { target: "#drawer-body", swap: "innerHTML", headers: { "X-Drawer": "1" } });
}

function onKey(event) {
  const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (!$("#drawer")?.open || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  const direction = { ArrowDown: 1, ArrowRight: 1, j: 1, ArrowUp: -1, ArrowLeft: -1, k: -1 }[event.key];
  if (direction) { event.preventDefault(); step(direction); }
}

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-person-tab]");
    if (button) showTab(button);
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful && event.target.matches?.("[data-clears]")) event.target.reset();
  });
}
