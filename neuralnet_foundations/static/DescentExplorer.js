// Gradient descent on the loss of one parameter (a curve) or of two (a contour map), all of it computed in the page.
// The whole path is one trait, `state`, so that every view and Python see the same steps.
import { Descent } from "./parts/descent.js";
import { fitted, losses } from "./parts/descent_minis.js";
import { descentCode, descentOwn } from "./parts/descent_own.js";
import { choices, pace } from "./parts/descent_settings.js";
import { mapOf } from "./parts/landscape.js";
import { described, verdict } from "./parts/verdict.js";
import { button, readout, runButton, sliderRow } from "./shared/controls.js";
import { Life, h, inTwoSteps, makeRoot } from "./shared/dom.js";
import { dusted, precise } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { runLoop } from "./shared/run.js";

const AT_MOST = 1000; // steps of one run
const SLOW = 40; // steps that are slow enough to watch, then as many as the screen shows

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
  const stretchOne = (/** @type {string} */ name) => {
    const [lo, hi] = descent.limits(name);
    rows[name].ends(lo, hi, (hi - lo) / 400);
  };
  return { node, words, stretch: () => { for (const name of names) stretchOne(name); } };
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
  const own = descentOwn(descent, fit.plot, life, { redraw: draw, stop }), code = descentCode(descent);
  parts.push(own, code, map, read.top, state, rows, speed, which, fit, strip, go, read.bottom);
  root.append(h("div", { class: "nnf-descent" },
    h("div", { class: "nnf-descent-map" }, map.node, h("p", { class: "nnf-note", text: hint })),
    h("div", { class: "nnf-stack nnf-descent-side" }, read.top.node, state.node, go.node, rows.node, speed.node,
      which.node, read.bottom.node),
    h("div", { class: "nnf-descent-minis" }, strip.node, fit.node)),
    h("div", { class: "nnf-bar nnf-foot" }, own.button, code.button), code.node, own.node);
  for (const name of ["lr", "momentum", "zero_grad", "criterion", "ranges"]) box.on(name, draw);
  box.on("ranges", rows.stretch);
  for (const name of ["points", "own_data"]) box.on(name, (foreign) => {
    if (!foreign) return;
    descent.measure();
    draw();
  });
  box.on("state", (foreign) => {
    if (foreign) stop();
    draw();
  });
  drawNow();
  return life.end;
}

export default { render };
