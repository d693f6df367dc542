// Surfaces as pixels. Colours are mixed with whatever lies below, so that they suit light and dark pages.
import { extent } from "../shared/numbers.js";

/** @typedef {import("./net.js").Playground} Playground */

/** @type {number[][]} blue, orange, green, purple: apart for every kind of colour blindness */
const COLOURS = [[0, 114, 178], [230, 126, 22], [0, 150, 110], [170, 80, 150]];
const DENSEST = 190; // of 255

/** @param {Uint8ClampedArray} pixels @param {number} k @param {number} colour @param {number} part from 0 to 1 */
function dab(pixels, k, colour, part) {
  const [r, g, b] = COLOURS[colour], at = 4 * k;
  pixels[at] = r;
  pixels[at + 1] = g;
  pixels[at + 2] = b;
  pixels[at + 3] = DENSEST * Math.min(1, part);
}

/**
 * A unit's surface: blue below 0, orange above, the farther from 0 the denser.
 * @param {Uint8ClampedArray} pixels @param {Float64Array} values
 */
export function paintUnit(pixels, values) {
  const [lo, hi] = extent(values), reach = Math.max(-lo, hi, 1e-9);
  for (let k = 0; k < values.length; k++) dab(pixels, k, values[k] < 0 ? 0 : 1, Math.abs(values[k]) / reach);
}

/** What counts as the middle, and how far from it is far, for numbers as targets. @param {Playground} net */
export function middleOf(net) {
  if (net.criterion !== "mse_loss") return { middle: 0, reach: 1 };
  const ys = Array.from({ length: net.size }, (_, i) => net.point(i)[2]), [lo, hi] = extent(ys);
  return { middle: (lo + hi) / 2, reach: (hi - lo) / 2 || 1 };
}

/**
 * The answer: of two classes or a number by its distance from the middle, of more by the most probable class.
 * @param {Uint8ClampedArray} pixels @param {Float64Array} values unit by unit @param {Playground} net
 */
export function paintAnswer(pixels, values, net) {
  const { middle, reach } = middleOf(net), n = pixels.length / 4;
  if (net.criterion === "cross_entropy") return paintClasses(pixels, values, net.outs);
  for (let k = 0; k < n; k++) {
    const v = (values[k] - middle) / reach, part = net.criterion === "mse_loss" ? v : Math.tanh(v / 2);
    dab(pixels, k, v < 0 ? 0 : 1, Math.abs(part));
  }
}

/** @param {Uint8ClampedArray} pixels @param {Float64Array} values @param {number} classes */
function paintClasses(pixels, values, classes) {
  const n = pixels.length / 4;
  for (let k = 0; k < n; k++) {
    let best = 0, sum = 0;
    for (let c = 1; c < classes; c++) if (values[c * n + k] > values[best * n + k]) best = c;
    for (let c = 0; c < classes; c++) sum += Math.exp(values[c * n + k] - values[best * n + k]);
    dab(pixels, k, best, (1 / sum - 1 / classes) / (1 - 1 / classes));
  }
}

/**
 * How far the answer is from changing, at every place: 0 where two classes are equally probable.
 * @param {Float64Array} values unit by unit @param {Playground} net @returns {Float64Array[]} one for each border
 */
export function margins(values, net) {
  const { middle } = middleOf(net);
  if (net.criterion !== "cross_entropy") return [values.map((v) => v - middle)];
  const n = values.length / net.outs, all = Array.from({ length: net.outs }, (_, c) => c);
  return all.slice(net.outs === 2 ? 1 : 0).map((c) => Float64Array.from({ length: n }, (_, k) =>
    values[c * n + k] - Math.max(...all.filter((d) => d !== c).map((d) => values[d * n + k]))));
}
