// A session that has ended: a dialog asks to sign in again, and the page with all that was typed in it stays.

const dialog = document.getElementById("session");
const form = dialog.querySelector("form");
const alert = form.querySelector("[role=alert]");
const JSON_ONLY = { headers: { Accept: "application/json" } };
let put_off = false;

export function csrf() {
  const name = document.documentElement.dataset.csrfCookie;
  return document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";
}

// Signed in anew, here or in another window, the page's forms need the token of the cookie as it is now.
export function renew(within) {
  const token = csrf();
  if (token) for (const input of within.querySelectorAll("[name=csrfmiddlewaretoken]")) input.value = token;
}

function ask() {
  if (!dialog.open) dialog.showModal();
}

function say(text) {
  alert.textContent = text;
  alert.hidden = !text;
}

async function signIn() {
  await fetch(form.action, JSON_ONLY);
  const body = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { ...JSON_ONLY, method: "POST", body, headers: { ...JSON_ONLY.headers, "X-CSRFToken": csrf() } });
  const { signed_in: signedIn, message } = await answer.json().catch(() => ({}));
  if (!signedIn) return say(message || "The console does not answer as it should: load the page again.");
  form.reset();
  say("");
  renew(document);
  dialog.close();
  put_off = false;
  document.dispatchEvent(new Event("signed-in"));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  signIn().catch(() => say("The console cannot be reached: try again.")).finally(() => { event.submitter.disabled = false; });
});
dialog.addEventListener("close", () => { put_off = true; });

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401 && !(put_off && detail.requestConfig.verb === "get")) ask();
});
document.addEventListener("signed-out", ask); // for scripts of a page that fetch by themselves
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.verb !== "get") detail.headers["X-CSRFToken"] = csrf();
});
// Another window may have signed in meanwhile.
document.addEventListener("visibilitychange", () => document.hidden || renew(document));
document.addEventListener("submit", ({ target }) => target.method === "post" && renew(target), true);
