// Gradient descent on the loss of one parameter (a curve) or of two (a contour map), all of it computed in the page.
// The whole path is one trait, `state`, so that every view and Python see the same steps.
import { predict } from "./maths/fit.js";
import { Descent } from "./parts/descent.js";
import { choices, pace } from "./parts/descent_settings.js";
import { mapOf } from "./parts/landscape.js";
import { described, verdict } from "./parts/verdict.js";
import { button, readout, runButton, sliderRow } from "./shared/controls.js";
import { Life, h, inTwoSteps, makeRoot, s } from "./shared/dom.js";
import { dusted, extent, padded, precise } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { Plot } from "./shared/plot.js";
import { runLoop } from "./shared/run.js";
import { lossStrip } from "./shared/strip.js";

const AT_MOST = 1000; // steps of one run
const SLOW = 40; // steps that are slow enough to watch, then as many as the screen shows
const SMALL = { aspect: 0.6, minHeight: 130, maxHeight: 170, ticksX: 4, ticksY: 3 };
const DRAWN = 400; // points of the small plot: a sample is enough to see

/** @typedef {import("./shared/dom.js").Part} Part */

/** Loss, gradient and steps. @param {Descent} descent */
function readouts(descent) {
  const loss = readout("Loss", "nnf-loss"), slope = readout("Gradient", "nnf-gradient");
  const steps = readout("Steps", "nnf-steps");
  const words = () => {
    const { moving, gradient } = descent, widths = descent.widths(), { span } = descent.landscape(false);
    const shown = (/** @type {number} */ j) => precise(dusted(gradient[j], span / widths[j]));
    loss.rename(descent.lossSpec().label);
    slope.set(moving.map((name, j) => `${name} ${shown(j)}`).join(", "));
    steps.set(String(descent.state.steps));
  };
  return { top: { node: loss.node, picture: () => loss.set(precise(descent.loss, 5)) },
    bottom: { node: h("div", { class: "nnf-stack nnf-few" }, slope.node, steps.node), words } };
}

/**
 * A slider for each parameter: the moving ones, then those that are held still.
 * @param {Descent} descent @param {(changes: Record<string, number>) => void} place
 * @returns {Part & {stretch: () => void}}
 */
function sliders(descent, place) {
  const row = (/** @type {string} */ name) => {
    const [min, max] = descent.limits(name);
    return sliderRow({ name, min, max, step: (max - min) / 400, value: descent.state.params[name],
      oninput: (v) => place({ [name]: v }) });
  };
  const { moving, held, names } = descent, rows = Object.fromEntries(names.map((name) => [name, row(name)]));
  const node = h("div", { class: "nnf-stack nnf-tight", role: "group", "aria-label": "Start values" },
    moving.map((name) => rows[name].node),
    held.length ? h("span", { class: "nnf-label nnf-small", text: "Held still" }) : null,
      held.map((name) => rows[name].node));
  const words = () => { for (const name of names) rows[name].set(descent.state.params[name]); };
  return { node, words, stretch: () => { for (const name of names) rows[name].ends(...descent.limits(name)); } };
}

/**
 * The data and the curve at this point of the descent.
 * @param {Descent} descent @param {Life} life @param {() => void} redraw @returns {Part}
 */
function fitted(descent, life, redraw) {
  const { xs, ys, curve } = descent, { xlabel, ylabel } = descent.box.get("spec"), xlim = padded(...extent(xs), 0.03);
  const plot = new Plot({ xlim, ylim: padded(...extent(ys)), xlabel, ylabel, label: "The data and the model's curve",
    ...SMALL, life, draw: redraw });
  const line = s("path", { class: "nnf-strip-line" }), points = s("g");
  const grid = Float64Array.from({ length: 101 }, (_, i) => xlim[0] + (xlim[1] - xlim[0]) * i / 100);
  const every = Math.ceil(xs.length / DRAWN), some = [...xs.keys()].filter((i) => i % every === 0);
  let width = 0;
  plot.layer.append(points, line);
  function words() {
    if (width !== plot.width) points.replaceChildren(...some.map((i) => s("circle",
      { class: "nnf-point", r: 3, cx: plot.x(xs[i]), cy: plot.y(ys[i]) })));
    width = plot.width;
    line.setAttribute("d", plot.line(grid, predict(curve, descent.state.params, grid)));
  }
  return { node: h("figure", { class: "nnf-strip" },
    h("figcaption", { class: "nnf-label", text: "The fit at this point" }), plot.node), words };
}

/** The losses so far. @param {Descent} descent @param {Life} life @returns {Part} */
function losses(descent, life) {
  const strip = lossStrip({ life, caption: "Loss, step by step", label: "Loss over the steps", size: SMALL });
  const words = () => {
    const { wide, state: { path, steps }, moving: { length: k } } = descent;
    strip.set(Float64Array.from({ length: path.length / wide }, (_, r) => path[r * wide + k]), steps);
  };
  return { node: strip.node, words };
}

/** Step, Run, Reset. @param {Descent} descent @param {Life} life @param {() => void} drawNow */
function buttons(descent, life, drawNow) {
  let taken = 0;
  const beat = (/** @type {number} */ n) => {
    for (let i = 0; i < n; i++) {
      if (!descent.step() || ++taken >= AT_MOST) return false;
      const what = descent.verdict();
      if (what === "rest" || (what === "diverging" && descent.offMap())) return false;
    }
    return true;
  };
  const tell = (/** @type {boolean} */ running) => {
    taken = 0;
    if (!running) drawNow();
    run.set(running);
  };
  const loop = runLoop(life, { beat, tell, wait: (beats) => (beats < SLOW ? 45 : 0) });
  const alone = (/** @type {() => void} */ f) => () => {
    loop.stop();
    f();
  };
  const step = button("Step", "step", alone(() => descent.step()));
  const run = runButton(() => loop.toggle(), { "data-primary": true });
  const node = h("div", { class: "nnf-bar" }, step, run.node, button("Reset", "reset", alone(() => descent.restart())));
  return { node, loop, words: () => { step.disabled = run.node.disabled = descent.next() === null; } };
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), descent = new Descent(box);
  const root = makeRoot({ el, name: "DescentExplorer", label: "Gradient descent explorer", life });
  const parts = /** @type {Part[]} */ ([]);
  const picture = () => { for (const part of parts) part.picture?.(); };
  const words = () => {
    for (const part of parts) part.words?.();
    map.plot.svg.setAttribute("aria-label", described(descent));
  };
  const draw = inTwoSteps({ picture, words, life });
  const drawNow = () => {
    picture();
    words();
  };
  const go = buttons(descent, life, drawNow), stop = () => go.loop.stop();
  const place = (/** @type {Record<string, number>} */ changes) => {
    stop();
    descent.place(changes);
  };
  const map = mapOf(descent, life, draw, place), rows = sliders(descent, place), state = verdict(descent);
  const read = readouts(descent), speed = pace(descent);
  const which = choices(descent, stop), strip = losses(descent, life), fit = fitted(descent, life, draw);
  const hint = descent.moving.length === 2
    ? "Each line joins places of equal loss. Click to choose a start; the dotted line is the next step."
    : "Click to choose a start; the green line is the slope there, the dotted one the next step.";
  parts.push(map, read.top, state, rows, speed, which, fit, strip, go, read.bottom);
  root.append(h("div", { class: "nnf-descent" },
    h("div", { class: "nnf-descent-map" }, map.node, h("p", { class: "nnf-note", text: hint })),
    h("div", { class: "nnf-stack nnf-descent-side" }, read.top.node, state.node, go.node, rows.node, speed.node,
      which.node, read.bottom.node),
    h("div", { class: "nnf-descent-minis" }, strip.node, fit.node)));
  for (const name of ["lr", "momentum", "zero_grad", "criterion", "ranges"]) box.on(name, draw);
  box.on("ranges", rows.stretch);
  box.on("state", (foreign) => {
    if (foreign) stop();
    draw();
  });
  drawNow();
  return life.end;
}

export default { render };
