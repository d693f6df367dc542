// The sheet behind one view: its cells' numbers, which of them sleep, which one is read, and what a hand changes.
import { sleepersOf } from "../maths/asleep.js";
import { addressOf, openSheet, readsOf, sheetBlock, stepSheet, workOut } from "../maths/sheet.js";
import { precise, roundUp } from "../shared/numbers.js";

export const MOST_READS = 12; // areas that are outlined and have a button
const COLOURS = 6; // for the outlines, one after the other

/** @typedef {import("../maths/sheet.js").SheetBlock} SheetBlock */
/** @typedef {import("../maths/sheet.js").SheetArea} SheetArea */
/** @typedef {{block: SheetBlock, k: number}} CellPlace a cell: the `k`-th of its block, row by row */

/** How many rows a block has on the sheet. @param {SheetBlock} block */
export const tallOn = (block) => (block.upright ? block.columns : block.rows);
/** How many columns. @param {SheetBlock} block */
export const wideOn = (block) => (block.upright ? block.rows : block.columns);

/** A cell by itself. @param {SheetBlock} block @param {number} k @returns {SheetArea} */
export function cellArea(block, k) {
  const i = Math.floor(k / block.columns), j = k % block.columns;
  return { block, top: i, left: j, bottom: i, right: j };
}

/** `3`, `2:5`, or `:` for all. @param {number} from @param {number} to @param {number} n */
const span = (from, to, n) => (from === to ? `${from}` : to - from === n - 1 ? ":" : `${from}:${to + 1}`);

/** An area as torch writes it: `x[3, :]`. @param {SheetArea} area */
export function areaName({ block, top, left, bottom, right }) {
  const rank = block.shape.length, across = span(left, right, block.columns), down = span(top, bottom, block.rows);
  if (!rank || (across === ":" && (rank === 1 || down === ":"))) return block.name;
  return rank === 1 ? `${block.name}[${across}]` : `${block.name}[${down}, ${across}]`;
}

/** An area's address as a formula on this page of the workbook says it. @param {SheetArea} area @param {string} page */
export function addressFrom(area, page) {
  const [own] = area.block.place;
  return own === page ? addressOf(area) : `${own}!${addressOf(area)}`;
}

/** A number in a cell, in eight letters at most: whole ones as they are, others with digits that count. @param {number} v */
export function figureOf(v) {
  const size = Math.abs(v);
  if (Number.isNaN(v)) return "NaN";
  if (Number.isInteger(v) && size < 1e6) return String(v).replace("-", "−");
  if (size < 1e-3) return v.toExponential(size < 1e-9 ? 1 : 2).replaceAll("-", "−");
  return precise(v, size < 0.01 || size >= 1e5 ? 3 : 4);
}

/** Numbers in lists, one inside another like the axes. @param {SheetBlock} block */
function nested({ shape, values, columns, rows }) {
  if (!shape.length) return values[0];
  if (shape.length === 1) return Array.from(values);
  return Array.from({ length: rows }, (_, i) => Array.from(values.subarray(i * columns, (i + 1) * columns)));
}

/** @param {any} v */
const flat = (v) => [v].flat(2).map(Number);
const isForward = (/** @type {SheetBlock} */ block) => block.role !== "gradient";
const isGradient = (/** @type {SheetBlock} */ block) => block.role === "gradient";

export class Ledger {
  /** @type {CellPlace[]} the cells read before */
  trail = [];
  /** @type {Set<string>} parameters that have moved since the last time everything was worked out */
  stale = new Set();
  behind = false; // are the gradients those of earlier parameters?
  fresh = true; // has the model parameters that are not in the cells yet?
  redraw = () => {};
  reveal = (/** @type {CellPlace} */ _place) => {};

  /** @param {ReturnType<typeof import("../shared/outbox.js").outbox>} box */
  constructor(box) {
    this.box = box;
    this.sheet = openSheet(box.get("spec"));
    this.parameters = this.sheet.data.parameters.map((name) => sheetBlock(this.sheet, name));
    this.start = new Map(this.parameters.map((block) => [block, flat(box.get("start")[block.name])]));
    this.sleepers = sleepersOf(this.sheet);
    this.learns = this.sheet.output.role === "loss";
    /** The one page of the workbook that all blocks stand on, if there is one. */
    this.page = new Set(this.sheet.blocks.map(({ place }) => place[0])).size > 1 ? "" : this.sheet.output.place[0];
    this.read({ block: this.sheet.output, k: 0 });
    this.refresh();
  }

  get backward() { return /** @type {boolean} */ (this.box.get("backward")); }
  get loss() { return this.learns ? this.sheet.output.values[0] : NaN; }

  /** The parameters as the model has them. */
  take() {
    if (!this.fresh) return;
    this.fresh = false;
    const params = this.box.get("params");
    for (const block of this.parameters) {
      const now = flat(params[block.name]);
      if (now.every((v, k) => v === block.values[k])) continue;
      block.values.set(now);
      this.stale.add(block.name);
    }
  }

  /** Works out what depends on the parameters that have moved; gradients where they show. */
  refresh() {
    const { sheet, stale, backward } = this;
    this.take();
    if (stale.size) {
      workOut(sheet, [...stale], backward ? undefined : isForward);
      this.sleepers.forget();
      this.behind ||= !backward;
    }
    stale.clear();
    if (!backward || !this.behind) return;
    workOut(sheet, undefined, isGradient);
    this.behind = false;
  }

  send() {
    this.box.put({ params: Object.fromEntries(this.parameters.map((block) => [block.name, nested(block)])) });
    this.fresh = false;
  }

  /** A hand moves one parameter. @param {SheetBlock} block @param {number} k @param {number} v */
  change(block, k, v) {
    this.take();
    block.values[k] = v;
    this.stale.add(block.name);
    this.send();
  }

  reset() { this.box.put({ params: this.box.get("start") }); }

  /** How far a key moves a parameter. @param {SheetBlock} block @param {number} k */
  strideOf(block, k) {
    const [start] = /** @type {number[]} */ (this.start.get(block)).slice(k);
    return roundUp(Math.max(Math.abs(start), 1)) / 100;
  }

  /** One step of gradient descent, or none and false where the next numbers would not be finite. */
  step() {
    this.refresh();
    if (this.behind) workOut(this.sheet, undefined, isGradient);
    const before = this.parameters.map((block) => block.values.slice());
    const loss = stepSheet(this.sheet, this.box.get("lr"));
    const fine = [[loss], ...this.parameters.map((block) => block.values)].every((all) => all.every(Number.isFinite));
    if (!fine) this.parameters.forEach((block, n) => block.values.set(before[n]));
    if (!fine) workOut(this.sheet, this.sheet.data.parameters);
    this.behind = false;
    this.sleepers.forget();
    if (fine) this.send();
    return fine;
  }

  /** @param {CellPlace} place */
  asleep({ block, k }) { return this.sleepers.at(block, k); }

  /** Read this cell now. @param {CellPlace} place */
  read(place) {
    const { top, left } = cellArea(place.block, place.k);
    this.place = place;
    this.reads = readsOf(place.block, top, left);
    const named = this.reads.map(areaName);
    /** A colour for each area that is read; the same area has one colour. */
    this.colours = named.map((name) => String(named.indexOf(name) % COLOURS));
  }
  /** Read it, and remember where one came from. @param {CellPlace} place */
  go(place) {
    if (place.block === this.place.block && place.k === this.place.k) return;
    this.trail.push(this.place);
    this.show(place);
  }
  back() {
    const place = this.trail.pop();
    if (place) this.show(place);
  }
  /** @param {CellPlace} place */
  show(place) {
    this.read(place);
    this.reveal(place);
    this.redraw();
  }

  /**
   * How a cell is marked: as the one that is read, by the colour of those that it reads, or not.
   * @param {CellPlace} place
   */
  markOf({ block, k }) {
    if (block === this.place.block && k === this.place.k) return "here";
    const i = Math.floor(k / block.columns), j = k % block.columns;
    const n = this.reads.findIndex((area) => area.block === block && area.top <= i && i <= area.bottom
      && area.left <= j && j <= area.right);
    return n < 0 || n >= MOST_READS ? "" : this.colours[n];
  }
}
