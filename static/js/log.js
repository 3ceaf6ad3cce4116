// The log: fetches only the lines after the last one shown, follows the end until paused, keeps a bounded number of lines.

const MOST_LINES = 3000;
const POLL_MS = 15000;
const log = document.getElementById("log");
const button = document.querySelector("[data-log-follow]");
const state = document.querySelector("[data-log-state]");
let following = true;
let fetching = false;
let again = false;

function line({ number, at, text }) {
  const element = document.createElement("span");
  element.className = "line";
  element.dataset.number = number;
  const time = document.createElement("time");
  time.dateTime = at;
  time.dataset.hour = "";
  element.append(time, text.replaceAll("#011", "\t"), "\n"); // how SageMaker's logs write a tab
  return element;
}

const ended = () => document.getElementById("job").dataset.ended === "yes";
const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 24;

function selecting() {
  const selection = getSelection();
  return !selection.isCollapsed && log.contains(selection.anchorNode);
}

// Lines are only added while the reader is elsewhere in the log; only at its end are the oldest let go.
function append(lines) {
  if (!lines.length) return;
  log.querySelector("p")?.remove();
  log.append(...lines.map(line));
  if (following && !selecting()) goToEnd();
  log.dispatchEvent(new Event("lines", { bubbles: true }));
}

function goToEnd() {
  for (let extra = log.childElementCount - MOST_LINES; extra > 0; extra -= 1) log.firstElementChild.remove();
  log.scrollTop = log.scrollHeight;
}

async function more() {
  show();
  if (!following && log.childElementCount >= MOST_LINES) return;
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    const response = await fetch(`${log.dataset.log}?after=${log.dataset.last}`);
    if (response.redirected) { location.reload(); return; }
    if (!response.ok) return;
    const tail = await response.json();
    append(tail.lines);
    log.dataset.last = tail.last;
    again ||= tail.more;
    if (ended() && log.querySelector("p")) log.querySelector("p").textContent = log.dataset.none;
  } catch {
    again = false; // the server is away; the next event or poll tries again
  } finally {
    fetching = false;
  }
  if (again) { again = false; await more(); }
}

function show() {
  const word = ended() ? "ended" : following ? "following" : "paused";
  if (state.textContent === word) return;
  state.textContent = word;
  state.className = `pill ${{ ended: "stop", following: "run", paused: "wait" }[word]}`;
  button.textContent = following ? "Pause" : "Follow";
  button.hidden = word === "ended";
}

function follow(on) {
  following = on;
  show();
  if (on) { goToEnd(); more(); }
}

log.scrollTop = log.scrollHeight;
button.addEventListener("click", () => follow(!following));
log.addEventListener("scroll", () => atEnd() !== following && follow(atEnd()), { passive: true });
log.addEventListener("htmx:sseMessage", more);
document.addEventListener("htmx:afterSwap", (event) => event.target.id === "job" && ended() && more());
setInterval(() => ended() || more(), POLL_MS);
