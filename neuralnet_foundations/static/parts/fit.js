// The fit behind all views of one FitByHand: parameters, loss, gradient and best so far. It steps, runs, and keeps
// Python informed.
import {
  evaluate, finite, limitsOf, lossAt, predict, reaching, resting, steepest, step,
} from "../maths/fit.js";
import { lowest } from "../maths/lowest.js";
import { Life } from "../shared/dom.js";
import { floats } from "../shared/numbers.js";
import { outbox } from "../shared/outbox.js";
import { runLoop } from "../shared/run.js";

const PULSE = 60; // ms between two steps of a run
const NOT_TAKEN = "The function cannot take these points, so Python keeps those it had.";
const AT_REST = "The slope is as good as zero here: a step changes nothing.";

/** @typedef {import("../maths/fit.js").Params} Params */
/** @typedef {import("../shared/own_data.js").OwnData} OwnData */
/** @type {WeakMap<WidgetModel, Fit>} */
const fits = new WeakMap();

export class Fit {
  /** @type {number} */
  loss = NaN;
  /** @type {Params | null} slopes of the loss, once somebody asks */
  slopes = null;
  /** @type {import("../maths/fit.js").Loss & import("../maths/python.js").WrittenLoss & {label: string}} */
  lossSpec;
  longest = 0; // the slope of the longest arrow, once somebody asks
  ready = false; // are loss and gradient those of the current parameters?
  asked = false; // has somebody brought points that Python has not answered to?
  wanted = false; // a step, once they are

  /** @param {WidgetModel} model */
  constructor(model) {
    this.page = model.get("page");
    /** @type {Set<() => void>} */
    this.views = new Set();
    this.life = new Life();
    this.learn(model.get("spec"));
    this.box = outbox(model, this.life, this.local && !model.inner ? 100 : 0); // an outer model waits by itself
    this.loop = runLoop(this.life, { beat: (steps) => this.beat(steps), wait: () => PULSE, tell: () => this.tell() });
    this.note = this.box.get("note");
    /** @type {Params} */
    this.params = { ...this.box.get("params") };
    this.measure();
    this.begin();
    this.follow();
  }

  /** What Python says of the function and its loss. @param {any} spec */
  learn(spec) {
    this.spec = spec;
    /** @type {string[]} */
    this.names = spec.names;
    [this.lossSpec] = spec.losses;
    /** Whether the page has all that it needs; else the kernel answers each move in the trait `shown`. */
    this.local = Boolean(spec.f && this.lossSpec.value);
  }

  /** Hear of what Python, or another page, changes. */
  follow() {
    const on = (/** @type {string} */ name, f = () => {}) => this.box.on(name, (foreign) => {
      if (!foreign) return;
      f();
      this.tell();
    });
    on("params", () => {
      this.pause();
      this.params = { ...this.box.get("params") };
      this.evaluate();
    });
    on("best_params", () => this.offer(this.box.get("best_params")));
    for (const name of ["points", "own_data"]) on(name, () => {
      if (this.asked && !this.box.get("own_data").points) this.note = NOT_TAKEN;
      this.asked = false;
      this.measure();
      this.begin();
    });
    on("steep", () => { this.asked = false; });
    on("spec", () => {
      this.learn(this.box.get("spec"));
      this.measure();
      this.evaluate();
    });
    on("shown", () => this.evaluate());
    on("note", () => { this.note = this.box.get("note"); });
    on("ranges", () => { this.longest = 0; });
    for (const name of ["arrows", "lr"]) on(name);
  }

  /** Take the points from the model: somebody's own where there are any, else the lesson's. */
  measure() {
    const own = this.box.get("own_data"), all = floats(own.points ?? this.box.get("points")), n = all.length / 2;
    const xs = all.slice(0, n), ys = all.slice(n);
    this.problem = { curve: this.spec.f, loss: this.lossSpec, xs, ys };
    this.labels = { xlabel: own.xlabel ?? this.spec.xlabel, ylabel: own.ylabel ?? this.spec.ylabel };
    this.limits = limitsOf(xs, ys);
    this.preds = new Float64Array(n);
    this.answered = new Float64Array(this.page.curve_points);
    this.longest = 0;
  }

  /** The slope, per slider length, of the longest arrow. */
  get steep() {
    const { box } = this;
    return this.local ? this.longest ||= steepest(this.problem, box.get("start"), box.get("ranges")) : box.get("steep");
  }

  /** Ends of the sliders that a good fit to the points lies between, from those of the lesson. */
  reach() {
    const { spec: { ranges }, local, names, params } = this, near = local ? lowest(this.problem, params, names) : {};
    return Object.fromEntries(names.map((name) => [name, name in near ? reaching(ranges[name], near[name]) : ranges[name]]));
  }

  /** Somebody's own points, or, where there are none, the lesson's; the best so far begins anew. @param {OwnData} own */
  use(own) {
    this.pause();
    this.note = "";
    this.asked = Boolean(own.points);
    this.box.put({ own_data: own, ...(this.local ? { best_params: { ...this.params } } : {}) });
    this.measure();
    this.box.put({ ranges: own.points ? this.reach() : this.spec.ranges });
    this.begin();
    this.ready &&= this.local; // else the kernel's answer is still about the points before
    this.tell();
    return "";
  }

  get xs() { return this.problem.xs; }
  get ys() { return this.problem.ys; }

  /** The best so far begins with what Python knows. */
  begin() {
    this.best = { loss: Infinity, params: { ...this.params } };
    this.evaluate();
    this.offer(this.box.get("best_params"));
  }

  /**
   * The curve's height at each place of a grid, into `out` where it can be computed here.
   * @param {Float64Array} grid @param {Float64Array} out
   */
  curve(grid, out) { return this.spec.f ? predict(this.spec.f, this.params, grid, out) : this.answered; }

  /** Predictions, loss and gradient at the current parameters: here, or from the kernel's newest answer. */
  evaluate() {
    if (!this.local) return this.read();
    const { preds, loss } = evaluate(this.problem, this.params, []);
    Object.assign(this, { preds, loss, slopes: null, ready: true });
    if (this.loss < this.best.loss) this.best = { loss: this.loss, params: { ...this.params } };
  }

  /** Slopes of the loss at the current parameters. @returns {Params} */
  get gradient() { return this.slopes ??= evaluate(this.problem, this.params).gradient; }

  /**
   * The kernel's answer, in the order that FitByHand._answer writes it. It counts when it is about the current
   * parameters.
   */
  read() {
    const answer = floats(this.box.get("shown")), n = this.names.length;
    let at = 0;
    const take = (/** @type {number} */ count) => answer.subarray(at, at += count);
    const named = (/** @type {Float64Array} */ v) => Object.fromEntries(this.names.map((name, i) => [name, v[i]]));
    const about = take(n), [loss] = take(1), gradient = named(take(n)), [best] = take(1), bestParams = named(take(n));
    this.best = { loss: best, params: bestParams };
    this.answered = take(this.page.curve_points);
    this.preds = take(this.xs.length);
    Object.assign(this, { loss, slopes: gradient });
    this.ready = this.names.every((name, i) => about[i] === this.params[name]);
    if (!this.ready || !this.wanted) return;
    this.wanted = false;
    this.step();
  }

  /** Somebody else's best (Python's, or an earlier page's): ours if it is lower. @param {Params | null} params */
  offer(params) {
    if (!this.local || !params || !this.names.every((name) => Number.isFinite(params[name]))) return;
    const loss = lossAt(this.problem, params);
    if (loss < this.best.loss) this.best = { loss, params: { ...params } };
  }

  /** New parameters from a view: all views show them, Python hears of them. @param {Params} params */
  move(params, note = "") {
    this.params = { ...this.params, ...params };
    this.note = note;
    this.evaluate();
    this.box.put({ params: { ...this.params }, note, ...(this.local ? { best_params: { ...this.best.params } } : {}) });
    this.tell();
  }

  /** Change something else: the learning rate, the arrows. @param {Record<string, unknown>} changes */
  put(changes) {
    this.box.put(changes);
    this.tell();
  }

  /** @param {string} note */
  say(note) {
    this.note = note;
    this.tell();
  }

  /** One step downhill; false where there is none. */
  step() {
    if (!this.ready) {
      this.wanted = true;
      return true;
    }
    const next = step(this.params, this.gradient, this.box.get("lr"));
    const note = !finite(next) ? this.page.says.no_step : resting(this.params, next) ? AT_REST : "";
    if (note) {
      this.pause();
      this.say(note);
      return false;
    }
    this.move(next);
    return true;
  }

  /** Steps of a run; none while the kernel is asked. @param {number} steps */
  beat(steps) {
    for (let i = 0; i < steps && !this.wanted; i++) if (!this.step()) return false;
    return true;
  }

  pause() {
    this.loop.stop();
    this.wanted = false;
    this.tell();
  }
  reset() {
    this.pause();
    this.move(this.box.get("start"));
  }
  back() {
    this.pause();
    this.move(this.best.params);
  }
  tell() { for (const draw of this.views) draw(); }
}

/**
 * The model's fit, made for its first view and ended with its last.
 * @param {WidgetModel} model @param {() => void} draw @param {Life} life
 */
export function fitOf(model, draw, life) {
  const fit = fits.get(model) ?? new Fit(model);
  fits.set(model, fit);
  fit.views.add(draw);
  life.add(() => {
    fit.views.delete(draw);
    if (fit.views.size) return;
    fits.delete(model);
    fit.life.end();
  });
  return fit;
}
