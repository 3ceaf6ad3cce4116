// Toasts: those of the page and those that htmx brings in a "toast" event. News leave by themselves, later where there is
// something to undo, never while the pointer or the focus is on one; what went wrong stays until it is closed.

import { shortcut } from "./keys.js";

const SECONDS = { news: 8, undo: 20 };
const list = document.getElementById("toasts");
const pattern = document.getElementById("toast").content.firstElementChild;

function close(toast) {
  const next = toast.contains(document.activeElement) ? toast.nextElementSibling || toast.previousElementSibling : null;
  toast.remove();
  next?.querySelector("button")?.focus();
}

function expire(toast) {
  if (toast.matches(".bad, .warn")) return;
  let left = toast.querySelector("form") ? SECONDS.undo : SECONDS.news;
  const timer = setInterval(() => {
    if (!toast.isConnected) clearInterval(timer);
    else if (!toast.matches(":hover, :focus-within") && !document.hidden && --left <= 0) close(toast);
  }, 1000);
}

export function show({ text, level, undo }) {
  const toast = pattern.cloneNode(true);
  const form = toast.querySelector("form");
  toast.classList.add(level);
  toast.querySelector("p").textContent = text;
  if (undo) form.setAttribute("action", undo);
  else form.remove();
  form.elements.next.value = location.pathname + location.search;
  list.append(toast);
  expire(toast);
}

list.addEventListener("click", ({ target }) => {
  const shut = target.closest(".shut");
  if (shut) close(shut.closest(".toast"));
});
document.addEventListener("toast", ({ detail }) => detail.toasts.forEach(show));
for (const toast of list.children) expire(toast);
shortcut("u", "Undo what the last message tells of", () => [...list.querySelectorAll("form")].at(-1)?.requestSubmit());
