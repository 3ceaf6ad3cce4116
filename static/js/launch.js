// The summary beside the launch form: price, worst case, what was chosen; and each data set's suggested hyperparameters.

const form = document.querySelector("[data-launch]");
const hyperparameters = [...form.querySelectorAll("[name^=hp_]")];

const say = (name, text) => { form.querySelector(`[data-summary=${name}]`).textContent = text; };
const money = (amount) => `$${amount.toFixed(amount >= 1 ? 2 : 4).replace(/^(\d+\.\d\d)00$/, "$1")}`;
const chosen = () => form.querySelector("[name=dataset]:checked");
const suggestions = () => JSON.parse(chosen()?.dataset.suggested || "{}");
const short = (field) => field.name.slice(3);

function length(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const words = [];
  for (const [size, unit] of parts) {
    if (seconds >= size) words.push(`${Math.floor(seconds / size)} ${unit}`);
    seconds %= size;
  }
  return words.slice(0, 2).join(" ");
}

function prices() {
  const option = form.elements.instance_type.selectedOptions[0];
  const count = Number(form.elements.instance_count.value);
  const seconds = Number(form.elements.max_runtime_seconds.value);
  const hourly = Number(option?.dataset.price) * count;
  const known = hourly > 0 && seconds > 0;
  say("hourly", hourly > 0 ? money(hourly) : "–");
  say("worst", known ? money((hourly * seconds) / 3600) : "–");
  say("runtime", seconds > 0 ? length(seconds) : "–");
  say("instance", option ? `${option.value} × ${count || "–"}` : "–");
}

function summary() {
  prices();
  const dataset = chosen();
  say("data", dataset?.value || form.elements.train_s3_uri.value || "not chosen");
  const set = hyperparameters.filter((field) => field.value.trim());
  say("set", set.length ? set.map((field) => `${short(field)} ${field.value}`).join(", ") : "nothing");
}

let before = suggestions();
// What a person has put in by hand. Of a form that came back with errors that is whatever is not as suggested.
const typed = new Set("typed" in form.dataset ? hyperparameters.filter((field) => field.value !== (before[short(field)] ?? "")) : []);

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

form.addEventListener("change", (event) => {
  if (event.target.name === "dataset") suggest();
  summary();
});
form.addEventListener("input", ({ target }) => {
  if (hyperparameters.includes(target)) typed.add(target);
  summary();
});
summary();
