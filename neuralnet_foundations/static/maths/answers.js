// Judging an answer, and when to ask again: the same as in the notebook `tools/questions`, number by number.

/** @typedef {(number | null)[] | string | null} Given */
/** @typedef {{ok: boolean | null, says: string}} Reply ok: null where nothing was answered */
/** @typedef {Record<string, string>} Says the sentences that Python and the page share */
/** @typedef {{given: Given, said: Given, hints: number, shown: boolean, tries: number, draw: number, box: number,
 *   due: number}} Card */
/** @typedef {Record<string, any> & {id: string, kind: string}} Version a question with its numbers */
/** @typedef {{notebook: string, anchor: string}} Place of a question in the course */

const LIFTED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻";
const YOURSELF = ["code", "think"];

/** A typed text with plain signs and spaces, in small letters. @param {string} text */
function tidy(text) {
  const flat = text.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+/g,
    (m) => "^" + [...m].map((c) => "0123456789-"[LIFTED.indexOf(c)]).join(""));
  return flat.replace(/[\u00a0\u2009\u202f\t\n]/g, " ").replace(/[−–]/g, "-").trim().toLowerCase();
}

/** What a number without fraction, percent and unit may mean. @param {string} token @returns {number[]} */
function plainNumbers(token) {
  const m = token.match(/^([+-]?)([\d.,]+)(?:e([+-]?\d{1,3}))?(?:[x*·×]10\^([+-]?\d{1,3}))?$/);
  if (!m) return [];
  const [, sign, digits] = m, power = Number(m[3] ?? 0) + Number(m[4] ?? 0);
  const forms = /^(\d+\.?\d*|\.\d+)$/.test(digits) ? [digits] : [];
  if (/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(digits)) forms.push(digits.replaceAll(",", ""));
  if (/^\d*,\d+$/.test(digits)) forms.push(digits.replace(",", "."));
  return forms.map((form) => Number(`${sign}${form}e${power}`)).filter(Number.isFinite);
}

/** All numbers that a text may mean; none where it is no number. @param {string} given @param {string[]} units */
export function numbersIn(given, units) {
  let text = tidy(given).replace(/^[≈~=]\s*/, "");
  const unit = units.map((u) => u.toLowerCase()).find((u) => text.endsWith(u) && text !== u) ?? "";
  text = text.slice(0, text.length - unit.length).trim();
  const percent = text.match(/\s*(%|percent)$/);
  if (percent) text = text.slice(0, percent.index);
  text = text.replace(/(?<=\d)[ _](?=\d{3}(?!\d))/g, "");
  const parts = text.split("/").map((part) => plainNumbers(part.trim().replace(/\s*([x*·×^])\s*/g, "$1")));
  if (parts.length > 2) return [];
  const [above, below] = parts;
  const values = below ? above.flatMap((a) => below.filter((b) => b !== 0).map((b) => a / b)) : above;
  return percent ? values.map((v) => v / 100) : values;
}

/** The lengths of a shape; null where it is none. @param {string} given @returns {number[] | null} */
export function lengthsIn(given) {
  const text = tidy(given).replace(/^torch\.size/, "");
  if (!/^[\d\s,x×()[\]]+$/.test(text) || !/\d|\(\s*\)|\[\s*\]/.test(text)) return null;
  return (text.match(/\d+/g) ?? []).map(Number);
}

/** A word without capitals, hyphens, spaces and brackets. @param {string} text */
const plainWord = (text) => tidy(text).replace(/[\s\-_`'"().]/g, "");

/** @param {number} v @param {number} target @param {number} within */
const isNear = (v, target, within) => Math.abs(v - target) <= within + 1e-9 * Math.max(1, Math.abs(target));

/** @type {(ok: boolean | null, says: string) => Reply} */
const reply = (ok, says) => ({ ok, says });

/** @typedef {(q: Version, given: any, says: Says) => Reply} Judge */

/** @type {Judge} */
function judgeChoice(q, given, says) {
  if (!given?.length) return reply(null, says.empty);
  const wrong = given.find((/** @type {number} */ i) => !q.choices[i].right);
  if (wrong !== undefined) return reply(false, q.choices[wrong].says);
  const all = q.choices.filter((/** @type {{right: boolean}} */ c) => c.right).length;
  if (given.length < all) return reply(false, says.missing);
  return reply(true, q.kind === "choice" ? q.choices[given[0]].says : says.all);
}

/** @type {Judge} */
function judgeNumber(q, given, says) {
  if (!given?.trim()) return reply(null, says.empty);
  const values = numbersIn(given, q.units);
  if (!values.length) return reply(null, says.no_number);
  const near = (/** @type {number} */ target) => values.some((v) => isNear(v, target, q.within));
  if (near(q.answer)) return reply(true, says.right);
  const known = q.wrong.find((/** @type {{value: number}} */ w) => near(w.value));
  return reply(false, known?.says ?? (near(-q.answer) ? says.sign : says.other));
}

/** @param {number[]} a @param {number[]} b */
const sameLengths = (a, b) => a.length === b.length && a.every((n, i) => n === b[i]);

/** @type {Judge} */
function judgeShape(q, given, says) {
  if (!given?.trim()) return reply(null, says.empty);
  const lengths = lengthsIn(given);
  if (!lengths) return reply(null, says.no_shape);
  if (sameLengths(lengths, q.answer)) return reply(true, says.right);
  const known = q.wrong.find((/** @type {{value: number[]}} */ w) => sameLengths(lengths, w.value));
  return reply(false, known?.says ?? says.other);
}

/** @type {Judge} */
function judgeWord(q, given, says) {
  const word = plainWord(given ?? ""), isOne = (/** @type {string[]} */ forms) => forms.map(plainWord).includes(word);
  if (!word) return reply(null, says.empty);
  if (isOne(q.answer)) return reply(true, says.right);
  return reply(false, q.wrong.find((/** @type {{value: string[]}} */ w) => isOne(w.value))?.says ?? says.other);
}

/** @type {Judge} */
function judgeOrder(q, given, says) {
  if (given === null) return reply(null, says.empty);
  const place = (/** @type {number} */ step) => given.indexOf(step);
  for (let k = 1; k < given.length; k++) if (place(k) < place(k - 1)) return reply(false, q.steps[k].says);
  return reply(true, says.right);
}

/** @type {Judge} */
function judgeMatch(q, given, says) {
  if (given === null || given.includes(null)) return reply(null, says.some);
  const wrong = given.findIndex((/** @type {number} */ right, /** @type {number} */ i) => right !== i);
  return wrong < 0 ? reply(true, says.right) : reply(false, `${q.pairs[wrong].left}: ${q.pairs[wrong].says}`);
}

/** @param {Version} q @param {number[]} given @param {number[]} heights */
const liesOn = ({ within }, given, heights) => given.every((v, i) => isNear(v, heights[i], within));

/** @type {Judge} */
function judgeDrawn(q, given, says) {
  if (!given?.length) return reply(null, says.empty);
  if (liesOn(q, given, q.answer)) return reply(true, says.right);
  const known = q.wrong.find((/** @type {{value: number[]}} */ w) => liesOn(q, given, w.value));
  const off = given.findIndex((/** @type {number} */ v, /** @type {number} */ i) => !isNear(v, q.answer[i], q.within));
  const told = says[given[off] > q.answer[off] ? "high" : "low"].replace("{x}", String(q.xs[off]));
  return reply(false, known?.says ?? told);
}

/** @type {Judge} */
function judgeYourself(_q, given, says) {
  if (given !== "yes" && given !== "no") return reply(null, says.empty);
  return given === "yes" ? reply(true, says.right) : reply(false, says.other);
}

/** @type {Record<string, Judge>} */
const JUDGES = { choice: judgeChoice, several: judgeChoice, number: judgeNumber, shape: judgeShape, word: judgeWord,
  order: judgeOrder, match: judgeMatch, drawn: judgeDrawn, code: judgeYourself, think: judgeYourself };

/** The reply to an answer. @param {Version} q @param {Given} given @param {Says} says */
export const judgedAnswer = (q, given, says) => JUDGES[q.kind](q, given ?? null, says);

/** Only the reader can judge these. @param {string} kind */
export const isForYourself = (kind) => YOURSELF.includes(kind);

/** Where a card goes once it was answered. @param {number} box @param {boolean} known @param {number} today
 * @param {number[]} days @returns {[number, number]} compartment, and the day on which to ask again */
export function movedCard(box, known, today, days) {
  const to = known ? Math.min(Math.max(box, 1) + 1, days.length - 1) : 1;
  return [to, today + days[to]];
}

/**
 * The card after an answer: the first try decides when to ask again. What is not answered is no try, and what is known
 * before it is due stays.
 * @param {Version} q @param {Card} card @param {Given} given
 * @param {{says: Says, days: number[], today: number}} o @returns {Card}
 */
export function checkedCard(q, card, given, { says, days, today }) {
  const { ok } = judgedAnswer(q, given, says);
  if (ok === null) return { ...card, said: given };
  const known = ok && (isForYourself(q.kind) || !card.shown);
  const stays = card.tries > 0 || (known && card.box > 0 && card.due > today);
  const [box, due] = stays ? [card.box, card.due] : movedCard(card.box, known, today, days);
  return { ...card, said: given, tries: card.tries + 1, box, due };
}

/** The card once its answer was shown: that counts as missed, if nothing was tried before.
 * @param {Version} q @param {Card} card @param {{days: number[], today: number}} o @returns {Card} */
export function shownCard(q, card, { days, today }) {
  if (card.tries || isForYourself(q.kind)) return { ...card, shown: true };
  const [box, due] = movedCard(card.box, false, today, days);
  return { ...card, shown: true, tries: 1, box, due };
}

/** The ids to ask again, those in the lowest compartments first. @param {Record<string, Card>} cards @param {number} today */
export function dueIds(cards, today) {
  const late = Object.keys(cards).filter((id) => cards[id].box > 0 && cards[id].due <= today);
  return late.sort((a, b) => cards[a].box - cards[b].box || cards[a].due - cards[b].due);
}

/** The day by this computer's calendar, counted from 1 January 1970. @param {number} now ms @param {number} offset min */
export const dayNumber = (now, offset) => Math.floor((now - offset * 60_000) / 86_400_000);

/**
 * Where a question's lesson is to be read; null where nobody knows.
 * @param {Place} q @param {{root?: string, path: string}} o `root`: the site's, seen from this page; `path` of the page
 */
export function lessonAddress({ notebook, anchor }, { root, path }) {
  if (root !== undefined) return `${root}${notebook.replace(/^\d+[a-z]?_/, "").replace(/\.ipynb$/, ".html")}#${anchor}`;
  const lab = path.match(/^(.*\/tree\/)(.*)$/);
  if (!lab) return null;
  const folder = lab[2].replace(/[^/]*$/, "").replace(/(^|\/)(explorers|tools)\/$/, "$1");
  return `${lab[1]}${folder}${notebook}`;
}
