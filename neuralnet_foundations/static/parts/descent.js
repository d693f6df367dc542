// What DescentExplorer knows: the problem, the path so far, the landscape around it. No drawing.
import { roundLevels } from "../maths/contours.js";
import { advance, begin, judge, landscape, room, samples } from "../maths/descent.js";
import { lowest } from "../maths/lowest.js";
import { floats, packed } from "../shared/numbers.js";

const BANDS = 9;
const TOO_LARGE = "These numbers are too large: their loss at the start is not finite. The points are as they were.";
const COARSE = 32; // samples a side of a map that changes with every move; the full number comes at rest

/** @typedef {import("../shared/own_data.js").OwnData} OwnData */
/** @typedef {import("../maths/descent.js").State & {criterion: string}} State */
/** @typedef {{key: string, n: number, full: boolean, values: Float64Array, levels: number[], low: number, span: number}} Land */

export class Descent {
  /** @param {{get: (name: string) => any, put: (changes: Record<string, unknown>) => void}} box */
  constructor(box) {
    const { f, losses, vary } = box.get("spec");
    this.box = box;
    /** @type {Land | null} */
    this.land = null;
    this.curve = f;
    this.losses = losses;
    /** @type {string[]} the one or two parameters that descent moves */
    this.moving = vary;
    /** @type {string[]} */
    this.names = f.names;
    this.held = this.names.filter((name) => !vary.includes(name));
    this.measure();
    this.keep = box.get("page").keep;
    /** @type {{trait: any, state: State | null}} */
    this.latest = { trait: null, state: null };
    /** @type {{of: unknown[], state: State | null}} */
    this.ahead = { of: [], state: null };
  }

  /** Take the points: somebody's own where there are any, else the lesson's. @param {OwnData} own */
  measure(own = this.box.get("own_data")) {
    const all = floats(own.points ?? this.box.get("points")), n = all.length / 2;
    const { xlabel, ylabel } = this.box.get("spec");
    this.xs = all.slice(0, n);
    this.ys = all.slice(n);
    this.labels = { xlabel: own.xlabel ?? xlabel, ylabel: own.ylabel ?? ylabel };
    this.land = null;
  }

  /**
   * Limits of the map that hold the start and, where it is near, the lowest loss.
   * @param {Record<string, number>} start
   */
  roomy(start) {
    const near = lowest(this.problem(), start, this.moving);
    return Object.fromEntries(this.names.map((name) => [name, room(start[name], near[name] ?? start[name])]));
  }

  /**
   * Somebody's own points, or, where there are none, the lesson's: begins again. Gives what is wrong with them, and then
   * nothing has changed.
   * @param {OwnData} own
   */
  use(own) {
    const start = this.box.get("start");
    this.measure(own);
    const state = this.begun(start, this.state.criterion);
    if (!state.path.every(Number.isFinite)) {
      this.measure();
      return TOO_LARGE;
    }
    this.put(state, { own_data: own, ranges: own.points ? this.roomy(start) : this.box.get("spec").ranges });
    return "";
  }

  /** Where descent is: the trait with its path as numbers. @returns {State} */
  get state() {
    const trait = this.box.get("state");
    if (this.latest.trait !== trait) this.latest = { trait, state: { ...trait, path: floats(trait.path) } };
    return /** @type {State} */ (this.latest.state);
  }

  /** How wide a row of the path is. */
  get wide() { return 2 * this.moving.length + 1; }
  get steps() { return this.state.path.length / this.wide; }
  get loss() { return this.state.path[this.state.path.length - this.moving.length - 1]; }
  /** Slopes where it is now. */
  get gradient() { return this.state.path.subarray(-this.moving.length); }

  lossSpec(criterion = this.state.criterion) {
    return this.losses.find((/** @type {any} */ one) => one.name === criterion);
  }
  problem(criterion = this.state.criterion) { return { curve: this.curve, loss: this.lossSpec(criterion), xs: this.xs,
    ys: this.ys }; }
  how() { return { lr: this.box.get("lr"), momentum: this.box.get("momentum"), zero: this.box.get("zero_grad"),
    keep: this.keep }; }
  /** @param {string} name @returns {[number, number]} */
  limits(name) { return this.box.get("ranges")[name]; }
  widths() { return this.moving.map((name) => this.limits(name)[1] - this.limits(name)[0]); }

  /** @param {State} state @param {Record<string, unknown>} [more] */
  put(state, more = {}) {
    const trait = { ...state, path: packed(state.path) };
    this.latest = { trait, state };
    this.box.put({ ...more, state: trait });
  }

  /** @param {Record<string, number>} start @param {string} criterion @returns {State} */
  begun(start, criterion) { return { ...begin(this.problem(criterion), this.moving, start), criterion }; }
  /** Begin again. */
  restart() { this.put(this.begun(this.box.get("start"), this.state.criterion)); }
  /** Begin elsewhere. @param {Record<string, number>} changes */
  place(changes) {
    const start = { ...this.state.params, ...changes };
    this.put(this.begun(start, this.state.criterion), { start });
  }
  /** Begin again with another loss. @param {string} criterion */
  choose(criterion) { this.put(this.begun(this.box.get("start"), criterion), { criterion }); }

  /** The state one step on; `null` if its loss is not finite. @returns {State | null} */
  next() {
    const state = this.state, how = this.how(), of = [state, ...Object.values(how)];
    if (!of.every((v, i) => v === this.ahead.of[i])) {
      const further = advance(this.problem(), this.moving, state, how);
      this.ahead = { of, state: further && { ...further, criterion: state.criterion } };
    }
    return this.ahead.state;
  }
  /** One step; false if there is none. */
  step() {
    const further = this.next();
    if (further) this.put(further);
    return further !== null;
  }

  /** The loss around: of the full number of samples, or of few, unless the full one is there. */
  landscape(full = true) {
    const { criterion, params } = this.state, limits = this.moving.map((name) => this.limits(name));
    const key = JSON.stringify([criterion, this.held.map((name) => params[name]), limits]);
    const most = samples(this.moving.length, this.xs.length);
    if (this.land?.key === key && (this.land.full || !full)) return this.land;
    const n = full || this.moving.length === 1 ? most : Math.min(COARSE, most);
    const values = landscape(this.problem(), this.moving, params, limits, n);
    this.land = { key, n, full: n === most, values, ...roundLevels(values, BANDS) };
    return this.land;
  }

  /** What the last steps look like. */
  verdict() { return judge(this.state.path, this.widths(), this.landscape(false).span, this.next() === null); }
  offMap() {
    return this.moving.some((name) => {
      const [lo, hi] = this.limits(name), v = this.state.params[name];
      return v < lo || v > hi;
    });
  }
}
