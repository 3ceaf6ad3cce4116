// The page's one event stream. A hidden page lets go of it (browsers allow six connections a server), a page that comes
// back, or whose connection comes back, catches up on everything it may have missed.

const RETRY_MS = 3000;

class Stream {
  #listeners = [];
  #source = null;
  #retry = 0;
  #missed = false;

  constructor(url) {
    this.url = url;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#close() : this.#open()));
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => event.persisted && this.#open());
    if (!document.hidden) this.#open();
  }

  get readyState() { return this.#source?.readyState ?? EventSource.CONNECTING; }

  addEventListener(name, listener) {
    this.#listeners.push([name, listener]);
    this.#source?.addEventListener(name, listener);
  }

  removeEventListener(name, listener) {
    this.#listeners = this.#listeners.filter(([n, l]) => n !== name || l !== listener);
    this.#source?.removeEventListener(name, listener);
  }

  close() { this.#close(); }

  #open() {
    if (this.#source) return;
    const source = (this.#source = new EventSource(this.url));
    for (const [name, listener] of this.#listeners) source.addEventListener(name, listener);
    source.onopen = () => this.#opened();
    source.onerror = () => this.#failed();
  }

  #close() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
    this.#missed = true;
  }

  #opened() {
    delete document.documentElement.dataset.live;
    if (this.#missed) for (const [name, listener] of [...this.#listeners]) listener(new MessageEvent(name));
    this.#missed = false;
  }

  #failed() {
    document.documentElement.dataset.live = "lost";
    this.#missed = true;
    if (this.#source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    this.#close();
    this.#retry = setTimeout(() => document.hidden || this.#open(), RETRY_MS);
  }
}

htmx.createEventSource = (url) => new Stream(url);
