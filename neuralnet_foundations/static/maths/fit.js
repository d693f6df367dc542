// How well a function fits points, and which way is down: plain data in, plain data out.
import { compile } from "../shared/arithmetic.js";

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
 * The curve's height at each x.
 * @param {Curve} curve @param {Params} params @param {ArrayLike<number>} xs @param {Float64Array} [out]
 */
export function predict(curve, params, xs, out = new Float64Array(xs.length)) {
  const f = at(curve, curve.value, params);
  for (let i = 0; i < xs.length; i++) out[i] = f(xs[i]);
  return out;
}

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
