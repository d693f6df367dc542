// An answer that is drawn: points at fixed places along x, dragged up and down, joined by a line.
import { fill, s } from "../shared/dom.js";
import { snap, tickText } from "../shared/numbers.js";
import { Plot } from "../shared/plot.js";

/** @typedef {import("../maths/answers.js").Version} Version */
/** @typedef {import("./quiz_answers.js").Hand} Hand */
/** @typedef {import("./quiz_answers.js").Answering} Answering */

/** @type {Record<string, number>} how many steps a key goes */
const STEPS = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 5, PageDown: -5 };

/** Room beside the first and the last point. @param {number[]} xs @returns {[number, number]} */
function sides(xs) {
  const room = 0.06 * (xs[xs.length - 1] - xs[0]);
  return [xs[0] - room, xs[xs.length - 1] + room];
}

/** @param {Version} q @param {Hand} hand @returns {Answering} */
export function drawing(q, { give, life }) {
  const { xs, ylim, step, start } = q, right = s("path", { class: "nnf-ghost" }), line = s("path", { class: "nnf-curve" });
  let now = xs.map(() => start), open = false;
  const plot = new Plot({ xlim: sides(xs), ylim, xlabel: q.xlabel, ylabel: q.ylabel, label: "Your drawing", aspect: 0.55,
    minHeight: 200, maxHeight: 280, life, draw, marksX: () => xs.map((/** @type {number} */ x) => [x, tickText(x)]) });
  plot.svg.setAttribute("role", "group");
  plot.layer.append(right, line);
  const inside = (/** @type {number} */ v) => snap(Math.min(ylim[1], Math.max(ylim[0], v)), step);
  /** @param {number} i @param {number} v */
  function move(i, v) {
    const next = now.map((/** @type {number} */ old, /** @type {number} */ k) => (k === i ? inside(v) : old));
    if (next[i] !== now[i]) give(next);
  }
  const handles = xs.map((/** @type {number} */ x, /** @type {number} */ i) => handle(x, i));
  plot.over.append(...handles);

  /** @param {number} x @param {number} i */
  function handle(x, i) {
    const ends = { Home: ylim[0], End: ylim[1] };
    const node = s("g", { class: "nnf-quiz-handle", tabindex: 0, role: "slider", "data-handle": i,
      "aria-label": `Height at ${q.xlabel} ${x}`, "aria-orientation": "vertical", "aria-valuemin": ylim[0],
      "aria-valuemax": ylim[1],
      onkeydown(/** @type {KeyboardEvent} */ event) {
        const to = ends[/** @type {"Home" | "End"} */ (event.key)] ?? now[i] + STEPS[event.key] * step;
        if (Number.isNaN(to)) return;
        event.preventDefault();
        move(i, to);
      },
      onpointerdown(/** @type {PointerEvent} */ event) {
        event.preventDefault();
        node.setPointerCapture(event.pointerId);
        node.focus();
      },
      onpointermove(/** @type {PointerEvent} */ event) {
        if (node.hasPointerCapture(event.pointerId)) move(i, plot.at(event)[1]);
      } }, s("circle", { class: "nnf-hit", r: 20 }), s("circle", { r: 7 }));
    return node;
  }
  function draw() {
    handles.forEach((/** @type {SVGGElement} */ node, /** @type {number} */ i) => fill(node, {
      transform: `translate(${plot.x(xs[i]).toFixed(1)} ${plot.y(now[i]).toFixed(1)})`, "aria-valuenow": now[i] }));
    line.setAttribute("d", plot.line(xs, now));
    right.setAttribute("d", open ? plot.line(xs, q.answer) : "");
  }
  draw();
  /** @type {Answering["set"]} */
  function set(card, isOpen) {
    now = /** @type {number[]} */ (card.given ?? xs.map(() => start));
    open = isOpen;
    draw();
  }
  return { node: plot.node, set };
}
