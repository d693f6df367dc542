// Draw a digit; beside it what a model sees of it, and what it answers: by the page itself where it has the model.
import { answerOf, barsOf, goesOn, strokesImage, unpack } from "./maths/digit.js";
import { answerBars, drawingPad, sheet } from "./parts/pad.js";
import { button } from "./shared/controls.js";
import { Life, h, hasKernel, makeRoot, onFrame, say } from "./shared/dom.js";
import { outbox } from "./shared/outbox.js";

/** @typedef {import("./maths/digit.js").Strokes} Strokes */
/** @typedef {import("./maths/digit.js").Reply} Reply */

const EMPTY = "Draw something, or load a ready-drawn digit.";
const FULL = "The sheet is full: undo something or clear it.";
const NO_KERNEL = "This model is a Python function: run the notebook with a kernel to ask it about your own drawing.";

/**
 * Who answers: the page's own model, or Python.
 * @param {WidgetModel} model @param {import("./shared/outbox.js").Part} box
 */
function judgeOf(model, box) {
  const { says } = model.get("page"), alone = !hasKernel(model);
  let net = unpack(model.get("page_model"));
  let answered = JSON.stringify(box.get("strokes")); // the drawing that Python's reply is about
  return {
    get nearest() { return net?.kind === "nearest"; },
    get pictures() { return net?.kind === "nearest" ? net.means : null; },
    reload() { net = unpack(model.get("page_model")); },
    replied() { answered = JSON.stringify(model.get("strokes")); },
    /** The answer to a drawing; `note` where there is none. @param {Strokes} strokes @param {Float64Array} image */
    ask(strokes, image) {
      const reply = model.get("reply") ?? {}, failed = reply.error && !(net && alone);
      if (alone && !net && JSON.stringify(strokes) !== answered) return { reply: null, note: NO_KERNEL, bad: false };
      if (!strokes.length) return { reply: null, note: EMPTY, bad: false };
      const found = /** @type {Reply} */ (net && !failed ? answerOf(net, image, says) : reply);
      if (found.error) return { reply: null, note: `The model raised an error. ${found.error}`, bad: true };
      return { reply: found, note: "", bad: false };
    },
  };
}

/** A column of the explorer. @param {string} kind @param {(Node | string)[]} children */
const column = (kind, ...children) => h("div", { class: `nnf-stack ${kind}` }, ...children);
const label = (text = "") => h("span", { class: "nnf-label", text });

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), page = model.get("page"), judge = judgeOf(model, box);
  const root = makeRoot({ el, name: "DrawDigit", label: "Draw a digit, and see what a model makes of it", life });
  /** @type {Strokes[]} */
  const past = [];
  let strokes = /** @type {Strokes} */ (box.get("strokes"));

  const caption = label(), best = h("output", { class: "nnf-winner" });
  const note = h("p", { class: "nnf-note", role: "status" });
  const seen = sheet(page.size), bars = answerBars(page.size);
  const pad = drawingPad({ pen: page.pen, most: page.most_points },
    { now: () => strokes, begin: keep, change, full: () => say(note, FULL) });
  const undo = button("Undo", "undo", () => { if (past.length && !pad.draws()) change(past.pop() ?? []); });
  const clear = button("Clear", "clear", () => load([]));
  const ready = Object.entries(model.get("ready")).map(([digit, o]) =>
    button(digit, "ready", () => load(o), { "data-digit": digit, "aria-label": `Load a ready-drawn ${digit}` }));
  root.append(
    h("div", { class: "nnf-draw" },
      column("nnf-hand", label("Draw with mouse, finger or pen"), pad.node,
        h("div", { class: "nnf-bar" }, undo, clear)),
      column("", label(`The model sees ${page.size}×${page.size}`), seen.node),
      column("nnf-answer", caption, best, bars.node, note)),
    h("div", { class: "nnf-bar nnf-ready" }, label("Ready-drawn:"), ...ready));

  function keep() { past.push(strokes); }
  /** @param {Strokes} next */
  function change(next) {
    strokes = next;
    box.put({ strokes });
  }
  /** A new drawing, whole. @param {Strokes} next */
  function load(next) {
    if (pad.draws()) return;
    keep();
    change(next);
  }

  function draw() {
    const image = strokesImage(strokes, page);
    pad.set(strokes);
    seen.set(image, !strokes.length);
    undo.disabled = !past.length;
    clear.disabled = !strokes.length;
    answer(judge.ask(strokes, image));
  }
  /** @param {ReturnType<ReturnType<typeof judgeOf>["ask"]>} o */
  function answer({ reply, note: text, bad }) {
    const found = reply?.scores?.length ? barsOf(reply, judge.nearest) : [];
    say(caption, judge.nearest ? "Distance: the nearest ideal wins" : "The model’s answer");
    say(best, found.find((o) => o.wins)?.label ?? reply?.labels?.[0] ?? "–");
    bars.set(found, judge.pictures);
    say(note, text);
    note.dataset.kind = bad ? "bad" : "";
  }

  const redraw = onFrame(draw, life);
  box.on("strokes", () => {
    const next = box.get("strokes");
    if (!pad.draws() && next !== strokes) {
      if (!goesOn(strokes, next)) keep();
      strokes = next;
    }
    redraw();
  });
  life.model(model, "change:reply", () => { judge.replied(); redraw(); });
  life.model(model, "change:page_model", () => { judge.reload(); bars.clear(); redraw(); });
  draw();
  return life.end;
}

export default { render };
