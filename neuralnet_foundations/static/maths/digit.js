// From a drawing to the 28 by 28 numbers that a model sees, and on to its answer: the same numbers as in Python.
import { floats, format } from "../shared/numbers.js";

/** @typedef {number[][][]} Strokes each a list of [x, y] in 0..1 from the top left corner */
/**
 * The pen's width as a share of the pad, a stroke's edge in pixels, the sizes of the ink's box and of the sheet.
 * @typedef {{pen: number, edge: number, box: number, size: number}} Paper
 */
/** @typedef {{outputs: number, inputs: number, weight: Float64Array, bias: Float64Array}} Linear */
/** @typedef {{kind: "nearest", metric: "l1" | "rmse", labels: string[], means: Float64Array}} Nearest */
/** @typedef {{kind: "layers", labels: string[], layers: (string | Linear)[]}} Layers */
/** @typedef {{labels: string[], scores: number[], error?: string}} Reply */
/** @typedef {{label: string, part: number, text: string, wins: boolean}} Bar `part` of the full length, 0 to 1 */

const WIDEST = 3.2, THINNEST = 2, SMALLEST = 0.15; // as in Python's strokes_image
const HALF = 0.5 + 1e-9; // as in Python: what is half way is rounded up, whatever the last bits of a sum are
const SHARE = 1e-3; // probabilities add up to 1, more or less

/** @param {number} v @param {number} low @param {number} high */
const clip = (v, low, high) => Math.min(high, Math.max(low, v));

/** The corners of a drawing. @param {Strokes} strokes */
function frameOf(strokes) {
  let left = Infinity, top = Infinity, right = -Infinity, bottom = -Infinity;
  for (const [x, y] of strokes.flat()) {
    left = Math.min(left, x); right = Math.max(right, x);
    top = Math.min(top, y); bottom = Math.max(bottom, y);
  }
  return { left, top, size: Math.max(right - left, bottom - top) };
}

/**
 * The straight pieces of a drawing, in pixels of the ink's box: start and way.
 * @param {Strokes} strokes @param {(v: number[]) => number[]} place
 */
function pieces(strokes, place) {
  return strokes.flatMap((stroke) => {
    const points = stroke.map(place);
    if (points.length === 1) return [[...points[0], 0, 0]];
    return points.slice(1).map(([x, y], i) => [...points[i], x - points[i][0], y - points[i][1]]);
  });
}

/**
 * Brings the distances of the pixels near one piece down to it.
 * @param {Float64Array} far @param {number} box @param {number[]} piece @param {number} reach
 */
function approach(far, box, [ax, ay, dx, dy], reach) {
  const length2 = dx * dx + dy * dy || 1;
  const first = [ay, ax].map((a, i) => Math.max(0, Math.floor(Math.min(a, a + [dy, dx][i]) - reach)));
  const last = [ay, ax].map((a, i) => Math.min(box - 1, Math.ceil(Math.max(a, a + [dy, dx][i]) + reach)));
  for (let r = first[0]; r <= last[0]; r++) for (let c = first[1]; c <= last[1]; c++) {
    const px = c + 0.5 - ax, py = r + 0.5 - ay, t = clip((px * dx + py * dy) / length2, 0, 1);
    far[r * box + c] = Math.min(far[r * box + c], Math.sqrt((px - t * dx) ** 2 + (py - t * dy) ** 2));
  }
}

/** The drawing's ink, fitted to its box. @param {Strokes} strokes @param {Paper} paper */
function inkOf(strokes, { pen, edge, box }) {
  const { left, top, size } = frameOf(strokes), width = clip((box * pen) / (size + pen), THINNEST, WIDEST);
  const scale = (box - width) / Math.max(size, SMALLEST), far = new Float64Array(box * box).fill(Infinity);
  const all = pieces(strokes, ([x, y]) => [(x - left) * scale + width / 2, (y - top) * scale + width / 2]);
  for (const piece of all) approach(far, box, piece, width / 2 + 1);
  return far.map((v) => clip(0.5 + (width / 2 - v) / edge, 0, 1));
}

/**
 * How far to move the ink along one axis so that its mass is central, in whole pixels and never off the sheet.
 * @param {number[]} mass @param {number} size
 */
function moveOf(mass, size) {
  const total = mass.reduce((a, b) => a + b, 0), centre = mass.reduce((sum, v, i) => sum + v * i, 0) / total;
  const first = mass.findIndex((v) => v > 0), last = mass.findLastIndex((v) => v > 0);
  return clip(Math.floor(size / 2 - centre + HALF), -first, size - 1 - last);
}

/**
 * What a model sees of a drawing: fitted to 20x20 and centred by mass on 28x28, as `strokes_image` does in Python.
 * @param {Strokes} strokes @param {Paper} paper @returns {Float64Array} 784 numbers, paper 0 and ink 1
 */
export function strokesImage(strokes, paper) {
  const { box, size } = paper, sheet = new Float64Array(size * size);
  if (!strokes.flat().length) return sheet;
  const ink = inkOf(strokes, paper), all = Array.from({ length: box }, (_, i) => i);
  const down = moveOf(all.map((r) => all.reduce((sum, c) => sum + ink[r * box + c], 0)), size);
  const right = moveOf(all.map((c) => all.reduce((sum, r) => sum + ink[r * box + c], 0)), size);
  ink.forEach((v, i) => { if (v) sheet[(Math.floor(i / box) + down) * size + (i % box) + right] = v; });
  return sheet;
}

/** A layer with its bytes read as numbers. @param {any} layer */
function unpackLayer(layer) {
  if (typeof layer === "string") return layer;
  return { ...layer, weight: floats(layer.weight, "float32"), bias: floats(layer.bias, "float32") };
}

/**
 * A page model with its bytes read as numbers; null where there is none.
 * @param {any} model @returns {Nearest | Layers | null}
 */
export function unpack(model) {
  if (!model?.kind) return null;
  if (model.kind === "nearest") return { ...model, means: floats(model.means, "float32") };
  return { ...model, layers: model.layers.map(unpackLayer) };
}

/** @param {number[]} v */
function softmax(v) {
  const top = Math.max(...v), e = v.map((o) => Math.exp(o - top)), sum = e.reduce((a, b) => a + b, 0);
  return e.map((o) => o / sum);
}

/** @type {Record<string, (v: number[]) => number[]>} */
const ACTIVATIONS = {
  relu: (v) => v.map((o) => Math.max(0, o)),
  sigmoid: (v) => v.map((o) => 1 / (1 + Math.exp(-o))),
  softmax,
};

/** @param {Linear} layer @param {number[]} x */
function linear({ outputs, inputs, weight, bias }, x) {
  return Array.from({ length: outputs }, (_, o) => {
    let sum = bias[o];
    for (let i = 0, at = o * inputs; i < inputs; i++) sum += weight[at + i] * x[i];
    return sum;
  });
}

/**
 * The distance of an image from the mean of class k.
 * @param {Nearest} model @param {ArrayLike<number>} image @param {number} k
 */
function distance({ metric, means }, image, k) {
  const n = image.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const d = image[i] - means[k * n + i];
    sum += metric === "l1" ? Math.abs(d) : d * d;
  }
  return metric === "l1" ? sum / n : Math.sqrt(sum / n);
}

/**
 * What an unpacked model answers to an image.
 * @param {Nearest | Layers} model @param {ArrayLike<number>} image
 * @param {{probability: string}} says what to say of a number for two labels that is no probability; {} stands for it
 * @returns {Reply}
 */
export function answerOf(model, image, says) {
  const { labels } = model;
  if (model.kind === "nearest") return { labels, scores: labels.map((_, k) => distance(model, image, k)) };
  let scores = Array.from(image);
  for (const o of model.layers) scores = typeof o === "string" ? ACTIVATIONS[o](scores) : linear(o, scores);
  if (scores.length !== 1 || labels.length !== 2) return { labels, scores };
  const [p] = scores;
  if (p >= 0 && p <= 1) return { labels, scores: [p, 1 - p] };
  return { labels, scores: [], error: says.probability.replace("{}", format(p)) };
}

/**
 * An answer as bars: the nearest, or the highest, wins.
 * @param {Reply} reply @param {boolean} nearest are the scores distances?
 * @returns {Bar[]}
 */
export function barsOf({ labels, scores }, nearest) {
  const low = Math.min(...scores), high = Math.max(...scores), sum = scores.reduce((a, b) => a + b, 0);
  const share = !nearest && low >= 0 && Math.abs(sum - 1) < SHARE, winner = scores.indexOf(nearest ? low : high);
  const base = Math.min(low, 0), span = (share ? 1 : high) - base;
  return scores.map((v, i) => ({ label: labels[i], part: span > 0 ? (v - base) / span : 0,
    text: share ? `${(100 * v).toFixed(1)} %` : format(v), wins: i === winner }));
}

/** A point in an SVG path, on a pad 100 wide. @param {number[]} point */
const dot = ([x, y]) => `${(x * 100).toFixed(2)} ${(y * 100).toFixed(2)}`;

/**
 * An SVG path through the points of a stroke; rounded at the corners that a hand did not mean.
 * @param {number[][]} stroke
 */
export function pathOf(stroke) {
  const n = stroke.length;
  if (n === 1) return `M${dot(stroke[0])}h0.01`;
  const middles = stroke.slice(1, -1).map(([x, y], i) => [(x + stroke[i + 2][0]) / 2, (y + stroke[i + 2][1]) / 2]);
  const bends = middles.map((m, i) => `Q${dot(stroke[i + 1])} ${dot(m)}`);
  return `M${dot(stroke[0])}${bends.join("")}L${dot(stroke[n - 1])}`;
}

/**
 * Is `next` the drawing `strokes` with nothing but its last stroke drawn on?
 * @param {Strokes} strokes @param {Strokes} next
 */
export function goesOn(strokes, next) {
  const last = strokes.length - 1;
  return last >= 0 && next.length === strokes.length && strokes.every((stroke, i) => {
    const grown = next[i], fits = i < last ? stroke.length === grown.length : stroke.length <= grown.length;
    return stroke.length > 0 && fits && stroke.every(([x, y], j) => x === grown[j][0] && y === grown[j][1]);
  });
}
