// The two small plots of DescentExplorer: the losses so far, and the fit at this point of the descent.
import { predict } from "../maths/fit.js";
import { h, s } from "../shared/dom.js";
import { extent, padded } from "../shared/numbers.js";
import { Plot } from "../shared/plot.js";
import { lossStrip } from "../shared/strip.js";

const SMALL = { aspect: 0.6, minHeight: 130, maxHeight: 170, ticksX: 4, ticksY: 3 };
const DRAWN = 400; // points of the small plot: a sample is enough to see

/** @typedef {import("./descent.js").Descent} Descent */
/** @typedef {import("../shared/dom.js").Life} Life */
/** @typedef {import("../shared/dom.js").Part} Part */

/**
 * The data and the curve at this point of the descent.
 * @param {Descent} descent @param {Life} life @param {() => void} redraw @returns {Part & {plot: Plot}}
 */
export function fitted(descent, life, redraw) {
  const { curve } = descent, line = s("path", { class: "nnf-strip-line" }), points = s("g");
  const limits = () => ({ xlim: padded(...extent(descent.xs), 0.03), ylim: padded(...extent(descent.ys)) });
  const plot = new Plot({ ...limits(), ...descent.labels, label: "The data and the model's curve", ...SMALL, life,
    draw: redraw });
  let grid = new Float64Array(0), groundOf = /** @type {unknown[]} */ ([]);
  plot.layer.append(points, line);
  /** Axes and points: only after a change of size or points. */
  function ground() {
    const { xs, ys, labels } = descent, state = [xs, plot.width];
    if (state.every((v, i) => v === groundOf[i])) return;
    groundOf = state;
    const { xlim, ylim } = limits(), every = Math.ceil(xs.length / DRAWN);
    plot.rename(labels.xlabel, labels.ylabel);
    plot.limits(xlim, ylim);
    grid = Float64Array.from({ length: 101 }, (_, i) => xlim[0] + (xlim[1] - xlim[0]) * i / 100);
    points.replaceChildren(...[...xs.keys()].filter((i) => i % every === 0).map((i) => s("circle",
      { class: "nnf-point", r: 3, cx: plot.x(xs[i]), cy: plot.y(ys[i]) })));
  }
  function words() {
    ground();
    line.setAttribute("d", plot.line(grid, predict(curve, descent.state.params, grid)));
  }
  return { node: h("figure", { class: "nnf-strip" },
    h("figcaption", { class: "nnf-label", text: "The fit at this point" }), plot.node), words, plot };
}

/** The losses so far. @param {Descent} descent @param {Life} life @returns {Part} */
export function losses(descent, life) {
  const strip = lossStrip({ life, caption: "Loss, step by step", label: "Loss over the steps", size: SMALL });
  const words = () => {
    const { wide, state: { path, steps }, moving: { length: k } } = descent;
    strip.set(Float64Array.from({ length: path.length / wide }, (_, r) => path[r * wide + k]), steps);
  };
  return { node: strip.node, words };
}
