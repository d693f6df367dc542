// The training loop one stage at a time, on a linear model: the line that runs, its tensors and what it changes.
import { advance, finishBatch, fresh, place, story } from "./maths/loop.js";
import { Training, codeList, tensorTable } from "./parts/loop.js";
import { button, rateField, runButton, toggle } from "./shared/controls.js";
import { Life, h, makeRoot, onFrame, say } from "./shared/dom.js";
import { format } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { runLoop } from "./shared/run.js";
import { lossStrip } from "./shared/strip.js";

/** @typedef {import("./maths/loop.js").Loop} Loop */

const SPEEDS = { stage: "stage by stage", batch: "batch by batch", fast: "fast" };
/** @type {Record<string, number>} */
const PAUSES = { stage: 600, batch: 250, fast: 0 }; // ms between two beats of a run

/** A menu of speeds. */
const speedMenu = () => h("select", { "data-action": "speed", "aria-label": "Speed of Run" },
  ...Object.entries(SPEEDS).map(([value, text]) => h("option", { value, text })));

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), page = model.get("page"), training = new Training(page, box);
  const root = makeRoot({ el, name: "LoopStepper", label: "The training loop, one stage at a time", life });
  const put = (/** @type {Loop} */ loop) => box.put({ loop });
  const step = () => put(advance(training.now, training.data, training.how));
  const batch = () => put(finishBatch(training.now, training.data, training.how));
  const reset = () => put(fresh(box.get("start")));

  const code = codeList(), table = tensorTable(training.tensors.map((o) => o.name), page.shown);
  const told = h("p", { class: "nnf-story", role: "status" });
  const where = h("span", { class: "nnf-where" }), loss = h("span", { class: "nnf-loss nnf-loss-now" });
  const dashed = h("p", { class: "nnf-note", text: "Dashed: the run before Reset." });
  const rate = rateField("lr", { value: training.how.lr, max: 1e6, title: "Learning rate" }, (lr) => box.put({ lr }));
  const zeroing = toggle("Zero the gradients", "zero", training.how.zero, (zero_grad) => box.put({ zero_grad }));
  const speed = speedMenu(), run = runButton(() => runner.toggle());
  const strip = lossStrip({ life, xlabel: "batch", label: "The loss of each batch so far", least: 0.6,
    kind: "nnf-curve", size: { aspect: 0.75, minHeight: 160, maxHeight: 230, ticksX: 6 } });

  const runner = runLoop(life, {
    wait: () => PAUSES[speed.value],
    beat: (steps) => {
      const go = speed.value === "stage" ? step : batch, times = speed.value === "fast" ? steps : 1;
      for (let i = 0; i < times; i++) go();
    },
    tell: (running) => {
      run.set(running);
      told.setAttribute("aria-live", running ? "off" : "polite");
    },
  });
  /** @param {string} label @param {string} action @param {() => void} f */
  const pausing = (label, action, f, more = {}) => button(label, action, () => { runner.stop(); f(); }, more);
  const buttons = [pausing("Step", "step", step, { "data-primary": true }), pausing("Next batch", "batch", batch),
    run.node, pausing("Reset", "reset", reset)];
  root.append(
    h("div", { class: "nnf-columns nnf-loop" },
      h("div", { class: "nnf-stack" }, code.node, h("div", { class: "nnf-bar" }, ...buttons),
        h("div", { class: "nnf-bar" }, speed, rate.node, zeroing.node)),
      h("div", { class: "nnf-stack" }, h("div", { class: "nnf-readout" }, where, loss), strip.node, dashed)),
    told, table.node);

  function draw() {
    const { now, data, how, earlier } = training, at = place(now, data);
    code.set(training.ran, page.stages[now.stage], how.zero);
    say(where, `epoch ${at.epoch}, batch ${at.batch} of ${at.batches}`);
    say(loss, now.loss === null ? "–" : format(now.loss));
    say(told, story(now, data, how));
    table.set(training.tensors, training.tensorsBefore);
    dashed.style.visibility = earlier.length ? "" : "hidden";
    strip.set(now.losses, now.steps, earlier);
  }
  const redraw = onFrame(draw, life);
  box.on("loop", (foreign) => {
    if (foreign) runner.stop();
    training.follow();
    redraw();
  });
  for (const name of ["x_data", "y_data", "shape", "batch_size"]) box.on(name, () => { training.reload(); redraw(); });
  box.on("lr", () => { rate.set(training.how.lr); redraw(); });
  box.on("zero_grad", () => { zeroing.set(training.how.zero); redraw(); });
  draw();
  return life.end;
}

export default { render };
