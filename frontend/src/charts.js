// Charts: each <div data-chart="kind" data-from="id"> draws the JSON beside it, re-inks when the theme changes, and opens what a mark stands for.
import { BarChart, HeatmapChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";
import { kinds } from "./charts/kinds.js";

echarts.use([BarChart, HeatmapChart, LineChart, SankeyChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, LabelLayout, SVGRenderer]);

const drawn = new Map();
const sizes = new ResizeObserver((entries) => { for (const { target } of entries) drawn.get(target)?.fit(); });

function draw(place) {
  const source = document.getElementById(place.dataset.from);
  if (!source || drawn.has(place)) return;
  const data = JSON.parse(source.textContent);
  if (place.dataset.h) place.style.height = `${Number(place.dataset.h)}px`;
  const chart = echarts.init(place, null, { renderer: "svg" });
  let width = place.clientWidth;
  const paint = () => chart.setOption(kinds[place.dataset.chart](data, width), true);
  const fit = () => {
    chart.resize();
    if (place.clientWidth !== width) { width = place.clientWidth; paint(); } // a legend may take another number of rows
  };
  paint();
  chart.on("click", ({ data: mark }) => { if (mark?.href) location.assign(mark.href); });
  drawn.set(place, { chart, paint, fit });
  sizes.observe(place);
}

function drawAll(root) {
  for (const [place, { chart }] of drawn) if (!place.isConnected) { chart.dispose(); sizes.unobserve(place); drawn.delete(place); }
  for (const place of root.querySelectorAll("[data-chart]")) draw(place);
}

drawAll(document);
document.addEventListener("htmx:load", () => drawAll(document));
document.addEventListener("themechange", () => { for (const { paint } of drawn.values()) paint(); });
