// How DescentExplorer descends: learning rate, momentum, which loss, and whether gradients are zeroed.
import { knob, rateKnob, toggle } from "../shared/controls.js";
import { h } from "../shared/dom.js";

/** @typedef {import("./descent.js").Descent} Descent */
/** @typedef {import("../shared/dom.js").Part} Part */

/** Learning rate, on a logarithmic slider, and momentum. @param {Descent} descent @returns {Part} */
export function pace({ box }) {
  const rate = rateKnob(box.get("lr"), (lr) => box.put({ lr }));
  const momentum = knob("Momentum", { action: "momentum", value: box.get("momentum"),
    range: { min: 0, max: 0.99, step: 0.01, "aria-label": "Momentum" },
    accepts: (v) => v >= 0 && v < 1 }, (v) => box.put({ momentum: v }));
  const words = () => {
    rate.set(box.get("lr"));
    momentum.set(box.get("momentum"));
  };
  return { node: h("div", { class: "nnf-stack nnf-tight" }, rate.node, momentum.node), words };
}

/** Which loss, and whether gradients are zeroed. @param {Descent} descent @param {() => void} stop @returns {Part} */
export function choices(descent, stop) {
  const { box } = descent, group = `nnf-loss-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
  const pick = (/** @type {string} */ name) => () => {
    stop();
    descent.choose(name);
  };
  const radio = (/** @type {{name: string}} */ { name }) =>
    h("input", { type: "radio", name: group, value: name, "data-action": `loss-${name}`, onchange: pick(name) });
  const radios = descent.losses.map(radio);
  const zero = toggle("Zero the gradient after each step", "zero", box.get("zero_grad"),
    (on) => box.put({ zero_grad: on }));
  const labelled = radios.map((/** @type {HTMLElement} */ one, /** @type {number} */ i) =>
    h("label", { class: "nnf-choice" }, one, h("span", { text: descent.losses[i].label })));
  const words = () => {
    for (const one of radios) one.checked = one.value === descent.state.criterion;
    zero.set(box.get("zero_grad"));
  };
  return { node: h("div", { class: "nnf-stack nnf-tight" },
    h("div", { class: "nnf-choices", role: "radiogroup", "aria-label": "Loss" }, labelled), zero.node), words };
}
