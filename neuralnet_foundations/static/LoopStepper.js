// The training loop one stage at a time, on a linear model: the line that runs, the tensors it makes and what it changes.
import { button, rateField, runButton, toggle } from "./shared/controls.js";
import { Life, h, listen, makeRoot, onFrame } from "./shared/dom.js";
import { floats, format } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { runLoop } from "./shared/run.js";
import { lossStrip } from "./shared/strip.js";

export const STAGES = ["predict", "loss", "gradient", "step", "zero"];
const KEPT = 400; // losses remembered: the same number in Python
const SHOWN = 5; // values of a tensor
const PAUSES = { stage: 600, batch: 250, fast: 0 }; // ms between two beats of a run

const CODE = [
  [0, "for epoch in range(epochs):"],
  [1, "for xb, yb in batches:"],
  [2, "preds = xb @ weights + bias", "predict"],
  [2, "loss = mnist_loss(preds, yb)", "loss"],
  [2, "loss.backward()", "gradient"],
  [2, "with torch.no_grad():"],
  [3, "for p in params: p -= p.grad * lr", "step"],
  [2, "for p in params: p.grad = None", "zero"],
];

/** 1 / (1 + exp(−v)) that does not overflow. */
const squash = (v) => (v >= 0 ? 1 / (1 + Math.exp(-v)) : 1 - 1 / (1 + Math.exp(v)));

/** The rows of a batch, from `first` up to `last`. */
export function rows({ n, size }, batch) {
  const first = batch * size;
  return { first, last: Math.min(n, first + size) };
}

/** The loop before anything ran. */
export const fresh = (start) =>
  ({ params: start, grad: null, summed: 0, preds: null, loss: null, stage: 0, done: null, batch: 0, shown: 0, epoch: 0, steps: 0, losses: [] });

/**
 * One stage of the loop, the one that `loop.stage` names; the same as `LoopStepper.step` in Python does with torch.
 * @param {Object} loop @param {{x: Float64Array, y: Float64Array, n: number, d: number, size: number}} data
 * @param {{lr: number, zero: boolean}} how @returns {Object} the new loop; the old one is left as it was
 */
export function advance(loop, data, { lr, zero }) {
  const { x, y, n, d, size } = data, { first, last } = rows(data, loop.batch), count = last - first, name = STAGES[loop.stage];
  const next = { ...loop, done: loop.stage, shown: loop.batch, stage: loop.stage + 1 };
  if (name === "predict") {
    next.loss = null;
    next.preds = Array.from({ length: count }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < d; j++) sum += x[(first + i) * d + j] * loop.params[j];
      return sum + loop.params[d];
    });
  } else if (name === "loss") {
    next.loss = loop.preds.reduce((sum, v, i) => sum + (y[first + i] === 1 ? 1 - squash(v) : squash(v)), 0) / count;
    next.losses = [...loop.losses, next.loss].slice(-KEPT);
    next.steps = loop.steps + 1;
  } else if (name === "gradient") {
    const grad = loop.grad ? [...loop.grad] : Array(d + 1).fill(0);
    loop.preds.forEach((v, i) => {
      const p = squash(v), slope = ((y[first + i] === 1 ? -1 : 1) * p * (1 - p)) / count;
      for (let j = 0; j < d; j++) grad[j] += slope * x[(first + i) * d + j];
      grad[d] += slope;
    });
    next.grad = grad; next.summed = loop.summed + 1;
  } else if (name === "step") {
    next.params = loop.params.map((p, j) => p - lr * loop.grad[j]);
  } else { next.grad = null; next.summed = 0; }
  if (name === "zero" || (name === "step" && !zero)) { // the next batch, or the next epoch
    next.stage = 0;
    next.batch = last === n ? 0 : loop.batch + 1;
    next.epoch = loop.epoch + (last === n ? 1 : 0);
  }
  return next;
}

/** What a stage did, in words. */
export function story(loop, data, { lr, zero }) {
  const name = STAGES[loop.done], { first, last } = rows(data, loop.shown), count = last - first;
  if (loop.done == null) return `The parameters are where they start. Press Step, and the first line of the loop runs on rows 0 to ${last - 1}.`;
  if (name === "predict") return `Rows ${first} to ${last - 1}: each row times the weights, plus the bias, makes ${count} predictions. Above 0 means a 3.`;
  if (name === "loss") return `Sigmoid squashes the predictions to between 0 and 1, and their mean distance from the targets is ${format(loop.loss)}.`;
  if (name === "gradient") return loop.summed > 1
    ? `The slopes were added to the old ones, which nobody had cleared: .grad is now the sum over ${loop.summed} batches.`
    : "Each parameter now knows its slope: how the loss changes as that parameter grows. The slopes are kept in .grad.";
  if (name === "step") return `Each parameter moved against its slope, by lr = ${+lr.toPrecision(4)} times it.${
    loop.summed > 1 ? ` But that was the sum over ${loop.summed} batches, not the slope of this one.` : ""}${zero ? "" : " Nothing clears .grad now, so it stays for the next batch."}`;
  return "The slopes are forgotten, so that the next batch starts clean.";
}

/** @param {{model: Object, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), { put } = box;
  const root = makeRoot({ el, name: "LoopStepper", label: "The training loop, one stage at a time", life });
  let data, before = null, earlier = [];
  const read = () => {
    const [n, d] = model.get("shape");
    data = { x: floats(model.get("x_data")), y: floats(model.get("y_data")), n, d, size: model.get("batch_size") };
  };
  read();
  const how = () => ({ lr: box.get("lr"), zero: box.get("zero_grad") });

  const lines = CODE.map(([depth, text, stage]) => h("li", { class: "nnf-code-line", "data-stage": stage, style: `--depth:${depth}` }, h("code", { text })));
  const code = h("ol", { class: "nnf-code", "aria-label": "The training loop" }, ...lines);
  const storyline = h("p", { class: "nnf-story", role: "status" });
  const where = h("span", { class: "nnf-where" });
  const rate = rateField("lr", { value: how().lr, max: 1e6, title: "Learning rate" }, (lr) => put({ lr }));
  const zeroing = toggle("Zero the gradients", "zero", how().zero, (zero_grad) => put({ zero_grad }));
  const speed = h("select", { "data-action": "speed", "aria-label": "Speed of Run" },
    h("option", { value: "stage", text: "stage by stage" }), h("option", { value: "batch", text: "batch by batch" }), h("option", { value: "fast", text: "fast" }));
  const dashed = h("p", { class: "nnf-note", text: "Dashed: the run before Reset." });
  const run = runButton(() => runner.toggle());
  const losses = lossStrip({ life, xlabel: "batch", label: "The loss of each batch so far", least: 0.6, kind: "nnf-curve",
    size: { aspect: 0.5, minHeight: 150, maxHeight: 230, ticksX: 6 } });
  root.append(
    h("div", { class: "nnf-columns nnf-loop" },
      h("div", { class: "nnf-stack" }, code,
        h("div", { class: "nnf-bar" }, button("Step", "step", () => { runner.stop(); put({ loop: advance(box.get("loop"), data, how()) }); }, { "data-primary": true }),
          button("Next batch", "batch", () => { runner.stop(); put({ loop: batch(box.get("loop")) }); }), run.node, button("Reset", "reset", reset)),
        h("div", { class: "nnf-bar" }, speed, rate.node, zeroing.node)),
      h("div", { class: "nnf-stack" }, h("div", { class: "nnf-readout" }, where, h("span", { class: "nnf-loss nnf-loss-now" })), losses.node, dashed)),
    storyline, h("div", { class: "nnf-table-box", tabindex: "0", role: "region", "aria-label": "The tensors" }, table()));
  const number = root.querySelector(".nnf-loss-now");

  /** To the end of the batch. */
  function batch(loop) {
    do loop = advance(loop, data, how()); while (loop.stage !== 0);
    return loop;
  }
  const runner = runLoop(life, {
    wait: () => PAUSES[speed.value],
    beat: (steps) => {
      const go = speed.value === "stage" ? (at) => advance(at, data, how()) : batch;
      let at = box.get("loop");
      for (let i = 0; i < (speed.value === "fast" ? steps : 1); i++) at = go(at);
      put({ loop: at });
    },
    tell: (running) => {
      run.set(running);
      storyline.setAttribute("aria-live", running ? "off" : "polite");
    },
  });
  function reset() {
    runner.stop();
    put({ loop: fresh(model.get("start")) });
  }

  /** The tensors: name, shape, first values; a function that brings them up to date. */
  function table() {
    const body = h("tbody"), rowOf = {};
    for (const name of ["xb", "yb", "weights", "bias", "preds", "loss", "weights.grad", "bias.grad"]) {
      const shape = h("td", { class: "nnf-tensor-shape" }), values = h("td", { class: "nnf-tensor-values" });
      const row = h("tr", { "data-tensor": name }, h("th", { scope: "row" }, h("code", { text: name })), shape, values);
      const show = (dims, numbers, old, changed) => {
        shape.textContent = dims ? `(${dims.join(", ")}${dims.length === 1 ? "," : ""})` : "–";
        row.toggleAttribute("data-changed", changed);
        if (!numbers) { values.replaceChildren(h("span", { class: "nnf-none", text: "None" })); return; }
        const some = numbers.slice(0, SHOWN).map((v, i) => h("span", { class: "nnf-number" },
          changed && old && old[i] !== v ? h("small", { class: "nnf-old", text: format(old[i]) }) : null, format(v)));
        values.replaceChildren(...some, ...(numbers.length > SHOWN ? [h("span", { class: "nnf-more", text: `… ${numbers.length} in all` })] : []));
      };
      rowOf[name] = { show };
      body.append(row);
    }
    table.show = (loop, old) => {
      const { x, y, d } = data, at = rows(data, loop.shown), count = at.last - at.first, done = STAGES[loop.done];
      const start = (of) => Array.from(of);
      rowOf.xb.show([count, d], start(x.subarray(at.first * d, at.last * d)), null, done === "predict");
      rowOf.yb.show([count, 1], start(y.subarray(at.first, at.last)), null, done === "predict");
      rowOf.weights.show([d, 1], loop.params.slice(0, d), old?.params.slice(0, d), done === "step");
      rowOf.bias.show([1], loop.params.slice(d), old?.params.slice(d), done === "step");
      rowOf.preds.show(loop.preds && [loop.preds.length, 1], loop.preds, null, done === "predict");
      rowOf.loss.show(loop.loss == null ? null : [], loop.loss == null ? null : [loop.loss], null, done === "loss");
      const graded = done === "gradient" || done === "zero";
      rowOf["weights.grad"].show(loop.grad && [d, 1], loop.grad?.slice(0, d), old?.grad?.slice(0, d), graded);
      rowOf["bias.grad"].show(loop.grad && [1], loop.grad?.slice(d), old?.grad?.slice(d), graded);
    };
    return h("table", { class: "nnf-tensors" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col", text: "tensor" }), h("th", { scope: "col", text: "shape" }), h("th", { scope: "col", text: "first values" }))), body);
  }

  function draw() {
    const now = box.get("loop"), { zero } = how(), batches = Math.ceil(data.n / data.size), at = now.done == null ? now.batch : now.shown;
    const epoch = now.epoch - (now.stage === 0 && now.done != null && now.batch === 0 ? 1 : 0); // the last stage of an epoch belongs to it
    for (const line of lines) {
      const stage = line.dataset.stage;
      line.toggleAttribute("data-lit", stage != null && stage === STAGES[now.done]);
      line.toggleAttribute("data-next", stage != null && stage === STAGES[now.stage]);
      if (stage === STAGES[now.done]) line.setAttribute("aria-current", "step"); else line.removeAttribute("aria-current");
      line.toggleAttribute("data-forgotten", stage === "zero" && !zero && now.stage !== 4);
    }
    where.textContent = `epoch ${epoch + 1}, batch ${at + 1} of ${batches}`;
    number.textContent = now.loss == null ? "–" : format(now.loss);
    const text = story(now, data, how());
    if (storyline.textContent !== text) storyline.textContent = text;
    table.show(now, now.done != null && before && before.done !== now.done ? before : null);
    dashed.style.display = earlier.length ? "" : "none";
    losses.set(now.losses, now.steps, earlier);
  }

  const redraw = onFrame(draw, life);
  let latest = box.get("loop");
  box.on("loop", (foreign) => {
    if (foreign) runner.stop();
    const now = box.get("loop");
    if (now.done == null && latest.losses.length > 1) earlier = latest.losses;
    before = latest; latest = now;
    redraw();
  });
  for (const name of ["x_data", "shape", "batch_size"]) box.on(name, () => { read(); earlier = []; redraw(); });
  box.on("lr", () => { rate.set(how().lr); redraw(); });
  box.on("zero_grad", () => { zeroing.set(how().zero); redraw(); });
  listen(speed, "change", () => redraw());
  draw();
  return life.end;
}

export default { render };
