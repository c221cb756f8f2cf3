// Customers: tags picked by a click, days picked by a click, and a call made from the page chooses "call" in the log form.
import { $, $$, everywhere } from "../modules/page.js";

const asWord = (tag) => tag.replaceAll(" ", "\u00a0"); // a space within a tag must not part it
const wordsOf = (input) => input.value.split(/[ ,，、;；\n\t]+/).filter(Boolean);

function showTags(choices) {
  const chosen = wordsOf(document.getElementById(choices.dataset.tagsFor));
  for (const chip of $$("[data-tag]", choices)) chip.setAttribute("aria-pressed", String(chosen.includes(asWord(chip.dataset.tag))));
}

function toggleTag(chip) {
  const choices = chip.closest("[data-tags-for]");
  const input = document.getElementById(choices.dataset.tagsFor);
  const chosen = wordsOf(input);
  const tag = asWord(chip.dataset.tag);
  const rest = chosen.filter((word) => word !== tag);
  input.value = (rest.length === chosen.length ? [...chosen, tag] : rest).join(" ");
  showTags(choices);
}

function showDays(choices) {
  const date = $("input[type=date]", choices.closest("form"));
  for (const chip of $$("[data-day]", choices)) chip.setAttribute("aria-pressed", String(chip.dataset.day === date.value));
}

function pickDay(chip) {
  const date = $("input[type=date]", chip.closest("form"));
  date.value = chip.dataset.day;
  showDays(chip.closest("[data-days]"));
}

function showOnly(select) {
  for (const question of $$("[data-only]", select.form)) question.hidden = question.dataset.only !== select.value;
}

function chooseKind(kind) {
  const radio = $(`.customers-log input[value="${kind}"]`);
  if (!radio) return;
  radio.checked = true;
  $("[name=body]", radio.form)?.focus();
}

export function start() {
  everywhere((root) => {
    for (const choices of $$("[data-tags-for]", root)) { choices.hidden = false; showTags(choices); }
    for (const choices of $$("[data-days]", root)) { choices.hidden = false; showDays(choices); }
    for (const select of $$("select[data-shows]", root)) showOnly(select);
  });
  document.addEventListener("click", (event) => {
    const tag = event.target.closest("[data-tag]");
    if (tag) return toggleTag(tag);
    const day = event.target.closest("[data-day]");
    if (day) return pickDay(day);
    const touch = event.target.closest("[data-touch-kind]");
    if (touch) chooseKind(touch.dataset.touchKind);
  });
  document.addEventListener("input", (event) => {
    const choices = $(`[data-tags-for="${event.target.id}"]`);
    if (event.target.id && choices) showTags(choices);
    if (event.target.matches("select[data-shows]")) showOnly(event.target);
    const days = event.target.type === "date" && $("[data-days]", event.target.form || document);
    if (days) showDays(days);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.target.id === "log-body") {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
  });
}
