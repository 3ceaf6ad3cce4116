// Metric curves of one or several jobs: fetched, kept up to date as points arrive, finer where the reader looks closer.
// Each [data-curves] part of a page works by itself: data-curves is where its points are, data-jobs whose they are.

import { draw, figure, look, palette } from "./chart.js";
import { extended } from "./series.js";

const POLL_MS = 15000;
const MOST_POINTS = 6000; // a live curve that has grown longer is fetched anew, thinned by the server

const measureOf = (name) => name.split(":").pop();
const judge = (curves) => curves.find(({ name }) => name.startsWith("validation")) ?? curves[0];

class Curves {
  constructor(root) {
    this.root = root;
    this.place = root.querySelector("[data-chart]");
    this.jobs = new Map();
    this.metric = measureOf(root.dataset.objective);
    this.close = null; // finer curves while the reader has zoomed in
    this.busy = false;
    this.again = false;
    this.listen();
    this.refresh();
  }

  get names() { return this.root.dataset.jobs.split(",").filter(Boolean); }
  get several() { return this.names.length > 1; }
  get ended() { return this.names.every((name) => this.jobs.get(name)?.ended); }
  control(name) { return this.root.querySelector(`[data-curve-${name}]`); }

  listen() {
    for (const name of ["smooth", "log", "axis"]) this.control(name)?.addEventListener("input", () => { this.close = null; this.draw(); });
    this.place.addEventListener("htmx:sseMessage", () => this.refresh());
    document.addEventListener("themechange", () => this.draw());
    this.root.addEventListener("jobs", () => this.refresh(true)); // data-jobs was changed
    document.addEventListener("htmx:afterSwap", ({ target }) => target.id === "job" && target.dataset.ended === "yes" && !this.ended && this.refresh());
    setInterval(() => this.ended || this.refresh(), POLL_MS);
    new ResizeObserver(() => this.draw()).observe(this.place);
  }

  async fetched(jobs, rounds = "") {
    const response = await fetch(`${this.root.dataset.curves}?jobs=${jobs.join(",")}${rounds}`);
    if (response.redirected) { location.reload(); return []; }
    return response.ok ? (await response.json()).jobs : [];
  }

  // New points only of the jobs that are known, everything of the others.
  async update() {
    const fresh = this.names.filter((name) => !this.jobs.has(name) || this.longest(name) > MOST_POINTS);
    const live = this.names.filter((name) => !fresh.includes(name) && !this.jobs.get(name).ended);
    if (fresh.length) for (const job of await this.fetched(fresh)) this.jobs.set(job.name, job);
    for (const name of live) {
      const ends = this.jobs.get(name).curves.map(({ steps }) => steps.at(-1) + 1);
      const [job] = await this.fetched([name], ends.length ? `&from=${Math.min(...ends)}` : "");
      if (job) this.jobs.set(name, this.joined(this.jobs.get(name), job));
    }
  }

  longest(name) { return Math.max(0, ...this.jobs.get(name).curves.map(({ steps }) => steps.length)); }

  joined(known, job) {
    const before = new Map(known.curves.map((curve) => [curve.name, curve]));
    for (const curve of job.curves) before.set(curve.name, extended(before.get(curve.name), curve));
    return { ...job, curves: [...before.values()] };
  }

  async refresh() {
    if (this.busy) { this.again = true; return; }
    this.busy = true;
    try { await this.update(); } catch { /* the server is away; the next event or poll tries again */ }
    this.busy = false;
    this.choose();
    this.draw();
    if (this.again) { this.again = false; await this.refresh(); }
  }

  view() {
    const smooth = Number(this.control("smooth")?.value ?? 0);
    return { axis: this.control("axis")?.value ?? "round", log: this.control("log")?.checked ?? false, smooth, metric: this.metric, several: this.several,
      rounds: this.ended ? 0 : Number(this.root.dataset.rounds || 0) };
  }

  // What is drawn: of one job all channels of the metric, of several the one each is judged by.
  lines() {
    return this.names.flatMap((name, place) => {
      const curves = (this.close ?? this.jobs).get(name)?.curves.filter((curve) => measureOf(curve.name) === this.metric && curve.steps.length) ?? [];
      if (!curves.length) return [];
      const judged = judge(curves);
      return (this.several ? [judged] : curves).map((curve) => ({ job: name, place, main: curve === judged, curve }));
    });
  }

  draw() {
    const lines = this.lines();
    const empty = this.place.querySelector("[data-curve-empty]");
    this.legend(lines);
    this.root.toggleAttribute("data-drawn", lines.length > 0);
    if (!lines.length) {
      if (empty && this.ended) empty.textContent = this.root.dataset.none;
      return;
    }
    empty?.remove();
    const title = this.root.querySelector("[data-curve-title]");
    if (title) title.textContent = [...new Set(lines.map(({ curve }) => curve.name))].join(", ");
    const drawing = draw(this.place, lines, this.view());
    if (!this.drawing) drawing.on("plotly_relayout", (change) => this.closer(change));
    this.drawing = drawing;
  }

  // Zoomed in along the rounds: what was thinned there is fetched whole, or as finely as a chart can show.
  async closer(change) {
    if (change["xaxis.autorange"]) { this.close = null; return; }
    const [low, high] = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (low === undefined || this.view().axis === "time") return;
    const jobs = await this.fetched(this.names, `&from=${Math.max(0, Math.floor(low))}&to=${Math.max(0, Math.ceil(high))}`);
    this.close = new Map(jobs.map((job) => [job.name, this.within(this.jobs.get(job.name), job, low, high)]));
    this.draw();
  }

  // The whole curve with its middle replaced by the finer one, so that one can move along it; its best stays the best.
  within(known, finer, low, high) {
    const by = new Map(finer.curves.map((curve) => [curve.name, curve]));
    const curves = known.curves.map((curve) => {
      const middle = by.get(curve.name);
      if (!middle) return curve;
      const before = curve.steps.filter((step) => step < Math.floor(low)).length;
      const after = curve.steps.findIndex((step) => step > Math.ceil(high));
      const joined = (name) => [...curve[name].slice(0, before), ...middle[name], ...(after < 0 ? [] : curve[name].slice(after))];
      return { ...curve, steps: joined("steps"), values: joined("values"), seconds: joined("seconds") };
    });
    return { ...known, curves };
  }

  choose() {
    const metrics = [...new Set([...this.jobs.values()].flatMap(({ curves }) => curves.map(({ name }) => measureOf(name))))];
    if (metrics.length && !metrics.includes(this.metric)) [this.metric] = metrics;
    const choice = this.control("choice");
    if (!choice || metrics.length < 2) return;
    if (choice.childElementCount !== metrics.length) choice.replaceChildren(...metrics.map((name) => this.button(name)));
    for (const button of choice.children) button.ariaPressed = String(button.textContent === this.metric);
  }

  button(name) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "btn small quiet", textContent: name });
    button.addEventListener("click", () => { this.metric = name; this.close = null; this.choose(); this.draw(); });
    return button;
  }

  legend(lines) {
    const list = this.control("legend");
    if (!list) return;
    list.hidden = !this.several;
    if (!this.several) return;
    const [colours, view] = [palette(), this.view()];
    list.replaceChildren(...this.names.map((name, place) => this.entry(name, lines.find(({ job }) => job === name), look({ place }, view, colours))));
  }

  entry(name, line, style) {
    const item = document.createElement("li");
    const mark = document.createElement("i");
    mark.style.borderTop = `3px ${style.dash === "dash" ? "dashed" : "solid"} ${style.color}`;
    const link = Object.assign(document.createElement("a"), { textContent: name, href: this.jobs.get(name)?.url ?? "#" });
    const best = Object.assign(document.createElement("b"), { textContent: line ? figure(line.curve.best_value) : "no curve" });
    item.append(mark, link, best);
    if (this.names.indexOf(name) > 0 && "removable" in this.root.dataset) item.append(this.remover(name));
    return item;
  }

  remover(name) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn small quiet", textContent: "Remove" });
    button.ariaLabel = `Remove ${name} from the chart`;
    button.addEventListener("click", () => this.root.dispatchEvent(new CustomEvent("remove", { detail: name })));
    return button;
  }
}


for (const root of document.querySelectorAll("[data-curves]")) new Curves(root);
