// Blocks side by side in one table that scrolls, over as many cells as are in view. Whole cells scroll, as in
// spreadsheets: the cells stay where they are and take other numbers.
import { columnLetters } from "../maths/sheet.js";
import { h, listen, say } from "../shared/dom.js";
import { numberCell, paramCell } from "./sheet_cells.js";
import { areaName, tallOn, wideOn } from "./sheet.js";

const MOST_ROWS = 8, ROW = 28, HEAD = 44, SIDE = 44; // rows in view; px
const LEAST = 74, ROOMY = 96; // px of a column

/** @typedef {import("../maths/sheet.js").SheetBlock} SheetBlock */
/** @typedef {import("./sheet_cells.js").SheetCellView} SheetCellView */
/** @typedef {import("./sheet.js").Ledger} Ledger */
/** @typedef {import("./sheet.js").CellPlace} CellPlace */
/** @typedef {{block: SheetBlock, at: number, first: boolean}} Column `at`: which column of its block */

/** @param {SheetBlock[]} blocks @returns {Column[]} */
const columnsOf = (blocks) => blocks.flatMap((block) => Array.from({ length: wideOn(block) }, (_, at) => (
  { block, at, first: at === 0 })));

/** A column as torch writes it. @param {Column} column */
function columnName({ block, at }) {
  const { rows, columns, upright } = block;
  if (upright || columns === 1) return block.name;
  return areaName({ block, top: 0, bottom: rows - 1, left: at, right: at });
}

/** The place of a column's name and letter. */
function newHead() {
  const [name, letter] = ["name", "letter"].map((kind) => h("span", { class: `nnf-head-${kind}` }));
  return { node: h("div", { class: "nnf-head", role: "columnheader" }, name, letter), name, letter };
}

/** @param {number} v @param {number} most */
const within = (v, most) => Math.max(0, Math.min(most, v));

/** @type {Record<string, [number, number]>} rows and columns that a key goes */
const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-MOST_ROWS, 0],
  PageDown: [MOST_ROWS, 0], Home: [0, -Infinity], End: [0, Infinity] };

export class SheetTable {
  /** @type {SheetCellView[][]} row by row */
  cells = [];
  /** @type {ReturnType<typeof newHead>[]} */
  heads = [];
  /** @type {Column[]} */
  columns = [];
  top = 0; left = 0; across = 0; wide = LEAST; width = 0;
  active = { r: 0, c: 0 }; // in the view

  /** @param {Ledger} ledger @param {import("../shared/dom.js").Life} life @param {SheetBlock[]} blocks @param {string} label */
  constructor(ledger, life, blocks, label) {
    this.ledger = ledger;
    this.rows = tallOn(blocks[0]);
    this.shown = Math.min(this.rows, MOST_ROWS);
    this.make = blocks[0].role === "parameter" ? paramCell : numberCell;
    this.pane = h("div", { class: "nnf-pane", role: "presentation" });
    this.room = h("div", { role: "presentation" }, this.pane);
    this.node = h("div", { class: "nnf-sheet", role: "grid", "aria-label": label, "aria-rowcount": this.rows + 1,
      tabindex: -1, onscroll: () => this.scrolled(), onclick: (/** @type {MouseEvent} */ event) => this.clicked(event),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.keyed(event) }, this.room);
    this.lines = Array.from({ length: this.shown + 1 }, (_, r) => this.line(r));
    this.pane.append(...this.lines.map(({ node }) => node));
    this.set(blocks);
    const watch = new ResizeObserver(([entry]) => this.resize(entry.contentRect.width));
    watch.observe(this.node);
    life.add(() => watch.disconnect());
  }

  /** Row r of the view, the first one for the names. @param {number} r */
  line(r) {
    const side = h("div", { class: "nnf-side", role: r ? "rowheader" : "columnheader" }, r ? "" : h("span", {
      class: "nnf-hidden", text: "row" }));
    const cells = h("div", { class: "nnf-island", role: "presentation" }, side);
    const node = h("div", { class: "nnf-line", role: "row", "aria-rowindex": r + 1 }, cells);
    node.style.top = `${r ? HEAD + (r - 1) * ROW : 0}px`;
    node.style.height = `${r ? ROW : HEAD}px`;
    return { node, side, cells };
  }

  /** Other blocks, from column `left` on. @param {SheetBlock[]} blocks @param {number} [left] */
  set(blocks, left = Infinity) {
    this.columns = columnsOf(blocks);
    this.node.style.width = `${SIDE + this.columns.length * ROOMY + 2}px`;
    this.node.setAttribute("aria-colcount", String(this.columns.length + 1));
    this.left = left;
    if (this.width) this.fit();
  }

  /** @param {number} width */
  resize(width) {
    width = Math.floor(width);
    if (width <= 0 || width === this.width) return;
    this.width = width;
    this.fit();
  }

  /** As many columns as there is room for, all of one width. */
  fit() {
    const { node, room, pane, rows, shown } = this, most = this.columns.length;
    this.across = Math.min(most, Math.max(1, Math.floor((this.width - SIDE) / LEAST)));
    this.wide = Math.floor((this.width - SIDE) / this.across);
    this.left = within(this.left, most - this.across);
    const tall = HEAD + shown * ROW;
    Object.assign(pane.style, { width: `${this.width}px`, height: `${tall}px` });
    Object.assign(room.style, { width: `${this.width + (most - this.across) * this.wide}px`,
      height: `${tall + (rows - shown) * ROW}px` });
    node.style.height = `${tall + 2}px`;
    node.style.height = `${tall + node.offsetHeight - node.clientHeight}px`; // and a scrollbar, where there is one
    this.furnish();
    this.scrollTo();
    this.write();
  }

  /** Cells for all that is in view. */
  furnish() {
    const { heads, cells, across, lines, columns } = this, first = { block: columns[0].block, k: 0 };
    while (heads.length < across) heads.push(newHead());
    heads.forEach(({ node }, c) => this.put(node, lines[0], c));
    for (let r = 0; r < this.shown; r++) {
      const row = cells[r] ??= [];
      while (row.length < across) row.push(this.make(this.ledger, first));
      row.forEach(({ node }, c) => this.put(node, lines[r + 1], c));
    }
  }
  /** In its line, if there is room for column c. @param {HTMLElement} node @param {{cells: HTMLElement}} line @param {number} c */
  put(node, line, c) {
    node.style.width = `${this.wide}px`;
    if (c < this.across) line.cells.append(node); else node.remove();
  }

  scrollTo() {
    this.node.scrollTop = this.top * ROW;
    this.node.scrollLeft = this.left * this.wide;
  }
  scrolled() {
    const top = within(Math.round(this.node.scrollTop / ROW), this.rows - this.shown);
    const left = within(Math.round(this.node.scrollLeft / this.wide), this.columns.length - this.across);
    if (!this.across || (top === this.top && left === this.left)) return;
    Object.assign(this, { top, left });
    this.write();
  }

  /** What stands where, after the view has moved. */
  write() {
    const { heads, cells, across, top, left, lines } = this, shown = this.columns.slice(left, left + across);
    shown.forEach((column, c) => this.head(column, heads[c], left + c));
    cells.forEach((row, r) => {
      say(lines[r + 1].side, String(shown[0].block.place[1] + top + r + 1));
      lines[r + 1].node.setAttribute("aria-rowindex", String(top + r + 2));
      shown.forEach(({ block, at, first }, c) => {
        row[c].set({ block, k: block.upright ? top + r : (top + r) * block.columns + at });
        row[c].node.setAttribute("aria-colindex", String(left + c + 2));
        row[c].node.toggleAttribute("data-first", first);
      });
    });
    this.stop(this.active.r, this.active.c);
    this.picture();
    this.words();
  }
  /** @param {Column} column @param {ReturnType<typeof newHead>} head @param {number} c */
  head(column, { node, name, letter }, c) {
    const { block, at, first } = column;
    say(name, columnName(column));
    say(letter, `${this.ledger.page ? "" : `${block.place[0]}!`}${columnLetters(block.place[2] + at)}`);
    Object.assign(node.dataset, { role: block.role });
    node.title = columnName(column);
    node.setAttribute("aria-colindex", String(c + 2));
    node.toggleAttribute("data-first", first);
  }
  picture() { for (const row of this.cells) for (let c = 0; c < this.across; c++) row[c].picture(); }
  words() { for (const row of this.cells) for (let c = 0; c < this.across; c++) row[c].words(); }

  /** The one stop of the tab key. @param {number} r @param {number} c */
  stop(r, c) {
    const before = this.cells[this.active.r]?.[this.active.c];
    this.active = { r: within(r, this.shown - 1), c: within(c, this.across - 1) };
    const now = this.cells[this.active.r][this.active.c];
    if (this.make === paramCell) return now;
    before?.node.setAttribute("tabindex", "-1");
    now.node.setAttribute("tabindex", "0");
    return now;
  }

  /** Moves the view until a cell is in it. @param {number} row @param {number} column */
  bring(row, column) {
    const { top, left, shown, across } = this;
    this.top = within(Math.min(row, Math.max(top, row - shown + 1)), this.rows - shown);
    this.left = within(Math.min(column, Math.max(left, column - across + 1)), this.columns.length - across);
    if (this.top === top && this.left === left) return;
    this.scrollTo();
    this.write();
  }
  /** @param {CellPlace} place whether it is one of this table's, and then brings it into view */
  reveal({ block, k }) {
    const first = this.columns.findIndex((column) => column.block === block);
    if (first < 0 || !this.across) return;
    const [row, at] = block.upright ? [k, 0] : [Math.floor(k / block.columns), k % block.columns];
    this.bring(row, first + at);
    this.stop(row - this.top, first + at - this.left);
  }

  /** @param {MouseEvent} event */
  clicked({ target }) {
    const node = /** @type {Element} */ (target).closest("[role=gridcell]");
    this.cells.forEach((row, r) => row.forEach((cell, c) => {
      if (cell.node !== node || this.make === paramCell) return;
      this.stop(r, c).node.focus({ preventScroll: true });
      this.ledger.go(cell.place);
    }));
  }
  /** @param {KeyboardEvent} event */
  keyed(event) {
    const { key, target } = event, { r, c } = this.active;
    if (target !== this.cells[r][c].node) return;
    if (key === "Enter" || key === " ") this.ledger.go(this.cells[r][c].place);
    else if (key in MOVES) this.walk(this.top + r + MOVES[key][0], this.left + c + MOVES[key][1]);
    else return;
    event.preventDefault();
  }
  /** @param {number} row @param {number} column */
  walk(row, column) {
    const [y, x] = [within(row, this.rows - 1), within(column, this.columns.length - 1)];
    this.bring(y, x);
    this.stop(y - this.top, x - this.left).node.focus({ preventScroll: true });
  }
}
