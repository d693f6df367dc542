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
 * Weighted sums: n inputs into m units. The weight of input i in unit j stands at `w + j * across + i * along`.
 * @param {Float64Array} p parameters @param {number} w @param {number} along @param {number} across
 * @param {number} bias where the first unit's is, or -1 @param {Float64Array} input @param {number} n
 * @param {Float64Array} out @param {number} m @param {number} rows how many points
 */
function sums(p, w, along, across, bias, input, n, out, m, rows) {
  for (let j = 0; j < m; j += 2) {
    const a = w + j * across, to = j * rows, two = j + 1 < m;
    level(out, to, rows, bias < 0 ? 0 : p[bias + j]);
    if (two) level(out, to + rows, rows, bias < 0 ? 0 : p[bias + j + 1]);
    let i = 0;
    if (two) for (; i + 3 < n; i += 4) addFour(p, a + i * along, along, across, input, i * rows, out, to, rows);
    if (two) for (; i + 1 < n; i += 2) addTwo(p, a + i * along, along, across, input, i * rows, out, to, rows);
    else for (; i + 1 < n; i += 2) addTwoToOne(p, a + i * along, along, input, i * rows, out, to, rows);
    if (i === n) continue;
    add(p[a + i * along], input, i * rows, out, to, rows);
    if (two) add(p[a + across + i * along], input, i * rows, out, to + rows, rows);
  }
}

/** @param {Float64Array} out @param {number} to @param {number} rows @param {number} v */
function level(out, to, rows, v) { for (let r = 0; r < rows; r++) out[to + r] = v; }

/**
 * @param {number} w @param {Float64Array} input @param {number} from @param {Float64Array} out @param {number} to
 * @param {number} rows
 */
function add(w, input, from, out, to, rows) { for (let r = 0; r < rows; r++) out[to + r] += w * input[from + r]; }

/**
 * Two inputs into one unit.
 * @param {Float64Array} p @param {number} w @param {number} along @param {Float64Array} input @param {number} i0
 * @param {Float64Array} out @param {number} to @param {number} rows
 */
function addTwoToOne(p, w, along, input, i0, out, to, rows) {
  const w0 = p[w], w1 = p[w + along], i1 = i0 + rows;
  for (let r = 0; r < rows; r++) out[to + r] += w0 * input[i0 + r] + w1 * input[i1 + r];
}

/**
 * Two inputs into two units that stand one behind the other.
 * @param {Float64Array} p @param {number} w @param {number} along @param {number} across @param {Float64Array} input
 * @param {number} i0 @param {Float64Array} out @param {number} to @param {number} rows
 */
function addTwo(p, w, along, across, input, i0, out, to, rows) {
  const v = w + across, w0 = p[w], w1 = p[w + along], v0 = p[v], v1 = p[v + along], i1 = i0 + rows, also = to + rows;
  for (let r = 0; r < rows; r++) {
    const x0 = input[i0 + r], x1 = input[i1 + r];
    out[to + r] += w0 * x0 + w1 * x1;
    out[also + r] += v0 * x0 + v1 * x1;
  }
}

/**
 * Four inputs into two units that stand one behind the other.
 * @param {Float64Array} p @param {number} w @param {number} along @param {number} across @param {Float64Array} input
 * @param {number} i0 @param {Float64Array} out @param {number} to @param {number} rows
 */
function addFour(p, w, along, across, input, i0, out, to, rows) {
  const v = w + across, w0 = p[w], w1 = p[w + along], w2 = p[w + 2 * along], w3 = p[w + 3 * along];
  const v0 = p[v], v1 = p[v + along], v2 = p[v + 2 * along], v3 = p[v + 3 * along];
  const i1 = i0 + rows, i2 = i1 + rows, i3 = i2 + rows, also = to + rows;
  for (let r = 0; r < rows; r++) {
    const x0 = input[i0 + r], x1 = input[i1 + r], x2 = input[i2 + r], x3 = input[i3 + r];
    out[to + r] += w0 * x0 + w1 * x1 + w2 * x2 + w3 * x3;
    out[also + r] += v0 * x0 + v1 * x1 + v2 * x2 + v3 * x3;
  }
}

/**
 * Weighted sums of what goes in.
 * @param {Layer} layer @param {Float64Array} p parameters @param {Float64Array} input @param {Float64Array} out
 * @param {number} rows how many points
 */
export function weighted({ ins, outs, at, bias }, p, input, out, rows) {
  sums(p, at, 1, ins, bias, input, ins, out, outs, rows);
}

/**
 * Slopes by what goes into a layer from those by its sums: the same weights, read the other way.
 * @param {Layer} layer @param {Float64Array} p @param {Float64Array} delta @param {Float64Array} below @param {number} rows
 */
export function weightedBelow({ ins, outs, at }, p, delta, below, rows) {
  sums(p, at, ins, 1, -1, delta, outs, below, ins, rows);
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
