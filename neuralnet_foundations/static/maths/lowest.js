// Near the lowest squared error of a curve over points (Levenberg-Marquardt): to know how far sliders and maps must go.
import { heights } from "./fit.js";

const ROUNDS = 60;
const OWN = 1e5; // times as far as it was may a parameter go for somebody's own points

/** @typedef {import("./fit.js").Problem} Problem */
/** @typedef {import("./fit.js").Params} Params */

/** @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/**
 * The x of A x = b, by Gauss with the largest pivot; not finite where there is none.
 * @param {number[][]} A @param {number[]} b
 */
export function solved(A, b) {
  const n = b.length, rows = A.map((row, i) => [...row, b[i]]);
  for (let i = 0; i < n; i++) {
    const pivot = rows.reduce((best, row, r) => (r >= i && Math.abs(row[i]) > Math.abs(rows[best][i]) ? r : best), i);
    [rows[i], rows[pivot]] = [rows[pivot], rows[i]];
    for (let r = i + 1; r < n; r++) {
      const part = rows[r][i] / rows[i][i];
      for (let c = i; c <= n; c++) rows[r][c] -= part * rows[i][c];
    }
  }
  const x = Array(n).fill(0);
  for (let i = n - 1; i >= 0; i--) x[i] = (rows[i][n] - dot(rows[i].slice(0, n), x)) / rows[i][i];
  return x;
}

/**
 * Values of the parameters in `vary` near the lowest squared error, as far as a few rounds lead; none if it is far away.
 * @param {Problem} problem @param {Params} params where to begin @param {string[]} vary
 * @param {number} [far] times what a parameter was, or 1: beyond that it is another valley @returns {Params}
 */
export function lowest({ curve, xs, ys }, params, vary, far = OWN) {
  const named = (/** @type {number[]} */ at) => Object.fromEntries(vary.map((name, j) => [name, at[j]]));
  const put = (/** @type {number[]} */ at) => ({ ...params, ...named(at) });
  const off = (/** @type {Params} */ p) => heights(curve, curve.value, p, xs).map((v, i) => v - ys[i]);
  let at = vary.map((name) => params[name]), damp = 1e-3, loss = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const here = put(at), miss = off(here);
    const J = vary.map((name) => heights(curve, curve.slopes[name], here, xs));
    const A = J.map((a) => J.map((b) => dot(a, b))), g = J.map((a) => dot(a, miss)), before = loss;
    loss = dot(miss, miss);
    if (![...A.flat(), ...g].every(Number.isFinite)) return {};
    if (before - loss < 1e-9 * loss) break;
    const mean = A.reduce((sum, row, j) => sum + row[j], 0) / A.length + 1e-12;
    let there = at, lower = false;
    while (damp < 1e12) {
      const step = solved(A.map((row, i) => row.map((v, j) => (i === j ? v + damp * mean : v))), g);
      there = at.map((v, j) => v - step[j]);
      const then = off(put(there));
      lower = dot(then, then) < loss;
      if (lower) break;
      damp *= 10;
    }
    if (!lower) break;
    at = there;
    damp /= 10;
  }
  const near = at.every((v, j) => Math.abs(v - params[vary[j]]) < far * Math.max(1, Math.abs(params[vary[j]])));
  return near ? named(at) : {};
}
