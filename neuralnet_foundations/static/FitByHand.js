// FitByHand: a function's curve over points, a slider per parameter. The page computes curve, loss and gradient where the function and its loss
// came as JavaScript; else the kernel answers each move in the trait `shown`. Python hears of changes every 100 ms and once at rest.
import { compile } from "./shared/arithmetic.js";
import { button, rateField, readout, runButton, sliderRow, toggle } from "./shared/controls.js";
import { Life, h, hasKernel, makeRoot, onFrame, s } from "./shared/dom.js";
import { floats, format } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { Plot } from "./shared/plot.js";
import { runLoop } from "./shared/run.js";

const CURVE = 200, PULSE = 60, MOST_DRAWN = 1000;
const fits = new WeakMap();
const finite = (o) => Object.values(o).every(Number.isFinite);

/** The fit behind all views of one model: parameters, loss, gradient and best so far; it steps, runs, and keeps Python informed. */
class Fit {
  constructor(model) {
    this.model = model;
    this.spec = { ...model.get("spec") };
    this.spec.loss = this.spec.losses[0];
    this.names = this.spec.names;
    this.views = new Set();
    this.life = new Life();
    this.prepare();
    this.box = outbox(model, this.life, this.local ? 100 : 0);
    this.loop = runLoop(this.life, { beat: (steps) => this.beat(steps), wait: () => PULSE, tell: () => this.tell() });
    this.note = this.box.get("note");
    this.params = { ...this.box.get("params") };
    this.measure();
    this.begin();
    const on = (name, f) => this.box.on(name, (foreign) => { if (foreign) { f(); this.tell(); } });
    on("params", () => { this.pause(); this.params = { ...this.box.get("params") }; this.evaluate(); });
    on("best_params", () => this.offer(this.box.get("best_params")));
    on("points", () => { this.measure(); this.begin(); });
    on("shown", () => this.evaluate());
    on("note", () => { this.note = this.box.get("note"); });
    for (const name of ["limits", "ranges", "steep", "arrows", "lr"]) on(name, () => {});
  }

  /** Functions from the expressions that Python sent; `local` where they are all there. */
  prepare() {
    const { f, loss, variable } = this.spec;
    this.local = Boolean(f && loss.value);
    if (f) {
      const args = [...this.names, variable].map((n) => f.javascript_names[n]);
      this.f = compile(f.value, args);
      this.slopes = this.names.map((n) => compile(f.slopes[n], args));
    }
    if (loss.value) { this.l = compile(loss.value, ["pred", "target"]); this.dl = compile(loss.slope, ["pred", "target"]); }
  }

  /** Take the points from the model. */
  measure() {
    const all = floats(this.model.get("points")), n = all.length / 2;
    this.xs = all.slice(0, n);
    this.ys = all.slice(n);
    this.preds = new Float64Array(n);
    this.curve = new Float64Array(CURVE);
  }

  /** The best so far begins with what Python knows. */
  begin() {
    this.best = { loss: Infinity, params: { ...this.params } };
    this.evaluate();
    this.offer(this.box.get("best_params"));
  }

  values(params) { return this.names.map((n) => params[n]); }

  lossOf(params) {
    const p = this.values(params), { xs, ys, f, l } = this;
    let sum = 0;
    for (let i = 0; i < xs.length; i++) sum += l(f(...p, xs[i]), ys[i]);
    return this.spec.loss.reduction === "mean" ? sum / xs.length : sum;
  }

  /** Predictions, loss and gradient at the current parameters: here, or from the kernel's newest answer. */
  evaluate() {
    const { xs, ys, preds, f, l, dl, slopes, names } = this;
    const p = this.values(this.params);
    if (!this.local) return this.read(p);
    const n = xs.length, k = this.spec.loss.reduction === "mean" ? 1 / n : 1, gradient = new Float64Array(names.length);
    let loss = 0;
    for (let i = 0; i < n; i++) {
      const pred = preds[i] = f(...p, xs[i]), d = dl(pred, ys[i]);
      loss += l(pred, ys[i]);
      for (let j = 0; j < gradient.length; j++) gradient[j] += d * slopes[j](...p, xs[i]);
    }
    this.loss = loss * k;
    this.gradient = Object.fromEntries(names.map((name, j) => [name, gradient[j] * k]));
    this.ready = true;
    if (this.loss < this.best.loss) this.best = { loss: this.loss, params: { ...this.params } };
  }

  /** The kernel's answer, in the order that FitByHand._answer writes it. It counts when it is about the current parameters. */
  read(p) {
    const answer = floats(this.model.get("shown")), n = this.names.length;
    let at = 0;
    const take = (count) => answer.subarray(at, at += count), named = (v) => Object.fromEntries(this.names.map((name, i) => [name, v[i]]));
    const about = take(n), [loss] = take(1), gradient = take(n), [best] = take(1), bestParams = take(n);
    this.best = { loss: best, params: named(bestParams) };
    this.curve = take(CURVE);
    this.preds = take(this.xs.length);
    this.loss = loss;
    this.gradient = named(gradient);
    this.ready = about.every((v, i) => v === p[i]);
    if (this.ready && this.wanted) { this.wanted = false; this.step(); }
  }

  /** Somebody else's best (Python's, or an earlier page's): ours if it is lower. */
  offer(params) {
    if (!this.local || !params || !this.names.every((n) => Number.isFinite(params[n]))) return;
    const loss = this.lossOf(params);
    if (loss < this.best.loss) this.best = { loss, params: { ...params } };
  }

  /** New parameters from a view: all views show them, Python hears of them. */
  move(params, note = "") {
    this.params = { ...this.params, ...params };
    this.note = note;
    this.evaluate();
    this.box.put({ params: { ...this.params }, note, ...(this.local ? { best_params: { ...this.best.params } } : {}) });
    this.tell();
  }

  /** Set something that is the model's own: the learning rate, the arrows. */
  put(name, value) { this.model.set(name, value); this.model.save_changes(); this.tell(); }

  /** One step downhill; false where there is none. */
  step() {
    if (!this.ready) { this.wanted = true; return true; }
    const lr = this.model.get("lr"), next = Object.fromEntries(this.names.map((n) => [n, this.params[n] - lr * this.gradient[n]]));
    if (!finite(next)) {
      this.note = "No step taken: the slope here is infinite or not a number. Move a slider, or press Reset.";
      this.pause();
      return false;
    }
    if (this.names.every((n) => Math.abs(next[n] - this.params[n]) <= 1e-9 * Math.max(1, Math.abs(next[n])))) {
      this.note = "The slope is as good as zero here: a step changes nothing.";
      this.pause();
      return false;
    }
    this.move(next);
    return true;
  }

  /** Steps of a run; while the kernel is asked, none. */
  beat(steps) {
    for (let i = 0; i < steps && !this.wanted; i++) if (!this.step()) return false;
    return true;
  }
  pause() { this.loop.stop(); this.wanted = false; this.tell(); }
  say(note) { this.note = note; this.tell(); }
  reset() { this.pause(); this.move(this.model.get("start")); }
  back() { this.pause(); this.move(this.best.params); }
  tell() { for (const draw of this.views) draw(); }
}

/** The model's fit, made for its first view and ended with its last. */
function fitOf(model, draw, life) {
  if (!fits.has(model)) fits.set(model, new Fit(model));
  const fit = fits.get(model);
  fit.views.add(draw);
  life.add(() => {
    fit.views.delete(draw);
    if (!fit.views.size) { fits.delete(model); fit.life.end(); }
  });
  return fit;
}

const roundUp = (v) => { const power = 10 ** Math.floor(Math.log10(v)); return power * [1, 2, 5, 10].find((m) => m * power >= v * (1 - 1e-9)); };

function render({ model, el }) {
  const life = new Life(), draw = onFrame(() => redraw(), life), fit = fitOf(model, draw, life), { spec, names } = fit;
  const root = makeRoot({ el, name: "FitByHand", label: `Fit by hand: ${names.join(", ")}`, life });
  const still = !fit.local && !hasKernel(model);

  // The formula, with the values of the moment
  const formula = h("div", { class: "nnf-formula" });
  formula.innerHTML = spec.f?.mathml ?? "";
  const places = [...formula.querySelectorAll("[data-param]")].filter((e) => names.includes(e.dataset.param));
  for (const place of places) {  // `data-param` is the sliders' alone
    place.dataset.shows = place.dataset.param;
    delete place.dataset.param;
    place.setAttribute("mathvariant", "normal");
  }
  const left = /^\w{1,3}$/.test(spec.ylabel) ? `<mi>${spec.ylabel}</mi>` : `<mi>f</mi><mo>(</mo><mi>${spec.variable}</mi><mo>)</mo>`;
  formula.querySelector("math")?.insertAdjacentHTML("afterbegin", `<mrow>${left}</mrow><mo>=</mo>`);

  // The picture
  let drawnAt = null;
  const [x0, x1, y0, y1] = model.get("limits");
  const residuals = s("path", { class: "nnf-residuals" }), curve = s("path", { class: "nnf-curve" }), points = s("g", { class: "nnf-points" });
  const plot = new Plot({ xlim: [x0, x1], ylim: [y0, y1], xlabel: spec.xlabel, ylabel: spec.ylabel, aspect: 0.72, life, draw: () => { drawnAt = null; draw(); },
    label: `${fit.xs.length} points and the curve of the function` });
  plot.layer.append(residuals, curve, points);

  // The numbers
  const loss = readout(spec.loss.label ? `Loss: ${spec.loss.label}` : "Loss", "nnf-loss"), best = readout("Best so far", "nnf-best");
  const back = button("Go back to it", "best", () => fit.back());
  const card = h("div", { class: "nnf-losses" }, loss.node, h("div", { class: "nnf-best-row" }, best.node, back));
  const spoken = h("p", { class: "nnf-hidden", role: "status" });

  // The sliders
  const rows = Object.fromEntries(names.map((name) => [name, sliderRow({ name, ...ends(name), value: fit.params[name], oninput: (v) => fit.move({ [name]: v }) })]));
  const arrows = Object.fromEntries(names.map((name) => {
    const arrow = h("span", { class: "nnf-downhill" });
    rows[name].extra.append(arrow);
    return [name, arrow];
  }));
  const sliders = h("div", { class: "nnf-params" }, Object.values(rows).map((row) => row.node));

  // The buttons
  const showArrows = toggle("Downhill arrows", "arrows", model.get("arrows"), (on) => fit.put("arrows", on));
  const lr = rateField("Learning rate", { value: model.get("lr"), refused: () => fit.say("The learning rate must be a number above 0.") }, (v) => {
    fit.note = "";
    fit.put("lr", v);
  });
  const step = button("Step", "step", () => fit.step(), { "data-primary": true });
  const run = runButton(() => fit.loop.toggle());
  const reset = button("Reset", "reset", () => fit.reset());
  const note = h("p", { class: "nnf-note nnf-said", role: "status" });
  const how = spec.note && h("p", { class: "nnf-note", text: still ? `${spec.note} Open the notebook to move it.` : spec.note });

  const some = fit.xs.length > MOST_DRAWN ? h("p", { class: "nnf-note", text: `The loss counts all ${fit.xs.length} points; ${MOST_DRAWN} at most are drawn.` }) : null;

  root.append(h("div", { class: "nnf-columns" },
    h("div", { class: "nnf-stack" }, spec.f ? formula : null, plot.node),
    h("div", { class: "nnf-stack" }, card, sliders, h("div", { class: "nnf-bar nnf-fit-set" }, showArrows.node, lr.node),
      h("div", { class: "nnf-fit-go" }, step, run.node, reset), how, some, note, spoken)));
  if (still) for (const control of root.querySelectorAll("input, button")) control.disabled = true;

  function ends(name) {
    const [min, max] = model.get("ranges")[name];
    return { min, max, step: roundUp((max - min) / 101), fine: roundUp((max - min) / 510) };
  }

  /** Points, and curve positions: only after a change of size, limits or points. */
  function ground() {
    const [lo, hi, bottom, top] = model.get("limits"), { xs, ys } = fit;
    if (lo !== plot.xlim[0] || hi !== plot.xlim[1] || bottom !== plot.ylim[0] || top !== plot.ylim[1]) plot.limits([lo, hi], [bottom, top]);
    const every = Math.ceil(xs.length / MOST_DRAWN);
    drawn = [...xs.keys()].filter((i) => i % every === 0);
    points.replaceChildren(...drawn.map((i) => s("circle", { class: "nnf-point", cx: plot.x(xs[i]).toFixed(2), cy: plot.y(ys[i]).toFixed(2), r: xs.length > 100 ? 3 : 4.5 })));
    grid = Float64Array.from({ length: CURVE }, (_, i) => lo + (hi - lo) * i / (CURVE - 1));
    for (const name of names) {
      const { min, max, step, fine } = ends(name);
      rows[name].ends(min, max, step, fine);
    }
  }
  let drawn = [], grid = null;

  function redraw() {
    const state = [model.get("limits"), model.get("ranges"), fit.xs, plot.width];
    if (!drawnAt || state.some((v, i) => v !== drawnAt[i])) { ground(); drawnAt = state; }
    const { params, preds, xs, ys } = fit, p = fit.values(params);
    if (fit.f) for (let i = 0; i < CURVE; i++) fit.curve[i] = fit.f(...p, grid[i]);
    curve.setAttribute("d", plot.line(grid, fit.curve));
    residuals.setAttribute("d", drawn.map((i) => (Number.isFinite(preds[i]) ? plot.line([xs[i], xs[i]], [ys[i], preds[i]]) : "")).join(""));
    loss.set(format(fit.loss));
    best.set(format(fit.best.loss));
    back.disabled = still || !Number.isFinite(fit.best.loss) || names.every((n) => params[n] === fit.best.params[n]);
    for (const place of places) {
      const v = params[place.dataset.shows], text = format(v, 3);
      place.textContent = v < 0 ? `(${text})` : text;
    }
    for (const name of names) { rows[name].set(params[name]); point(name); }
    run.set(fit.loop.running);
    lr.set(model.get("lr"));
    showArrows.set(model.get("arrows"));
    if (note.textContent !== fit.note) note.textContent = fit.note;
    speak();
  }

  /** A slider's arrow: from the thumb downhill, its length in proportion to the slope along the slider. */
  function point(name) {
    const arrow = arrows[name], slope = fit.gradient[name], [lo, hi] = model.get("ranges")[name];
    const at = Math.min(1, Math.max(0, (fit.params[name] - lo) / (hi - lo))), length = 0.42 * Math.abs(slope) * (hi - lo) / model.get("steep");
    const shows = model.get("arrows") && length > 0.004;
    arrow.hidden = !shows;
    arrow.dataset.slope = String(slope);
    arrow.dataset.direction = !shows ? "none" : slope > 0 ? "left" : "right";
    rows[name].range.setAttribute("aria-valuetext", format(fit.params[name]) + (shows ? `, downhill to the ${arrow.dataset.direction}` : ""));
    if (!shows) return;
    arrow.style.setProperty("--at", at.toFixed(4));
    arrow.style.setProperty("--length", Math.min(length, slope > 0 ? at : 1 - at, 0.6).toFixed(4));
  }

  let rest = null;
  function speak() {
    clearTimeout(rest);
    rest = setTimeout(() => { spoken.textContent = `Loss ${format(fit.loss)}`; }, 700);
  }
  life.add(() => clearTimeout(rest));
  redraw();
  return life.end;
}

export default { render };
