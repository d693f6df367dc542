// The ways to answer a question. Each is {node, set}: `set` shows what is given, and marks it once it was checked.
import { h, listen, say } from "../shared/dom.js";
import { sortable } from "../shared/sortable.js";
import { drawing } from "./quiz_drawn.js";
import { paragraphs, rich, spoken } from "./quiz_text.js";

/** @typedef {import("../maths/answers.js").Card} Card */
/** @typedef {import("../maths/answers.js").Version} Version */
/** @typedef {(given: any) => void} Give */
/** @typedef {{node: HTMLElement, set: (card: Card, open: boolean) => void}} Answering */
/** @typedef {{give: Give, submit: () => void, letters: number, life: import("../shared/dom.js").Life}} Hand */

const LETTERS = "ABCDEFGHIJ";
const MARKS = { right: "✓ ", wrong: "✗ ", "": "" };

/** Radio buttons that belong together have a name of their own in each view. */
const ownName = () => `quiz-${Math.random().toString(36).slice(2)}`;

/** @param {{text: string, right: boolean, says: string}} choice @param {number} i */
function choiceRow(choice, i, /** @type {string} */ type, /** @type {string} */ name) {
  const input = h("input", { type, name, "data-choice": i });
  const mark = h("b", { class: "nnf-quiz-mark" }), says = h("p", { class: "nnf-quiz-says" }, rich(choice.says));
  const text = h("span", null, mark, rich(choice.text));
  const label = h("label", { class: "nnf-quiz-choice" }, input, h("span", { class: "nnf-label", text: LETTERS[i] }),
    text);
  return { node: h("div", { class: "nnf-quiz-row" }, label, says), input, mark, says, choice };
}

/** @param {Version} q @param {Hand} hand @returns {Answering} */
function choices(q, { give }) {
  const type = q.kind === "choice" ? "radio" : "checkbox", name = ownName();
  const rows = q.choices.map((/** @type {any} */ c, /** @type {number} */ i) => choiceRow(c, i, type, name));
  const taken = () => rows.flatMap((/** @type {any} */ r, /** @type {number} */ i) => (r.input.checked ? [i] : []));
  for (const { input } of rows) listen(input, "change", () => give(taken()));
  const node = h("div", { class: "nnf-stack nnf-tight", role: type === "radio" ? "radiogroup" : "group",
    "aria-label": "Answers" }, rows.map((/** @type {any} */ r) => r.node));
  /** @type {Answering["set"]} */
  function set(card, open) {
    const given = /** @type {number[]} */ (card.given ?? []), said = /** @type {number[]} */ (card.said ?? []);
    rows.forEach((/** @type {any} */ { node: row, input, mark, says, choice }, /** @type {number} */ i) => {
      const seen = open || said.includes(i), kind = seen ? (choice.right ? "right" : "wrong") : "";
      const told = open || (seen && q.kind === "several");
      if (input.checked !== given.includes(i)) input.checked = given.includes(i);
      row.dataset.mark = kind;
      say(mark, MARKS[kind]);
      says.hidden = !told;
    });
  }
  return { node, set };
}

/** @param {Version} q @param {Hand} hand @returns {Answering} */
function typed(q, { give, submit, letters }) {
  const input = h("input", { type: "text", class: "nnf-quiz-typed", "data-action": "given", maxlength: letters,
    autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": "Your answer" });
  listen(input, "input", () => give(input.value));
  listen(input, "keydown", (e) => { if (e.key === "Enter") submit(); });
  const unit = q.units?.length ? h("span", { class: "nnf-label", text: q.units[0] }) : null;
  const set = (/** @type {Card} */ { given }) => {
    if (input.value !== (given ?? "")) input.value = String(given ?? ""); };
  return { node: h("div", { class: "nnf-bar" }, input, unit), set };
}

/** @param {Version} q @param {Hand} hand @returns {Answering} */
function written(q, { give, letters }) {
  const label = q.kind === "code" ? "Your Python" : "Your words, for yourself alone";
  const area = h("textarea", { class: "nnf-quiz-written", rows: q.kind === "code" ? 4 : 3, maxlength: letters,
    spellcheck: q.kind === "code" ? "false" : null, "data-action": "given", "data-kind": q.kind, "aria-label": label,
    placeholder: label });
  listen(area, "input", () => give(area.value));
  return { node: area, set: ({ given }) => { if (area.value !== (given ?? "")) area.value = String(given ?? ""); } };
}

/** @param {Version} q @param {Hand} hand @returns {Answering} */
function ordering(q, { give }) {
  const items = q.steps.map((/** @type {{text: string}} */ { text }) => ({ content: h("span", null, rich(text)),
    name: spoken(text) }));
  const list = sortable(items, give);
  return { node: list.node, set: ({ given }) => list.set(/** @type {number[]} */ (given ?? q.shown)) };
}

/** @param {Version} q @param {Hand} hand @returns {Answering} */
function matching(q, { give }) {
  const open = h("option", { value: "", text: "Choose …" });
  const options = () => [open.cloneNode(true), ...q.shown.map((/** @type {number} */ i) =>
    h("option", { value: i, text: spoken(q.pairs[i].right) }))];
  const rows = q.pairs.map((/** @type {{left: string, says: string}} */ pair, /** @type {number} */ i) => {
    const select = h("select", { "data-action": "partner", "aria-label": `Partner of ${spoken(pair.left)}` },
      options());
    const says = h("p", { class: "nnf-quiz-says" }, rich(pair.says));
    const node = h("div", { class: "nnf-quiz-row" }, h("div", { class: "nnf-quiz-pair" },
      h("span", null, rich(pair.left)),
      select), says);
    return { node, select, says, right: i };
  });
  const partners = () => rows.map((/** @type {any} */ { select }) => (select.value === "" ? null
    : Number(select.value)));
  for (const { select } of rows) listen(select, "change", () => give(partners()));
  /** @type {Answering["set"]} */
  function set(card, all) {
    const given = /** @type {(number | null)[]} */ (card.given ?? []), said = /** @type {(number | null)[]} */ (card.said ?? []);
    const judged = all || (said.length > 0 && !said.includes(null));
    rows.forEach((/** @type {any} */ { node: row, select, says, right }, /** @type {number} */ i) => {
      select.value = String(given[i] ?? "");
      row.dataset.mark = judged && said.length ? (said[i] === right ? "right" : "wrong") : "";
      says.hidden = !all;
    });
  }
  return { node: h("div", { class: "nnf-stack nnf-tight" }, rows.map((/** @type {any} */ r) => r.node)), set };
}

/** @type {Record<string, (q: Version, hand: Hand) => Answering>} */
const WAYS = { choice: choices, several: choices, number: typed, shape: typed, word: typed, code: written,
  think: written,
  order: ordering, match: matching, drawn: drawing };

/** A way to answer. @param {Version} q @param {Hand} hand */
export const answering = (q, hand) => WAYS[q.kind](q, hand);

/** @param {number[]} lengths */
const asShape = (lengths) => `(${lengths.join(", ")}${lengths.length === 1 ? "," : ""})`;

/** The right answer, for reading; nothing where the marks say it. @param {Version} q @returns {Node[]} */
export function rightAnswer(q) {
  const line = (/** @type {string} */ text) => [h("p", null, h("b", { text: "Answer: " }), rich(text))];
  if (q.kind === "number") return line(`${Number(q.answer.toPrecision(6))} ${q.units[0] ?? ""}`.trim());
  if (q.kind === "shape") return line(asShape(q.answer));
  if (q.kind === "word") return line(q.answer[0]);
  if (q.kind === "drawn") return line(q.xs.map((/** @type {number} */ x, /** @type {number} */ i) =>
    `${q.answer[i]} at ${x}`).join(", "));
  if (q.kind === "order") return [h("ol", null,
    q.steps.map((/** @type {{text: string}} */ o) => h("li", null, rich(o.text))))];
  if (q.kind === "match") return [h("ul", null, q.pairs.map((/** @type {{left: string, right: string}} */ o) =>
    h("li", null, rich(o.left), ": ", rich(o.right))))];
  return q.kind === "think" ? [h("div", { class: "nnf-quiz-model" }, paragraphs(q.answer))] : [];
}
