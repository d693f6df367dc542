// What a descent does, in words.
import { h, say } from "../shared/dom.js";
import { format } from "../shared/numbers.js";

/** @typedef {import("./descent.js").Descent} Descent */

/** @type {Record<ReturnType<Descent["verdict"]>, [string, string]>} */
const VERDICTS = {
  ready: ["Ready.", "Choose a start in the plot, then Step or Run."],
  converging: ["Converging:", "the steps lead down."],
  crawling: ["Crawling:", "thousands of such steps would cross the map. Try a larger learning rate."],
  bouncing: ["Bouncing:", "it steps over the lowest place and back. A smaller learning rate settles it."],
  diverging: ["Diverging:", "each step lands higher than the one before. Lower the learning rate, then Reset."],
  rest: ["At rest:", "the slope here is practically zero, so nothing pushes it on."],
};

/** What goes on, in words. @param {Descent} descent @returns {[string, string]} */
function verdictOf(descent) {
  const what = descent.verdict(), { momentum, zero } = descent.how(), stuck = descent.next() === null;
  const [name, usual] = VERDICTS[what];
  if (what === "bouncing" && !zero) return [name,
    "the old gradients add up and carry it past the lowest place. Zero them, and it settles."];
  if (what === "bouncing" && momentum > 0) return [name,
    "momentum carries it past the lowest place. Less of it, or a smaller learning rate, settles it."];
  if (what === "diverging" && stuck && descent.state.steps) return [name,
    "the next step has no finite loss, so it stops here. Lower the learning rate, then Reset."];
  if (what === "diverging" && stuck) return [name,
    "there is no finite loss here, or one step away. Choose another start or a smaller learning rate."];
  if (what === "diverging" && !zero) return [name,
    "the old gradients add up and throw it higher. Zero them, or lower the learning rate, then Reset."];
  if (what === "converging" && descent.offMap()) return [name, "the ball has left the map, but the loss falls."];
  return [name, usual];
}

/** The state of things: converging, bouncing. @param {Descent} descent @returns {import("../shared/dom.js").Part} */
export function verdict(descent) {
  const word = h("strong"), rest = h("span"), node = h("p", { class: "nnf-state", role: "status" }, word, " ", rest);
  const words = () => {
    const [name, why] = verdictOf(descent);
    node.dataset.state = descent.verdict();
    say(word, name);
    say(rest, why);
  };
  return { node, words };
}

/** What the map shows, for those who do not see it. @param {Descent} descent */
export function described(descent) {
  const { moving, state: { params, steps }, loss } = descent;
  const at = moving.map((name) => `${name} = ${format(params[name])}`).join(", ");
  const kind = moving.length === 2 ? "Contour map" : "Curve";
  return `${kind} of the loss over ${moving.join(" and ")}. The ball is at ${at}`
    + `${descent.offMap() ? ", beyond the edge of the map" : ""}. Loss ${format(loss)} after ${steps} steps.`;
}
