// What Plotly is told to draw: lines, best points, names at the lines' ends, axes; in the page's own colours.

import { NEAR, free } from "./label.js";
import { along, smoothed, timeUnit } from "./series.js";

const MARGIN = { l: 52, r: 74, t: 8, b: 40 };
const HEADROOM = 26; // pixels above and below the lines, where the best point's label finds room
const COLOURS = 5; // lines of further jobs are dashed
const OPTIONS = { showSendToCloud: false, plotlyServerURL: "", displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d"] };
const canvas = document.createElement("canvas").getContext("2d");

export const figure = (value) => (Math.abs(value) < 10 ? value.toFixed(4) : value.toPrecision(5));
const channel = (name) => (name.includes(":") ? name.split(":")[0] : name);
const size = () => parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.875;
const family = () => getComputedStyle(document.body).fontFamily;

// The page's own colours, resolved for the theme that shows now.
export function palette() {
  const probe = document.body.appendChild(document.createElement("span"));
  const colour = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
  const names = ["accent", "ink", "ink-3", "line", "raised", "surface", "line-1", "line-2", "line-3", "line-4", "line-5"];
  const found = Object.fromEntries(names.map((name) => [name, colour(name)]));
  probe.remove();
  return found;
}

// How a line looks: of one job the judged one stands out, of several each has its colour.
export function look(line, view, colours) {
  if (view.several) return { color: colours[`line-${(line.place % COLOURS) + 1}`], width: 2, dash: line.place < COLOURS ? "solid" : "dash" };
  return { color: colours[line.main ? "accent" : "ink-3"], width: line.main ? 2 : 1.5, dash: "solid" };
}

function traces(lines, view, colours) {
  const [unit, scale] = timeUnit(lines.map(({ curve }) => curve));
  return lines.flatMap((line) => {
    const { curve } = line;
    const x = along(curve, view.axis, scale);
    const name = view.several ? line.job : channel(curve.name);
    const style = look(line, view, colours);
    const mode = x.length > 1 ? "lines" : "markers";
    const base = { x, name, type: "scatter", mode, line: style, marker: { color: style.color }, showlegend: false, cliponaxis: mode === "lines" };
    const place = view.axis === "time" ? `%{x:.1f} ${unit}` : "round %{x}";
    const hovertemplate = `${name} %{y:.4~f}<extra></extra>`;
    if (!view.smooth) return [{ ...base, y: curve.values, hovertemplate, xhoverformat: place }];
    const faint = { ...base, y: curve.values, opacity: 0.3, hoverinfo: "skip", line: { ...style, width: 1 } };
    return [faint, { ...base, y: smoothed(curve.values, view.smooth), hovertemplate: `${name} %{y:.4~f} smoothed<extra></extra>` }];
  });
}

// Where the best point lies along the axis that shows now.
function bestAt({ curve }, view, scale) {
  if (view.axis !== "time") return curve.best_step;
  const place = curve.steps.indexOf(curve.best_step);
  return place < 0 ? null : curve.seconds[place] / scale;
}

function bestPoints(lines, view, colours) {
  const [, scale] = timeUnit(lines.map(({ curve }) => curve));
  return lines.filter(({ main }) => main).map((line) => ({ x: [bestAt(line, view, scale)], y: [line.curve.best_value], type: "scatter", mode: "markers", showlegend: false,
    hoverinfo: "skip", cliponaxis: false, marker: { size: 9, color: look(line, view, colours).color, line: { width: 2, color: colours.surface } } }));
}

// The box that a text takes: width and height in pixels.
function measure(text) {
  canvas.font = `${size()}px ${family()}`;
  return [canvas.measureText(text).width + 4, size() * 1.4];
}

// Where the axis of rounds ends: at the last one of all, or nearer (by halves, so that it seldom moves) while that is far.
function end(last, view) {
  let far = view.rounds;
  while (far > 4 * last && far > 20) far /= 2;
  return Math.max(far, last, 1);
}

// What the axes show, and on how many pixels.
function frame(lines, view, place) {
  const [unit, scale] = timeUnit(lines.map(({ curve }) => curve));
  const lift = view.log ? Math.log10 : (value) => value;
  const values = lines.flatMap(({ curve }) => curve.values).filter((value) => !view.log || value > 0).map(lift);
  const [low, high] = [values.reduce((a, b) => Math.min(a, b), Infinity), values.reduce((a, b) => Math.max(a, b), -Infinity)];
  const widest = Math.max(...lines.map(({ curve }) => measure(channel(curve.name))[0]));
  const right = view.several ? 16 : Math.max(MARGIN.r, Math.min(widest + 12, place.clientWidth / 3));
  const [width, height] = [place.clientWidth - MARGIN.l - right, place.clientHeight - MARGIN.t - MARGIN.b];
  const room = high > low ? ((high - low) * HEADROOM) / (height - 2 * HEADROOM) : Math.abs(high) / 20 || 1;
  const last = Math.max(...lines.map(({ curve }) => along(curve, view.axis, scale).at(-1)));
  const far = view.axis === "time" ? Math.max(last, 1 / scale) : end(last, view);
  return { width, height, low: low - room, high: high + room, end: far, right, unit, scale, lift };
}

// The best point's label stands where it hides neither a line nor a line's name, tied to its point when that is far.
function bestLabel(line, lines, names, view, colours, area) {
  const { curve } = line;
  const text = `best ${figure(curve.best_value)} · round ${curve.best_step}`;
  const at = bestAt(line, view, area.scale);
  const pixels = (x, y) => [(x / area.end) * area.width, ((area.high - y) / (area.high - area.low)) * area.height];
  const drawn = lines.map(({ curve: { values, ...rest } }) => along(rest, view.axis, area.scale).map((x, index) => pixels(x, area.lift(values[index]))));
  const boxes = names.map((name) => {
    const [[x, y], [width, height]] = [pixels(name.x, name.y), measure(name.text)];
    return [x + name.xshift, y - name.yshift - height / 2, x + name.xshift + width, y - name.yshift + height / 2];
  });
  const [ax, ay] = free(pixels(at, area.lift(curve.best_value)), measure(text), drawn, boxes, area);
  return { text, x: at, y: area.lift(curve.best_value), ax, ay, xanchor: "center", yanchor: "middle", borderpad: 0, font: { color: colours.accent },
    showarrow: true, arrowhead: 0, arrowwidth: 1, standoff: 6, arrowcolor: Math.abs(ay) > NEAR ? colours.accent : "transparent" };
}

// Each line's own name at its end; the two are kept apart where they meet.
function names(lines, view, colours, area) {
  const [high, low] = [...lines].sort((a, b) => b.curve.values.at(-1) - a.curve.values.at(-1));
  return lines.map((line) => ({ x: along(line.curve, view.axis, area.scale).at(-1), y: area.lift(line.curve.values.at(-1)), text: channel(line.curve.name), xanchor: "left", showarrow: false,
    xshift: 6, yshift: low ? (line === high ? 7 : -7) : 0, font: { color: look(line, view, colours).color } }));
}

function layout(lines, view, colours, place) {
  const area = frame(lines, view, place);
  const axis = { color: colours["ink-3"], tickfont: { size: size() }, zeroline: false, showline: false, fixedrange: false };
  const ends = view.several || lines.length > 2 ? [] : names(lines, view, colours, area);
  const judged = lines.find(({ main }) => main);
  const label = view.several || bestAt(judged, view, area.scale) === null ? [] : [bestLabel(judged, lines, ends, view, colours, area)];
  const title = view.axis === "time" ? `${area.unit} since the start` : "round";
  return {
    margin: { ...MARGIN, r: area.right }, paper_bgcolor: "transparent", plot_bgcolor: "transparent", uirevision: `${view.metric} ${view.axis} ${view.log}`,
    font: { family: family(), size: size(), color: colours["ink-3"] }, hovermode: "x unified",
    hoverlabel: { bgcolor: colours.raised, bordercolor: colours.line, font: { color: colours.ink } },
    xaxis: { ...axis, showgrid: false, title: { text: title, font: { size: size() }, standoff: 8 }, range: [0, area.end], dtick: view.axis !== "time" && area.end < 8 ? 1 : undefined },
    yaxis: { ...axis, type: view.log ? "log" : "linear", gridcolor: colours.line, range: [area.low, area.high] },
    annotations: [...ends, ...label],
  };
}

// Draws `lines`, each { job, place, main, curve }, into `place` as `view` says: { axis, log, smooth, metric, rounds, several }.
export function draw(place, lines, view) {
  const drawing = place.querySelector("[data-drawing]") ?? place.appendChild(document.createElement("div"));
  drawing.dataset.drawing = "";
  const colours = palette();
  const before = traces(lines, view, colours);
  Plotly.react(drawing, [...before, ...bestPoints(lines, view, colours)], layout(lines, view, colours, place), OPTIONS);
  return drawing;
}
