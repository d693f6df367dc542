// Which learning rate and which batches made this run? Drag both until the two curves lie on each other.
import { hintOf, powersOfTen, runOf } from "./maths/which_run.js";
import { button } from "./shared/controls.js";
import { Life, h, island, listen, makeRoot, onFrame, s, say } from "./shared/dom.js";
import { outbox } from "./shared/outbox.js";
import { Plot } from "./shared/plot.js";

/** @typedef {import("./maths/which_run.js").Run} Run */
/** @typedef {import("./shared/outbox.js").Part} Part */

/** A slider over the values that there are. @param {Part} box @param {{name: string, label: string, values: number[]}} o */
function choiceSlider(box, { name, label, values }) {
  const range = h("input", { type: "range", min: 0, max: values.length - 1, step: 1, "aria-label": label });
  const value = h("output", { class: "nnf-which-value", "aria-live": "off" });
  listen(range, "input", () => box.put({ [name]: values[range.valueAsNumber] }));
  const node = h("div", { class: "nnf-knob", "data-param": name }, h("span", { class: "nnf-label", text: label }),
    h("div", { class: "nnf-track" }, island(range)), value);
  function set() {
    const now = box.get(name), at = String(values.indexOf(now));
    if (range.value !== at) range.value = at;
    range.setAttribute("aria-valuetext", String(now));
    node.dataset.value = String(now);
    say(value, String(now));
  }
  set();
  return { node, set };
}

/** Both curves, over epochs, on a logarithmic scale. @param {any} page @param {Life} life */
function bothCurves(page, life) {
  const given = s("path", { class: "nnf-which-given" }), yours = s("path", { class: "nnf-curve" });
  let runs = /** @type {Run[]} */ ([]);
  const plot = new Plot({ xlim: [0, page.rows.length], ylim: page.ylim, xlabel: "epoch", ylabel: "loss of each batch",
    aspect: 0.55, minHeight: 230, maxHeight: 330, ticksX: 6, marksY: powersOfTen, life, draw,
    label: "The losses of the given run, and of yours" });
  plot.layer.append(given, yours);
  function draw() {
    [given, yours].forEach((path, i) => {
      if (runs[i]) path.setAttribute("d", plot.line(runs[i].at, runs[i].losses.map(Math.log10)));
    });
  }
  return { node: plot.node, set: (/** @type {Run[]} */ now) => { runs = now; draw(); } };
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), page = model.get("page");
  const root = makeRoot({ el, name: "WhichRun", label: "Which learning rate and batch size made this run?", life });
  const yours = () => ({ lr: box.get("lr"), size: box.get("batch_size") });
  const asked = () => { const [lr, size] = page.runs[box.get("asked")]; return { lr, size }; };
  const sliders = [choiceSlider(box, { name: "lr", label: "Learning rate", values: page.rates }),
    choiceSlider(box, { name: "batch_size", label: "Batch size", values: page.sizes })];
  const curves = bothCurves(page, life), told = h("p", { class: "nnf-which-told", role: "status" });
  const hint = button("Hint", "hint", () => box.put({ help: 1 }));
  const show = button("Show the answer", "show", () => {
    const { lr, size } = asked();
    box.put({ lr, batch_size: size, help: 2 });
  });
  const next = button("Another run", "next", () => box.put({ asked: (box.get("asked") + 1) % page.runs.length, help: 0 }));
  const key = h("p", { class: "nnf-note nnf-which-key" }, h("span", { class: "nnf-which-band" }), "the given run",
    h("span", { class: "nnf-which-solid" }), "yours");
  root.append(curves.node, key, ...sliders.map((o) => o.node), told, h("div", { class: "nnf-bar" }, hint, show, next));

  function draw() {
    const word = hintOf(yours(), asked()), help = box.get("help"), same = word === "same";
    for (const slider of sliders) slider.set();
    curves.set([asked(), yours()].map(({ lr, size }) => runOf(lr, size, page)));
    say(told, page.says[same ? (help === 2 ? "shown" : "same") : help ? word : "begin"]);
    told.dataset.kind = same ? "good" : "";
    hint.disabled = same || help === 1;
    show.disabled = same;
    next.toggleAttribute("data-primary", same);
  }
  const redraw = onFrame(draw, life);
  for (const name of ["lr", "batch_size", "asked", "help"]) box.on(name, redraw);
  draw();
  return life.end;
}

export default { render };
