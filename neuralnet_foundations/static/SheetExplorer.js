// A sheet of cells, forward and backward, worked out in the page. Parameters are moved by keys, drags or typing; a
// click on a cell shows where its number comes from; steps of gradient descent.
import { Ledger, tallOn, wideOn } from "./parts/sheet.js";
import { sheetCard } from "./parts/sheet_cards.js";
import { inspector } from "./parts/sheet_inspector.js";
import { SheetTable } from "./parts/sheet_table.js";
import { button, rateField, readout, runButton, toggle } from "./shared/controls.js";
import { Life, h, inTwoSteps, makeRoot, say } from "./shared/dom.js";
import { precise } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { runLoop } from "./shared/run.js";

const PULSE = 60; // ms between two steps of a run
const SPOKEN_AFTER = 700; // ms at rest, then a screen reader hears the loss

/** @typedef {import("./maths/sheet.js").SheetBlock} SheetBlock */
/** @typedef {import("./shared/dom.js").Part} Part */
/** @typedef {ReturnType<typeof sheetCard>} Card */

/** The loss now; a screen reader hears it once it rests. @param {Ledger} ledger @param {Life} life @returns {Part} */
function lossNow(ledger, life) {
  const loss = readout("Loss", "nnf-loss"), spoken = h("p", { class: "nnf-hidden", role: "status" });
  const text = () => (ledger.learns ? precise(ledger.loss) : "–");
  let rest = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  life.add(() => clearTimeout(rest));
  const words = () => {
    clearTimeout(rest);
    rest = setTimeout(() => say(spoken, `Loss ${text()}`), SPOKEN_AFTER);
  };
  return { node: h("div", { class: "nnf-losses" }, loss.node, spoken), picture: () => loss.set(text()), words };
}

/**
 * The table of those with a row for each item, and cards for the others: parameters and their gradients above it, the
 * rest below.
 * @param {Ledger} ledger @param {Life} life
 */
function places(ledger, life) {
  const { parameters, sheet: { blocks, named, data } } = ledger, rest = blocks.filter((o) => o.role !== "parameter");
  const isForward = (/** @type {SheetBlock} */ block) => block.role !== "gradient";
  const rows = Math.max(...rest.filter(isForward).map(tallOn)), inTable = rest.filter((o) => rows > 1 && tallOn(o) === rows);
  const slopes = parameters.flatMap((block) => named.get(data.gradients[block.name]) ?? []);
  const outside = (/** @type {SheetBlock[]} */ some) => some.filter((block) => !inTable.includes(block))
    .map((block) => sheetCard(ledger, life, block));
  const groups = [parameters, slopes, rest.filter((block) => !slopes.includes(block))].map(outside);
  const boxes = groups.map(() => h("div", { class: "nnf-cards" }));
  const forward = inTable.filter(isForward), columns = forward.reduce((n, block) => n + wideOn(block), 0);
  const label = "The rows of the data, and what is worked out from each";
  const table = inTable.length ? new SheetTable(ledger, life, forward, label) : null;
  let backward = /** @type {boolean | null} */ (null), shown = /** @type {Card[]} */ ([]);
  function show() {
    if (backward === ledger.backward) return;
    backward = ledger.backward;
    const wanted = groups.map((group) => group.filter(({ block }) => backward || isForward(block)));
    boxes.forEach((box, n) => box.replaceChildren(...wanted[n].map(({ node }) => node)));
    shown = wanted.flat();
    table?.set(backward ? inTable : forward, backward ? columns : Infinity);
  }
  const picture = () => {
    show();
    for (const one of [...shown, table]) one?.picture();
  };
  const words = () => { for (const one of groups[0]) one.words(); };
  const reveal = (/** @type {import("./parts/sheet.js").CellPlace} */ place) => {
    for (const one of [...shown, table]) one?.reveal(place);
  };
  const [params, grads, others] = boxes;
  return { nodes: [params, grads, table?.node, others], picture, words, reveal };
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), page = model.get("page"), ledger = new Ledger(box);
  const root = makeRoot({ el, name: "SheetExplorer", label: `A sheet: ${ledger.sheet.data.title}`, life });
  const said = h("p", { class: "nnf-note nnf-sheet-said", role: "status" }), run = runButton(() => runner.toggle());
  let problem = "";
  const step = () => {
    problem = ledger.step() ? "" : page.says.stuck;
    if (problem) draw();
    return !problem;
  };
  const runner = runLoop(life, { beat: step, wait: () => PULSE, tell: run.set });
  /** @param {string} label @param {string} action @param {() => void} f */
  const pausing = (label, action, f, more = {}) => button(label, action, () => { runner.stop(); f(); }, more);
  const stepper = pausing("Step", "step", step, { "data-primary": true });
  const rate = rateField("Learning rate", { value: box.get("lr") }, (lr) => box.put({ lr }));
  const back = toggle("Backward pass", "backward", ledger.backward, (backward) => box.put({ backward }));
  for (const control of [stepper, run.node, rate.input, back.box]) control.toggleAttribute("disabled", !ledger.learns);
  const loss = lossNow(ledger, life), cells = places(ledger, life), reading = inspector(ledger, page.means);
  root.append(h("div", { class: "nnf-sheet-top" }, loss.node, h("div", { class: "nnf-bar" }, stepper, run.node,
    pausing("Reset", "reset", () => { problem = ""; ledger.reset(); }), rate.node, back.node)), said,
    ...cells.nodes.filter((node) => node), reading.node);

  function picture() {
    ledger.refresh();
    loss.picture?.();
    cells.picture();
    reading.picture();
  }
  function words() {
    loss.words?.();
    cells.words();
    reading.words();
    rate.set(box.get("lr"));
    back.set(ledger.backward);
    say(said, problem || (ledger.learns ? page.says.how : page.says.no_loss));
    said.dataset.kind = problem ? "bad" : "";
  }
  const draw = inTwoSteps({ picture, words, life });
  Object.assign(ledger, { redraw: draw, reveal: cells.reveal });
  for (const name of ["params", "lr", "backward"]) box.on(name, (foreign) => {
    if (foreign && name === "params") runner.stop();
    ledger.fresh ||= name === "params";
    problem = "";
    draw();
  });
  picture();
  words();
  return life.end;
}

export default { render };
