// Somebody's own points in place of the lesson's: a button, and below it a place to paste columns of numbers.
import { readTable, tableReply } from "../maths/table.js";
import { button } from "./controls.js";
import { h, listen, say } from "./dom.js";
import { packed } from "./numbers.js";

/** @typedef {import("./dom.js").Part} Part */
/** @typedef {import("../maths/table.js").Table} Table */
/**
 * Points as the trait `own_data` has them: all x, then all y, packed; names of the axes. `{}` stands for none.
 * @typedef {{points?: DataView, xlabel?: string, ylabel?: string}} OwnData
 */
/**
 * @typedef {{columns: number, most: number, hint: string, example: string, back: string, again: string}} Wanted what
 *   may be pasted; `back` leads to the points before, `again` says that they are there
 */
/**
 * @typedef {{problem?: string, says?: string}} Taken what is wrong with a table, or what else there is to say of it
 */

/** @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys @param {string[]} labels @returns {OwnData} */
export const ownPoints = (xs, ys, [xlabel, ylabel]) =>
  ({ points: packed([...Array.from(xs), ...Array.from(ys)]), xlabel, ylabel });

/** @param {Table} table @returns {OwnData} */
export const pairsOf = ({ columns: [xs, ys], names }) => ownPoints(xs, ys, names ?? ["x", "y"]);

/** Two columns, for an explorer of curves. @param {number} most @returns {Wanted} */
export const pairs = (most) => ({ columns: 2, most, back: "Back to the lesson’s data",
  again: "These are the lesson’s points again.",
  hint: "Two columns from a spreadsheet, CSV or text: x, then y. A line of names may stand above them; decimals with "
    + `point or comma; ${most.toLocaleString("en")} points at most.`,
  example: "Time (s); Distance (m)\n0,5; 1,2\n1,0; 4,9\n1,5; 11,0" });

/**
 * The button and what it opens.
 * @param {{life: import("./dom.js").Life, wanted: Wanted, isOwn: () => boolean, use: (table: Table) => Taken,
 *   back: () => void, more?: Node[], toggled?: () => void}} o `more` stands below what is pasted; `toggled` hears when it is
 *   opened or closed
 * @returns {Part & {button: HTMLElement, tell: (text: string, kind?: string) => void}}
 */
export function ownData({ life, wanted, isOwn, use, back, more = [], toggled = () => {} }) {
  const { most, columns, hint, example } = wanted;
  const field = h("textarea", { rows: 5, spellcheck: "false", autocomplete: "off", placeholder: example,
    "data-action": "own-text" });
  const said = h("p", { class: "nnf-note nnf-own-said", role: "status" });
  const backer = button(wanted.back, "own-back", () => {
    back();
    tell(wanted.again);
  });
  const inside = [h("label", { class: "nnf-stack nnf-tight" },
    h("span", { class: "nnf-title", text: "Your own points" }), h("span", { class: "nnf-note", text: hint }), field),
    h("div", { class: "nnf-bar" }, button("Use these points", "own-take", take, { "data-primary": true }), backer),
    ...more, said];
  const opener = button("Your own data", "own", () => open(!panel.firstChild));
  const panel = h("div", { class: "nnf-own", onkeydown: (/** @type {KeyboardEvent} */ e) => {
    if (e.key !== "Escape") return;
    open(false);
    opener.focus();
  } });
  const tell = (/** @type {string} */ text, kind = "") => {
    say(said, text);
    said.dataset.kind = kind;
  };
  /** Closed, it is not there: nothing to stumble over with Tab. @param {boolean} on */
  function open(on) {
    panel.replaceChildren(...(on ? inside : []));
    opener.setAttribute("aria-expanded", String(on));
    if (on) field.focus();
    toggled();
  }
  function take() {
    const table = readTable(field.value, { most, columns });
    const { problem = "", says = "" } = table.problem ? {} : use(table);
    tell(problem || [tableReply(table), says].filter(Boolean).join(" "), problem || table.problem ? "bad" : "");
  }
  listen(field, "paste", () => setTimeout(take)); // once the text is in the field
  listen(field, "keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) take(); });
  open(false);
  life.add(() => panel.replaceChildren(...inside)); // so that their listeners go with the view
  return { node: panel, button: opener, tell, words: () => { backer.disabled = !isOwn(); } };
}
