// Gradient descent on some of a function's parameters: the path, the landscape around it, and what the last steps look
// like.
import { evaluate, lossFunction } from "./fit.js";

/**
 * @typedef {import("./fit.js").Problem} Problem
 * @typedef {import("./fit.js").Params} Params
 * A row of a path: the moving parameters, the loss there, its slopes along them.
 * @typedef {{params: Params, velocity: number[], grad: number[], steps: number, path: Float64Array}} State
 */

/** @param {Problem} problem @param {string[]} moving @param {Params} params @returns {number[]} */
export function row(problem, moving, params) {
  const { loss, gradient } = evaluate(problem, params, moving);
  return [...moving.map((name) => params[name]), loss, ...moving.map((name) => gradient[name])];
}

/**
 * A descent that starts here.
 * @param {Problem} problem @param {string[]} moving @param {Params} params @returns {State}
 */
export function begin(problem, moving, params) {
  const zeros = moving.map(() => 0);
  return { params, velocity: zeros, grad: zeros, steps: 0, path: Float64Array.from(row(problem, moving, params)) };
}

/**
 * The path with one row more, the newest `keep` of them.
 * @param {Float64Array} path @param {number[]} added @param {number} keep
 */
function extended(path, added, keep) {
  const kept = path.length / added.length >= keep ? path.subarray(path.length - (keep - 1) * added.length) : path;
  const longer = new Float64Array(kept.length + added.length);
  longer.set(kept);
  longer.set(added, kept.length);
  return longer;
}

/**
 * One step on, as torch's loop does it: add to the gradient, step with momentum, zero the gradient if asked. `null` if
 * the loss there is not finite.
 * @param {Problem} problem @param {string[]} moving @param {State} state
 * @param {{lr: number, momentum: number, zero: boolean, keep: number}} how @returns {State | null}
 */
export function advance(problem, moving, state, { lr, momentum, zero, keep }) {
  const { path } = state, k = moving.length, slopes = path.length - k;
  const grad = state.grad.map((g, j) => g + path[slopes + j]);
  const velocity = state.velocity.map((v, j) => momentum * v + grad[j]);
  const params = { ...state.params };
  moving.forEach((name, j) => { params[name] -= lr * velocity[j]; });
  const added = row(problem, moving, params);
  if (![...added, ...velocity, ...grad].every(Number.isFinite)) return null;
  return { params, velocity, grad: zero ? grad.map(() => 0) : grad, steps: state.steps + 1,
    path: extended(path, added, keep) };
}

/** Where sample `i` of `n` lies. @param {number[]} ends lowest and highest @param {number} i @param {number} n */
export const sample = ([lo, hi], i, n) => lo + (hi - lo) * i / (n - 1);

/**
 * How many samples a side: fewer where there are many points, so that a map takes about as long.
 * @param {number} k @param {number} points
 */
export const samples = (k, points) => (k === 1 ? 241 : Math.max(24, Math.min(96, Math.floor(Math.sqrt(4e6 / points)))));

/**
 * The loss at n places of one parameter, or at n by n places of two, row by row from the second's lowest value.
 * @param {Problem} problem @param {string[]} moving @param {Params} params
 * @param {number[][]} limits of each moving parameter @param {number} n
 */
export function landscape(problem, moving, params, limits, n) {
  const { names } = problem.curve, lossOf = lossFunction(problem);
  const [across, up] = moving.map((name) => names.indexOf(name));
  const rows = moving.length === 1 ? 1 : n, out = new Float64Array(rows * n);
  const values = names.map((name) => params[name]);
  for (let j = 0; j < rows; j++) {
    if (rows > 1) values[up] = sample(limits[1], j, n);
    for (let i = 0; i < n; i++) {
      values[across] = sample(limits[0], i, n);
      out[j * n + i] = lossOf(values);
    }
  }
  return out;
}

/**
 * How far each parameter moved into row `r`, in widths of the map.
 * @param {Float64Array} path @param {number} r @param {number[]} widths
 */
function moved(path, r, widths) {
  const wide = 2 * widths.length + 1;
  return widths.map((width, i) => (path[r * wide + i] - path[(r - 1) * wide + i]) / width);
}

/**
 * How many of the last steps went against the one before.
 * @param {Float64Array} path @param {number[]} widths @param {number} last @param {number} pairs
 */
function turnsOf(path, widths, last, pairs) {
  let turns = 0;
  for (let r = last; r > last - pairs; r--) {
    const before = moved(path, r - 1, widths);
    if (moved(path, r, widths).reduce((sum, v, i) => sum + v * before[i], 0) < 0) turns++;
  }
  return turns;
}

/** The slope at the newest row, in losses per width of the map. @param {Float64Array} path @param {number[]} widths */
const push = (path, widths) => widths.reduce((sum, width,
  i) => sum + Math.abs(path[path.length - widths.length + i]) * width, 0);

/**
 * What the last steps look like.
 * @param {Float64Array} path @param {number[]} widths of the map @param {number} span how much the loss varies on it
 * @param {boolean} stuck whether the next step has no finite loss
 * @returns {"ready" | "converging" | "crawling" | "bouncing" | "diverging" | "rest"}
 */
export function judge(path, widths, span, stuck) {
  const k = widths.length, wide = 2 * k + 1, n = path.length / wide;
  const loss = (/** @type {number} */ r) => path[r * wide + k];
  if (stuck) return "diverging";
  if (n < 2) return "ready";
  const size = Math.hypot(...moved(path, n - 1, widths)), pairs = Math.min(4, n - 2);
  const turns = turnsOf(path, widths, n - 1, pairs);
  const rising = n >= 3 && loss(n - 1) > loss(n - 2) && loss(n - 2) > loss(n - 3);
  const higher = loss(n - 1) > loss(0) + Math.max(0.05 * Math.abs(loss(0)), 0.02 * span);
  if (rising && (higher || turns >= 2)) return "diverging";
  if (push(path, widths) < 2e-3 * span && size < 2e-4) return "rest";
  if (turns > 0 && turns >= Math.min(2, pairs)) return "bouncing";
  for (let r = n - 1; r > 0 && r > n - 21; r--) if (loss(r) - loss(r - 1) > 0.01 * span) return "bouncing";
  const even = n < 3 || size > 0.97 * Math.hypot(...moved(path, n - 2, widths));
  return size < 5e-4 && even ? "crawling" : "converging";
}

/** Round limits that hold both numbers, with space around. @param {number} start @param {number} best */
export function room(start, best) {
  const lo = Math.min(start, best), hi = Math.max(start, best);
  const wide = Math.max(hi - lo, Math.abs(lo) / 2, Math.abs(hi) / 2, 1.5), step = 10 ** Math.floor(Math.log10(wide)) / 2;
  return [Math.floor((lo - 0.8 * wide) / step) * step, Math.ceil((hi + 0.8 * wide) / step) * step];
}
