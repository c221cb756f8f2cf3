// What every chart shares: colours from the CSS tokens, number words, the tooltip as an element (inline style is not allowed).
const root = document.documentElement;

export function palette() {
  const css = getComputedStyle(root);
  const token = (name) => css.getPropertyValue(`--${name}`).trim();
  return {
    ink: token("ink"), ink2: token("ink-2"), ink3: token("ink-3"), line: token("line"), line2: token("line-2"), sheet: token("sheet"), sunk: token("sunk"), accent: token("accent"),
    font: css.getPropertyValue("--sans"),
    hues: [1, 2, 3, 4, 5, 6, 7, 8].map((n) => token(`chart-${n}`)),
    hue(n, index) { return n === 0 ? this.line2 : this.hues[((n ?? index + 1) - 1) % 8]; },
  };
}

const isEnglish = root.lang.startsWith("en");
const isTraditional = document.documentElement.lang.toLowerCase().startsWith("zh-hant");
const UNITS = isEnglish ? [[1e9, "B"], [1e6, "M"], [1e3, "K"]] : isTraditional ? [[1e8, "億"], [1e4, "萬"]] : [[1e8, "亿"], [1e4, "万"]];
const plain = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const exact = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

function short(value) {
  const unit = UNITS.find(([size]) => Math.abs(value) >= size);
  return unit ? `${plain.format(value / unit[0])}${unit[1]}` : plain.format(value);
}

/** Two ways of saying a value: short for the axis, full for the tooltip. */
export function speaker(format = "count", unit = "") {
  if (format === "percent") return { axis: (v) => `${plain.format(v * 100)}%`, full: (v) => `${(v * 100).toFixed(1)}%` };
  if (format === "share") return { axis: (v) => `${Math.round(v * 100)}`, full: (v) => `${(v * 100).toFixed(1)}%` };
  if (format === "yuan") return { axis: (v) => `¥${short(v)}`, full: (v) => `¥${exact.format(v)}` };
  if (format === "fen") return { axis: (v) => `¥${short(v / 100)}`, full: (v) => `¥${exact.format(v / 100)}` };
  return { axis: short, full: (v) => `${plain.format(v)}${unit ? ` ${unit}` : ""}` };
}

function line(color, name, value) {
  const row = document.createElement("div");
  row.className = "tip-row";
  const key = document.createElement("i");
  key.className = "tip-key";
  if (color) key.style.background = color;
  const label = document.createElement("span");
  label.textContent = name;
  const figure = document.createElement("b");
  figure.textContent = value;
  row.append(key, label, figure);
  return row;
}

/** A tooltip: a title and rows of (colour, name, value), all as text. */
export function tip(title, rows) {
  const box = document.createElement("div");
  box.className = "tip";
  if (title) {
    const head = document.createElement("div");
    head.className = "tip-title";
    head.textContent = title;
    box.append(head);
  }
  box.append(...rows.map((row) => line(...row)));
  return box;
}

export function base(ink) {
  return {
    animation: false,
    textStyle: { fontFamily: ink.font, color: ink.ink2, fontSize: 12 },
    aria: { enabled: false },
    grid: { left: 4, right: 12, top: 16, bottom: 4, containLabel: true },
    tooltip: {
      className: "chart-tip", backgroundColor: ink.sheet, borderColor: ink.line2, borderWidth: 1, padding: [8, 12], confine: true,
      textStyle: { color: ink.ink, fontSize: 13 }, extraCssText: "", transitionDuration: 0,
    },
  };
}

export function categoryAxis(ink, labels, more = {}) {
  return {
    type: "category", data: labels, axisTick: { show: false }, axisLine: { lineStyle: { color: ink.line2 } },
    axisLabel: { color: ink.ink2, hideOverlap: true }, ...more,
  };
}

export function valueAxis(ink, words, more = {}) {
  return {
    type: "value", axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4,
    axisLabel: { color: ink.ink3, formatter: words.axis }, splitLine: { lineStyle: { color: ink.line } }, ...more,
  };
}

export function legend(ink) {
  return { top: 0, left: 0, itemWidth: 10, itemHeight: 10, itemGap: 16, icon: "roundRect", textStyle: { color: ink.ink2, fontSize: 12 }, inactiveColor: ink.line2 };
}

/** Where the drawing begins under a legend of these names, which takes as many rows as a width makes it take. */
export function underLegend(names, width) {
  let rows = 1;
  let left = width || Infinity;
  for (const name of names) {
    const wide = 10 + 5 + 16 + [...String(name)].reduce((sum, sign) => sum + (sign > "\u2e80" ? 12 : 7), 0);
    if (wide > left && left < width) { rows += 1; left = width; }
    left -= wide;
  }
  return 14 + 22 * rows;
}

export function mix(from, to, share) {
  const parse = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  const [a, b] = [parse(from), parse(to)];
  return `#${a.map((v, i) => Math.round(v + (b[i] - v) * share).toString(16).padStart(2, "0")).join("")}`;
}

export function luminance(hex) {
  const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Ink or paper, whichever reads better on the colour. */
export function readable(onto) {
  const light = luminance(onto);
  return (light + 0.05) / 0.065 > 1.05 / (light + 0.05) ? "#201a14" : "#fffaf2";
}
