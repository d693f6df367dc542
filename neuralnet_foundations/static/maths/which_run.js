// A run of stochastic gradient descent on a straight line, as `WhichRun` in Python does it with torch: the loss of every
// batch.

/** @typedef {{x: number[], y: number[], start: number[], rows: number[][]}} Setting `rows`: for each epoch their order */
/** @typedef {{at: number[], losses: number[]}} Run `at`: epochs that were done before each batch */

/**
 * The loss of a batch, and its slopes along both parameters.
 * @param {number[]} w @param {number[]} batch rows @param {Setting} o
 */
function lossAndSlopes([a, b], batch, { x, y }) {
  let loss = 0, da = 0, db = 0;
  for (const i of batch) {
    const off = a * x[i] + b - y[i];
    loss += off * off;
    da += 2 * off * x[i];
    db += 2 * off;
  }
  return { loss: loss / batch.length, slopes: [da / batch.length, db / batch.length] };
}

/**
 * All batches of a run.
 * @param {number} lr @param {number} size of a batch @param {Setting} o @returns {Run}
 */
export function runOf(lr, size, o) {
  const at = /** @type {number[]} */ ([]), losses = /** @type {number[]} */ ([]), n = o.x.length;
  let w = o.start;
  o.rows.forEach((order, epoch) => {
    for (let first = 0; first < n; first += size) {
      const { loss, slopes } = lossAndSlopes(w, order.slice(first, first + size), o);
      at.push(epoch + first / n);
      losses.push(loss);
      w = w.map((v, i) => v - lr * slopes[i]);
    }
  });
  return { at, losses };
}

/**
 * What to change, in a word: batches first, for they show in how ragged a run is.
 * @param {{lr: number, size: number}} yours @param {{lr: number, size: number}} given
 */
export function hintOf(yours, given) {
  if (yours.size !== given.size) return yours.size > given.size ? "smaller" : "larger";
  if (yours.lr === given.lr) return "same";
  return yours.lr > given.lr ? "slower" : "faster";
}

/** Powers of ten within limits. @param {number} lo @param {number} hi @returns {[number, string][]} */
export function powersOfTen(lo, hi) {
  const out = /** @type {[number, string][]} */ ([]);
  for (let p = Math.ceil(lo); p <= hi; p++) out.push([p, p < 0 ? (10 ** p).toFixed(-p) : String(10 ** p)]);
  return out;
}
