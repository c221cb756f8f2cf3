// 设置 › 邮箱: the hint of the chosen service, and its servers only for one that is not known.

export function start() {
  document.addEventListener("change", (event) => { if (event.target.matches("[data-mail-account] [name=preset]")) show(event.target); });
  document.addEventListener("input", (event) => { if (event.target.matches("[data-mail-account] [name=address]")) guess(event.target); });
  document.querySelectorAll("[data-mail-account] [name=preset]").forEach(show);
}

const DOMAINS = { "163.com": "163", "126.com": "126", "qq.com": "qq", "foxmail.com": "qq", "gmail.com": "gmail", "outlook.com": "outlook", "hotmail.com": "outlook" };

function guess(input) {
  const preset = input.form.elements.preset;
  const known = DOMAINS[input.value.split("@").pop().trim().toLowerCase()];
  if (!known || preset.value === known) return;
  preset.value = known;
  show(preset);
}

function show(preset) {
  const form = preset.form;
  form.querySelectorAll("[data-mail-hint]").forEach((hint) => hint.classList.toggle("is-chosen", hint.dataset.mailHint === preset.value));
  const servers = form.querySelector("[data-mail-servers]");
  if (servers) servers.open = preset.value === "own";
}
