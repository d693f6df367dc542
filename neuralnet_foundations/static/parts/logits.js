// A row for each logit: its slider, its exponential and probability as bars, and p - y as an arrow.
import { sliderRow } from "../shared/controls.js";
import { h, listen, say } from "../shared/dom.js";
import { format, precise } from "../shared/numbers.js";

/** @typedef {import("../maths/softmax.js").Answer} Answer */
/** @typedef {import("../maths/softmax.js").How} How */

/** A bar with its number. @param {string} kind */
function cell(kind) {
  const bar = h("i", { class: "nnf-bit" }), text = h("span", { class: "nnf-figure" });
  const track = h("div", { class: "nnf-bit-box", "aria-hidden": "true" }, bar);
  const node = h("div", { class: `nnf-cell nnf-cell-${kind}` }, track, text);
  return { node, bar, text };
}

/** How much of its place a bar fills, in percent. @param {number} part */
const percent = (part) => `${(100 * Math.min(1, Math.max(0, part))).toFixed(2)}%`;

/** A bar from `from` to `to`, both from -1 to 1, the middle at 0. @param {HTMLElement} bar @param {number} to */
function fromMiddle(bar, to) {
  const far = Math.min(1, Math.max(-1, to || 0));
  bar.style.left = percent(0.5 + Math.min(0, far) / 2);
  bar.style.width = percent(Math.abs(far) / 2);
  bar.dataset.way = far < 0 ? "down" : "up";
}

/**
 * @param {string} label @param {number} value @param {(v: number) => void} oninput @param {() => void} done
 */
function logitRow(label, value, oninput, done) {
  const slider = sliderRow({ name: label, min: -10, max: 10, step: 0.1, fine: 0.01, value, oninput });
  const bar = h("i", { class: "nnf-bit" }), exp = cell("exp"), prob = cell("prob"), push = cell("push");
  slider.extra.append(bar);
  for (const type of ["change", "blur"]) listen(slider.range, type, done);
  const node = h("div", { class: "nnf-logit", role: "group", "aria-label": label }, slider.node, exp.node, prob.node,
    push.node);
  return { node, slider, bar, exp, prob, push };
}

/** A number or, where nothing is shown yet, a question mark. @param {number} v @param {boolean} shown */
const figure = (v, shown) => (!shown ? "?" : Number.isNaN(v) ? "NaN" : format(v, 5));

/**
 * All rows, under a line that names the columns.
 * @param {string[]} labels @param {number[]} logits @param {(i: number, v: number) => void} slide
 * @param {() => void} done a hand has let go of a slider
 */
export function pieces(labels, logits, slide, done) {
  const rows = labels.map((label, i) => logitRow(label, logits[i], (v) => slide(i, v), done));
  const power = h("span"), name = (/** @type {string} */ text) => h("span", { text });
  const names = h("div", { class: "nnf-logit nnf-logit-names" }, name("logit z"), power, name("probability p"), name("p − y"));
  const node = h("div", { class: "nnf-logits" }, names, rows.map((r) => r.node));
  let ends = 0;

  /** @param {number[]} z @param {Answer} answer @param {How & {reach: number, target: number, shown: boolean}} o */
  function picture(z, { exps, probs, push }, { reach, target, shown, temperature, subtract }) {
    const most = Math.max(...exps), z0 = subtract ? "z − max" : "z";
    say(power, temperature === 1 ? `e^(${z0})` : `e^((${z0}) / T)`);
    rows.forEach((row, i) => {
      if (ends !== reach) row.slider.ends(-reach, reach, reach / 100, reach / 1000);
      fromMiddle(row.bar, z[i] / reach);
      row.node.toggleAttribute("data-target", i === target);
      row.exp.bar.style.width = percent(shown ? (exps[i] === Infinity ? 1 : exps[i] / most || 0) : 0);
      row.prob.bar.style.width = percent(shown ? probs[i] || 0 : 0);
      fromMiddle(row.push.bar, shown ? push[i] : 0);
    });
    ends = reach;
  }
  /** @param {number[]} z @param {Answer} answer @param {boolean} shown */
  function words(z, { exps, probs, push }, shown) {
    rows.forEach((row, i) => {
      row.slider.set(z[i]);
      say(row.exp.text, shown ? precise(exps[i], 3) : "?");
      say(row.prob.text, figure(probs[i], shown));
      say(row.push.text, figure(push[i], shown));
    });
  }
  return { node, picture, words };
}
