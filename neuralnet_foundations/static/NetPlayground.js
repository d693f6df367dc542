// A small network on points in the plane, in full view: its answer, its units, its weights, one example's way through,
// and its training, all of it in the page. What is trained is one trait, `state`, the points another.
import { Playground } from "./parts/net.js";
import { diagram } from "./parts/net_diagram.js";
import { ownPointsOf } from "./parts/net_own.js";
import { plane } from "./parts/net_plot.js";
import { codeOf, layerSettings, pointSettings, trainingSettings } from "./parts/net_settings.js";
import { examplePanel, unitPanel } from "./parts/net_unit.js";
import { button, readout, runButton } from "./shared/controls.js";
import { Life, h, inTwoSteps, makeRoot, say } from "./shared/dom.js";
import { precise } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { runLoop } from "./shared/run.js";
import { lossStrip } from "./shared/strip.js";

const HINT = "Thick lines are large weights; orange and whole: positive, blue and dashed: negative. Click a unit to see "
  + "its numbers, drag a line up or down to change its weight.";

/** @typedef {import("./shared/dom.js").Part} Part */

/** Losses and how far training is. @param {Playground} net @returns {Part} */
function readouts(net) {
  const loss = readout("Training loss", "nnf-loss"), test = readout("Test loss", "nnf-test-loss");
  const steps = readout("Epoch, step", "nnf-steps");
  const picture = () => loss.set(precise(net.loss()));
  const words = () => {
    test.set(net.test.n ? precise(net.loss(true)) : "none held back");
    steps.set(`${net.state.epoch}, ${net.state.steps}`);
  };
  return { node: h("div", { class: "nnf-stack nnf-few" }, loss.node, test.node, steps.node), picture, words };
}

/** One below the other. @param {Part[]} parts */
const stack = (...parts) => h("div", { class: "nnf-net-stack" }, parts.map((part) => part.node));

/** Step, Run, Reset. @param {Playground} net @param {Life} life @param {() => void} drawNow */
function going(net, life, drawNow) {
  const tell = (/** @type {boolean} */ running) => {
    if (running) Object.assign(net, { begunAt: net.state.epoch, ended: "" });
    else drawNow();
    run.set(running);
  };
  const loop = runLoop(life, { steps: 2, calm: 50, beat: (n) => net.beat(n), tell });
  const byHand = (/** @type {() => void} */ f) => {
    loop.stop();
    f();
    drawNow();
  };
  const run = runButton(() => loop.toggle(), { "data-primary": true });
  const node = h("div", { class: "nnf-bar" }, button("Step", "step", () => byHand(() => net.descend(1))), run.node,
    button("Reset", "reset", () => byHand(() => net.reset())), button("New weights", "renew", () => byHand(() => net.renew())));
  const said = h("p", { class: "nnf-note nnf-net-said", role: "status" });
  const words = () => {
    const { how, train: { n }, ended } = net;
    say(said, ended || `A step is one batch of ${Math.min(how.batch_size, n)} points, an epoch is all ${n}.`);
  };
  return { node: h("div", { class: "nnf-stack nnf-tight" }, node, said), loop, byHand, words };
}

/** The losses of every epoch. @param {Playground} net @param {Life} life @returns {Part} */
function losses(net, life) {
  const strip = lossStrip({ life, caption: "Loss by epoch: training whole, test dashed",
    label: "Loss over the epochs", xlabel: "epoch", size: { aspect: 0.45, minHeight: 120, maxHeight: 180 } });
  return { node: strip.node, words: () => strip.set(net.state.losses, net.state.epoch, net.state.test_losses) };
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), net = new Playground(box), parts = /** @type {Part[]} */ ([]);
  const root = makeRoot({ el, name: "NetPlayground", label: "Network playground", life });
  const picture = () => { for (const part of parts) part.picture?.(); };
  const words = () => { for (const part of parts) part.words?.(); };
  const draw = inTwoSteps({ picture, words, life });
  const drawNow = () => {
    picture();
    words();
  };
  const go = going(net, life, drawNow);
  const weigh = (/** @type {number} */ v, /** @type {import("./parts/net.js").Chosen} */ chosen = net.chosen) => {
    go.loop.stop();
    net.weigh(v, chosen);
  };
  const look = (/** @type {number} */ i) => {
    net.example = i;
    draw();
  };
  const move = (/** @type {number} */ i, /** @type {number[]} */ values) => {
    go.loop.stop();
    net.move(i, values);
  };
  const points = pointSettings(net, go.byHand);
  const click = (/** @type {number[]} */ place) => {
    const label = points.label();
    if (!Number.isNaN(label)) add([...place, label]);
  };
  const add = (/** @type {number[]} */ values) => {
    if (net.size < net.page.points) go.byHand(() => net.add(values));
  };
  const remove = (/** @type {number} */ i) => go.byHand(() => net.remove(i));
  const hands = { look, move, add, click, remove, bringBack: () => go.byHand(() => net.bringBack()) };
  const map = diagram(net, life, draw, weigh), plot = plane(net, life, draw, hands);
  const read = readouts(net), unit = unitPanel(net, weigh, draw), strip = losses(net, life), code = codeOf(net);
  const example = examplePanel(net, draw, hands), layers = layerSettings(net, go.byHand);
  const training = trainingSettings(net), own = ownPointsOf(net, life, go.byHand);
  parts.push(map, plot, read, unit, example, strip, points, training, layers, code, own, go);
  root.append(
    h("div", { class: "nnf-net-top" }, go.node, read.node),
    h("div", { class: "nnf-columns nnf-net-pictures" },
      h("div", { class: "nnf-stack nnf-tight" }, map.node, h("p", { class: "nnf-note", text: HINT })), plot.node),
    h("div", { class: "nnf-net-parts" }, stack(unit, layers), stack(example, strip), stack(training, points)),
    h("div", { class: "nnf-bar nnf-foot" }, own.button, code.button), code.node, own.node);
  for (const name of ["lr", "momentum", "batch_size", "shuffle", "limits"]) box.on(name, draw);
  box.on("points", (foreign) => {
    if (foreign) net.deleted = [];
    net.example = Math.min(net.example, net.size - 1);
    draw();
  });
  box.on("state", (foreign) => {
    if (foreign) {
      go.loop.stop();
      net.ended = "";
    }
    draw();
  });
  drawNow();
  return life.end;
}

export default { render };
