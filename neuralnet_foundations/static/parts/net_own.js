// Somebody's own points for a network: three columns, pasted; and the way back to the points that were there before.
import { labelled } from "../maths/labels.js";
import { heldBack } from "../maths/net_shape.js";
import { ownData } from "../shared/own_data.js";

/** @typedef {import("./net.js").Playground} Playground */

/** @param {number} most @returns {import("../shared/own_data.js").Wanted} */
const triples = (most) => ({ columns: 3, most, back: "Back to the points before",
  again: "These are the points from before.",
  hint: "Three columns from a spreadsheet, CSV or text: x1, x2, then the label. A line of names may stand above them; "
    + `decimals with point or comma; ${most.toLocaleString("en")} points at most.`,
  example: "Petal length (cm); Petal width (cm); Kind\n1,4; 0,2; 0\n4,7; 1,4; 1\n4,5; 1,5; 1" });

/**
 * @param {Playground} net @param {import("../shared/dom.js").Life} life
 * @param {(f: () => void) => void} byHand does it when no run goes on
 */
export function ownPointsOf(net, life, byHand) {
  let before = /** @type {{rows: Float64Array, limits: number[]} | null} */ (null);
  const classes = net.criterion === "mse_loss" ? 0 : net.classes;
  /** @param {import("../maths/table.js").Table} table */
  function use({ columns }) {
    const { rows, limits, says, problem } = labelled(columns, classes, net.page.largest);
    if (problem) return { problem };
    before ??= { rows: net.rows, limits: net.limits };
    byHand(() => net.take(heldBack(rows, net.test.n / net.size), limits));
    return { says };
  }
  function back() {
    const { rows, limits } = /** @type {{rows: Float64Array, limits: number[]}} */ (before);
    before = null;
    byHand(() => net.take(rows, limits));
  }
  return ownData({ life, wanted: triples(net.page.points), isOwn: () => before !== null, use, back });
}
