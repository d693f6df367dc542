// What a page changes of a model, on its way to Python and back.

/**
 * `f` at most every `ms`, always once more at rest, with the newest arguments; `.flush()` runs a waiting call now.
 * Unless `ms` is 0 the first call waits two frames: what a hand changed is painted before anybody is told.
 */
export function throttle(f, ms = 100) {
  let timer = null, last = 0, waiting = null;
  const fire = () => { timer = null; if (!waiting) return; last = performance.now(); const a = waiting; waiting = null; f(...a); };
  const call = (...args) => { waiting = args; timer ??= setTimeout(fire, Math.max(Math.min(ms, 32), last + ms - performance.now())); };
  call.flush = () => { clearTimeout(timer); fire(); };
  call.cancel = () => { clearTimeout(timer); timer = null; waiting = null; };
  return call;
}

const bytes = (o) => (ArrayBuffer.isView(o) ? new Uint8Array(o.buffer, o.byteOffset, o.byteLength) : o instanceof ArrayBuffer ? new Uint8Array(o) : o);

/** Are two values of a trait the same, number by number and byte by byte? What JSON leaves out counts as null. */
function same(p, q) {
  const a = bytes(p ?? null), b = bytes(q ?? null);
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object" || a.length !== b.length) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.every((v, i) => v === b[i]);
  return Object.keys({ ...a, ...b }).every((key) => same(a[key], b[key]));
}

const boxes = new WeakMap();
const ON_ITS_WAY = 5000; // ms after which a message has arrived, in front ends that do not tell

/**
 * What one page changes of a model. A change is kept here until it is sent, at most every `ms`: the kernel's echo of an earlier one comes into
 * the model meanwhile, and touches nothing. What Python or another page sets goes before it, also before what is on its way to Python just
 * then: where that arrives after all, its echo tells, and Python's own value is sent back.
 */
class Outbox {
  constructor(model, ms) {
    Object.assign(this, { model, drafts: new Map(), sent: new Map(), seen: new Map(), crossed: new Map(), hearers: new Map(), posts: 0, arrived: 0 });
    this.send = throttle(() => this.post(), ms);
  }

  get(name) { return this.drafts.has(name) ? this.drafts.get(name) : this.model.get(name); }

  put(changes, who) {
    for (const [name, v] of Object.entries(changes)) { this.drafts.set(name, v); this.crossed.delete(name); }
    this.send();
    for (const name of Object.keys(changes)) this.tell(name, who);
  }

  post() {
    const all = [...this.drafts].filter(([name, v]) => !same(v, this.model.get(name))); // the model sends only what differs
    this.drafts.clear();
    if (!all.length) return;
    const post = ++this.posts;
    this.last = performance.now();
    for (const [name, v] of all) { this.sent.set(name, v); this.seen.set(name, v); this.model.set(name, v); }
    this.model.save_changes({ iopub: { status: (o) => { if (o.content.execution_state === "idle") this.arrived = Math.max(this.arrived, post); } } });
  }

  tell(name, who) { for (const [f, whose] of this.hearers.get(name) || []) f(whose !== who); }

  /** The model's value differs: every view hears that, the first to say so is enough. */
  changed(name) {
    const v = this.model.get(name);
    if (this.seen.get(name) === v) return;
    this.seen.set(name, v);
    if (this.sent.has(name) && same(v, this.sent.get(name))) { // an echo
      if (this.crossed.has(name) && !this.drafts.has(name)) this.put({ [name]: this.crossed.get(name) });
      return;
    }
    this.drafts.delete(name);
    if (this.arrived < this.posts && performance.now() - this.last < ON_ITS_WAY) this.crossed.set(name, v); else this.sent.delete(name);
    this.tell(name);
  }
}

/** A view's part in its model's outbox: `get`, `put`, and `on(name, f)` with f(foreign) after each change, by this view or (`foreign`) by others. */
export function outbox(model, life, ms = 100) {
  const layout = model.get("layout"), key = layout && typeof layout === "object" ? layout : model; // views in a notebook get models of their own around it
  if (!boxes.has(key)) boxes.set(key, new Outbox(model, ms));
  const box = boxes.get(key), who = Symbol("view"), { hearers } = box;
  life.add(() => box.send.flush());
  const on = (name, f) => {
    if (!hearers.has(name)) hearers.set(name, new Map());
    hearers.get(name).set(f, who);
    life.model(model, `change:${name}`, () => box.changed(name)).add(() => hearers.get(name).delete(f));
  };
  return { get: (name) => box.get(name), put: (changes) => box.put(changes, who), on };
}
