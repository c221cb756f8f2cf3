// From the server's plain data to an ECharts option, one function per kind.
import { base, categoryAxis, legend, luminance, mix, palette, readable, speaker, tip, underLegend, valueAxis } from "./ink.js";

const hasLegend = (data) => data.series.length > 1;

function axisTip(ink, words, data) {
  return {
    ...base(ink).tooltip, trigger: "axis", axisPointer: { type: "line", lineStyle: { color: ink.line2, type: "solid" } },
    formatter: (items) => {
      const rows = items.filter((item) => item.value != null).map((item) => [item.color, item.seriesName, words.full(item.value)]);
      return tip(items[0].name, rows);
    },
  };
}

function withHref(values, hrefs) {
  return hrefs ? values.map((value, i) => ({ value, href: hrefs[i] })) : values;
}

const names = (data) => data.series.map((series) => series.name);

function bars(data, isStacked, width) {
  const ink = palette();
  const words = speaker(data.format, data.unit);
  const many = hasLegend(data);
  const category = categoryAxis(ink, data.labels, data.is_horizontal ? { inverse: true, axisLine: { show: false } } : {});
  const value = valueAxis(ink, words, data.is_horizontal ? { splitLine: { show: false }, axisLabel: { show: false } } : {});
  const last = data.series.length - 1;
  return {
    ...base(ink),
    grid: { ...base(ink).grid, top: many ? underLegend(names(data), width) : 12, right: data.is_horizontal ? 64 : 4 },
    legend: many ? legend(ink) : undefined,
    tooltip: { ...axisTip(ink, words, data), axisPointer: { type: "shadow", shadowStyle: { color: ink.line, opacity: 0.35 } } },
    xAxis: data.is_horizontal ? value : category,
    yAxis: data.is_horizontal ? category : value,
    series: data.series.map((series, i) => ({
      type: "bar", name: series.name, stack: isStacked ? "all" : undefined, data: withHref(series.values, series.hrefs || data.hrefs),
      barMaxWidth: data.is_horizontal ? 18 : 28, barCategoryGap: "36%",
      itemStyle: { color: series.is_quiet ? ink.line2 : ink.hue(series.hue, i), borderRadius: !isStacked || i === last ? (data.is_horizontal ? [0, 2, 2, 0] : [2, 2, 0, 0]) : 0, borderColor: ink.sheet, borderWidth: isStacked ? 0.5 : 0 },
      label: data.is_horizontal && !isStacked ? { show: true, position: "right", color: ink.ink, formatter: (item) => words.axis(item.value) } : undefined,
      cursor: data.hrefs || series.hrefs ? "pointer" : "default",
    })),
  };
}

function lines(data, isArea, width) {
  const ink = palette();
  const words = speaker(data.format, data.unit);
  const many = hasLegend(data);
  return {
    ...base(ink),
    grid: { ...base(ink).grid, top: many ? underLegend(names(data), width) : 16 },
    legend: many ? legend(ink) : undefined,
    tooltip: axisTip(ink, words, data),
    xAxis: categoryAxis(ink, data.labels, { boundaryGap: false }),
    yAxis: valueAxis(ink, words, data.format === "percent" ? { scale: true } : {}),
    series: data.series.map((series, i) => {
      const color = series.is_quiet ? ink.ink3 : ink.hue(series.hue, i);
      return {
        type: "line", name: series.name, data: withHref(series.values, series.hrefs || data.hrefs), showSymbol: false, symbol: "circle", symbolSize: 7, connectNulls: false,
        lineStyle: { color, width: series.is_quiet ? 1.5 : 2, type: series.is_quiet ? [3, 4] : "solid" }, itemStyle: { color },
        areaStyle: isArea ? { color, opacity: 0.12 } : undefined, triggerLineEvent: true,
      };
    }),
  };
}

function pareto(data) {
  const ink = palette();
  const percent = (v) => `${v}%`;
  const marks = data.marks || [];
  const axis = (name) => ({ type: "value", min: 0, max: 100, interval: 20, name, nameTextStyle: { color: ink.ink3 }, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: ink.ink3, formatter: percent }, splitLine: { lineStyle: { color: ink.line } } });
  return {
    ...base(ink),
    grid: { ...base(ink).grid, top: 28, right: 20, bottom: 22 },
    tooltip: { ...base(ink).tooltip, trigger: "axis", axisPointer: { type: "line", lineStyle: { color: ink.line2 } }, formatter: ([item]) => tip(null, [[ink.accent, `${data.x_name} ${item.value[0].toFixed(1)}%`, `${data.y_name} ${item.value[1].toFixed(1)}%`]]) },
    xAxis: { ...axis(data.x_name), nameLocation: "middle", nameGap: 26, splitLine: { show: false } },
    yAxis: axis(data.y_name),
    series: [
      { type: "line", data: [[0, 0], [100, 100]], showSymbol: false, silent: true, lineStyle: { color: ink.line2, width: 1, type: [3, 4] }, tooltip: { show: false } },
      {
        type: "line", data: data.points, showSymbol: false, smooth: 0.2, lineStyle: { color: ink.hues[0], width: 2 }, itemStyle: { color: ink.hues[0] }, areaStyle: { color: ink.hues[0], opacity: 0.1 },
        markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: ink.accent, type: [2, 3], width: 1 }, data: marks.map((mark) => [{ coord: [mark.x, 0] }, { coord: [mark.x, mark.y] }]) },
      },
      {
        type: "scatter", symbolSize: 10, data: marks.map((mark) => ({ value: [mark.x, mark.y], href: mark.href, text: mark.text })),
        itemStyle: { color: ink.sheet, borderColor: ink.accent, borderWidth: 2 }, label: { show: true, position: [16, 12], formatter: (item) => item.data.text, color: ink.ink, fontSize: 12, width: 150, overflow: "break", lineHeight: 17 }, labelLayout: { hideOverlap: true }, tooltip: { show: false }, z: 5,
      },
    ],
  };
}

function heatmap(data) {
  const ink = palette();
  const words = speaker(data.format, data.unit);
  const values = data.cells.map((cell) => cell.value);
  const least = Math.min(...values);
  const most = Math.max(least + (data.format === "share" ? 0.01 : 1), ...values);
  const isDark = luminance(ink.sheet) < 0.3;
  const shade = (value) => mix(ink.sunk, isDark ? mix(ink.hues[0], "#fff0e0", 0.1) : ink.hues[0], value ? 0.08 + 0.87 * ((value - least) / (most - least)) ** 0.8 : 0);
  return {
    ...base(ink),
    grid: { left: 4, right: 4, top: 8, bottom: data.x_name ? 24 : 4, containLabel: true },
    tooltip: { ...base(ink).tooltip, trigger: "item", formatter: (item) => tip(item.data.title || `${data.y_name} ${data.y[item.value[1]]} · ${data.x_name} ${data.x[item.value[0]]}`, [[item.color, item.data.text || "", words.full(item.value[2])]]) },
    xAxis: { type: "category", data: data.x, name: data.x_name, nameLocation: "middle", nameGap: 26, nameTextStyle: { color: ink.ink3 }, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: ink.ink2 } },
    yAxis: { type: "category", data: data.y, inverse: true, name: data.y_name, nameLocation: "middle", nameRotate: 90, nameGap: 26, nameTextStyle: { color: ink.ink3 }, axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: ink.ink2 } },
    series: [{
      type: "heatmap", data: data.cells.map((cell) => ({ value: [cell.x, cell.y, cell.value], href: cell.href, text: cell.text, title: cell.title, itemStyle: { color: shade(cell.value), borderColor: ink.sheet, borderWidth: 2, borderRadius: 3 }, label: { color: readable(shade(cell.value)) } })),
      label: { show: true, formatter: (item) => (item.data.text ? `${item.data.text}\n${words.axis(item.value[2])}` : words.axis(item.value[2])), fontSize: 12, lineHeight: 16 }, emphasis: { itemStyle: { borderColor: ink.ink, borderWidth: 1.5 } },
      cursor: data.cells.some((cell) => cell.href) ? "pointer" : "default",
    }],
  };
}

function sankey(data) {
  const ink = palette();
  const words = speaker(data.format, data.unit);
  const label = Object.fromEntries(data.nodes.map((node) => [node.name, node.label || node.name]));
  return {
    ...base(ink),
    tooltip: { ...base(ink).tooltip, trigger: "item", formatter: (item) => (item.dataType === "edge" ? tip(null, [[null, `${label[item.data.source]} → ${label[item.data.target]}`, words.full(item.data.value)]]) : tip(null, [[item.color, label[item.name], words.full(item.value)]])) },
    series: [{
      type: "sankey", left: 4, right: 72, top: 8, bottom: 8, nodeWidth: 10, nodeGap: 14, draggable: false, layoutIterations: 24, emphasis: { focus: "adjacency" },
      data: data.nodes.map((node, i) => ({ name: node.name, href: node.href, itemStyle: { color: ink.hue(node.hue, i), borderWidth: 0 } })),
      links: data.links, lineStyle: { color: "source", opacity: 0.26, curveness: 0.5 }, label: { color: ink.ink, fontSize: 12, formatter: (item) => label[item.name] },
      cursor: data.links.some((item) => item.href) ? "pointer" : "default",
    }],
  };
}

export const kinds = {
  bar: (data, width) => bars(data, false, width),
  "stacked-bar": (data, width) => bars(data, true, width),
  line: (data, width) => lines(data, false, width),
  area: (data, width) => lines(data, true, width),
  pareto, heatmap, sankey,
};
