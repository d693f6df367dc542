// A list that a hand puts in order, with two arrows beside each item: by mouse, touch and keyboard.
import { button } from "./controls.js";
import { h } from "./dom.js";

/** @typedef {{content: Node, name: string}} Sortable `name`: as a screen reader says it */

/** @param {number[]} order @param {number} from @param {number} to */
function swapped(order, from, to) {
  const next = [...order];
  [next[from], next[to]] = [next[to], next[from]];
  return next;
}

/**
 * @param {Sortable[]} items @param {(order: number[]) => void} give hears of each move: the items' numbers, in their new
 *   order
 * @returns {{node: HTMLElement, rows: HTMLElement[], set: (order: number[]) => void}}
 */
export function sortable(items, give) {
  let now = items.map((_, i) => i);
  const node = h("ol", { class: "nnf-order" });
  /** @param {number} item @param {number} by */
  function move(item, by) {
    const from = now.indexOf(item), to = from + by;
    if (to >= 0 && to < now.length) give(swapped(now, from, to));
  }
  const rows = items.map(({ content, name }, item) => {
    const arrow = (/** @type {string} */ sign, /** @type {string} */ way, /** @type {number} */ by) =>
      button(sign, way, () => move(item, by), { "aria-label": `Move ${way}: ${name}` });
    return h("li", null, content, arrow("↑", "up", -1), arrow("↓", "down", 1));
  });
  /** The focus stays with its item, on the arrow that is left where the other one has gone. @param {Element | null} focus */
  function keepFocus(focus) {
    const up = focus === rows[now[0]].children[1], down = focus === rows[now[now.length - 1]].children[2];
    const heir = up ? focus?.nextElementSibling : down ? focus?.previousElementSibling : focus;
    if (heir instanceof HTMLElement && node.contains(heir)) heir.focus();
  }
  /** @param {number[]} order */
  function set(order) {
    now = order;
    const wanted = order.map((item) => rows[item]), focus = document.activeElement;
    if (wanted.every((row, i) => node.children[i] === row)) return;
    node.replaceChildren(...wanted);
    for (const arrow of node.querySelectorAll("button")) arrow.disabled = false;
    keepFocus(focus);
    atTheEnds();
  }
  /** The first cannot go up, nor the last one down. */
  function atTheEnds() {
    const first = rows[now[0]].children[1], last = rows[now[now.length - 1]].children[2];
    for (const arrow of [first, last]) if (arrow instanceof HTMLButtonElement) arrow.disabled = true;
  }
  set(now);
  return { node, rows, set };
}
