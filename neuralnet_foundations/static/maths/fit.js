// How well a function fits points, and which way is down: plain data in, plain data out.
import { compile } from "../shared/arithmetic.js";
import { apart, extent, roundUp } from "../shared/numbers.js";

/**
 * A function as `Formula.for_page` describes it: its parameters in order, its variable, what the expressions call them,
 * the expressions.
 * @typedef {{names: string[], variable: string, javascript_names: Record<string, string>, value: string,
 *   slopes: Record<string, string>}} Curve A loss as `LossFormula.for_page` describes it: value and slope of one point,
 *   from `pred` and `target`.
 * @typedef {{reduction: string, value: string, slope: string}} Loss
 * @typedef {Record<string, number>} Params
 * @typedef {{curve: Curve, loss: Loss, xs: Float64Array, ys: Float64Array}} Problem
 */

/**
 * One of a curve's expressions as a function of the parameters that gives a function of x.
 * @param {Curve} curve @param {string} expression
 */
const compiledCurve = ({ names, variable, javascript_names: called }, expression) =>
  compile(expression, names.map((name) => called[name]), called[variable]);

/** @param {Curve} curve @param {string} expression @param {Params} params @returns {(x: number) => number} */
const at = (curve, expression, params) => compiledCurve(curve, expression)(...curve.names.map((name) => params[name]));

/**
 * One of a curve's expressions, its value or a slope, at each x.
 * @param {Curve} curve @param {string} expression @param {Params} params @param {ArrayLike<number>} xs
 * @param {Float64Array} [out]
 */
export function heights(curve, expression, params, xs, out = new Float64Array(xs.length)) {
  const f = at(curve, expression, params);
  for (let i = 0; i < xs.length; i++) out[i] = f(xs[i]);
  return out;
}

/**
 * The curve's height at each x.
 * @param {Curve} curve @param {Params} params @param {ArrayLike<number>} xs @param {Float64Array} [out]
 */
export const predict = (curve, params, xs, out) => heights(curve, curve.value, params, xs, out);

/**
 * The loss as a function of the parameters' values, in order: for many of them.
 * @param {Problem} problem @returns {(values: number[]) => number}
 */
export function lossFunction({ curve, loss, xs, ys }) {
  const curveAt = compiledCurve(curve, curve.value), one = compile(loss.value, ["pred", "target"]);
  const scale = loss.reduction === "mean" ? 1 / xs.length : 1;
  return (values) => {
    const f = curveAt(...values);
    let sum = 0;
    for (let i = 0; i < xs.length; i++) sum += one(f(xs[i]), ys[i]);
    return sum * scale;
  };
}

/** @param {Problem} problem @param {Params} params */
export const lossAt = (problem, params) => lossFunction(problem)(problem.curve.names.map((name) => params[name]));

/**
 * Predictions, loss, and the loss's slope along each parameter in `moving`.
 * @param {Problem} problem @param {Params} params @param {string[]} [moving]
 * @returns {{preds: Float64Array, loss: number, gradient: Params}}
 */
export function evaluate(problem, params, moving = problem.curve.names) {
  const { curve, loss, xs, ys } = problem, count = xs.length, scale = loss.reduction === "mean" ? 1 / count : 1;
  const preds = predict(curve, params, xs), one = compile(loss.value, ["pred", "target"]);
  const slope = compile(loss.slope, ["pred", "target"]);
  let total = 0;
  for (let i = 0; i < count; i++) total += one(preds[i], ys[i]);
  const along = (/** @type {string} */ name) => {
    const f = at(curve, curve.slopes[name], params);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += slope(preds[i], ys[i]) * f(xs[i]);
    return sum * scale;
  };
  return { preds, loss: total * scale, gradient: Object.fromEntries(moving.map((name) => [name, along(name)])) };
}

/**
 * Every parameter moved against its slope.
 * @param {Params} params @param {Params} gradient @param {number} lr @returns {Params}
 */
export const step = (params, gradient, lr) =>
  Object.fromEntries(Object.entries(params).map(([name, v]) => [name, v - lr * gradient[name]]));

/** Whether a step leads nowhere, as far as anybody could see. @param {Params} before @param {Params} after */
export const resting = (before, after) =>
  Object.keys(after).every((name) => Math.abs(after[name] - before[name]) <= 1e-9 * Math.max(1, Math.abs(before[name])));

/** @param {Params} params */
export const finite = (params) => Object.values(params).every(Number.isFinite);

/** @param {number[]} values in order */
const middle = (values) => (values[(values.length - 1) >> 1] + values[values.length >> 1]) / 2;

/**
 * The slope, per slider length, of the longest arrow: the steepest at the start, or part of what is usual at the ends.
 * @param {Problem} problem @param {Params} start @param {Record<string, number[]>} ranges
 */
export function steepest(problem, start, ranges) {
  const steepAt = (/** @type {Params} */ params) => {
    const { gradient } = evaluate(problem, params);
    const along = problem.curve.names.map((name) => Math.abs(gradient[name]) * (ranges[name][1] - ranges[name][0]));
    return Math.max(0, ...along.filter(Number.isFinite));
  };
  const ends = problem.curve.names.flatMap((name) => ranges[name].map((end) => steepAt({ ...start, [name]: end })));
  return Math.max(steepAt(start), 0.02 * middle(ends.toSorted((a, b) => a - b))) || 1;
}

/** Limits with some of the width of the values on either side. @param {Float64Array} values @param {number} part */
function around(values, part) {
  const [lo, hi] = extent(values), gap = apart(lo, hi) ? part * (hi - lo) : Math.abs(values[0]) / 2 || 1;
  return [lo - gap, hi + gap];
}

/**
 * Limits of a plot that hold all points: lowest and highest x, lowest and highest y.
 * @param {Float64Array} xs @param {Float64Array} ys
 */
export const limitsOf = (xs, ys) => [...around(xs, 0.05), ...around(ys, 0.25)];

/**
 * A slider's ends, one of them moved out to a round number where a value lies beyond it.
 * @param {number[]} ends @param {number} value
 */
export function reaching([lo, hi], value) {
  const far = roundUp(1.5 * Math.abs(value) || 1);
  return [value < lo ? (value < 0 ? -far : 0) : lo, value > hi ? (value > 0 ? far : 0) : hi];
}
