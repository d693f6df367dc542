// What a network looks like beside its training: points in rows, other sizes, one example's way through, Python code.
import { countOf, layersOf } from "./dense.js";
import { forward, workFor } from "./net.js";
import { mulberry, shuffled } from "./shuffle.js";

export const COLUMNS = 4; // of a point: x1, x2, y, and 1 where it is held back for testing
const HELD_BACK = 999_983; // the seed of the order in which points are held back

/** @typedef {import("./net.js").Shape} Shape */
/** @typedef {import("./net.js").Points} Points */

/** Points for training, or those held back. @param {Float64Array} rows @param {boolean} held @returns {Points} */
export function pointsOf(rows, held) {
  const some = [];
  for (let k = 0; k < rows.length; k += COLUMNS) if ((rows[k + 3] === 1) === held) some.push(k);
  const n = some.length, x = new Float64Array(2 * n), y = new Float64Array(n);
  some.forEach((k, i) => {
    x[i] = rows[k];
    x[n + i] = rows[k + 1];
    y[i] = rows[k + 2];
  });
  return { x, y, n };
}

/** The rows with another part held back; one at least stays. @param {Float64Array} rows @param {number} share */
export function heldBack(rows, share) {
  const out = Float64Array.from(rows), n = rows.length / COLUMNS, tests = Math.min(n - 1, Math.round(share * n));
  shuffled(n, HELD_BACK).forEach((k, i) => { out[k * COLUMNS + 3] = i < tests ? 1 : 0; });
  return out;
}

/**
 * A ready set: its places without noise, moved by `amount` times the noise; classes 0 and 1 take turns.
 * @param {Float64Array} clean x1 and x2 of each @param {Float64Array} noise as many @param {number} amount
 */
export function readyRows(clean, noise, amount) {
  const rows = new Float64Array(clean.length / 2 * COLUMNS);
  for (let k = 0; k < clean.length / 2; k++) {
    rows[k * COLUMNS] = clean[2 * k] + amount * noise[2 * k];
    rows[k * COLUMNS + 1] = clean[2 * k + 1] + amount * noise[2 * k + 1];
    rows[k * COLUMNS + 2] = k % 2;
  }
  return rows;
}

/**
 * Parameters for other sizes: kept where there were some, else as torch begins, evenly within 1 / √inputs. The output
 * layer is kept where the number of layers is.
 * @param {{sizes: number[], params: ArrayLike<number>}} from @param {number[]} sizes @param {number} seed
 */
export function resized(from, sizes, seed) {
  const next = mulberry(seed), out = new Float64Array(countOf(sizes));
  const old = layersOf(from.sizes), last = sizes.length - 2;
  const kept = (/** @type {number} */ l) => (l < last ? l < old.length - 1 : last === old.length - 1);
  layersOf(sizes).forEach((layer, l) => {
    const before = kept(l) ? old[l] : { ins: 0, outs: 0, at: 0, bias: 0 }, reach = 1 / Math.sqrt(layer.ins);
    const fresh = () => (2 * next() / 2 ** 32 - 1) * reach;
    for (let j = 0; j < layer.outs; j++) {
      for (let i = 0; i < layer.ins; i++) {
        const stays = j < before.outs && i < before.ins;
        out[layer.at + j * layer.ins + i] = stays ? from.params[before.at + j * before.ins + i] : fresh();
      }
      out[layer.bias + j] = j < before.outs ? from.params[before.bias + j] : fresh();
    }
  });
  return out;
}

/** Parameters to begin with. @param {number[]} sizes @param {number} seed */
export const freshParams = (sizes, seed) => resized({ sizes: [2], params: [] }, sizes, seed);

/** One example's values, layer by layer. @param {Shape} shape @param {Float64Array} params @param {number[]} x */
export function traced(shape, params, x) {
  const work = workFor(shape.sizes, 1);
  work.outs[0].set(x);
  forward(shape, params, work, 1);
  return work.outs;
}

/**
 * How a unit comes to its value: what goes in, with which weights, and the sum before the activation.
 * @param {Shape} shape @param {Float64Array} params @param {Float64Array[]} values of `traced`
 * @param {number} l the layer, from 1 @param {number} j the unit
 */
export function unitOf({ sizes }, params, values, l, j) {
  const { ins, at, bias } = layersOf(sizes)[l - 1], w = at + j * ins;
  const terms = Array.from(values[l - 1], (x, i) => ({ x, weight: params[w + i] })), b = params[bias + j];
  return { terms, bias: b, sum: terms.reduce((sum, { x, weight }) => sum + x * weight, b), value: values[l][j] };
}

/** @type {Record<string, string>} */
const PYTHON = { relu: "nn.ReLU()", tanh: "nn.Tanh()", sigmoid: "nn.Sigmoid()" };

/** Where a layer stands in the `nn.Sequential`. @param {string[]} acts @param {number} l */
export const placeOf = (acts, l) => acts.slice(0, l).reduce((at, act) => at + (act ? 2 : 1), 0);

/** Numbers over several lines. @param {Float64Array} values @param {number} wide columns */
function inLines(values, wide) {
  const lines = [""];
  for (const v of values) {
    const text = `${v}, `, i = lines.length - 1;
    if (lines[i].length + text.length > wide) lines.push(text); else lines[i] += text;
  }
  return lines.map((line) => `    ${line.trim()}`).join("\n");
}

/** Python that builds this network. @param {Shape} shape @param {Float64Array} params */
export function pythonOf({ sizes, acts }, params) {
  const layers = sizes.slice(1).map((outs, l) => {
    const act = PYTHON[acts[l]];
    return `    nn.Linear(${sizes[l]}, ${outs}),${act ? ` ${act},` : ""}`;
  });
  return ["import torch", "from torch import nn", "", "net = nn.Sequential(", ...layers,
    ").double()  # to the last digit, as in the page; net.float() takes float32 tensors",
    "values = torch.tensor([", inLines(params, 96), "], dtype=torch.float64)",
    "nn.utils.vector_to_parameters(values, net.parameters())", ""].join("\n");
}
