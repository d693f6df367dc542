// A function's curve over points, a slider per parameter. The page computes curve, loss and gradient where the function
// and its loss came as JavaScript; else the kernel answers each move.
import { fitOf } from "./fit.js";
import { fitCode, fitOwn, fitSaver } from "./fit_own.js";
import { fitPlot, formula } from "./fit_picture.js";
import { fitSliders } from "./fit_sliders.js";
import { button, rateField, readout, runButton, toggle } from "../shared/controls.js";
import { h, hasKernel, inTwoSteps, say } from "../shared/dom.js";
import { format } from "../shared/numbers.js";

const SPOKEN_AFTER = 700; // ms at rest, then a screen reader hears the loss

/** @typedef {import("./fit.js").Fit} Fit */
/** @typedef {import("../shared/dom.js").Life} Life */
/** @typedef {import("../shared/dom.js").Part} Part */

/**
 * Loss now and best so far; a screen reader hears the loss once it rests.
 * @param {Fit} fit @param {Life} life @param {boolean} still @returns {Part}
 */
function losses(fit, life, still) {
  const { label } = fit.lossSpec, loss = readout(label ? `Loss: ${label}` : "Loss", "nnf-loss");
  const best = readout("Best so far", "nnf-best");
  const back = button("Go back to it", "best", () => fit.back());
  const spoken = h("p", { class: "nnf-hidden", role: "status" });
  let rest = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  life.add(() => clearTimeout(rest));
  function words() {
    best.set(format(fit.best.loss));
    back.disabled = still || !Number.isFinite(fit.best.loss)
      || fit.names.every((name) => fit.params[name] === fit.best.params[name]);
    clearTimeout(rest);
    rest = setTimeout(() => say(spoken, `Loss ${format(fit.loss)}`), SPOKEN_AFTER);
  }
  const node = h("div", { class: "nnf-losses" }, loss.node, h("div", { class: "nnf-best-row" }, best.node, back), spoken);
  return { node, picture: () => loss.set(format(fit.loss)), words };
}

/** The switch of the arrows, and the learning rate. @param {Fit} fit @returns {Part} */
function settings(fit) {
  const arrows = toggle("Downhill arrows", "arrows", fit.box.get("arrows"), (on) => fit.put({ arrows: on }));
  const refused = () => fit.say("The learning rate must be a number above 0.");
  const lr = rateField("Learning rate", { value: fit.box.get("lr"), refused }, (v) => {
    fit.note = "";
    fit.put({ lr: v });
  });
  const words = () => {
    lr.set(fit.box.get("lr"));
    arrows.set(fit.box.get("arrows"));
  };
  return { node: h("div", { class: "nnf-bar nnf-fit-set" }, arrows.node, lr.node), words };
}

/** Step, Run, Reset. @param {Fit} fit @returns {Part} */
function buttons(fit) {
  const run = runButton(() => fit.loop.toggle());
  const step = button("Step", "step", () => fit.step(), { "data-primary": true });
  const node = h("div", { class: "nnf-fit-go" }, step, run.node, button("Reset", "reset", () => fit.reset()));
  return { node, picture: () => run.set(fit.loop.running) };
}

/**
 * What there is to know: who computes, how many points are drawn, and how the last step went.
 * @param {Fit} fit @param {boolean} still @returns {Part}
 */
function notes(fit, still) {
  const how = h("p", { class: "nnf-note" }), said = h("p", { class: "nnf-note nnf-said", role: "status" });
  const many = h("p", { class: "nnf-note" });
  const node = h("div", { class: "nnf-stack" });
  const words = () => {
    const { xs, page, spec, note } = fit;
    say(how, spec.note && still ? `${spec.note} Open the notebook to move it.` : spec.note);
    say(many, xs.length > page.most_drawn
      ? `The loss counts all ${xs.length} points; ${page.most_drawn} at most are drawn.` : "");
    say(said, note);
    const wanted = [how, many, said].filter((one) => one === said || one.textContent);
    if (wanted.length !== node.children.length) node.replaceChildren(...wanted);
  };
  return { node, words };
}

/**
 * All of it, in `root`, until `life` ends.
 * @param {{model: WidgetModel, root: HTMLElement, life: Life}} o @returns {Fit}
 */
export function fitView({ model, root, life }) {
  const parts = /** @type {Record<string, Part>} */ ({});
  const picture = () => { for (const part of Object.values(parts)) part.picture?.(); };
  const words = () => { for (const part of Object.values(parts)) part.words?.(); };
  const draw = inTwoSteps({ picture, words, life }), fit = fitOf(model, draw, life);
  const still = !fit.local && !hasKernel(model);
  const plot = fitPlot(fit, life, draw), own = fitOwn(fit, plot.plot, life, draw), code = fitCode(fit);
  Object.assign(parts, { formula: formula(fit), plot, losses: losses(fit, life, still), sliders: fitSliders(fit),
    settings: settings(fit), buttons: buttons(fit), notes: notes(fit, still), own, code });
  root.append(h("div", { class: "nnf-columns" },
    h("div", { class: "nnf-stack" }, parts.formula.node, plot.node),
    h("div", { class: "nnf-stack" }, parts.losses.node, parts.sliders.node, parts.settings.node, parts.buttons.node,
      parts.notes.node)),
    h("div", { class: "nnf-bar nnf-foot" }, own.button, code.button, fitSaver(fit, plot.plot)), code.node, own.node);
  picture();
  words();
  if (still) for (const control of root.querySelectorAll("input, button")) control.toggleAttribute("disabled", true);
  return fit;
}
