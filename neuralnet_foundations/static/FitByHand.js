// FitByHand: a function's curve over points, a slider per parameter. The page computes curve, loss and gradient where the function and its loss
// came as JavaScript; else the kernel answers each move. Python hears of changes every 100 ms and once at rest.
import { fitOf } from "./parts/fit.js";
import { button, rateField, readout, runButton, sliderRow, toggle } from "./shared/controls.js";
import { Life, h, hasKernel, inTwoSteps, makeRoot, s, say } from "./shared/dom.js";
import { mathElement, mathFrom } from "./shared/mathml.js";
import { dusted, format, roundUp } from "./shared/numbers.js";
import { Plot, drawable } from "./shared/plot.js";

const SPOKEN_AFTER = 700; // ms at rest, then a screen reader hears the loss

/** @typedef {import("./parts/fit.js").Fit} Fit */
/** @typedef {{node?: Node | null, picture?: () => void, words?: () => void}} Part what it draws before the next paint, and what after it */

/** What the formula says it is: the name of the vertical axis, or f(x). @param {Fit} fit */
function leftSide({ spec: { ylabel, variable } }) {
  const name = /^\w{1,3}$/.test(ylabel) ? [mathElement("mi", {}, ylabel)]
    : [mathElement("mi", {}, "f"), mathElement("mo", {}, "("), mathElement("mi", {}, variable), mathElement("mo", {}, ")")];
  return [mathElement("mrow", {}, ...name), mathElement("mo", {}, "=")];
}

/** The formula, with the values of the moment. @param {Fit} fit @returns {Part} */
function formula(fit) {
  const math = fit.spec.f && mathFrom(fit.spec.f.mathml);
  if (!math) return {};
  const places = [...math.querySelectorAll("[data-param]")].filter((place) => fit.names.includes(place.getAttribute("data-param") ?? ""));
  const shows = places.map((place) => /** @type {string} */ (place.getAttribute("data-param")));
  places.forEach((place, i) => { // `data-param` is the sliders' alone
    place.removeAttribute("data-param");
    place.setAttribute("data-shows", shows[i]);
    place.setAttribute("mathvariant", "normal");
  });
  math.prepend(...leftSide(fit));
  const words = () => places.forEach((place, i) => {
    const [lo, hi] = fit.box.get("ranges")[shows[i]], v = dusted(fit.params[shows[i]], hi - lo), text = format(v, 3);
    say(place, v < 0 ? `(${text})` : text);
  });
  return { node: h("div", { class: "nnf-formula" }, math), words };
}

/** Points, residuals and curve. @param {Fit} fit @param {Life} life @param {() => void} draw @returns {Part} */
function plotOf(fit, life, draw) {
  const { most_drawn: most, curve_points: count } = fit.page, { xlabel, ylabel } = fit.spec, [x0, x1, y0, y1] = fit.box.get("limits");
  const residuals = s("path", { class: "nnf-residuals" }), line = s("path", { class: "nnf-curve" }), points = s("g", { class: "nnf-points" });
  const plot = new Plot({ xlim: [x0, x1], ylim: [y0, y1], xlabel, ylabel, aspect: 0.72, life, draw, label: "Points, and the curve of the function" });
  plot.layer.append(residuals, line, points);
  /** @type {unknown[]} */
  let groundOf = [];
  let drawn = /** @type {number[]} */ ([]), starts = /** @type {string[]} */ ([]), lineOver = plot.liner([]);
  const grid = new Float64Array(count), heights = new Float64Array(count);

  /** Points, and places of the curve: only after a change of size, limits or points. */
  function ground() {
    const limits = fit.box.get("limits"), state = [limits, fit.xs, plot.width], { xs, ys } = fit;
    if (state.every((v, i) => v === groundOf[i])) return;
    groundOf = state;
    const [lo, hi, bottom, top] = limits, every = Math.ceil(xs.length / most), r = xs.length > 100 ? 3 : 4.5;
    plot.limits([lo, hi], [bottom, top]);
    plot.svg.setAttribute("aria-label", `${xs.length} points and the curve of the function`);
    drawn = [...xs.keys()].filter((i) => i % every === 0);
    points.replaceChildren(...drawn.map((i) => s("circle", { class: "nnf-point", cx: plot.x(xs[i]).toFixed(2), cy: plot.y(ys[i]).toFixed(2), r })));
    starts = drawn.map((i) => `M${plot.x(xs[i]).toFixed(2)} ${plot.y(ys[i]).toFixed(2)}V`);
    for (let i = 0; i < count; i++) grid[i] = lo + (hi - lo) * i / (count - 1);
    lineOver = plot.liner(grid);
  }
  function picture() {
    ground();
    const { preds } = fit, end = (/** @type {number} */ i) => drawable(plot.y(preds[i])).toFixed(2);
    line.setAttribute("d", lineOver(fit.curve(grid, heights)));
    residuals.setAttribute("d", drawn.map((i, q) => (Number.isFinite(preds[i]) ? starts[q] + end(i) : "")).join(""));
  }
  return { node: plot.node, picture };
}

/** Loss now and best so far; a screen reader hears the loss once it rests. @param {Fit} fit @param {Life} life @param {boolean} still @returns {Part} */
function losses(fit, life, still) {
  const { label } = fit.lossSpec, loss = readout(label ? `Loss: ${label}` : "Loss", "nnf-loss"), best = readout("Best so far", "nnf-best");
  const back = button("Go back to it", "best", () => fit.back()), spoken = h("p", { class: "nnf-hidden", role: "status" });
  let rest = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  life.add(() => clearTimeout(rest));
  function words() {
    best.set(format(fit.best.loss));
    back.disabled = still || !Number.isFinite(fit.best.loss) || fit.names.every((name) => fit.params[name] === fit.best.params[name]);
    clearTimeout(rest);
    rest = setTimeout(() => say(spoken, `Loss ${format(fit.loss)}`), SPOKEN_AFTER);
  }
  return { node: h("div", { class: "nnf-losses" }, loss.node, h("div", { class: "nnf-best-row" }, best.node, back), spoken),
    picture: () => loss.set(format(fit.loss)), words };
}

/** One parameter: its slider, and over it an arrow from the thumb downhill, as long as the slope is steep. @param {Fit} fit @param {string} name */
function slider(fit, name) {
  const ends = () => {
    const [min, max] = fit.box.get("ranges")[name];
    return { min, max, step: roundUp((max - min) / 101), fine: roundUp((max - min) / 510) };
  };
  const row = sliderRow({ name, ...ends(), value: fit.params[name], oninput: (v) => fit.move({ [name]: v }) }), arrow = h("span", { class: "nnf-downhill" });
  row.extra.append(arrow);
  let ranges = fit.box.get("ranges");
  const stretch = () => {
    if (ranges === fit.box.get("ranges")) return;
    ranges = fit.box.get("ranges");
    const { min, max, step, fine } = ends();
    row.ends(min, max, step, fine);
  };
  function point() {
    const slope = fit.gradient[name], [lo, hi] = ranges[name], at = Math.min(1, Math.max(0, (fit.params[name] - lo) / (hi - lo)));
    const length = 0.42 * Math.abs(slope) * (hi - lo) / fit.box.get("steep"), shows = fit.box.get("arrows") && length > 0.004;
    const direction = !shows ? "none" : slope > 0 ? "left" : "right";
    arrow.hidden = !shows;
    arrow.dataset.direction = direction;
    row.range.setAttribute("aria-valuetext", format(fit.params[name]) + (shows ? `, downhill to the ${direction}` : ""));
    if (!shows) return;
    arrow.style.setProperty("--at", at.toFixed(4));
    arrow.style.setProperty("--length", Math.min(length, slope > 0 ? at : 1 - at, 0.6).toFixed(4));
  }
  return { node: row.node, words: () => { stretch(); row.set(fit.params[name]); point(); } };
}

/** All sliders. @param {Fit} fit @returns {Part} */
function sliders(fit) {
  const rows = fit.names.map((name) => slider(fit, name));
  return { node: h("div", { class: "nnf-params" }, rows.map((row) => row.node)), words: () => { for (const row of rows) row.words(); } };
}

/** The switch of the arrows, and the learning rate. @param {Fit} fit @returns {Part} */
function settings(fit) {
  const arrows = toggle("Downhill arrows", "arrows", fit.box.get("arrows"), (on) => fit.put({ arrows: on }));
  const refused = () => fit.say("The learning rate must be a number above 0.");
  const lr = rateField("Learning rate", { value: fit.box.get("lr"), refused }, (v) => {
    fit.note = "";
    fit.put({ lr: v });
  });
  const words = () => {
    lr.set(fit.box.get("lr"));
    arrows.set(fit.box.get("arrows"));
  };
  return { node: h("div", { class: "nnf-bar nnf-fit-set" }, arrows.node, lr.node), words };
}

/** Step, Run, Reset. @param {Fit} fit @returns {Part} */
function buttons(fit) {
  const run = runButton(() => fit.loop.toggle());
  const node = h("div", { class: "nnf-fit-go" }, button("Step", "step", () => fit.step(), { "data-primary": true }), run.node,
    button("Reset", "reset", () => fit.reset()));
  return { node, picture: () => run.set(fit.loop.running) };
}

/** What there is to know: who computes, how many points are drawn, and how the last step went. @param {Fit} fit @param {boolean} still @returns {Part} */
function notes(fit, still) {
  const how = h("p", { class: "nnf-note" }), said = h("p", { class: "nnf-note nnf-said", role: "status" }), many = h("p", { class: "nnf-note" });
  const node = h("div", { class: "nnf-stack" });
  const words = () => {
    const { xs, page, spec, note } = fit;
    say(how, spec.note && still ? `${spec.note} Open the notebook to move it.` : spec.note);
    say(many, xs.length > page.most_drawn ? `The loss counts all ${xs.length} points; ${page.most_drawn} at most are drawn.` : "");
    say(said, note);
    const wanted = [how, many, said].filter((one) => one === said || one.textContent);
    if (wanted.length !== node.children.length) node.replaceChildren(...wanted);
  };
  return { node, words };
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), parts = /** @type {Record<string, Part>} */ ({});
  const picture = () => { for (const part of Object.values(parts)) part.picture?.(); };
  const words = () => { for (const part of Object.values(parts)) part.words?.(); };
  const draw = inTwoSteps({ picture, words, life }), fit = fitOf(model, draw, life), still = !fit.local && !hasKernel(model);
  const root = makeRoot({ el, name: "FitByHand", label: `Fit by hand: ${fit.names.join(", ")}`, life });
  Object.assign(parts, { formula: formula(fit), plot: plotOf(fit, life, draw), losses: losses(fit, life, still), sliders: sliders(fit),
    settings: settings(fit), buttons: buttons(fit), notes: notes(fit, still) });
  root.append(h("div", { class: "nnf-columns" },
    h("div", { class: "nnf-stack" }, parts.formula.node, parts.plot.node),
    h("div", { class: "nnf-stack" }, parts.losses.node, parts.sliders.node, parts.settings.node, parts.buttons.node, parts.notes.node)));
  picture();
  words();
  if (still) for (const control of root.querySelectorAll("input, button")) control.toggleAttribute("disabled", true);
  return life.end;
}

export default { render };
