// Searching the gallery: what is shown has every word typed, in its text or as a hyperparameter, and the chosen task;
// the address keeps both.

const form = document.querySelector("[data-gallery]");
const cards = [...document.querySelectorAll(".algorithm")];
const texts = new Map(cards.map((card) => [card, `${card.textContent} ${card.dataset.words}`.toLowerCase()]));
const settings = new Map(cards.map((card) => [card, card.dataset.settings.toLowerCase().split(" ")]));
const found = document.querySelector("[data-found]");
const none = document.querySelector("[data-none]");

function fits(card, words, task) {
  const right = !task || card.dataset.tasks.split("|").includes(task);
  return right && words.every((word) => texts.get(card).includes(word) || settings.get(card).includes(word));
}

function show() {
  const words = form.elements.q.value.toLowerCase().split(/\s+/).filter(Boolean);
  const task = form.elements.task.value;
  const names = new Set();
  for (const card of cards) {
    card.hidden = !fits(card, words, task);
    if (!card.hidden) names.add(card.querySelector("h3").textContent);
  }
  for (const family of document.querySelectorAll(".family")) {
    family.hidden = !family.querySelector(".algorithm:not([hidden])");
  }
  found.textContent = `${names.size} algorithm${names.size === 1 ? "" : "s"}`;
  none.hidden = names.size > 0;
}

function keep() {
  const address = new URL(location.href);
  for (const name of ["q", "task"]) {
    const value = form.elements[name].value;
    if (value) address.searchParams.set(name, value);
    else address.searchParams.delete(name);
  }
  history.replaceState(null, "", address);
}

const asked = new URLSearchParams(location.search);
form.elements.q.value = asked.get("q") ?? "";
form.elements.task.value = asked.get("task") ?? "";
form.addEventListener("input", () => { show(); keep(); });
form.elements.dataset?.addEventListener("change", () => form.submit());
form.addEventListener("submit", (event) => event.preventDefault());
show();
