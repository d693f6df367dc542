// Which cells no parameter moves any more, because a ReLU before them is asleep. No DOM.
import { readsOf } from "./sheet.js";

/** @typedef {import("./sheet.js").SheetBlock} SheetBlock */
/** @typedef {import("./sheet.js").SheetArea} SheetArea */
/** @typedef {ReturnType<typeof import("./sheet.js").openSheet>} OpenedSheet */

// What a cell can be: data and what is made of data alone, moved by a parameter, or cut off from all of them
const GIVEN = 1, AWAKE = 2, ASLEEP = 3;
const CHOOSES = new Set(["maximum", "minimum", "at_least", "at_most", "at_least_tensor", "at_most_tensor", "where", "max", "min"]);
const JUMPS = new Set(["argmax", "argmin", "sign"]);
const TIMES = new Set(["mul", "div"]), POINTS = new Set(["pick", "rows"]);

/**
 * `at(block, k)`: is this cell asleep, for the values that the sheet has now? `forget()` after they have changed.
 * @param {OpenedSheet} sheet
 */
export function sleepersOf(sheet) {
  const states = new Map(sheet.blocks.map((block) => [block, new Uint8Array(block.values.length)]));

  const drowsy = behind(sheet.blocks, chooses);
  // The state of all others is the same whatever the values
  const changing = [...behind(sheet.blocks, (block) => chooses(block) || POINTS.has(block.how ?? ""))]
    .map((block) => /** @type {Uint8Array} */ (states.get(block)));

  /** @param {SheetBlock} block @param {number} k */
  function stateOf(block, k) {
    if (!block.how || block.role === "gradient") return block.role === "parameter" ? AWAKE : GIVEN;
    const known = /** @type {Uint8Array} */ (states.get(block));
    return known[k] ||= found(block, k);
  }
  /** Of several: one that is awake is enough. @param {Iterable<number>} all */
  function together(all) {
    let state = GIVEN;
    for (const one of all) {
      if (one === AWAKE) return AWAKE;
      if (one === ASLEEP) state = ASLEEP;
    }
    return state;
  }
  /** @param {Iterable<[SheetBlock, number]>} cells */
  function* statesOf(cells) { for (const cell of cells) yield stateOf(...cell); }
  /** A product with the zero of a sleeper is asleep. @param {[SheetBlock, number]} a @param {[SheetBlock, number]} b */
  function product(a, b) {
    const zero = [a, b].some(([block, k]) => block.values[k] === 0 && stateOf(block, k) === ASLEEP);
    return zero ? ASLEEP : together([stateOf(...a), stateOf(...b)]);
  }
  /** @param {[SheetBlock, number][]} left @param {[SheetBlock, number][]} right */
  function* products(left, right) { for (const [m, a] of left.entries()) yield product(a, right[m]); }
  /** The one that was chosen counts. @param {[SheetBlock, number][]} cells @param {number} value */
  function chosen(cells, value) {
    const awake = cells.some(([block, k]) => block.values[k] === value && stateOf(block, k) === AWAKE);
    return awake ? AWAKE : cells.some((cell) => stateOf(...cell) !== GIVEN) ? ASLEEP : GIVEN;
  }
  /** What a ReLU makes of its input's state. @param {SheetBlock} block @param {number} k @param {number} before */
  function passed(block, k, before) { return before === AWAKE && !block.values[k] ? ASLEEP : before; }
  /** @param {SheetBlock} block @param {number} k @returns {number} */
  function found(block, k) {
    const i = Math.floor(k / block.columns), j = k % block.columns, op = block.op ?? "";
    if (block.truth || JUMPS.has(op)) return GIVEN;
    if (op === "relu") return passed(block, k, stateOf(...sourceOf(block, i, j)));
    if (POINTS.has(block.how ?? "")) return stateOf(...picked(block, k));
    const areas = readsOf(block, i, j);
    const multiplies = block.how === "dot" || (TIMES.has(op) && areas.length === 2);
    if (multiplies) return together(products([...cellsIn(areas[0])], [...cellsIn(areas[1])]));
    if (CHOOSES.has(op)) return chosen([...cellsIn(...areas)], block.values[k]);
    return together(statesOf(cellsIn(...areas)));
  }
  return {
    /** @param {SheetBlock} block @param {number} k */
    at: (block, k) => drowsy.has(block) && stateOf(block, k) === ASLEEP,
    forget() { for (const known of changing) known.fill(0); },
  };
}

/** A ReLU, or another choice: only what it stands in or before sleeps. @param {SheetBlock} block */
const chooses = ({ op = "" }) => op === "relu" || CHOOSES.has(op);

/** Certain blocks, and all that read them. @param {SheetBlock[]} blocks @param {(block: SheetBlock) => boolean} begins */
function behind(blocks, begins) {
  const out = /** @type {Set<SheetBlock>} */ (new Set());
  for (const block of blocks) if (begins(block) || block.from.some((other) => out.has(other))) out.add(block);
  return out;
}

/** The cells of areas, row by row. @param {SheetArea[]} areas @returns {Generator<[SheetBlock, number]>} */
function* cellsIn(...areas) {
  for (const { block, top, left, bottom, right } of areas) {
    for (let i = top; i <= bottom; i++) for (let j = left; j <= right; j++) yield [block, i * block.columns + j];
  }
}

/**
 * The cell that an operation of one input reads.
 * @param {SheetBlock} block @param {number} i @param {number} j @returns {[SheetBlock, number]}
 */
function sourceOf(block, i, j) {
  const [{ block: other, top, left }] = readsOf(block, i, j);
  return [other, top * other.columns + left];
}

/** The cell that an index points to. @param {SheetBlock} block @param {number} k @returns {[SheetBlock, number]} */
function picked(block, k) {
  const [x, index] = block.from, wide = x.shape.length === 2 ? x.columns : 1;
  if (block.how === "pick") return [x, k * x.columns + index.values[k]];
  return [x, index.values[Math.floor(k / wide)] * wide + (k % wide)];
}
