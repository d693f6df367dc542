// Predict the shape that two shapes broadcast to, then see their axes line up, stretch or clash. All of it in the page.
import { broadcast, parseShape, verdict } from "./maths/broadcast.js";
import { reasonOf, sumOf } from "./parts/blocks.js";
import { button } from "./shared/controls.js";
import { Life, h, listen, makeRoot, say } from "./shared/dom.js";
import { shapeText } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";

const PAIRS = [
  [[3, 3], [3]], [[4, 1], [3]], [[3], [4]], [[5, 3, 3], [3, 3]], [[2, 3], [3, 2]], [[], [2, 4]], [[4, 1, 3], [2, 1]],
  [[3], [3, 4]], [[6, 28, 28], [28, 28]], [[6, 28, 28], [6]], [[2, 1, 3, 1], [4, 1, 5]],
];
const PREDICT = "Predict first: what shape will the result have, if there is one?";
const TYPE = "Type the shape that you expect, such as 5, 3, or choose “It does not work”.";
const NEW_QUESTION = { guess: null, revealed: false };

/** The pair after this one. @param {number[][]} pair */
function pairAfter(pair) {
  const now = PAIRS.findIndex((o) => JSON.stringify(o) === JSON.stringify(pair));
  return PAIRS[(now + 1) % PAIRS.length];
}

/** A field for a shape. @param {string} label @param {string} action @param {Record<string, unknown>} more */
const shapeInput = (label, action, more = {}) => h("input", { type: "text", class: "nnf-shape", "data-action": action,
  autocomplete: "off", spellcheck: "false", "aria-label": label, ...more });

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), page = model.get("page");
  const label = "Broadcasting: predict the shape, then see why";
  const root = makeRoot({ el, name: "BroadcastExplorer", label, life });
  /** @returns {[number[], number[]]} */
  const shapes = () => [box.get("shape_a"), box.get("shape_b")];
  const said = h("p", { class: "nnf-verdict", role: "status" });
  const tell = (/** @type {string} */ text, kind = "") => { say(said, text); said.dataset.kind = kind; };

  /** @param {"A" | "B"} name */
  function operandField(name) {
    const key = `shape_${name.toLowerCase()}`, input = shapeInput(`Shape of ${name}`, key, { onchange: typed });
    const set = () => { input.value = shapeText(box.get(key)); };
    function typed() {
      const shape = parseShape(input.value, page);
      if (shape) return box.put({ [key]: shape, ...NEW_QUESTION });
      tell(`“${input.value}” is not a shape. Write whole numbers with commas, such as 5, 3, or () for a single number; `
        + `at most ${page.most_axes} axes.`, "bad");
      set();
    }
    listen(input, "keydown", (e) => { if (e.key === "Enter") input.blur(); });
    const title = h("span", { class: `nnf-operand nnf-operand-${name.toLowerCase()}`, text: name });
    return { node: h("label", { class: "nnf-field", "data-param": key }, title, input), set };
  }
  const fields = [operandField("A"), operandField("B")];
  const guess = shapeInput("Your prediction: the shape of A + B", "guess",
    { class: "nnf-shape nnf-guess", placeholder: "5, 3" });
  listen(guess, "keydown", (e) => { if (e.key === "Enter") check(); });
  /** @param {number[] | string} guessed */
  const predict = (guessed) => box.put({ guess: guessed });
  function check() {
    const shape = parseShape(guess.value, page);
    if (shape) predict(shape); else tell(TYPE, "bad");
  }
  function another() {
    const [shape_a, shape_b] = pairAfter(shapes());
    box.put({ shape_a, shape_b, ...NEW_QUESTION });
  }
  const figure = h("div", { class: "nnf-blocks" }), reason = h("div", { class: "nnf-stack nnf-reason" });
  const reveal = button("Show why", "reveal", () => box.put({ revealed: !box.get("revealed") }));
  root.append(
    h("div", { class: "nnf-bar nnf-given" }, ...fields.map((o) => o.node), button("Another pair", "next", another)),
    h("div", { class: "nnf-bar nnf-predict" },
      h("label", { class: "nnf-field" }, h("span", { text: "A + B has shape" }), guess),
      button("Check", "check", check, { "data-primary": true }),
      button("It does not work", "impossible", () => predict(page.impossible)), reveal),
    said, figure, reason);

  function judge() {
    const value = box.get("guess");
    guess.value = Array.isArray(value) ? shapeText(value) : "";
    if (value == null) return tell(PREDICT);
    const { right, text } = verdict(value, ...shapes());
    tell(text, right ? "good" : "bad");
  }
  function draw(moving = false) {
    const [a, b] = shapes(), shown = box.get("revealed"), rule = broadcast(a, b);
    for (const field of fields) field.set();
    say(reveal, shown ? "Hide" : "Show why");
    reveal.setAttribute("aria-expanded", String(shown));
    const start = sumOf(figure, a, b, rule, shown);
    const mend = (/** @type {import("./maths/broadcast.js").Fix} */ { which, shape }) =>
      box.put({ [`shape_${which.toLowerCase()}`]: shape, ...NEW_QUESTION });
    reason.replaceChildren(...(shown ? reasonOf(a, b, rule, { mend, moving }) : []));
    if (shown && moving) start();
  }

  for (const key of ["shape_a", "shape_b"]) box.on(key, () => { judge(); draw(); });
  box.on("guess", judge);
  box.on("revealed", () => draw(true));
  judge();
  draw();
  return life.end;
}

export default { render };
