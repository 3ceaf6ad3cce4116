// A window on a list of lines of any length: only the rows in sight are in the page, found by their line numbers.
// The list is spans of line numbers, [first, last]; row 0 is the first line of the first span.

const TALLEST = 8_000_000; // pixels; browsers draw no element much taller than twice that
const BEYOND = 30; // rows above and below those in sight
const REMEMBERED = 20_000;

export class Spans {
  constructor(spans) { this.replace(spans); }

  replace(spans) {
    [this.spans, this.starts, this.total] = [[], [], 0];
    this.append(spans);
  }

  append(spans) {
    for (const [first, last] of spans) {
      const end = this.spans.at(-1);
      if (end && end[1] + 1 === first) end[1] = last;
      else { this.spans.push([first, last]); this.starts.push(this.total); }
      this.total += last - first + 1;
    }
  }

  // The place of the last span that begins at or before `wanted`.
  static before(list, wanted) {
    let [low, high] = [0, list.length];
    while (low < high) { const middle = (low + high) >> 1; if (list[middle] <= wanted) low = middle + 1; else high = middle; }
    return low - 1;
  }

  numberAt(row) {
    const place = Spans.before(this.starts, row);
    return this.spans[place][0] + row - this.starts[place];
  }

  // The row of a line, or of the next one that is in the list.
  rowOf(number) {
    const place = Spans.before(this.spans.map(([first]) => first), number);
    if (place < 0) return 0;
    const [first, last] = this.spans[place];
    return Math.min(this.starts[place] + Math.min(number, last + 1) - first, this.total - 1);
  }

  has(number) {
    const place = Spans.before(this.spans.map(([first]) => first), number);
    return place >= 0 && number <= this.spans[place][1];
  }
}

export class LogView {
  // `fill(element, line)` writes a line into its row; `fetchLines(spans)` answers lines of numbers that are missing.
  constructor(pane, spans, lines, fill, fetchLines) {
    Object.assign(this, { pane, fill, fetchLines });
    this.list = new Spans(spans);
    this.lines = new Map(lines.map((line) => [line.number, line]));
    this.tall = pane.querySelector("[data-log-rows]");
    this.sheet = this.tall.firstElementChild;
    this.rows = new Map([...this.sheet.querySelectorAll(".line")].map((row) => [Number(row.dataset.number), row]));
    this.asking = false;
    new ResizeObserver(() => this.render()).observe(pane);
  }

  get height() { return this.sheet.querySelector(".line")?.getBoundingClientRect().height || 20; }
  get tallness() { return Math.min(this.list.total * this.height, TALLEST); }
  get inSight() { return Math.ceil(this.pane.clientHeight / this.height); }
  get furthest() { return Math.max(this.tallness - this.pane.clientHeight, 0); }
  get atEnd() { return this.pane.scrollHeight - this.pane.scrollTop - this.pane.clientHeight < 24; }

  // The first row in sight; in a list taller than a browser draws, scrolling covers it in proportion.
  get top() {
    if (this.list.total * this.height <= TALLEST) return Math.floor(this.pane.scrollTop / this.height);
    return Math.round((this.pane.scrollTop / this.furthest) * Math.max(this.list.total - this.inSight, 0));
  }

  add(lines) {
    if (this.lines.size > REMEMBERED) this.lines.clear();
    for (const line of lines) this.lines.set(line.number, line);
  }

  replace(spans, lines) {
    this.list.replace(spans);
    this.add(lines);
    this.render();
  }

  append(spans, lines) {
    this.list.append(spans);
    this.add(lines);
    this.render();
  }

  goToEnd() {
    this.render();
    this.pane.scrollTop = this.pane.scrollHeight;
    this.render();
  }

  goTo(number) {
    const row = Math.max(this.list.rowOf(number) - Math.floor(this.inSight / 3), 0);
    const whole = this.list.total * this.height <= TALLEST;
    this.pane.scrollTop = whole ? row * this.height : (row / Math.max(this.list.total - this.inSight, 1)) * this.furthest;
    this.render();
  }

  render() {
    const height = this.height;
    this.tall.style.height = `${this.tallness}px`;
    const top = Math.max(Math.min(this.top, this.list.total - 1), 0);
    const first = Math.max(top - BEYOND, 0);
    const end = Math.min(top + this.inSight + BEYOND, this.list.total);
    const wanted = Array.from({ length: Math.max(end - first, 0) }, (_, place) => this.list.numberAt(first + place));
    this.place(wanted);
    const whole = this.list.total * height <= TALLEST;
    this.sheet.style.top = `${whole ? first * height : Math.min(this.pane.scrollTop, this.furthest) - (top - first) * height}px`;
    this.tall.style.minWidth = `${Math.max(this.sheet.offsetWidth, parseFloat(this.tall.style.minWidth) || 0)}px`;
    this.ask(wanted.filter((number) => !this.lines.has(number)));
  }

  // The rows of these lines and no others, in order; a row that stays is not touched, so that a selection in it stays.
  place(numbers) {
    const keep = new Set(numbers);
    for (const [number, row] of this.rows) if (!keep.has(number)) { row.remove(); this.rows.delete(number); }
    let [before, fresh] = [null, false];
    for (const number of numbers) {
      let row = this.rows.get(number);
      if (!row) { row = this.row(number); fresh = true; }
      const after = before ? before.nextElementSibling : this.sheet.firstElementChild;
      if (row !== after) this.sheet.insertBefore(row, after);
      if (row.hasAttribute("data-missing") && this.lines.has(number)) { this.write(row, number); fresh = true; }
      before = row;
    }
    while (before && before.nextElementSibling) before.nextElementSibling.remove();
    if (!numbers.length) this.sheet.replaceChildren();
    if (fresh) this.sheet.dispatchEvent(new Event("lines", { bubbles: true }));
  }

  row(number) {
    const row = Object.assign(document.createElement("span"), { className: "line" });
    row.dataset.number = number;
    this.rows.set(number, row);
    this.write(row, number);
    return row;
  }

  write(row, number) {
    const line = this.lines.get(number);
    row.toggleAttribute("data-missing", !line);
    if (line) this.fill(row, line);
    else row.textContent = "\u00a0";
  }

  rewrite() { for (const [number, row] of this.rows) this.write(row, number); this.sheet.dispatchEvent(new Event("lines", { bubbles: true })); }

  async ask(missing) {
    if (this.asking || !missing.length) return;
    this.asking = true;
    const spans = new Spans(missing.map((number) => [number, number])).spans;
    try { this.add(await this.fetchLines(spans)); } catch { this.asking = false; return; }
    this.asking = false;
    if (missing.some((number) => this.lines.has(number))) this.render();
  }
}
