// A plot with axes, drawn as SVG.
import { fill, h, s } from "./dom.js";
import { tickText, ticks } from "./numbers.js";

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
