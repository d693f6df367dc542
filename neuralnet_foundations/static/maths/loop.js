// The training loop of a linear model, one stage at a time, as `LoopStepper` in Python does it with torch.
import { format } from "../shared/numbers.js";

/**
 * Where the loop stands. `stage` is the number of the stage that comes next, `done` of the one that ran last; `batch` is
 * the next one's, `shown` the last one's; `grad` is the sum of the slopes of `summed` batches; `losses` are the latest,
 * `steps` how many there were.
 * @typedef {{params: number[], grad: number[] | null, summed: number, preds: number[] | null, loss: number | null,
 *   stage: number, done: number | null, batch: number, shown: number, epoch: number, steps: number, losses: number[]}} Loop
 */
/**
 * n rows of d numbers, in batches of `size`.
 * @typedef {{x: Float64Array, y: Float64Array, n: number, d: number, size: number}} Data
 */
/** @typedef {{lr: number, zero: boolean, stages: string[], keep: number}} How `keep`: how many losses are remembered */
/** @typedef {{name: string, shape: number[] | null, values: ArrayLike<number> | null, changed: boolean}} Tensor */

/** The loop before anything ran. @param {number[]} start the parameters @returns {Loop} */
export const fresh = (start) => ({ params: start, grad: null, summed: 0, preds: null, loss: null, stage: 0, done: null,
  batch: 0, shown: 0, epoch: 0, steps: 0, losses: [] });

/** The rows of a batch, from `first` up to `last`. @param {{n: number, size: number}} data @param {number} batch */
export function rows({ n, size }, batch) {
  const first = batch * size;
  return { first, last: Math.min(n, first + size) };
}

/** 1 / (1 + exp(−v)) that does not overflow. @param {number} v */
const sigmoid = (v) => (v >= 0 ? 1 / (1 + Math.exp(-v)) : 1 - 1 / (1 + Math.exp(v)));

/** A row of x times the weights, plus the bias. @param {Loop} loop @param {Data} data @param {number} row */
function prediction({ params }, { x, d }, row) {
  let sum = 0;
  for (let j = 0; j < d; j++) sum += x[row * d + j] * params[j];
  return sum + params[d];
}

/**
 * The mean distance of the squashed predictions from the targets.
 * @param {number[]} preds @param {Float64Array} y @param {number} first
 */
function meanLoss(preds, y, first) {
  let sum = 0;
  preds.forEach((v, i) => { sum += y[first + i] === 1 ? 1 - sigmoid(v) : sigmoid(v); });
  return sum / preds.length;
}

/**
 * The slopes of this batch, added to `grad`.
 * @param {number[]} preds @param {Data} data @param {number} first @param {number[]} grad
 */
function addSlopes(preds, { x, y, d }, first, grad) {
  preds.forEach((v, i) => {
    const p = sigmoid(v), slope = ((y[first + i] === 1 ? -1 : 1) * p * (1 - p)) / preds.length;
    for (let j = 0; j < d; j++) grad[j] += slope * x[(first + i) * d + j];
    grad[d] += slope;
  });
  return grad;
}

/** What each stage changes. @type {Record<string, (loop: Loop, data: Data, how: How) => Partial<Loop>>} */
const CHANGES = {
  predict(loop, data) {
    const { first, last } = rows(data, loop.batch);
    return { loss: null, preds: Array.from({ length: last - first }, (_, i) => prediction(loop, data, first + i)) };
  },
  loss(loop, data, { keep }) {
    const loss = meanLoss(loop.preds ?? [], data.y, rows(data, loop.batch).first);
    return { loss, losses: [...loop.losses, loss].slice(-keep), steps: loop.steps + 1 };
  },
  gradient(loop, data) {
    const before = loop.grad ? [...loop.grad] : Array(data.d + 1).fill(0);
    return { grad: addSlopes(loop.preds ?? [], data, rows(data, loop.batch).first, before), summed: loop.summed + 1 };
  },
  step: ({ params, grad }, _, { lr }) => ({ params: params.map((p, j) => p - lr * (grad?.[j] ?? 0)) }),
  zero: () => ({ grad: null, summed: 0 }),
};

/** On to the next batch, or the next epoch. @param {Loop} loop @param {Data} data @returns {Partial<Loop>} */
function nextBatch({ batch, epoch }, data) {
  const over = rows(data, batch).last === data.n;
  return { stage: 0, batch: over ? 0 : batch + 1, epoch: epoch + (over ? 1 : 0) };
}

/**
 * One stage of the loop, the one that `loop.stage` names.
 * @param {Loop} loop @param {Data} data @param {How} how @returns {Loop} the new loop; the old one is left as it was
 */
export function advance(loop, data, how) {
  const name = how.stages[loop.stage], ends = name === "zero" || (name === "step" && !how.zero);
  const moved = { done: loop.stage, shown: loop.batch, stage: loop.stage + 1 };
  return { ...loop, ...moved, ...CHANGES[name](loop, data, how), ...(ends ? nextBatch(loop, data) : {}) };
}

/** On to the end of a batch. @param {Loop} loop @param {Data} data @param {How} how */
export function finishBatch(loop, data, how) {
  do loop = advance(loop, data, how); while (loop.stage !== 0);
  return loop;
}

/**
 * Where the loop stands, counted from 1: the last stage of an epoch belongs to it.
 * @param {Loop} loop @param {Data} data
 */
export function place({ stage, done, batch, shown, epoch }, { n, size }) {
  const turned = done !== null && stage === 0 && batch === 0;
  return { epoch: epoch + (turned ? 0 : 1), batch: (done === null ? batch : shown) + 1, batches: Math.ceil(n / size) };
}

/**
 * The tensors of the loop and what the last stage changed.
 * @param {Loop} loop @param {Data} data @param {string[]} stages @returns {Tensor[]}
 */
export function tensors(loop, data, stages) {
  const { x, y, d } = data, { first, last } = rows(data, loop.shown), { params, preds, loss, grad } = loop;
  const count = last - first, ran = loop.done === null ? "" : stages[loop.done];
  const graded = ran === "gradient" || ran === "zero";
  return [
    { name: "xb", shape: [count, d], values: x.subarray(first * d, last * d), changed: ran === "predict" },
    { name: "yb", shape: [count, 1], values: y.subarray(first, last), changed: ran === "predict" },
    { name: "weights", shape: [d, 1], values: params.slice(0, d), changed: ran === "step" },
    { name: "bias", shape: [1], values: params.slice(d), changed: ran === "step" },
    { name: "preds", shape: preds && [preds.length, 1], values: preds, changed: ran === "predict" },
    { name: "loss", shape: loss === null ? null : [], values: loss === null ? null : [loss], changed: ran === "loss" },
    { name: "weights.grad", shape: grad && [d, 1], values: grad && grad.slice(0, d), changed: graded },
    { name: "bias.grad", shape: grad && [1], values: grad && grad.slice(d), changed: graded },
  ];
}

/** What each stage did, in words. @type {Record<string, (loop: Loop, data: Data, how: How) => string>} */
const STORIES = {
  predict(loop, data) {
    const { first, last } = rows(data, loop.shown);
    return `Rows ${first} to ${last - 1}: each row times the weights, plus the bias, makes `
      + `${last - first} predictions. Above 0 means a 3.`;
  },
  loss: ({ loss }) => "Sigmoid squashes the predictions to between 0 and 1, and their mean distance from the targets "
    + `is ${format(loss ?? NaN)}.`,
  gradient: ({ summed }) => (summed > 1
    ? `The slopes were added to the old ones, which nobody had cleared: .grad is now the sum over ${summed} batches.`
    : "Each parameter now knows its slope: how the loss changes as it grows. The slopes are kept in .grad."),
  step({ summed }, _, { lr, zero }) {
    const wrong = summed > 1 ? ` But that was the sum over ${summed} batches, not the slope of this one.` : "";
    const left = zero ? "" : " Nothing clears .grad now, so it stays for the next batch.";
    return `Each parameter moved against its slope, by lr = ${+lr.toPrecision(4)} times it.${wrong}${left}`;
  },
  zero: () => "The slopes are forgotten, so that the next batch starts clean.",
};

/** What the last stage did, in words. @param {Loop} loop @param {Data} data @param {How} how */
export function story(loop, data, how) {
  if (loop.done !== null) return STORIES[how.stages[loop.done]](loop, data, how);
  const { last } = rows(data, loop.shown);
  return `The parameters are where they start. Press Step: the first line of the loop runs on rows 0 to ${last - 1}.`;
}
