// The note: kept in place without a reload. What is typed is remembered by the browser until the console has it, so that
// neither an expired session nor a reload loses it.

const key = (form) => `note-${form.dataset.noteForm}`;
const expired = "Not kept yet: your session has ended. Sign in again, then keep it; the text stays here.";
const away = "Not kept yet: the console did not answer. The text stays here; try again.";

function remember(form, text) {
  try {
    if (text === null) sessionStorage.removeItem(key(form));
    else sessionStorage.setItem(key(form), text);
  } catch { /* storage is refused: the text stays in the page only */ }
}

function recall(form) {
  let text = null;
  try { text = sessionStorage.getItem(key(form)); } catch { /* storage is refused */ }
  const area = form.elements.note;
  if (text === null || text === area.value) return;
  area.value = text;
  form.closest("details").open = true;
  say(form, "Not kept yet: this is what you had typed.");
}

function say(form, text) { form.querySelector("[data-note-error]").textContent = text; }

async function keep(form, button) {
  const part = form.closest("[data-note]");
  try {
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "HX-Request": "true" } });
    if (answer.redirected || [401, 403].includes(answer.status)) {
      say(form, expired);
      document.dispatchEvent(new Event("signed-out")); // the frame asks to sign in again
      return;
    }
    if (!answer.ok && answer.status !== 422) { say(form, away); return; }
    if (answer.ok) remember(form, null);
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-note]");
    part.replaceWith(fresh);
    fresh.querySelector(answer.ok ? "summary" : "textarea").focus();
  } catch { say(form, away); } finally { setTimeout(() => { button.disabled = false; }); }
}

document.addEventListener("submit", (event) => {
  if (!event.target.dataset.noteForm) return;
  event.preventDefault();
  keep(event.target, event.submitter);
});
document.addEventListener("input", ({ target }) => {
  const form = target.closest("[data-note-form]");
  if (form) remember(form, target.value === target.dataset.kept ? null : target.value);
});
for (const form of document.querySelectorAll("[data-note-form]")) recall(form);
