// 导入: shows the chosen file's name and marks the zone while a file is over it.
export function start() {
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.(".import-input")) return;
    const name = event.target.closest("form").querySelector("[data-import-name]");
    const file = event.target.files[0];
    if (name && file) name.textContent = file.name;
  });
  for (const [kind, over] of [["dragenter", true], ["dragover", true], ["dragleave", false], ["drop", false]]) {
    document.addEventListener(kind, (event) => {
      event.target.closest?.(".import-zone")?.classList.toggle("is-over", over);
    });
  }
}
