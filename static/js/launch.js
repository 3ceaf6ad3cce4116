// The launch form while it is filled in: what suits another data set, what a value means for others, and what the
// server says of all of it: price, estimate, code, and what is wrong beside the field that was left.

const form = document.querySelector("[data-launch]");
const cameBack = form.hasAttribute("data-typed"); // its `dataset` is the field of that name
const address = form.getAttribute("data-launch");
const algorithm = form.getAttribute("data-algorithm");
const hyperparameters = [...form.querySelectorAll("[name^=hp_]")];
const short = (field) => field.name.slice(3);
const chosen = () => form.querySelector("[name=dataset]:checked");
const suggestions = () => JSON.parse(chosen()?.dataset.suggested || "{}");
const touched = new Set();

// --- what suits the data set ---------------------------------------------------------------------------------------

let before = suggestions();
// What a person has put in by hand. Of a form that came back with errors that is whatever is not as suggested.
const typed = new Set(cameBack ? hyperparameters.filter((field) => field.value !== (before[short(field)] ?? "")) : []);

// All that suits the chosen data set, and no longer what suited the one before; nothing that was typed is touched.
function suggest() {
  const suggested = suggestions();
  for (const field of hyperparameters) {
    const [value, old] = [suggested[short(field)], before[short(field)]];
    if ((typed.has(field) && field.value) || (value === undefined && field.value !== old)) continue;
    field.value = value ?? "";
  }
  before = suggested;
}

// The name that was made up says which data; one that a person typed stays.
const name = form.elements.name;
let madeUp = cameBack ? "" : name.value;
function rename() {
  if (!madeUp || name.value !== madeUp) return;
  const stem = [chosen()?.value, algorithm].filter(Boolean).join("-");
  name.value = madeUp = `${stem.slice(0, 56).replace(/-+$/, "")}${madeUp.slice(-7)}`;
}

// --- what a value means ------------------------------------------------------------------------------------------

function mark() {
  const value = (other) => {
    const field = form.elements[`hp_${other}`];
    return field?.value || field?.closest(".hp").dataset.default || "";
  };
  for (const row of form.querySelectorAll(".hp")) {
    const given = row.querySelector("input, select").value.trim();
    row.classList.toggle("changed", given !== "" && given !== row.dataset.default);
    const needs = Object.entries(JSON.parse(row.dataset.onlyIf || "{}"));
    const missing = needs.find(([other, allowed]) => !allowed.includes(value(other)));
    row.classList.toggle("idle", Boolean(missing));
    row.querySelector(".range").dataset.idle = missing ? ` no effect unless ${missing[0]} is ${missing[1].join(" or ")}` : "";
  }
}

function find(text) {
  for (const group of form.querySelectorAll("details.group:has(.hp)")) {
    const rows = [...group.querySelectorAll(".hp")];
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(text);
    group.hidden = rows.every((row) => row.hidden);
    if (text && !group.hidden) group.open = true;
  }
}

// --- what the server says ------------------------------------------------------------------------------------------

function tell(field, text) {
  let error = document.getElementById(`${field.id}-error`);
  const help = document.getElementById(`${field.id}-help`);
  if (text && !error) {
    error = document.createElement("div");
    error.className = "error";
    error.id = `${field.id}-error`;
    field.after(error);
  }
  if (text) error.textContent = text;
  else error?.remove();
  field.toggleAttribute("aria-invalid", Boolean(text));
  if (text) field.setAttribute("aria-invalid", "true");
  const described = [text && error.id, help?.id].filter(Boolean).join(" ");
  if (described) field.setAttribute("aria-describedby", described);
  else field.removeAttribute("aria-describedby");
}

function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  for (const id of ["summary", "code"]) document.getElementById(id).replaceChildren(...answer.getElementById(id).childNodes);
  const errors = JSON.parse(answer.querySelector("[data-errors]").dataset.errors);
  for (const field of touched) tell(field, errors[field.id]);
}

let asking = null;
async function ask() {
  asking?.abort();
  asking = new AbortController();
  const body = new FormData(form);
  body.delete("script"); // files are sent once, at the launch
  try {
    const answer = await fetch(address, { method: "POST", body, signal: asking.signal });
    if (answer.ok && !answer.redirected) show(await answer.text());
  } catch (error) {
    if (error.name !== "AbortError") console.info("the summary is not up to date:", error.message);
  }
}

let waiting = 0;
function changed(delay) {
  mark();
  clearTimeout(waiting);
  waiting = setTimeout(ask, delay);
}

form.addEventListener("change", ({ target }) => {
  if (target.matches("[data-find]")) return;
  if (target.id) touched.add(target);
  if (target.name === "dataset") { suggest(); rename(); }
  changed(0);
});
form.addEventListener("input", ({ target }) => {
  if (target.matches("[data-find]")) return find(target.value.trim().toLowerCase());
  if (hyperparameters.includes(target)) typed.add(target);
  changed(400);
});
form.addEventListener("keydown", (event) => { // Enter in the search is no launch
  if (event.key === "Enter" && event.target.matches("[data-find]")) event.preventDefault();
});
for (const field of form.querySelectorAll("[aria-invalid=true]")) touched.add(field);
mark();
