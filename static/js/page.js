// What every page has: the theme choice, dialogs, and forms that cannot be sent twice.

const root = document.documentElement;

for (const radio of document.querySelectorAll("input[name=theme]")) {
  radio.checked = radio.value === root.dataset.theme;
  radio.addEventListener("change", () => {
    root.dataset.theme = radio.value;
    try { localStorage.setItem("theme", radio.value); } catch { /* remembered for this page only */ }
    document.dispatchEvent(new Event("themechange"));
  });
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new Event("themechange")));

async function copy(button) {
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
  button.textContent = "Copied";
}

document.addEventListener("click", ({ target }) => {
  const opens = target.closest("[data-opens]");
  if (opens) document.getElementById(opens.dataset.opens).showModal();
  const copies = target.closest("[data-copies]");
  if (copies) copy(copies);
  const closes = target.closest("[data-closes]");
  if (closes) document.getElementById(closes.dataset.closes).close();
});

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button && event.target.method === "post") setTimeout(() => { button.disabled = true; });
});
// Back from the browser's page cache: the button must work again.
addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("button:disabled")) button.disabled = false;
});

document.querySelector("[data-focus]")?.focus();
document.querySelector("form[data-send]")?.requestSubmit();
