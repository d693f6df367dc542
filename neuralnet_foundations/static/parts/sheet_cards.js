// A block that is not in the table: a card with its name, its address and its cells.
import { h, listen } from "../shared/dom.js";
import { addressFrom, areaName, cellArea } from "./sheet.js";
import { numberCell, paramCell } from "./sheet_cells.js";
import { SheetTable } from "./sheet_table.js";

const MOST_IN_LINE = 64; // cells one after the other; more of them scroll

/** @typedef {import("../maths/sheet.js").SheetBlock} SheetBlock */
/** @typedef {import("./sheet.js").Ledger} Ledger */
/** @typedef {import("./sheet.js").CellPlace} CellPlace */
/** @typedef {import("./sheet_cells.js").SheetCellView} SheetCellView */

/** @param {Ledger} ledger @param {SheetBlock} block */
function line(ledger, block) {
  const make = block.role === "parameter" ? paramCell : numberCell, single = block.values.length === 1;
  const cells = Array.from(block.values, (_, k) => make(ledger, { block, k }, true, single ? undefined : h("span", {
    class: "nnf-caption", "aria-hidden": "true", text: areaName(cellArea(block, k)).slice(block.name.length) })));
  const node = h("div", { class: "nnf-row", role: "grid", "aria-label": block.name },
    h("div", { role: "row" }, cells.map((cell) => cell.node)));
  if (block.role !== "parameter") walked(ledger, node, cells);
  const picture = () => { for (const cell of cells) cell.picture(); };
  const words = () => { for (const cell of cells) cell.words(); };
  return { node, picture, words, reveal: () => {} };
}

/**
 * One stop of the tab key, arrows from cell to cell, Enter or a click to read one.
 * @param {Ledger} ledger @param {HTMLElement} node @param {SheetCellView[]} cells
 */
function walked(ledger, node, cells) {
  const of = (/** @type {any} */ target) => cells.findIndex((cell) => cell.node.contains(target));
  const stop = (/** @type {number} */ k) => {
    cells.forEach((cell, n) => cell.node.setAttribute("tabindex", n === k ? "0" : "-1"));
    cells[k].node.focus({ preventScroll: true });
  };
  cells[0].node.setAttribute("tabindex", "0");
  listen(node, "click", ({ target }) => {
    const k = of(target);
    if (k < 0) return;
    stop(k);
    ledger.go(cells[k].place);
  });
  listen(node, "keydown", (event) => {
    const k = of(event.target), next = { ArrowRight: k + 1, ArrowDown: k + 1, ArrowLeft: k - 1, ArrowUp: k - 1, Home: 0,
      End: cells.length - 1 }[/** @type {string} */ (event.key)];
    if (event.key === "Enter" || event.key === " ") ledger.go(cells[k].place);
    else if (next === undefined) return;
    else if (cells[next]) stop(next);
    event.preventDefault();
  });
}

/** @param {Ledger} ledger @param {import("../shared/dom.js").Life} life @param {SheetBlock} block */
export function sheetCard(ledger, life, block) {
  const { rows, columns, shape, role } = block;
  const inLine = shape.length < 2 && block.values.length <= MOST_IN_LINE;
  const body = inLine ? line(ledger, block) : new SheetTable(ledger, life, [block], block.name);
  const at = addressFrom({ block, top: 0, left: 0, bottom: rows - 1, right: columns - 1 }, ledger.page);
  const head = h("p", { class: "nnf-card-head", "data-role": role }, h("span", { text: block.name }),
    h("span", { class: "nnf-head-letter", text: at }));
  const node = h("div", { class: "nnf-card" }, head, body.node);
  return { node, block, picture: () => body.picture(), words: () => body.words(),
    reveal: (/** @type {CellPlace} */ place) => { if (place.block === block) body.reveal(place); } };
}
