// A model of what an outbox lives in: Python, pages with two views each, and messages that take their time. A world
// moves by one event at a time (a hand, Python's own change, a timer, a message that arrives), so that every order can
// be tried.
import { isDeepStrictEqual } from "node:util";
import { outbox } from "../../neuralnet_foundations/static/shared/outbox.js";

const copy = (o) => JSON.parse(JSON.stringify(o));

/** Python, and the channels to it. `torn`: a change of its own may come between a message's echo and what it sets. */
class Kernel {
  constructor({ torn = false, corrects = false }) {
    Object.assign(this, { torn, corrects, pages: [], inbox: [], half: null, ids: 0, state: { a: 0, b: 0 } });
  }
  join(page) { this.pages.push(page); this.inbox.push([]); }
  broadcast(message) { for (const page of this.pages) page.incoming.push(copy(message)); }
  post(page, state) {
    this.inbox[this.pages.indexOf(page)].push({ id: ++this.ids, page, state: copy(state) });
    return this.ids;
  }
  /** Python's own change; none, and no message, where nothing differs. */
  say(changes) {
    for (const [name, value] of Object.entries(changes)) if (this.state[name] !== value) {
      this.state[name] = value;
      this.broadcast({ kind: "update", state: { [name]: value } });
    }
  }
  take(i) {
    const message = this.inbox[i].shift();
    this.broadcast({ kind: "echo", id: message.id, state: message.state });
    if (this.torn) this.half = message; else this.finish(message);
  }
  finish(message) {
    this.half = null;
    for (const [name, value] of Object.entries(message.state)) {
      this.state[name] = value;
      if (this.corrects && value % 2 === 0 && value < 1000) this.say({ [name]: value + 1001 });
    }
    message.page.incoming.push({ kind: "idle", id: message.id });
  }
}

/** A widget's model as JupyterLab has it: one message on its way, the next gathers; only the newest's echo counts. */
class JupyterModel {
  constructor(kernel) {
    Object.assign(this, { kernel, values: { ...kernel.state, layout: {} }, handlers: new Map(), incoming: [] });
    Object.assign(this, { waiting: new Map(), expected: new Map(), unsent: new Set(), difference: {}, lock: null });
    Object.assign(this, { pending: 0, buffer: null, bufferStatus: null });
    kernel.join(this);
  }
  get(name) { return this.values[name]; }
  on(name, f) { this.handlers.set(name, [...(this.handlers.get(name) ?? []), f]); }
  off(name, f) { this.handlers.set(name, this.handlers.get(name).filter((g) => g !== f)); }
  set(name, value) {
    if (isDeepStrictEqual(this.values[name], value)) return;
    this.values[name] = value;
    if (!(this.lock && this.lock[name] === value)) this.difference[name] = value;
    for (const f of this.handlers.get(`change:${name}`) ?? []) f();
  }
  save_changes({ iopub: { status } }) {
    const state = this.difference;
    this.difference = {};
    if (!Object.keys(state).length) return;
    for (const name of Object.keys(state)) this.unsent.add(name);
    if (this.pending < 1) return this.send(state, status);
    this.buffer = { ...this.buffer, ...state };
    this.bufferStatus = status;
  }
  send(state, status) {
    const id = this.kernel.post(this, state);
    this.waiting.set(id, status);
    this.pending++;
    for (const name of this.unsent) this.expected.set(name, id);
    this.unsent.clear();
  }
  receive() {
    const message = this.incoming.shift();
    if (message.kind === "idle") return this.idle(message.id);
    const state = message.kind === "echo" ? this.wanted(message) : message.state;
    const foreign = message.kind === "update" || !this.waiting.has(message.id) ? state : {};
    this.lock = state;
    for (const [name, value] of Object.entries(state)) this.set(name, value);
    this.lock = null;
    return foreign;
  }
  wanted({ id, state }) {
    for (const name of Object.keys(state)) if (this.expected.has(name)) {
      if (this.expected.get(name) !== id) { delete state[name]; continue; }
      this.expected.delete(name);
      if (this.buffer && name in this.buffer) delete state[name];
    }
    return state;
  }
  get told() { return this.heardStatus; }
  idle(id) {
    this.pending--;
    if (this.buffer && this.pending < 1) {
      this.send(this.buffer, this.bufferStatus);
      this.buffer = this.bufferStatus = null;
    }
    this.waiting.get(id)({ content: { execution_state: "idle" } });
    this.waiting.delete(id);
    this.heardStatus = true;
    return {};
  }
}

/** A front end that never tells when a message has arrived. */
class SilentModel extends JupyterModel {
  send(state) { super.send(state, () => {}); }
  get told() { return false; }
}

/** A page: one outbox under two views; `log` has the newest value of each name, in the order in which the page heard. */
class Page {
  constructor(kernel, Model) {
    this.time = 1e5; this.timers = [];
    this.clock = { now: () => this.time, later: (f, ms) => this.later(f, ms), cancel: (timer) => this.cancel(timer) };
    this.model = new Model(kernel);
    this.log = { ...kernel.state };
    this.views = [this.view(), this.view()];
  }
  later(f, ms) {
    const timer = { f, at: this.time + ms };
    this.timers.push(timer);
    return timer;
  }
  cancel(timer) { this.timers = this.timers.filter((t) => t !== timer); }
  view() {
    const { model } = this, own = {}; // anywidget gives each view a model of its own
    for (const name of ["get", "set", "save_changes", "on", "off"]) own[name] = model[name].bind(model);
    const life = { add() {}, model: (m, name, f) => m.on(name, f) };
    const box = outbox(own, life, 100, this.clock), shown = { a: 0, b: 0 };
    for (const name of ["a", "b"]) box.on(name, () => { shown[name] = box.get(name); });
    return { box, shown };
  }
  put(view, changes) { Object.assign(this.log, changes); this.views[view].box.put(changes); }
  receive() { Object.assign(this.log, this.model.receive()); }
  tick() {
    const next = this.timers.reduce((a, b) => (b.at < a.at ? b : a));
    this.time = Math.max(this.time, next.at);
    this.cancel(next);
    next.f();
  }
  /** What this page has wrong: its views must show the newest that it heard of; if not `strict`, all the same. */
  wrong(strict) {
    for (const name of ["a", "b"]) for (const { box, shown } of this.views) {
      const wanted = strict ? this.log[name] : this.views[0].box.get(name);
      if (shown[name] === wanted && box.get(name) === wanted) continue;
      return `a view shows ${name} = ${shown[name]}, not ${wanted}`;
    }
    return null;
  }
}

const MODELS = { jupyter: JupyterModel, silent: SilentModel };

/** A world; `hands[i]` and `python` are what page i and Python are still going to do. */
class World {
  constructor({ pages = 1, front = "jupyter", torn, corrects, hands = [], python = [] }) {
    this.kernel = new Kernel({ torn, corrects });
    this.pages = Array.from({ length: pages }, () => new Page(this.kernel, MODELS[front]));
    this.hands = hands.map((o) => [...o]); this.python = [...python];
    this.strict = pages === 1;
  }
  /** What may happen next. */
  events() {
    const { kernel, pages, python, hands } = this, out = [];
    const may = (possible, what, run, data) => { if (possible) out.push({ what, run, data }); };
    may(python.length, "python", () => kernel.say(python.shift()), python[0]);
    may(kernel.half, "sets", () => kernel.finish(kernel.half));
    pages.forEach((page, i) => {
      const hand = hands[i] ?? [], inbox = kernel.inbox[i], { incoming } = page.model;
      may(hand.length, `hand ${i}`, () => page.put(...hand.shift()), hand[0]?.[1]);
      may(page.timers.length, `timer ${i}`, () => page.tick());
      may(inbox.length && !kernel.half, `kernel takes ${i}`, () => kernel.take(i), inbox[0]?.state);
      may(page.naps && page.model.told, `pause ${i}`, () => { page.naps--; page.time += 10000; });
      may(incoming.length, `page ${i} hears`, () => page.receive(), incoming[0]);
    });
    return out;
  }
  /** What is wrong now; at rest also where pages and Python differ. */
  wrong(rest) {
    for (const page of this.pages) {
      const found = page.wrong(this.strict);
      if (found) return found;
      if (rest) for (const name of ["a", "b"]) {
        const here = page.views[0].box.get(name), there = this.kernel.state[name];
        if (here !== there) return `at rest the page has ${name} = ${here}, Python ${there}`;
      }
    }
    return null;
  }
}

/** Run `choose(events)` to the end; gives what went wrong, if anything, with all that had happened. */
function play(world, choose, most = 400) {
  const story = [];
  for (let events = world.events(); events.length; events = world.events()) {
    const event = choose(events);
    event.run();
    story.push(event.data ? `${event.what} ${JSON.stringify(event.data)}` : event.what);
    const found = world.wrong(false);
    if (found) return { found, story };
    if (story.length > most) return { found: "it never comes to rest", story };
  }
  const found = world.wrong(true);
  return found ? { found, story } : null;
}

/** Every order of the events of one world. @returns {{orders: number, failures: number, first: ?Object}} */
export function everyOrder(setting, most = 2e6) {
  let path = [], orders = 0, failures = 0, first = null;
  do {
    const counts = [];
    let depth = 0;
    const failed = play(new World(setting), (events) => {
      counts.push(events.length);
      path[depth] ??= 0;
      return events[path[depth++]];
    });
    orders++;
    if (failed) { failures++; first ??= failed; }
    path.length = depth;
    while (path.length && ++path[path.length - 1] >= counts[path.length - 1]) path.pop();
  } while (path.length && orders < most);
  if (path.length) throw new Error(`more than ${most} orders`);
  return { orders, failures, first };
}

/** A generator of numbers in 0..1 that repeats: mulberry32. */
function randomOf(seed) {
  let a = seed >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Changes of one name or of both, with values from `next`. */
function changes(random, next) {
  if (random() < 0.2) return { a: next(), b: next() };
  return random() < 0.7 ? { a: next() } : { b: next() };
}

/** A world in which everybody has something to do. */
function randomWorld(setting, random, next) {
  const some = (most) => Array.from({ length: Math.floor(random() * (most + 1)) });
  const hand = () => some(6).map(() => [Math.floor(2 * random()), changes(random, next)]);
  const hands = Array.from({ length: setting.pages ?? 1 }, hand);
  const world = new World({ ...setting, hands, python: some(4).map(() => changes(random, next)) });
  for (const page of world.pages) page.naps = Math.floor(3 * random());
  return world;
}

/** Somebody says one word more in a world at rest. */
function lastWord(world, random, last) {
  const who = Math.floor(random() * (world.pages.length + 1));
  if (who < world.pages.length) world.hands[who].push([0, last]); else world.python.push(last);
}

/**
 * Many random worlds; when one is at rest somebody says one word more, and that must stand everywhere.
 * @returns {{worlds: number, events: number, failures: number, first: ?Object}}
 */
export function randomOrders(setting, seed, worlds) {
  const random = randomOf(seed), pick = (list) => list[Math.floor(random() * list.length)];
  let events = 0, failures = 0, first = null, value = 1;
  const next = () => { value += 3; return value; };
  for (let n = 0; n < worlds; n++) {
    value = 1;
    const world = randomWorld(setting, random, next);
    const speed = { pause: 0.02 };
    for (const who of ["python", "hand", "timer", "kernel", "page", "sets"]) speed[who] = random();
    const choose = (all) => {
      events++;
      for (;;) { const one = pick(all); if (random() < 0.02 + speed[one.what.split(" ")[0]]) return one; }
    };
    let failed = play(world, choose);
    if (!failed) {
      const last = { a: next() };
      lastWord(world, random, last);
      failed = play(world, choose);
      const stands = setting.corrects || world.kernel.state.a === last.a;
      if (!stands) failed ??= { found: "the last word does not stand", story: [] };
    }
    if (failed) { failures++; first ??= { world: n, ...failed }; }
  }
  return { worlds, events, failures, first };
}

const first = (events) => events[0];
const state = ({ kernel, pages }) => [kernel.state.a, ...pages.flatMap((page) => page.views.map(({ shown }) => shown.a))];

/** What Python and the views have after words, [page's number or "python", value], each said when all is at rest. */
export function inTurn(setting, words) {
  const world = new World(setting);
  for (const [who, a] of words) {
    if (who === "python") world.python.push({ a }); else (world.hands[who] ??= []).push([0, { a }]);
    const failed = play(world, first);
    if (failed) throw new Error(`${failed.found} after ${failed.story.join(", ")}`);
  }
  return state(world);
}

/** How often a view hears of one change of Python's, of one of its own, and of one of the other view's. */
export function timesTold() {
  const world = new World({}), [page] = world.pages, told = [];
  page.views[0].box.on("a", (foreign) => told.push(foreign));
  const counts = [["python", () => world.kernel.say({ a: 1 })], ["own", () => page.put(0, { a: 2 })],
    ["other", () => page.put(1, { a: 3 })]];
  return counts.map(([, act]) => {
    act();
    play(world, first);
    return told.splice(0);
  });
}
