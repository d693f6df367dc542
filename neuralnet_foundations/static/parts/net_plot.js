// The plane: the network's answer at every place, its border, and the points, which a hand chooses, moves and adds.
import { outline } from "../maths/contours.js";
import { fill, h, s, say } from "../shared/dom.js";
import { format } from "../shared/numbers.js";
import { Plot } from "../shared/plot.js";
import { COARSE, FULL } from "./net.js";
import { margins, middleOf, paintAnswer } from "./net_paint.js";

const REST = 200; // ms without a change, then the surface is drawn in full
const NEAR = 16; // px, as near as a point is caught
const STRIDE = 0.01; // of the width, with each press of an arrow key
const BY_KEYS = "Arrow keys move the example, Page Up and Page Down choose another, plus adds one beside it, Delete takes "
  + "it away, Control and Z brings it back.";

/** @type {Record<string, number[]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

/** @typedef {import("./net.js").Playground} Playground */
/**
 * @typedef {{look: (i: number) => void, move: (i: number, values: number[]) => void, add: (values: number[]) => void,
 *   click: (place: number[]) => void, remove: (i: number) => void, bringBack: () => void}} Hands what is done to points
 */

/** @type {((x: number, y: number, r: number) => string)[]} a mark of radius r around a place, for each class */
const MARKS = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`,
  (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x} ${y - 1.3 * r}l${1.3 * r} ${2.2 * r}h${-2.6 * r}z`,
  (x, y, r) => `M${x} ${y - 1.4 * r}l${1.4 * r} ${1.4 * r}l${-1.4 * r} ${1.4 * r}l${-1.4 * r} ${-1.4 * r}z`,
];

/** Which mark stands for what. @param {Playground} net */
function keyOf(net) {
  const shapes = ["circles", "squares", "triangles", "diamonds"].slice(0, net.classes);
  const middle = format(middleOf(net).middle, 3), numbers = [`y below ${middle}`, `y from ${middle} up`];
  const means = (/** @type {number} */ c) => (net.criterion === "mse_loss" ? numbers[c] : `class ${c}`);
  const marks = shapes.map((shape, c) => `${shape}: ${means(c)}`).join(", ");
  return `${marks[0].toUpperCase()}${marks.slice(1)}; hollow: held back. Drag points, or move the chosen one with the `
    + "arrow keys.";
}

/**
 * @param {Playground} net @param {import("../shared/dom.js").Life} life @param {() => void} redraw @param {Hands} hands
 */
export function plane(net, life, redraw, hands) {
  const [x0, x1, y0, y1] = net.limits;
  const plot = new Plot({ xlim: [x0, x1], ylim: [y0, y1], xlabel: "x₁", ylabel: "x₂", label: "", aspect: 1,
    minHeight: 250, maxHeight: 400, ticksX: 4, ticksY: 4, life, draw: redraw });
  const canvas = h("canvas", { class: "nnf-net-answer", "aria-hidden": "true" });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const border = s("path", { class: "nnf-curve nnf-net-border" }), ring = s("circle", { class: "nnf-net-ring", r: 10 });
  const marks = [false, true].map((held) => MARKS.map((_, c) =>
    s("path", { class: "nnf-net-mark", "data-class": c, "data-held": held })));
  plot.layer.append(border, ...marks.flat());
  plot.over.append(ring);
  plot.svg.before(canvas);
  fill(plot.svg, { tabindex: "0", role: "application" });
  const legend = h("p", { class: "nnf-note" });
  let timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  let shown = /** @type {unknown[]} */ ([]);
  life.add(() => clearTimeout(timer));

  /**
   * The border between two answers, but for what only runs along the frame.
   * @param {Float64Array} values @param {number} n
   */
  function borderOf(values, n) {
    const { left, top, width, height } = plot.frame, rim = (/** @type {number} */ v) => v <= 0 || v >= n - 1;
    const at = (/** @type {number} */ i, /** @type {number} */ size) => (size * (i + 0.5) / n).toFixed(1);
    const pixel = (/** @type {number[]} */ [i, j]) => `${at(i, width)} ${at(j, height)}`;
    const along = (/** @type {number[]} */ a, /** @type {number[]} */ b) =>
      [0, 1].some((c) => rim(a[c]) && a[c] === b[c]);
    const segment = (/** @type {number[]} */ from, /** @type {number[]} */ to) =>
      (along(from, to) ? "" : `M${pixel(from)}L${pixel(to)}`);
    border.setAttribute("transform", `translate(${left} ${top})`);
    return margins(values, net).flatMap((values) => outline(values, n, 0))
      .flatMap((loop) => loop.map((place, k) => segment(place, loop[(k + 1) % loop.length]))).join("");
  }
  /** The surface in n by n squares. @param {number} n */
  function answer(n) {
    const values = net.surfaces(n)[net.layers.length];
    if (canvas.width !== n) Object.assign(canvas, { width: n, height: n });
    const image = pen.createImageData(n, n);
    paintAnswer(image.data, values, net);
    pen.putImageData(image, 0, 0);
    return values;
  }
  function dots() {
    const key = [net.box.get("points"), plot.limitsShown], { middle } = middleOf(net);
    const d = marks.map((row) => row.map(() => ""));
    if (key.some((v, i) => v !== shown[i])) {
      for (let i = 0; i < net.size; i++) {
        const [x, y, label, held] = net.point(i), c = net.criterion === "mse_loss" ? Number(label >= middle) : label;
        d[held][c] += MARKS[c](+plot.x(x).toFixed(1), +plot.y(y).toFixed(1), 4);
      }
      marks.forEach((row, held) => row.forEach((mark, c) => mark.setAttribute("d", d[held][c])));
      shown = key;
    }
    const [x, y] = net.point(net.example);
    ring.setAttribute("cx", plot.x(x).toFixed(1));
    ring.setAttribute("cy", plot.y(y).toFixed(1));
  }
  function picture() {
    const [a, b, c, d] = net.limits, { left, top, width, height } = (plot.limits([a, b], [c, d]), plot.frame);
    Object.assign(canvas.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    border.setAttribute("d", borderOf(answer(COARSE), COARSE));
    dots();
    clearTimeout(timer);
    timer = setTimeout(() => answer(FULL), REST);
  }
  function words() {
    const [x, y] = [...net.point(net.example)].map((v) => format(v, 3));
    say(legend, keyOf(net));
    plot.svg.setAttribute("aria-label", `The answer of the network at every place, and ${net.size} points. `
      + `Example ${net.example + 1} is at ${x}, ${y}. ${BY_KEYS}`);
  }

  /** The point near a place. @param {PointerEvent} event */
  function caught(event) {
    const box = plot.svg.getBoundingClientRect();
    let best = NEAR, found = -1;
    for (let i = 0; i < net.size; i++) {
      const [x, y] = net.point(i), at = [event.clientX - box.left, event.clientY - box.top];
      const far = Math.hypot(plot.x(x) - at[0], plot.y(y) - at[1]);
      if (far >= best) continue;
      best = far;
      found = i;
    }
    return found;
  }
  const inside = (/** @type {number[]} */ [x, y]) => {
    const [a, b, c, d] = net.limits;
    return [Math.min(b, Math.max(a, x)), Math.min(d, Math.max(c, y))].map((v) => Number(v.toPrecision(4)));
  };
  const press = (/** @type {KeyboardEvent} */ { key, ctrlKey, metaKey }) => {
    const { example, size, limits } = net, [x, y] = net.point(example);
    const way = MOVES[key], by = STRIDE * (limits[1] - limits[0]);
    if (way) hands.move(example, inside([x + way[0] * by, y + way[1] * by]));
    else if (key === "PageUp" || key === "PageDown") hands.look((example + (key === "PageDown" ? 1 : size - 1)) % size);
    else if (key === "+" || key === "Insert") hands.add(net.beside);
    else if (key === "Delete" || key === "Backspace") hands.remove(example);
    else if (key === "z" && (ctrlKey || metaKey)) hands.bringBack();
    else return false;
    return true;
  };
  life.listen(plot.svg, "keydown", (e) => { if (press(e)) e.preventDefault(); });
  let drag = /** @type {((e: PointerEvent) => void) | null} */ (null);
  life.listen(plot.svg, "pointerdown", (e) => {
    if (e.button !== 0) return;
    const i = caught(e), start = [e.clientX, e.clientY];
    e.preventDefault();
    plot.svg.focus({ preventScroll: true });
    if (i < 0) return hands.click(inside(plot.at(e)));
    hands.look(i);
    plot.svg.setPointerCapture(e.pointerId);
    let moved = false;
    drag = (event) => {
      moved ||= Math.hypot(event.clientX - start[0], event.clientY - start[1]) > 3;
      if (moved) hands.move(i, inside(plot.at(event)));
    };
  });
  life.listen(plot.svg, "pointermove", (e) => drag?.(e));
  for (const type of ["pointerup", "pointercancel"]) life.listen(plot.svg, type, () => { drag = null; });
  return { node: h("div", { class: "nnf-stack nnf-tight" }, plot.node, legend), picture, words };
}
