// A sheet of cells, worked out forward and backward from the data that `Sheet.for_page()` gives. No DOM.
import { compile } from "../shared/arithmetic.js";

/**
 * @typedef {{block: number, column: boolean}} SheetInput `column`: a vector that is read as a column
 * @typedef {{name: string, role: string, shape: number[], place: [string, number, number], upright: boolean, line: string,
 *   values?: ArrayLike<number>, how?: string, op?: string, excel?: string, js?: string, truth?: boolean, inputs?: SheetInput[],
 *   axis?: number | null, ta?: boolean, tb?: boolean, sources?: number[], starts?: number[]}} SheetBlockData
 * @typedef {{title: string, blocks: SheetBlockData[], output: string, parameters: string[], gradients: Record<string, string>}} SheetData
 * @typedef {{block: SheetBlock, top: number, left: number, bottom: number, right: number}} SheetArea from row and column to row and column
 * @typedef {{name: string, at: string, line: string, formula: string, value: number, reads: SheetArea[]}} SheetCell
 */

/**
 * A rectangle of cells.
 * @typedef {SheetBlockData & {rows: number, columns: number, values: Float64Array, from: SheetBlock[], work: (() => void) | null,
 *   fixed: [boolean, boolean][] | null}} SheetBlock
 */

/**
 * The blocks of a sheet, with their values.
 * @param {SheetData} data
 * @returns {{blocks: SheetBlock[], named: Map<string, SheetBlock>, output: SheetBlock, data: SheetData}}
 */
export function openSheet(data) {
  /** @type {SheetBlock[]} */
  const blocks = [];
  for (const given of data.blocks) {
    const [rows, columns] = given.shape.length === 2 ? given.shape : [1, given.shape[0] ?? 1];
    /** @type {SheetBlock} */
    const block = { ...given, rows, columns, values: Float64Array.from(given.values ?? { length: rows * columns }, Number),
      from: (given.inputs ?? []).map((input) => blocks[input.block]), work: null, fixed: null };
    if (given.how) block.work = SHEET_WORK[given.how](block);
    blocks.push(block);
  }
  const named = new Map(blocks.map((block) => [block.name, block]));
  const sheet = { blocks, named, output: /** @type {SheetBlock} */ (named.get(data.output)), data };
  workOut(sheet);
  return sheet;
}

/**
 * Works out every block that depends on those that changed, or all of them; gives those that it worked out.
 * @param {{blocks: SheetBlock[], named: Map<string, SheetBlock>}} sheet @param {string[]} [changed] names of blocks
 * @param {(block: SheetBlock) => boolean} [wanted] which blocks to work out, such as those without the role "gradient"
 * @returns {SheetBlock[]}
 */
export function workOut(sheet, changed, wanted = () => true) {
  const stale = changed && new Set(changed.map((name) => sheetBlock(sheet, name)));
  const done = [];
  for (const block of sheet.blocks) {
    if (!block.work || !wanted(block) || (stale && !block.from.some((other) => stale.has(other)))) continue;
    block.work();
    stale?.add(block);
    done.push(block);
  }
  return done;
}

/** @param {{named: Map<string, SheetBlock>}} sheet @param {string} name @returns {SheetBlock} */
export function sheetBlock(sheet, name) {
  const block = sheet.named.get(name);
  if (!block) throw new Error(`${name} is not a block of this sheet; it has ${[...sheet.named.keys()].join(", ")}`);
  return block;
}

/**
 * One step of gradient descent: each parameter minus the learning rate times its gradient. Everything is worked out afterwards.
 * @param {ReturnType<typeof openSheet>} sheet @param {number} rate @returns {number} the loss now
 */
export function stepSheet(sheet, rate) {
  const moves = sheet.data.parameters.map((name) => [sheetBlock(sheet, name).values, sheetBlock(sheet, sheet.data.gradients[name]).values]);
  for (const [values, slopes] of moves) for (let k = 0; k < values.length; k++) values[k] -= rate * slopes[k];
  workOut(sheet, sheet.data.parameters);
  return sheet.output.values[0];
}

/**
 * How far to go in a block that is broadcast, for each row and column of the result.
 * @param {SheetInput} input @param {SheetBlock} block
 */
function sheetStrides(input, block) {
  if (input.column) return [block.columns > 1 ? 1 : 0, 0];
  return [block.rows > 1 ? block.columns : 0, block.columns > 1 ? 1 : 0];
}

/** @param {SheetBlock} block */
function workEach(block) {
  const count = block.from.length;
  const f = compile(/** @type {string} */ (block.js), [...block.from.map((_, k) => `v${k}`), "i", "j"]);
  const strides = (block.inputs ?? []).map((input, k) => sheetStrides(input, block.from[k]));
  /** @typedef {(i: number, j: number) => number} OfCell */
  const reads = block.from.map(({ values }, k) => /** @type {OfCell} */ ((i, j) => values[i * strides[k][0] + j * strides[k][1]]));
  const [a, b] = reads, { values, rows, columns } = block;
  /** @type {OfCell} calls with few arguments are by far the quickest */
  const one = count === 1 ? (i, j) => f(a(i, j), i, j) : count === 2 ? (i, j) => f(a(i, j), b(i, j), i, j)
    : (i, j) => f(...reads.map((read) => read(i, j)), i, j);
  return () => {
    for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) values[at] = +one(i, j);
  };
}

/** @type {Record<string, (values: Float64Array, start: number, count: number, stride: number) => number>} */
const SHEET_LINES = {
  sum(values, start, count, stride) {
    let total = 0;
    for (let k = 0; k < count; k++) total += values[start + k * stride];
    return total;
  },
  mean: (values, start, count, stride) => SHEET_LINES.sum(values, start, count, stride) / count,
  argmax(values, start, count, stride) {
    let best = 0;
    for (let k = 1; k < count; k++) if (values[start + k * stride] > values[start + best * stride]) best = k;
    return best;
  },
  argmin(values, start, count, stride) {
    let best = 0;
    for (let k = 1; k < count; k++) if (values[start + k * stride] < values[start + best * stride]) best = k;
    return best;
  },
  max: (values, start, count, stride) => values[start + SHEET_LINES.argmax(values, start, count, stride) * stride],
  min: (values, start, count, stride) => values[start + SHEET_LINES.argmin(values, start, count, stride) * stride],
};

/** @param {SheetBlock} block */
function workAlong(block) {
  const [x] = block.from;
  const f = SHEET_LINES[/** @type {string} */ (block.js)];
  const all = block.axis === null || x.shape.length < 2;
  const [count, stride, next] = all ? [x.values.length, 1, 0] : block.axis === 1 ? [x.columns, 1, x.columns] : [x.rows, x.columns, 1];
  return () => { for (let k = 0; k < block.values.length; k++) block.values[k] = f(x.values, k * next, count, stride); };
}

/** @param {SheetBlock} block */
function workDot(block) {
  const [a, b] = block.from;
  const [matrixA, matrixB] = [a.shape.length === 2, b.shape.length === 2];
  const count = !matrixA ? a.columns : block.ta ? a.rows : a.columns;
  const [nextA, stepA] = !matrixA ? [0, 1] : block.ta ? [1, a.columns] : [a.columns, 1];
  const [nextB, stepB] = !matrixB ? [0, 1] : block.tb ? [b.columns, 1] : [1, b.columns];
  const across = matrixB ? block.columns : 1, { values } = block, x = a.values, y = b.values;
  return () => {
    for (let k = 0; k < values.length; k++) {
      let total = 0, p = Math.floor(k / across) * nextA, q = (k % across) * nextB;
      for (let m = 0; m < count; m++, p += stepA, q += stepB) total += x[p] * y[q];
      values[k] = total;
    }
  };
}

/** For each cell, [which of `from`, place in it] of all that it copies and adds up. @param {SheetBlock} block @param {number} k */
function copiedBy(block, k) {
  const sources = block.sources ?? [];
  const found = block.starts ? sources.slice(block.starts[k], block.starts[k + 1]) : [sources[k]];
  return found.map((source) => {
    let which = 0;
    for (; source >= block.from[which].values.length; which++) source -= block.from[which].values.length;
    return [which, source];
  });
}

/** @param {SheetBlock} block */
function workCopy(block) {
  const copied = Array.from(block.values, (_, k) => copiedBy(block, k));
  return () => copied.forEach((found, k) => {
    let total = 0;
    for (const [which, at] of found) total += block.from[which].values[at];
    block.values[k] = total;
  });
}

/** @param {SheetBlock} block */
function workPick(block) {
  const [x, index] = block.from;
  return () => { for (let k = 0; k < block.values.length; k++) block.values[k] = x.values[k * x.columns + index.values[k]]; };
}

/** @param {SheetBlock} block */
function workRows(block) {
  const [x, index] = block.from;
  const width = x.shape.length === 2 ? x.columns : 1;
  return () => {
    for (let k = 0; k < block.values.length; k++) block.values[k] = x.values[index.values[Math.floor(k / width)] * width + (k % width)];
  };
}

/** @type {Record<string, (block: SheetBlock) => () => void>} */
const SHEET_WORK = { each: workEach, along: workAlong, dot: workDot, copy: workCopy, pick: workPick, rows: workRows };

// What a cell reads, and what a spreadsheet would say there: the same as `Block.reads` and `Block.formula` in Python

/** @param {SheetBlock} block @param {number} i @param {number} j @returns {SheetArea} */
const oneCell = (block, i, j) => ({ block, top: i, left: j, bottom: i, right: j });
/** @param {SheetBlock} block @returns {SheetArea} */
const wholeBlock = (block) => ({ block, top: 0, left: 0, bottom: block.rows - 1, right: block.columns - 1 });
/** Row or column k. @param {SheetBlock} block @param {number} k @param {boolean} upright @returns {SheetArea} */
const oneLine = (block, k, upright) => (upright ? { block, top: 0, left: k, bottom: block.rows - 1, right: k }
  : { block, top: k, left: 0, bottom: k, right: block.columns - 1 });

/** @type {Record<string, (block: SheetBlock, i: number, j: number) => SheetArea[]>} */
const SHEET_READS = {
  each: (block, i, j) => block.from.map((other, k) => (block.inputs ?? [])[k].column ? oneCell(other, 0, Math.min(i, other.columns - 1))
    : oneCell(other, Math.min(i, other.rows - 1), Math.min(j, other.columns - 1))),
  along(block, i, j) {
    const [x] = block.from;
    return [block.axis === null || x.shape.length < 2 ? wholeBlock(x) : oneLine(x, i + j, block.axis === 0)];
  },
  dot(block, i, j) {
    const [a, b] = block.from;
    const [p, q] = b.shape.length === 1 ? [j, 0] : [i, j];
    return [a.shape.length === 2 ? oneLine(a, p, !!block.ta) : wholeBlock(a),
      b.shape.length === 2 ? oneLine(b, q, !block.tb) : wholeBlock(b)];
  },
  copy(block, i, j) {
    /** @type {SheetArea[]} */
    const areas = [];
    for (const [which, at] of copiedBy(block, i * block.columns + j)) {
      const other = block.from[which], row = Math.floor(at / other.columns), column = at % other.columns;
      const last = areas.at(-1)?.block === other ? areas.at(-1) : undefined;
      const beside = last && row === last.bottom && column === last.right + 1 && last.top === last.bottom;
      const below = last && row === last.bottom + 1 && column === last.right && last.left === last.right;
      if (last && (beside || below)) [last.bottom, last.right] = [row, column];
      else areas.push(oneCell(other, row, column));
    }
    return areas;
  },
  pick: ({ from: [x, index] }, i, j) => [oneLine(x, j, false), oneCell(index, 0, j)],
  rows({ from: [x, index] }, i, j) {
    const vector = x.shape.length === 1;
    return [vector ? wholeBlock(x) : oneLine(x, j, true), oneCell(index, 0, Math.min(vector ? j : i, index.columns - 1))];
  },
};

/**
 * The cells that cell (i, j) reads; a vector is row 0.
 * @param {SheetBlock} block @param {number} i @param {number} j @returns {SheetArea[]}
 */
export const readsOf = (block, i, j) => (block.how ? SHEET_READS[block.how](block, i, j) : []);

/** An area's corners on the sheet, where a vector may stand upright. @param {SheetArea} area @returns {[number, number, number, number]} */
const onSheet = ({ block, top, left, bottom, right }) => (block.upright ? [left, top, right, bottom] : [top, left, bottom, right]);

/** @param {number} column from 0 @returns {string} */
export function columnLetters(column) {
  let out = "";
  for (let k = column + 1; k > 0; k = Math.floor((k - 1) / 26)) out = String.fromCharCode(65 + ((k - 1) % 26)) + out;
  return out;
}

/** The address of an area: `B3:D9`. @param {SheetArea} area @param {[boolean, boolean]} [fixed] */
export function addressOf(area, [rowStays, columnStays] = [false, false]) {
  const [top, left, bottom, right] = onSheet(area), [, row, column] = area.block.place;
  /** @param {number} r @param {number} c */
  const a1 = (r, c) => `${columnStays ? "$" : ""}${columnLetters(column + c)}${rowStays ? "$" : ""}${row + r + 1}`;
  return top === bottom && left === right ? a1(top, left) : `${a1(top, left)}:${a1(bottom, right)}`;
}

/** @param {SheetBlock} block @returns {[boolean, boolean][]} */
function fixedParts(block) {
  if (!block.fixed) {
    const last = readsOf(block, block.rows - 1, block.columns - 1);
    const [rows, columns] = block.upright ? [block.columns, block.rows] : [block.rows, block.columns];
    block.fixed = readsOf(block, 0, 0).map((area, k) => {
      const [a, b] = [onSheet(area), onSheet(last[k])], [sameRow, sameColumn] = [a[0] === b[0], a[1] === b[1]];
      if (sameRow && sameColumn) return [rows * columns > 1, rows * columns > 1];
      return [sameRow && rows > 1, sameColumn && columns > 1];
    });
  }
  return block.fixed;
}

/** "((a+b)*c)" -> "(a+b)*c" @param {string} text */
function bareText(text) {
  if (!text.startsWith("(")) return text;
  let depth = 0;
  for (let k = 0; k < text.length; k++) {
    depth += text[k] === "(" ? 1 : text[k] === ")" ? -1 : 0;
    if (depth === 0) return k === text.length - 1 ? text.slice(1, -1) : text;
  }
  return text;
}

/** @param {string[]} texts @returns {string} */
function summedText(texts) {
  if (texts.length < 2) return texts.length === 0 ? "0" : texts[0].includes(":") ? `SUM(${texts[0]})` : texts[0];
  if (texts.length <= 200) return `SUM(${texts.join(",")})`;
  const parts = [];
  for (let k = 0; k < texts.length; k += 200) parts.push(summedText(texts.slice(k, k + 200)));
  return summedText(parts);
}

/** @param {SheetArea[]} areas @param {string} a @param {string} b */
function productText(areas, a, b) {
  const [liesA, liesB] = areas.map((area) => onSheet(area)[0] === onSheet(area)[2]);
  if (!a.includes(":")) return `${a}*${b}`;
  if (liesA === liesB) return `SUMPRODUCT(${a},${b})`;
  return liesA ? `MMULT(${a},${b})` : `MMULT(${b},${a})`;
}

/** The spreadsheet's formula of cell (i, j), or "" for a given number. @param {SheetBlock} block @param {number} i @param {number} j */
export function formulaOf(block, i, j) {
  if (!block.how) return "";
  const areas = readsOf(block, i, j), fixed = block.how === "copy" ? [] : fixedParts(block);
  /** @param {SheetArea} area */
  const sheetOf = ({ block: { place } }) => (place[0] === block.place[0] ? "" : `${place[0]}!`);
  const texts = areas.map((area, k) => sheetOf(area) + addressOf(area, fixed[k]));
  if (block.how === "copy") return `=${summedText(texts)}`;
  if (block.how === "dot") return `=${productText(areas, texts[0], texts[1])}`;
  /** @type {Record<string, string>} */
  const place = { i: `${i}`, j: `${j}` };
  const text = /** @type {string} */ (block.excel).replace(/\{(\w+)\}/g, (_, k) => place[k] ?? texts[+k]);
  return `=${block.truth ? `IF(${bareText(text)},1,0)` : bareText(text)}`;
}

/**
 * Everything about one cell.
 * @param {ReturnType<typeof openSheet>} sheet @param {string} name @param {number} [i] row, or place in a vector @param {number} [j] column
 * @returns {SheetCell}
 */
export function cellOf(sheet, name, i = 0, j = 0) {
  const block = sheetBlock(sheet, name), rank = block.shape.length;
  const [row, column] = rank === 1 ? [0, i] : [i, j];
  if (!(row >= 0 && row < block.rows && column >= 0 && column < block.columns))
    throw new Error(`${name} has no cell (${i}, ${j}): its shape is ${block.shape.join(" × ")}`);
  return {
    name: rank ? `${name}[${[i, j].slice(0, rank).join(", ")}]` : name,
    at: `${block.place[0]}!${addressOf(oneCell(block, row, column))}`,
    line: block.line,
    formula: formulaOf(block, row, column),
    value: block.values[row * block.columns + column],
    reads: readsOf(block, row, column),
  };
}
