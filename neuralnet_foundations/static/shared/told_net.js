// What a link tells of a NetPlayground: points, network, training and settings, and what of that is believed.
import { countOf } from "../maths/dense.js";
import { netLoss } from "../maths/net.js";
import { COLUMNS, pointsOf } from "../maths/net_shape.js";
import { floats as numbersIn, packed } from "./numbers.js";
import {
  count, ends, fewPoints, floats, from, list, must, newest, number, one, POINTS, rate, record, STEPS, truth,
} from "./trust.js";

const ACTS = ["relu", "tanh", "sigmoid", ""];

/** @typedef {import("./trust.js").Check} Check */
/** @typedef {Record<string, any>} State */
/** @typedef {{sizes: number[], acts: string[], params: DataView, velocity?: DataView}} Net */

/** Is it a network with so many outputs, and has it all its parameters? @param {Net} net @param {number} outs */
function isWhole({ sizes, acts, params, velocity = params }, outs) {
  const fits = sizes[0] === 2 && sizes[sizes.length - 1] === outs, n = 8 * countOf(sizes);
  return fits && acts.length === sizes.length - 2 && params.byteLength === n && velocity.byteLength === n;
}

/** A point's target, as its loss takes it. @param {string} criterion @param {number} outs @param {number} most */
function target(criterion, outs, most) {
  return criterion === "mse_loss" ? from(-most, most) : count(0, criterion === "cross_entropy" ? outs - 1 : 1);
}

/** Points in rows, one to learn from at least. @param {State} page @param {Check} label @returns {Check} */
const pointRows = ({ largest }, label) => (v, what) => {
  const rows = floats(COLUMNS, COLUMNS * POINTS)(v, what), all = numbersIn(rows), held = count(0, 1);
  const checks = [from(-largest, largest), from(-largest, largest), label, held];
  must(all.length % COLUMNS === 0, what);
  all.forEach((one, k) => checks[k % COLUMNS](one, what));
  must(pointsOf(all, false).n > 0, what);
  return rows;
};

/** From and to, for x1 and for x2. @type {Check} */
const limits = (v, what) => {
  const [a, b, c, d] = list(number, 4)(v, what);
  return [...ends([a, b], what), ...ends([c, d], what)];
};

/** @param {State} now @returns {import("./trust.js").Checks} */
export function netChecks({ page, state, criterion }) {
  const outs = state.sizes[state.sizes.length - 1], most = countOf([2, ...Array(page.layers + 1).fill(page.units)]);
  const each = floats(1, most), many = count(0, 1e9), sizes = list(count(1, page.units), 2, page.layers + 2);
  const net = { sizes, acts: list(one(ACTS), 0, page.layers), params: each };
  const run = { velocity: each, steps: many, epoch: many, at: many, losses: floats(1, STEPS),
    test_losses: floats(0, STEPS) };
  /** @type {(checks: import("./trust.js").Checks) => Check} */
  const whole = (checks) => (v, what) => {
    const out = record(checks)(v, what);
    must(isWhole(out, outs), what);
    return out;
  };
  return { points: pointRows(page, target(criterion, outs, page.largest)), limits, start: whole(net),
    state: whole({ ...net, ...run }), lr: rate, momentum: from(0, 1 - 1e-9), batch_size: count(1, page.points),
    shuffle: truth };
}

/** A state that training on these points can reach. @param {any} value of any of the traits @param {State} now */
function together(value, { points, start, state, criterion }) {
  const [train, test] = [false, true].map((held) => pointsOf(numbersIn(points), held));
  must(state.at < train.n && state.epoch <= state.steps, "state");
  must((state.test_losses.byteLength > 0) === (test.n > 0), "state: test_losses");
  for (const { sizes, acts, params } of [start, state]) {
    const problem = { name: criterion, shape: { sizes, acts } };
    must(Number.isFinite(netLoss(problem, numbersIn(params), train)), "the loss");
  }
  return value;
}

/** With its newest losses alone. @param {State} state */
const shortly = (state) => ({ ...state, losses: packed(newest(numbersIn(state.losses), 1)),
  test_losses: packed(newest(numbersIn(state.test_losses), 1)) });

export const NET = { checks: netChecks, take: { points: together, start: together, state: together },
  tell: { state: shortly, points: (/** @type {DataView} */ points) => fewPoints(points, COLUMNS) } };
