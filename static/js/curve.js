// The metric curve: train against validation by round, the best point marked, drawn again in place as points arrive.

import { NEAR, free } from "./label.js";

const place = document.getElementById("curve");
const choice = document.querySelector("[data-curve-choice]");
const POLL_MS = 15000;
const MARGIN = { l: 52, r: 74, t: 8, b: 40 };
const HEADROOM = 26; // pixels above and below the lines, where the best point's label finds room
const canvas = document.createElement("canvas").getContext("2d");
const OPTIONS = { showSendToCloud: false, plotlyServerURL: "", displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d"] };
let curves = [];
let metric = place.dataset.objective.split(":").pop();
let fetching = false;
let again = false;

// The page's own colours, resolved for the theme that shows now.
function palette() {
  const probe = document.body.appendChild(document.createElement("span"));
  const colour = (name) => { probe.style.color = `var(--${name})`; return getComputedStyle(probe).color; };
  const found = Object.fromEntries(["accent", "ink", "ink-3", "line", "raised", "surface"].map((name) => [name, colour(name)]));
  probe.remove();
  return found;
}

const size = () => parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.875;
const ended = () => document.getElementById("job").dataset.ended === "yes";
const figure = (value) => (Math.abs(value) < 10 ? value.toFixed(4) : value.toPrecision(5));

// Where the axis of rounds ends: at the last one of all, or nearer (by halves, so that it seldom moves) while that is far.
function end(last) {
  let far = ended() ? 0 : Number(place.dataset.rounds);
  while (far > 4 * last && far > 20) far /= 2;
  return Math.max(far, last, 1);
}

function traces(shown, colours) {
  return shown.map(({ name, steps, values }) => {
    const main = name.startsWith("validation") || shown.length === 1;
    return { x: steps, y: values, name, type: "scatter", mode: steps.length > 1 ? "lines" : "markers", showlegend: false,
      line: { color: colours[main ? "accent" : "ink-3"], width: main ? 2 : 1.5 },
      marker: { color: colours[main ? "accent" : "ink-3"] }, cliponaxis: steps.length > 1, hovertemplate: `${name.split(":")[0]} %{y:.4~f}<extra></extra>` };
  });
}

// The box that a text takes: width and height in pixels.
function measure(text) {
  canvas.font = `${size()}px ${getComputedStyle(document.body).fontFamily}`;
  return [canvas.measureText(text).width + 4, size() * 1.4];
}

// What the axes show, and on how many pixels.
function frame(shown) {
  const values = shown.flatMap((curve) => curve.values);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [width, height] = [place.clientWidth - MARGIN.l - MARGIN.r, place.clientHeight - MARGIN.t - MARGIN.b];
  const room = high > low ? ((high - low) * HEADROOM) / (height - 2 * HEADROOM) : Math.abs(high) / 20 || 1;
  return { width, height, low: low - room, high: high + room, end: end(judged(shown).steps.at(-1)) };
}

// The best point's label stands where it hides neither a line nor a line's name, tied to its point when that is far.
function best({ best_step, best_value }, shown, names, colours, area) {
  const text = `best ${figure(best_value)} · round ${best_step}`;
  const pixels = (step, value) => [(step / area.end) * area.width, ((area.high - value) / (area.high - area.low)) * area.height];
  const lines = shown.map(({ steps, values }) => steps.map((step, index) => pixels(step, values[index])));
  const boxes = names.map((name) => {
    const [[x, y], [width, height]] = [pixels(name.x, name.y), measure(name.text)];
    return [x + name.xshift, y - name.yshift - height / 2, x + name.xshift + width, y - name.yshift + height / 2];
  });
  const [ax, ay] = free(pixels(best_step, best_value), measure(text), lines, boxes, area);
  return { text, x: best_step, y: best_value, ax, ay, xanchor: "center", yanchor: "middle", borderpad: 0, font: { color: colours.accent },
    showarrow: true, arrowhead: 0, arrowwidth: 1, standoff: 6, arrowcolor: Math.abs(ay) > NEAR ? colours.accent : "transparent" };
}

function bestPoint({ best_step, best_value }, colours) {
  return { x: [best_step], y: [best_value], type: "scatter", mode: "markers", showlegend: false, hoverinfo: "skip", cliponaxis: false,
    marker: { size: 9, color: colours.accent, line: { width: 2, color: colours.surface } } };
}

const judged = (shown) => shown.find(({ name }) => name.startsWith("validation")) ?? shown[0];

// Each line's own name at its end; the two are kept apart where they meet.
function names(shown, colours) {
  const [high, low] = [...shown].sort((a, b) => b.values.at(-1) - a.values.at(-1));
  return shown.map((curve) => ({ x: curve.steps.at(-1), y: curve.values.at(-1), text: curve.name.split(":")[0], xanchor: "left", showarrow: false,
    xshift: 6, yshift: low ? (curve === high ? 7 : -7) : 0, font: { color: curve.name.startsWith("validation") || !low ? colours.accent : colours["ink-3"] } }));
}

function layout(shown, colours) {
  const [area, ends] = [frame(shown), names(shown, colours)];
  const axis = { color: colours["ink-3"], tickfont: { size: size() }, zeroline: false, showline: false, fixedrange: false };
  return {
    margin: MARGIN, paper_bgcolor: "transparent", plot_bgcolor: "transparent", uirevision: metric,
    font: { family: getComputedStyle(document.body).fontFamily, size: size(), color: colours["ink-3"] }, hovermode: "x unified",
    hoverlabel: { bgcolor: colours.raised, bordercolor: colours.line, font: { color: colours.ink } },
    xaxis: { ...axis, showgrid: false, title: { text: "round", font: { size: size() }, standoff: 8 }, range: [0, area.end], dtick: area.end < 8 ? 1 : undefined },
    yaxis: { ...axis, gridcolor: colours.line, range: [area.low, area.high] },
    annotations: [...ends, best(judged(shown), shown, ends, colours, area)],
  };
}

function draw() {
  const shown = curves.filter(({ name, values }) => name.split(":").pop() === metric && values.length);
  if (!shown.length) return;
  place.querySelector("[data-curve-empty]")?.remove();
  document.getElementById("curve-title").textContent = shown.map(({ name }) => name).join(", ");
  const drawing = place.firstElementChild ?? place.appendChild(document.createElement("div"));
  const colours = palette();
  Plotly.react(drawing, [...traces(shown, colours), bestPoint(judged(shown), colours)], layout(shown, colours), OPTIONS);
}

function choose() {
  const metrics = [...new Set(curves.map(({ name }) => name.split(":").pop()))];
  if (!metrics.includes(metric)) [metric] = metrics;
  if (metrics.length < 2 || choice.childElementCount === metrics.length) return;
  choice.replaceChildren(...metrics.map((name) => {
    const button = document.createElement("button");
    Object.assign(button, { className: "btn small quiet", textContent: name, onclick: () => { metric = name; press(); draw(); } });
    return button;
  }));
  press();
}

function press() {
  for (const button of choice.children) button.ariaPressed = String(button.textContent === metric);
}

async function refresh() {
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    const response = await fetch(place.dataset.curves);
    if (response.redirected) { location.reload(); return; }
    if (response.ok) ({ curves } = await response.json());
    if (curves.length) { choose(); draw(); }
    else if (ended()) place.querySelector("p").textContent = place.dataset.none;
  } catch { /* the server is away; the next event or poll tries again */ } finally {
    fetching = false;
  }
  if (again) { again = false; await refresh(); }
}

place.addEventListener("htmx:sseMessage", refresh);
document.addEventListener("themechange", draw);
document.addEventListener("htmx:afterSwap", (event) => event.target.id === "job" && ended() && refresh());
setInterval(() => ended() || refresh(), POLL_MS);
refresh();
