// What every explorer shares: elements, numbers, colours by CSS class, a plot with axes, sliders and buttons.
// Each explorer imports from here by name; explorers.py joins the two files into one module for notebooks.

const SVG = "http://www.w3.org/2000/svg";

const listening = new WeakMap();

/** Listen to an element of an explorer; `makeRoot` stops it when the view goes. */
export function hear(node, type, f) {
  node.addEventListener(type, f);
  listening.set(node, [...(listening.get(node) || []), [type, f]]);
}

/** @param {Element} node @param {Object} attrs @param {Array} children */
function fill(node, attrs, children) {
  for (const [key, value] of Object.entries(attrs || {})) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) hear(node, key.slice(2), value);
    else if (key === "text") node.textContent = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((c) => c != null));
  return node;
}

/** An HTML element: h("button", {class: "x", onclick: f}, "Step"). */
export const h = (tag, attrs, ...children) => fill(document.createElement(tag), attrs, children);

/** An SVG element, made the same way. */
export const s = (tag, attrs, ...children) => fill(document.createElementNS(SVG, tag), attrs, children);

/** Collects what must be undone when a view goes; `render` returns `life.end`. */
export class Life {
  constructor() { this.undo = []; this.end = () => { for (const f of this.undo.splice(0).reverse()) f(); }; }
  add(f) { this.undo.push(f); return this; }
  /** Listen to a DOM target until the view goes. */
  listen(target, name, f, options) {
    target.addEventListener(name, f, options);
    return this.add(() => target.removeEventListener(name, f, options));
  }
  /** Listen to a widget model ("change:params", "msg:custom") until the view goes. */
  model(model, name, f) { model.on(name, f); return this.add(() => model.off(name, f)); }
}

/** True where a Python kernel answers; the published site's host marks its models `static`. */
export const hasKernel = (model) => model.static !== true;

/**
 * The explorer's root element, put into `el`. Keys typed inside stay inside: notebooks steal arrows otherwise.
 * @param {{el: HTMLElement, name: string, label: string, life: Life}} o
 */
export function makeRoot({ el, name, label, life }) {
  const root = h("div", { class: "nnf-explorer", "data-explorer": name, role: "group", "aria-label": label });
  for (const type of ["keydown", "keyup"]) life.listen(root, type, (e) => e.stopPropagation());
  el.append(root);
  life.add(() => {
    root.remove();
    for (const node of root.querySelectorAll("*")) for (const [type, f] of listening.get(node) || []) node.removeEventListener(type, f);
  });
  return root;
}

/** A Float64Array from a float32 or float64 binary trait (DataView, ArrayBuffer or Uint8Array). */
export function floats(data, type = "float64") {
  if (!data) return new Float64Array(0);
  const view = data instanceof ArrayBuffer ? new DataView(data) : data;
  const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
  return type === "float32" ? Float64Array.from(new Float32Array(bytes)) : new Float64Array(bytes);
}

const FUNCTIONS = ["abs", "exp", "log", "log10", "sqrt", "sin", "cos", "tanh", "sign", "min", "max", "pow", "PI", "E",
  "tan", "floor", "ceil", "cosh", "sinh", "log1p", "expm1", "hypot", "cbrt", "trunc", "atan"];
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const CONSTANTS = new Set(["Infinity", "NaN"]);

/**
 * A JavaScript function from an arithmetic expression, and from nothing else: every token must be a number, an operator,
 * a named argument, or a function of Math in the list above.
 * @param {string} expression @param {string[]} names the arguments, in order
 */
export function compile(expression, names) {
  for (const name of names) if (!IDENTIFIER.test(name) || name === "Math") throw new Error(`not a usable name: ${name}`);
  const token = /\s+|Math\.[A-Za-z0-9_]+|[A-Za-z_][A-Za-z0-9_]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|===|!==|==|!=|<=|>=|&&|\|\||[-+*/%()<>?:,!]/y;
  let at = 0;
  while (at < expression.length) {
    token.lastIndex = at;
    const found = token.exec(expression);
    if (!found) throw new Error(`not arithmetic: ${expression.slice(at, at + 20)}`);
    const t = found[0];
    if (t.startsWith("Math.") ? !FUNCTIONS.includes(t.slice(5)) : /^[A-Za-z_]/.test(t) && !names.includes(t) && !CONSTANTS.has(t))
      throw new Error(`unknown name: ${t}`);
    at = token.lastIndex;
  }
  return new Function(...names, `"use strict"; return (${expression});`);
}

/** A number for reading: about `digits` significant digits, a real minus sign, ∞ and "not a number" in words. */
export function format(value, digits = 4) {
  if (Number.isNaN(value)) return "not a number";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  const text = size !== 0 && (size >= 1e6 || size < 1e-4) ? value.toExponential(Math.max(digits - 2, 1))
    : value.toFixed(Math.max(0, digits - 1 - Math.max(0, Math.floor(Math.log10(size || 1)))));
  return text.replace("-", "−");
}

/** Round numbers that span lo..hi, about `n` of them. */
export function ticks(lo, hi, n = 5) {
  const raw = (hi - lo) / n, power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((m) => m * power >= raw * 0.999);
  const out = [];
  for (let t = Math.ceil(lo / step - 1e-9) * step; t <= hi + step * 1e-6; t += step) out.push(Math.abs(t) < step * 1e-9 ? 0 : t);
  return out;
}

/**
 * `f` at most every `ms`, always once more at rest, with the newest arguments; `.flush()` runs a waiting call now.
 * Unless `ms` is 0 the first call waits two frames: what a hand changed is painted before anybody is told.
 */
export function throttle(f, ms = 100) {
  let timer = null, last = 0, waiting = null;
  const fire = () => { timer = null; if (!waiting) return; last = performance.now(); const a = waiting; waiting = null; f(...a); };
  const call = (...args) => { waiting = args; timer ??= setTimeout(fire, Math.max(Math.min(ms, 32), last + ms - performance.now())); };
  call.flush = () => { clearTimeout(timer); fire(); };
  call.cancel = () => { clearTimeout(timer); timer = null; waiting = null; };
  return call;
}

const bytes = (o) => (ArrayBuffer.isView(o) ? new Uint8Array(o.buffer, o.byteOffset, o.byteLength) : o instanceof ArrayBuffer ? new Uint8Array(o) : o);

/** Are two values of a trait the same, number by number and byte by byte? What JSON leaves out counts as null. */
function same(p, q) {
  const a = bytes(p ?? null), b = bytes(q ?? null);
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (a === null || b === null || typeof a !== "object" || typeof b !== "object" || a.length !== b.length) return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.every((v, i) => v === b[i]);
  return Object.keys({ ...a, ...b }).every((key) => same(a[key], b[key]));
}

const boxes = new WeakMap();
const ON_ITS_WAY = 5000; // ms after which a message has arrived, in front ends that do not tell

/**
 * What one page changes of a model. A change is kept here until it is sent, at most every `ms`: the kernel's echo of an earlier one comes into
 * the model meanwhile, and touches nothing. What Python or another page sets goes before it, also before what is on its way to Python just
 * then: where that arrives after all, its echo tells, and Python's own value is sent back.
 */
class Outbox {
  constructor(model, ms) {
    Object.assign(this, { model, drafts: new Map(), sent: new Map(), seen: new Map(), crossed: new Map(), hearers: new Map(), posts: 0, arrived: 0 });
    this.send = throttle(() => this.post(), ms);
  }

  get(name) { return this.drafts.has(name) ? this.drafts.get(name) : this.model.get(name); }

  put(changes, who) {
    for (const [name, v] of Object.entries(changes)) { this.drafts.set(name, v); this.crossed.delete(name); }
    this.send();
    for (const name of Object.keys(changes)) this.tell(name, who);
  }

  post() {
    const all = [...this.drafts].filter(([name, v]) => !same(v, this.model.get(name))); // the model sends only what differs
    this.drafts.clear();
    if (!all.length) return;
    const post = ++this.posts;
    this.last = performance.now();
    for (const [name, v] of all) { this.sent.set(name, v); this.seen.set(name, v); this.model.set(name, v); }
    this.model.save_changes({ iopub: { status: (o) => { if (o.content.execution_state === "idle") this.arrived = Math.max(this.arrived, post); } } });
  }

  tell(name, who) { for (const [f, whose] of this.hearers.get(name) || []) f(whose !== who); }

  /** The model's value differs: every view hears that, the first to say so is enough. */
  changed(name) {
    const v = this.model.get(name);
    if (this.seen.get(name) === v) return;
    this.seen.set(name, v);
    if (this.sent.has(name) && same(v, this.sent.get(name))) { // an echo
      if (this.crossed.has(name) && !this.drafts.has(name)) this.put({ [name]: this.crossed.get(name) });
      return;
    }
    this.drafts.delete(name);
    if (this.arrived < this.posts && performance.now() - this.last < ON_ITS_WAY) this.crossed.set(name, v); else this.sent.delete(name);
    this.tell(name);
  }
}

/** A view's part in its model's outbox: `get`, `put`, and `on(name, f)` with f(foreign) after each change, by this view or (`foreign`) by others. */
export function outbox(model, life, ms = 100) {
  const layout = model.get("layout"), key = layout && typeof layout === "object" ? layout : model; // views in a notebook get models of their own around it
  if (!boxes.has(key)) boxes.set(key, new Outbox(model, ms));
  const box = boxes.get(key), who = Symbol("view"), { hearers } = box;
  life.add(() => box.send.flush());
  const on = (name, f) => {
    if (!hearers.has(name)) hearers.set(name, new Map());
    hearers.get(name).set(f, who);
    life.model(model, `change:${name}`, () => box.changed(name)).add(() => hearers.get(name).delete(f));
  };
  return { get: (name) => box.get(name), put: (changes) => box.put(changes, who), on };
}

/** `f` once before the next paint, however often it is called; the newest call counts. */
export function onFrame(f, life) {
  let frame = null;
  life?.add(() => cancelAnimationFrame(frame));
  return () => { frame ??= requestAnimationFrame(() => { frame = null; f(); }); };
}

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

/** `v` with as many digits, up to six, as a number field shows: it would cut off an exponent and leave another number. */
const brief = (v) => {
  for (let n = 6; n > 1; n--) for (const text of [String(+v.toPrecision(n)), v.toExponential(n - 1)]) if (text.length <= 8) return text;
  return v.toExponential(0);
};

/** `v` at the nearest multiple of `grid`, without binary dust (0.1 + 0.2 gives 0.3). */
export const snap = (v, grid) => +(Math.round(v / grid) * grid).toPrecision(12);

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

/**
 * A plot with axes that fills its column and keeps its type at reading size at every width.
 * Draw into `plot.layer`; map data with `plot.x(v)` and `plot.y(v)`; `draw` is called after each change of size or limits.
 */
export class Plot {
  constructor({ xlim, ylim, xlabel = "", ylabel = "", label, aspect = 0.62, minHeight = 200, maxHeight = 420, ticksX = 6, ticksY = 5, life, draw }) {
    Object.assign(this, { xlim, ylim, aspect, minHeight, maxHeight, ticksX, ticksY, draw });
    this.margin = { left: ylabel ? 58 : 44, right: 12, top: 10, bottom: xlabel ? 44 : 28 };
    this.grid = s("g", { class: "nnf-grid" });
    this.axes = s("g", { class: "nnf-axes" });
    this.clip = `nnf-clip-${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
    this.rect = s("rect");
    this.layer = s("g", { "clip-path": `url(#${this.clip})` });
    this.over = s("g", { class: "nnf-over" });
    this.xtext = s("text", { class: "nnf-axis-label", "text-anchor": "middle", text: xlabel });
    this.ytext = s("text", { class: "nnf-axis-label", "text-anchor": "middle", text: ylabel });
    this.svg = s("svg", { class: "nnf-plot", role: "img", "aria-label": label },
      s("defs", {}, s("clipPath", { id: this.clip }, this.rect)), this.grid, this.layer, this.axes, this.over, this.xtext, this.ytext);
    const ruler = h("div"); // watched instead of the box: its height never changes, so drawing in the callback starts no second round
    this.node = h("div", { class: "nnf-plot-box" }, ruler, this.svg);
    this.resize(480);
    const watch = new ResizeObserver(([entry]) => {
      const w = Math.round(entry.contentRect.width);
      if (w > 0 && w !== this.width) { this.resize(w); this.draw?.(); }
    });
    watch.observe(ruler);
    life.add(() => watch.disconnect());
  }
  resize(width) {
    this.width = width;
    this.height = Math.round(Math.min(this.maxHeight, Math.max(this.minHeight, width * this.aspect)));
    this.limits(this.xlim, this.ylim);
  }
  /** New limits; redraws the axes, not the data. */
  limits(xlim, ylim) {
    this.xlim = xlim; this.ylim = ylim;
    const { width: w, height: t, margin: m } = this, iw = w - m.left - m.right, ih = t - m.top - m.bottom;
    const kx = iw / (xlim[1] - xlim[0]), ky = ih / (ylim[1] - ylim[0]);
    this.x = (v) => m.left + (v - xlim[0]) * kx;
    this.y = (v) => m.top + ih - (v - ylim[0]) * ky;
    this.invX = (p) => xlim[0] + (p - m.left) / kx;
    this.invY = (p) => ylim[0] + (m.top + ih - p) / ky;
    this.svg.setAttribute("viewBox", `0 0 ${w} ${t}`);
    this.svg.setAttribute("height", t);
    fill(this.rect, { x: m.left, y: m.top, width: iw, height: ih }, []);
    const grid = [], axes = [];
    for (const v of ticks(...xlim, Math.min(this.ticksX, Math.max(2, Math.floor(iw / 55))))) {
      grid.push(s("line", { x1: this.x(v), x2: this.x(v), y1: m.top, y2: m.top + ih, class: v === 0 ? "nnf-zero" : null }));
      axes.push(s("text", { x: this.x(v), y: m.top + ih + 16, "text-anchor": "middle", text: tickText(v) }));
    }
    for (const v of ticks(...ylim, this.ticksY)) {
      grid.push(s("line", { x1: m.left, x2: w - m.right, y1: this.y(v), y2: this.y(v), class: v === 0 ? "nnf-zero" : null }));
      axes.push(s("text", { x: m.left - 6, y: this.y(v) + 4, "text-anchor": "end", text: tickText(v) }));
    }
    this.grid.replaceChildren(...grid);
    this.axes.replaceChildren(...axes);
    fill(this.xtext, { x: m.left + iw / 2, y: t - 6 }, []);
    fill(this.ytext, { transform: `translate(14 ${m.top + ih / 2}) rotate(-90)` }, []);
  }
  /** The `d` of a line through the points; breaks where a value is not finite, and stays in bounds that SVG can draw. */
  line(xs, ys) {
    const lo = -1e4, hi = 1e4;
    let d = "", pen = false;
    for (let i = 0; i < xs.length; i++) {
      if (!Number.isFinite(ys[i])) { pen = false; continue; }
      d += `${pen ? "L" : "M"}${this.x(xs[i]).toFixed(2)} ${Math.min(hi, Math.max(lo, this.y(ys[i]))).toFixed(2)}`;
      pen = true;
    }
    return d;
  }
  /** The data coordinates of a pointer event. */
  at(event) {
    const box = this.svg.getBoundingClientRect(), k = this.width / box.width;
    return [this.invX((event.clientX - box.left) * k), this.invY((event.clientY - box.top) * k)];
  }
}

const tickText = (v) => (Math.abs(v) >= 1e5 || (v !== 0 && Math.abs(v) < 1e-3) ? v.toExponential(0) : String(+v.toPrecision(6))).replace("-", "−");
