// ReLU, tanh and sigmoid of whole arrays, and back. tanh is most of what a small network costs, so it and exponentials
// are taken from tables of steps of 1/32, and a few terms of a series between them: exact to 1e-15, many times as fast.
// No branch depends on a sign, which no processor guesses.

const STEPS = 32, TOP = 20, MIDDLE = TOP * STEPS; // beyond 20, tanh is 1 and a sigmoid needs the exponential itself
const table = (/** @type {(v: number) => number} */ f) =>
  Float64Array.from({ length: 2 * MIDDLE + 1 }, (_, k) => f((k - MIDDLE) / STEPS));
const TANHS = table(Math.tanh), EXPS = table(Math.exp);

/** tanh(a + r) from tanh(a) and a small r. @param {number} v */
export function quickTanh(v) {
  const a = Math.min(TOP, Math.max(-TOP, v)), k = (a * STEPS + (MIDDLE + 0.5)) | 0;
  const t = TANHS[k], r = a - (k - MIDDLE) / STEPS, s = r * r;
  const small = r * (1 - s * (1 / 3 - s * (2 / 15 - s * (17 / 315)))); // tanh(r) for r within 1/64 of 0
  return (t + small) / (1 + t * small);
}

/** exp(r) for r within 1/64 of 0. @param {number} r */
const growth = (r) => 1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r / 720)))));

/** @param {number} v */
export function quickSigmoid(v) {
  if (!(Math.abs(v) <= TOP)) return 1 / (1 + Math.exp(-v));
  const k = (MIDDLE + 0.5 - v * STEPS) | 0;
  return 1 / (1 + EXPS[k] * growth((MIDDLE - k) / STEPS - v));
}

/** Through the activation, in place. @param {string} act @param {Float64Array} out @param {number} n */
export function activate(act, out, n) {
  if (act === "relu") for (let k = 0; k < n; k++) out[k] = (out[k] + Math.abs(out[k])) / 2;
  else if (act === "tanh") for (let k = 0; k < n; k++) out[k] = quickTanh(out[k]);
  else if (act === "sigmoid") for (let k = 0; k < n; k++) out[k] = quickSigmoid(out[k]);
}

/**
 * Slopes by a unit's sum from those by its output, in place; torch's slope of relu at 0 is 0.
 * @param {string} act @param {Float64Array} out @param {Float64Array} delta @param {number} n
 */
export function activateBack(act, out, delta, n) {
  if (act === "relu") for (let k = 0; k < n; k++) { if (!(out[k] > 0)) delta[k] = 0; }
  else if (act === "tanh") for (let k = 0; k < n; k++) delta[k] *= 1 - out[k] * out[k];
  else if (act === "sigmoid") for (let k = 0; k < n; k++) delta[k] *= out[k] * (1 - out[k]);
}
