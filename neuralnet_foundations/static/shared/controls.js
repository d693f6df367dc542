// Buttons, switches, fields, sliders and readouts. A control is a plain object: its `node`, `set` to show a value, and
// the parts that others need.
import { h, island, listen, say } from "./dom.js";
import { brief, dusted, snap } from "./numbers.js";

/**
 * A button: button("Step", "step", f).
 * @param {string} label @param {string} action @param {() => void} onclick
 * @param {import("./dom.js").Attributes} [attributes]
 */
export const button = (label, action, onclick, attributes = {}) =>
  h("button", { type: "button", class: "nnf-button", "data-action": action, onclick, ...attributes }, label);

/**
 * The button of a run loop; `set(running)` says what a press does next.
 * @param {() => void} onclick @param {import("./dom.js").Attributes} [attributes]
 */
export function runButton(onclick, attributes = {}) {
  const node = button("Run", "run", onclick, attributes);
  return { node, set: (/** @type {boolean} */ running) => say(node, running ? "Pause" : "Run") };
}

/**
 * A check box with its label: toggle("Show arrows", "arrows", true, f) where f gets the new state.
 * @param {string} label @param {string} action @param {boolean} checked @param {(on: boolean) => void} onchange
 */
export function toggle(label, action, checked, onchange) {
  const box = h("input", { type: "checkbox", "data-action": action, onchange: () => onchange(box.checked) });
  const set = (/** @type {boolean} */ on) => { box.checked = on; };
  set(checked);
  return { node: h("label", { class: "nnf-toggle" }, box, h("span", { text: label })), set, box };
}

/**
 * @typedef {Object} NumberOptions and any attribute of the element
 * @property {number} [value] @property {string} [action] `data-action`
 * @property {(v: number) => boolean} [accepts] @property {() => void} [refused] @property {() => number} [by]
 */

/**
 * A number field; what `accepts` refuses goes back to the value before, and `refused` hears of it. `set` waits while
 * somebody types. With `by`, arrow keys up and down go so far, and the field shows it when the view sets it: to write
 * in a field that has the focus is slow.
 * @param {NumberOptions & import("./dom.js").Attributes} o @param {(v: number) => void} onchange
 */
export function numberInput({ value = 0, action, accepts = () => true, refused = () => {}, by, ...attributes },
  onchange) {
  const node = h("input", { type: "number", step: "any", "data-action": action, ...attributes });
  let now = value, typing = false, late = false;
  const show = () => {
    if (typing) return;
    node.value = brief(now);
    late = false;
  };
  const set = (/** @type {number} */ v) => { if (v !== now || late) { now = v; show(); } };
  const good = (/** @type {number} */ v) => Number.isFinite(v) && node.checkValidity() && accepts(v);
  const commit = () => {
    const v = node.valueAsNumber, taken = good(v);
    typing = false;
    if (taken) now = v;
    show();
    if (taken) onchange(v); else refused();
  };
  const nudge = (/** @type {KeyboardEvent} */ event) => {
    if (!(event.key in KEYS) || /Left|Right/.test(event.key)) return;
    const typed = node.valueAsNumber, from = typing && good(typed) ? typed : now;
    event.preventDefault();
    typing = false;
    late = true;
    now = nudged(from, event, by());
    onchange(now);
  };
  if (by) listen(node, "keydown", nudge);
  listen(node, "input", () => { typing = true; });
  listen(node, "change", commit);
  listen(node, "blur", () => { typing = false; show(); });
  show();
  return { node, set };
}

/**
 * A number field with its label: field("Learning rate", {value: 0.01, action: "lr"}, f).
 * @param {string} label @param {NumberOptions & import("./dom.js").Attributes} o @param {(v: number) => void} onchange
 */
export function field(label, o, onchange) {
  const { node: input, set } = numberInput(o, onchange);
  return { node: h("label", { class: "nnf-field" }, h("span", { text: label }), input), set, input };
}

/** What every number field of a learning rate is. */
const RATE = { action: "lr", inputmode: "decimal", accepts: (/** @type {number} */ v) => v > 0 };

/**
 * The field of the learning rate, a number above 0.
 * @param {string} label @param {NumberOptions & import("./dom.js").Attributes} o @param {(v: number) => void} onchange
 */
export const rateField = (label, o, onchange) => field(label, { ...RATE, ...o }, onchange);

/**
 * A labelled slider with a number field beside it, for what is no parameter; `range` has the slider's attributes,
 * `onSlide(place)` gives the number of a place on it and `toSlide` the way back.
 * @param {string} label
 * @param {NumberOptions & import("./dom.js").Attributes & {range: import("./dom.js").Attributes,
 *   onSlide?: (v: number) => number, toSlide?: (v: number) => number}} o
 * @param {(v: number) => void} onchange
 */
export function knob(label, { value, action, range, onSlide = (v) => v, toSlide = (v) => v, ...o }, onchange) {
  const move = () => onchange(onSlide(slider.valueAsNumber));
  const slider = h("input", { type: "range", "data-action": `${action}-slider`, ...range, oninput: move });
  const number = numberInput({ value, action, "aria-label": `${label}, as a number`, ...o }, onchange);
  const set = (/** @type {number} */ v) => {
    slider.value = String(toSlide(v));
    slider.setAttribute("aria-valuetext", brief(v));
    number.set(v);
  };
  set(value ?? 0);
  return { node: h("div", { class: "nnf-knob" }, h("span", { class: "nnf-label", text: label }),
    h("div", { class: "nnf-track" }, island(slider)), h("div", { class: "nnf-digits" }, island(number.node))), set,
    slider };
}

/**
 * The learning rate as a knob: on a logarithmic slider, from the fourth decimal to 10, or as far as it goes.
 * @param {number} value @param {(v: number) => void} onchange
 */
export function rateKnob(value, onchange) {
  const size = Math.log10(value), ends = { min: Math.min(-4, Math.floor(size)), max: Math.max(1, Math.ceil(size)) };
  const range = { ...ends, step: 0.02, "aria-label": "Learning rate, on a logarithmic scale" };
  const onSlide = (/** @type {number} */ v) => Number((10 ** v).toPrecision(3));
  return knob("Learning rate", { ...RATE, value, "aria-label": "Learning rate", range, onSlide, toSlide: Math.log10 },
    onchange);
}

/** "m1" and "m_1" as m with a small 1. @param {string} name */
function subscript(name) {
  const [, word, digits] = name.match(/^([^\d_]+)_?(\d+)$/) || [];
  return digits ? [word, h("sub", { text: digits })] : [name];
}

/** @type {Record<string, number>} how many steps a key goes */
const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };

/**
 * Where a key leads from `v`; with Shift a tenth as far.
 * @param {number} v @param {KeyboardEvent} event @param {number} step
 */
const nudged = (v, { key, shiftKey }, step) => snap(v + KEYS[key] * (shiftKey ? step / 10 : step), step / 10);

/**
 * A parameter's row: name, slider, number field; `[data-param=name]`. With `fine`, the slider can stand at any value: a
 * hand moves it in multiples of `fine`, arrow keys by `step` (with Shift by a tenth of it), Page Up and Down by ten
 * steps, and a value beyond the ends is kept (the thumb waits at the end, the number field tells). Without `fine` it is
 * a plain slider, and typed values are brought inside. A hand's change shows at the thumb at once, in the number field
 * when the view sets it.
 * @param {{name: string, label?: string, min: number, max: number, step: number, fine?: number, value: number,
 *   oninput: (v: number) => void}} o
 * @returns `extra` lies over the track (arrows); `data-value` of the node is the exact value
 */
export function sliderRow({ name, label = name, min, max, step, fine, value, oninput }) {
  const range = h("input", { type: "range", min, max, step: fine ? "any" : step, "aria-label": label });
  const number = h("input", { type: "number", step: "any", "aria-label": `${label}, as a number` });
  const extra = h("div", { class: "nnf-arrow", "aria-hidden": "true" });
  const node = h("div", { class: "nnf-param", "data-param": name },
    h("span", { class: "nnf-name" }, ...subscript(label)), h("div", { class: "nnf-track" }, island(range, extra)),
      h("div", { class: "nnf-digits" }, island(number)));
  let now = value, held = false, typing = false, lo = min, hi = max;
  const inside = (/** @type {number} */ v) => Math.min(hi, Math.max(lo, v));
  const place = (/** @type {number} */ v) => {
    now = v;
    range.value = String(v);
    node.dataset.value = String(v);
    node.toggleAttribute("data-beyond", v < lo || v > hi);
  };
  const write = () => { if (!typing) number.value = brief(dusted(now, hi - lo)); };
  const set = (/** @type {number} */ v) => {
    if (v !== now) place(v);
    write();
  };
  const move = (/** @type {number} */ v) => {
    typing = false;
    place(v);
    oninput(v);
  };
  const ends = (/** @type {number} */ low, /** @type {number} */ high, by = step, grain = fine) => {
    lo = low; hi = high; step = by; fine = grain;
    range.min = String(lo);
    range.max = String(hi);
    if (!fine) range.step = String(step);
    place(now);
    write();
  };
  const nudge = (/** @type {KeyboardEvent} */ event) => {
    const { key, target } = event, end = target === range ? { Home: lo, End: hi }[key] : undefined;
    if (end === undefined && (!(key in KEYS) || (target === number && /Left|Right/.test(key)))) return;
    event.preventDefault();
    move(end ?? inside(nudged(now, event, step)));
  };
  const typed = () => {
    if (!typing) return;
    typing = false;
    const v = number.valueAsNumber;
    if (Number.isFinite(v)) move(fine ? v : inside(v));
    write();
  };
  if (fine) for (const input of [range, number]) listen(input, "keydown", nudge);
  listen(range, "pointerdown", () => { held = true; });
  for (const type of ["pointerup", "pointercancel", "change", "blur"]) listen(range, type, () => { held = false; });
  listen(range, "input", () => move(held && fine ? inside(snap(range.valueAsNumber, fine)) : range.valueAsNumber));
  listen(number, "input", () => { typing = true; });
  for (const type of ["change", "blur"]) listen(number, type, typed);
  place(value);
  write();
  return { node, set, ends, range, extra };
}

/**
 * A live readout: a label and a value. Screen readers find it, but are not interrupted at every frame.
 * @param {string} label @param {string} kind
 */
export function readout(label, kind) {
  const value = island(), name = h("span", { class: "nnf-label", text: label });
  const set = (/** @type {string} */ text) => say(value, text);
  const rename = (/** @type {string} */ text) => say(name, text);
  return { node: h("div", { class: "nnf-readout" }, name, h("output", { class: kind, "aria-live": "off" }, value)), set,
    rename };
}
