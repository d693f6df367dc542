// Somebody's own points in place of the lesson's: a button, and below it a place to paste two columns.
import { readTable, tableReply } from "../maths/table.js";
import { button } from "./controls.js";
import { h, listen, say } from "./dom.js";
import { packed } from "./numbers.js";

const EXAMPLE = "Time (s); Distance (m)\n0,5; 1,2\n1,0; 4,9\n1,5; 11,0";

/** @typedef {import("./dom.js").Part} Part */
/**
 * Points as the trait `own_data` has them: all x, then all y, packed; names of the axes. `{}` stands for none.
 * @typedef {{points?: DataView, xlabel?: string, ylabel?: string}} OwnData
 */

/** @param {import("../maths/table.js").Table} table @returns {OwnData} */
function dataOf({ columns: [xs, ys], names }) {
  const [xlabel, ylabel] = names ?? ["x", "y"];
  return { points: packed([...xs, ...ys]), xlabel, ylabel };
}

/** What a paste may be, for those who open it. @param {number} most */
const hint = (most) => "Two columns from a spreadsheet, CSV or text: x, then y. A line of names may stand above "
  + `them; decimals with point or comma; ${most.toLocaleString("en")} points at most.`;

/**
 * The button and what it opens.
 * @param {{life: import("./dom.js").Life, most: number, now: () => OwnData, use: (own: OwnData) => string}} o `use` takes
 *   points, or `{}` for the lesson's, and gives what is wrong with them
 * @returns {Part & {button: HTMLElement}}
 */
export function ownData({ life, most, now, use }) {
  const field = h("textarea", { rows: 5, spellcheck: "false", autocomplete: "off", placeholder: EXAMPLE,
    "data-action": "own-text" });
  const said = h("p", { class: "nnf-note nnf-own-said", role: "status" });
  const back = button("Back to the lesson’s data", "own-back", () => {
    use({});
    tell("These are the lesson’s points again.");
  });
  const inside = [h("label", { class: "nnf-stack nnf-tight" },
    h("span", { class: "nnf-title", text: "Your own points" }), h("span", { class: "nnf-note", text: hint(most) }), field),
    h("div", { class: "nnf-bar" }, button("Use these points", "own-take", take, { "data-primary": true }), back), said];
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
  }
  function take() {
    const table = readTable(field.value, { most }), problem = table.problem || use(dataOf(table));
    tell(table.problem || !problem ? tableReply(table) : problem, problem ? "bad" : "");
  }
  listen(field, "paste", () => setTimeout(take)); // once the text is in the field
  listen(field, "keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) take(); });
  open(false);
  life.add(() => panel.replaceChildren(...inside)); // so that their listeners go with the view
  return { node: panel, button: opener, words: () => { back.disabled = !now().points; } };
}
