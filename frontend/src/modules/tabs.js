// Tabs wider than the screen open with the current one in sight.
import { $$ } from "./page.js";

export function start() {
  for (const tab of $$(".tabs > [aria-current]")) {
    const row = tab.parentElement;
    const [here, frame] = [tab.getBoundingClientRect(), row.getBoundingClientRect()];
    if (here.right > frame.right - 32) row.scrollLeft += here.left + here.width / 2 - frame.left - frame.width / 2;
  }
}
