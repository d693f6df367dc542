// Models by speed and accuracy: which are shown, which stand on the frontier, which is nearest to a finger.

/** @typedef {(number | null)[]} Speeds images a second; null where a model was not measured */

/**
 * The rows that a search (every word of it) and a family leave, of those with a speed.
 * @param {string[]} models @param {string[]} families @param {Speeds} speeds
 * @param {string} search @param {string} family
 */
export function rowsShown(models, families, speeds, search, family) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean), rows = [];
  for (let i = 0; i < models.length; i++) {
    if (speeds[i] === null || (family && families[i] !== family)) continue;
    const name = models[i].toLowerCase();
    if (words.every((word) => name.includes(word))) rows.push(i);
  }
  return rows;
}

/**
 * Rows by speed, the fastest first; of equally fast ones the most accurate.
 * @param {number[]} rows @param {Speeds} speeds @param {number[]} top1
 */
export const bySpeed = (rows, speeds, top1) =>
  rows.toSorted((a, b) => Number(speeds[b]) - Number(speeds[a]) || top1[b] - top1[a] || a - b);

/**
 * Of rows in the order of `bySpeed` those that no other one beats: none is at least as fast and as accurate, and better
 * in one of the two. The fastest comes first.
 * @param {number[]} order @param {Speeds} speeds @param {number[]} top1
 */
export function frontierRows(order, speeds, top1) {
  const out = /** @type {number[]} */ ([]);
  for (const i of order) {
    const last = out.at(-1);
    const beaten = last !== undefined && (top1[i] < top1[last] || (top1[i] === top1[last] && speeds[i] !== speeds[last]));
    if (!beaten) out.push(i);
  }
  return out;
}

/**
 * The most accurate of the frontier that manages so many images a second; of several the last, -1 where there is none.
 * @param {number[]} frontier @param {Speeds} speeds @param {number} need
 */
export const bestRow = (frontier, speeds, need) => frontier.findLast((i) => Number(speeds[i]) >= need) ?? -1;

/**
 * Where the nearest point lies, as a place in `xs` and `ys`; -1 where none is within `reach`.
 * @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys @param {number} x @param {number} y @param {number} reach
 */
export function nearestPoint(xs, ys, x, y, reach) {
  let near = -1, least = reach * reach;
  for (let i = 0; i < xs.length; i++) {
    const far = (xs[i] - x) ** 2 + (ys[i] - y) ** 2;
    if (far <= least) {
      near = i;
      least = far;
    }
  }
  return near;
}

const LEAST_ERROR = 0.01; // percent: the axis needs an end

/** How high an accuracy stands on its axis: half as many errors are always the same way up. @param {number} top1 percent */
export const levelOf = (top1) => -Math.log10(Math.max(LEAST_ERROR, 100 - top1));

/**
 * Marks of a logarithmic axis between two powers of ten: [place, text], at 1, or at 1, 2 and 5 times each power.
 * @param {number} lo @param {number} hi @param {number} n about how many @returns {[number, string][]}
 */
export function powerMarks(lo, hi, n) {
  const steps = 3 * (hi - lo) <= n ? [1, 2, 5] : [1], every = Math.max(1, Math.ceil((hi - lo) / n));
  const out = /** @type {[number, string][]} */ ([]);
  for (let p = Math.floor(lo); p <= hi; p++) if (p % every === 0) for (const k of steps) {
    const v = k * 10 ** p, at = Math.log10(v);
    if (at >= lo && at <= hi) out.push([at, p < 0 ? v.toFixed(-p) : v.toLocaleString("en")]);
  }
  return out;
}

/**
 * Marks of the axis of accuracies: [place, text].
 * @param {number} lo @param {number} hi @returns {[number, string][]}
 */
export function accuracyMarks(lo, hi) {
  const all = [0, 20, 40, 50, 60, 70, 75, 80, 85, 90, 95, 98, 99, 99.9];
  return all.map((v) => /** @type {[number, string]} */ ([levelOf(v), `${v}`])).filter(([at]) => at >= lo && at <= hi);
}

/** Rows of cells as text that spreadsheets take as a table. @param {(string | number)[][]} rows */
export const tableText = (rows) =>
  rows.map((row) => row.map((cell) => String(cell).replace(/\s+/g, " ")).join("\t")).join("\n");
