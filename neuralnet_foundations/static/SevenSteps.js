// The seven steps of training, to be put in order. Any order is run, line by line: a wrong one trains wrongly, or stops.
import { lossesOf, roundOf, runOrder, verdict } from "./maths/seven_steps.js";
import { button, runButton } from "./shared/controls.js";
import { Life, h, makeRoot, onFrame, s, say } from "./shared/dom.js";
import { format } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { Plot, drawable } from "./shared/plot.js";
import { runLoop } from "./shared/run.js";
import { sortable } from "./shared/sortable.js";
import { lossStrip } from "./shared/strip.js";

/** @typedef {import("./maths/seven_steps.js").Ran} Ran */

const SLOW = 450, QUICK = 40, FIRST = 8; // ms between two lines, at first and after so many

/** The line that the parameters draw, and the points. @param {any} page @param {Life} life */
function fittedLine(page, life) {
  const line = s("path", { class: "nnf-curve" }), ends = [-1.1, 1.1];
  let w = /** @type {number[] | null} */ (null);
  const plot = new Plot({ xlim: [-1.1, 1.1], ylim: page.ylim, xlabel: "x", ylabel: "y", aspect: 0.55, minHeight: 170,
    maxHeight: 230, life, draw, label: "The points, and the line that the parameters draw" });
  const points = page.x.map(() => s("circle", { class: "nnf-point", r: 4 }));
  plot.layer.append(line, ...points);
  function draw() {
    points.forEach((/** @type {SVGElement} */ point, /** @type {number} */ i) => {
      point.setAttribute("cx", String(plot.x(page.x[i])));
      point.setAttribute("cy", String(drawable(plot.y(page.y[i]))));
    });
    const [a, b] = w ?? [NaN, NaN];
    line.setAttribute("d", plot.line(ends, ends.map((x) => a * x + b)));
  }
  draw();
  return { node: plot.node, set: (/** @type {number[] | null} */ now) => { w = now; draw(); } };
}

/** @type {Record<string, (ran: Ran, round: number, more: any) => string>} */
const STORIES = {
  initialise: ({ w }) => `The parameters start at ${w?.map((v) => format(v)).join(" and ")}.`,
  predict: () => "A prediction for each point: the line in the picture.",
  loss: ({ loss }) => `The mean squared distance of the points from that line is ${format(loss ?? NaN)}.`,
  gradient: ({ summed }) => (summed > 1 ? `The slopes are added to those that are there: now the sum of ${summed} rounds.`
    : "How the loss changes as each parameter grows."),
  step: ({ step }) => (step ? "Each parameter moves against its slope, and the slopes are forgotten."
    : "There is no gradient yet, so nothing moves."),
  repeat: (_, round, { rounds }) => (round > rounds ? "Often enough: on to the next line."
    : `Back to Predict: round ${round + 1} begins.`),
  stop: () => "",
};

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), page = model.get("page"), names = Object.keys(page.steps);
  const root = makeRoot({ el, name: "SevenSteps", label: "The seven steps of training, to be put in order", life });
  let order = /** @type {string[]} */ (box.get("order")), run = runOrder(order, page);
  const items = names.map((name) => {
    const { title, code } = page.steps[name];
    return { name: title, content: h("span", null, h("b", { text: title }), h("code", { text: code })) };
  });
  const list = sortable(items, (next) => { runner.stop(); box.put({ order: next.map((i) => names[i]), ran: 0 }); });
  const told = h("p", { class: "nnf-story nnf-seven-story", role: "status" });
  const round = h("span", { class: "nnf-label" }), loss = h("span", { class: "nnf-loss" });
  const picture = fittedLine(page, life), start = runButton(() => runner.toggle(), { "data-primary": true });
  const strip = lossStrip({ life, xlabel: "round", label: "The loss of each round so far", least: 2,
    size: { aspect: 0.45, minHeight: 140, maxHeight: 180, ticksX: 5 } });
  const ran = () => /** @type {number} */ (box.get("ran")), over = () => ran() >= run.length;
  const advance = () => box.put({ ran: over() ? 1 : ran() + 1 });

  const runner = runLoop(life, {
    wait: () => (ran() < FIRST ? SLOW : QUICK),
    beat: (steps) => {
      for (let i = 0; i < steps; i++) advance();
      return !over();
    },
    tell: (running) => {
      start.set(running);
      told.setAttribute("aria-live", running ? "off" : "polite");
    },
  });
  const pausing = (/** @type {() => void} */ f) => () => { runner.stop(); f(); };
  const buttons = [start.node, button("One line", "step", pausing(advance)),
    button("Start over", "reset", pausing(() => box.put({ ran: 0 })))];
  root.append(h("div", { class: "nnf-columns nnf-seven" },
    h("div", { class: "nnf-stack" }, list.node, h("div", { class: "nnf-bar" }, buttons), told),
    h("div", { class: "nnf-stack" }, h("div", { class: "nnf-readout" }, round, loss), picture.node, strip.node)));

  /** @param {Ran[]} done @returns {[string, string]} what is said, and whether it is good or bad */
  function story(done) {
    const now = done[done.length - 1];
    if (!now) return [page.says.begin, ""];
    if (done.length < run.length) return [STORIES[now.name](now, roundOf(done, page.rounds), page), ""];
    const word = verdict(run, page.rounds);
    return [page.says[word], word === "right" ? "good" : "bad"];
  }
  function draw() {
    const done = run.slice(0, ran()), now = done[done.length - 1], losses = lossesOf(done), [text, kind] = story(done);
    list.set(order.map((name) => names.indexOf(name)));
    list.rows.forEach((row, i) => {
      const lit = now?.name === names[i];
      row.toggleAttribute("data-lit", lit);
      row.toggleAttribute("data-missing", lit && now.missing !== "");
    });
    say(round, now ? `round ${roundOf(done, page.rounds)} of ${page.rounds + 1}` : "");
    say(loss, losses.length ? format(losses[losses.length - 1]) : "–");
    say(told, text);
    told.dataset.kind = kind;
    picture.set(now?.w ?? null);
    strip.set(losses, losses.length);
  }
  const redraw = onFrame(draw, life);
  box.on("order", () => {
    order = box.get("order");
    run = runOrder(order, page);
    redraw();
  });
  box.on("ran", (foreign) => {
    if (foreign) runner.stop();
    redraw();
  });
  draw();
  return life.end;
}

export default { render };
