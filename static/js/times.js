// Times: "2 min ago" that stays true, the exact time in the reader's zone on hover, and running clocks (0:41).

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
const hour = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const ticking = new WeakMap();
const titles = new WeakMap(); // the exact time written on each element: formatting thousands of log lines again would cost

function ago(moment) {
  const age = (Date.now() - moment) / 1000;
  if (age < 5) return "now";
  if (age < 60) return `${Math.floor(age)} s ago`;
  if (age < 3600) return `${Math.floor(age / 60)} min ago`;
  if (age < 86400) return `${Math.floor(age / 3600)} h ago`;
  return age < 300 * 86400 ? day.format(moment) : `${day.format(moment)} ${moment.getFullYear()}`;
}

function clock(seconds) {
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const [h, m, s] = [seconds / 3600, (seconds % 3600) / 60, seconds % 60].map(Math.floor);
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tick(element) {
  const given = element.dataset.ticking;
  let start = ticking.get(element);
  if (!start || start.given !== given) ticking.set(element, (start = { given, at: performance.now() }));
  write(element, clock(Number(given) + (performance.now() - start.at) / 1000));
}

function localise(within) {
  for (const element of within.querySelectorAll("time[datetime]")) {
    if (titles.has(element) && titles.get(element) === element.title) continue;
    const moment = new Date(element.dateTime);
    element.title = exact.format(moment);
    titles.set(element, element.title);
    if ("hour" in element.dataset) write(element, hour.format(moment));
  }
}

function run() {
  for (const element of document.querySelectorAll("time[data-ago]")) write(element, ago(new Date(element.dateTime)));
  for (const element of document.querySelectorAll("[data-ticking]")) tick(element);
}

function update() {
  localise(document);
  run();
}

update();
setInterval(run, 1000);
document.addEventListener("htmx:afterSwap", update);
document.addEventListener("lines", (event) => localise(event.target));
