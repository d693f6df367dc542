// What LoopStepper knows, and what it shows: the lines of the loop, and a table of its tensors.
import { tensors } from "../maths/loop.js";
import { h } from "../shared/dom.js";
import { floats, format, shapeText } from "../shared/numbers.js";

/** @typedef {import("../maths/loop.js").Loop} Loop */
/** @typedef {import("../maths/loop.js").Tensor} Tensor */

/** Depth, text and stage of each line. @type {[number, string, string?][]} */
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
const SHOW_OLD = ["weights", "bias", "weights.grad", "bias.grad"]; // the value before stands above what changed

/** The lines of the loop; `set` lights the one that ran, marks the next, and strikes out zeroing where it is off. */
export function codeList() {
  const lines = CODE.map(([depth, text, stage]) => ({ stage,
    node: h("li", { class: "nnf-code-line", "data-stage": stage, style: `--depth:${depth}` }, h("code", { text })) }));
  /** @param {string | undefined} ran @param {string} next @param {boolean} zero */
  const set = (ran, next, zero) => {
    for (const { stage, node } of lines) if (stage) {
      node.toggleAttribute("data-lit", stage === ran);
      node.toggleAttribute("data-next", stage === next);
      node.toggleAttribute("data-forgotten", stage === "zero" && !zero && next !== "zero");
      if (stage === ran) node.setAttribute("aria-current", "step"); else node.removeAttribute("aria-current");
    }
  };
  return { node: h("ol", { class: "nnf-code", "aria-label": "The training loop" }, ...lines.map((o) => o.node)), set };
}

/** One number of a tensor, and above it what it was before. @param {number} v @param {number | undefined} old */
const numberCell = (v, old) => h("span", { class: "nnf-number" },
  old === undefined || old === v ? null : h("small", { class: "nnf-old", text: format(old) }), format(v));

/** A row of the table: name, shape, first values. @param {string} name @param {number} most */
function tensorRow(name, most) {
  const shape = h("td", { class: "nnf-tensor-shape" }), values = h("td", { class: "nnf-tensor-values" });
  const node = h("tr", { "data-tensor": name }, h("th", { scope: "row" }, h("code", { text: name })), shape, values);
  /** @param {Tensor} tensor @param {Tensor | undefined} before */
  const set = (tensor, before) => {
    const all = tensor.values, count = all?.length ?? 0, old = tensor.changed ? before?.values : null;
    shape.textContent = tensor.shape ? shapeText(tensor.shape) : "–";
    node.toggleAttribute("data-changed", tensor.changed);
    const cells = Array.from(all ?? []).slice(0, most).map((v, i) => numberCell(v, old?.[i]));
    if (!all) cells.push(h("span", { class: "nnf-none", text: "None" }));
    if (count > most) cells.push(h("span", { class: "nnf-more", text: `… ${count} in all` }));
    values.replaceChildren(...cells);
  };
  return { node, set };
}

/**
 * All tensors; `set` shows them, and what they were before where that is given.
 * @param {string[]} names @param {number} most
 */
export function tensorTable(names, most) {
  const rowOf = Object.fromEntries(names.map((name) => [name, tensorRow(name, most)]));
  const heads = ["tensor", "shape", "first values"].map((text) => h("th", { scope: "col", text }));
  const table = h("table", { class: "nnf-tensors" }, h("thead", {}, h("tr", {}, ...heads)),
    h("tbody", {}, ...names.map((name) => rowOf[name].node)));
  /** @param {Tensor[]} now @param {Tensor[]} before */
  const set = (now, before) => {
    for (const tensor of now) {
      const old = SHOW_OLD.includes(tensor.name) ? before.find((o) => o.name === tensor.name) : undefined;
      rowOf[tensor.name].set(tensor, old);
    }
  };
  const box = { class: "nnf-table-box", tabindex: "0", role: "region", "aria-label": "The tensors" };
  return { node: h("div", box, table), set };
}

/** The data, the hyperparameters, the loop now and before, and an earlier run's losses. */
export class Training {
  /** @type {Loop | null} */
  before = null;
  /** @type {number[]} */
  earlier = [];

  /** @param {Record<string, any>} page @param {import("../shared/outbox.js").Part} box */
  constructor(page, box) {
    this.page = page;
    this.box = box;
    this.now = /** @type {Loop} */ (box.get("loop"));
    this.load();
  }

  load() {
    const [n, d] = this.box.get("shape"), [x, y] = ["x_data", "y_data"].map((name) => floats(this.box.get(name)));
    this.data = { x, y, n, d, size: this.box.get("batch_size") };
  }

  get how() {
    const { stages, keep } = this.page;
    return { lr: this.box.get("lr"), zero: this.box.get("zero_grad"), stages, keep };
  }

  get ran() { return this.now.done === null ? undefined : this.page.stages[this.now.done]; }
  get tensors() { return tensors(this.now, this.data, this.page.stages); }

  /** The tensors before the last stage, where one stage has just run. */
  get tensorsBefore() {
    const stepped = this.now.done !== null && this.before && this.before.done !== this.now.done;
    return stepped ? tensors(this.before, this.data, this.page.stages) : [];
  }

  /** Another loop: a reset leaves its losses for comparison. */
  follow() {
    const now = this.box.get("loop");
    if (now.done === null && this.now.losses.length > 1) this.earlier = this.now.losses;
    this.before = this.now;
    this.now = now;
  }

  /** Other data. */
  reload() {
    this.load();
    this.earlier = [];
  }
}
