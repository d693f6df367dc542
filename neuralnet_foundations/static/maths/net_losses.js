// The three losses, by torch's names, and their slopes by the outputs. Each is the mean over the points.

/**
 * The logarithm of the sum of a point's exponentials. @param {Float64Array} out @param {number} r
 * @param {number} rows @param {number} classes
 */
function logSumExp(out, r, rows, classes) {
  let top = -Infinity, sum = 0;
  for (let c = 0; c < classes; c++) top = Math.max(top, out[c * rows + r]);
  for (let c = 0; c < classes; c++) sum += Math.exp(out[c * rows + r] - top);
  return top + Math.log(sum);
}

/** @typedef {(out: Float64Array, y: Float64Array, rows: number, classes: number) => number} LossOf */
/** @type {Record<string, LossOf>} */
export const NET_LOSSES = {
  mse_loss(out, y, rows) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += (out[r] - y[r]) ** 2;
    return sum / rows;
  },
  binary_cross_entropy_with_logits(out, y, rows) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += Math.max(out[r], 0) - out[r] * y[r] + Math.log1p(Math.exp(-Math.abs(out[r])));
    return sum / rows;
  },
  cross_entropy(out, y, rows, classes) {
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += logSumExp(out, r, rows, classes) - out[y[r] * rows + r];
    return sum / rows;
  },
};

/** @type {Record<string, (out: Float64Array, y: Float64Array, rows: number, classes: number, d: Float64Array) => void>} */
export const NET_SLOPES = {
  mse_loss(out, y, rows, _, d) { for (let r = 0; r < rows; r++) d[r] = 2 * (out[r] - y[r]) / rows; },
  binary_cross_entropy_with_logits(out, y, rows, _, d) {
    for (let r = 0; r < rows; r++) d[r] = (1 / (1 + Math.exp(-out[r])) - y[r]) / rows;
  },
  cross_entropy(out, y, rows, classes, d) {
    for (let r = 0; r < rows; r++) {
      const top = logSumExp(out, r, rows, classes);
      for (let c = 0; c < classes; c++) d[c * rows + r] = (Math.exp(out[c * rows + r] - top) - (y[r] === c ? 1 : 0)) / rows;
    }
  },
};
