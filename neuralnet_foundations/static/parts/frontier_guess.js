// Guess first: two models with their sizes; which one is faster, and which one is better?
import { button } from "../shared/controls.js";
import { h, say } from "../shared/dom.js";
import { pace } from "./frontier.js";

const ASK = "Say both before you look: faster on this machine, and right more often.";
const NAMES = ["A", "B"];

/** @typedef {import("./frontier.js").Fleet} Fleet */
/** @typedef {(number | null)[]} Guess the faster and the better: 0, 1, or null where it was not said */

/** The pair of this round, or none. @param {Fleet} fleet @returns {number[]} */
export function pairOf({ box, page }) {
  const pairs = page.pairs[box.get("device")];
  return pairs.length ? pairs[box.get("round") % pairs.length] : [];
}

/** The pair, once both was said. @param {Fleet} fleet */
export const guessedPair = (fleet) => (fleet.box.get("guess").includes(null) ? [] : pairOf(fleet));

/** Which one is faster, and which better. @param {Fleet} fleet @param {number[]} pair */
const truth = ({ speeds, models }, [a, b]) =>
  [Number(speeds[a]) > Number(speeds[b]) ? 0 : 1, models.top1[a] > models.top1[b] ? 0 : 1];

/** @param {Fleet} fleet @param {Guess} guess */
function answered(fleet, guess) {
  const pair = pairOf(fleet), right = truth(fleet, pair), { speeds, models } = fleet;
  const said = (/** @type {number} */ n) => (guess[n] === right[n] ? "Right" : "No");
  const speed = (/** @type {number} */ w) => pace(speeds[pair[w]]);
  const top = (/** @type {number} */ w) => models.top1[pair[w]].toFixed(1);
  return `${said(0)}: ${NAMES[right[0]]} is faster, ${speed(right[0])} images a second against ${speed(1 - right[0])}. `
    + `${said(1)}: ${NAMES[right[1]]} is better, ${top(right[1])} % against ${top(1 - right[1])} %.`;
}

/** @param {Fleet} fleet */
export function guessing(fleet) {
  const { box } = fleet;
  const lines = NAMES.map((name) => h("p", { class: "nnf-pair", "data-name": name }));
  const said = h("p", { class: "nnf-note nnf-frontier-said", role: "status" });
  /** @param {string} what @param {number} n its place in the guess */
  const asks = (what, n) => NAMES.map((name, w) => button(name, `${what}-${name.toLowerCase()}`, () => {
    const guess = [.../** @type {Guess} */ (box.get("guess"))];
    guess[n] = w;
    box.put({ guess });
  }, { "aria-label": `${name} is ${what}` }));
  const faster = asks("faster", 0), better = asks("better", 1);
  const next = button("Another pair", "another", () => box.put({ round: box.get("round") + 1, guess: [null, null] }));
  const ask = (/** @type {string} */ text, /** @type {HTMLElement[]} */ two) =>
    h("div", { class: "nnf-bar nnf-ask" }, h("span", { class: "nnf-label", text }), two);
  const title = h("p", { class: "nnf-title", text: "Guess first" });
  const buttons = h("div", { class: "nnf-bar" }, ask("Faster", faster), ask("Better", better), next);
  const node = h("div", { class: "nnf-guess" }, h("div", { class: "nnf-stack nnf-few" }, title, lines),
    h("div", { class: "nnf-stack nnf-tight" }, buttons, said));

  function words() {
    const pair = pairOf(fleet), guess = /** @type {Guess} */ (box.get("guess"));
    node.hidden = !pair.length;
    pair.forEach((i, w) => say(lines[w], `${NAMES[w]}  ${fleet.name(i)} · ${fleet.kind(i)}`));
    [faster, better].forEach((two, n) => two.forEach((b, w) => b.setAttribute("aria-pressed", String(guess[n] === w))));
    say(said, guess.includes(null) ? ASK : answered(fleet, guess));
  }
  return { node, words };
}
