// Keys: "g" and a letter travels along the rail, j and k move through a list's rows, Enter opens (it is a link).

let travelling = 0;

function typing(target) {
  return target.closest("input, select, textarea, [contenteditable]");
}

function travel(key) {
  const link = document.querySelector(`.rail a[data-key="${CSS.escape(key)}"]`);
  if (link) link.click();
  return Boolean(link);
}

function move(by) {
  const links = [...document.querySelectorAll("[data-rows] tbody th a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + by, 0), links.length - 1)].focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (performance.now() < travelling && travel(event.key)) event.preventDefault();
  else if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  travelling = event.key === "g" ? performance.now() + 1500 : 0;
});
