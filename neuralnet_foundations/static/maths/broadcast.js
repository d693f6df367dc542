// Broadcasting: the rule, what to say of a prediction, ways to mend a clash, and the cells of a drawn tensor.

/**
 * One axis, counted from the right as −1, −2, …; a, b: null where that shape has no such axis; out: null in a clash.
 * @typedef {{axis: number, a: number | null, b: number | null, out: number | null}} Axis
 */
/** @typedef {{which: "A" | "B", code: string, shape: number[], result: number[]}} Fix */
/** @typedef {{most_axes: number, largest: number}} Limits how many axes a shape may have, and how long they may be */
/** @typedef {{of: "A" | "B", shade: number}} Part one operand's share of a cell: how dark, in percent */
/**
 * A cell moves `from` where its number is `to` its own place.
 * @typedef {{from: number[], to: number[], copy: boolean, parts: Part[], number: number | null}} Cell
 */
/** @typedef {{axis: number, size: number, x: number, y: number, anchor: string}} Mark the size of an axis, beside it */
/** @typedef {{width: number, height: number, cell: number, corner: number[], cells: Cell[], marks: Mark[]}} Block */

const THEY_DO = "They do broadcast. Go from the right: in every pair the sizes are equal, or one of them is 1 or missing.";
export const MOST_CELLS = 6; // a longer axis is drawn with so many
export const MOST_DRAWN_AXES = 3;

/**
 * A shape from what a learner types: "5, 3", "(5, 3)", "[5]", "torch.Size([5, 3])", "()"; null where it is none.
 * @param {string} text @param {Limits} limits
 */
export function parseShape(text, { most_axes, largest }) {
  const written = text.trim().replace(/^torch\.Size\s*/, "");
  if (!written) return null;
  const inner = written.replace(/^[\s([]+|[\s)\]]+$/g, "");
  if (!inner) return [];
  const parts = inner.replace(/\s*,$/, "").split(/\s*[,x×]\s*|\s+/);
  const good = parts.length <= most_axes && parts.every((p) => /^\d{1,15}$/.test(p) && Number(p) <= largest);
  return good ? parts.map(Number) : null;
}

/** A shape as Python writes it: (5, 3), (3,), (). @param {number[]} shape */
export const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** What two sizes give; null in a clash. @param {number} x @param {number} y */
const sizeOf = (x, y) => (x === y || y === 1 ? x : x === 1 ? y : null);

/**
 * The rule, axis by axis, aligned from the right.
 * @param {number[]} a @param {number[]} b @returns {{result: number[] | null, axes: Axis[]}}
 */
export function broadcast(a, b) {
  const rank = Math.max(a.length, b.length);
  /** @type {Axis[]} */
  const axes = Array.from({ length: rank }, (_, i) => {
    const sizeA = a[a.length - rank + i] ?? null, sizeB = b[b.length - rank + i] ?? null;
    return { axis: i - rank, a: sizeA, b: sizeB, out: sizeOf(sizeA ?? 1, sizeB ?? 1) };
  });
  const sizes = axes.map((o) => o.out ?? -1);
  return { result: sizes.includes(-1) ? null : sizes, axes };
}

/** @param {number} axis */
export const axisName = (axis) => `axis −${-axis}`;

/** The rule that applied to one axis, in words. @param {Axis} axis */
export function rule({ a, b, out }) {
  const x = a ?? 1, y = b ?? 1;
  if (out === null) return `${x} against ${y}: they differ and neither is 1, so they clash.`;
  const missing = a === null ? "A" : b === null ? "B" : null;
  const start = missing ? `${missing} has no such axis, so it gets one of size 1` : "";
  if (x === y) return missing ? `${start}; the other is 1 too.` : `${x} and ${y}: the same, so nothing to do.`;
  const small = x === out ? "B" : "A", to = out === 0 ? "0, which leaves nothing" : out;
  return missing ? `${start}, and that 1 is stretched to ${to}.` : `${x} and ${y}: ${small}’s 1 is stretched to ${to}.`;
}

/** @param {string} text */
const wrong = (text) => ({ right: false, text });

/** @param {number} n */
const axesInWords = (n) => `${n} ${n === 1 ? "axis" : "axes"}`;

/**
 * What to say of a predicted shape where there is a result.
 * @param {number[]} guess @param {number[]} result @param {Axis[]} axes
 */
function judgeShape(guess, result, axes) {
  if (guess.length !== result.length) {
    const [wanted, given] = [result, guess].map((o) => axesInWords(o.length));
    return wrong(`The result has ${wanted}, as many as the longer of the two shapes. Yours has ${given}.`);
  }
  const i = axes.findLastIndex((o, k) => o.out !== guess[k]);
  if (i < 0) return { right: true, text: `Right: the result has shape ${shapeText(result)}.` };
  const { axis, a, b } = axes[i];
  return wrong(`Look at ${axisName(axis)}: ${a ?? "nothing"} and ${b ?? "nothing"} do not give ${guess[i]}.`);
}

/**
 * What to say of a prediction: whether it is right, and where it went wrong if not, without giving the rest away.
 * @param {number[] | string} guess a shape, or any text for "it does not work" @param {number[]} a @param {number[]} b
 */
export function verdict(guess, a, b) {
  const { result, axes } = broadcast(a, b), clash = axes.findLast((o) => o.out === null);
  if (typeof guess === "string" && clash) return { right: true, text: "Right: these two shapes do not broadcast." };
  if (typeof guess === "string") return wrong(THEY_DO);
  if (clash) return wrong(`There is no result. Look at ${axisName(clash.axis)}: ${rule(clash)}`);
  return judgeShape(guess, result ?? [], axes);
}

/**
 * Every way to give a shape new axes of size 1, standing together, until it has `rank`.
 * @param {number[]} own @param {number} rank
 */
function withNewAxes(own, rank) {
  const ways = [];
  for (let more = 1; own.length + more <= rank; more++) for (let after = own.length; after > 0; after--) {
    const code = `[${":, ".repeat(after)}${Array(more).fill("None").join(", ")}]`;
    ways.push({ code, shape: [...own.slice(0, after), ...Array(more).fill(1), ...own.slice(after)] });
  }
  return ways;
}

/** @param {number[]} own */
const transposed = (own) => (own.length === 2 ? [{ code: ".T", shape: own.toReversed() }] : []);

/**
 * Those of some ways to change one shape that make it fit the other.
 * @param {{which: "A" | "B", other: number[]}} one @param {{code: string, shape: number[]}[]} ways @returns {Fix[]}
 */
function fitting({ which, other }, ways) {
  return ways.flatMap(({ code, shape }) => {
    const { result } = broadcast(shape, other);
    return result ? [{ which, code: which.toLowerCase() + code, shape, result }] : [];
  });
}

/**
 * Two ways at most to mend a clash: new axes of size 1, or a transpose.
 * @param {number[]} a @param {number[]} b @returns {Fix[]}
 */
export function fixes(a, b) {
  if (broadcast(a, b).result) return [];
  /** @type {{which: "A" | "B", own: number[], other: number[]}[]} */
  const both = [{ which: "A", own: a, other: b }, { which: "B", own: b, other: a }];
  const shorterFirst = a.length <= b.length ? both : both.toReversed(), rank = Math.max(a.length, b.length, 2);
  const turned = shorterFirst.toReversed().flatMap((o) => fitting(o, transposed(o.own)));
  const grown = shorterFirst.flatMap((o) => fitting(o, withNewAxes(o.own, rank)));
  return (a.length === b.length ? [...turned, ...grown] : [...grown, ...turned]).slice(0, 2);
}

/** How many cells stand for an axis of n. @param {number} n */
const drawn = (n) => Math.min(n, MOST_CELLS);

/** Three axes of a shape of up to three, the missing ones of size 1. @param {number[]} shape */
const asThree = (shape) => [...Array(MOST_DRAWN_AXES - shape.length).fill(1), ...shape];

/**
 * Which of its own numbers a tensor of the sizes `own` has at a place, counted from 0.
 * @param {number[]} own @param {number[]} place
 */
function indexAt(own, place) {
  const [k, i, j] = place.map((p, d) => Math.min(p, own[d] - 1));
  return (k * own[1] + i) * own[2] + j;
}

/** How dark number `index` of a tensor is, in percent. @param {number[]} own @param {number} index */
function shadeOf(own, index) {
  const n = own[0] * own[1] * own[2];
  return n > 1 ? Math.round(14 + (40 * index) / (n - 1)) : 36;
}

/** Sizes in pixels of a drawn tensor. @param {number[]} counts sheets, rows, columns @param {number} rank */
function measures([sheets, rows, cols], rank) {
  const big = Math.max(rows, cols) > 4, cell = !big ? 32 : rank > 2 ? 22 : 26, [dx, dy] = big ? [10, 9] : [13, 11];
  const deep = rank > 2 ? Math.max(sheets, 1) - 1 : 0, left = rank > 1 ? 26 : 4, top = deep * dy + 4;
  const wide = Math.max(cols, 1) * cell, tall = Math.max(rows, 1) * cell;
  const width = left + wide + (rank > 2 ? deep * dx + 28 : 4), height = top + tall + (rank > 0 ? 22 : 4);
  return { cell, dx, dy, left, top, wide, tall, width, height, deep };
}

/**
 * The sizes of the axes, written beside a drawn tensor.
 * @param {number[]} full @param {ReturnType<typeof measures>} m @returns {Mark[]}
 */
function marksOf(full, { cell, dx, dy, left, top, wide, tall, height, deep }) {
  const all = [
    { axis: -1, x: left + wide / 2, y: height - 5, anchor: "middle" },
    { axis: -2, x: left - 8, y: top + tall / 2 + 4, anchor: "end" },
    { axis: -3, x: left + wide + deep * dx + 6, y: top + tall - (deep * dy) / 2 - cell / 2, anchor: "start" },
  ];
  return all.slice(0, full.length).map((o) => ({ ...o, size: full[full.length + o.axis] }));
}

/** Every place of a drawn tensor, the sheets at the back first. @param {number[]} counts */
function placesOf([sheets, rows, cols]) {
  /** @type {(_: unknown, e: number) => number[]} */
  const place = (_, e) => [sheets - 1 - Math.floor(e / (rows * cols)), Math.floor(e / cols) % rows, e % cols];
  return Array.from({ length: sheets * rows * cols }, place);
}

/**
 * One cell of a drawn tensor; a sum has numbers of its own everywhere.
 * @param {number[]} place @param {{of: "A" | "B", own: number[]}[]} operands
 * @param {(place: number[]) => number[]} corner of the cell at a place @param {boolean} numbered @returns {Cell}
 */
function cellAt(place, operands, corner, numbered) {
  const parts = operands.map(({ of, own }) => ({ of, own, index: indexAt(own, place) }));
  const [{ own }] = operands, alone = operands.length === 1;
  const sum = parts.reduce((total, { of, index }) => total + (index + 1) * (of === "A" ? 10 : 1), 0);
  return {
    from: corner(alone ? place.map((p, d) => (own[d] === 1 ? 0 : p)) : place), to: corner(place),
    copy: alone && place.some((p, d) => p >= own[d]),
    parts: parts.map((o) => ({ of: o.of, shade: shadeOf(o.own, o.index) })),
    number: numbered && place[0] === 0 ? sum : null,
  };
}

/**
 * A tensor as a grid, or a stack of grids, stretched to the shape `full`; A holds 10, 20, 30, …, B 1, 2, 3, …
 * @param {{of: "A" | "B", shape: number[]}[]} operands one, or both for their sum
 * @param {number[]} full @param {boolean} numbered @returns {Block}
 */
export function blockOf(operands, full, numbered) {
  const counts = asThree(full).map(drawn), m = measures(counts, full.length);
  const small = operands.map(({ of, shape }) => ({ of, own: asThree(shape).map(drawn) }));
  /** @type {(place: number[]) => number[]} */
  const corner = ([k, i, j]) => [m.left + j * m.cell + k * m.dx, m.top + i * m.cell - k * m.dy];
  const cells = placesOf(counts).map((place) => cellAt(place, small, corner, numbered));
  return { width: m.width, height: m.height, cell: m.cell, corner: [m.left, m.top], cells, marks: marksOf(full, m) };
}
