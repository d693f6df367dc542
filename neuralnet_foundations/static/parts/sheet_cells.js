// A cell that shows a number, and one whose number can be moved.
import { numberInput } from "../shared/controls.js";
import { h, listen } from "../shared/dom.js";
import { snap } from "../shared/numbers.js";
import { areaName, cellArea, figureOf } from "./sheet.js";

const A_DRAG = 4; // px that a pointer moves before it drags
const PX = 2; // px of a drag for each step of a key

/** @typedef {import("./sheet.js").Ledger} Ledger */
/** @typedef {import("./sheet.js").CellPlace} CellPlace */
/** @typedef {{node: HTMLElement, place: CellPlace, set: (place: CellPlace) => void, picture: () => void,
 *   words: () => void}} SheetCellView */

/** What cells have in common: the place, and how it is marked. @param {Ledger} ledger @param {HTMLElement} node */
function marked(ledger, node) {
  let mark = "", read = /** @type {CellPlace | null} */ (null), here = read;
  return (/** @type {CellPlace} */ place) => {
    if (read === ledger.place && here === place) return;
    [read, here] = [ledger.place, place];
    const now = ledger.markOf(place);
    if (now === mark) return;
    mark = now;
    if (mark) node.dataset.mark = mark; else delete node.dataset.mark;
  };
}

/**
 * A table lays out its rows, each by itself; elsewhere a cell is `apart`.
 * @param {Ledger} ledger @param {CellPlace} place @param {boolean} [apart] @param {HTMLElement} [caption]
 * @returns {SheetCellView}
 */
export function numberCell(ledger, place, apart, caption) {
  const text = new Text(), inside = apart ? h("div", { class: "nnf-num-in" }, text) : text;
  const node = h("div", { class: "nnf-num", role: "gridcell", tabindex: -1 }, caption, inside);
  const mark = marked(ledger, node);
  let value = /** @type {number | undefined} */ (undefined), dark = false;
  const cell = { node, place, set(/** @type {CellPlace} */ next) { cell.place = next; }, picture, words() {} };
  function picture() {
    const now = cell.place.block.values[cell.place.k], sleeps = ledger.asleep(cell.place);
    if (!Object.is(now, value)) text.data = figureOf(value = now);
    mark(cell.place);
    if (sleeps === dark) return;
    dark = sleeps;
    node.toggleAttribute("data-dark", dark);
    if (dark) node.setAttribute("aria-description", "asleep"); else node.removeAttribute("aria-description");
  }
  return cell;
}

/**
 * The cell of a parameter: arrow keys, a drag, or a typed number move it.
 * @param {Ledger} ledger @param {CellPlace} place @param {boolean} [_apart] @param {HTMLElement} [caption]
 * @returns {SheetCellView}
 */
export function paramCell(ledger, place, _apart, caption) {
  const stride = () => ledger.strideOf(cell.place.block, cell.place.k);
  const change = (/** @type {number} */ v) => ledger.change(cell.place.block, cell.place.k, v);
  const { node: input, set: write } = numberInput({ by: stride, inputmode: "decimal" }, change);
  const inside = h("div", { class: "nnf-num-in" }, input);
  const node = h("div", { class: "nnf-num nnf-num-param", role: "gridcell" }, caption, inside), mark = marked(ledger, node);
  const current = () => cell.place.block.values[cell.place.k]; // newer than what the last picture shows, where keys are quick
  const cell = { node, place, set, picture, words: () => write(current()) };
  let value = NaN;
  function set(/** @type {CellPlace} */ next) {
    const name = areaName(cellArea(next.block, next.k));
    cell.place = next;
    if (inside.dataset.param === name) return;
    inside.dataset.param = name;
    input.setAttribute("aria-label", name);
  }
  function picture() {
    const now = current();
    mark(cell.place);
    if (now === value) return;
    value = now;
    inside.dataset.value = String(now);
  }
  set(place);
  scrubbed(input, { stride, change, value: current, click: () => ledger.go(cell.place) });
  return cell;
}

/**
 * A drag to the left or right moves the number; a click lets one type.
 * @param {HTMLInputElement} input
 * @param {{stride: () => number, change: (v: number) => void, value: () => number, click: () => void}} o
 */
function scrubbed(input, { stride, change, value, click }) {
  let from = /** @type {{x: number, v: number, drags: boolean} | null} */ (null);
  listen(input, "pointerdown", (event) => {
    if (event.button === 0) from = { x: event.clientX, v: value(), drags: false };
  });
  listen(input, "pointermove", (event) => {
    if (!from) return;
    const far = event.clientX - from.x, by = stride();
    if (!from.drags && Math.abs(far) < A_DRAG) return;
    if (!from.drags) {
      input.blur(); // no text is selected meanwhile
      input.setPointerCapture(event.pointerId);
    }
    from.drags = true;
    change(snap(from.v + (far / PX) * (event.shiftKey ? by / 10 : by), by / 10));
  });
  listen(input, "pointerup", () => {
    if (from && !from.drags) click();
    from = null;
  });
  listen(input, "pointercancel", () => { from = null; });
  listen(input, "mousedown", (event) => { if (!input.matches(":focus")) event.preventDefault(); });
  listen(input, "click", () => { if (!input.matches(":focus") && !from) input.focus(); });
  listen(input, "keydown", (event) => { if (event.key === "Enter") click(); });
}
