// The chart of FrontierExplorer: all dots in one path, the frontier, how many images a second are needed, and the model
// that is read. Only what has changed is drawn again.
import { accuracyMarks, bestRow, levelOf, nearestPoint, powerMarks } from "../maths/frontier.js";
import { listen, s } from "../shared/dom.js";
import { extent, padded } from "../shared/numbers.js";
import { Plot, shifted } from "../shared/plot.js";

const REACH = 22; // px around a finger

/** @typedef {import("./frontier.js").Fleet} Fleet */
/**
 * @typedef {{choose: (i: number) => void, keep: (i: number) => void, need: (v: number) => void, redraw: () => void}}
 *   Hands what hands can do
 */

/** @param {number} v to three digits */
const rounded = (v) => Number(v.toPrecision(3));

/** The dots, the frontier of those shown, and the frontier of all. @param {Plot} plot @param {Fleet} fleet */
function drawing(plot, fleet) {
  const rest = s("path", { class: "nnf-dots", "data-rest": true }), dots = s("path", { class: "nnf-dots" });
  const all = s("path", { class: "nnf-ghost" }), edge = s("path", { class: "nnf-curve" });
  const tops = s("path", { class: "nnf-dots", "data-top": true }), slow = s("rect", { class: "nnf-slow" });
  plot.layer.append(rest, dots, all, edge, tops, slow);
  let before = /** @type {unknown[]} */ ([]);
  /** @param {number} i @returns {[number, number]} */
  const place = (i) => [plot.x(Math.log10(Number(fleet.speeds[i]))), plot.y(levelOf(fleet.models.top1[i]))];
  const points = { rows: /** @type {number[]} */ ([]), xs: new Float64Array(0), ys: new Float64Array(0) };

  /** A dot is a line of no length with round ends. @param {number[]} rows */
  const dotted = (rows) => rows.map((i) => `M${place(i).map((v) => v.toFixed(1)).join(" ")}h0`).join("");
  /** From each model across to the speed of the next one, and up to it. @param {number[]} rows fastest first */
  const stairs = (rows) => rows.map((i, n) => {
    const [x, y] = place(i).map((v) => v.toFixed(1));
    return n ? `H${x}V${y}` : `M${x} ${plot.frame.bottom}V${y}`;
  }).join("") + (rows.length ? `H${plot.frame.left}` : "");

  function picture() {
    const { shown, all: whole } = fleet, now = [shown, whole, plot.x, plot.y];
    if (now.some((v, n) => v !== before[n])) {
      const mine = new Set(shown.order);
      rest.setAttribute("d", shown === whole ? "" : dotted(whole.order.filter((i) => !mine.has(i))));
      dots.setAttribute("d", dotted(shown.order));
      tops.setAttribute("d", dotted(shown.frontier));
      edge.setAttribute("d", stairs(shown.frontier));
      all.setAttribute("d", shown === whole ? "" : stairs(whole.frontier));
      points.rows = shown.order;
      points.xs = Float64Array.from(shown.order, (i) => place(i)[0]);
      points.ys = Float64Array.from(shown.order, (i) => place(i)[1]);
      before = now;
    }
    const { left, top, height, right } = plot.frame, x = plot.x(Math.log10(fleet.box.get("need")));
    const at = Math.min(right, Math.max(left, x)), cover = { x: left, y: top, width: at - left, height };
    for (const [name, v] of Object.entries(cover)) slow.setAttribute(name, v.toFixed(1));
    return at;
  }
  return { picture, place, points };
}

/**
 * The line of what is needed, which a pointer drags; keys have the slider beside the chart.
 * @param {Plot} plot @param {Hands} hands
 */
function needle(plot, hands) {
  const line = s("line", { class: "nnf-need-line" }), hit = s("line", { class: "nnf-need-hit" });
  const grip = s("path", { class: "nnf-need-grip", d: "M-7 0h14v12l-7 7l-7 -7z" });
  const node = s("g", { class: "nnf-need", "aria-hidden": "true" }, hit, line, grip);
  plot.over.append(node);
  let dragged = false;
  listen(node, "pointerdown", (e) => {
    if (e.button !== 0) return;
    e.preventDefault();
    e.stopPropagation();
    node.setPointerCapture(e.pointerId);
    dragged = true;
  });
  listen(node, "pointermove", (e) => {
    if (!dragged) return;
    const [lo, hi] = plot.xlim;
    hands.need(rounded(10 ** Math.min(hi, Math.max(lo, plot.at(e)[0]))));
  });
  for (const type of ["pointerup", "pointercancel"]) listen(node, type, () => { dragged = false; });
  const set = (/** @type {number} */ at) => {
    const { top, bottom } = plot.frame;
    node.setAttribute("transform", shifted(at, top));
    for (const one of [line, hit]) one.setAttribute("y2", String(bottom - top));
  };
  return { set, get dragged() { return dragged; } };
}

/**
 * Rings around models: the one that is read, which keys move, those kept, and the pair.
 * @param {Plot} plot @param {Fleet} fleet @param {Hands} hands
 */
function rings(plot, fleet, hands) {
  const kept = s("g"), pair = s("g"), here = s("g", { class: "nnf-here", tabindex: 0, role: "slider",
    "aria-label": "Model that is read", "aria-valuemin": 1 }, s("circle", { r: 8 }));
  plot.over.append(kept, pair, here);

  /**
   * The next of these rows; from beside them, the best at the speed of what is read.
   * @param {number[]} rows @param {number} by
   */
  function walk(rows, by) {
    const at = rows.indexOf(fleet.read), place = Math.min(rows.length - 1, Math.max(0, at + by));
    if (at >= 0) return rows[place];
    const best = bestRow(fleet.shown.frontier, fleet.speeds, Number(fleet.speeds[fleet.read] ?? 0));
    return best < 0 ? rows[0] : best;
  }
  /** @type {(e: KeyboardEvent) => void} */
  function onkeydown(event) {
    const { order, frontier } = fleet.shown, by = event.shiftKey ? 10 : 1;
    const across = { ArrowLeft: by, ArrowRight: -by, PageDown: 10, PageUp: -10 }[event.key];
    const along = { ArrowUp: 1, ArrowDown: -1 }[event.key], end = { Home: order.at(-1), End: order[0] }[event.key];
    const next = across ? walk(order, across) : along ? walk(frontier, along) : end;
    if (event.key === "Enter" || event.key === " ") hands.keep(fleet.read);
    else if (next === undefined) return;
    else {
      fleet.hovered = -1;
      hands.choose(next);
    }
    event.preventDefault();
  }
  listen(here, "keydown", onkeydown);
  return { kept, pair, here };
}

/**
 * @param {Fleet} fleet @param {import("../shared/dom.js").Life} life @param {Hands} hands
 * @param {() => number[]} asked the pair, once it was guessed
 */
export function frontierPlot(fleet, life, hands, asked) {
  const plot = new Plot({ xlim: [0, 1], ylim: [0, 1], xlabel: "images a second", ylabel: "right first guesses, %",
    label: "", aspect: 0.8, minHeight: 280, maxHeight: 440, marksX: powerMarks, marksY: accuracyMarks, life,
    draw: hands.redraw });
  plot.svg.setAttribute("role", "group"); // it holds what keys can move
  const drawn = drawing(plot, fleet), need = needle(plot, hands), ring = rings(plot, fleet, hands);
  let limitsOf = /** @type {unknown} */ (null);

  function fitLimits() {
    if (limitsOf === fleet.all) return;
    limitsOf = fleet.all;
    const rows = fleet.all.order, logs = rows.map((i) => Math.log10(Number(fleet.speeds[i])));
    const levels = rows.map((i) => levelOf(fleet.models.top1[i]));
    plot.limits(padded(...extent(logs), 0.04), padded(...extent(levels), 0.05));
  }
  /** @param {SVGElement} g @param {number[]} rows @param {(n: number) => SVGElement} make */
  function place(g, rows, make) {
    while (g.children.length > rows.length) g.lastChild?.remove();
    while (g.children.length < rows.length) g.append(make(g.children.length));
    rows.forEach((i, n) => {
      const [x, y] = drawn.place(i);
      g.children[n].setAttribute("transform", shifted(x, y));
      g.children[n].toggleAttribute("hidden", fleet.speeds[i] === null);
    });
  }
  function picture() {
    fitLimits();
    need.set(drawn.picture());
    place(ring.kept, fleet.box.get("kept"), () => s("circle", { class: "nnf-kept", r: 6.5 }));
    place(ring.pair, asked(), (n) => s("g", { class: "nnf-asked" }, s("circle", { r: 10 }),
      s("text", { text: "AB"[n], y: 4, "text-anchor": "middle" })));
    const i = fleet.read;
    ring.here.toggleAttribute("hidden", i < 0 || fleet.speeds[i] === null);
    if (i >= 0) ring.here.setAttribute("transform", shifted(...drawn.place(i)));
  }
  function words() {
    const { order, frontier } = fleet.shown, i = fleet.read;
    const told = i < 0 ? "none" : `${fleet.name(i)}, ${fleet.figures(i)}. ${fleet.standing(i)}`;
    const many = `${order.length} models by accuracy and images a second, ${frontier.length} of them on the frontier.`;
    ring.here.setAttribute("aria-valuemax", String(Math.max(1, order.length)));
    ring.here.setAttribute("aria-valuenow", String(Math.max(1, order.length - order.indexOf(i))));
    ring.here.setAttribute("aria-valuetext", told);
    plot.svg.setAttribute("aria-label", many);
  }
  const near = (/** @type {PointerEvent} */ e) => {
    const box = plot.svg.getBoundingClientRect(), k = plot.width / box.width, { rows, xs, ys } = drawn.points;
    return rows[nearestPoint(xs, ys, (e.clientX - box.left) * k, (e.clientY - box.top) * k, REACH)] ?? -1;
  };
  const point = (/** @type {number} */ i) => {
    if (i === fleet.hovered) return;
    fleet.hovered = i;
    hands.redraw();
  };
  life.listen(plot.svg, "pointermove", (e) => { if (!need.dragged) point(near(e)); });
  life.listen(plot.svg, "pointerleave", () => point(-1));
  life.listen(plot.svg, "click", (e) => {
    const i = near(e);
    if (i < 0 || e.target.closest(".nnf-need")) return;
    hands.choose(i);
    ring.here.focus({ preventScroll: true });
  });
  return { node: plot.node, picture, words };
}
