// A small network of dense layers on typed arrays: outputs, loss, gradients, steps of SGD with momentum, surfaces.
//
// Parameters are one vector, in the order of torch's `parameters()`: of each layer the weights, a row for each unit, and
// then the biases.
import { activate, activateBack } from "./activations.js";
import { layersOf, weighted, weightedBack, weightedBelow } from "./dense.js";
import { NET_LOSSES, NET_SLOPES } from "./net_losses.js";

/** @typedef {{sizes: number[], acts: string[]}} Shape units of each layer, inputs first; activations of hidden ones */
/** @typedef {{x: Float64Array, y: Float64Array, n: number}} Points all x1, then all x2; a target each */
/** @typedef {import("./dense.js").Layer} Layer */
/** @typedef {{layers: Layer[], outs: Float64Array[], deltas: Float64Array[]}} Work values and slopes of each layer */
/** @typedef {{name: string, shape: Shape}} Problem the loss, as torch names it, and the network */

/**
 * Room for the values of so many points, and for their slopes.
 * @param {number[]} sizes @param {number} rows @param {number} [learning] of how many points @returns {Work}
 */
export function workFor(sizes, rows, learning = 0) {
  const room = (/** @type {number} */ n) => sizes.map((units) => new Float64Array(units * n));
  return { layers: layersOf(sizes), outs: room(rows), deltas: room(learning) };
}

/**
 * From the inputs in `work.outs[0]` to the outputs, which are returned.
 * @param {Shape} shape @param {Float64Array} params @param {Work} work @param {number} rows
 */
export function forward({ acts }, params, { layers, outs }, rows) {
  for (let l = 0; l < layers.length; l++) {
    weighted(layers[l], params, outs[l], outs[l + 1], rows);
    if (acts[l]) activate(acts[l], outs[l + 1], layers[l].outs * rows);
  }
  return outs[layers.length];
}

/**
 * Behind `forward`: slopes of the mean loss by every parameter.
 * @param {Problem} problem @param {Float64Array} params @param {Work} work @param {Float64Array} y
 * @param {number} rows @param {Float64Array} grad where they go
 */
export function backward({ name, shape: { acts } }, params, { layers, outs, deltas }, y, rows, grad) {
  const last = layers.length;
  NET_SLOPES[name](outs[last], y, rows, layers[last - 1].outs, deltas[last]);
  for (let l = last; l > 0; l--) {
    const layer = layers[l - 1];
    if (acts[l - 1]) activateBack(acts[l - 1], outs[l], deltas[l], layer.outs * rows);
    weightedBack(layer, outs[l - 1], deltas[l], grad, rows);
    if (l > 1) weightedBelow(layer, params, deltas[l], deltas[l - 1], rows);
  }
}

/**
 * Outputs for all points, unit by unit.
 * @param {Shape} shape @param {Float64Array} params @param {Points} points
 * @param {Work} [work] room from an earlier call, of the same sizes
 */
export function outputs(shape, params, { x, n }, work = workFor(shape.sizes, n)) {
  work.outs[0] = x;
  return forward(shape, params, work, n);
}

/** Room for the losses of points that come again and again. @type {WeakMap<Points, {of: string, work: Work}>} */
const lossRooms = new WeakMap();

/** @param {number[]} sizes @param {Points} points */
function lossRoom(sizes, points) {
  const of = sizes.join(), kept = lossRooms.get(points);
  if (kept?.of === of) return kept.work;
  const work = workFor(sizes, points.n);
  lossRooms.set(points, { of, work });
  return work;
}

/** The mean loss of all points. @param {Problem} problem @param {Float64Array} params @param {Points} points */
export function netLoss({ name, shape }, params, points) {
  const { sizes } = shape, out = outputs(shape, params, points, lossRoom(sizes, points));
  return NET_LOSSES[name](out, points.y, points.n, sizes[sizes.length - 1]);
}

/** Its slopes. @param {Problem} problem @param {Float64Array} params @param {Points} points */
export function netGradient(problem, params, { x, y, n }) {
  const work = workFor(problem.shape.sizes, n, n), grad = new Float64Array(params.length);
  work.outs[0].set(x);
  forward(problem.shape, params, work, n);
  backward(problem, params, work, y, n, grad);
  return grad;
}

/**
 * The middles of n by n squares, row by row from the top: all x1, then all x2.
 * @param {number[]} limits x1 from and to, x2 from and to @param {number} n
 */
export function gridOf([x0, x1, y0, y1], n) {
  const grid = new Float64Array(2 * n * n);
  for (let i = 0, k = 0; i < n; i++) for (let j = 0; j < n; j++, k++) {
    grid[k] = x0 + (j + 0.5) / n * (x1 - x0);
    grid[n * n + k] = y1 - (i + 0.5) / n * (y1 - y0);
  }
  return grid;
}

/**
 * What every unit gives at every place of a grid: an array for each layer, the inputs' own first.
 * @param {Shape} shape @param {Float64Array} params @param {number[]} limits @param {number} n
 * @param {Work} [work] room from an earlier call, of the same sizes @returns {Float64Array[]}
 */
export function surfaces(shape, params, limits, n, work = workFor(shape.sizes, n * n)) {
  work.outs[0] = gridOf(limits, n);
  forward(shape, params, work, n * n);
  return work.outs;
}
