// Buttons, switches, fields, sliders and readouts. A control is a plain object: its `node`, `set` to show a value, and the parts that others need.
import { h, listen } from "./dom.js";
import { brief, snap } from "./numbers.js";

/** A button: button("Step", "step", f). */
export const button = (label, action, onclick, attrs = {}) =>
  h("button", { type: "button", class: "nnf-button", "data-action": action, onclick, ...attrs }, label);

/** The button of a run loop; `set(running)` says what a press does next. */
export function runButton(onclick, attrs = {}) {
  const node = button("Run", "run", onclick, attrs);
  return { node, set: (running) => { node.textContent = running ? "Pause" : "Run"; } };
}

/** A check box with its label: toggle("Show arrows", "arrows", true, f) where f gets the new state. */
export function toggle(label, action, checked, onchange) {
  const box = h("input", { type: "checkbox", "data-action": action, onchange: () => onchange(box.checked) });
  const set = (on) => { box.checked = on; };
  set(checked);
  return { node: h("label", { class: "nnf-toggle" }, box, h("span", { text: label })), set, box };
}

/**
 * A number field; what `accepts` refuses goes back to the value before, and `refused` hears of it. `set` waits while somebody types.
 * @returns {{node: HTMLInputElement, set: (v: number) => void}}
 */
export function numberInput({ value, action, accepts = () => true, refused = () => {}, ...attrs }, onchange) {
  const input = h("input", { type: "number", step: "any", "data-action": action, ...attrs });
  let now = value, typing = false;
  const set = (v) => { now = v; if (!typing) input.value = brief(now); };
  listen(input, "input", () => { typing = true; });
  listen(input, "change", () => {
    const v = input.valueAsNumber, good = Number.isFinite(v) && input.checkValidity() && accepts(v);
    typing = false;
    set(good ? v : now);
    if (good) onchange(v); else refused();
  });
  listen(input, "blur", () => { typing = false; set(now); });
  set(value);
  return { node: input, set };
}

/** A number field with its label: field("Learning rate", {value: 0.01, action: "lr"}, f). */
export function field(label, o, onchange) {
  const { node: input, set } = numberInput(o, onchange);
  return { node: h("label", { class: "nnf-field" }, h("span", { text: label }), input), set, input };
}

/** What every number field of a learning rate is. */
export const RATE = { action: "lr", inputmode: "decimal", accepts: (v) => v > 0 };

/** The field of the learning rate, a number above 0. */
export const rateField = (label, o, onchange) => field(label, { ...RATE, ...o }, onchange);

/** A labelled slider with a number field beside it, for what is no parameter; `onSlide(value of the slider)` gives its number. */
export function knob(label, { value, action, range, onSlide, toSlide = (v) => v, ...o }, onchange) {
  const slider = h("input", { type: "range", "data-action": `${action}-slider`, ...range, oninput: () => onchange(onSlide(slider.valueAsNumber)) });
  const number = numberInput({ value, action, "aria-label": `${label}, as a number`, ...o }, onchange);
  const set = (v) => {
    slider.value = String(toSlide(v));
    slider.setAttribute("aria-valuetext", brief(v));
    number.set(v);
  };
  set(value);
  return { node: h("div", { class: "nnf-knob" }, h("span", { class: "nnf-label", text: label }), slider, number.node), set };
}

/** "m1" and "m_1" as m with a small 1. */
function subscript(name) {
  const [, word, digits] = name.match(/^([^\d_]+)_?(\d+)$/) || [];
  return digits ? [word, h("sub", { text: digits })] : [name];
}

/**
 * A parameter's row: name, slider, number field; `[data-param=name]`. With `fine`, the slider can stand at any value: a hand moves it in
 * multiples of `fine`, arrow keys by `step` (with Shift by a tenth of it), Page Up and Down by ten steps, and a value beyond the ends is kept
 * (the thumb waits at the end, the number field tells). Without `fine` it is a plain slider, and typed values are brought inside.
 * @returns {{node: HTMLElement, set: (v: number) => void, ends: (min: number, max: number, step?: number, fine?: number) => void,
 *   range: HTMLInputElement, extra: HTMLElement}} `extra` lies over the track (arrows); `data-value` is the exact value
 */
export function sliderRow({ name, label = name, min, max, step, fine, value, oninput }) {
  const range = h("input", { type: "range", min, max, step: fine ? "any" : step, "aria-label": label });
  const number = h("input", { type: "number", step: "any", "aria-label": `${label}, as a number` });
  const extra = h("div", { class: "nnf-arrow", "aria-hidden": "true" });
  const node = h("div", { class: "nnf-param", "data-param": name },
    h("span", { class: "nnf-name" }, ...subscript(label)), h("div", { class: "nnf-track" }, range, extra), number);
  let now = value, held = false, typing = false;
  const inside = (v) => Math.min(+range.max, Math.max(+range.min, v));
  const set = (v) => {
    now = v;
    range.value = v;
    node.dataset.value = String(v);
    node.toggleAttribute("data-beyond", v < +range.min || v > +range.max);
    if (!typing) number.value = brief(v);
  };
  const ends = (lo, hi, by = step, grain = fine) => {
    range.min = lo; range.max = hi; step = by; fine = grain;
    set(now);
  };
  const move = (v) => { typing = false; set(v); oninput(v); };
  const nudge = (event) => {
    const size = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    const end = event.target === range && { Home: +range.min, End: +range.max }[event.key];
    if (size === undefined && !Number.isFinite(end)) return;
    if (event.target === number && event.key.match(/Left|Right/)) return;
    event.preventDefault();
    move(Number.isFinite(end) ? end : inside(snap(now + size * (event.shiftKey ? step / 10 : step), step / 10)));
  };
  if (fine) for (const input of [range, number]) listen(input, "keydown", nudge);
  listen(range, "pointerdown", () => { held = true; });
  for (const type of ["pointerup", "pointercancel", "change", "blur"]) listen(range, type, () => { held = false; });
  listen(range, "input", () => move(held && fine ? inside(snap(range.valueAsNumber, fine)) : range.valueAsNumber));
  listen(number, "input", () => { typing = true; });
  for (const type of ["change", "blur"]) listen(number, type, () => {
    if (!typing) return;
    typing = false;
    const v = number.valueAsNumber;
    if (Number.isFinite(v)) move(fine ? v : inside(v)); else set(now);
  });
  set(value);
  return { node, set, ends, range, extra };
}

/** A live readout: a label and a value. Screen readers find it, but are not interrupted at every frame. */
export function readout(label, cls) {
  const value = h("output", { class: cls, "aria-live": "off" }), name = h("span", { class: "nnf-label", text: label });
  const set = (text) => { if (value.textContent !== text) value.textContent = text; };
  const rename = (text) => { if (name.textContent !== text) name.textContent = text; };
  return { node: h("div", { class: "nnf-readout" }, name, value), set, rename };
}
