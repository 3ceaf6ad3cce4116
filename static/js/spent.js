// What a running job has cost so far, counted on between two answers of the console.

const began = new WeakMap();

function money(amount) {
  if (amount > 0 && amount < 0.0001) return "< $0.0001";
  const text = amount.toFixed(amount >= 1 ? 2 : 4);
  return `$${amount < 1 && text.endsWith("00") ? text.slice(0, -2) : text}`;
}

function run() {
  for (const element of document.querySelectorAll("[data-spent]")) {
    const { spent, rate } = element.dataset;
    let start = began.get(element);
    if (!start || start.spent !== spent) began.set(element, (start = { spent, at: performance.now() }));
    const text = money(Number(spent) + (Number(rate) * (performance.now() - start.at)) / 1000);
    if (element.textContent !== text) element.textContent = text;
  }
}

setInterval(run, 1000);
