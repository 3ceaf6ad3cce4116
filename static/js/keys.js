// Every keyboard shortcut: one table, which the help sheet (?) is written from. A page's own modules add theirs by
// `shortcut`. Nothing happens while somebody types, or while a dialog is open, but for Ctrl-K.

const SEQUENCE_MS = 1500;
const mac = /Mac|iP(hone|ad)/.test(navigator.platform);
const table = [];
let before = { key: "", at: 0 };

// `keys` is one key as the keyboard names it ("j", "?"), "Ctrl k" (Command on a Mac), or two in a row ("g d"); without
// `run` it is only listed, for the browser does it.
export function shortcut(keys, says, run, group = "Everywhere") {
  table.push({ keys, says, run, group });
}

const typing = (target) => target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");

function pressed(event) {
  const held = event.ctrlKey || event.metaKey;
  if (held) return `Ctrl ${event.key.toLowerCase()}`;
  const second = performance.now() - before.at < SEQUENCE_MS ? `${before.key} ${event.key}` : "";
  return table.some((row) => row.keys === second) ? second : event.key;
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.defaultPrevented) return;
  const keys = pressed(event);
  const global = keys.startsWith("Ctrl ");
  if (!global && (typing(event.target) || document.querySelector("dialog[open]"))) return;
  const row = table.find((each) => each.keys === keys && each.run);
  before = row ? { key: "", at: 0 } : { key: event.key, at: performance.now() };
  if (!row) return;
  event.preventDefault();
  row.run(event);
});

function move(by) {
  const links = [...document.querySelectorAll("[data-rows] tbody th a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + by, 0), links.length - 1)].focus();
}

function keycaps(keys) {
  const caps = keys.split(" ").map((key) => (key === "Ctrl" && mac ? "⌘" : key.length === 1 ? key.toLowerCase() : key));
  return caps.flatMap((cap) => [element("kbd", cap), " "]);
}

function element(name, ...content) {
  const made = document.createElement(name);
  made.append(...content);
  return made;
}

function sheet() {
  const dialog = document.getElementById("shortcuts");
  const groups = [...new Set(table.map((row) => row.group))].map((group) => {
    const rows = table.filter((row) => row.group === group);
    const entries = rows.flatMap(({ keys, says }) => [element("dt", ...keycaps(keys)), element("dd", says)]);
    return element("section", element("h3", group), element("dl", ...entries));
  });
  dialog.querySelector(".groups").replaceChildren(...groups);
  dialog.showModal();
}

shortcut("?", "Show this sheet", sheet);
for (const link of document.querySelectorAll(".rail a[data-key]")) {
  shortcut(`g ${link.dataset.key}`, `Go to ${link.dataset.title}`, () => document.querySelector(`.rail a[data-key="${link.dataset.key}"]`).click(), "Travel");
}
if (document.querySelector("[data-rows]")) {
  shortcut("j", "Next row", () => move(1), "Lists");
  shortcut("k", "Row before", () => move(-1), "Lists");
  shortcut("Enter", "Open the row", null, "Lists");
}
document.addEventListener("click", ({ target }) => target.closest("[data-shortcuts]") && sheet());
