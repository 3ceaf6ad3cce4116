// The summary beside the launch form: price, worst case, what was chosen; and each data set's suggested hyperparameters.

const form = document.querySelector("[data-launch]");
const hyperparameters = [...form.querySelectorAll("[name^=hp_]")];
const suggestedBefore = new Map();

const say = (name, text) => { form.querySelector(`[data-summary=${name}]`).textContent = text; };
const money = (amount) => `$${amount.toFixed(amount >= 1 ? 2 : 4).replace(/^(\d+\.\d\d)00$/, "$1")}`;
const chosen = () => form.querySelector("[name=dataset]:checked");

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
  say("set", set.length ? set.map((field) => `${field.name.slice(3)} ${field.value}`).join(", ") : "nothing");
}

// Fill in what suits the chosen data set, but never over something typed.
function suggest() {
  const suggested = JSON.parse(chosen()?.dataset.suggested || "{}");
  for (const field of hyperparameters) {
    if (field.value && field.value !== suggestedBefore.get(field.name)) continue;
    const value = suggested[field.name.slice(3)] ?? "";
    if (field.value || value) field.value = value;
    suggestedBefore.set(field.name, value);
  }
}

const first = JSON.parse(chosen()?.dataset.suggested || "{}");
for (const [name, value] of Object.entries(first)) suggestedBefore.set(`hp_${name}`, value);
form.addEventListener("change", (event) => {
  if (event.target.name === "dataset") suggest();
  summary();
});
form.addEventListener("input", summary);
summary();
