// Points one by one: put where somebody clicks into the plot, or typed; chosen, and taken away again.
import { button, field, toggle } from "./controls.js";
import { h, listen, s, say } from "./dom.js";
import { snap } from "./numbers.js";
import { ownPoints } from "./own_data.js";

const FEWEST = 2, NEAR = 14; // points that stay; px around a point that are its own
const FINE = 200; // of a plot's width or height: a click is rounded to a power of ten about so fine

/** @typedef {import("./own_data.js").OwnData} OwnData */
/** @typedef {{xs: ArrayLike<number>, ys: ArrayLike<number>, labels: {xlabel: string, ylabel: string}}} Points */
/** @typedef {import("./plot.js").Plot} Plot */

/** A round number about there. @param {number} v @param {[number, number]} limits */
const rounded = (v, [lo, hi]) => snap(v, 10 ** Math.floor(Math.log10((hi - lo) / FINE)));

/** The point at a place of the screen, -1 for none. @param {Points} points @param {Plot} plot @param {number[]} at */
function pointAt({ xs, ys }, plot, [x, y]) {
  const far = Array.from(xs, (v, i) => Math.hypot(plot.x(v) - plot.x(x), plot.y(ys[i]) - plot.y(y)));
  const i = far.reduce((best, d, k) => (d < far[best] ? k : best), 0);
  return far[i] <= NEAR ? i : -1;
}

/**
 * @param {{plot: Plot, most: number, now: () => Points, use: (own: OwnData) => string,
 *   tell: (text: string, kind?: string) => void, redraw: () => void}} o `use` takes points and gives what is wrong with
 *   them
 * @returns {import("./dom.js").Part & {node: HTMLElement}}
 */
export function pointEditor({ plot, most, now, use, tell, redraw }) {
  let chosen = 0, place = [0, 0], shown = /** @type {ArrayLike<number>} */ ([]);
  const ring = s("circle", { class: "nnf-ring", r: 9 });
  const cross = toggle("A click into the plot adds a point", "own-click", false, () => redraw());
  const typed = (/** @type {number} */ k) => field("xy"[k], { action: `own-${"xy"[k]}` }, (v) => {
    place = place.with(k, v);
  });
  const [x, y] = [typed(0), typed(1)];
  const which = field("Point", { action: "own-point", min: 1, step: 1 }, (v) => choose(v - 1));
  const many = h("span", { class: "nnf-note" }), add = button("Add", "own-add", () => put(place));
  const drop = button("Remove it", "own-remove", remove);
  const title = "Points one by one", group = { role: "group", "aria-label": title };
  const node = h("div", { class: "nnf-stack nnf-tight nnf-own-points", ...group },
    h("span", { class: "nnf-title", text: title }), cross.node,
    h("div", { class: "nnf-bar" }, x.node, y.node, add), h("div", { class: "nnf-bar" }, which.node, many, drop));
  /** @param {number} i */
  function choose(i) {
    const { xs, ys } = now();
    chosen = Math.max(0, Math.min(xs.length - 1, i));
    place = [xs[chosen], ys[chosen]];
    redraw();
  }
  /** @param {number[]} xs @param {number[]} ys @param {string} text */
  function replace(xs, ys, text) {
    const { labels } = now(), problem = use(ownPoints(xs, ys, [labels.xlabel, labels.ylabel]));
    tell(problem || `${text} ${xs.length.toLocaleString("en")} points.`, problem ? "bad" : "");
    return !problem;
  }
  /** @param {number[]} at */
  function put([px, py]) {
    const { xs, ys } = now(), n = xs.length;
    if (n >= most) return tell(`There are ${most.toLocaleString("en")} points, and no more can be taken.`, "bad");
    if (replace([...Array.from(xs), px], [...Array.from(ys), py], `Added (${px}, ${py}).`)) choose(n);
  }
  function remove() {
    const { xs, ys } = now(), rest = (/** @type {ArrayLike<number>} */ v) => Array.from(v).filter((_, i) => i !== chosen);
    if (replace(rest(xs), rest(ys), `Removed (${xs[chosen]}, ${ys[chosen]}).`)) choose(chosen);
  }
  listen(plot.svg, "click", (/** @type {MouseEvent} */ event) => {
    if (!cross.box.checked || !node.isConnected) return;
    const [px, py] = plot.at(event), found = pointAt(now(), plot, [px, py]);
    if (found >= 0) choose(found);
    else put([rounded(px, plot.xlim), rounded(py, plot.ylim)]);
  });
  function words() {
    const { xs, ys } = now(), n = xs.length, on = node.isConnected;
    plot.svg.toggleAttribute("data-adding", on && cross.box.checked);
    if (!on) return ring.remove();
    plot.over.append(ring);
    chosen = Math.min(chosen, n - 1);
    if (xs !== shown) place = [xs[chosen], ys[chosen]];
    shown = xs;
    ring.setAttribute("cx", plot.x(xs[chosen]).toFixed(1));
    ring.setAttribute("cy", plot.y(ys[chosen]).toFixed(1));
    x.set(place[0]);
    y.set(place[1]);
    which.set(chosen + 1);
    which.input.max = String(n);
    say(many, n > FEWEST ? `of ${n.toLocaleString("en")}` : `of ${n}, which must stay`);
    drop.disabled = n <= FEWEST;
  }
  return { node, words };
}
