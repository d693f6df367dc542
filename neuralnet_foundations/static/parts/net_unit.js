// The unit that is looked at: how the example's numbers make its value, and one of its weights to drag or type.
import { quickSigmoid } from "../maths/activations.js";
import { placeOf } from "../maths/net_shape.js";
import { button, numberInput, sliderRow } from "../shared/controls.js";
import { h, say } from "../shared/dom.js";
import { format, precise } from "../shared/numbers.js";
import { ACT_NAMES, unitName } from "./net_diagram.js";

const REACH = 4; // a weight's slider goes from minus this to this; a typed one may be larger

/** @typedef {import("./net.js").Playground} Playground */
/** @typedef {import("../shared/dom.js").Part} Part */

/** A factor or an addend: in brackets where negative. @param {number} v */
const bracketed = (v) => (v < 0 ? `(${precise(v, 3)})` : precise(v, 3));

/** "0.700 × 1.20 + (−0.300) × 0.500 + 0.100 = 0.790 → ReLU → 0.790" @param {Playground} net */
export function arithmeticOf(net) {
  const { terms, bias, sum, value } = net.unit, { layer } = net.chosen, act = net.acts[layer - 1];
  const products = terms.map(({ x, weight }) => `${bracketed(x)} × ${bracketed(weight)}`);
  const end = act ? ` → ${ACT_NAMES[act]} → ${precise(value, 3)}` : "";
  return `${[...products, bracketed(bias)].join(" + ")} = ${precise(sum, 3)}${end}`;
}

/** What the output's numbers mean. @param {Playground} net */
function meaning(net) {
  const out = net.values[net.layers.length], last = net.chosen.layer === net.layers.length;
  if (!last) return "Its value goes on into every unit of the next layer.";
  if (net.criterion === "mse_loss") return `This is the answer; y is ${format(net.point(net.example)[2], 3)}.`;
  const many = net.criterion === "cross_entropy", { unit } = net.chosen, top = Math.max(...out);
  const sum = out.reduce((total, v) => total + Math.exp(v - top), 0);
  const p = precise(many ? Math.exp(out[unit] - top) / sum : quickSigmoid(out[0]), 3);
  return `${many ? `Softmax gives class ${unit} the probability ${p}` : `Its sigmoid, ${p}, is the probability of class 1`}; `
    + `this example is of class ${net.point(net.example)[2]}.`;
}

/** A step to either side. @param {string} name @param {string} what @param {(by: number) => void} go */
function stepper(name, what, go) {
  const title = h("span", { class: "nnf-title nnf-net-title" });
  const back = button("‹", `previous-${name}`, () => go(-1), { "aria-label": `Previous ${what}` });
  const on = button("›", `next-${name}`, () => go(1), { "aria-label": `Next ${what}` });
  return { node: h("div", { class: "nnf-bar nnf-net-spread" }, back, title, on), title };
}

/** @param {Playground} net @param {(v: number) => void} weigh @param {() => void} redraw @returns {Part} */
export function unitPanel(net, weigh, redraw) {
  const unit = stepper("unit", "unit", (by) => {
    const { chosen, layers } = net;
    const all = layers.flatMap(({ outs }, l) => Array.from({ length: outs }, (_, j) => ({ layer: l + 1, unit: j })));
    const at = all.findIndex((one) => one.layer === chosen.layer && one.unit === chosen.unit);
    net.choose(all[(at + by + all.length) % all.length]);
    redraw();
  });
  const weight = stepper("weight", "weight", (by) => {
    const { ins } = net.layers[net.chosen.layer - 1], many = ins + 1;
    net.choose({ from: (net.chosen.from + 1 + by + many) % many - 1 });
    redraw();
  });
  const sums = h("output", { class: "nnf-net-sums", "aria-live": "off" });
  const means = h("p", { class: "nnf-note nnf-net-means" });
  const row = sliderRow({ name: "weight", label: "w", min: -REACH, max: REACH, step: 0.1, fine: 0.01,
    value: net.state.params[net.place()], oninput: weigh });
  const whence = h("p", { class: "nnf-note" });
  const words = () => {
    const { layer, unit: j, from } = net.chosen, at = placeOf(net.acts, layer - 1);
    say(unit.title, unitName(net, layer, j));
    say(sums, arithmeticOf(net));
    say(means, meaning(net));
    say(weight.title, from < 0 ? `net[${at}].bias[${j}]` : `net[${at}].weight[${j}, ${from}]`);
    say(whence, from < 0 ? "The bias, which is added whatever comes in."
      : `The weight of what comes from ${unitName(net, layer - 1, from).toLowerCase()}.`);
    row.set(net.state.params[net.place()]);
  };
  const node = h("div", { class: "nnf-stack nnf-tight nnf-net-panel", role: "group", "aria-label": "One unit" },
    unit.node, sums, means, weight.node, whence, row.node);
  return { node, picture: () => row.set(net.state.params[net.place()]), words };
}

/**
 * The example that goes through, to look at, move, copy and delete.
 * @param {Playground} net @param {() => void} redraw
 * @param {import("./net_plot.js").Hands} hands
 * @returns {Part}
 */
export function examplePanel(net, redraw, hands) {
  const nav = stepper("example", "example", (by) => {
    net.example = (net.example + by + net.size) % net.size;
    redraw();
  });
  const label = (/** @type {string} */ name) => (name === "y" ? "The target of the example" : `${name} of the example`);
  const fits = (/** @type {number} */ v) =>
    (net.criterion === "mse_loss" ? Math.abs(v) <= net.page.largest : Number.isInteger(v) && v >= 0 && v < net.classes);
  const put = (/** @type {number} */ c, /** @type {number} */ v) =>
    hands.move(net.example, [...net.point(net.example).subarray(0, 3)].with(c, v));
  const fields = ["x1", "x2", "y"].map((name, c) => numberInput({ value: net.point(0)[c], action: name,
    "aria-label": label(name), accepts: (v) => (c < 2 ? Math.abs(v) <= net.page.largest : fits(v)) }, (v) => put(c, v)));
  const copy = button("Add beside", "add-point", () => hands.add(net.beside));
  const remove = button("Delete", "delete-point", () => hands.remove(net.example));
  const back = button("Undo", "undo-delete", () => hands.bringBack(),
    { "aria-label": "Undo: the deleted point comes back" });
  const words = () => {
    const point = net.point(net.example);
    say(nav.title, `Example ${net.example + 1} of ${net.size}${point[3] ? ", held back" : ""}`);
    fields.forEach((field, c) => field.set(Number(point[c].toPrecision(4))));
    copy.disabled = net.size >= net.page.points;
    remove.disabled = !net.removable(net.example);
    back.disabled = !net.deleted.length || copy.disabled;
  };
  const named = ["x₁", "x₂", "y"].map((text, c) =>
    h("label", { class: "nnf-field" }, h("span", { text }), fields[c].node));
  const node = h("div", { class: "nnf-stack nnf-tight nnf-net-panel", role: "group", "aria-label": "The example" },
    nav.node, h("div", { class: "nnf-net-fields" }, named), h("div", { class: "nnf-bar" }, copy, remove, back));
  return { node, words };
}
