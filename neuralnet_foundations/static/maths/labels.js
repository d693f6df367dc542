// Pasted columns x1, x2 and label, as points of a network: its classes, the window around them.

/** @typedef {{rows: Float64Array, limits: number[], says: string, problem: string}} Labelled rows of x1, x2, y, 0 */

const ROOM = 0.15; // of the width, beside the points

/** From and to with room beside them. @param {Float64Array} v */
function around(v) {
  const lo = v.reduce((a, b) => Math.min(a, b)), hi = v.reduce((a, b) => Math.max(a, b)), room = ROOM * (hi - lo || 1);
  return [lo - room, hi + room];
}

/**
 * Labels as classes from 0 on: as they are where they are such, else by their order.
 * @param {Float64Array} labels @param {number} classes how many the network tells apart
 */
function classesOf(labels, classes) {
  const kinds = [...new Set(labels)].sort((a, b) => a - b), n = kinds.length;
  if (kinds.every((v) => Number.isInteger(v) && v >= 0 && v < classes)) return { y: labels, says: "", problem: "" };
  if (n > classes) {
    return { y: labels, says: "", problem: `There are ${n} different labels, and this network tells ${classes} apart.` };
  }
  const says = `The labels ${kinds.join(", ")} are the classes ${kinds.map((_, c) => c).join(", ")} here.`;
  return { y: labels.map((v) => kinds.indexOf(v)), says, problem: "" };
}

/**
 * Three columns as points.
 * @param {Float64Array[]} columns x1, x2, label @param {number} classes 0 where a label is a number to come near to
 * @param {number} largest @returns {Labelled}
 */
export function labelled([x1, x2, labels], classes, largest) {
  const most = [...x1, ...x2, ...labels].reduce((a, b) => Math.max(a, Math.abs(b)), 0), none = new Float64Array(0);
  const { y, says, problem } = classes ? classesOf(labels, classes) : { y: labels, says: "", problem: "" };
  const wrong = most > largest ? `The numbers reach ${most}: ${largest.toLocaleString("en")} at most.` : problem;
  if (wrong) return { rows: none, limits: [], says: "", problem: wrong };
  const rows = Float64Array.from({ length: 4 * x1.length }, (_, k) => [x1, x2, y, none][k % 4][k >> 2] ?? 0);
  return { rows, limits: [...around(x1), ...around(x2)], says, problem: "" };
}
