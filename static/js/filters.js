// The history's filter: a new order is shown at once, and the choice keeps the focus on the page that shows it.

const KEY = "order-chosen";
const order = document.querySelector(".filters select");

order.addEventListener("change", () => {
  try { sessionStorage.setItem(KEY, location.pathname); } catch { /* storage is refused: the focus starts anew */ }
  order.form.requestSubmit();
});

try {
  if (sessionStorage.getItem(KEY) === location.pathname) order.focus();
  sessionStorage.removeItem(KEY);
} catch { /* storage is refused */ }

// The builder writes conditions for those who do not write the language: suggestions come from the server, few at a time.
const builder = document.querySelector("[data-builder]");
const form = builder.querySelector("form");
const text = document.getElementById("filter");
const quoted = (value) => (/^[^\s()",=<>!~][^\s()",]*$/.test(value) ? value : `"${value.replaceAll('"', "")}"`);
let asked = 0;

async function suggest(list, query) {
  const number = ++asked;
  const response = await fetch(`${form.dataset.suggestions}?${new URLSearchParams(query)}`);
  if (!response.ok || response.redirected || number !== asked) return;
  const { items } = await response.json();
  list.replaceChildren(...items.map((item) => Object.assign(document.createElement("option"), { value: item })));
}

const fields = () => suggest(document.getElementById("builder-fields"), { q: form.elements.field.value });
const values = () => suggest(document.getElementById("builder-values"), { field: form.elements.field.value, q: form.elements.value.value });
builder.addEventListener("toggle", () => { if (builder.open) { fields(); form.elements.field.focus(); } });
form.elements.field.addEventListener("input", fields);
for (const name of ["focus", "input"]) form.elements.value.addEventListener(name, values);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const { field, operator, value } = form.elements;
  const condition = `${field.value.trim()} ${operator.value} ${quoted(value.value.trim())}`;
  const before = text.value.trim();
  const joined = event.submitter?.value === "or" ? `${before} or ${condition}` : `${/\bor\b/i.test(before) ? `(${before})` : before} and ${condition}`;
  text.value = before ? joined : condition;
  text.form.requestSubmit();
});
builder.hidden = false;
