// Training a small network: steps of SGD with momentum over batches, with a memory of the losses.
import { backward, forward, netLoss, workFor } from "./net.js";
import { shuffled } from "./shuffle.js";

/** @typedef {import("./net.js").Points} Points */
/** @typedef {import("./net.js").Problem} Problem */
/**
 * @typedef {{params: Float64Array, velocity: Float64Array, steps: number, epoch: number, at: number,
 *   losses: Float64Array, test_losses: Float64Array}} Run where training stands: `at` is the next place in the epoch's
 *   order; losses of all points before the first epoch and after each
 */
/** @typedef {{lr: number, momentum: number, batch_size: number, shuffle: boolean, keep: number, farthest: number}} How */

/**
 * A step of SGD with momentum; tells whether all are numbers, and no parameter is too far out.
 * @param {Float64Array} params @param {Float64Array} velocity @param {Float64Array} grad @param {How} how
 */
function descended(params, velocity, grad, { lr, momentum, farthest }) {
  let fine = true;
  for (let k = 0; k < params.length; k++) {
    const v = momentum * velocity[k] + grad[k], p = params[k] - lr * v;
    velocity[k] = v;
    params[k] = p;
    fine = fine && Math.abs(p) <= farthest && Math.abs(v) <= Number.MAX_VALUE;
  }
  return fine;
}

/**
 * What training needs at hand: points in place, room for a batch. @param {Problem} problem @param {Run} run
 * @param {Points} train @param {How} how
 */
function trainer(problem, run, train, how) {
  const size = Math.min(how.batch_size, train.n), work = workFor(problem.shape.sizes, size, size);
  const params = Float64Array.from(run.params), velocity = Float64Array.from(run.velocity);
  const ys = new Float64Array(size), grad = new Float64Array(params.length), before = [params.slice(), velocity.slice()];
  const along = Int32Array.from({ length: train.n }, (_, i) => i);
  let { epoch, at } = run, order = how.shuffle ? shuffled(train.n, epoch) : along;

  function load() {
    const rows = Math.min(size, train.n - at);
    for (let r = 0; r < rows; r++) {
      const k = order[at + r];
      work.outs[0][r] = train.x[k];
      work.outs[0][rows + r] = train.x[train.n + k];
      ys[r] = train.y[k];
    }
    return rows;
  }
  /** One step; false where it leads out of the numbers, and then it is not taken. */
  function step() {
    const rows = load();
    before[0].set(params);
    before[1].set(velocity);
    forward(problem.shape, params, work, rows);
    backward(problem, params, work, ys, rows, grad);
    at += rows;
    return descended(params, velocity, grad, how);
  }
  function undo() {
    params.set(before[0]);
    velocity.set(before[1]);
  }
  function nextEpoch() {
    epoch++;
    at = 0;
    if (how.shuffle) order = shuffled(train.n, epoch);
  }
  return { step, undo, nextEpoch, params, velocity, get ended() { return at >= train.n; },
    get place() { return { epoch, at }; } };
}

/** Behind what is kept, without the oldest. @param {Float64Array} kept @param {number[]} more @param {number} most */
function appended(kept, more, most) {
  const all = Math.min(most, kept.length + more.length), old = all - Math.min(all, more.length);
  const out = new Float64Array(all);
  out.set(kept.subarray(kept.length - old));
  out.set(more.slice(-all), old);
  return out;
}

/**
 * Before the first step. @param {Problem} problem @param {ArrayLike<number>} params @param {Points} train
 * @param {Points} test @returns {Run}
 */
export function begun(problem, params, train, test) {
  const p = Float64Array.from(params);
  const loss = (/** @type {Points} */ points) => Float64Array.of(netLoss(problem, p, points));
  return { params: p, velocity: new Float64Array(p.length), steps: 0, epoch: 0, at: 0, losses: loss(train),
    test_losses: test.n ? loss(test) : new Float64Array(0) };
}

/**
 * Up to `n` steps of SGD with momentum, a batch each; it ends before a step that leads out of the numbers.
 * @param {Problem} problem @param {Run} run @param {Points} train @param {Points} test @param {How} how
 * @param {number} n @returns {{run: Run, taken: number}}
 */
export function trained(problem, run, train, test, how, n) {
  const t = trainer(problem, run, train, how), losses = [], tests = [];
  let taken = 0, { epoch, at } = run;
  for (; taken < n; taken++) {
    if (!t.step()) { t.undo(); break; }
    if (t.ended) {
      const loss = netLoss(problem, t.params, train), checked = test.n ? netLoss(problem, t.params, test) : 0;
      if (!Number.isFinite(loss) || !Number.isFinite(checked)) { t.undo(); break; }
      losses.push(loss);
      if (test.n) tests.push(checked);
      t.nextEpoch();
    }
    ({ epoch, at } = t.place);
  }
  const keep = how.keep;
  return { taken, run: { params: t.params, velocity: t.velocity, steps: run.steps + taken, epoch, at,
    losses: appended(run.losses, losses, keep), test_losses: appended(run.test_losses, tests, keep) } };
}

/** Steps to the end of the epoch. @param {Run} run @param {number} n points @param {How} how */
export const stepsLeft = (run, n, how) => Math.ceil((n - run.at) / Math.min(how.batch_size, n));
