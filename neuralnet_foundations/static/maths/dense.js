// One dense layer over many points: weighted sums, and the way back. Values are kept unit by unit, those of all points
// behind each other, so that every inner loop runs along arrays; two units and four inputs are taken at a time, so that
// each number that is read is used as often as it can be.

/** @typedef {{ins: number, outs: number, at: number, bias: number}} Layer where its weights and biases begin */

/** Where each layer's parameters are. @param {number[]} sizes @returns {Layer[]} */
export function layersOf(sizes) {
  let at = 0;
  return sizes.slice(1).map((outs, l) => {
    const ins = sizes[l], layer = { ins, outs, at, bias: at + ins * outs };
    at = layer.bias + outs;
    return layer;
  });
}

/** How many parameters there are. @param {number[]} sizes */
export const countOf = (sizes) => sizes.slice(1).reduce((sum, outs, l) => sum + (sizes[l] + 1) * outs, 0);

/**
 * Weighted sums of what goes in.
 * @param {Layer} layer @param {Float64Array} p parameters @param {Float64Array} input @param {Float64Array} out
 * @param {number} rows how many points
 */
export function weighted({ ins, outs, at, bias }, p, input, out, rows) {
  for (let j = 0; j < outs; j += 2) {
    const w = at + j * ins, to = j * rows, two = j + 1 < outs;
    out.fill(p[bias + j], to, to + rows);
    if (two) out.fill(p[bias + j + 1], to + rows, to + 2 * rows);
    let i = 0;
    if (two) for (; i + 3 < ins; i += 4) addFour(p, w + i, w + ins + i, input, i * rows, out, to, rows);
    for (let u = 0; u < (two ? 2 : 1); u++) for (let k = i; k < ins; k++) {
      const wk = p[w + u * ins + k], from = k * rows, here = to + u * rows;
      for (let r = 0; r < rows; r++) out[here + r] += wk * input[from + r];
    }
  }
}

/**
 * Four inputs into two units that stand one behind the other.
 * @param {Float64Array} p @param {number} w the weights of the one @param {number} v those of the other
 * @param {Float64Array} input @param {number} i0 @param {Float64Array} out @param {number} to @param {number} rows
 */
function addFour(p, w, v, input, i0, out, to, rows) {
  const w0 = p[w], w1 = p[w + 1], w2 = p[w + 2], w3 = p[w + 3], v0 = p[v], v1 = p[v + 1], v2 = p[v + 2], v3 = p[v + 3];
  const i1 = i0 + rows, i2 = i1 + rows, i3 = i2 + rows, also = to + rows;
  for (let r = 0; r < rows; r++) {
    const x0 = input[i0 + r], x1 = input[i1 + r], x2 = input[i2 + r], x3 = input[i3 + r];
    out[to + r] += w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3;
    out[also + r] += v0 * x0 + v1 * x1 + v2 * x2 + v3 * x3;
  }
}

/**
 * The products of two stretches, added up.
 * @param {Float64Array} a @param {number} i @param {Float64Array} b @param {number} k @param {number} n
 */
function dot(a, i, b, k, n) {
  let sum = 0;
  for (let r = 0; r < n; r++) sum += a[i + r] * b[k + r];
  return sum;
}

/**
 * Slopes by four weights of each of two units.
 * @param {Float64Array} delta @param {number} d @param {Float64Array} input @param {number} i0 @param {Float64Array} grad
 * @param {number} w @param {number} v @param {number} rows
 */
function dotFour(delta, d, input, i0, grad, w, v, rows) {
  const i1 = i0 + rows, i2 = i1 + rows, i3 = i2 + rows, e = d + rows;
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
  for (let r = 0; r < rows; r++) {
    const x0 = input[i0 + r], x1 = input[i1 + r], x2 = input[i2 + r], x3 = input[i3 + r];
    const a = delta[d + r], b = delta[e + r];
    s0 += a * x0; s1 += a * x1; s2 += a * x2; s3 += a * x3;
    t0 += b * x0; t1 += b * x1; t2 += b * x2; t3 += b * x3;
  }
  grad[w] = s0; grad[w + 1] = s1; grad[w + 2] = s2; grad[w + 3] = s3;
  grad[v] = t0; grad[v + 1] = t1; grad[v + 2] = t2; grad[v + 3] = t3;
}

/**
 * Slopes by the layer's parameters, into `grad`, from those by its sums.
 * @param {Layer} layer @param {Float64Array} input @param {Float64Array} delta @param {Float64Array} grad
 * @param {number} rows
 */
export function weightedBack({ ins, outs, at, bias }, input, delta, grad, rows) {
  for (let j = 0; j < outs; j += 2) {
    const d = j * rows, w = at + j * ins, two = j + 1 < outs;
    let i = 0;
    if (two) for (; i + 3 < ins; i += 4) dotFour(delta, d, input, i * rows, grad, w + i, w + ins + i, rows);
    for (let u = 0; u < (two ? 2 : 1); u++) {
      let total = 0;
      for (let r = 0; r < rows; r++) total += delta[d + u * rows + r];
      grad[bias + j + u] = total;
      for (let k = i; k < ins; k++) grad[w + u * ins + k] = dot(delta, d + u * rows, input, k * rows, rows);
    }
  }
}

/**
 * Slopes by what goes into a layer from those by its sums.
 * @param {Layer} layer @param {Float64Array} p @param {Float64Array} delta @param {Float64Array} below @param {number} rows
 */
export function weightedBelow({ ins, outs, at }, p, delta, below, rows) {
  for (let i = 0; i < ins; i++) {
    const to = i * rows;
    for (let r = 0; r < rows; r++) below[to + r] = 0;
    let j = 0, w = at + i;
    for (; j + 3 < outs; j += 4, w += 4 * ins) {
      const w0 = p[w], w1 = p[w + ins], w2 = p[w + 2 * ins], w3 = p[w + 3 * ins];
      const d0 = j * rows, d1 = d0 + rows, d2 = d1 + rows, d3 = d2 + rows;
      for (let r = 0; r < rows; r++)
        below[to + r] += w0 * delta[d0 + r] + w1 * delta[d1 + r] + w2 * delta[d2 + r] + w3 * delta[d3 + r];
    }
    for (; j < outs; j++, w += ins) {
      const wj = p[w], from = j * rows;
      for (let r = 0; r < rows; r++) below[to + r] += wj * delta[from + r];
    }
  }
}
