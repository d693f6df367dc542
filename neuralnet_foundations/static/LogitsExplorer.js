// Logits as bars to drag: their exponentials, their probabilities, the loss of a target and the slopes p - y. All of
// it in the page; guess a probability first, then look.
import { softmaxAnswer, steppedLogits } from "./maths/softmax.js";
import { pieces } from "./parts/logits.js";
import { button, field, knob, rateField, readout, toggle } from "./shared/controls.js";
import { Life, h, inTwoSteps, makeRoot, say } from "./shared/dom.js";
import { format, precise, roundUp } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";

const LEAST_REACH = 10; // a slider goes at least from minus this to this
const STUCK = "The next logits would not be finite. Subtract the largest first, or lower the rate.";
const TOO_LARGE = "Too large for float32: it ends at 3.4 · 10³⁸, e⁸⁹ is beyond it, and ∞ / ∞ is not a number. "
  + "Subtract the largest logit first.";
const TOO_SMALL = "Too small for float32: every exponential has become 0, and 0 / 0 is not a number. "
  + "Subtract the largest logit first.";
const TYPE = "Type a probability from 0 to 1.";

/** @typedef {import("./maths/softmax.js").Answer} Answer */

/** What the numbers say. @param {Answer} answer @param {boolean} subtract */
function told({ sum, loss }, subtract) {
  if (!subtract && sum === Infinity) return TOO_LARGE;
  if (!subtract && sum === 0) return TOO_SMALL;
  if (loss === Infinity) return "The probability of the target has become 0, and its logarithm is infinite.";
  return `The loss is −log of the target’s probability: e^(−${precise(loss, 3)}) = ${precise(Math.exp(-loss), 3)}.`;
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), page = model.get("page");
  const labels = /** @type {string[]} */ (model.get("labels"));
  const label = "Logits, and the probabilities that softmax makes";
  const root = makeRoot({ el, name: "LogitsExplorer", label, life });
  const logits = () => /** @type {number[]} */ (box.get("logits"));
  const target = () => /** @type {number} */ (box.get("target"));
  const how = () => ({ temperature: box.get("temperature"), subtract: box.get("subtract") });
  const answer = () => softmaxAnswer(logits(), target(), how());
  let reach = LEAST_REACH, sliding = false, problem = "";

  /** @param {Record<string, unknown>} changes */
  const put = (changes) => {
    problem = "";
    box.put(changes);
  };
  const change = (/** @type {number[]} */ z) => put({ logits: z, guess: null });
  const slide = (/** @type {number} */ i, /** @type {number} */ v) => {
    sliding = true;
    change(logits().map((z, j) => (j === i ? v : z)));
  };
  const complain = (/** @type {string} */ text) => {
    problem = text;
    draw();
  };
  function addToAll() {
    const z = logits().map((v) => v + amount.input.valueAsNumber);
    if (z.every(Number.isFinite)) change(z); else complain("Type a number to add to every logit.");
  }
  function step() {
    const next = steppedLogits(logits(), answer().gradient, box.get("lr"));
    if (next) change(next); else complain(STUCK);
  }
  function judge() {
    const v = guess.valueAsNumber;
    if (v >= 0 && v <= 1) put({ guess: v, revealed: true }); else complain(TYPE);
  }

  const rows = pieces(labels, logits(), slide, () => { sliding = false; draw(); });
  const select = h("select", { "data-action": "target", "aria-label": "The right answer",
    onchange: () => put({ target: select.selectedIndex, guess: null }) },
    labels.map((text) => h("option", { text })));
  const guess = h("input", { type: "number", step: "any", min: 0, max: 1, "data-action": "guess",
    "aria-label": "Your guess: the probability of the right answer", inputmode: "decimal" });
  const reveal = button("Show", "reveal", () => put({ revealed: !box.get("revealed") }));
  const question = h("label", { class: "nnf-field" }, h("span", { text: "My guess of its probability" }), guess);
  const check = button("Check", "check", judge, { "data-primary": true });
  const said = h("p", { class: "nnf-logits-said", role: "status" });
  const loss = readout("Loss", "nnf-loss"), sum = readout("Sum of exponentials", "nnf-sum");
  const amount = field("Constant", { value: 10, action: "constant" }, () => {});
  const range = { min: Math.log10(page.coldest), max: Math.log10(page.hottest), step: 0.02,
    "aria-label": "Temperature, on a logarithmic scale" };
  const heat = knob("Temperature", { value: how().temperature, action: "temperature", range, toSlide: Math.log10,
    onSlide: (v) => Number((10 ** v).toPrecision(3)), accepts: (v) => v >= page.coldest && v <= page.hottest },
    (temperature) => put({ temperature, guess: null }));
  const safe = toggle("Subtract the largest first", "subtract", how().subtract, (subtract) => put({ subtract }));
  const rate = rateField("Rate", { value: box.get("lr") }, (lr) => put({ lr }));
  const stepButton = button("Step", "step", step);
  root.append(
    h("div", { class: "nnf-bar" }, h("label", { class: "nnf-field" }, h("span", { text: "Right answer" }), select),
      question, check, reveal),
    said, rows.node,
    h("div", { class: "nnf-columns" },
      h("div", { class: "nnf-stack" }, heat.node,
        h("div", { class: "nnf-bar" }, amount.node, button("Add to all", "add", addToAll)), safe.node),
      h("div", { class: "nnf-stack" }, sum.node, loss.node,
        h("div", { class: "nnf-bar" }, stepButton, rate.node, button("Reset", "reset", () => change([...box.get("start")]))))));

  function reached() {
    const need = roundUp(Math.max(LEAST_REACH, ...logits().map(Math.abs)));
    if (need > reach || !sliding) reach = need;
    return reach;
  }
  function verdict() {
    const shown = box.get("revealed"), guessed = box.get("guess"), p = answer().probs[target()];
    if (!shown) return `Predict first: which probability does softmax give to “${labels[target()]}”?`;
    if (guessed === null) return told(answer(), how().subtract);
    const off = Math.abs(p - guessed), far = off < 0.05 ? "well guessed" : `off by ${format(off)}`;
    return `You said ${format(guessed)}, and it is ${format(p)}: ${far}.`;
  }
  function words() {
    const shown = box.get("revealed"), found = answer();
    say(said, problem || verdict());
    said.dataset.kind = problem ? "bad" : "";
    rows.words(logits(), found, shown);
    say(reveal, shown ? "Hide" : "Show");
    reveal.setAttribute("aria-expanded", String(shown));
    sum.set(shown ? precise(found.sum) : "?");
    loss.set(shown ? precise(found.loss) : "?");
    if (document.activeElement !== guess) guess.value = box.get("guess") ?? "";
    select.selectedIndex = target();
    heat.set(how().temperature);
    safe.set(how().subtract);
    rate.set(box.get("lr"));
  }
  const picture = () => rows.picture(logits(), answer(), { ...how(), reach: reached(), target: target(),
    shown: box.get("revealed") });
  const draw = inTwoSteps({ picture, words, life });
  for (const name of ["logits", "target", "temperature", "subtract", "lr", "guess", "revealed"]) box.on(name, (foreign) => {
    if (foreign) problem = "";
    draw();
  });
  picture();
  words();
  return life.end;
}

export default { render };
