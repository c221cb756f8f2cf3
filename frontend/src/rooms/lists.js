// The customer list: cells changed where they stand, quick steps on the row under the pointer, columns put in order.
const $ = (selector, root = document) => root.querySelector(selector);

const rowId = (row) => $(".row-link", row)?.getAttribute("href")?.match(/\/(\d+)\/$/)?.[1];

function edit(cell) {
  const pattern = cell.closest("[data-edits]")?.dataset.edits;
  const id = rowId(cell.closest("tr"));
  if (!pattern || !id || $("form", cell)) return;
  const code = cell.classList.contains("ed-tags") ? "tags" : "manager";
  const before = cell.innerHTML;
  window.htmx.ajax("GET", pattern.replace("/0/", `/${id}/`).replace("/x/", `/${code}/`), { target: cell, swap: "innerHTML" }).then(() => {
    const input = $("select, input:not([type=hidden])", cell);
    input?.focus();
    input?.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.stopPropagation(); cell.innerHTML = before; }
    });
  });
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
    const cell = event.target.closest("[data-edits] td.ed-manager, [data-edits] td.ed-tags");
    if (cell) { event.preventDefault(); getSelection()?.removeAllRanges(); edit(cell); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "e" && event.key !== "t") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog[open]")) return;
    const cell = $(`[data-rows] .is-here .${event.key === "e" ? "ed-manager" : "ed-tags"}`);
    if (cell) { event.preventDefault(); edit(cell); }
  });
  document.addEventListener("click", (event) => {
    const mover = event.target.closest("[data-up], [data-down]");
    if (mover) moveColumn(mover);
  });
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") quickSteps(event.target.closest("[data-rows] tbody tr"));
  });
}
