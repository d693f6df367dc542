// What a page changes of a model, on its way to Python and back.
//
// The rule: a page follows the order in which it hears. A hand's change counts from the moment it is made, Python's (or
// another page's) from the moment it comes in, and the newest stands: here, in every view, and in Python. Only one thing
// can break that: a message of ours that was on its way when Python made a change reaches Python after it, and undoes
// it. Its echo tells, and then Python's change is sent back.

const AT_LEAST = 32; // ms, two frames: what a hand changed is painted before anybody is told
const ON_ITS_WAY = 5000; // ms after which a message has arrived, in front ends that do not tell

/** @typedef {ReturnType<typeof setTimeout> | number} Timer */
/** @typedef {(f: () => void, ms: number) => Timer} Later */
/** @typedef {{now: () => number, later: Later, cancel: (timer?: Timer) => void}} Clock */
/** @typedef {(model: WidgetModel, name: string, f: () => void) => unknown} ListenToModel */
/** @typedef {{add: (f: () => void) => unknown, model: ListenToModel}} LifeOfView */
/** @typedef {(foreign: boolean) => void} Hearer hears of a change, by its own view or (`foreign`) by anybody else */

/** @type {Clock} */
const CLOCK = {
  now: () => performance.now(),
  later: (f, ms) => setTimeout(f, ms),
  cancel: (timer) => clearTimeout(timer),
};

/** The bytes of a buffer, whatever it is wrapped in. @param {any} o */
function bytesOf(o) {
  if (ArrayBuffer.isView(o)) return new Uint8Array(o.buffer, o.byteOffset, o.byteLength);
  return o instanceof ArrayBuffer ? new Uint8Array(o) : o;
}

/**
 * Are two values of a trait the same, number by number and byte by byte? What JSON leaves out counts as null.
 * @param {any} p @param {any} q @returns {boolean}
 */
export function same(p, q) {
  const a = bytesOf(p ?? null), b = bytesOf(q ?? null);
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object" || a.length !== b.length) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.every((v, i) => v === b[i]);
  return Object.keys({ ...a, ...b }).every((key) => same(a[key], b[key]));
}

/** What one page changes of a model; all views of it share one. */
class Outbox {
  /** @type {Map<string, unknown>} what was changed here and is not sent yet */
  drafts = new Map();
  /** @type {Map<string, {value: unknown, message: number}>} what was sent last, until Python has dealt with it */
  inFlight = new Map();
  /** @type {Map<string, unknown>} what Python changed while a message about the same name was on its way */
  crossed = new Map();
  /** @type {Map<string, unknown>} the model's values that the views have heard of */
  heard = new Map();
  /** @type {Map<string, Map<Hearer, symbol>>} who hears of a name, and of which view they are */
  hearers = new Map();
  messages = 0;
  sentAt = 0;
  tells = false; // does this front end say when a message has arrived?
  /** @type {Timer | undefined} */
  timer = undefined;

  /** @param {WidgetModel} model @param {number} ms the least time between two messages @param {Clock} clock */
  constructor(model, ms, clock) {
    this.model = model;
    this.ms = ms;
    this.clock = clock;
  }

  /** @param {string} name */
  get(name) { return this.drafts.has(name) ? this.drafts.get(name) : this.model.get(name); }

  /** Change some values; they are sent soon. @param {Record<string, unknown>} changes @param {symbol} [who] the view */
  put(changes, who) {
    for (const [name, value] of Object.entries(changes)) {
      this.drafts.set(name, value);
      this.crossed.delete(name);
    }
    const soon = Math.min(this.ms, AT_LEAST), next = this.sentAt + this.ms - this.clock.now();
    this.timer ??= this.clock.later(() => this.send(), Math.max(soon, next));
    for (const name of Object.keys(changes)) this.tell(name, who);
  }

  /** Send what waits, now. */
  send() {
    this.clock.cancel(this.timer);
    this.timer = undefined;
    const changes = [...this.drafts].filter(([name, value]) => !same(value, this.model.get(name)));
    this.drafts.clear();
    if (!changes.length) return;
    const message = ++this.messages;
    this.sentAt = this.clock.now();
    for (const [name, value] of changes) {
      this.inFlight.set(name, { value, message });
      this.model.set(name, value);
    }
    this.model.save_changes({ iopub: { status: ({ content }) => {
      if (content.execution_state !== "idle") return;
      this.tells = true;
      this.arrived(message);
    } } });
  }

  /** Python has dealt with all messages up to this one. @param {number} message */
  arrived(message) {
    for (const [name, sent] of this.inFlight) if (sent.message <= message) {
      this.inFlight.delete(name);
      this.crossed.delete(name);
    }
  }

  /** The model's value may be another: every view says so, the first is enough. @param {string} name */
  changed(name) {
    const value = this.model.get(name);
    if (this.heard.get(name) === value) return;
    this.heard.set(name, value);
    if (!this.tells && this.clock.now() - this.sentAt > ON_ITS_WAY) this.arrived(this.messages);
    const sent = this.inFlight.get(name);
    if (sent && same(value, sent.value)) return this.echoed(name);
    this.drafts.delete(name);
    if (sent) this.crossed.set(name, value);
    this.tell(name);
  }

  /** Our own message has come back from Python: what it undid there is sent again. @param {string} name */
  echoed(name) {
    if (this.crossed.has(name) && !this.drafts.has(name)) this.put({ [name]: this.crossed.get(name) });
  }

  /** @param {string} name @param {symbol} [who] whose change it is; nobody's: Python's or another page's */
  tell(name, who) {
    for (const [f, whose] of this.hearers.get(name) ?? []) f(whose !== who);
  }
}

/** @typedef {ReturnType<typeof outbox>} Part a view's part in its model's outbox */
/** @type {WeakMap<object, Outbox>} */
const boxes = new WeakMap();

/**
 * What all views of a model have in common: in a notebook each gets a model of its own around it.
 * @param {WidgetModel} model
 */
function identity(model) {
  const layout = model.get("layout");
  return layout && typeof layout === "object" ? layout : model;
}

/**
 * A view's part in its model's outbox: `get`, `put`, and `on(name, f)` with f(foreign) after each change.
 * @param {WidgetModel} model @param {LifeOfView} life @param {number} ms the least time between two messages
 * @param {Clock} clock
 */
export function outbox(model, life, ms = 100, clock = CLOCK) {
  const key = identity(model), box = boxes.get(key) ?? new Outbox(model, ms, clock), who = Symbol("view");
  boxes.set(key, box);
  life.add(() => box.send());
  return {
    /** @param {string} name */
    get: (name) => box.get(name),
    /** @param {Record<string, unknown>} changes */
    put: (changes) => box.put(changes, who),
    /** @param {string} name @param {Hearer} f */
    on(name, f) {
      const hearers = box.hearers.get(name) ?? new Map();
      box.hearers.set(name, hearers.set(f, who));
      life.model(model, `change:${name}`, () => box.changed(name));
      life.add(() => hearers.delete(f));
    },
  };
}
