// The customer list: cells changed where they stand, rows picked in stretches and by touch, quick steps on the row under the
// pointer, columns put in order.
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

const rowId = (row) => $(".row-link", row)?.getAttribute("href")?.match(/\/(\d+)\/$/)?.[1];

function edit(cell) {
  const edits = cell.closest("[data-edits]")?.dataset;
  const pattern = cell.classList.contains("own") ? edits?.editsOwn : edits?.edits;
  const id = rowId(cell.closest("tr"));
  if (!pattern || !id || $("form", cell)) return;
  const code = [...cell.classList].find((one) => one.startsWith("ed-"))?.slice(3) || "manager";
  $(".lists-steps", cell)?.remove();
  quickSteps.row = null;
  const place = code === "name" ? nameBox(cell) : cell;
  const before = place.innerHTML;
  window.htmx.ajax("GET", pattern.replace("/0/", `/${id}/`).replace("/x/", `/${code}/`), { target: place, swap: "innerHTML" }).then(() => {
    const input = $("select, textarea, input:not([type=hidden])", place);
    input?.focus();
    if (code === "name") input?.select();
    input?.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.stopPropagation(); place.innerHTML = before; show(place); }
    });
  });
}

// A form cannot stand in a link: while a name is edited, a box beside the link holds the form, and gives the new name back to it.
function nameBox(cell) {
  const link = $(".row-link", cell);
  link.hidden = true;
  const box = document.createElement("span");
  box.className = "lists-name";
  link.before(box);
  box.addEventListener("htmx:afterSwap", () => {
    if ($("form", box)) return;
    const name = box.textContent.trim();
    if (name) link.textContent = name;
    show(box);
  });
  return box;
}

function show(box) {
  if (!box.classList.contains("lists-name")) return;
  box.nextElementSibling.hidden = false;
  box.remove();
}

let lastPicked = null;

/** Pick or unpick every row between the one picked last and this one. */
function pickStretch(box) {
  const all = $$("input.pick");
  const ends = [all.indexOf(lastPicked), all.indexOf(box)].sort((one, other) => one - other);
  if (ends[0] < 0) return;
  for (const one of all.slice(ends[0], ends[1] + 1)) one.checked = box.checked;
}

function setPicking(isOn) {
  $("#rows")?.classList.toggle("is-picking", isOn);
  for (const button of $$("[data-picking]")) button.setAttribute("aria-pressed", String(isOn));
  if (!isOn) $("[data-unpick]")?.click();
}

function pickByTouch(event) {
  const row = event.target.closest("#rows.is-picking [data-rows] tbody tr");
  if (!row || event.target.closest(".pick, form, .lists-steps")) return;
  event.preventDefault();
  event.stopPropagation();
  $("input.pick", row)?.click();
}

/** Leave only the buttons whose words hold what was typed, and the headings that still have some. */
function narrow(input) {
  const typed = input.value.trim().toLowerCase();
  for (const group of $$(".lists-fields > div", input.closest(".menu-pop"))) {
    for (const button of $$("button", group)) button.hidden = typed !== "" && !button.textContent.toLowerCase().includes(typed);
    const isEmpty = !$("button:not([hidden])", group);
    group.hidden = isEmpty;
    if (group.previousElementSibling?.matches("p")) group.previousElementSibling.hidden = isEmpty;
  }
}

function moveColumn(button) {
  const item = button.closest("li");
  if (button.matches("[data-up]")) item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
}

function quickSteps(row) {
  const template = $("#row-steps");
  if (!template || !row || row === quickSteps.row) return;
  $("[data-rows] .lists-steps")?.remove();
  quickSteps.row = row;
  const link = $(".row-link", row);
  const place = $("td.wide", row);
  if (!link || !place) return;
  const steps = template.content.firstElementChild.cloneNode(true);
  const phone = $(".desk-phone", row)?.textContent.trim() || "";
  const call = $("[data-call]", steps);
  if (/^\+?\d[\d ]*$/.test(phone)) call.href = `tel:${phone}`;
  else call.remove();
  $("[data-note]", steps).href = `${link.getAttribute("href")}#note`;
  place.append(steps);
}

export function start() {
  document.addEventListener("dblclick", (event) => {
    const cell = event.target.closest("[data-edits] :is(td.ed-manager, td.ed-tags, td.own)");
    if (cell) { event.preventDefault(); getSelection()?.removeAllRanges(); edit(cell); }
  });
  document.addEventListener("keydown", (event) => {
    const code = { e: "manager", t: "tags", r: "name" }[event.key];
    if (event.key === "X" && event.shiftKey) {
      const box = $("[data-rows] .is-here input.pick");
      if (box && !event.target.closest("input, textarea, select, dialog[open]")) { box.checked = !box.checked; pickStretch(box); box.dispatchEvent(new Event("change", { bubbles: true })); }
      return;
    }
    if (!code) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog[open]")) return;
    const cell = $(`[data-rows] .is-here .ed-${code}`);
    if (cell) { event.preventDefault(); edit(cell); }
  });
  document.addEventListener("click", (event) => {
    const mover = event.target.closest("[data-up], [data-down]");
    if (mover) moveColumn(mover);
    const rename = event.target.closest("[data-rename]");
    if (rename) edit(rename.closest("td"));
    const picking = event.target.closest("[data-picking]");
    if (picking) setPicking(picking.getAttribute("aria-pressed") !== "true");
    const box = event.target.closest("input.pick");
    if (box && event.shiftKey) { pickStretch(box); box.dispatchEvent(new Event("change", { bubbles: true })); }
    if (box) lastPicked = box;
  });
  document.addEventListener("click", pickByTouch, true);
  document.addEventListener("input", (event) => { if (event.target.matches("[data-narrow]")) narrow(event.target); });
  document.addEventListener("htmx:afterSettle", (event) => { if (innerWidth > 760) $("[data-narrow]", event.target)?.focus(); });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse" && innerWidth > 760) quickSteps(event.target.closest("[data-rows] tbody tr"));
  });
}
