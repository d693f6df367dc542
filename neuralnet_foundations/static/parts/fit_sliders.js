// The sliders of FitByHand, each with an arrow downhill.
import { sliderRow } from "../shared/controls.js";
import { h } from "../shared/dom.js";
import { format, roundUp } from "../shared/numbers.js";

/** @typedef {import("./fit.js").Fit} Fit */
/** @typedef {import("../shared/dom.js").Part} Part */

/**
 * One parameter: its slider, and over it an arrow from the thumb downhill, as long as the slope is steep.
 * @param {Fit} fit @param {string} name
 */
function slider(fit, name) {
  const ends = () => {
    const [min, max] = fit.box.get("ranges")[name];
    return { min, max, step: roundUp((max - min) / 101), fine: roundUp((max - min) / 510) };
  };
  const row = sliderRow({ name, ...ends(), value: fit.params[name], oninput: (v) => fit.move({ [name]: v }) });
  const arrow = h("span", { class: "nnf-downhill" });
  row.extra.append(arrow);
  let ranges = fit.box.get("ranges");
  const stretch = () => {
    if (ranges === fit.box.get("ranges")) return;
    ranges = fit.box.get("ranges");
    const { min, max, step, fine } = ends();
    row.ends(min, max, step, fine);
  };
  function point() {
    const slope = fit.gradient[name], [lo, hi] = ranges[name];
    const at = Math.min(1, Math.max(0, (fit.params[name] - lo) / (hi - lo)));
    const length = 0.42 * Math.abs(slope) * (hi - lo) / fit.steep;
    const shows = fit.box.get("arrows") && length > 0.004;
    const direction = !shows ? "none" : slope > 0 ? "left" : "right";
    arrow.hidden = !shows;
    arrow.dataset.direction = direction;
    row.range.setAttribute("aria-valuetext",
      format(fit.params[name]) + (shows ? `, downhill to the ${direction}` : ""));
    if (!shows) return;
    arrow.style.setProperty("--at", at.toFixed(4));
    arrow.style.setProperty("--length", Math.min(length, slope > 0 ? at : 1 - at, 0.6).toFixed(4));
  }
  return { node: row.node, words: () => { stretch(); row.set(fit.params[name]); point(); } };
}

/** All sliders. @param {Fit} fit @returns {Part} */
export function fitSliders(fit) {
  const rows = fit.names.map((name) => slider(fit, name));
  return { node: h("div", { class: "nnf-params" }, rows.map((row) => row.node)),
    words: () => { for (const row of rows) row.words(); } };
}
