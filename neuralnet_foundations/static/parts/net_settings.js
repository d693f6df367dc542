// What is set beside the pictures: ready points, how training goes, which layers there are, and the code to take away.
import { pythonOf } from "../maths/net_shape.js";
import { copyCode } from "../shared/code.js";
import { button, field, knob, numberInput, rateKnob, toggle } from "../shared/controls.js";
import { h } from "../shared/dom.js";
import { ACT_NAMES } from "./net_diagram.js";

const ACT = "tanh", UNITS = 4; // of a layer that is added first
const MOST_NOISE = 0.5, MOST_SHARE = 0.8;

/** @typedef {import("./net.js").Playground} Playground */
/** @typedef {import("../shared/dom.js").Part} Part */
/** @typedef {(f: () => void) => void} ByHand does it when no run goes on */

/** @typedef {[string, string][]} Options values and their texts */

/** @param {string} action @param {string} label @param {Options} options @param {(value: string) => void} onchange */
function selectOf(action, label, options, onchange) {
  const node = h("select", { "data-action": action, "aria-label": label, onchange: () => onchange(node.value) },
    options.map(([value, text]) => h("option", { value, text })));
  return node;
}

/** @param {string} title @param {(Node | string)[]} parts */
const group = (title, ...parts) =>
  h("div", { class: "nnf-stack nnf-tight nnf-net-group", role: "group", "aria-label": title },
    h("p", { class: "nnf-title", text: title }), ...parts);

/** What a click may add. @param {Playground} net @returns {Options} */
function addingOf(net) {
  const one = /** @type {Options} */ ([["1", "adds a point like the example"]]);
  const classes = Array.from({ length: net.classes }, (_, c) => [String(c), `adds a point of class ${c}`]);
  return [["", "adds nothing"], ...(net.criterion === "mse_loss" ? one : /** @type {Options} */ (classes))];
}

/**
 * Ready points, noise, how many are held back.
 * @param {Playground} net @param {ByHand} byHand @returns {Part & {label: () => number}}
 */
export function pointSettings(net, byHand) {
  let name = "", noise = 0.05;
  const share = () => net.test.n / net.size;
  const load = (/** @type {number} */ part) => byHand(() => net.takeSet(name, noise, part));
  const sets = net.page.sets.map((/** @type {{name: string, label: string}} */ one) => [one.name, one.label]);
  const set = selectOf("set", "Ready points", [["", "As given"], ...sets], (value) => {
    name = value;
    load(share());
  });
  const dust = knob("Noise", { value: noise, action: "noise", accepts: (v) => v >= 0 && v <= 9,
    range: { min: 0, max: MOST_NOISE, step: 0.01, "aria-label": "Noise" } }, (v) => {
    noise = v;
    if (name) load(share());
  });
  const part = "Part of the points that is held back for testing";
  const held = knob("Held back", { value: share(), action: "share", accepts: (v) => v >= 0 && v < 1,
    range: { min: 0, max: MOST_SHARE, step: 0.05, "aria-label": part } }, (v) => byHand(() => net.hold(v)));
  const adding = selectOf("adding", "What a click into an empty place does", addingOf(net), () => {});
  const words = () => {
    set.options[0].disabled = name !== "";
    dust.slider.disabled = !name;
    held.set(Number(share().toFixed(3)));
  };
  /** The target of a new point, NaN for none. */
  function label() {
    if (adding.value === "") return NaN;
    return net.criterion === "mse_loss" ? net.point(net.example)[2] : Number(adding.value);
  }
  const click = h("label", { class: "nnf-net-adding" }, h("span", { class: "nnf-label", text: "A click" }), adding);
  return { node: group("Points", set, dust.node, held.node, click), words, label };
}

/** Rate, momentum, batches. @param {Playground} net @returns {Part} */
export function trainingSettings({ box, page }) {
  const put = (/** @type {string} */ name) => (/** @type {any} */ v) => box.put({ [name]: v });
  const rate = rateKnob(box.get("lr"), put("lr"));
  const momentum = knob("Momentum", { value: box.get("momentum"), action: "momentum", "aria-label": "Momentum",
    range: { min: 0, max: 0.99, step: 0.01, "aria-label": "Momentum" }, accepts: (v) => v >= 0 && v < 1 },
    put("momentum"));
  const whole = { action: "batch_size", min: 1, max: page.points, step: 1 };
  const batch = field("Batch size", { value: box.get("batch_size"), ...whole }, put("batch_size"));
  const mixed = toggle("Shuffle", "shuffle", box.get("shuffle"), put("shuffle"));
  const words = () => {
    rate.set(box.get("lr"));
    momentum.set(box.get("momentum"));
    batch.set(box.get("batch_size"));
    mixed.set(box.get("shuffle"));
  };
  const last = h("div", { class: "nnf-bar nnf-net-spread" }, batch.node, mixed.node);
  return { node: group("Training", rate.node, momentum.node, last), words };
}

/**
 * One hidden layer: its units and its activation.
 * @param {Playground} net @param {number} l from 0 @param {ByHand} byHand
 */
function layerRow(net, l, byHand) {
  const hidden = () => net.sizes.slice(1, -1), most = net.page.units, name = `hidden layer ${l + 1}`;
  const change = (/** @type {number} */ n, act = net.acts[l]) =>
    byHand(() => net.reshape(hidden().with(l, n), net.acts.with(l, act)));
  const units = numberInput({ value: 1, action: `units-${l + 1}`, "aria-label": `Units of ${name}`, min: 1, max: most,
    step: 1 }, (v) => change(v));
  const act = selectOf(`act-${l + 1}`, `Activation of ${name}`, Object.entries(ACT_NAMES),
    (value) => change(hidden()[l], value));
  const by = (/** @type {number} */ d) => () => change(hidden()[l] + d);
  const fewer = button("−", `fewer-${l + 1}`, by(-1), { "aria-label": `One unit less in ${name}` });
  const more = button("+", `more-${l + 1}`, by(1), { "aria-label": `One unit more in ${name}` });
  const node = h("div", { class: "nnf-net-layer" }, h("span", { class: "nnf-label", text: `Layer ${l + 1}` }),
    fewer, units.node, more, act);
  const words = () => {
    const n = hidden()[l] ?? 0;
    node.hidden = units.node.disabled = act.disabled = !n;
    fewer.disabled = n <= 1;
    more.disabled = !n || n >= most;
    units.set(n || 1);
    act.value = net.acts[l] ?? "";
  };
  return { node, words };
}

/**
 * Hidden layers: how many, of how many units, with which activation.
 * @param {Playground} net @param {ByHand} byHand @returns {Part}
 */
export function layerSettings(net, byHand) {
  const hidden = () => net.sizes.slice(1, -1);
  const rows = Array.from({ length: net.page.layers }, (_, l) => layerRow(net, l, byHand));
  const deeper = () => net.reshape([...hidden(), hidden().at(-1) ?? UNITS], [...net.acts, net.acts.at(-1) ?? ACT]);
  const flatter = () => net.reshape(hidden().slice(0, -1), net.acts.slice(0, -1));
  const add = button("Add layer", "add-layer", () => byHand(deeper));
  const drop = button("Remove layer", "remove-layer", () => byHand(flatter));
  const words = () => {
    for (const row of rows) row.words();
    add.disabled = rows.length === hidden().length;
    drop.disabled = !hidden().length;
  };
  return { node: group("Hidden layers", ...rows.map((row) => row.node), h("div", { class: "nnf-bar" }, add, drop)), words };
}

/** The code that builds this network. @param {Playground} net @returns {Part & {button: HTMLElement}} */
export const codeOf = (net) => copyCode({ code: () => pythonOf(net.state, net.state.params), about: () => [net.state] });
