// Buttons, switches, fields, sliders and readouts.
import { h, hear } from "./dom.js";
import { brief, snap } from "./numbers.js";

/** A button: button("Step", "step", f). */
export const button = (label, action, onclick, attrs = {}) =>
  h("button", { type: "button", class: "nnf-button", "data-action": action, onclick, ...attrs }, label);

/** A check box with its label: toggle("Show arrows", "arrows", true, f) where f gets the new state. */
export function toggle(label, action, checked, onchange) {
  const box = h("input", { type: "checkbox", "data-action": action, checked, onchange: () => onchange(box.checked) });
  box.checked = checked;
  const wrap = h("label", { class: "nnf-toggle" }, box, h("span", { text: label }));
  wrap.box = box;
  return wrap;
}

/** A number field with its label: field("Learning rate", {value: 0.01, min: 0, step: "any", action: "lr"}, f). */
export function field(label, { value, action, ...attrs }, onchange) {
  const input = h("input", { type: "number", step: "any", value, "data-action": action, ...attrs,
    onchange: () => { if (Number.isFinite(input.valueAsNumber) && input.checkValidity()) onchange(input.valueAsNumber); } });
  const wrap = h("label", { class: "nnf-field" }, h("span", { text: label }), input);
  wrap.input = input;
  return wrap;
}

/** "m1" and "m_1" as m with a small 1. */
const subscript = (name) => { const [, word, digits] = name.match(/^([^\d_]+)_?(\d+)$/) || []; return digits ? [word, h("sub", { text: digits })] : [name]; };

/**
 * A parameter's row: name, slider, number field; `[data-param=name]`. With `fine`, the slider can stand at any value: a hand moves it in
 * multiples of `fine`, arrow keys by `step` (with Shift by a tenth of it), Page Up and Down by ten steps, and a value beyond the ends is kept
 * (the thumb waits at the end, the number field tells). Without `fine` it is a plain slider, and typed values are brought inside.
 * @returns {HTMLElement & {set: (v: number) => void, ends: (min: number, max: number, step?: number, fine?: number) => void, extra: HTMLElement}} `extra` lies over the
 * track (arrows); `data-value` is the exact value
 */
export function sliderRow({ name, label = name, min, max, step, fine, value, oninput }) {
  const range = h("input", { type: "range", min, max, step: fine ? "any" : step, "aria-label": label });
  const number = h("input", { type: "number", step: "any", "aria-label": `${label}, as a number` });
  const extra = h("div", { class: "nnf-arrow", "aria-hidden": "true" });
  const row = h("div", { class: "nnf-param", "data-param": name },
    h("span", { class: "nnf-name" }, ...subscript(label)), h("div", { class: "nnf-track" }, range, extra), number);
  let now = value, held = false, typing = false;
  row.range = range;
  const inside = (v) => Math.min(+range.max, Math.max(+range.min, v));
  row.extra = extra;
  row.set = (v) => {
    now = v;
    range.value = v;
    row.dataset.value = String(v);
    row.toggleAttribute("data-beyond", v < +range.min || v > +range.max);
    if (!typing) number.value = brief(v);
  };
  row.ends = (lo, hi, by = step, grain = fine) => {
    range.min = lo; range.max = hi; step = by; fine = grain;
    row.set(now);
  };
  const move = (v) => { typing = false; row.set(v); oninput(v); };
  const nudge = (event) => {
    const size = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 }[event.key];
    const end = event.target === range && { Home: +range.min, End: +range.max }[event.key];
    if (size === undefined && !Number.isFinite(end)) return;
    if (event.target === number && event.key.match(/Left|Right/)) return;
    event.preventDefault();
    move(Number.isFinite(end) ? end : inside(snap(now + size * (event.shiftKey ? step / 10 : step), step / 10)));
  };
  if (fine) for (const input of [range, number]) hear(input, "keydown", nudge);
  hear(range, "pointerdown", () => { held = true; });
  for (const type of ["pointerup", "pointercancel", "change", "blur"]) hear(range, type, () => { held = false; });
  hear(range, "input", () => move(held && fine ? inside(snap(range.valueAsNumber, fine)) : range.valueAsNumber));
  hear(number, "input", () => { typing = true; });
  for (const type of ["change", "blur"]) hear(number, type, () => {
    if (!typing) return;
    typing = false;
    const v = number.valueAsNumber;
    if (Number.isFinite(v)) move(fine ? v : inside(v)); else row.set(now);
  });
  row.set(value);
  return row;
}

/** A live readout: a label and a value. Screen readers find it, but are not interrupted at every frame. */
export function readout(label, cls) {
  const value = h("output", { class: cls, "aria-live": "off" });
  const wrap = h("div", { class: "nnf-readout" }, h("span", { class: "nnf-label", text: label }), value);
  wrap.set = (text) => { if (value.textContent !== text) value.textContent = text; };
  return wrap;
}
