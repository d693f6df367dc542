// The plot of ReluBuilder: the target, which a hand draws; the sum of all ReLUs; each of them, with handles at its kink
// and on its slope.
import { aim, bends, grade, kink, moveKink, predict, tilt } from "../maths/relus.js";
import { s } from "../shared/dom.js";
import { extent, format, snap } from "../shared/numbers.js";
import { Plot, shifted } from "../shared/plot.js";

const REACH = 0.16; // how far beside its kink the lever of a ReLU stands, in widths of the plot

/** @typedef {import("./relus.js").Builder} Builder */
/** @typedef {import("../maths/relus.js").Relus} Relus */
/**
 * @typedef {{change: (params: Relus) => void, aim: (heights: Float64Array) => void, choose: (i: number) => void}}
 *   Hands what hands can do
 */

/** @param {number} v @param {number[]} ends */
const between = (v, [lo, hi]) => Math.min(hi, Math.max(lo, v));

/**
 * The target after a line is drawn into it, from one place to another; null where the line meets no point.
 * @param {Builder} builder @param {number[]} from @param {number[]} to @param {number[]} ylim
 */
function drawn({ xs, ys, wide }, [xa, ya], [xb, yb], ylim) {
  const out = Float64Array.from(ys), half = wide / xs.length / 2;
  const lo = Math.min(xa, xb) - half, hi = Math.max(xa, xb) + half;
  let met = false;
  xs.forEach((x, q) => {
    if (x < lo || x > hi) return;
    const t = xa === xb ? 1 : between((x - xa) / (xb - xa), [0, 1]);
    out[q] = snap(between(ya + t * (yb - ya), ylim), 1e-4);
    met = true;
  });
  return met ? out : null;
}

/**
 * The lines: what is missed, the constant, each ReLU, the sum, the target.
 * @param {Plot} plot @param {Builder} builder
 */
function lines(plot, builder) {
  const miss = s("path", { class: "nnf-miss" }), base = s("path", { class: "nnf-base" }), owns = s("g");
  const curve = s("path", { class: "nnf-curve" }), target = s("path", { class: "nnf-target" });
  plot.layer.append(miss, base, owns, curve, target);
  const { xs, ends } = builder;
  /** @param {Relus} p @param {number} i */
  const alone = (p, i) => ({ w: [p.w[i]], m: [p.m[i]], b: [p.b[i]], c: p.c });
  let shown = /** @type {unknown[]} */ ([]);

  function own() {
    const p = builder.params;
    while (owns.children.length > p.w.length) owns.lastChild?.remove();
    while (owns.children.length < p.w.length) owns.append(s("path", { class: "nnf-own" }));
    [...owns.children].forEach((path, i) => {
      const one = alone(p, i), at = bends(one, ends);
      path.setAttribute("d", plot.line(at, predict(one, at)));
      path.toggleAttribute("data-chosen", i === builder.chosen);
    });
  }
  function picture() {
    const p = builder.params, ys = builder.ys, at = bends(p, ends), preds = predict(p, xs);
    curve.setAttribute("d", plot.line(at, predict(p, at)));
    if (shown[0] !== ys || shown[1] !== plot.x || shown[2] !== plot.y) target.setAttribute("d", plot.line(xs, ys));
    shown = [ys, plot.x, plot.y];
    miss.setAttribute("d", `${target.getAttribute("d")}L${plot.line(xs.toReversed(), preds.toReversed()).slice(1)}Z`);
    own();
    base.setAttribute("d", `M0 0H${plot.frame.right}`);
    base.setAttribute("transform", shifted(0, plot.y(p.c)));
  }
  return { picture };
}

/**
 * The handles: a round one at each kink, and the lever of the chosen ReLU.
 * @param {Plot} plot @param {Builder} builder @param {Hands} hands
 */
function handles(plot, builder, { change, choose }) {
  const kinks = s("g"), { ends, wide } = builder;
  const lever = s("g", { class: "nnf-lever", "aria-hidden": "true" }, s("circle", { class: "nnf-hit", r: 18 }),
    s("rect", { x: -6, y: -6, width: 12, height: 12, rx: 2 }));
  // The chosen kink, above those that it may share a place with
  const mark = s("circle", { class: "nnf-mark", r: 7, "aria-hidden": "true" });
  plot.over.append(kinks, mark, lever);

  const nudge = (/** @type {number} */ i) => (/** @type {KeyboardEvent} */ event) => {
    const p = builder.params, big = event.shiftKey ? 5 : 1, grain = builder.tall / wide / 20;
    const across = { ArrowRight: big, ArrowLeft: -big }[event.key], up = { ArrowUp: big, ArrowDown: -big }[event.key];
    if (across) change(moveKink(p, i, snap(between(kink(p, i), ends) + across * wide / 100, wide / 1000), ends));
    else if (up) change(tilt(p, i, snap(grade(p, i) + up * grain, grain / 10)));
    else return;
    event.preventDefault();
  };
  const handle = (/** @type {number} */ i) => {
    const spoken = { role: "slider", "aria-orientation": "horizontal", "aria-valuemin": ends[0], "aria-valuemax": ends[1] };
    const onfocus = () => { if (builder.chosen !== i) choose(i); };
    return s("g", { class: "nnf-kink", tabindex: 0, "data-kink": i, ...spoken, onkeydown: nudge(i), onfocus },
      s("circle", { class: "nnf-hit", r: 16 }), s("circle", { r: 7 }));
  };

  /**
   * Where the lever stands: inside the plot, however steep its ReLU is.
   * @param {Relus} p @param {number} i @param {number} at
   */
  function placeLever(p, i, at) {
    const [lo, hi] = plot.ylim, side = p.m[i] < 0 ? -1 : 1, rise = grade(p, i) * REACH * wide;
    const cut = rise > 0 ? (hi - p.c) / rise : rise < 0 ? (lo - p.c) / rise : 1, part = between(0.97 * cut, [0.15, 1]);
    lever.setAttribute("transform", shifted(plot.x(at + side * REACH * wide * part),
      plot.y(between(p.c + rise * part, plot.ylim))));
  }
  function picture() {
    const p = builder.params, n = builder.size;
    builder.chosen = Math.min(builder.chosen, n - 1);
    while (kinks.children.length > n) kinks.lastChild?.remove();
    while (kinks.children.length < n) kinks.append(handle(kinks.children.length));
    const level = plot.y(between(p.c, plot.ylim));
    [...kinks.children].forEach((node, i) => {
      const at = between(kink(p, i), ends), place = shifted(plot.x(at), level);
      node.setAttribute("transform", place);
      node.toggleAttribute("data-beyond", at !== kink(p, i));
      if (i !== builder.chosen) return;
      mark.setAttribute("transform", place);
      placeLever(p, i, at);
    });
  }
  function words() {
    const p = builder.params, n = builder.size;
    [...kinks.children].forEach((node, i) => {
      const k = kink(p, i), where = Number.isFinite(k) ? format(k) : "no place", side = p.m[i] < 0 ? "left" : "right";
      node.toggleAttribute("data-chosen", i === builder.chosen);
      node.setAttribute("aria-valuenow", String(+between(k, ends).toPrecision(6)));
      node.setAttribute("aria-label", `Kink of ReLU ${i + 1} of ${n}`);
      node.setAttribute("aria-valuetext", `kink at ${where}, slope ${format(grade(p, i))} to the ${side}`);
    });
  }
  return { picture, words };
}

/**
 * Hands in the plot: draw the target, drag a kink, drag the lever.
 * @param {Plot} plot @param {Builder} builder @param {import("../shared/dom.js").Life} life @param {Hands} hands
 */
function gestures(plot, builder, life, hands) {
  const { ends, wide } = builder;
  let move = /** @type {((at: [number, number]) => void) | null} */ (null), drawing = false;

  /** @param {[number, number]} start */
  function draw(start) {
    let last = start;
    drawing = true;
    return (/** @type {[number, number]} */ at) => {
      const heights = drawn(builder, last, at, plot.ylim);
      last = at;
      if (heights) hands.aim(heights);
    };
  }
  /** @param {SVGElement} node @param {[number, number]} start */
  function drag(node, start) {
    const i = Number(node.dataset.kink), far = kink(builder.params, i) - start[0];
    const off = Math.abs(far) < wide / 10 ? far : 0;
    node.focus({ preventScroll: true });
    hands.choose(i);
    return (/** @type {[number, number]} */ at) => hands.change(moveKink(builder.params, i,
      snap(at[0] + off, wide / 2000), ends));
  }
  function lean() {
    const i = builder.chosen;
    return (/** @type {[number, number]} */ [x, y]) => {
      const p = builder.params;
      if (Math.abs(x - between(kink(p, i), ends)) >= wide / 100) hands.change(aim(p, i, x, y, ends));
    };
  }
  life.listen(plot.svg, "pointerdown", (e) => {
    if (e.button !== 0 || move) return;
    const round = e.target.closest(".nnf-kink"), at = plot.at(e);
    e.preventDefault();
    plot.svg.setPointerCapture(e.pointerId);
    move = round ? drag(round, at) : e.target.closest(".nnf-lever") ? lean() : draw(at);
    if (drawing) move(at);
  });
  life.listen(plot.svg, "pointermove", (e) => move?.(plot.at(e)));
  for (const type of ["pointerup", "pointercancel"]) life.listen(plot.svg, type, () => {
    move = null;
    drawing = false;
  });
  return { get drawing() { return drawing; } };
}

/**
 * @param {Builder} builder @param {import("../shared/dom.js").Life} life @param {() => void} redraw
 * @param {Hands} hands
 */
export function kinkPlot(builder, life, redraw, hands) {
  const { ends, box } = builder;
  const plot = new Plot({ xlim: ends, ylim: box.get("ylim"), xlabel: "x", ylabel: "y", label: "", aspect: 0.66,
    maxHeight: 460, life, draw: redraw });
  plot.svg.setAttribute("role", "group"); // it holds handles that can be moved
  const drawing = lines(plot, builder), grips = handles(plot, builder, hands);
  const hand = gestures(plot, builder, life, hands);

  /** The limits that Python gave, or wider ones where the target leaves them; they wait until a hand has drawn. */
  function fitLimits() {
    const [a, b] = box.get("ylim"), [low, high] = extent(builder.ys), edge = 0.08 * (b - a);
    if (!hand.drawing) plot.limits(ends, [low < a ? low - edge : a, high > b ? high + edge : b]);
  }
  function picture() {
    fitLimits();
    drawing.picture();
    grips.picture();
  }
  return { node: plot.node, plot, picture, words: grips.words };
}
