// Lines of equal height through a grid of numbers.

/**
 * Levels that give bands of about equal area, rounded to numbers one can read.
 * @param {Float64Array} values @param {number} bands
 * @returns {{levels: number[], low: number, span: number}} also the lowest value, and how much most of them vary
 */
export function roundLevels(values, bands) {
  const sorted = values.filter(Number.isFinite).sort(), last = sorted.length - 1, levels = /** @type {number[]} */ ([]);
  for (let b = 0; b < bands; b++) {
    const level = Number(sorted[Math.floor((0.015 + 0.985 * b / bands) * last)].toPrecision(2));
    if (level > sorted[0] && level < sorted[last] && !(level <= levels[levels.length - 1])) levels.push(level);
  }
  return { levels, low: sorted[0], span: (sorted[Math.floor(0.8 * last)] - sorted[0]) || 1 };
}

/** The grid with a rim of values that are higher than all, so that every outline closes. @param {Float64Array} values @param {number} n */
function rimmed(values, n) {
  const wide = n + 2, out = new Float64Array(wide * wide).fill(Infinity);
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) {
    const v = values[j * n + i];
    if (!Number.isNaN(v)) out[(j + 1) * wide + i + 1] = v;
  }
  return out;
}

// The corners of a cell in the order of its edges: edge e lies between corner e and the next one.
const ACROSS = [0, 1, 1, 0], UP = [0, 0, 1, 1];

/**
 * The edges of one cell that the outline crosses: `links` learns from which edge it goes on to which, `points` where it crosses them.
 * @param {Float64Array} grid with its rim @param {number} wide @param {number} i @param {number} j @param {number} level
 * @param {Map<number, number>} links @param {Map<number, number[]>} points
 */
function cross(grid, wide, i, j, level, links, points) {
  const value = (/** @type {number} */ c) => grid[(j + UP[c]) * wide + i + ACROSS[c]];
  const c = [value(0), value(1), value(2), value(3)], inside = c.map((v) => v <= level);
  const edges = [2 * (j * wide + i), 2 * (j * wide + i + 1) + 1, 2 * ((j + 1) * wide + i), 2 * (j * wide + i) + 1];
  const joined = (c[0] + c[1] + c[2] + c[3]) / 4 <= level; // a saddle: are the two inner corners one?
  const place = (/** @type {number} */ v) => Math.min(wide - 3, Math.max(0, v - 1));
  for (let e = 0; e < 4; e++) {
    const f = (e + 1) % 4;
    if (inside[e] === inside[f]) continue;
    const [a, b] = inside[e] ? [e, f] : [f, e], t = (level - c[a]) / (c[b] - c[a]);
    const ax = place(i + ACROSS[a]), ay = place(j + UP[a]), bx = place(i + ACROSS[b]), by = place(j + UP[b]);
    points.set(edges[e], [ax + t * (bx - ax), ay + t * (by - ay)]);
    if (!inside[e]) continue;
    let g = e; // this edge leaves the inside; the outline goes on to the edge that enters it again
    do g = (g + (joined ? 1 : 3)) % 4; while (inside[g] || !inside[(g + 1) % 4]);
    links.set(edges[e], edges[g]);
  }
}

/**
 * The outline of {values <= level} on an n by n grid, by marching squares. Beyond the grid counts as higher, so every loop is closed and can be filled.
 * @param {Float64Array} values row by row @param {number} n @param {number} level
 * @returns {number[][][]} loops of [i, j], places on the grid from 0 to n - 1
 */
export function outline(values, n, level) { return outlineOf(rimmed(values, n), n, level); }

/**
 * The outlines of several levels.
 * @param {Float64Array} values @param {number} n @param {number[]} levels @returns {number[][][][]} for each level its loops
 */
export function outlines(values, n, levels) {
  const grid = rimmed(values, n);
  return levels.map((level) => outlineOf(grid, n, level));
}

/** @param {Float64Array} grid with its rim @param {number} n @param {number} level */
function outlineOf(grid, n, level) {
  const wide = n + 2, links = new Map(), points = new Map(), loops = [];
  for (let j = 0; j <= n; j++) for (let i = 0; i <= n; i++) {
    const at = j * wide + i, first = grid[at] <= level;
    if (first === grid[at + 1] <= level && first === grid[at + wide] <= level && first === grid[at + wide + 1] <= level) continue;
    cross(grid, wide, i, j, level, links, points);
  }
  for (const first of links.keys()) {
    const loop = [];
    for (let edge = first; links.has(edge);) {
      const next = links.get(edge);
      loop.push(points.get(edge));
      links.delete(edge);
      edge = next;
    }
    loops.push(loop);
  }
  return loops;
}
