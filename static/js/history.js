// The selection in the history: the bar that acts on it, compare, all that match, and its keys.

import { shortcut } from "./keys.js";

const bar = document.getElementById("bulk");
const all = bar.querySelector("[data-all]");
const offer = bar.querySelector("[data-select-all]");
const link = bar.querySelector("[data-compare-link]");
const boxes = () => [...document.querySelectorAll("#jobs tbody .pick input")];
const chosen = () => boxes().filter((box) => box.checked);
const matching = () => Number(document.querySelector("#matching [data-count]")?.dataset.count ?? 0);
const jobs = (count) => `${count.toLocaleString("en")} job${count === 1 ? "" : "s"}`;
let last = null;

function show() {
  const [picked, shown] = [chosen(), boxes()];
  const head = document.querySelector("[data-pick-all]");
  if (picked.length < shown.length) all.value = "";
  bar.hidden = !picked.length;
  bar.querySelector("[data-selected]").textContent = `${all.value ? `All ${jobs(matching())}` : jobs(picked.length)} selected`;
  offer.hidden = Boolean(all.value) || picked.length < shown.length || matching() <= shown.length;
  offer.textContent = `Select all ${matching().toLocaleString("en")} matching`;
  link.hidden = Boolean(all.value) || picked.length < 2 || picked.length > 10;
  link.href = `${bar.dataset.compare}?jobs=${picked.map((box) => encodeURIComponent(box.value)).join(",")}`;
  if (!head) return;
  head.checked = shown.length > 0 && picked.length === shown.length;
  head.indeterminate = picked.length > 0 && !head.checked;
}

// With Shift all rows from the last one touched take its state.
function range(box) {
  const rows = boxes();
  const [from, to] = [rows.indexOf(last), rows.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const each of rows.slice(from, to + 1)) each.checked = box.checked;
}

document.addEventListener("click", ({ target, shiftKey }) => {
  if (!target.matches("#jobs tbody .pick input")) return;
  if (shiftKey && last) range(target);
  last = target;
  show();
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-pick-all]")) for (const box of boxes()) box.checked = target.checked;
  if (target.closest("#jobs .pick")) show();
});
offer.addEventListener("click", () => { all.value = "yes"; show(); });
bar.querySelector("[data-clear]").addEventListener("click", () => { for (const box of boxes()) box.checked = false; show(); });
document.addEventListener("htmx:afterSwap", show);
addEventListener("pageshow", show);

if (document.querySelector("[data-rows]")) {
  shortcut("x", "Select the row", () => {
    const box = document.activeElement.closest("tr")?.querySelector(".pick input");
    if (box) { box.checked = !box.checked; last = box; show(); }
  }, "Lists");
  shortcut("c", "Compare the selected rows", () => link.hidden || link.click(), "Lists");
}
show();
