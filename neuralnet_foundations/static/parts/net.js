// What NetPlayground knows: the points, the network and its training, which unit and which example are looked at. No
// drawing.
import { layersOf } from "../maths/dense.js";
import { netLoss, surfaces, workFor } from "../maths/net.js";
import { COLUMNS, freshParams, heldBack, pointsOf, readyRows, resized, traced, unitOf } from "../maths/net_shape.js";
import { begun, stepsLeft, trained } from "../maths/net_training.js";
import { floats, packed } from "../shared/numbers.js";

export const COARSE = 40, FULL = 100; // squares a side of a surface while it moves, and at rest
const ENOUGH = 6000; // epochs of one run
const STUCK = "One step on there are no finite numbers: it stops with the last ones. Lower the rate, then Reset.";

/** @typedef {import("../maths/net.js").Shape} Shape */
/** @typedef {import("../maths/net_training.js").Run} Run */
/** @typedef {Run & Shape} State */
/** @typedef {{sizes: string, state: State, limits: number[], work: import("../maths/net.js").Work}} Room */
/** @typedef {{layer: number, unit: number, from: number}} Chosen the last is an input of that unit, or -1: its bias */

/** What is made of a trait once, until it changes. @template T @param {(trait: any) => T} make */
function once(make) {
  let last = /** @type {{trait: any, made: T} | null} */ (null);
  return (/** @type {any} */ trait) => {
    if (last === null || last.trait !== trait) last = { trait, made: make(trait) };
    return last.made;
  };
}

export class Playground {
  /** @param {{get: (name: string) => any, put: (changes: Record<string, unknown>) => void}} box */
  constructor(box) {
    this.box = box;
    this.page = box.get("page");
    this.criterion = /** @type {string} */ (box.get("criterion"));
    /** @type {Chosen} */
    this.chosen = { layer: 1, unit: 0, from: 0 };
    this.example = 0;
    this.ended = ""; // why the last run ended
    this.begunAt = 0;
    this.seed = 0;
    this.rowsOf = once(floats);
    this.partsOf = once((points) => [false, true].map((held) => pointsOf(this.rowsOf(points), held)));
    this.stateOf = once((/** @type {any} */ s) => /** @type {State} */ ({ ...s, params: floats(s.params),
      velocity: floats(s.velocity), losses: floats(s.losses), test_losses: floats(s.test_losses) }));
    this.rooms = /** @type {Map<number, Room>} */ (new Map());
    this.deleted = /** @type {{at: number, values: number[]}[]} */ ([]); // points that can come back
  }

  get rows() { return this.rowsOf(this.box.get("points")); }
  get size() { return this.rows.length / COLUMNS; }
  /** @param {number} i a point: x1, x2, y, held back */
  point(i) { return this.rows.subarray(i * COLUMNS, (i + 1) * COLUMNS); }
  get train() { return this.partsOf(this.box.get("points"))[0]; }
  get test() { return this.partsOf(this.box.get("points"))[1]; }
  get state() { return this.stateOf(this.box.get("state")); }
  get sizes() { return this.state.sizes; }
  get acts() { return this.state.acts; }
  get layers() { return layersOf(this.sizes); }
  get outs() { return this.sizes[this.sizes.length - 1]; }
  get classes() { return this.criterion === "cross_entropy" ? this.outs : 2; }
  get limits() { return /** @type {number[]} */ (this.box.get("limits")); }
  get problem() { return { name: this.criterion, shape: { sizes: this.sizes, acts: this.acts } }; }
  get how() {
    const [lr, momentum, batch_size, shuffle] = ["lr", "momentum", "batch_size", "shuffle"].map((n) => this.box.get(n));
    return { lr, momentum, batch_size, shuffle, keep: this.page.keep, farthest: this.page.farthest };
  }
  /** The loss of all points to learn from, or of those held back; NaN without any. @param {boolean} [held] */
  loss(held = false) {
    const points = held ? this.test : this.train;
    return points.n ? netLoss(this.problem, this.state.params, points) : NaN;
  }

  /** @param {Run} run @param {Shape} [shape] @param {Record<string, unknown>} [more] */
  put(run, { sizes, acts } = this.state, more = {}) {
    const { params, velocity, losses, test_losses, steps, epoch, at } = run;
    this.box.put({ ...more, state: { sizes, acts, params: packed(params), velocity: packed(velocity), steps, epoch, at,
      losses: packed(losses), test_losses: packed(test_losses) } });
  }
  /** Training begins anew with these parameters. @param {ArrayLike<number>} params */
  begin(params, shape = /** @type {Shape} */ (this.state), more = {}) {
    this.ended = "";
    this.put(begun({ name: this.criterion, shape }, params, this.train, this.test), shape, more);
  }
  /** It begins anew with another network, which Reset goes back to. @param {Shape} shape @param {Float64Array} params */
  restart({ sizes, acts }, params) {
    this.begin(params, { sizes, acts }, { start: { sizes, acts, params: packed(params) } });
    this.choose({});
  }
  reset() {
    const start = this.box.get("start");
    this.begin(floats(start.params), start);
    this.choose({});
  }
  /** Other random parameters. */
  renew() { this.restart(this.state, freshParams(this.sizes, ++this.seed)); }
  /** Other hidden layers; what can stay stays. @param {number[]} hidden @param {string[]} acts */
  reshape(hidden, acts) {
    const sizes = [2, ...hidden, this.outs];
    this.restart({ sizes, acts }, resized(this.state, sizes, ++this.seed));
  }
  /**
   * Other points: the network stays, training begins anew.
   * @param {Float64Array} rows @param {number[]} [limits] of points that have nothing to do with those before
   */
  take(rows, limits) {
    if (limits) this.deleted = [];
    const [train, test] = [false, true].map((held) => pointsOf(rows, held));
    this.ended = "";
    const more = { points: packed(rows), limits: limits ?? this.limits };
    this.put(begun(this.problem, this.state.params, train, test), this.state, more);
  }
  /** A ready set. @param {string} name @param {number} noise @param {number} share held back */
  takeSet(name, noise, share) {
    const { clean } = this.page.sets.find((/** @type {{name: string}} */ one) => one.name === name);
    this.take(heldBack(readyRows(floats(clean), floats(this.page.noise), noise), share), this.page.limits);
  }
  /** Another part of the points held back. @param {number} share */
  hold(share) { this.take(heldBack(this.rows, share)); }
  /** A point moved, or of another class. @param {number} i @param {number[]} values x1, x2, y */
  move(i, values) {
    const rows = Float64Array.from(this.rows);
    rows.set(values, i * COLUMNS);
    this.take(rows);
  }
  /** One more point to learn from. @param {number[]} values x1, x2, y */
  add(values) {
    this.example = this.size;
    this.take(Float64Array.from([...this.rows, ...values, 0]));
  }
  /** Can this point go? One to learn from must stay. @param {number} i */
  removable(i) { return this.size > 1 && (this.point(i)[3] === 1 || this.train.n > 1); }
  /** @param {number} i */
  remove(i) {
    if (!this.removable(i)) return;
    this.deleted.push({ at: i, values: [...this.point(i)] });
    this.take(this.rows.filter((_, k) => Math.floor(k / COLUMNS) !== i));
  }
  /** The point that was deleted last comes back to its place. */
  bringBack() {
    const last = this.size < this.page.points ? this.deleted.pop() : undefined;
    if (!last) return;
    const at = last.at * COLUMNS;
    this.take(Float64Array.from([...this.rows.subarray(0, at), ...last.values, ...this.rows.subarray(at)]));
    this.example = last.at;
  }
  /** A point like the example, a little to its right. */
  get beside() {
    const [x, y, target] = this.point(this.example), [from, to] = this.limits;
    return [Number((x + (to - from) / 40).toPrecision(4)), Number(y.toPrecision(4)), target];
  }

  /** Look at another unit or input of it, inside what there is. @param {Partial<Chosen>} change */
  choose(change) {
    const layer = Math.min(change.layer ?? this.chosen.layer, this.layers.length), { ins, outs } = this.layers[layer - 1];
    const unit = Math.min(change.unit ?? this.chosen.unit, outs - 1);
    this.chosen = { layer, unit, from: Math.min(change.from ?? this.chosen.from, ins - 1) };
  }
  /** Where a weight, or for -1 the bias, is among the parameters. @param {Chosen} chosen */
  place({ layer, unit, from } = this.chosen) {
    const { ins, at, bias } = this.layers[layer - 1];
    return from < 0 ? bias + unit : at + unit * ins + from;
  }
  /** A weight or bias by hand. @param {number} v @param {Chosen} [chosen] */
  weigh(v, chosen) {
    const params = this.state.params.slice();
    params[this.place(chosen)] = Math.min(this.page.largest, Math.max(-this.page.largest, v));
    this.begin(params);
  }
  /** How the example goes through, layer by layer. */
  get values() { return traced(this.state, this.state.params, [...this.point(this.example).subarray(0, 2)]); }
  /** The numbers of the unit that is looked at. */
  get unit() { return unitOf(this.state, this.state.params, this.values, this.chosen.layer, this.chosen.unit); }

  /** What each unit gives everywhere, n by n squares. @param {number} n */
  surfaces(n) {
    const { state, limits } = this, sizes = this.sizes.join(), room = this.rooms.get(n);
    if (room?.state === state && room.limits === limits) return room.work.outs;
    const work = room?.sizes === sizes ? room.work : workFor(this.sizes, n * n);
    this.rooms.set(n, { sizes, state, limits, work });
    return surfaces(state, state.params, limits, n, work);
  }

  /** Up to so many steps; tells whether all were possible. @param {number} n */
  descend(n) {
    const { run, taken } = trained(this.problem, this.state, this.train, this.test, this.how, n);
    if (taken) this.put(run);
    if (taken < n) this.ended = STUCK;
    return taken === n;
  }
  /** Epochs of a run; false where it ends. @param {number} n */
  beat(n) {
    const each = Math.ceil(this.train.n / Math.min(this.how.batch_size, this.train.n));
    if (!this.descend(stepsLeft(this.state, this.train.n, this.how) + (n - 1) * each)) return false;
    return this.state.epoch - this.begunAt < ENOUGH;
  }
}
