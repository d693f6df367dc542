// Softmax of a few logits, its loss and its slopes: in double precision with the largest subtracted, or without that
// and in float32, where e^89 is infinite.

/**
 * @typedef {{temperature: number, subtract: boolean}} How
 * @typedef {{exps: number[], sum: number, probs: number[], loss: number, push: number[], gradient: number[]}} Answer
 *   `push` is p - y, `gradient` the slope of the loss by each logit
 */

/** @param {number[]} values */
const total = (values) => values.reduce((sum, v) => sum + v, 0);

/** The exponentials and what they add up to. @param {number[]} logits @param {How} how */
function exponentials(logits, { temperature, subtract }) {
  if (subtract) {
    const most = Math.max(...logits), exps = logits.map((z) => Math.exp((z - most) / temperature));
    return { exps, sum: total(exps) };
  }
  const float = Math.fround, cold = float(temperature);
  const exps = logits.map((z) => float(Math.exp(float(float(z) / cold))));
  return { exps, sum: float(total(exps)) };
}

/** @param {number[]} logits @param {number} target its place @param {How} how @returns {Answer} */
export function softmaxAnswer(logits, target, how) {
  const { exps, sum } = exponentials(logits, how), { temperature, subtract } = how;
  const probs = exps.map((e) => (subtract ? e / sum : Math.fround(e / sum)));
  const loss = subtract ? Math.log(sum) - (logits[target] - Math.max(...logits)) / temperature
    : -Math.log(probs[target]);
  const push = probs.map((p, i) => p - (i === target ? 1 : 0));
  return { exps, sum, probs, loss, push, gradient: push.map((v) => v / temperature) };
}

/**
 * One step down the slope; null where the logits would not stay finite.
 * @param {number[]} logits @param {number[]} gradient @param {number} lr
 */
export function steppedLogits(logits, gradient, lr) {
  const next = logits.map((z, i) => z - lr * gradient[i]);
  return next.every(Number.isFinite) ? next : null;
}
