// The log of a job: follows the end until paused, shows a level or a stream alone, finds a text in all of its lines.

import { LogView } from "./logview.js";

const POLL_MS = 15000;
const TYPING_MS = 250;
const TAIL = 100;
const pane = document.getElementById("log");
const part = pane.closest("[data-log]");
const control = (name) => part.querySelector(`[data-log-${name}]`);
const [state, button, level, stream, box, found] = ["state", "follow", "level", "stream", "search", "found"].map(control);
let last = Number(part.dataset.last);
let levels = JSON.parse(part.dataset.levels);
let following = true;
let fetching = false;
let again = false;
let hits = { text: "", numbers: [], count: 0, at: -1 };

const ended = () => document.getElementById("job").dataset.ended === "yes";
const tabbed = (text) => text.replaceAll("#011", "\t"); // how SageMaker's logs write a tab

function marked(text) {
  const wanted = hits.text.toLowerCase();
  const pieces = [];
  let from = 0;
  for (let at; wanted && (at = text.toLowerCase().indexOf(wanted, from)) >= 0; from = at + wanted.length) {
    pieces.push(text.slice(from, at), Object.assign(document.createElement("mark"), { textContent: text.slice(at, at + wanted.length) }));
  }
  return [...pieces, text.slice(from)];
}

function fill(row, line) {
  const time = Object.assign(document.createElement("time"), { dateTime: line.at });
  time.dataset.hour = "";
  row.className = `line ${line.level}${line.number === hits.numbers[hits.at] ? " hit" : ""}`;
  row.replaceChildren(time, ...marked(tabbed(line.text)), "\n");
}

function shown(row) {
  const time = row.querySelector("time");
  return { number: Number(row.dataset.number), at: time.dateTime, text: row.dataset.text, level: row.dataset.level };
}

async function get(path, parameters) {
  const response = await fetch(`${part.dataset.log}${path}?${new URLSearchParams(parameters)}`);
  if (response.redirected) { location.reload(); throw new Error("signed out"); }
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

const chosen = () => ({ level: level.value, stream: stream.value });
const fetchLines = async (spans) => (await get("lines/", { spans: spans.map((span) => span.join("-")).join(",") })).lines;
const view = new LogView(pane, last ? [[1, last]] : [], [...pane.querySelectorAll(".line")].map(shown), fill, fetchLines);

function selecting() {
  const selection = getSelection();
  return !selection.isCollapsed && pane.contains(selection.anchorNode);
}

// What the log is like now: its levels and streams, and, where `after` is 0, all of its lines instead of the newest.
async function news(after) {
  const tail = await get("", { ...chosen(), after, tail: TAIL });
  if (tail.spans.length || !after) pane.querySelector("p")?.remove();
  if (after) view.append(tail.spans, tail.lines);
  else view.replace(tail.spans, tail.lines);
  [last, levels] = [tail.last, tail.levels];
  streams(tail.streams);
  counts();
  if (!view.list.total) nothing();
}

async function more() {
  show();
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    await news(last);
    if (following && !selecting()) view.goToEnd();
  } catch { again = false; /* the server is away; the next event or poll tries again */ } finally { fetching = false; }
  if (again) { again = false; await more(); }
}

function nothing() {
  const filtered = level.value || stream.value;
  const text = filtered ? "No line is of that level and stream." : ended() ? pane.dataset.none : pane.dataset.soon;
  if (!pane.querySelector("p")) pane.prepend(Object.assign(document.createElement("p"), { textContent: text }));
  else pane.querySelector("p").textContent = text;
}

function streams(names) {
  if (stream.options.length === names.length + 1) return;
  for (const name of names.slice(stream.options.length - 1)) stream.add(new Option(name.split("/").slice(1).join("/") || name, name));
  stream.closest("label").hidden = names.length < 2;
}

function counts() {
  for (const option of level.options) {
    const count = ["error", "warning"].slice(0, option.value === "error" ? 1 : 2).reduce((sum, name) => sum + (levels[name]?.count ?? 0), 0);
    if (option.value) option.textContent = `${option.dataset.word} (${count.toLocaleString("en")})`;
  }
  control("first").hidden = !levels.error;
}

function show() {
  const word = ended() ? "ended" : following ? "following" : "paused";
  if (state.textContent === word) return;
  state.textContent = word;
  state.className = `pill ${{ ended: "stop", following: "run", paused: "wait" }[word]}`;
  button.textContent = following ? "Pause" : "Follow";
  button.hidden = word === "ended";
}

function follow(on) {
  following = on;
  show();
  if (on) { view.goToEnd(); more(); }
}

async function filter() {
  pane.querySelector("p")?.remove();
  try { await news(0); } catch { return; }
  if (following || ended()) view.goToEnd();
  if (hits.text) await search();
}

async function search() {
  const text = box.value.trim();
  hits = { text, numbers: [], count: 0, at: -1 };
  if (text) {
    found.textContent = "looking…";
    try {
      const answer = await get("search/", { ...chosen(), q: text });
      if (box.value.trim() !== text) return;
      hits = { text, ...answer, at: -1 };
    } catch { found.textContent = "not found out: try again"; return; }
  }
  step(1);
}

// To the next place, or back to the one before, and round at the ends; the first is the next from what is in sight.
function step(by) {
  const { numbers, count } = hits;
  for (const name of ["next", "back"]) control(name).disabled = !numbers.length;
  if (numbers.length) {
    const here = view.list.total ? view.list.numberAt(Math.min(view.top, view.list.total - 1)) : 0;
    const nearest = Math.max(numbers.findIndex((number) => number >= here), 0);
    hits.at = hits.at < 0 ? nearest : (hits.at + by + numbers.length) % numbers.length;
    follow(false);
    view.goTo(numbers[hits.at]);
  }
  const words = numbers.length ? `${(hits.at + 1).toLocaleString("en")} of ${count.toLocaleString("en")}` : "no line";
  found.textContent = hits.text ? words : "";
  view.rewrite();
}

async function jump(number) {
  follow(false);
  if (!view.list.has(number)) { level.value = stream.value = ""; await filter(); }
  hits = { ...hits, numbers: hits.text ? hits.numbers : [number], at: hits.text ? hits.at : 0 };
  view.goTo(number);
  view.rewrite();
}

let typing = 0;
box.addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(search, TYPING_MS); });
box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (box.value.trim() === hits.text) step(event.shiftKey ? -1 : 1);
});
control("next").addEventListener("click", () => step(1));
control("back").addEventListener("click", () => step(-1));
control("first").addEventListener("click", () => jump(levels.error.first));
for (const choice of [level, stream]) choice.addEventListener("change", filter);
button.addEventListener("click", () => follow(!following));
pane.addEventListener("scroll", () => {
  view.render();
  if (view.atEnd !== following && !ended()) follow(view.atEnd);
}, { passive: true });
pane.addEventListener("htmx:sseMessage", more);
document.addEventListener("htmx:afterSwap", (event) => event.target.id === "job" && ended() && more());
setInterval(() => ended() || more(), POLL_MS);
counts();
view.goToEnd();
const line = location.hash.match(/^#L(\d+)$/);
if (line) jump(Number(line[1]));
