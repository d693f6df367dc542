// What DescentExplorer shows taken elsewhere, and what comes in: own points, and the code for a notebook.
import { pythonFor, quoted, truth, tuple } from "../maths/python.js";
import { copyCode } from "../shared/code.js";
import { ownData, pairs, pairsOf } from "../shared/own_data.js";
import { pointEditor } from "../shared/own_points.js";

/** @typedef {import("./descent.js").Descent} Descent */
/** @typedef {import("../shared/own_data.js").OwnData} OwnData */

const LOSSES = { mse: quoted("mse"), mae: quoted("mae") };

/** Python that makes this place of the descent. @param {Descent} descent */
function codeOf({ curve, moving, labels, state, xs, ys, box, losses }) {
  const loss = losses.find((/** @type {{name: string}} */ one) => one.name === state.criterion);
  const options = { vary: tuple(moving), lr: `${box.get("lr")}`, momentum: `${box.get("momentum")}`,
    zero_grad: truth(box.get("zero_grad")), xlabel: quoted(labels.xlabel), ylabel: quoted(labels.ylabel) };
  return pythonFor({ cls: "DescentExplorer", f: curve, loss, named: LOSSES, xs, ys, options,
    start: state.params });
}

/** @param {Descent} descent */
export const descentCode = (descent) => copyCode({ code: () => codeOf(descent),
  about: () => [descent.box.get("state"), descent.xs, ...["lr", "momentum", "zero_grad"].map((n) => descent.box.get(n))] });

/**
 * @param {Descent} descent @param {import("../shared/plot.js").Plot} plot @param {import("../shared/dom.js").Life} life
 * @param {{redraw: () => void, stop: () => void}} o `stop` ends a run
 */
export function descentOwn(descent, plot, life, { redraw, stop }) {
  const most = descent.box.get("page").most_own, use = (/** @type {OwnData} */ own) => {
    stop();
    return descent.use(own);
  };
  const editor = pointEditor({ plot, most, now: () => descent, use, redraw, tell: (text, kind) => own.tell(text, kind) });
  const own = ownData({ life, wanted: pairs(most), isOwn: () => Boolean(descent.box.get("own_data").points),
    use: (table) => ({ problem: use(pairsOf(table)) }), back: () => use({}), more: [editor.node], toggled: redraw });
  return { node: own.node, button: own.button, words: () => { own.words?.(); editor.words?.(); } };
}
