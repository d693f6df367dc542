// What FitByHand shows taken elsewhere, and what comes in: own points, and the code for a notebook.
import { pythonFor, quoted, readable } from "../maths/python.js";
import { copyCode } from "../shared/code.js";
import { button } from "../shared/controls.js";
import { format } from "../shared/numbers.js";
import { ownData, pairs, pairsOf } from "../shared/own_data.js";
import { pointEditor } from "../shared/own_points.js";
import { savePicture } from "../shared/picture.js";

/** @typedef {import("./fit.js").Fit} Fit */
/** @typedef {import("../shared/own_data.js").OwnData} OwnData */

const LOSSES = { mse_loss: "", l1_loss: "torch.nn.functional.l1_loss" };

/** Python that makes this fit. @param {Fit} fit */
function codeOf({ spec, lossSpec, labels, params, xs, ys, box }) {
  const options = { xlabel: quoted(labels.xlabel), ylabel: quoted(labels.ylabel), lr: `${box.get("lr")}` };
  return pythonFor({ cls: "FitByHand", f: spec.f, loss: lossSpec, named: LOSSES, xs, ys, options, start: params });
}

/** @param {Fit} fit */
export const fitCode = (fit) => copyCode({ code: () => codeOf(fit), about: () => [fit.params, fit.xs, fit.box.get("lr")] });

/**
 * @param {Fit} fit @param {import("../shared/plot.js").Plot} plot @param {import("../shared/dom.js").Life} life
 * @param {() => void} redraw
 */
export function fitOwn(fit, plot, life, redraw) {
  const most = fit.page.most_own, use = (/** @type {OwnData} */ own) => fit.use(own);
  const editor = pointEditor({ plot, most, now: () => fit, use, redraw, tell: (text, kind) => own.tell(text, kind) });
  const own = ownData({ life, wanted: pairs(most), isOwn: () => Boolean(fit.box.get("own_data").points),
    use: (table) => ({ problem: use(pairsOf(table)) }), back: () => use({}), more: [editor.node], toggled: redraw });
  return { node: own.node, button: own.button, words: () => { own.words?.(); editor.words?.(); } };
}

/** What stands above the picture of a fit. @param {Fit} fit */
function caption({ spec, names, params, loss, lossSpec, xs }) {
  const values = names.map((name) => `${name} = ${format(params[name], 3)}`).join(",  ");
  const name = lossSpec.label ? lossSpec.label[0].toUpperCase() + lossSpec.label.slice(1) : "Loss";
  return [...(spec.f ? [readable(spec.f)] : []), values, `${name}: ${format(loss)}  (${xs.length.toLocaleString("en")} points)`];
}

/** The button that saves a picture. @param {Fit} fit @param {import("../shared/plot.js").Plot} plot */
export function fitSaver(fit, plot) {
  const sorry = () => fit.say("This browser could not make the picture.");
  const save = () => { savePicture(plot.svg, caption(fit), "fit-by-hand.png").catch(sorry); };
  return button("Save picture", "picture", save);
}
