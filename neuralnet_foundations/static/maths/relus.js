// A curve made of ReLUs, c + sum of w * max(0, m * x + b): its height, its loss and slopes, its kinks, and descent with
// momentum.

/**
 * @typedef {{w: number[], m: number[], b: number[], c: number}} Relus
 * @typedef {{params: Relus, velocity: Relus, steps: number, losses: Float64Array}} State
 * @typedef {[number, number]} Ends the lowest and the highest x
 */

export const EACH = /** @type {const} */ (["w", "m", "b"]);

/** @param {number} v @param {Ends} ends */
const inside = (v, [lo, hi]) => Math.min(hi, Math.max(lo, v));

/** @param {Relus} p @param {ArrayLike<number>} xs */
export function predict(p, xs) {
  const out = new Float64Array(xs.length).fill(p.c);
  for (let i = 0; i < p.w.length; i++) {
    const w = p.w[i], m = p.m[i], b = p.b[i];
    for (let q = 0; q < xs.length; q++) out[q] += w * Math.max(0, m * xs[q] + b);
  }
  return out;
}

/** The largest distance between two curves. @param {ArrayLike<number>} preds @param {ArrayLike<number>} ys */
export function largestError(preds, ys) {
  let out = 0;
  for (let q = 0; q < ys.length; q++) out = Math.max(out, Math.abs(preds[q] - ys[q]));
  return out;
}

/**
 * Mean squared error and its slopes, in the shape of the parameters. At the kink itself the slope is 0, as torch has
 * it.
 * @param {Relus} p @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys
 * @returns {{loss: number, gradient: Relus}}
 */
export function evaluate(p, xs, ys) {
  const out = predict(p, xs), count = xs.length, gradient = zeros(p.w.length);
  let loss = 0;
  for (let q = 0; q < count; q++) {
    const error = out[q] - ys[q], push = 2 * error / count;
    loss += error * error / count;
    gradient.c += push;
    for (let i = 0; i < p.w.length; i++) {
      const z = p.m[i] * xs[q] + p.b[i];
      if (!(z > 0)) continue;
      gradient.w[i] += push * z;
      gradient.m[i] += push * p.w[i] * xs[q];
      gradient.b[i] += push * p.w[i];
    }
  }
  return { loss, gradient };
}

/** @param {number} n @returns {Relus} */
export const zeros = (n) => ({ w: Array(n).fill(0), m: Array(n).fill(0), b: Array(n).fill(0), c: 0 });

/** @param {Relus} p */
export const finite = (p) => [...p.w, ...p.m, ...p.b, p.c].every(Number.isFinite);

/**
 * Both with the same f, number by number.
 * @param {Relus} p @param {Relus} q @param {(a: number, b: number) => number} f @returns {Relus}
 */
function combine(p, q, f) {
  const [w, m, b] = EACH.map((key) => p[key].map((v, i) => f(v, q[key][i])));
  return { w, m, b, c: f(p.c, q.c) };
}

/**
 * A fit that begins here: no speed yet, no loss but this one.
 * @param {Relus} params @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys @returns {State}
 */
export const begin = (params, xs, ys) =>
  ({ params, velocity: zeros(params.w.length), steps: 0, losses: Float64Array.of(evaluate(params, xs, ys).loss) });

/**
 * Up to `n` steps of gradient descent with momentum on all points, as long as everything stays finite.
 * @param {State} state @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys @param {number} n
 * @param {{lr: number, momentum: number, keep: number}} how `keep`: so many of the newest losses
 * @returns {{state: State, taken: number}} how many steps there were
 */
export function descend(state, xs, ys, n, { lr, momentum, keep }) {
  let { params, velocity } = state, now = evaluate(params, xs, ys), taken = 0;
  const losses = [];
  for (; taken < n; taken++) {
    const faster = combine(velocity, now.gradient, (v, g) => momentum * v + g);
    const next = combine(params, faster, (p, v) => p - lr * v);
    const there = evaluate(next, xs, ys);
    if (!(finite(next) && finite(faster) && Number.isFinite(there.loss) && finite(there.gradient))) break;
    params = next; velocity = faster; now = there;
    losses.push(there.loss);
  }
  const all = Float64Array.from([...state.losses, ...losses].slice(-keep));
  return { state: { params, velocity, steps: state.steps + taken, losses: all }, taken };
}

/**
 * Whether the last `window` losses are no lower than those before.
 * @param {Float64Array} losses @param {number} window
 */
export function settled(losses, window) {
  const before = losses.subarray(0, -window), after = losses.subarray(-window);
  return before.length > 0 && Math.min(...after) > 0.999 * Math.min(...before);
}

/** Where a ReLU bends; nowhere if it is flat. @param {Relus} p @param {number} i */
export const kink = (p, i) => (p.m[i] === 0 ? Infinity : -p.b[i] / p.m[i]);

/** How steeply it leaves its kink. @param {Relus} p @param {number} i */
export const grade = (p, i) => p.w[i] * Math.abs(p.m[i]);

/**
 * The ends and the kinks between them: a curve of ReLUs is straight from one to the next.
 * @param {Relus} p @param {Ends} ends
 */
export function bends(p, [lo, hi]) {
  const kinks = p.w.map((_, i) => kink(p, i)).filter((k) => k > lo && k < hi);
  return Float64Array.from([lo, ...kinks, hi]).sort();
}

/** @param {Relus} p @param {number} i @param {Partial<Record<"w" | "m" | "b", number>>} changes @returns {Relus} */
export function withOne(p, i, changes) {
  const [w, m, b] = EACH.map((key) => p[key].map((v, j) => (j === i ? changes[key] ?? v : v)));
  return { w, m, b, c: p.c };
}

/** @param {Relus} p @param {number} i @param {number} k @param {Ends} ends @returns {Relus} */
export function moveKink(p, i, k, ends) {
  const m = p.m[i] || 1;
  return withOne(p, i, { m, b: -m * inside(k, ends) });
}

/** Another steepness; the kink stays. @param {Relus} p @param {number} i @param {number} slope @returns {Relus} */
export function tilt(p, i, slope) {
  const m = p.m[i] || 1;
  return withOne(p, i, { m, w: slope / Math.abs(m) });
}

/**
 * The same kink, and the ReLU through a point beside it, on the point's side.
 * @param {Relus} p @param {number} i @param {number} x @param {number} y @param {Ends} ends @returns {Relus}
 */
export function aim(p, i, x, y, ends) {
  const k = inside(kink(p, i), ends), far = x - k, m = Math.sign(far) * (Math.abs(p.m[i]) || 1);
  return withOne(p, i, { m, b: -m * k, w: (y - p.c) / (m * far) });
}

/** The other way round at the same kink. @param {Relus} p @param {number} i */
export const flip = (p, i) => withOne(p, i, { m: -p.m[i], b: -p.b[i] });

/**
 * Fewer ReLUs, the newest go first; or more, with weight 0 in the middle of the widest gaps, which leaves the curve as
 * it is.
 * @param {Relus} p @param {number} n @param {Ends} ends @returns {Relus}
 */
export function resize(p, n, ends) {
  const out = { w: p.w.slice(0, n), m: p.m.slice(0, n), b: p.b.slice(0, n), c: p.c };
  while (out.w.length < n) {
    const at = bends(out, ends);
    let widest = 0;
    for (let i = 1; i < at.length - 1; i++) if (at[i + 1] - at[i] > at[widest + 1] - at[widest] + 1e-12) widest = i;
    out.w.push(0);
    out.m.push(1);
    out.b.push(-(at[widest] + at[widest + 1]) / 2);
  }
  return out;
}

/**
 * Kinks spread evenly, small weights of changing sign, the constant at the target's mean.
 * @param {number} n @param {Ends} ends @param {Float64Array} ys @param {number} scale half the target's height
 * @returns {Relus}
 */
export function fresh(n, [lo, hi], ys, scale) {
  const wide = hi - lo, size = 2 * scale / wide / Math.sqrt(n), each = Array.from({ length: n }, (_, i) => i);
  return { w: each.map((i) => (i % 2 ? -size : size)), m: each.map(() => 1),
    b: each.map((i) => -(lo + wide * (i + 0.5) / n)),
    c: ys.reduce((sum, v) => sum + v, 0) / ys.length };
}
