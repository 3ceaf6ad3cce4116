// The history's filter: a new order is shown at once, and the choice keeps the focus on the page that shows it.

const KEY = "order-chosen";
const order = document.querySelector(".filters select");

order.addEventListener("change", () => {
  try { sessionStorage.setItem(KEY, location.pathname); } catch { /* storage is refused: the focus starts anew */ }
  order.form.requestSubmit();
});

try {
  if (sessionStorage.getItem(KEY) === location.pathname) order.focus();
  sessionStorage.removeItem(KEY);
} catch { /* storage is refused */ }
