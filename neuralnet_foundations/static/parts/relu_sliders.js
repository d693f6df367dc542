// The sliders of ReluBuilder: the three of the chosen ReLU below its formula, and the constant.
import { EACH, flip, withOne } from "../maths/relus.js";
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
 * The chosen ReLU: its formula and its three sliders.
 * @param {Builder} builder @param {Change} change @param {(i: number) => void} choose @returns {Part}
 */
export function chosenOne(builder, change, choose) {
  const reach = reaches(builder), rows = EACH.map((key) => sliderRow({ name: key, min: -reach[key], max: reach[key],
    step: reach[key] / 50, fine: reach[key] / 500,
    value: builder.params[key][builder.chosen], oninput: (v) => change(withOne(builder.params, builder.chosen,
      { [key]: v })) }));
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
  return { node: h("div", { class: "nnf-stack nnf-tight nnf-one", role: "group", "aria-label": "The chosen ReLU" },
    h("div", { class: "nnf-bar nnf-spread" }, previous, title, following, turn), formula, rows.map((row) => row.node)),
      words };
}

/** The constant. @param {Builder} builder @param {Change} change @returns {Part} */
export function constant(builder, change) {
  const { c } = reaches(builder), row = sliderRow({ name: "c", min: -c, max: c, step: c / 50, fine: c / 500,
    value: builder.params.c,
    oninput: (v) => change({ ...builder.params, c: v }) });
  return { node: h("div", { class: "nnf-stack nnf-tight" },
    h("span", { class: "nnf-label", text: "Constant, added to all" }), row.node),
    words: () => row.set(builder.params.c) };
}
