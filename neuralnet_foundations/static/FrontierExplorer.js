// Every image model a dot, accuracy against speed: filters, the frontier, how fast it must be, a short list. All of it
// in the page; guess which of two is faster and which is better, then look.
import { Fleet, pace } from "./parts/frontier.js";
import { guessedPair, guessing } from "./parts/frontier_guess.js";
import { shortList } from "./parts/frontier_list.js";
import { frontierPlot } from "./parts/frontier_plot.js";
import { button, knob } from "./shared/controls.js";
import { Life, h, inTwoSteps, makeRoot, say } from "./shared/dom.js";
import { brief } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";

const HINT = "Each dot is a model; the line is the frontier of those shown, a dashed one that of all. Half as many errors "
  + "are always the same way up. Arrow keys walk from dot to dot, up and down along the frontier.";

/** @typedef {import("./shared/dom.js").Part} Part */

/** Machine, search and family. @param {Fleet} fleet */
function filters({ box, models, page }) {
  const options = (/** @type {[string, string][]} */ all) => all.map(([value, text]) => h("option", { value, text }));
  /** @param {string} action @param {string} label @param {HTMLOptionElement[]} all @param {Object} [more] also put */
  const select = (action, label, all, more = {}) => {
    const node = h("select", { "data-action": action, "aria-label": label,
      onchange: () => box.put({ [action]: node.value, ...more }) }, all);
    return node;
  };
  const counts = /** @type {Map<string, number>} */ (new Map());
  for (const family of models.family) counts.set(family, (counts.get(family) ?? 0) + 1);
  const families = [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1));
  const machines = /** @type {{name: string, label: string, note: string}[]} */ (page.devices);
  const device = select("device", "Machine", options(machines.map((d) => [d.name, d.label])), { guess: [null, null] });
  const note = h("p", { class: "nnf-note" });
  const family = select("family", "Family", options([["", "All families"],
    ...families.map(([name, n]) => /** @type {[string, string]} */ ([name, `${name} (${n})`]))]));
  const search = h("input", { type: "search", "data-action": "search", "aria-label": "Search by name",
    placeholder: "Search, such as resnet50", maxlength: page.letters, spellcheck: "false",
    oninput: () => box.put({ search: search.value }) });
  const words = () => {
    device.value = box.get("device");
    say(note, machines[device.selectedIndex].note);
    family.value = box.get("family");
    if (search.value !== box.get("search")) search.value = box.get("search");
  };
  return { node: h("div", { class: "nnf-stack nnf-filters" }, device, note, search, family), words };
}

/** What is needed, and the most accurate model that manages it. @param {Fleet} fleet */
function needed(fleet) {
  const { box, page } = fleet;
  const reach = Object.keys(page.pairs).flatMap((name) => fleet.models[name]).filter((v) => v !== null).map(Math.log10);
  const range = { min: Math.min(...reach), max: Math.max(...reach), step: 0.01,
    "aria-label": "Images a second that I need, on a logarithmic scale" };
  const need = knob("I need, a second", { value: box.get("need"), action: "need", range, inputmode: "decimal",
    toSlide: Math.log10, onSlide: (v) => Number((10 ** v).toPrecision(3)), accepts: (v) => v > 0 && v <= 1e9 },
    (v) => box.put({ need: v }));
  const said = h("p", { class: "nnf-best" });
  const words = () => {
    const { best, enough } = fleet, many = `${brief(box.get("need"))} images a second`;
    need.set(box.get("need"));
    say(said, best < 0 ? `None that is shown manages ${many}.` : `${enough.toLocaleString("en")} of those shown manage `
      + `${many}. The most accurate of them: ${fleet.name(best)}, ${fleet.figures(best)}.`);
  };
  /** The slider goes as far as this machine. */
  const picture = () => {
    const logs = fleet.all.order.map((i) => Math.log10(Number(fleet.speeds[i])));
    Object.assign(need.slider, { min: String(logs.at(-1)), max: String(logs[0]) });
  };
  return { node: h("div", { class: "nnf-stack nnf-tight" }, need.node, said), words, picture };
}

/** The model that is read. @param {Fleet} fleet @param {(i: number) => void} keep */
function reading(fleet, keep) {
  const name = h("p", { class: "nnf-title nnf-model" }), kind = h("p", { class: "nnf-note" }), figures = h("p");
  const stands = h("p", { class: "nnf-note" });
  const press = button("Keep", "keep", () => keep(fleet.read), { "data-primary": true });
  const words = () => {
    const i = fleet.read, has = i >= 0, kept = fleet.box.get("kept");
    say(name, has ? fleet.name(i) : "No model");
    say(kind, has ? fleet.kind(i) : "");
    say(figures, has ? fleet.figures(i) : "");
    say(stands, has ? fleet.standing(i) : "Nothing is shown: search for something else, or take another family.");
    say(press, kept.includes(i) ? "Do not keep" : "Keep");
    press.disabled = !has || (kept.length >= fleet.page.most && !kept.includes(i));
  };
  return { node: h("div", { class: "nnf-reading" }, name, kind, figures, stands, press), words };
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), fleet = new Fleet(box, model.get("models"), model.get("page"));
  const root = makeRoot({ el, name: "FrontierExplorer", label: "Image models by accuracy and speed", life });
  const parts = /** @type {Part[]} */ ([]);
  const picture = () => { for (const part of parts) part.picture?.(); };
  const words = () => { for (const part of parts) part.words?.(); };
  const redraw = inTwoSteps({ picture, words, life });
  /** Keep it, or not any more. @param {number} i */
  function keep(i) {
    const kept = /** @type {number[]} */ (box.get("kept"));
    if (kept.includes(i)) box.put({ kept: kept.filter((k) => k !== i) });
    else if (i >= 0 && kept.length < fleet.page.most) box.put({ kept: [...kept, i] });
  }
  const choose = (/** @type {number} */ chosen) => box.put({ chosen });
  const hands = { keep, redraw, choose, need: (/** @type {number} */ v) => box.put({ need: v }) };
  const chart = frontierPlot(fleet, life, hands, () => guessedPair(fleet)), guess = guessing(fleet);
  const filter = filters(fleet), need = needed(fleet), read = reading(fleet, keep), list = shortList(fleet, keep);
  const reset = button("Show all again", "reset", () => box.put({ search: "", family: "", chosen: null }));
  parts.push(chart, guess, filter, need, read, list);
  root.append(guess.node, h("div", { class: "nnf-columns" },
    h("div", { class: "nnf-stack nnf-tight" }, chart.node, h("p", { class: "nnf-note", text: HINT })),
    h("div", { class: "nnf-stack" }, filter.node, need.node, read.node, h("div", { class: "nnf-bar" }, reset))), list.node);
  const heard = ["device", "search", "family", "need", "chosen", "kept", "round", "guess"];
  for (const name of heard) box.on(name, redraw);
  picture();
  words();
  return life.end;
}

export default { render };
