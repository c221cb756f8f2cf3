// A thin line at the top while something asked for by the person takes longer than a moment.
export function start() {
  const line = document.createElement("div");
  line.className = "loading-line";
  line.setAttribute("aria-hidden", "true");
  document.body.append(line);
  let running = 0;
  const change = (step) => (event) => {
    if (event.detail?.elt?.closest?.("[data-quiet], .search, .palette")) return;
    running = Math.max(0, running + step);
    line.classList.toggle("is-on", running > 0);
  };
  document.addEventListener("htmx:beforeRequest", change(1));
  document.addEventListener("htmx:afterRequest", change(-1));
}
