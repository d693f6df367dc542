// What ReluBuilder knows: the target, the ReLUs, how the fit goes on. No drawing.
import { compile } from "../shared/arithmetic.js";
import { floats, packed } from "../shared/numbers.js";
import { begin, descend, fresh, settled } from "../maths/relus.js";

const ENOUGH = 6000; // steps of one run
const STUCK = "No finite loss one step on: it stops with the last finite values. Lower the rate, then Reset.";
const WINDOW = 300; // losses that are held against those before, to see whether it still gets better

/** @typedef {import("../maths/relus.js").Relus} Relus */
/** @typedef {import("../maths/relus.js").State} State */

export class Builder {
  /** @param {{get: (name: string) => any, put: (changes: Record<string, unknown>) => void}} box */
  constructor(box) {
    this.box = box;
    this.page = box.get("page");
    this.xs = floats(box.get("points"));
    /** @type {import("../maths/relus.js").Ends} */
    this.ends = [this.xs[0], this.xs[this.xs.length - 1]];
    this.wide = this.ends[1] - this.ends[0];
    /** @type {{trait: any, ys: Float64Array}} */
    this.heights = { trait: null, ys: new Float64Array(0) };
    /** @type {{trait: any, state: State | null}} */
    this.latest = { trait: null, state: null };
    this.chosen = 0;
    this.ended = ""; // why the last run ended
    this.begunAt = 0;
  }

  /** The target's height at each x. */
  get ys() {
    const trait = this.box.get("heights");
    if (this.heights.trait !== trait) this.heights = { trait, ys: floats(trait) };
    return this.heights.ys;
  }
  /** The trait with its losses as numbers. @returns {State} */
  get state() {
    const trait = this.box.get("state");
    if (this.latest.trait !== trait) this.latest = { trait, state: { ...trait, losses: floats(trait.losses) } };
    return /** @type {State} */ (this.latest.state);
  }
  get params() { return this.state.params; }
  get size() { return this.params.w.length; }
  get loss() { return this.state.losses[this.state.losses.length - 1]; }
  /** How tall the plot is at least. */
  get tall() {
    const [lo, hi] = this.box.get("ylim");
    return hi - lo;
  }

  /** @param {State} state @param {Record<string, unknown>} [more] */
  put(state, more = {}) {
    const trait = { ...state, losses: packed(state.losses) };
    this.latest = { trait, state };
    this.box.put({ ...more, state: trait });
  }
  /** Begin again with other parameters. @param {Relus} params */
  begin(params) {
    this.ended = "";
    this.put(begin(params, this.xs, this.ys));
  }
  reset() { this.begin(fresh(this.size, this.ends, this.ys, this.box.get("scale"))); }

  /** Begin again with another target. @param {ArrayLike<number>} heights */
  aim(heights) {
    const ys = Float64Array.from(heights);
    this.ended = "";
    this.put(begin(this.params, this.xs, ys), { heights: packed(ys) });
  }
  /** A ready target, stretched to this plot. @param {string} javascript its height at places from -2 to 2 */
  take(javascript) {
    const f = compile(javascript, ["x"]), scale = this.box.get("scale"), middle = this.box.get("middle");
    this.aim(this.xs.map((x) => f(4 * (x - this.ends[0]) / this.wide - 2) * scale + middle));
  }

  /** Up to `n` steps; tells whether all were possible. @param {number} n */
  descend(n) {
    const how = { lr: this.box.get("lr"), momentum: this.box.get("momentum"), keep: this.page.keep };
    const { state, taken } = descend(this.state, this.xs, this.ys, n, how);
    if (taken) this.put(state);
    if (taken < n) this.ended = STUCK;
    return taken === n;
  }
  /** Steps of a run; false where it ends. @param {number} n */
  beat(n) {
    if (!this.descend(n)) return false;
    const done = this.state.steps - this.begunAt;
    if (done >= 2 * WINDOW && settled(this.state.losses, WINDOW)) this.ended = "It no longer gets better.";
    return done < ENOUGH && !this.ended;
  }
}
