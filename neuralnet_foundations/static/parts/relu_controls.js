// What a hand sets in ReluBuilder beside the plot: the chosen ReLU, the constant, how many there are, ready targets.
import { EACH, flip, resize, withOne } from "../maths/relus.js";
import { button, sliderRow } from "../shared/controls.js";
import { h, say } from "../shared/dom.js";
import { dusted, format } from "../shared/numbers.js";

/** @typedef {import("./relus.js").Builder} Builder */
/** @typedef {import("../shared/dom.js").Part} Part */
/** @typedef {(params: import("../maths/relus.js").Relus) => void} Change begins again with other parameters */

/**
 * How far each slider goes, either side of 0.
 * @param {Builder} builder @returns {Record<"w" | "m" | "b" | "c", number>}
 */
function reaches({ ends, wide, tall }) {
  return { w: 4 * Math.max(1, tall / wide), m: 6, b: 6 * Math.max(Math.abs(ends[0]), Math.abs(ends[1]), 1), c: tall };
}

/**
 * A slider from -reach to reach.
 * @param {string} name @param {number} reach @param {number} value @param {(v: number) => void} oninput
 */
const row = (name, reach, value, oninput) =>
  sliderRow({ name, min: -reach, max: reach, step: reach / 50, fine: reach / 500, value, oninput });

/**
 * The chosen ReLU: its formula and its three sliders.
 * @param {Builder} builder @param {Change} change @param {(i: number) => void} choose @returns {Part}
 */
export function chosenOne(builder, change, choose) {
  const reach = reaches(builder);
  const rows = EACH.map((key) => row(key, reach[key], builder.params[key][builder.chosen],
    (v) => change(withOne(builder.params, builder.chosen, { [key]: v }))));
  const title = h("span", { class: "nnf-title" });
  const formula = h("output", { class: "nnf-relu-formula", "aria-live": "off" });
  const previous = button("‹", "previous", () => choose(builder.chosen - 1), { "aria-label": "Previous ReLU" });
  const following = button("›", "next", () => choose(builder.chosen + 1), { "aria-label": "Next ReLU" });
  const turn = button("Turn round", "flip", () => change(flip(builder.params, builder.chosen)));
  const words = () => {
    const p = builder.params, i = builder.chosen, [w, m, b] = EACH.map((key) => dusted(p[key][i], reach[key]));
    say(title, `ReLU ${i + 1} of ${builder.size}`);
    say(formula, `${format(w, 3)} · max(0, ${format(m, 3)} x ${b < 0 ? "−" : "+"} ${format(Math.abs(b), 3)})`);
    EACH.forEach((key, j) => rows[j].set(p[key][i]));
    previous.disabled = following.disabled = builder.size === 1;
  };
  const node = h("div", { class: "nnf-stack nnf-tight nnf-one", role: "group", "aria-label": "The chosen ReLU" },
    h("div", { class: "nnf-bar nnf-spread" }, previous, title, following, turn), formula, rows.map((one) => one.node));
  return { node, words };
}

/** The constant. @param {Builder} builder @param {Change} change @returns {Part} */
export function constant(builder, change) {
  const c = row("c", reaches(builder).c, builder.params.c, (v) => change({ ...builder.params, c: v }));
  const node = h("div", { class: "nnf-stack nnf-tight nnf-constant" },
    h("span", { class: "nnf-label", text: "Constant, added to all" }), c.node);
  return { node, words: () => c.set(builder.params.c) };
}

/** How many ReLUs. @param {Builder} builder @param {Change} change @param {() => void} redraw @returns {Part} */
export function count(builder, change, redraw) {
  const { most } = builder.page;
  const oninput = (/** @type {number} */ v) => {
    const n = Math.min(most, Math.max(1, Math.round(v)));
    if (n === builder.size) redraw(); else change(resize(builder.params, n, builder.ends));
  };
  const row = sliderRow({ name: "n", min: 1, max: most, step: 1, value: builder.size, oninput });
  const label = h("span", { class: "nnf-label", text: "Number of ReLUs" });
  const node = h("div", { class: "nnf-stack nnf-tight" }, label, row.node);
  return { node, words: () => row.set(builder.size) };
}

/** The ready targets. @param {Builder} builder @param {(javascript: string) => void} take @returns {Part} */
export function targets(builder, take) {
  const one = (/** @type {{name: string, label: string, javascript: string}} */ { name, label, javascript }) =>
    button(label, `target-${name}`, () => take(javascript), { "aria-label": `${label} as the target: ${name}` });
  const group = { class: "nnf-bar", role: "group", "aria-label": "Ready targets" };
  const label = h("span", { class: "nnf-label", text: "Target" });
  return { node: h("div", { class: "nnf-stack nnf-tight" }, label, h("div", group, builder.page.targets.map(one))) };
}
