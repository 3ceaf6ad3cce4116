// The command palette (Ctrl-K): what is typed is looked up by the console, arrows choose, Enter opens. The focus stays in
// the field; the chosen option is named to screen readers by aria-activedescendant.

import { shortcut } from "./keys.js";

const WAIT_MS = 80;
const dialog = document.getElementById("palette");
const field = dialog.querySelector("input");
const found = document.getElementById("palette-found");
const status = dialog.querySelector("[role=status]");
let asked = new AbortController();
let timer = 0;

const options = () => [...found.querySelectorAll("[role=option]:not([aria-disabled])")];
const chosen = () => found.querySelector("[aria-selected=true]");

function choose(option) {
  chosen()?.setAttribute("aria-selected", "false");
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function move(by) {
  const all = options();
  const at = all.indexOf(chosen());
  choose(all[(at + by + all.length) % all.length]);
}

async function look() {
  timer = 0;
  asked.abort();
  asked = new AbortController();
  try {
    const address = `${field.dataset.finds}?${new URLSearchParams({ q: field.value })}`;
    const answer = await fetch(address, { signal: asked.signal, headers: { "HX-Request": "true" } });
    if (answer.status === 401) {
      dialog.close();
      return document.dispatchEvent(new Event("signed-out"));
    }
    if (!answer.ok) throw new Error(answer.statusText);
    found.innerHTML = await answer.text();
    choose(options()[0]);
    status.textContent = `${options().length} found`;
  } catch (error) {
    if (error.name !== "AbortError") status.textContent = "The console does not answer.";
  }
}

const DEEDS = {
  shortcuts: () => document.querySelector("[data-shortcuts]").click(),
  light: () => document.querySelector("input[name=theme][value=light]").click(),
  dark: () => document.querySelector("input[name=theme][value=dark]").click(),
};

function open(option) {
  if (!option) return;
  dialog.close();
  if (option.dataset.does) DEEDS[option.dataset.does]();
  else location.assign(option.dataset.url);
}

field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(look, WAIT_MS);
});
// The answer to what was typed last is waited for: Enter never opens what an earlier text had found.
field.addEventListener("keydown", async (event) => {
  if (event.key === "ArrowDown") move(1);
  else if (event.key === "ArrowUp") move(-1);
  else if (event.key === "Enter") {
    event.preventDefault();
    if (timer) {
      clearTimeout(timer);
      await look();
    }
    return open(chosen());
  } else return;
  event.preventDefault();
});
found.addEventListener("click", ({ target }) => open(target.closest("[role=option]:not([aria-disabled])")));
dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());

function show() {
  if (dialog.open) return;
  field.value = "";
  dialog.showModal();
  look();
}
shortcut("Ctrl k", "Find jobs, data, pages and actions", show);
document.addEventListener("click", ({ target }) => target.closest("[data-palette]") && show());
