// Numbers out of pasted text: a spreadsheet's cells, CSV, or columns with spaces between them. Text in, numbers out.

const LONGEST = 2_000_000; // characters
const NAMED = 5; // refused lines that a reply names
const LABEL = 60; // characters of a column's name

/** What stands between two cells; of those that read as many lines, the first counts. */
const SEPARATORS = { tab: /\t/, semicolon: /;/, "comma and space": /,[ \t]+/, comma: /,/, space: /[ \t]+/ };
const MISSING = /^(nan|[+-]?inf(inity)?|na|n\/a|null|none|#n\/a|#wert!|#value!|[-–—.]+)$/i;
const MINUS = /^[\u2212\u2012\u2013]/;
const BETWEEN = "[ \\u00a0\\u2007\\u2009\\u202f'’"; // thousands may stand apart by these, or by the other sign

/** A number, and a unit behind it, with this decimal sign. @param {"." | ","} sign */
function pattern(sign) {
  const mark = `[${sign}]`, group = `${BETWEEN}${sign === "." ? "," : "."}]`;
  const whole = `(?<grouped>\\d{1,3}(?:${group}\\d{3})+)|\\d+`, power = "(?:e[+-]?\\d+)?";
  const number = `(?<number>[+-]?(?:(?:${whole})(?:${mark}\\d*)?|${mark}\\d+)${power})`;
  return new RegExp(`^${number}\\s*(?<unit>[%°\\p{L}\\p{Sc}][^\\d]{0,15})?$`, "iu");
}
const PATTERNS = { ".": pattern("."), ",": pattern(",") };

/**
 * @typedef {"." | ","} Sign
 * @typedef {{value: number, grouped: boolean, unit: string}} Cell
 * @typedef {{line: number, cells: string[]}} Row
 * @typedef {{separator: RegExp, sign: Sign, good: number, grouped: number}} Reading
 * @typedef {{line: number, why: string}} Refused
 * @typedef {{columns: Float64Array[], names: string[] | null, refused: Refused[], sign: Sign | "", example: string,
 *   unused: number, problem: string}} Table `sign` is the decimal sign where numbers have one, `example` a number that
 *   could be read in two ways, `unused` how many more columns there are; with a `problem` no number is taken
 */

/** The number in a cell, or why there is none. @param {string} text @param {Sign} sign @returns {Cell | string} */
function cellOf(text, sign) {
  if (!text) return "a cell is empty";
  if (MISSING.test(text)) return `“${text}” is not a finite number`;
  const found = PATTERNS[sign].exec(text.replace(MINUS, "-"))?.groups;
  if (!found) return `“${text.slice(0, 30)}” is no number`;
  const digits = found.number.replace(sign === "." ? /[^\d.e+-]/gi : /[^\d,e+-]/gi, "").replace(",", ".");
  const value = Number(digits);
  return Number.isFinite(value) ? { value, grouped: Boolean(found.grouped), unit: (found.unit ?? "").trim() }
    : `“${text.slice(0, 30)}” is too large`;
}

/** Cells of a line in which some are quoted, as CSV quotes them. @param {string} line @param {RegExp} separator */
function quotedCells(line, separator) {
  const cells = [], token = new RegExp(`\\s*"((?:[^"]|"")*)"\\s*(?=${separator.source}|$)|`, "y");
  let rest = line;
  while (true) {
    token.lastIndex = 0;
    const found = token.exec(rest), quoted = found?.[1] !== undefined;
    const behind = quoted ? rest.slice(token.lastIndex) : rest, at = behind.search(separator);
    const plain = at < 0 ? behind : behind.slice(0, at);
    cells.push(quoted ? found[1].replaceAll('""', '"') : plain);
    if (at < 0) return cells;
    rest = behind.slice(at).replace(separator, "");
  }
}

/** @param {string} line @param {RegExp} separator */
function cellsOf(line, separator) {
  const text = separator === SEPARATORS.space ? line.trim() : line;
  return (text.includes('"') ? quotedCells(text, separator) : text.split(separator)).map((cell) => cell.trim());
}

/**
 * How well lines can be read this way: how many of them hold as many numbers as there should be columns.
 * @param {Row[]} lines each whole, as its one cell @param {RegExp} separator @param {Sign} sign @param {number} columns
 * @returns {Reading}
 */
function tried(lines, separator, sign, columns) {
  let good = 0, grouped = 0;
  for (const { cells: [line] } of lines) {
    if (!separator.test(line) && columns > 1) continue;
    const found = cellsOf(line, separator).slice(0, columns).map((cell) => cellOf(cell, sign));
    if (found.length < columns || found.some((cell) => typeof cell === "string")) continue;
    good++;
    for (const cell of found) if (typeof cell !== "string" && cell.grouped) grouped++;
  }
  return { separator, sign, good, grouped };
}

/**
 * The reading of most lines; of several, the one in which fewest signs stand between thousands.
 * @param {Reading[]} all
 */
const bestOf = (all) => all.reduce((best, one) =>
  (one.good > best.good || (one.good === best.good && one.grouped < best.grouped) ? one : best));

/**
 * The lines that hold something, without comments.
 * @param {string} text @returns {Row[]}
 */
const linesOf = (text) => text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)
  .map((line, i) => ({ line: i + 1, cells: [line] }))
  .filter(({ cells: [line] }) => line.trim() && !/^\s*#(?!n\/a|value|wert)/i.test(line));

/** The unit that most numbers of a column have. @param {Cell[]} cells */
function commonUnit(cells) {
  const counts = /** @type {Map<string, number>} */ (new Map());
  for (const { unit } of cells) counts.set(unit, (counts.get(unit) ?? 0) + 1);
  return [...counts].reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

/** A unit for reading. @param {string} unit */
const named = (unit) => (unit ? `“${unit}”` : "none");

/** Why a row cannot be taken; empty where it can. @param {(Cell | string)[]} cells @param {number} columns */
function whyNot(cells, columns) {
  const wrong = cells.find((cell) => typeof cell === "string");
  if (cells.length < columns) return cells.length === 1 ? "only one cell" : `only ${cells.length} cells`;
  return typeof wrong === "string" ? wrong : "";
}

/** Is this row the columns' names? @param {string[]} cells @param {Sign} sign @param {number} columns */
const isHeader = (cells, sign, columns) => cells.length >= columns && cells.slice(0, columns).every((cell) =>
  cell && !MISSING.test(cell) && typeof cellOf(cell, sign) === "string");

/** A table of which nothing is taken. @param {string} problem @param {Refused[]} [refused] @returns {Table} */
const nothing = (problem, refused = []) =>
  ({ columns: [], names: null, refused, sign: "", example: "", unused: 0, problem });

/** What to say where no line holds enough numbers. @param {Row[]} lines @param {number} columns */
function noColumns(lines, columns) {
  const one = [tried(lines, /\n/, ".", 1), tried(lines, /\n/, ",", 1)].some(({ good }) => 2 * good > lines.length);
  const wanted = columns === 2 ? "two numbers, x and y" : `${columns} numbers`;
  if (!lines.length) return "There is nothing here: paste lines of numbers.";
  return one ? `There is one column: each line needs ${wanted}.`
    : `No line holds ${wanted}, such as “${["1.5", "2", "0.3"].slice(0, columns).join("; ")}”.`;
}

/**
 * A number whose sign may stand before decimals or between thousands.
 * @param {Row[]} rows @param {Sign} sign @param {number} columns
 */
function doubtful(rows, sign, columns) {
  const both = new RegExp(`^[+-]?[1-9]\\d{0,2}\\${sign}\\d{3}$`), other = sign === "." ? "," : ".";
  const cells = rows.flatMap((row) => row.cells.slice(0, columns)).map((cell) => cell.replace(MINUS, "-"));
  if (!cells.every((cell) => typeof cellOf(cell, other) !== "string")) return "";
  return cells.find((cell) => both.test(cell)) ?? "";
}

/**
 * Rows and what is wrong with the others, the header among neither.
 * @param {Row[]} rows split into cells @param {Sign} sign @param {number} columns
 */
function sorted(rows, sign, columns) {
  const read = rows.map(({ cells }) => cells.slice(0, columns).map((cell) => cellOf(cell, sign)));
  const why = read.map((cells) => whyNot(cells, columns)), first = why.indexOf("");
  const header = first > 0 && isHeader(rows[first - 1].cells, sign, columns) ? first - 1 : -1;
  const units = Array.from({ length: columns }, (_, j) =>
    commonUnit(read.filter((_row, i) => !why[i]).map((cells) => /** @type {Cell} */ (cells[j]))));
  read.forEach((cells, i) => {
    const j = why[i] ? -1 : cells.findIndex((cell, k) => /** @type {Cell} */ (cell).unit !== units[k]);
    if (j >= 0) why[i] = `its unit is ${named(/** @type {Cell} */ (cells[j]).unit)}, of the others ${named(units[j])}`;
  });
  const taken = /** @type {Cell[][]} */ (read.filter((_, i) => !why[i]));
  const refused = rows.map(({ line }, i) => ({ line, why: why[i] })).filter((one, i) => one.why && i !== header);
  return { header, taken, refused, good: rows.filter((_, i) => !why[i]) };
}

/**
 * The first columns of a text as numbers. Lines that hold none are refused one by one, with their numbers; where a
 * `problem` stands, nothing is taken.
 * @param {string} text @param {{columns?: number, least?: number, most?: number}} [o] how many columns, and how many
 *   rows there must and may be @returns {Table}
 */
export function readTable(text, { columns = 2, least = 2, most = 10_000 } = {}) {
  if (text.length > LONGEST) return nothing(`This is too long: ${LONGEST.toLocaleString("en")} characters at most.`);
  const lines = linesOf(text), signs = /** @type {Sign[]} */ ([".", ","]);
  const { separator, sign, good } = bestOf(Object.values(SEPARATORS).flatMap((one) =>
    signs.map((mark) => tried(lines, one, mark, columns))));
  if (!good) return nothing(noColumns(lines, columns));
  const rows = lines.map(({ line, cells }) => ({ line, cells: cellsOf(cells[0], separator) }));
  const found = sorted(rows, sign, columns), { taken, refused, header } = found, n = taken.length;
  if (n < least) {
    return nothing(`${n === 1 ? "One point" : `${n} points`} can be read: ${least} are needed at least.`, refused);
  }
  if (n > most) {
    return nothing(`${n.toLocaleString("en")} points: ${most.toLocaleString("en")} at most. Paste a part of them.`);
  }
  const names = header < 0 || rows[header].cells.length > found.good[0].cells.length ? null
    : rows[header].cells.slice(0, columns).map((name) => name.slice(0, LABEL));
  const marked = found.good.some((row) => row.cells.slice(0, columns).some((cell) => cell.includes(sign)));
  return { columns: Array.from({ length: columns }, (_, j) => Float64Array.from(taken, (cells) => cells[j].value)),
    names, refused, sign: marked ? sign : "", example: doubtful(found.good, sign, columns),
    unused: found.good[0].cells.filter(Boolean).length - columns, problem: "" };
}

/** The refused lines, the first of them by number. @param {Refused[]} refused */
function leftOut(refused) {
  if (!refused.length) return "";
  const told = refused.slice(0, NAMED).map(({ line, why }) => `line ${line} (${why})`).join(", ");
  const more = refused.length > NAMED ? ` and ${(refused.length - NAMED).toLocaleString("en")} more` : "";
  return `Left out: ${told}${more}.`;
}

/** What a reader is told of a table. @param {Table} table */
export function tableReply({ columns, names, refused, sign, example, unused, problem }) {
  if (problem) return [problem, leftOut(refused)].filter(Boolean).join(" ");
  const signs = { ",": "The comma is the decimal sign", ".": "The point is the decimal sign" };
  const sentences = [`${columns[0].length.toLocaleString("en")} points${names ? `: ${names.join(", ")}` : ""}.`,
    example ? `${signs[/** @type {Sign} */ (sign)]}: ${example} is less than 1000.` : sign === "," ? `${signs[","]}.` : "",
    unused > 0 ? `Only the first ${columns.length} columns are used.` : "", leftOut(refused)];
  return sentences.filter(Boolean).join(" ");
}
