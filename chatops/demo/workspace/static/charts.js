// How is Slack's data_visualization block drawn? As SVG: lines, bars, areas and pies with a legend and a table for readers.
import { el, plain } from "./text.js";

const WIDTH = 560, HEIGHT = 200, LEFT = 54, RIGHT = 10, TOP = 10, BOTTOM = 34;
const SVG = "http://www.w3.org/2000/svg";

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

export function short(value) {
  const size = Math.abs(value);
  for (const [unit, letter] of [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"]]) if (size >= unit) return +(value / unit).toPrecision(3) + letter;
  return size && size < 0.001 ? value.toExponential(1) : String(+value.toPrecision(3));
}

function scale(values) {
  let low = Math.min(0, ...values), high = Math.max(...values, low + 1e-12);
  const step = 10 ** Math.floor(Math.log10((high - low) / 4 || 1));
  const nice = [1, 2, 2.5, 5, 10].map((f) => f * step).find((s) => (high - low) / s <= 5) ?? step;
  high = Math.ceil(high / nice) * nice;
  low = Math.floor(low / nice) * nice;
  const ticks = [];
  for (let tick = low; tick <= high + nice / 2; tick += nice) ticks.push(tick);
  return { low, high, ticks };
}

function axes(chart, categories, range) {
  const y = (v) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (v - range.low) / (range.high - range.low));
  const group = svg("g", { class: "axes" });
  for (const tick of range.ticks) {
    group.append(svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }));
    group.append(svg("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, short(tick)));
  }
  const every = Math.ceil(categories.length / 6), span = (WIDTH - LEFT - RIGHT) / Math.max(1, categories.length - 1);
  categories.forEach((name, i) => {
    if (i % every === 0) group.append(svg("text", { x: LEFT + i * span, y: HEIGHT - 16, "text-anchor": i ? "middle" : "start" }, name));
  });
  group.append(svg("text", { x: WIDTH - RIGHT, y: HEIGHT - 2, "text-anchor": "end", class: "unit" }, [chart.axis_config?.y_label, chart.axis_config?.x_label].filter(Boolean).join(" · ")));
  return { group, y, span };
}

function lines(chart, filled) {
  const categories = chart.axis_config?.categories ?? chart.series[0].data.map((p) => p.label);
  const range = scale(chart.series.flatMap((s) => s.data.map((p) => p.value)));
  const { group, y, span } = axes(chart, categories, range);
  const drawing = svg("g");
  chart.series.forEach((series, n) => {
    const points = series.data.map((p) => [LEFT + Math.max(0, categories.indexOf(p.label)) * span, y(p.value)]);
    const path = points.map(([x, v]) => `${x.toFixed(1)},${v.toFixed(1)}`).join(" ");
    if (filled) drawing.append(svg("polygon", { points: `${LEFT},${y(range.low)} ${path} ${points.at(-1)[0]},${y(range.low)}`, class: `fill series-${n % 6}` }));
    drawing.append(svg("polyline", { points: path, class: `line series-${n % 6}${series.name === "threshold" ? " threshold" : ""}` }));
  });
  return [group, drawing];
}

function bars(chart) {
  const categories = chart.axis_config?.categories ?? chart.series[0].data.map((p) => p.label);
  const range = scale(chart.series.flatMap((s) => s.data.map((p) => p.value)));
  const { group, y } = axes(chart, [], range);
  const slot = (WIDTH - LEFT - RIGHT) / categories.length, width = (slot * 0.8) / chart.series.length;
  const drawing = svg("g");
  categories.forEach((name, i) => {
    drawing.append(svg("text", { x: LEFT + slot * (i + 0.5), y: HEIGHT - 16, "text-anchor": "middle" }, name));
    chart.series.forEach((series, n) => {
      const value = series.data.find((p) => p.label === name)?.value ?? 0;
      const top = Math.min(y(value), y(0));
      drawing.append(svg("rect", { x: LEFT + slot * (i + 0.1) + n * width, y: top, width, height: Math.abs(y(value) - y(0)), class: `bar series-${n % 6}` }));
    });
  });
  return [group, drawing];
}

function pie(chart) {
  const total = chart.segments.reduce((sum, s) => sum + s.value, 0) || 1;
  let angle = -Math.PI / 2;
  const radius = (HEIGHT - 20) / 2, at = (a) => `${100 + radius * Math.cos(a)},${HEIGHT / 2 + radius * Math.sin(a)}`;
  return [svg("g", {}, ...chart.segments.map((segment, n) => {
    const end = angle + (segment.value / total) * 2 * Math.PI;
    const path = `M100,${HEIGHT / 2} L${at(angle)} A${radius},${radius} 0 ${end - angle > Math.PI ? 1 : 0} 1 ${at(end)} Z`;
    angle = end;
    return svg("path", { d: path, class: `bar series-${n % 6}` });
  }))];
}

function data(chart) {
  const series = chart.series ?? [{ name: "value", data: chart.segments }];
  const labels = series[0].data.map((p) => p.label);
  const head = el("tr", {}, el("th", { scope: "col" }, chart.axis_config?.x_label ?? ""), ...series.map((s) => el("th", { scope: "col" }, s.name)));
  const rows = labels.map((label, i) => el("tr", {}, el("th", { scope: "row" }, label), ...series.map((s) => el("td", {}, String(s.data[i]?.value ?? "")))));
  return el("details", {}, el("summary", {}, "Figures"), el("div", { class: "scroll", tabindex: "0" }, el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows))));
}

export function visualization(block) {
  const chart = block.chart ?? {};
  const parts = chart.type === "pie" ? pie(chart) : chart.type === "bar" ? bars(chart) : lines(chart, chart.type === "area");
  const picture = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": block.title ?? "chart", class: "chart" }, ...parts);
  const names = (chart.series ?? chart.segments).map((s) => s.name ?? s.label);
  const legend = el("ul", { class: "legend" }, ...names.map((name, n) => el("li", { class: `series-${n % 6}${name === "threshold" ? " threshold" : ""}` }, plain(name))));
  return el("figure", { class: "visualization" }, el("figcaption", {}, plain(block.title)), picture, legend, data(chart));
}
