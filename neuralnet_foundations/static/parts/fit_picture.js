// What FitByHand shows: the formula with the values of the moment, and the curve over its points.
import { h, s, say } from "../shared/dom.js";
import { mathElement, mathFrom } from "../shared/mathml.js";
import { dusted, format } from "../shared/numbers.js";
import { Plot, drawable } from "../shared/plot.js";

/** @typedef {import("./fit.js").Fit} Fit */
/** @typedef {import("../shared/dom.js").Part} Part */

/** What the formula says it is: the name of the vertical axis, or f(x). @param {Fit} fit */
function leftSide({ spec: { ylabel, variable } }) {
  const name = /^\w{1,3}$/.test(ylabel) ? [mathElement("mi", {}, ylabel)]
    : [mathElement("mi", {}, "f"), mathElement("mo", {}, "("), mathElement("mi", {}, variable),
      mathElement("mo", {}, ")")];
  return [mathElement("mrow", {}, ...name), mathElement("mo", {}, "=")];
}

/** The innermost element at one end. @param {Element | null} node @param {"firstElementChild" | "lastElementChild"} end */
function innermost(node, end) {
  while (node?.[end]) node = node[end];
  return node;
}

/** Two numbers side by side would read as one: there the times is shown. @param {Element} math */
function timesBetweenNumbers(math) {
  const isNumber = (/** @type {Element | null} */ leaf) => leaf?.localName === "mn" || leaf?.hasAttribute("data-shows");
  for (const sign of math.querySelectorAll("mo")) {
    const before = innermost(sign.previousElementSibling, "lastElementChild");
    const after = innermost(sign.nextElementSibling, "firstElementChild");
    if (sign.textContent === "\u2062" && isNumber(before) && isNumber(after)) sign.textContent = "·";
  }
}

/** The formula, with the values of the moment. @param {Fit} fit @returns {Part} */
export function formula(fit) {
  const math = fit.spec.f && mathFrom(fit.spec.f.mathml);
  if (!math) return {};
  const named = (/** @type {Element} */ place) => fit.names.includes(place.getAttribute("data-param") ?? "");
  const places = [...math.querySelectorAll("[data-param]")].filter(named);
  const shows = places.map((place) => /** @type {string} */ (place.getAttribute("data-param")));
  places.forEach((place, i) => { // `data-param` is the sliders' alone
    place.removeAttribute("data-param");
    place.setAttribute("data-shows", shows[i]);
    place.setAttribute("mathvariant", "normal");
  });
  timesBetweenNumbers(math);
  math.prepend(...leftSide(fit));
  const words = () => places.forEach((place, i) => {
    const [lo, hi] = fit.box.get("ranges")[shows[i]], v = dusted(fit.params[shows[i]], hi - lo), text = format(v, 3);
    say(place, v < 0 ? `(${text})` : text);
  });
  return { node: h("div", { class: "nnf-formula" }, math), words };
}

/**
 * Points, residuals and curve.
 * @param {Fit} fit @param {import("../shared/dom.js").Life} life @param {() => void} draw @returns {Part & {plot: Plot}}
 */
export function fitPlot(fit, life, draw) {
  const { most_drawn: most, curve_points: count } = fit.page, [x0, x1, y0, y1] = fit.limits;
  const residuals = s("path", { class: "nnf-residuals" }), line = s("path", { class: "nnf-curve" });
  const points = s("g", { class: "nnf-points" });
  const plot = new Plot({ xlim: [x0, x1], ylim: [y0, y1], ...fit.labels, aspect: 0.72, life, draw,
    label: "Points, and the curve of the function" });
  plot.layer.append(residuals, line, points);
  /** @type {unknown[]} */
  let groundOf = [];
  let drawn = /** @type {number[]} */ ([]), starts = /** @type {string[]} */ ([]), lineOver = plot.liner([]);
  const grid = new Float64Array(count), heights = new Float64Array(count);

  /** Points, and places of the curve: only after a change of size, limits or points. */
  function ground() {
    const { limits, labels, xs, ys } = fit, state = [xs, plot.width];
    if (state.every((v, i) => v === groundOf[i])) return;
    groundOf = state;
    const [lo, hi, bottom, top] = limits, every = Math.ceil(xs.length / most), r = xs.length > 100 ? 3 : 4.5;
    plot.rename(labels.xlabel, labels.ylabel);
    plot.limits([lo, hi], [bottom, top]);
    plot.svg.setAttribute("aria-label", `${xs.length} points and the curve of the function`);
    drawn = [...xs.keys()].filter((i) => i % every === 0);
    points.replaceChildren(...drawn.map((i) => s("circle",
      { class: "nnf-point", cx: plot.x(xs[i]).toFixed(2), cy: plot.y(ys[i]).toFixed(2), r })));
    starts = drawn.map((i) => `M${plot.x(xs[i]).toFixed(2)} ${plot.y(ys[i]).toFixed(2)}V`);
    for (let i = 0; i < count; i++) grid[i] = lo + (hi - lo) * i / (count - 1);
    lineOver = plot.liner(grid);
  }
  function picture() {
    ground();
    const { preds } = fit, end = (/** @type {number} */ i) => drawable(plot.y(preds[i])).toFixed(2);
    line.setAttribute("d", lineOver(fit.curve(grid, heights)));
    residuals.setAttribute("d", drawn.map((i, q) => (Number.isFinite(preds[i]) ? starts[q] + end(i) : "")).join(""));
  }
  return { node: plot.node, picture, plot };
}
