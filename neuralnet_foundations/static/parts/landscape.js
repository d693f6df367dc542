// The map of a descent: the loss as a curve over one parameter, or as contours over two, and the path on it.
import { outlines } from "../maths/contours.js";
import { sample } from "../maths/descent.js";
import { s } from "../shared/dom.js";
import { extent, padded } from "../shared/numbers.js";
import { Plot, shifted } from "../shared/plot.js";

const FAR = 4000; // px, beyond which nothing is drawn
const SEEN = 300; // steps that get a dot, the newest
const REST = 400; // ms without a change, then the map is drawn in full

/** @typedef {import("./descent.js").Descent} Descent */
/** @typedef {import("./descent.js").Land} Land */
/** @typedef {[number, number]} Point pixels */

/** @param {number} v @param {number} lo @param {number} hi */
const between = (v, lo, hi) => Math.min(hi, Math.max(lo, v));

/** @param {Point} place */
const written = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;

/** @param {Point[][]} loops */
const closed = (loops) => loops.map((loop) => `M${loop.map(written).join("L")}Z`).join("");

/**
 * Where on an outline its label has room: as far up and to the right as it goes.
 * @param {Point[][]} loops @param {Plot["frame"]} frame @param {Point[]} taken
 */
function spotFor(loops, frame, taken) {
  const free = (/** @type {Point} */ [x, y]) => x > frame.left + 22 && x < frame.right - 22 && y > frame.top + 12
    && y < frame.bottom - 10
    && taken.every(([a, b]) => Math.abs(a - x) > 44 || Math.abs(b - y) > 17);
  return loops.flat().filter(free).sort((p, q) => p[1] - p[0] - q[1] + q[0])[0];
}

/** The band below the i-th level from above, of `count` levels. @param {number} i @param {number} count */
const band = (i, count) => s("path", { class: "nnf-band", "fill-rule": "evenodd",
  style: `--nnf-depth:${Math.round(6 + 50 * (count - i) / Math.max(1, count))}%` });

/** The ground of a map of two parameters: a band between each two levels, its label on its rim. @param {Plot} plot */
function contours(plot) {
  const bands = s("g"), labels = s("g", { class: "nnf-levels" });
  let shown = /** @type {{level: number, loops: Point[][]}[]} */ ([]);
  /** @param {Land} land */
  function draw({ values, n, levels }) {
    const { left, top, width, height, bottom } = plot.frame;
    /** @param {number[]} place on the grid @returns {Point} */
    const pixel = ([i, j]) => [left + width * i / (n - 1), bottom - height * j / (n - 1)];
    shown = outlines(values, n, levels).map((loops,
      b) => ({ level: levels[b], loops: loops.map((loop) => loop.map(pixel)) }));
    const sheet = `M${left} ${top}h${width}v${height}h${-width}Z`; // below the highest level and above it
    if (bands.children.length !== levels.length + 1) bands.replaceChildren(...[...levels,
      0].map((_, i) => band(i, levels.length)));
    [sheet, ...shown.map(({ loops }) => closed(loops)).reverse()].forEach((d, i) => bands.children[i].setAttribute("d",
      d));
  }
  function name() {
    const taken = /** @type {Point[]} */ ([]), texts = [];
    for (const { level, loops } of shown.toReversed()) {
      const spot = spotFor(loops, plot.frame, taken);
      if (!spot) continue;
      taken.push(spot);
      texts.push(s("text", { x: spot[0], y: spot[1] + 4, "text-anchor": "middle",
        text: String(level).replace("-", "−") }));
    }
    labels.replaceChildren(...texts);
  }
  return { bands, labels, draw, name };
}

/**
 * The ground of a map of one parameter: the loss as a curve, and its slope where the ball is.
 * @param {Plot} plot @param {Descent} descent
 */
function valley(plot, descent) {
  const curve = s("path", { class: "nnf-curve" }), tangent = s("path", { class: "nnf-tangent" });
  const [name] = descent.moving;
  /** @param {Land} land */
  function draw({ values, n, low }) {
    const xlim = descent.limits(name);
    plot.limits(xlim, padded(low, extent(values)[1], 0.06));
    curve.setAttribute("d", plot.line(Array.from(values, (_, i) => sample(xlim, i, n)), values));
  }
  function lean() {
    const [lo, hi] = descent.limits(name), reach = 0.16 * (hi - lo), at = descent.state.params[name];
    const { loss, gradient: [slope] } = descent;
    tangent.setAttribute("d", plot.line([at - reach, at + reach], [loss - reach * slope, loss + reach * slope]));
  }
  return { curve, tangent, draw, lean };
}

/**
 * The way so far, the next step, and an arrow where the ball has left the map.
 * @param {Plot} plot @param {Descent} descent
 */
function way(plot, descent) {
  const k = descent.moving.length, trail = s("path", { class: k === 2 ? "nnf-curve nnf-trail" : "nnf-trail" });
  const dots = s("path", { class: "nnf-trail-dots" });
  const next = s("path", { class: "nnf-next" }), start = s("circle", { class: "nnf-start", r: 4.5 });
  const ball = s("circle", { class: "nnf-ball", r: 7.5 });
  const away = s("g", { class: "nnf-away" }, s("path", { d: "M0 -9L14 0L0 9Z" }));
  plot.layer.append(trail, dots, next, start, ball);
  /** @param {Float64Array} path @param {number} at @returns {Point} */
  function point(path, at) {
    const up = path[at + (k === 2 ? 1 : k)];
    return [between(plot.x(path[at]), -FAR, 2 * FAR), between(plot.y(up), -FAR, 2 * FAR)];
  }

  /** @param {Point} place of the ball */
  function pointAway([x, y]) {
    const { left, right, top, bottom } = plot.frame, cx = between(x, left, right), cy = between(y, top, bottom);
    const off = cx !== x || cy !== y;
    away.style.display = off ? "" : "none";
    if (!off) return;
    const turn = Math.atan2(y - cy, x - cx), inset = 16;
    const place = shifted(cx - inset * Math.cos(turn), cy - inset * Math.sin(turn));
    away.setAttribute("transform", `${place} rotate(${turn * 180 / Math.PI})`);
  }
  function draw() {
    const { path } = descent.state, { wide } = descent, further = descent.next();
    const points = Array.from({ length: path.length / wide }, (_, r) => point(path, r * wide));
    const here = points[points.length - 1];
    trail.setAttribute("d", `M${points.map(written).join("L")}`);
    dots.setAttribute("d", points.slice(-SEEN).map((p) => `M${written(p)}h0`).join(""));
    start.setAttribute("transform", shifted(...points[0]));
    ball.setAttribute("transform", shifted(...here));
    next.setAttribute("d", further ? `M${written(here)}L${written(point(further.path, further.path.length - wide))}`
      : "");
    pointAway(here);
  }
  return { away, draw };
}

/**
 * Choose a start in the plot: a mouse or pen may drag, a finger taps (dragging a finger scrolls the page).
 * @param {Plot} plot @param {import("../shared/dom.js").Life} life @param {(at: [number, number]) => void} aim
 */
function pointing(plot, life, aim) {
  let dragging = false;
  life.listen(plot.svg, "pointerdown", (e) => {
    if (e.pointerType === "touch" || e.button !== 0) return;
    dragging = true;
    e.preventDefault();
    plot.svg.setPointerCapture(e.pointerId);
    aim(plot.at(e));
  });
  life.listen(plot.svg, "pointermove", (e) => { if (dragging) aim(plot.at(e)); });
  for (const type of ["pointerup", "pointercancel"]) life.listen(plot.svg, type, () => { dragging = false; });
  life.listen(plot.svg, "click", (e) => { if (e.pointerType === "touch") aim(plot.at(e)); });
}

/**
 * @param {Descent} descent @param {import("../shared/dom.js").Life} life @param {() => void} redraw
 * @param {(changes: Record<string, number>) => void} place begins elsewhere
 */
export function mapOf(descent, life, redraw, place) {
  const { moving } = descent, two = moving.length === 2, limits = () => moving.map((name) => descent.limits(name));
  const plot = new Plot({ xlim: limits()[0], ylim: two ? limits()[1] : [0, 1], xlabel: moving[0],
    ylabel: two ? moving[1] : "loss", label: "", aspect: two ? 0.82 : 0.66, maxHeight: 460, life, draw: redraw });
  const hills = two ? contours(plot) : null, curve = two ? null : valley(plot, descent);
  plot.layer.append(...(hills ? [hills.bands] : []), ...(curve ? [curve.curve, curve.tangent] : []));
  const track = way(plot, descent);
  plot.over.append(...(hills ? [hills.labels] : []), track.away);
  let shown = /** @type {{land: Land | null, width: number}} */ ({ land: null, width: 0 }), settled = true;
  let rest = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  life.add(() => clearTimeout(rest));
  const onMap = (/** @type {number} */ v, /** @type {string} */ name) => Number(between(v,
    ...descent.limits(name)).toPrecision(4));
  pointing(plot, life, (at) => place(Object.fromEntries(moving.map((name, i) => [name, onMap(at[i], name)]))));

  /** The ground, where it is another; of few samples while it changes, and in full at rest. @param {boolean} full */
  function ground(full) {
    const land = descent.landscape(full), first = !shown.land;
    if (shown.land === land && shown.width === plot.width) return;
    shown = { land, width: plot.width };
    if (two) plot.limits(descent.limits(moving[0]), descent.limits(moving[1]));
    hills?.draw(land);
    curve?.draw(land);
    settled = land.full;
    if (first || settled) hills?.name();
  }
  function picture() {
    ground(!shown.land);
    curve?.lean();
    track.draw();
  }
  function words() {
    if (settled) return;
    hills?.name();
    clearTimeout(rest);
    rest = setTimeout(() => ground(true), REST);
  }
  return { node: plot.node, plot, picture, words };
}
