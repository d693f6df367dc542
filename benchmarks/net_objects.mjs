// A network the way it is usually drawn: an object for each unit and each link. It is here to be held against typed
// arrays, and trains the same network on the same points.

const tanh = { value: Math.tanh, slope: (/** @type {number} */ sum) => 1 - Math.tanh(sum) ** 2 };
const linear = { value: (/** @type {number} */ sum) => sum, slope: () => 1 };

class Link {
  constructor(from, to, weight) { Object.assign(this, { from, to, weight, slope: 0, seen: 0 }); }
}

class Unit {
  constructor(bias, act) {
    Object.assign(this, { bias, act, ins: [], outs: [], sum: 0, value: 0, bySum: 0, byValue: 0, slope: 0, seen: 0 });
  }
  update() {
    this.sum = this.bias;
    for (const link of this.ins) this.sum += link.weight * link.from.value;
    this.value = this.act.value(this.sum);
    return this.value;
  }
}

/** @param {number[]} sizes @param {ArrayLike<number>} params in torch's order */
export function objectNet(sizes, params) {
  let at = 0;
  const layers = [Array.from({ length: sizes[0] }, () => new Unit(0, linear))];
  for (let l = 1; l < sizes.length; l++) {
    const below = layers[l - 1], bias = at + sizes[l] * below.length;
    const layer = Array.from({ length: sizes[l] }, (_, j) => new Unit(params[bias + j], l < sizes.length - 1 ? tanh : linear));
    for (const unit of layer) for (const from of below) {
      const link = new Link(from, unit, params[at++]);
      unit.ins.push(link);
      from.outs.push(link);
    }
    at = bias + sizes[l];
    layers.push(layer);
  }
  return layers;
}

export function predict(layers, point) {
  layers[0].forEach((unit, i) => { unit.value = point[i]; });
  for (const layer of layers.slice(1)) for (const unit of layer) unit.update();
  return layers.at(-1)[0].value;
}

/** Slopes of the squared error of one point, added up. */
function learn(layers, target) {
  const last = layers.at(-1)[0];
  last.byValue = 2 * (last.value - target);
  for (const layer of layers.slice(1).toReversed()) for (const unit of layer) {
    if (unit.outs.length) unit.byValue = unit.outs.reduce((sum, link) => sum + link.weight * link.to.bySum, 0);
    unit.bySum = unit.byValue * unit.act.slope(unit.sum);
    unit.slope += unit.bySum;
    unit.seen++;
    for (const link of unit.ins) {
      link.slope += unit.bySum * link.from.value;
      link.seen++;
    }
  }
}

function step(layers, lr) {
  for (const layer of layers.slice(1)) for (const unit of layer) {
    unit.bias -= lr * unit.slope / unit.seen;
    unit.slope = unit.seen = 0;
    for (const link of unit.ins) {
      link.weight -= lr * link.slope / link.seen;
      link.slope = link.seen = 0;
    }
  }
}

export function objectEpoch(layers, points, lr, batch) {
  points.forEach(([x1, x2, y], i) => {
    predict(layers, [x1, x2]);
    learn(layers, y);
    if ((i + 1) % batch === 0 || i + 1 === points.length) step(layers, lr);
  });
  return points.reduce((sum, [x1, x2, y]) => sum + (predict(layers, [x1, x2]) - y) ** 2, 0) / points.length;
}

/** What every unit gives at every place, by the unit's name. */
export function objectSurface(layers, n) {
  const units = layers.flatMap((layer, l) => layer.map((unit, j) => ({ name: `${l}-${j}`, unit })));
  const seen = Object.fromEntries(units.map(({ name }) => [name, Array.from({ length: n }, () => new Array(n))]));
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) {
    predict(layers, [(j + 0.5) / n * 2 - 1, 1 - (i + 0.5) / n * 2]);
    for (const { name, unit } of units) seen[name][i][j] = unit.value;
  }
  return seen;
}

export const objectParams = (layers) => layers.slice(1).flatMap((layer) =>
  [...layer.flatMap((unit) => unit.ins.map((link) => link.weight)), ...layer.map((unit) => unit.bias)]);
