// Gradient descent on the loss of one parameter (a curve) or of two (a contour map), all of it computed in the page.
// The whole path is one trait, `state`, so that every view and Python see the same steps.
import { predict } from "./maths/fit.js";
import { Descent } from "./parts/descent.js";
import { mapOf } from "./parts/landscape.js";
import { RATE, button, knob, readout, runButton, sliderRow, toggle } from "./shared/controls.js";
import { Life, h, inTwoSteps, makeRoot, s, say } from "./shared/dom.js";
import { dusted, extent, format, padded, precise } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { Plot } from "./shared/plot.js";
import { runLoop } from "./shared/run.js";
import { lossStrip } from "./shared/strip.js";

const AT_MOST = 1000; // steps of one run
const SLOW = 40; // steps that are slow enough to watch, then as many as the screen shows
const SMALL = { aspect: 0.6, minHeight: 130, maxHeight: 170, ticksX: 4, ticksY: 3 };
const DRAWN = 400; // points of the small plot: a sample is enough to see

/** @type {Record<ReturnType<Descent["verdict"]>, [string, string]>} */
const VERDICTS = {
  ready: ["Ready.", "Choose a start in the plot, then Step or Run."],
  converging: ["Converging:", "the steps lead down."],
  crawling: ["Crawling:", "thousands of such steps would cross the map. Try a larger learning rate."],
  bouncing: ["Bouncing:", "it steps over the lowest place and back. A smaller learning rate settles it."],
  diverging: ["Diverging:", "each step lands higher than the one before. Lower the learning rate, then Reset."],
  rest: ["At rest:", "the slope here is practically zero, so nothing pushes it on."],
};

/** @typedef {{node: Node, picture?: () => void, words?: () => void}} Part what it draws before the next paint, and what after it */
/** @typedef {import("./shared/outbox.js").outbox} Box */

/** What goes on, in words. @param {Descent} descent @returns {[string, string]} */
function verdictOf(descent) {
  const what = descent.verdict(), { momentum, zero } = descent.how(), stuck = descent.next() === null, [name, usual] = VERDICTS[what];
  if (what === "bouncing" && !zero) return [name, "the old gradients add up and carry it past the lowest place. Zero them, and it settles."];
  if (what === "bouncing" && momentum > 0) return [name, "momentum carries it past the lowest place. Less of it, or a smaller learning rate, settles it."];
  if (what === "diverging" && stuck && descent.state.steps) return [name, "the next step has no finite loss, so it stops here. Lower the learning rate, then Reset."];
  if (what === "diverging" && stuck) return [name, "there is no finite loss here, or one step away. Choose another start or a smaller learning rate."];
  if (what === "diverging" && !zero) return [name, "the old gradients add up and throw it higher. Zero them, or lower the learning rate, then Reset."];
  if (what === "converging" && descent.offMap()) return [name, "the ball has left the map, but the loss falls."];
  return [name, usual];
}

/** The state of things: converging, bouncing. @param {Descent} descent @returns {Part} */
function verdict(descent) {
  const word = h("strong"), rest = h("span"), node = h("p", { class: "nnf-state", role: "status" }, word, " ", rest);
  const words = () => {
    const [name, why] = verdictOf(descent);
    node.dataset.state = descent.verdict();
    say(word, name);
    say(rest, why);
  };
  return { node, words };
}

/** Loss, gradient and steps. @param {Descent} descent */
function readouts(descent) {
  const loss = readout("Loss", "nnf-loss"), slope = readout("Gradient", "nnf-gradient"), steps = readout("Steps", "nnf-steps");
  const words = () => {
    const { moving, gradient } = descent, widths = descent.widths(), { span } = descent.landscape(false);
    const shown = (/** @type {number} */ j) => precise(dusted(gradient[j], span / widths[j]));
    loss.rename(descent.lossSpec().label);
    slope.set(moving.map((name, j) => `${name} ${shown(j)}`).join(", "));
    steps.set(String(descent.state.steps));
  };
  return { top: { node: loss.node, picture: () => loss.set(precise(descent.loss, 5)) }, bottom: { node: h("div", { class: "nnf-stack nnf-few" }, slope.node, steps.node), words } };
}

/** A slider for each parameter: the moving ones, then those that are held still. @param {Descent} descent @param {(changes: Record<string, number>) => void} place @returns {Part & {stretch: () => void}} */
function sliders(descent, place) {
  const row = (/** @type {string} */ name) => {
    const [min, max] = descent.limits(name);
    return sliderRow({ name, min, max, step: (max - min) / 400, value: descent.state.params[name], oninput: (v) => place({ [name]: v }) });
  };
  const { moving, held, names } = descent, rows = Object.fromEntries(names.map((name) => [name, row(name)]));
  const node = h("div", { class: "nnf-stack nnf-tight", role: "group", "aria-label": "Start values" }, moving.map((name) => rows[name].node),
    held.length ? h("span", { class: "nnf-label nnf-small", text: "Held still" }) : null, held.map((name) => rows[name].node));
  const words = () => { for (const name of names) rows[name].set(descent.state.params[name]); };
  return { node, words, stretch: () => { for (const name of names) rows[name].ends(...descent.limits(name)); } };
}

/** Learning rate, on a logarithmic slider, and momentum. @param {Descent} descent @returns {Part} */
function pace({ box }) {
  const size = Math.log10(box.get("lr")), range = { min: Math.min(-4, Math.floor(size)), max: Math.max(1, Math.ceil(size)), step: 0.02 };
  const rate = knob("Learning rate", { ...RATE, "aria-label": "Learning rate", value: box.get("lr"),
    range: { ...range, "aria-label": "Learning rate, on a logarithmic scale" },
    onSlide: (v) => Number((10 ** v).toPrecision(3)), toSlide: Math.log10 }, (lr) => box.put({ lr }));
  const momentum = knob("Momentum", { action: "momentum", value: box.get("momentum"), range: { min: 0, max: 0.99, step: 0.01, "aria-label": "Momentum" },
    accepts: (v) => v >= 0 && v < 1 }, (v) => box.put({ momentum: v }));
  const words = () => {
    rate.set(box.get("lr"));
    momentum.set(box.get("momentum"));
  };
  return { node: h("div", { class: "nnf-stack nnf-tight" }, rate.node, momentum.node), words };
}

/** Which loss, and whether gradients are zeroed. @param {Descent} descent @param {() => void} stop @returns {Part} */
function choices(descent, stop) {
  const { box } = descent, group = `nnf-loss-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const radio = (/** @type {any} */ { name }) => h("input", { type: "radio", name: group, value: name, "data-action": `loss-${name}`, onchange: () => {
    stop();
    descent.choose(name);
  } });
  const radios = descent.losses.map(radio), zero = toggle("Zero the gradient after each step", "zero", box.get("zero_grad"), (on) => box.put({ zero_grad: on }));
  const labelled = radios.map((/** @type {HTMLElement} */ one, /** @type {number} */ i) =>
    h("label", { class: "nnf-choice" }, one, h("span", { text: descent.losses[i].label })));
  const words = () => {
    for (const one of radios) one.checked = one.value === descent.state.criterion;
    zero.set(box.get("zero_grad"));
  };
  return { node: h("div", { class: "nnf-stack nnf-tight" }, h("div", { class: "nnf-choices", role: "radiogroup", "aria-label": "Loss" }, labelled), zero.node), words };
}

/** The data and the curve at this point of the descent. @param {Descent} descent @param {Life} life @param {() => void} redraw @returns {Part} */
function fitted(descent, life, redraw) {
  const { xs, ys, curve } = descent, { xlabel, ylabel } = descent.box.get("spec"), xlim = padded(...extent(xs), 0.03);
  const plot = new Plot({ xlim, ylim: padded(...extent(ys)), xlabel, ylabel, label: "The data and the model's curve", ...SMALL, life, draw: redraw });
  const line = s("path", { class: "nnf-strip-line" }), points = s("g"), grid = Float64Array.from({ length: 101 }, (_, i) => xlim[0] + (xlim[1] - xlim[0]) * i / 100);
  const every = Math.ceil(xs.length / DRAWN), some = [...xs.keys()].filter((i) => i % every === 0);
  let width = 0;
  plot.layer.append(points, line);
  function words() {
    if (width !== plot.width) points.replaceChildren(...some.map((i) => s("circle", { class: "nnf-point", r: 3, cx: plot.x(xs[i]), cy: plot.y(ys[i]) })));
    width = plot.width;
    line.setAttribute("d", plot.line(grid, predict(curve, descent.state.params, grid)));
  }
  return { node: h("figure", { class: "nnf-strip" }, h("figcaption", { class: "nnf-label", text: "The fit at this point" }), plot.node), words };
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
  const step = button("Step", "step", alone(() => descent.step())), run = runButton(() => loop.toggle(), { "data-primary": true });
  const node = h("div", { class: "nnf-bar" }, step, run.node, button("Reset", "reset", alone(() => descent.restart())));
  return { node, loop, words: () => { step.disabled = run.node.disabled = descent.next() === null; } };
}

/** What the map shows, for those who do not see it. @param {Descent} descent */
function described(descent) {
  const { moving, state: { params, steps }, loss } = descent, at = moving.map((name) => `${name} = ${format(params[name])}`).join(", ");
  return `${moving.length === 2 ? "Contour map" : "Curve"} of the loss over ${moving.join(" and ")}. The ball is at ${at}`
    + `${descent.offMap() ? ", beyond the edge of the map" : ""}. Loss ${format(loss)} after ${steps} steps.`;
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), descent = new Descent(box);
  const root = makeRoot({ el, name: "DescentExplorer", label: "Gradient descent explorer", life }), parts = /** @type {Part[]} */ ([]);
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
  const map = mapOf(descent, life, draw, place), rows = sliders(descent, place), state = verdict(descent), read = readouts(descent), speed = pace(descent);
  const which = choices(descent, stop), strip = losses(descent, life), fit = fitted(descent, life, draw);
  const hint = descent.moving.length === 2 ? "Each line joins places of equal loss. Click to choose a start; the dotted line is the next step."
    : "Click to choose a start; the green line is the slope there, the dotted one the next step.";
  parts.push(map, read.top, state, rows, speed, which, fit, strip, go, read.bottom);
  root.append(h("div", { class: "nnf-descent" },
    h("div", { class: "nnf-descent-map" }, map.node, h("p", { class: "nnf-note", text: hint })),
    h("div", { class: "nnf-stack nnf-descent-side" }, read.top.node, state.node, go.node, rows.node, speed.node, which.node, read.bottom.node),
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
