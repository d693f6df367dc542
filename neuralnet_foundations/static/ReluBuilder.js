// A curve from n ReLUs: c + sum of w * max(0, m x + b), built by hand (drag the kinks) or by gradient descent, all in
// the page. What is fitted is one trait, `state`, and the target another, so that every view and Python see the same.
import { largestError, predict } from "./maths/relus.js";
import { kinkPlot } from "./parts/kinks.js";
import { chosenOne, constant, count, targets } from "./parts/relu_controls.js";
import { Builder } from "./parts/relus.js";
import { button, rateKnob, readout, runButton } from "./shared/controls.js";
import { Life, h, inTwoSteps, makeRoot, say } from "./shared/dom.js";
import { precise } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { runLoop } from "./shared/run.js";
import { lossStrip } from "./shared/strip.js";

const HINT = "Draw a target in the plot. Drag a round handle to move a kink, the square one to tilt its ReLU; "
  + "arrow keys do both.";

/** @typedef {import("./shared/dom.js").Part} Part */
/** @typedef {(params: import("./maths/relus.js").Relus) => void} Change begins again with other parameters */

/** Losses, parameters and steps. @param {Builder} builder */
function readouts(builder) {
  const loss = readout("Mean squared error", "nnf-loss"), worst = readout("Largest error", "nnf-worst");
  const many = readout("Parameters", "nnf-count"), steps = readout("Steps", "nnf-steps");
  const words = () => {
    const n = builder.size;
    worst.set(precise(largestError(predict(builder.params, builder.xs), builder.ys), 3));
    many.set(`3 × ${n} + 1 = ${3 * n + 1}`);
    steps.set(String(builder.state.steps));
  };
  return { node: h("div", { class: "nnf-stack nnf-few" }, loss.node, worst.node, many.node, steps.node),
    picture: () => loss.set(precise(builder.loss)), words };
}

/** Step, Run, Reset, and how it went. @param {Builder} builder @param {Life} life @param {() => void} drawNow */
function going(builder, life, drawNow) {
  const tell = (/** @type {boolean} */ running) => {
    if (running) Object.assign(builder, { begunAt: builder.state.steps, ended: "" });
    else drawNow();
    run.set(running);
  };
  const loop = runLoop(life, { steps: 6, calm: 150, beat: (n) => builder.beat(n), tell });
  const alone = (/** @type {() => void} */ f) => () => {
    loop.stop();
    f();
    drawNow();
  };
  const step = button("Step", "step", alone(() => builder.descend(1)));
  const run = runButton(() => loop.toggle(), { "data-primary": true });
  const buttons = h("div", { class: "nnf-bar" }, step, run.node, button("Reset", "reset", alone(() => builder.reset())));
  const said = h("p", { class: "nnf-note nnf-fit-said", role: "status" });
  const words = () => {
    const { xs, box, ended } = builder, momentum = box.get("momentum");
    say(said, ended || `Gradient descent on all ${xs.length} points at once, momentum ${momentum}.`);
  };
  return { node: h("div", { class: "nnf-stack nnf-tight" }, buttons, said), loop, words };
}

/** The learning rate. @param {Builder} builder @returns {Part} */
function pace({ box }) {
  const rate = rateKnob(box.get("lr"), (lr) => box.put({ lr }));
  return { node: rate.node, words: () => rate.set(box.get("lr")) };
}

/** The losses so far. @param {Builder} builder @param {Life} life @returns {Part} */
function losses(builder, life) {
  const size = { aspect: 0.58, minHeight: 130, maxHeight: 240, ticksX: 5 };
  const strip = lossStrip({ life, caption: "Loss, step by step", label: "Loss over the steps", size });
  return { node: strip.node, words: () => strip.set(builder.state.losses, builder.state.steps) };
}

/** What the lines are. */
function key() {
  const one = (/** @type {string[]} */ [of, text]) =>
    h("span", {}, h("i", { class: "nnf-swatch", "data-of": of }), text);
  const lines = [["target", "target"], ["sum", "sum of all"], ["own", "each ReLU"]];
  return h("div", { class: "nnf-bar nnf-key" }, lines.map(one));
}

/** What the plot shows, for those who do not see it. @param {Builder} builder */
function described(builder) {
  const { params, xs, ys, size, loss } = builder, error = precise(largestError(predict(params, xs), ys), 3);
  return `The target and the sum of ${size} ReLUs. Mean squared error ${precise(loss)}, largest error ${error}.`;
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), builder = new Builder(box), parts = /** @type {Part[]} */ ([]);
  const root = makeRoot({ el, name: "ReluBuilder", label: "ReLU builder", life });
  const picture = () => { for (const part of parts) part.picture?.(); };
  const words = () => {
    for (const part of parts) part.words?.();
    plot.plot.svg.setAttribute("aria-label", described(builder));
  };
  const draw = inTwoSteps({ picture, words, life });
  const drawNow = () => {
    picture();
    words();
  };
  const go = going(builder, life, drawNow);
  const byHand = (/** @type {(v: any) => void} */ f) => (/** @type {any} */ v) => {
    go.loop.stop();
    f(v);
  };
  const change = byHand((params) => builder.begin(params)), aim = byHand((heights) => builder.aim(heights));
  const choose = (/** @type {number} */ i) => {
    builder.chosen = (i + builder.size) % builder.size;
    draw();
  };
  const plot = kinkPlot(builder, life, draw, { change, aim, choose }), read = readouts(builder);
  const n = count(builder, change, draw), ready = targets(builder, byHand((text) => builder.take(text)));
  const one = chosenOne(builder, change, choose), c = constant(builder, change), rate = pace(builder);
  const strip = losses(builder, life);
  parts.push(plot, read, n, one, c, rate, strip, go);
  root.append(h("div", { class: "nnf-descent nnf-relus" },
    h("div", { class: "nnf-descent-map nnf-relu-map" }, plot.node, key(), h("p", { class: "nnf-note", text: HINT })),
    h("div", { class: "nnf-stack nnf-descent-side" }, read.node, go.node, rate.node, n.node, ready.node, strip.node),
    h("div", { class: "nnf-stack nnf-relu-own" }, one.node, c.node)));
  for (const name of ["heights", "ylim", "lr", "momentum"]) box.on(name, draw);
  box.on("state", (foreign) => {
    if (foreign) {
      go.loop.stop();
      builder.ended = "";
    }
    draw();
  });
  drawNow();
  return life.end;
}

export default { render };
