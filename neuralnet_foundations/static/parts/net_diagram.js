// The network: a column of units for each layer, in each unit its own surface, and a line for each weight.
import { fill, h, s, say } from "../shared/dom.js";
import { format, snap } from "../shared/numbers.js";
import { paintUnit } from "./net_paint.js";
import { COARSE } from "./net.js";

const HEIGHT = 320, EDGE = 22, CAPTION = 20; // px: of all, beside the outer columns, below the units
const LARGEST = 40, TEXT = 13, WIDEST = 74; // px of a unit, of the value below it, and from unit to unit
const CATCH = 9, DRAG = 90; // px: as near as a line is caught, and how far a hand goes for 1

/** @typedef {import("./net.js").Playground} Playground */
/** @typedef {[number, number]} Place */
/** @typedef {{places: Place[][], size: number, texts: boolean, width: number}} Layout */

/** @type {Record<string, number[]>} */
const WAYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
/** @type {Record<string, string>} */
export const ACT_NAMES = { relu: "ReLU", tanh: "Tanh", sigmoid: "Sigmoid", "": "none" };

/** Where the units stand. @param {number[]} sizes @param {number} width @returns {Layout} */
function layoutOf(sizes, width) {
  const room = HEIGHT - CAPTION, pitch = room / Math.max(3, ...sizes), columns = sizes.length - 1;
  const gap = (width - 2 * EDGE) / columns, texts = pitch >= 34 && gap > 60;
  const size = Math.floor(Math.min(LARGEST, pitch - (texts ? TEXT + 5 : 3), gap - 16));
  const middle = room / 2 - (texts ? TEXT / 2 : 0), apart = Math.min(pitch, WIDEST);
  const places = sizes.map((n, l) => Array.from({ length: n }, (_, j) =>
    /** @type {Place} */ ([EDGE + l * gap, middle + (j - (n - 1) / 2) * apart])));
  return { places, size, texts, width };
}

/** Bends of a line between two units. @param {Place} a @param {Place} b */
function bendsOf(a, b) {
  const [x1, y1, x2, y2, middle] = [...a, ...b, (a[0] + b[0]) / 2].map((v) => v.toFixed(1));
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

/** How far a place is from such a line. @param {Place} a @param {Place} b @param {Place} at */
function distance([x1, y1], [x2, y2], [x, y]) {
  const t = (x - x1) / (x2 - x1), height = y1 + (y2 - y1) * t * t * (3 - 2 * t);
  return t < 0.08 || t > 0.92 ? Infinity : Math.abs(y - height) / Math.hypot(1, 1.5 * (y2 - y1) / (x2 - x1));
}

/** What a unit is called. @param {Playground} net @param {number} l @param {number} j */
export function unitName(net, l, j) {
  if (l === 0) return `Input x${j + 1}`;
  if (l < net.layers.length) return `Unit ${j + 1} of hidden layer ${l}`;
  return net.outs > 1 ? `Output of class ${j}` : "Output";
}

/**
 * @param {Playground} net @param {import("../shared/dom.js").Life} life @param {() => void} redraw
 * @param {(v: number, chosen: import("./net.js").Chosen) => void} weigh
 */
export function diagram(net, life, redraw, weigh) {
  const canvas = h("canvas", { class: "nnf-net-units", "aria-hidden": "true" }), ruler = h("div");
  const lines = s("g", { class: "nnf-net-lines" }), grounds = s("g", { class: "nnf-net-grounds" }), units = s("g");
  const texts = s("g", { class: "nnf-net-texts", "aria-hidden": "true" });
  const halo = s("path", { class: "nnf-net-halo" }); // around the chosen line
  const under = s("svg", { class: "nnf-net-svg", "aria-hidden": "true" }, halo, lines, grounds);
  const label = "The network: arrow keys go from unit to unit";
  const over = s("svg", { class: "nnf-net-svg", role: "group", "aria-label": label }, units, texts);
  const node = h("div", { class: "nnf-net", style: `height:${HEIGHT}px` }, ruler, under, canvas, over);
  const tile = h("canvas", { width: COARSE, height: COARSE });
  const [pen, tilePen] = [canvas, tile].map((one) => /** @type {CanvasRenderingContext2D} */ (one.getContext("2d")));
  const pixels = tilePen.createImageData(COARSE, COARSE);
  let shape = layoutOf(net.sizes, 400), built = "", dense = 1;

  const go = (/** @type {number} */ layer, /** @type {number} */ unit) => {
    net.choose({ layer: Math.max(1, layer), unit: Math.max(0, unit) });
    redraw();
    /** @type {SVGElement} */ (units.querySelector(`[data-unit="${net.chosen.layer}-${net.chosen.unit}"]`))?.focus();
  };
  const keys = (/** @type {KeyboardEvent} */ event) => {
    const { layer, unit } = net.chosen, way = WAYS[event.key];
    if (!way) return;
    event.preventDefault();
    go(layer + way[0], unit + way[1]);
  };
  const square = (/** @type {Place} */ [x, y]) =>
    s("rect", { x: x - shape.size / 2, y: y - shape.size / 2, width: shape.size, height: shape.size, rx: 3 });
  const frame = (/** @type {number} */ l, /** @type {number} */ j) => {
    const chosen = l > 0 ? { role: "button", "data-unit": `${l}-${j}`, onkeydown: keys, onclick: () => go(l, j) } : {};
    return s("g", { class: "nnf-net-unit", ...chosen }, square(shape.places[l][j]));
  };
  const caption = (/** @type {number} */ x, /** @type {number} */ y, /** @type {string} */ text) =>
    s("text", { x: x.toFixed(1), y: y.toFixed(1), "text-anchor": "middle", text });
  const columnName = (/** @type {number} */ l) => (l === 0 ? "inputs" : l > net.acts.length ? "output"
    : net.acts[l - 1] ? ACT_NAMES[net.acts[l - 1]] : "linear");

  /** Everything that depends on sizes and width. */
  function build() {
    const key = JSON.stringify([net.sizes, net.acts, shape.width]);
    if (key === built) return;
    built = key;
    shape = layoutOf(net.sizes, shape.width);
    const { places, width, size } = shape, box = { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT };
    for (const svg of [under, over]) fill(svg, box);
    dense = window.devicePixelRatio || 1;
    Object.assign(canvas, { width: Math.round(width * dense), height: Math.round(HEIGHT * dense) });
    lines.replaceChildren(...net.layers.flatMap(({ ins, outs }, l) => Array.from({ length: ins * outs }, (_, k) =>
      s("path", { d: bendsOf(places[l][k % ins], places[l + 1][Math.floor(k / ins)]) }))));
    grounds.replaceChildren(...places.flat().map(square));
    units.replaceChildren(...places.flatMap((column, l) => column.map((_, j) => frame(l, j))));
    const values = shape.texts ? places.flat().map(([x, y]) => caption(x, y + size / 2 + TEXT, "")) : [];
    texts.replaceChildren(...values, ...places.map((column, l) => caption(column[0][0], HEIGHT - 5, columnName(l))));
  }

  function weights() {
    const { params } = net.state, { layer, unit, from } = net.chosen;
    const biggest = params.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
    halo.setAttribute("d", "");
    let k = 0;
    net.layers.forEach(({ ins, outs, at }, l) => {
      for (let i = 0; i < ins * outs; i++, k++) {
        const v = params[at + i], path = /** @type {SVGPathElement} */ (lines.children[k]), sign = v < 0 ? "-" : "+";
        const wide = snap(0.6 + 5.4 * Math.abs(v) / biggest, 0.2), style = `stroke-width:${wide}px`;
        if (path.getAttribute("style") !== style) path.setAttribute("style", style);
        if (path.dataset.sign !== sign) path.dataset.sign = sign;
        const mine = l + 1 === layer && Math.floor(i / ins) === unit;
        path.toggleAttribute("data-mine", mine);
        if (mine && i % ins === from) fill(halo, { d: path.getAttribute("d"), style: `stroke-width:${wide + 6}px` });
      }
    });
  }

  function surfaces() {
    const all = net.surfaces(COARSE), n = COARSE * COARSE, { places, size } = shape;
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, shape.width, HEIGHT);
    places.forEach((column, l) => column.forEach(([x, y], j) => {
      paintUnit(pixels.data, all[l].subarray(j * n, (j + 1) * n));
      tilePen.putImageData(pixels, 0, 0);
      pen.drawImage(tile, x - size / 2, y - size / 2, size, size);
    }));
  }

  function picture() {
    build();
    net.choose({});
    weights();
    surfaces();
  }
  function words() {
    const values = net.values.flatMap((column) => [...column]);
    let k = 0;
    shape.places.forEach((column, l) => column.forEach((_, j) => {
      const one = units.children[k], on = l === net.chosen.layer && j === net.chosen.unit;
      one.toggleAttribute("data-chosen", on);
      const text = format(values[k], 3), spoken = `${unitName(net, l, j)}: ${text}`;
      if (l > 0) fill(one, { tabindex: on ? "0" : "-1", "aria-pressed": String(on), "aria-label": spoken });
      if (shape.texts) say(texts.children[k], text);
      k++;
    }));
  }

  /** The weight whose line is near. @param {Place} at @returns {import("./net.js").Chosen | null} */
  function nearest(at) {
    let best = CATCH, found = null;
    net.layers.forEach(({ ins, outs }, l) => {
      for (let j = 0; j < outs; j++) for (let i = 0; i < ins; i++) {
        const far = distance(shape.places[l][i], shape.places[l + 1][j], at);
        if (far >= best) continue;
        best = far;
        found = { layer: l + 1, unit: j, from: i };
      }
    });
    return found;
  }
  let drag = /** @type {((y: number) => void) | null} */ (null);
  life.listen(over, "pointerdown", (e) => {
    const box = over.getBoundingClientRect(), at = /** @type {Place} */ ([e.clientX - box.left, e.clientY - box.top]);
    const chosen = e.target.closest("[data-unit]") ? null : nearest(at);
    if (e.button !== 0 || !chosen) return;
    e.preventDefault();
    net.choose(chosen);
    redraw();
    const start = net.state.params[net.place()], from = e.clientY;
    over.setPointerCapture(e.pointerId);
    drag = (y) => weigh(Number((start + (from - y) / DRAG).toFixed(2)), chosen);
  });
  life.listen(over, "pointermove", (e) => drag?.(e.clientY));
  for (const type of ["pointerup", "pointercancel"]) life.listen(over, type, () => { drag = null; });
  const watch = new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width <= 0 || width === shape.width) return;
    shape = layoutOf(net.sizes, width);
    redraw();
  });
  watch.observe(ruler);
  life.add(() => watch.disconnect());
  return { node, picture, words };
}
