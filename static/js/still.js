// hx-swap="still": brings a region to the state of the fresh partial by changing only what differs, so that focus, a text
// selection, scroll positions and running animations stay. Children with an id are matched by it, others by position.
// A list marked data-hold neither gains, loses nor moves rows while the pointer or the focus is on it.

function same(old, fresh) {
  return old.nodeType === fresh.nodeType && old.nodeName === fresh.nodeName && (old.id || "") === (fresh.id || "");
}

// What the reader, not the server, decides: a folded part stays as it is.
const READERS = new Set(["open"]);

function attributes(old, fresh) {
  for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !READERS.has(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
}

function update(old, fresh, added) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  attributes(old, fresh);
  children(old, fresh, added);
}

function held(list) {
  return list.hasAttribute("data-hold") && (list.matches(":hover") || list.contains(document.activeElement));
}

function children(old, fresh, added) {
  const byId = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  if (held(old)) {
    for (const child of fresh.children) if (byId.has(child.id)) update(byId.get(child.id), child, added);
    return;
  }
  let place = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    const known = child.id ? byId.get(child.id) : place && same(place, child) ? place : null;
    if (!known) {
      old.insertBefore(child, place);
      if (child.nodeType === Node.ELEMENT_NODE) added.push(child);
      continue;
    }
    if (known === place) place = place.nextSibling;
    else old.insertBefore(known, place);
    update(known, child, added);
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

htmx.defineExtension("still", {
  isInlineSwap: (style) => style === "still",
  handleSwap(style, target, fragment) {
    if (style !== "still") return false;
    const fresh = fragment.nodeType === Node.DOCUMENT_FRAGMENT_NODE ? fragment.firstElementChild : fragment;
    const added = [];
    if (fresh && same(target, fresh)) update(target, fresh, added);
    return added;
  },
});
