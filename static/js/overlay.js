// Other jobs laid over a job's own curve: chosen from a list, kept in the page's address (?with=a,b).

const root = document.querySelector("[data-curves]");
const choice = root.querySelector("[data-curve-with]");

function set(names) {
  root.dataset.jobs = names.join(",");
  const address = new URL(location.href);
  if (names.length > 1) address.searchParams.set("with", names.slice(1).join(","));
  else address.searchParams.delete("with");
  history.replaceState(history.state, "", address);
  for (const option of choice?.options ?? []) option.disabled = names.includes(option.value);
  root.dispatchEvent(new Event("jobs"));
}

const names = () => root.dataset.jobs.split(",");

choice?.addEventListener("change", () => {
  if (choice.value) set([...names(), choice.value]);
  choice.value = "";
});
root.addEventListener("remove", ({ detail }) => set(names().filter((name) => name !== detail)));
for (const option of choice?.options ?? []) option.disabled = names().includes(option.value);
