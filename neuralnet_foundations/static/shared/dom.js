// Elements, listeners that end with their view, frames, and the root of an explorer.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined} Child */
/**
 * @typedef {Record<string, any>} Attributes `onclick` and its kin listen, `text` is the content; null and false are
 *   left out
 */
/** @typedef {(event: any) => void} Listener */
/**
 * @typedef {{node?: Node | null, picture?: () => void, words?: () => void}} Part of a view: what it draws before the
 *   next paint, and what after it
 */

/** @type {WeakMap<Node, [string, Listener][]>} */
const listening = new WeakMap();

/**
 * Listen to an element of an explorer; `makeRoot` stops it when the view goes.
 * @param {Node} node @param {string} type @param {Listener} f
 */
export function listen(node, type, f) {
  node.addEventListener(type, f);
  listening.set(node, [...(listening.get(node) || []), [type, f]]);
}

/**
 * @template {Element} T
 * @param {T} node @param {Attributes | null} [attributes] @param {(Child | Child[])[]} [children] @returns {T}
 */
export function fill(node, attributes, children = []) {
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value == null || value === false) continue;
    if (key.startsWith("on")) listen(node, key.slice(2), value);
    else if (key === "text") node.textContent = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

/**
 * An HTML element: h("button", {class: "x", onclick: f}, "Step").
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Attributes | null} [attributes] @param {(Child | Child[])[]} children
 */
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

/**
 * An SVG element, made the same way.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag @param {Attributes | null} [attributes] @param {(Child | Child[])[]} children
 */
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

/** Another text, if it is another. @param {Node} node @param {string} text */
export function say(node, text) {
  const { firstChild } = node;
  if (firstChild instanceof Text && firstChild === node.lastChild) {
    if (firstChild.data !== text) firstChild.data = text; // no node comes or goes: cheaper to lay out
  } else if (node.textContent !== text) node.textContent = text;
}

/**
 * A box that is laid out and painted for itself, whatever stands around it; a stylesheet gives it its size.
 * @param {(Child | Child[])[]} children
 */
export const island = (...children) => h("div", { class: "nnf-island" }, ...children);

/** Collects what must be undone when a view goes; `render` returns `life.end`. */
export class Life {
  constructor() {
    /** @type {(() => void)[]} */
    this.undo = [];
    this.end = () => { for (const f of this.undo.splice(0).reverse()) f(); };
  }
  /** @param {() => void} f */
  add(f) {
    this.undo.push(f);
    return this;
  }
  /**
   * Listen to a DOM target until the view goes.
   * @param {EventTarget} target @param {string} name @param {Listener} f @param {AddEventListenerOptions} [options]
   */
  listen(target, name, f, options) {
    target.addEventListener(name, f, options);
    return this.add(() => target.removeEventListener(name, f, options));
  }
  /**
   * Listen to a widget model ("change:params") until the view goes.
   * @param {WidgetModel} model @param {string} name @param {() => void} f
   */
  model(model, name, f) {
    model.on(name, f);
    return this.add(() => model.off(name, f));
  }
}

/**
 * True where a Python kernel answers; the published site's host marks its models `static`.
 * @param {WidgetModel} model
 */
export const hasKernel = (model) => model.static !== true;

/** Nothing inside listens any more. @param {Element} root */
export function silence(root) {
  for (const node of root.querySelectorAll("*")) {
    for (const [type, f] of listening.get(node) || []) node.removeEventListener(type, f);
  }
}

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
    silence(root);
  });
  return root;
}

/**
 * `f` once before the next paint, however often it is called; the newest call counts.
 * @param {() => void} f @param {Life} [life]
 */
export function onFrame(f, life) {
  let frame = 0;
  life?.add(() => cancelAnimationFrame(frame));
  return () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      f();
    });
  };
}

/**
 * Draws in two steps: `picture` before the next paint; `words` (digits, number fields, what nobody looks at while
 * dragging) in a later frame. Between them the picture is put on the screen and the next key is heard: a timer waits
 * behind both, where a frame asked for at once would come before them on a slow machine.
 * @param {{picture: () => void, words: () => void, life: Life}} o
 */
export function inTwoSteps({ picture, words, life }) {
  let timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  const write = onFrame(words, life);
  life.add(() => clearTimeout(timer));
  return onFrame(() => {
    picture();
    timer ??= setTimeout(() => {
      timer = undefined;
      write();
    });
  }, life);
}
