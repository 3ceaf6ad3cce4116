// A file goes to the console part by part. Whatever is cut off, here or there, goes on at the byte that the console names.

import { csrf } from "./session.js";

const form = document.querySelector("[data-upload]");
const input = form.querySelector("[type=file]");
const part = (name) => form.querySelector(`[data-${name}]`);
const [drop, bar] = [form.querySelector(".drop"), form.querySelector("progress")];
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
const MEMORY_MS = 8_000; // the speed is that of the last seconds
let running = null;

const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

function size(bytes) {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let unit = 0;
  for (; bytes >= 1024 && unit < units.length - 1; unit += 1) bytes /= 1024;
  return `${bytes.toFixed(unit > 1 && bytes < 100 ? 1 : 0)} ${units[unit]}`;
}

function length(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s` : `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

// One request; `onProgress` is told of the bytes that have left. Answers status and JSON; status 0 when nobody answered.
function send(method, url, body, onProgress) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.responseType = "json";
    request.setRequestHeader("X-CSRFToken", csrf());
    request.setRequestHeader("Accept", "application/json");
    if (onProgress) request.upload.onprogress = ({ loaded }) => onProgress(loaded);
    request.onloadend = () => done({ status: request.status, answer: request.response ?? {} });
    if (running) running.request = request;
    request.send(body);
  });
}

function show(bytes, total) {
  const now = performance.now();
  const { marks } = running;
  marks.push([now, bytes]);
  while (marks.length > 2 && now - marks[0][0] > MEMORY_MS) marks.shift();
  const [then, before] = marks[0];
  const speed = now > then ? ((bytes - before) * 1000) / (now - then) : 0;
  bar.value = total ? (100 * bytes) / total : 0;
  const rest = speed > 0 ? `, ${size(speed)} a second, ${length((total - bytes) / speed)} left` : "";
  if (now - running.told < 500 && bytes < total) return;
  running.told = now;
  part("told").textContent = `${size(bytes)} of ${size(total)}${rest}`;
}

function trouble(text) {
  part("trouble").textContent = text;
  part("trouble").hidden = !text;
}

function refuse(errors) {
  const left = [];
  for (const [name, texts] of Object.entries(errors)) {
    const place = form.querySelector(`#id_${name}-error`);
    const field = form.querySelector(`[name="${name}"]`);
    if (!place) { left.push(...texts); continue; }
    place.textContent = texts.join(" ");
    place.hidden = false;
    field?.setAttribute("aria-invalid", "true");
    field?.setAttribute("aria-describedby", place.id);
  }
  trouble(left.join(" "));
  form.querySelector("[aria-invalid]")?.focus();
}

function forgive() {
  for (const place of form.querySelectorAll(".error")) place.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  trouble("");
}

// Parts until the console has all, from where it says; waits longer each time that nobody answers.
async function parts(file, upload) {
  let wait = FIRST_WAIT_MS;
  while (upload.offset < upload.size && running) {
    const end = Math.min(upload.offset + upload.part_bytes, upload.size);
    const from = upload.offset;
    const { status, answer } = await send("PUT", `${upload.url}?offset=${from}`, file.slice(from, end), (sent) => running && show(Math.min(from + sent, end), upload.size));
    if (!running) return false;
    if (status === 200 || status === 409) {
      upload.offset = answer.offset;
      wait = FIRST_WAIT_MS;
      trouble("");
      show(upload.offset, upload.size);
    } else if (status === 401) {
      document.dispatchEvent(new Event("signed-out"));
      await new Promise((done) => { document.addEventListener("signed-in", done, { once: true }); });
    } else if (status === 0 || status >= 500) {
      trouble(`The console does not answer. Going on in ${length(wait / 1000)}.`);
      await pause(wait);
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
      const { status: now, answer: where } = await send("GET", upload.url);
      if (now === 200) upload.offset = where.offset;
    } else {
      refuse(answer.errors ?? { "": ["The file could not be read. Was it changed or moved? Pick it again."] });
      return false;
    }
  }
  return Boolean(running);
}

async function finish(upload) {
  let wait = FIRST_WAIT_MS;
  while (running) {
    const { status, answer } = await send("POST", `${upload.url}finish/`);
    if (status === 201) return location.assign(answer.url);
    if (status !== 0 && status < 500) return refuse(answer.errors ?? { "": ["The upload could not be finished. Try again."] });
    await pause(wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
  return undefined;
}

function busy(is) {
  part("start").disabled = is;
  part("cancel").hidden = !is;
  part("progress").hidden = !is;
  input.disabled = is;
}

async function start() {
  const [file] = input.files;
  forgive();
  if (!file) return refuse({ size: ["Choose a file."] });
  const body = new FormData(form);
  for (const [name, value] of Object.entries({ filename: file.name, size: file.size, modified: file.lastModified })) body.set(name, value);
  running = { marks: [], told: 0, request: null, url: "" };
  busy(true);
  const { status, answer } = await send("POST", form.action, body);
  if (status === 201) {
    running.url = answer.url;
    show(answer.offset, answer.size);
    running.told = 0;
    if (await parts(file, answer)) await finish(answer);
  } else if (status === 401) document.dispatchEvent(new Event("signed-out"));
  else refuse(answer.errors ?? { "": ["The console does not answer. Try again."] });
  running = null;
  return busy(false);
}

async function cancel() {
  const { request, url } = running;
  running = null;
  request?.abort();
  if (url) await send("DELETE", url);
  busy(false);
  trouble("");
}

function picked() {
  const [file] = input.files;
  if (!file) return;
  part("picked").textContent = `${file.name}, ${size(file.size)}`;
  const name = form.elements.name;
  if (!name.value || name.dataset.made) {
    name.value = file.name.replace(/\.[^.]*$/, "").replace(/[^a-zA-Z0-9_-]+/g, "-").replace(/^[-_]+|[-_]+$/g, "").slice(0, 63);
    name.dataset.made = "yes";
  }
}

input.addEventListener("change", picked);
form.elements.name.addEventListener("input", ({ target }) => { delete target.dataset.made; });
for (const name of ["dragenter", "dragover"]) drop.addEventListener(name, () => drop.classList.add("over"));
for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  event.stopPropagation(); // the button is this script's to disable
  if (!running) start();
});
part("cancel").addEventListener("click", cancel);
for (const button of document.querySelectorAll("[data-give-up]")) {
  button.addEventListener("click", async () => {
    const { status } = await send("DELETE", button.dataset.giveUp);
    if (status === 204 || status === 404) button.closest("li").remove();
  });
}
