// The cell that is read: its address, formula, line of torch and value, and the way to the cells that it reads.
import { addressOf, formulaOf } from "../maths/sheet.js";
import { button } from "../shared/controls.js";
import { h, island, say } from "../shared/dom.js";
import { MOST_READS, addressFrom, areaName, cellArea } from "./sheet.js";

const REFERENCE = /(?:[a-z][a-z_0-9]*!)?\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?(?![\d(])/g;
const LONGEST = 300; // letters of a formula that are shown

/** @typedef {import("../maths/sheet.js").SheetArea} SheetArea */
/** @typedef {import("./sheet.js").Ledger} Ledger */

/** A formula with its addresses in the colours of what they name. @param {Ledger} ledger */
function coloured(ledger) {
  const { block, k } = ledger.place, { top, left } = cellArea(block, k), text = formulaOf(block, top, left);
  const out = /** @type {(string | Node)[]} */ ([]), [page] = block.place;
  const addresses = ledger.reads.map((area) => addressFrom(area, page));
  let from = 0;
  for (const found of text.slice(0, LONGEST).matchAll(REFERENCE)) {
    const n = addresses.indexOf(found[0].replaceAll("$", ""));
    out.push(text.slice(from, found.index));
    out.push(n < 0 || n >= MOST_READS ? found[0] : h("b", { "data-mark": ledger.colours[n], text: found[0] }));
    from = found.index + found[0].length;
  }
  return [...out, text.length > LONGEST ? "…" : text.slice(from)];
}

/** A button to an area. @param {Ledger} ledger @param {SheetArea} area @param {string} mark */
function wayTo(ledger, area, mark) {
  const { block, top, left, bottom, right } = area, count = (bottom - top + 1) * (right - left + 1);
  const name = areaName(area), at = addressFrom(area, ledger.place.block.place[0]);
  const label = `${name} at ${at}${count > 1 ? `, ${count} cells` : ""}`;
  return button(name, "follow", () => ledger.go({ block, k: top * block.columns + left }),
    { "data-mark": mark, title: label, "aria-label": `Read ${label}` });
}

/** @param {Ledger} ledger @param {Record<string, string>} means what each kind of block is */
export function inspector(ledger, means) {
  const name = h("span", { class: "nnf-title" }), at = h("span", { class: "nnf-head-letter" });
  const kind = h("span", { class: "nnf-note" }), formula = h("code", { class: "nnf-formula-text" });
  const torch = h("code"), value = island();
  const ways = h("div", { class: "nnf-bar nnf-ways", role: "group", "aria-label": "Cells that it reads" });
  const back = button("Back", "back", () => ledger.back());
  const entry = (/** @type {string} */ label, /** @type {Node} */ node) => h("div", { class: "nnf-entry" },
    h("span", { class: "nnf-label", text: label }), node);
  const node = h("div", { class: "nnf-inspector", role: "group", "aria-label": "The cell that is read" },
    h("div", { class: "nnf-inspector-head" }, h("p", { "aria-live": "polite" }, name, " ", at, " ", kind), back),
    entry("Value", h("output", { class: "nnf-value", "aria-live": "off" }, value)), entry("Formula", formula),
    entry("torch", torch), entry("Reads", ways));
  let shown = /** @type {object | undefined} */ (undefined);

  function other() {
    const { block, k } = ledger.place, inside = ways.contains(document.activeElement);
    const distinct = ledger.reads.filter((area, n) => ledger.reads.findIndex((o) => areaName(o) === areaName(area)) === n);
    say(name, areaName(cellArea(block, k)));
    say(at, `${block.place[0]}!${addressOf(cellArea(block, k))}`);
    formula.replaceChildren(...(block.how ? coloured(ledger) : ["a number, no formula"]));
    say(torch, block.line);
    ways.replaceChildren(...distinct.slice(0, MOST_READS).map((area) => wayTo(ledger, area,
      ledger.colours[ledger.reads.indexOf(area)])), ...distinct.length > MOST_READS ? [`and ${distinct.length - MOST_READS} more`]
      : distinct.length ? [] : ["nothing: it is given"]);
    back.disabled = !ledger.trail.length;
    if (inside) (ways.querySelector("button") ?? back).focus();
  }
  function picture() {
    const { place } = ledger, { block, k } = place, sleeps = ledger.asleep(place);
    if (shown !== place) other();
    shown = place;
    say(kind, sleeps ? means.asleep : means[block.role]);
    kind.toggleAttribute("data-dark", sleeps);
  }
  const words = () => say(value, String(ledger.place.block.values[ledger.place.k]).replace("-", "−"));
  return { node, picture, words };
}
