// Numbers for reading, for axes and for fields; packed arrays.

/**
 * A Float64Array from a float32 or float64 binary trait.
 * @param {DataView | ArrayBuffer | Uint8Array | null | undefined} data @param {"float32" | "float64"} [type]
 */
export function floats(data, type = "float64") {
  if (!data) return new Float64Array(0);
  const view = data instanceof ArrayBuffer ? new DataView(data) : data;
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return type === "float32" ? Float64Array.from(new Float32Array(bytes)) : new Float64Array(bytes);
}

/** Numbers as a binary trait takes them; `floats` reads them back. @param {ArrayLike<number>} values */
export const packed = (values) => new DataView(Float64Array.from(values).buffer);

/**
 * A number for reading: about `digits` significant digits, a real minus sign, ∞ and "not a number" in words.
 * @param {number} value
 */
export function format(value, digits = 4) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value), whole = Math.max(0, Math.floor(Math.log10(size || 1)));
  const far = size !== 0 && (size >= 1e6 || size < 1e-4);
  return (far ? value.toExponential(Math.max(digits - 2, 1)) : value.toFixed(Math.max(0,
    digits - 1 - whole))).replace("-", "−");
}

/** A size for reading, with as many digits below 1 as above. @param {number} v */
export const precise = (v, digits = 4) =>
  (Math.abs(v) < 1 && Math.abs(v) >= 1e-4 ? v.toPrecision(digits).replace("-", "−") : format(v, digits));

/**
 * `v`, or 0 where it is only what rounding left beside numbers of the size `scale`.
 * @param {number} v @param {number} scale
 */
export const dusted = (v, scale) => (Math.abs(v) < 1e-12 * scale ? 0 : v);

/** Do two numbers differ by more than rounding leaves? @param {number} lo @param {number} hi */
export const apart = (lo, hi) => hi - lo > 1e-12 * Math.max(Math.abs(lo), Math.abs(hi));

/** Round numbers that span lo..hi, about `n` of them. @param {number} lo @param {number} hi */
export function ticks(lo, hi, n = 5) {
  if (!apart(lo, hi)) return [];
  const raw = (hi - lo) / n, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= raw * 0.999) ?? 10), out = [];
  for (let t = Math.ceil(lo / step - 1e-9) * step; t <= hi + step * 1e-6; t += step) out.push(Math.abs(t) < step * 1e-9
    ? 0 : t);
  return out;
}

/**
 * `v` at the nearest multiple of `grid`, without binary dust (0.1 + 0.2 gives 0.3).
 * @param {number} v @param {number} grid
 */
export const snap = (v, grid) => +(Math.round(v / grid) * grid).toPrecision(12);

/**
 * `v` with as many digits, up to six, as a number field shows: it would cut off an exponent and leave another number.
 * @param {number} v
 */
export function brief(v) {
  for (let n = 6; n > 1; n--) {
    const text = [String(+v.toPrecision(n)), v.toExponential(n - 1)].find((one) => one.length <= 8);
    if (text) return text;
  }
  return v.toExponential(0);
}

/** A number at an axis. @param {number} v */
export function tickText(v) {
  const far = Math.abs(v) >= 1e5 || (v !== 0 && Math.abs(v) < 1e-3);
  return (far ? v.toExponential(0) : String(+v.toPrecision(6))).replace("-", "−");
}

/** The next number that is 1, 2 or 5 times a power of ten. @param {number} v above 0 */
export function roundUp(v) {
  const power = 10 ** Math.floor(Math.log10(v));
  return power * ([1, 2, 5, 10].find((m) => m * power >= v * (1 - 1e-9)) ?? 10);
}

/** The lowest and the highest of the finite numbers. @param {ArrayLike<number>} values @returns {[number, number]} */
export function extent(values) {
  let lo = Infinity, hi = -Infinity;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) {
    lo = Math.min(lo, values[i]);
    hi = Math.max(hi, values[i]);
  }
  return [lo, hi];
}

/** Limits with room beside the ends. @param {number} lo @param {number} hi @returns {[number, number]} */
export function padded(lo, hi, part = 0.08) {
  const pad = part * (apart(lo, hi) ? hi - lo : Math.abs(hi) || 1);
  return [lo - pad, hi + pad];
}

/** A shape as Python writes it: (5, 3), (3,), (). @param {number[]} shape */
export const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
