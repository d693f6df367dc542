// A small plot of the loss, step by step.
import { h, s } from "./dom.js";
import { extent } from "./numbers.js";
import { Plot, shifted } from "./plot.js";

const MOST_DRAWN = 800;

/**
 * From the first step to a round number of steps, 10 at least.
 * @param {number} first @param {number} count @returns {[number, number]}
 */
function spanOf(first, count) {
  const power = 10 ** Math.floor(Math.log10(Math.max(10, count)));
  return [first, first + Math.max(10, power * Math.ceil((count - 1) / power))];
}

/**
 * From 0, or below it, to above the highest finite loss, `least` at least.
 * @param {number[]} losses @param {number} least @returns {[number, number]}
 */
function heightOf(losses, least) {
  const [lowest, highest] = extent(losses), low = Math.min(0, lowest), high = Math.max(least, highest);
  return [low, high > low ? high + 0.08 * (high - low) : low + 1];
}

/**
 * The losses of a run, the newest with a dot; behind it, dashed, those of an earlier run.
 * @param
 *   {{life: import("./dom.js").Life, caption?: string, xlabel?: string, label: string, least?: number, kind?: string,
 *   size?: Object}} o `least`: how high the plot reaches at least; `kind`: the line's class; `size`: what Plot takes of
 *   aspect, heights and ticks
 * @returns {{node: HTMLElement, set: (losses: ArrayLike<number>, last: number, earlier?: ArrayLike<number>) => void}}
 *   `last` is the step of the newest loss
 */
export function lossStrip({ life, caption = "", xlabel = "step", label, least = 0, kind = "nnf-strip-line",
  size = {} }) {
  const was = s("path", { class: "nnf-ghost" }), line = s("path", { class: kind });
  const dot = s("circle", { class: "nnf-ball", r: 4 });
  /** @type {[ArrayLike<number>, number, ArrayLike<number>]} */
  let shown = [[], 0, []];
  const draw = () => set(...shown);
  const plot = new Plot({ xlim: [0, 10], ylim: [0, 1], xlabel, ylabel: "loss", label, ticksX: 4, ticksY: 3, ...size,
    life, draw });
  plot.layer.append(was, line);
  plot.over.append(dot);
  const path = (/** @type {ArrayLike<number>} */ losses, /** @type {number} */ first) => {
    const every = Math.max(1, Math.floor(losses.length / MOST_DRAWN));
    const at = Array.from(losses, (_, i) => i).filter((i) => i % every === 0 || i === losses.length - 1);
    return plot.line(at.map((i) => first + i), at.map((i) => losses[i]));
  };
  /** @param {ArrayLike<number>} losses @param {number} last @param {ArrayLike<number>} [earlier] */
  function set(losses, last, earlier = []) {
    shown = [losses, last, earlier];
    const first = last - losses.length + 1, all = [...Array.from(losses), ...Array.from(earlier)];
    plot.limits(spanOf(first, Math.max(losses.length, earlier.length)), heightOf(all, least));
    was.setAttribute("d", path(earlier, first));
    line.setAttribute("d", path(losses, first));
    dot.style.display = losses.length ? "" : "none";
    if (losses.length) dot.setAttribute("transform", shifted(plot.x(last), plot.y(losses[losses.length - 1])));
  }
  return { node: h("figure", { class: "nnf-strip" },
    caption ? h("figcaption", { class: "nnf-label", text: caption }) : null, plot.node), set };
}
