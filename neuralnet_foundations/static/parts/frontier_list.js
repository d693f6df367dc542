// The short list: models that were kept, as a table to copy.
import { tableText } from "../maths/frontier.js";
import { button } from "../shared/controls.js";
import { h, say } from "../shared/dom.js";
import { precise } from "../shared/numbers.js";
import { pace } from "./frontier.js";

const EMPTY = "Nothing is kept yet. Choose a model in the chart and press Keep, or Enter: three are a good number.";

/** @typedef {import("./frontier.js").Fleet} Fleet */

/** The table's cells, its head first. @param {Fleet} fleet @param {number[]} rows */
function cells({ models, page }, rows) {
  const machines = /** @type {string[]} */ (page.devices.map((/** @type {{name: string}} */ d) => d.name));
  const short = machines.map((m) => `${m.replace("per_second_", "")}, a second`);
  const head = ["Model", "Pixels", "Right, %", "Parameters, millions", ...short];
  const line = (/** @type {number} */ i) => [models.model[i], models.img_size[i], models.top1[i].toFixed(1),
    precise(models.params[i], 3), ...machines.map((m) => pace(models[m][i]))];
  return [head, ...rows.map(line)];
}

/** @param {Fleet} fleet @param {(i: number) => void} drop */
export function shortList(fleet, drop) {
  const { box } = fleet, said = h("p", { class: "nnf-note", role: "status" });
  const table = h("table", { class: "nnf-table" }), title = h("p", { class: "nnf-title", text: "Short list" });
  const scroll = h("div", { class: "nnf-scroll", role: "region", "aria-label": "Short list", hidden: true }, table);
  const rows = () => /** @type {number[]} */ (box.get("kept"));
  const copy = button("Copy as a table", "copy", async () => {
    try {
      await navigator.clipboard.writeText(tableText(cells(fleet, rows())));
      say(said, "Copied: paste it into a spreadsheet or a document.");
    } catch { say(said, "This page may not copy: select the table and copy it by hand."); }
  });
  const clear = button("Clear", "clear", () => box.put({ kept: [] }));
  const node = h("div", { class: "nnf-stack nnf-tight" }, h("div", { class: "nnf-bar" }, title, copy, clear), said, scroll);
  let shown = "nothing yet";

  function words() {
    const kept = rows(), key = JSON.stringify(kept);
    if (key === shown) return;
    shown = key;
    const [head, ...body] = cells(fleet, kept);
    const off = (/** @type {number} */ n) =>
      button("×", "drop", () => drop(kept[n]), { "aria-label": `Take ${body[n][0]} off the list` });
    const line = (/** @type {(string | number)[]} */ row, /** @type {number} */ n) =>
      h("tr", {}, row.map((v) => h("td", { text: String(v) })), h("td", {}, off(n)));
    const top = h("tr", {}, head.map((v) => h("th", { text: String(v) })), h("td"));
    table.replaceChildren(h("thead", {}, top), h("tbody", {}, body.map(line)));
    scroll.hidden = !kept.length;
    if (kept.length) scroll.tabIndex = 0; else scroll.removeAttribute("tabindex"); // who only has keys scrolls it too
    copy.disabled = clear.disabled = !kept.length;
    say(said, kept.length ? `${kept.length} of at most ${fleet.page.most}.` : EMPTY);
  }
  return { node, words };
}
