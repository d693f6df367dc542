// Elements, listeners that end with their view, and the root of an explorer.

const SVG = "http://www.w3.org/2000/svg";

const listening = new WeakMap();

/** Listen to an element of an explorer; `makeRoot` stops it when the view goes. */
export function listen(node, type, f) {
  node.addEventListener(type, f);
  listening.set(node, [...(listening.get(node) || []), [type, f]]);
}

/** @param {Element} node @param {Object} attrs @param {Array} children */
export function fill(node, attrs, children) {
  for (const [key, value] of Object.entries(attrs || {})) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) listen(node, key.slice(2), value);
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

/** `f` once before the next paint, however often it is called; the newest call counts. */
export function onFrame(f, life) {
  let frame = null;
  life?.add(() => cancelAnimationFrame(frame));
  return () => { frame ??= requestAnimationFrame(() => { frame = null; f(); }); };
}
