// Loaded before the first paint, as a classic script: applies the remembered theme so that no page flashes in the other one.
(() => {
  let theme = "auto";
  try { theme = localStorage.getItem("theme") || "auto"; } catch { /* storage is refused: follow the system */ }
  document.documentElement.dataset.theme = theme;
})();
