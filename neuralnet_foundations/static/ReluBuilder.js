// A curve from n ReLUs: c + sum of w * max(0, m x + b), built by hand (drag the kinks) or by gradient descent, all in
// the page. What is fitted is one trait, `state`, and the target another, so that every view and Python see the same.
import { largestError, predict, resize } from "./maths/relus.js";
import { kinkPlot } from "./parts/kinks.js";
import { chosenOne, constant } from "./parts/relu_sliders.js";
import { Builder } from "./parts/relus.js";
import { button, rateField, readout, runButton, sliderRow } from "./shared/controls.js";
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

/** Step, Run, Reset and the rate. @param {Builder} builder @param {Life} life @param {() => void} drawNow */
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
  const run = runButton(() => loop.toggle(), { "data-primary": true });
  const said = h("p", { class: "nnf-note nnf-fit-said", role: "status" });
  const rate = rateField("Rate", { value: builder.box.get("lr"), "aria-label": "Learning rate" },
    (lr) => builder.box.put({ lr }));
  const buttons = h("div", { class: "nnf-bar nnf-relu-go" }, button("Step", "step", alone(() => builder.descend(1))),
    run.node,
    button("Reset", "reset", alone(() => builder.reset())), rate.node);
  const words = () => {
    rate.set(builder.box.get("lr"));
    const usual = `Gradient descent on all ${builder.xs.length} points at once, momentum ${builder.box.get("momentum")}.`;
    say(said, builder.ended || usual);
  };
  return { node: h("div", { class: "nnf-stack nnf-tight" }, buttons, said), loop, words };
}

/** How many ReLUs. @param {Builder} builder @param {Change} change @param {() => void} redraw @returns {Part} */
function count(builder, change, redraw) {
  const most = builder.page.most, row = sliderRow({ name: "n", min: 1, max: most, step: 1, value: builder.size,
    oninput: (v) => {
    const n = Math.min(most, Math.max(1, Math.round(v)));
    if (n === builder.size) redraw(); else change(resize(builder.params, n, builder.ends));
  } });
  return { node: h("div", { class: "nnf-stack nnf-tight" }, h("span", { class: "nnf-label", text: "Number of ReLUs" }),
    row.node), words: () => row.set(builder.size) };
}

/** The ready targets. @param {Builder} builder @param {(javascript: string) => void} take @returns {Part} */
function targets(builder, take) {
  const one = (/** @type {{name: string, label: string, javascript: string}} */ { name, label, javascript }) =>
    button(label, `target-${name}`, () => take(javascript), { "aria-label": `Target: ${name}` });
  return { node: h("div", { class: "nnf-stack nnf-tight" }, h("span", { class: "nnf-label", text: "Target" }),
    h("div", { class: "nnf-bar", role: "group", "aria-label": "Ready targets" }, builder.page.targets.map(one))) };
}

/** What the lines are. */
const key = () => h("div", { class: "nnf-bar nnf-key" },
  [["target", "target"], ["sum", "sum of all"], ["own", "each ReLU"]].map(([of, text]) =>
  h("span", {}, h("i", { class: "nnf-swatch", "data-of": of }), text)));

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), builder = new Builder(box), parts = /** @type {Part[]} */ ([]);
  const root = makeRoot({ el, name: "ReluBuilder", label: "ReLU builder", life });
  const picture = () => { for (const part of parts) part.picture?.(); };
  const words = () => {
    for (const part of parts) part.words?.();
    const error = precise(largestError(predict(builder.params, builder.xs), builder.ys), 3);
    plot.plot.svg.setAttribute("aria-label",
      `The target and the sum of ${builder.size} ReLUs. Mean squared error ${precise(builder.loss)}, largest error ${error}.`);
  };
  const draw = inTwoSteps({ picture, words, life });
  const drawNow = () => {
    picture();
    words();
  };
  const go = going(builder, life, drawNow), choose = (/** @type {number} */ i) => {
    builder.chosen = (i + builder.size) % builder.size;
    draw();
  };
  const change = (/** @type {import("./maths/relus.js").Relus} */ params) => {
    go.loop.stop();
    builder.begin(params);
  };
  const aim = (/** @type {Float64Array} */ heights) => {
    go.loop.stop();
    builder.aim(heights);
  };
  const take = (/** @type {string} */ javascript) => {
    go.loop.stop();
    builder.take(javascript);
  };
  const plot = kinkPlot(builder, life, draw, { change, aim, choose }), read = readouts(builder);
  const n = count(builder, change, draw);
  const ready = targets(builder, take), one = chosenOne(builder, change, choose), c = constant(builder, change);
  const strip = lossStrip({ life, caption: "Loss, step by step", label: "Loss over the steps",
    size: { aspect: 0.32, minHeight: 130, maxHeight: 150, ticksX: 5 } });
  parts.push(plot, read, n, one, c, go, { node: strip.node,
    words: () => strip.set(builder.state.losses, builder.state.steps) });
  root.append(h("div", { class: "nnf-descent" },
    h("div", { class: "nnf-descent-map nnf-relu-map" }, plot.node, key(),
      h("p", { class: "nnf-note", text: HINT })),
    h("div", { class: "nnf-stack nnf-descent-side" }, read.node, go.node, n.node, ready.node, one.node, c.node),
    h("div", { class: "nnf-relu-strip" }, strip.node)));
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
