// The choice of a target: the column that is predicted cannot be learned from.

document.addEventListener("change", ({ target }) => {
  const form = target.closest("[data-choice]");
  if (!form || target.name !== "target") return;
  for (const box of form.querySelectorAll("[name=features]")) {
    const chosen = box.value === target.value;
    if (chosen) box.checked = false;
    else if (box.disabled) box.checked = true;
    box.disabled = chosen;
  }
});
