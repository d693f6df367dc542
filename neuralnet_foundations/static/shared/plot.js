// A plot with axes, drawn as SVG.
import { fill, h, s, say } from "./dom.js";
import { tickText, ticks } from "./numbers.js";

const BOUND = 1e4; // px, as far as SVG draws well

/** @typedef {[number, number]} Limits */
/** @typedef {(lo: number, hi: number, n: number) => [number, string][]} Marks places along an axis, and their texts */
/** @typedef {{x: (v: number) => number, y: (v: number) => number}} Scale */

/** Round numbers. @type {Marks} */
const evenMarks = (lo, hi, n) => ticks(lo, hi, n).map((v) => [v, tickText(v)]);

/** As far as SVG draws well. @param {number} v */
export const drawable = (v) => Math.min(BOUND, Math.max(-BOUND, v));

/** A `transform` to a place in the plot. @param {number} x @param {number} y */
export const shifted = (x, y) => `translate(${drawable(x).toFixed(1)} ${drawable(y).toFixed(1)})`;

/** Room for numbers and names at the axes. @param {string} xlabel @param {string} ylabel */
const marginsOf = (xlabel, ylabel) => ({ left: ylabel ? 58 : 44, right: 12, top: 10, bottom: xlabel ? 44 : 28 });

/**
 * A plot with axes that fills its column and keeps its type at reading size at every width.
 * Draw into `plot.layer`; map data with `plot.x(v)` and `plot.y(v)`; `draw` is called after each change of size.
 */
export class Plot {
  /**
   * @param {{xlim: Limits, ylim: Limits, xlabel?: string, ylabel?: string, label: string, aspect?: number,
   *   minHeight?: number, maxHeight?: number, ticksX?: number, ticksY?: number, marksX?: Marks, marksY?: Marks,
   *   life: import("./dom.js").Life, draw?: () => void}} o
   */
  constructor({ xlim, ylim, xlabel = "", ylabel = "", label, aspect = 0.62, minHeight = 200, maxHeight = 420,
    ticksX = 6, ticksY = 5, marksX = evenMarks, marksY = evenMarks, life, draw }) {
    this.xlim = xlim;
    this.ylim = ylim;
    this.shape = { aspect, minHeight, maxHeight, ticksX, ticksY, marksX, marksY };
    this.margin = marginsOf(xlabel, ylabel);
    this.width = this.height = 0;
    this.limitsShown = "";
    this.build(xlabel, ylabel, label);
    this.resize(480);
    this.follow(life, draw);
  }

  /** @param {string} xlabel @param {string} ylabel @param {string} label */
  build(xlabel, ylabel, label) {
    const clip = `nnf-clip-${crypto.getRandomValues(new Uint32Array(2)).join("")}`;
    this.grid = s("g", { class: "nnf-grid" });
    this.axes = s("g", { class: "nnf-axes" });
    this.rect = s("rect");
    this.layer = s("g", { "clip-path": `url(#${clip})` });
    this.over = s("g", { class: "nnf-over" });
    this.xtext = s("text", { class: "nnf-axis-label", "text-anchor": "middle", text: xlabel });
    this.ytext = s("text", { class: "nnf-axis-label", "text-anchor": "middle", text: ylabel });
    this.svg = s("svg", { class: "nnf-plot", role: "img", "aria-label": label },
      s("defs", {}, s("clipPath", { id: clip }, this.rect)), this.grid, this.layer, this.axes, this.over, this.xtext,
        this.ytext);
    // Watched instead of the box: its height never changes, so drawing in the callback starts no second round
    this.ruler = h("div");
    this.node = h("div", { class: "nnf-plot-box" }, this.ruler, this.svg);
  }

  /**
   * Take the width of the column, again and again.
   * @param {import("./dom.js").Life} life @param {(() => void) | undefined} draw
   */
  follow(life, draw) {
    const watch = new ResizeObserver(([entry]) => {
      const width = Math.round(entry.contentRect.width);
      if (width <= 0 || width === this.width) return;
      this.resize(width);
      draw?.();
    });
    watch.observe(this.ruler);
    life.add(() => watch.disconnect());
  }

  /** @param {number} width */
  resize(width) {
    const { aspect, minHeight, maxHeight } = this.shape;
    this.width = width;
    this.height = Math.round(Math.min(maxHeight, Math.max(minHeight, width * aspect)));
    this.node.style.height = `${this.height}px`;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    this.svg.setAttribute("height", String(this.height));
    this.limits(this.xlim, this.ylim);
  }

  /** The frame inside the axes, in pixels. */
  get frame() {
    const { left, right, top, bottom } = this.margin;
    return { left, top, right: this.width - right, bottom: this.height - bottom, width: this.width - left - right,
      height: this.height - top - bottom };
  }

  /**
   * New limits; redraws the axes, not the data. Tells whether anything changed.
   * @param {Limits} xlim @param {Limits} ylim
   */
  limits(xlim, ylim) {
    const text = JSON.stringify([xlim, ylim, this.width, this.height]);
    if (text === this.limitsShown) return false;
    this.limitsShown = text;
    this.xlim = xlim;
    this.ylim = ylim;
    const { left, bottom, width, height } = this.frame;
    const kx = width / (xlim[1] - xlim[0]), ky = height / (ylim[1] - ylim[0]);
    /** @type {(v: number) => number} */
    this.x = (v) => left + (v - xlim[0]) * kx;
    /** @type {(v: number) => number} */
    this.y = (v) => bottom - (v - ylim[0]) * ky;
    this.drawAxes();
    return true;
  }

  /** Other names at the axes. @param {string} xlabel @param {string} ylabel */
  rename(xlabel, ylabel) {
    if (this.xtext.textContent === xlabel && this.ytext.textContent === ylabel) return;
    say(this.xtext, xlabel);
    say(this.ytext, ylabel);
    Object.assign(this.margin, marginsOf(xlabel, ylabel));
    this.limitsShown = "";
    this.limits(this.xlim, this.ylim);
  }

  drawAxes() {
    const { left, right, top, bottom, width, height } = this.frame, { ticksX, ticksY, marksX, marksY } = this.shape;
    const grid = [], axes = [];
    for (const [v, text] of marksX(...this.xlim, Math.min(ticksX, Math.max(2, Math.floor(width / 55))))) {
      grid.push(s("line", { x1: this.x(v), x2: this.x(v), y1: top, y2: bottom, class: v === 0 ? "nnf-zero" : null }));
      axes.push(s("text", { x: this.x(v), y: bottom + 16, "text-anchor": "middle", text }));
    }
    for (const [v, text] of marksY(...this.ylim, ticksY)) {
      grid.push(s("line", { x1: left, x2: right, y1: this.y(v), y2: this.y(v), class: v === 0 ? "nnf-zero" : null }));
      axes.push(s("text", { x: left - 6, y: this.y(v) + 4, "text-anchor": "end", text }));
    }
    this.grid.replaceChildren(...grid);
    this.axes.replaceChildren(...axes);
    fill(this.rect, { x: left, y: top, width, height });
    fill(this.xtext, { x: left + width / 2, y: this.height - 6 });
    fill(this.ytext, { transform: `translate(14 ${top + height / 2}) rotate(-90)` });
  }

  /**
   * The `d` of a line through the points; breaks where a value is not finite, and stays in bounds that SVG can draw.
   * @param {ArrayLike<number>} xs @param {ArrayLike<number>} ys
   */
  line(xs, ys) { return this.liner(xs)(ys); }

  /**
   * Lines over the same xs, for many that follow each other.
   * @param {ArrayLike<number>} xs @returns {(ys: ArrayLike<number>) => string}
   */
  liner(xs) {
    const across = Array.from(xs, (x) => `${this.x(x).toFixed(2)} `), { y } = this;
    return (ys) => {
      let d = "", pen = "M";
      for (let i = 0; i < across.length; i++) {
        if (Number.isFinite(ys[i])) d += pen + across[i] + drawable(y(ys[i])).toFixed(2);
        pen = Number.isFinite(ys[i]) ? "L" : "M";
      }
      return d;
    };
  }

  /** The data coordinates of a pointer event. @param {PointerEvent | MouseEvent} event @returns {[number, number]} */
  at(event) {
    const box = this.svg.getBoundingClientRect(), k = this.width / box.width;
    const { left, bottom, width, height } = this.frame;
    const part = [((event.clientX - box.left) * k - left) / width, (bottom - (event.clientY - box.top) * k) / height];
    return [this.xlim[0] + part[0] * (this.xlim[1] - this.xlim[0]),
      this.ylim[0] + part[1] * (this.ylim[1] - this.ylim[0])];
  }
}
