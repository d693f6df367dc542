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

/**
 * The grid with a rim of values that are higher than all, so that every outline closes.
 * @param {Float64Array} values @param {number} n
 */
function rimmed(values, n) {
  const wide = n + 2, out = new Float64Array(wide * wide).fill(Infinity);
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) {
    const v = values[j * n + i];
    if (!Number.isNaN(v)) out[(j + 1) * wide + i + 1] = v;
  }
  return out;
}

// The corners of a cell, and its edges: edge e lies between corner e and the next one.
const ACROSS = [0, 1, 1, 0], UP = [0, 0, 1, 1];

/**
 * For each pattern of inner corners (bit e for corner e; 16 more where a saddle's two inner corners are one): from
 * which edge the outline goes on to which. An edge with its first corner inside is left there, and the outline comes in
 * again by the next edge that enters.
 */
const LINKS = Array.from({ length: 32 }, (_, pattern) => {
  const inside = (/** @type {number} */ corner) => (pattern >> (corner % 4)) % 2 === 1, turn = pattern & 16 ? 1 : 3;
  return [0, 1, 2, 3].filter((e) => inside(e) && !inside(e + 1)).map((e) => {
    let to = e;
    do to = (to + turn) % 4; while (inside(to) || !inside(to + 1));
    return [e, to];
  });
});

/**
 * Where the cell's edges stand among all edges, of which each grid point has two: to the right, and up.
 * @param {number} at @param {number} wide
 */
const edgesOf = (at, wide) => [2 * at, 2 * (at + 1) + 1, 2 * (at + wide), 2 * at + 1];

/**
 * Where the level crosses an edge.
 * @param {Float64Array} grid with its rim @param {number} wide @param {number} at the cell @param {number} e
 * @param {number} level
 */
function crossing(grid, wide, at, e, level) {
  const f = (e + 1) % 4, i = at % wide, j = (at - i) / wide;
  const place = (/** @type {number} */ v) => Math.min(wide - 3, Math.max(0, v - 1));
  const inner = grid[at + UP[e] * wide + ACROSS[e]], outer = grid[at + UP[f] * wide + ACROSS[f]];
  const t = (level - inner) / (outer - inner);
  const x = place(i + ACROSS[e]), y = place(j + UP[e]);
  return [x + t * (place(i + ACROSS[f]) - x), y + t * (place(j + UP[f]) - y)];
}

/** @param {Float64Array} grid with its rim @param {number} n @param {number} level @returns {number[][][]} */
function outlineOf(grid, n, level) {
  const wide = n + 2, next = new Int32Array(2 * wide * wide).fill(-1), points = new Map(), loops = [];
  for (let j = 0; j <= n; j++) for (let at = j * wide; at <= j * wide + n; at++) {
    const a = grid[at], b = grid[at + 1], c = grid[at + wide + 1], d = grid[at + wide];
    const pattern = (a <= level ? 1 : 0) + (b <= level ? 2 : 0) + (c <= level ? 4 : 0) + (d <= level ? 8 : 0);
    if (pattern === 0 || pattern === 15) continue;
    const edges = edgesOf(at, wide);
    for (const [from, to] of LINKS[pattern + (a + b + c + d <= 4 * level ? 16 : 0)]) {
      next[edges[from]] = edges[to];
      points.set(edges[from], crossing(grid, wide, at, from, level));
    }
  }
  for (const first of points.keys()) {
    const loop = [];
    for (let edge = first, to = next[edge]; to >= 0; edge = to, to = next[edge]) {
      loop.push(points.get(edge));
      next[edge] = -1;
    }
    if (loop.length) loops.push(loop);
  }
  return loops;
}

/**
 * The outline of {values <= level} on an n by n grid, by marching squares. Beyond the grid counts as higher, so every
 * loop is closed and can be filled.
 * @param {Float64Array} values row by row @param {number} n @param {number} level
 * @returns {number[][][]} loops of [i, j], places on the grid from 0 to n - 1
 */
export const outline = (values, n, level) => outlineOf(rimmed(values, n), n, level);

/**
 * The outlines of several levels.
 * @param {Float64Array} values @param {number} n @param {number[]} levels
 * @returns {number[][][][]} for each level its loops
 */
export function outlines(values, n, levels) {
  const grid = rimmed(values, n);
  return levels.map((level) => outlineOf(grid, n, level));
}
