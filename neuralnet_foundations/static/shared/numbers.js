// Numbers for reading, for axes and for fields; packed arrays.

/** A Float64Array from a float32 or float64 binary trait (DataView, ArrayBuffer or Uint8Array). */
export function floats(data, type = "float64") {
  if (!data) return new Float64Array(0);
  const view = data instanceof ArrayBuffer ? new DataView(data) : data;
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return type === "float32" ? Float64Array.from(new Float32Array(bytes)) : new Float64Array(bytes);
}

/** Numbers as a binary trait takes them; `floats` reads them back. @param {ArrayLike<number>} values */
export const packed = (values) => new DataView(Float64Array.from(values).buffer);

/** A number for reading: about `digits` significant digits, a real minus sign, ∞ and "not a number" in words. */
export function format(value, digits = 4) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text = size !== 0 && (size >= 1e6 || size < 1e-4) ? value.toExponential(Math.max(digits - 2, 1))
    : value.toFixed(Math.max(0, digits - 1 - Math.max(0, Math.floor(Math.log10(size || 1)))));
  return text.replace("-", "−");
}

/** Round numbers that span lo..hi, about `n` of them. */
export function ticks(lo, hi, n = 5) {
  const raw = (hi - lo) / n, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw * 0.999);
  const out = [];
  for (let t = Math.ceil(lo / step - 1e-9) * step; t <= hi + step * 1e-6; t += step) out.push(Math.abs(t) < step * 1e-9 ? 0 : t);
  return out;
}

/** `v` at the nearest multiple of `grid`, without binary dust (0.1 + 0.2 gives 0.3). */
export const snap = (v, grid) => +(Math.round(v / grid) * grid).toPrecision(12);

/** `v` with as many digits, up to six, as a number field shows: it would cut off an exponent and leave another number. */
export const brief = (v) => {
  for (let n = 6; n > 1; n--) for (const text of [String(+v.toPrecision(n)), v.toExponential(n - 1)]) if (text.length <= 8) return text;
  return v.toExponential(0);
};

/** A number at an axis. */
export const tickText = (v) => (Math.abs(v) >= 1e5 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(0) : String(+v.toPrecision(6))).replace("-", "−");
