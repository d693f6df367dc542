// What BroadcastExplorer shows: A + B as blocks of cells, and why they do or do not fit, axis by axis.
import { MOST_CELLS, MOST_DRAWN_AXES, axisName, blockOf, fixes, rule } from "../maths/broadcast.js";
import { button } from "../shared/controls.js";
import { h, s } from "../shared/dom.js";
import { shapeText } from "../shared/numbers.js";

/** @typedef {import("../maths/broadcast.js").Axis} Axis */
/** @typedef {import("../maths/broadcast.js").Cell} Cell */
/** @typedef {import("../maths/broadcast.js").Fix} Fix */
/** @typedef {{result: number[] | null, axes: Axis[]}} Rule */
/** @typedef {{of: "A" | "B", shape: number[]}} Operand */

const COLOUR = { A: "accent", B: "data" }, PAUSE = 260; // ms from one axis to the next
const UNDRAWN = "Shapes of up to three axes are drawn. The rule is the same for any number of them.";
const COPIES = "Solid cells are the tensor’s own numbers. Dashed ones are the same numbers used again: nothing is "
  + "copied.";
const SHORTENED = `Axes longer than ${MOST_CELLS} are drawn with ${MOST_CELLS} cells.`;
const SCALARS = "Two single numbers have no axes to line up: the result is a single number.";
const NO_RESULT = "No result: PyTorch stops with an error here.";
const NO_WAY = "Neither a new axis of size 1 nor a transpose makes these fit: look again at where the shapes come "
  + "from.";

/** @param {number[]} place */
const moved = ([x, y]) => `translate(${x}px, ${y}px)`;

/** One cell; a cell of the sum is half of A's colour and half of B's. @param {Cell} cell @param {number} size */
function cellNode({ from, to, copy, parts, number }, size) {
  const node = s("g", { class: `nnf-cell${copy ? " nnf-copy" : ""}` });
  const whole = [`M0 0H${size}V${size}H0Z`], halves = [`M0 0H${size}L0 ${size}Z`, `M${size} 0V${size}H0Z`];
  const colours = parts.map((o) => `color-mix(in oklab, var(--nnf-${COLOUR[o.of]}) ${o.shade}%, var(--nnf-paper))`);
  (parts.length === 1 ? whole : halves).forEach((d, i) => node.append(s("path", { d, style: `fill:${colours[i]}` })));
  node.append(s("rect", { width: size, height: size }));
  if (number !== null) node.append(s("text", { x: size / 2, y: size / 2 + 4, text: String(number) }));
  node.style.transform = moved(to);
  if (moved(from) !== moved(to)) node.dataset.from = moved(from);
  return node;
}

/**
 * A tensor drawn.
 * @param {Operand[]} operands @param {number[]} full @param {number[]} clashes axes to mark
 * @param {boolean} numbered
 */
function blockNode(operands, full, clashes, numbered) {
  const { width, height, cell, corner, cells, marks } = blockOf(operands, full, numbered);
  const [name, shape] = operands.length === 1 ? [operands[0].of, operands[0].shape] : ["The result", full];
  const stretched = shapeText(shape) === shapeText(full) ? "" : `, stretched to ${shapeText(full)}`;
  const sizes = marks.map(({ axis, size, x, y, anchor }) => s("text", { x, y, "text-anchor": anchor,
    class: `nnf-size${clashes.includes(axis) ? " nnf-clash" : ""}`, text: String(size) }));
  const [x, y] = corner, empty = s("rect", { x, y, width: cell, height: cell, rx: 3, class: "nnf-empty" });
  return s("svg", { class: "nnf-block", width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
    "aria-label": `${name}, shape ${shapeText(shape)}${stretched}` },
  cells.length ? cells.map((o) => cellNode(o, cell)) : empty, sizes);
}

/**
 * A drawn tensor with its name and shape.
 * @param {string} name @param {string} kind @param {number[]} shape @param {Node} picture
 */
function tensorFigure(name, kind, shape, picture) {
  const title = h("span", { class: `nnf-operand nnf-operand-${kind}`, text: name });
  return h("figure", { class: "nnf-tensor" }, h("figcaption", {}, title, ` ${shapeText(shape)}`), picture);
}

/** The place of a result that is not shown, or does not exist. @param {boolean} clash */
const unknown = (clash) => h("figure", { class: "nnf-tensor nnf-unknown", "data-clash": clash },
  h("figcaption", { text: clash ? "no result" : "which shape?" }),
  h("span", { "aria-hidden": "true", text: clash ? "×" : "?" }));

/** @param {string} sign @param {Node} next */
const term = (sign, next) => h("div", { class: "nnf-term" },
  h("span", { class: "nnf-sign", "aria-hidden": "true", text: sign }), next);

/** @param {Rule} o */
const isNumbered = ({ axes }) => axes.every(({ a, b }) => Math.max(a ?? 1, b ?? 1) <= MOST_CELLS);

/**
 * Draws A + B into `figure`; where it is `shown`, stretched, with the result.
 * @param {HTMLElement} figure @param {number[]} a @param {number[]} b @param {Rule} o @param {boolean} shown
 * @returns {() => void} lets the cells move from where their numbers are to their places
 */
export function sumOf(figure, a, b, o, shown) {
  if (o.axes.length > MOST_DRAWN_AXES) {
    figure.replaceChildren(h("p", { class: "nnf-note", text: UNDRAWN }));
    return () => {};
  }
  /** @type {Operand[]} */
  const operands = [{ of: "A", shape: a }, { of: "B", shape: b }];
  const numbered = isNumbered(o), result = shown ? o.result : null;
  const clashes = shown ? o.axes.filter(({ out }) => out === null).map(({ axis }) => axis) : [];
  const [first, second] = operands.map((one) => tensorFigure(one.of, one.of.toLowerCase(), one.shape,
    blockNode([one], result ?? one.shape, clashes, numbered)));
  const last = result ? tensorFigure("A + B", "r", result, blockNode(operands, result, [], numbered)) : unknown(shown);
  figure.replaceChildren(first, term("+", second), term("=", last));
  return () => setOff(figure);
}

/** @param {HTMLElement} figure */
function setOff(figure) {
  const cells = /** @type {SVGGElement[]} */ ([...figure.querySelectorAll("[data-from]")]);
  const places = cells.map((cell) => cell.style.transform);
  for (const cell of cells) cell.style.transform = cell.dataset.from ?? "";
  void figure.getBoundingClientRect(); // the start is laid out before the cells move
  cells.forEach((cell, i) => { cell.style.transform = places[i]; });
}

/** Appears after the axes to its right. @param {HTMLElement} node @param {number} i @param {boolean} moving */
function inTurn(node, i, moving) {
  if (!moving) return node;
  node.classList.add("nnf-appear");
  node.style.animationDelay = `${i * PAUSE}ms`;
  return node;
}

/** The size of one operand at one axis: 1 → 4 where it is stretched. @param {"a" | "b"} side @param {Axis} axis */
function sizeCell(side, axis) {
  const size = axis[side], { out } = axis, from = size ?? 1, stretched = out !== null && from !== out;
  const text = stretched ? [String(from), h("span", { class: "nnf-to", text: "→" }), String(out)] : [String(from)];
  const marks = { "data-missing": size === null, "data-stretched": stretched, "data-clash": out === null };
  return h("td", {}, h("span", { class: `nnf-axis nnf-axis-${side}`, ...marks }, ...text));
}

/** @param {Axis} axis */
const resultCell = ({ out }) => h("td", {},
  h("span", { class: "nnf-axis nnf-axis-out", "data-clash": out === null, text: String(out ?? "clash") }));

/**
 * The sizes as a table: one column for each axis, the right one last, as shapes are written.
 * @param {Axis[]} axes @param {boolean} moving
 */
function alignment(axes, moving) {
  /** @param {string} name @param {HTMLElement[]} cells */
  const row = (name, cells) => h("tr", {}, name ? h("th", { scope: "row", text: name }) : h("td"),
    ...cells.map((cell, i) => inTurn(cell, axes.length - 1 - i, moving)));
  const names = axes.map(({ axis }) => h("th", { scope: "col", text: axisName(axis) }));
  const body = [row("A", axes.map((o) => sizeCell("a", o))), row("B", axes.map((o) => sizeCell("b", o))),
    row("Result", axes.map(resultCell))];
  return h("div", { class: "nnf-align-box", tabindex: "0", role: "region", "aria-label": "The axes" },
    h("table", { class: "nnf-align" }, h("thead", {}, row("", names)), h("tbody", {}, ...body)));
}

/** @param {Axis[]} axes @param {boolean} moving */
function rulesOf(axes, moving) {
  const line = (/** @type {Axis} */ o) => h("li", { "data-axis": o.axis, "data-clash": o.out === null },
    h("b", { text: `${axisName(o.axis)}  ` }), rule(o));
  return h("ol", { class: "nnf-rules" }, ...axes.toReversed().map((o, i) => inTurn(line(o), i, moving)));
}

/** @param {string} text */
const noteOf = (text) => h("p", { class: "nnf-note", text });

/** A word on how the result is drawn, if it is. @param {number[]} result @param {Rule} o */
function legend(result, { axes }) {
  if (axes.length > MOST_DRAWN_AXES) return "";
  const copies = !result.includes(0) && axes.some(({ a, b, out }) => (a ?? 1) !== out || (b ?? 1) !== out);
  return [copies ? COPIES : "", isNumbered({ result, axes }) ? "" : SHORTENED].filter(Boolean).join(" ");
}

/** What fits. @param {number[]} result @param {Rule} o */
function success(result, o) {
  const said = h("p", { class: "nnf-result" }, "Result: ", h("code", { text: shapeText(result) }));
  const words = legend(result, o);
  return words ? [said, noteOf(words)] : [said];
}

/** That nothing fits, and what would. @param {Fix[]} ways @param {(fix: Fix) => void} mend */
function failure(ways, mend) {
  const said = h("p", { class: "nnf-result", "data-clash": true, text: NO_RESULT });
  if (!ways.length) return [said, noteOf(NO_WAY)];
  const text = `If that is what you mean, ${ways.length > 1 ? "one of these" : "this"} fits:`;
  const buttons = ways.map((fix) =>
    button(`${fix.code}  gives ${shapeText(fix.result)}`, "fix", () => mend(fix), { "data-code": fix.code }));
  return [said, h("div", { class: "nnf-bar nnf-fixes" }, h("span", { class: "nnf-label", text }), ...buttons)];
}

/**
 * Why two shapes do or do not fit.
 * @param {number[]} a @param {number[]} b @param {Rule} o
 * @param {{mend: (fix: Fix) => void, moving: boolean}} how `mend` is called with a way that somebody chose
 */
export function reasonOf(a, b, o, { mend, moving }) {
  const { result, axes } = o, why = h("div", { class: "nnf-why" }, alignment(axes, moving), rulesOf(axes, moving));
  return [axes.length ? why : noteOf(SCALARS), ...(result ? success(result, o) : failure(fixes(a, b), mend))];
}
