// Gradient descent on the loss of one parameter (a curve) or of two (a contour map), all of it computed in the page.
// The whole path is one trait, `state`, so that every view and Python see the same steps.
import { compile } from "./shared/arithmetic.js";
import { RATE, button, knob, readout, runButton, sliderRow, toggle } from "./shared/controls.js";
import { Life, h, makeRoot, onFrame, s } from "./shared/dom.js";
import { floats, format, packed } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { Plot } from "./shared/plot.js";
import { runLoop } from "./shared/run.js";
import { lossStrip } from "./shared/strip.js";

const KEEP = 5000; // rows of the path that are kept, in the page as in Python
const BANDS = 9;

const WORDS = {
  ready: ["Ready.", "Choose a start in the plot, then Step or Run."],
  converging: ["Converging:", "the steps lead down."],
  crawling: ["Crawling:", "thousands of such steps would cross the map. Try a larger learning rate."],
  bouncing: ["Bouncing:", "it steps over the lowest place and back. A smaller learning rate settles it."],
  diverging: ["Diverging:", "each step lands higher than the one before. Lower the learning rate, then Reset."],
  rest: ["At rest:", "the slope here is practically zero, so nothing pushes it on."],
};

/**
 * The outline of {values <= level} on an n by n grid as the `d` of an SVG path, by marching squares. Beyond the grid counts as higher,
 * so every outline is closed and can be filled. `px(i)` and `py(j)` turn grid positions into pixels.
 * @returns {{d: string, loops: number[][][]}}
 */
function outline(values, n, level, px, py) {
  const at = (i, j) => {
    const v = i < 0 || j < 0 || i >= n || j >= n ? Infinity : values[j * n + i];
    return Number.isNaN(v) ? Infinity : v;
  };
  const inside = (c) => c <= level, clamp = (v) => Math.min(n - 1, Math.max(0, v));
  const next = new Map(), points = new Map();
  for (let j = -1; j < n; j++) for (let i = -1; i < n; i++) {
    const where = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], c = where.map(([a, b]) => at(a, b)), isIn = c.map(inside);
    const count = isIn[0] + isIn[1] + isIn[2] + isIn[3];
    if (count === 0 || count === 4) continue;
    const key = (a, b, upright) => 2 * ((b + 1) * (n + 2) + a + 1) + upright;
    const edges = [key(i, j, 0), key(i + 1, j, 1), key(i, j + 1, 0), key(i, j, 1)];
    const centre = inside((c[0] + c[1] + c[2] + c[3]) / 4);
    for (let e = 0; e < 4; e++) {
      const f = (e + 1) % 4;
      if (isIn[e] === isIn[f]) continue;
      const [a, b] = isIn[e] ? [e, f] : [f, e], t = (level - c[a]) / (c[b] - c[a]);
      const [ax, ay] = where[a].map(clamp), [bx, by] = where[b].map(clamp);
      points.set(edges[e], [px(ax + t * (bx - ax)), py(ay + t * (by - ay))]);
      if (!isIn[e]) continue;
      let g = e; // this edge leaves the inside; the outline goes on to the edge that enters it again
      do g = (g + (centre ? 1 : 3)) % 4; while (isIn[g] || !isIn[(g + 1) % 4]);
      next.set(edges[e], edges[g]);
    }
  }
  const loops = [];
  for (const first of [...next.keys()]) {
    if (!next.has(first)) continue;
    const loop = [];
    for (let edge = first; next.has(edge);) { loop.push(points.get(edge)); const to = next.get(edge); next.delete(edge); edge = to; }
    loops.push(loop);
  }
  return { loops, d: loops.map((l) => `M${l.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join("L")}Z`).join("") };
}

/** The lowest and highest of many numbers. */
const ends = (values) => values.reduce(([lo, hi], v) => [Math.min(lo, v), Math.max(hi, v)], [Infinity, -Infinity]);
const padded = (lo, hi, part = 0.08) => { const pad = part * (hi - lo || Math.abs(hi) || 1); return [lo - pad, hi + pad]; };
/** A number for reading, with as many digits below 1 as above. */
const read = (v, digits = 4) => (Math.abs(v) < 1 && Math.abs(v) >= 1e-4 ? v.toPrecision(digits).replace("-", "−") : format(v, digits));

/** Levels that give bands of about equal area, rounded to numbers one can read. */
function roundLevels(values) {
  const sorted = [...values].filter(Number.isFinite).sort((a, b) => a - b), out = [];
  for (let b = 0; b < BANDS; b++) {
    const v = sorted[Math.floor((0.015 + 0.985 * b / BANDS) * (sorted.length - 1))];
    const level = Number(v.toPrecision(2));
    if (level > sorted[0] && level < sorted.at(-1) && !(level <= out.at(-1))) out.push(level);
  }
  return { levels: out, low: sorted[0], span: (sorted[Math.floor(0.8 * (sorted.length - 1))] - sorted[0]) || 1 };
}

/**
 * What the last steps look like. A row of the path: the k moving parameters, the loss, the k slopes.
 * `widths` are the widths of the map, `span` how much the loss varies on it; `stuck`: the next step has no finite loss.
 */
function judge(path, k, widths, span, stuck) {
  const w = 2 * k + 1, n = path.length / w, loss = (r) => path[r * w + k];
  if (stuck) return "diverging";
  if (n < 2) return "ready";
  const move = (r) => widths.map((width, i) => (path[r * w + i] - path[(r - 1) * w + i]) / width);
  const size = (u) => Math.hypot(...u), last = move(n - 1), pairs = Math.min(4, n - 2);
  let turns = 0;
  for (let r = n - 1; r > n - 1 - pairs; r--) { const before = move(r - 1); if (move(r).reduce((t, v, i) => t + v * before[i], 0) < 0) turns++; }
  const rising = n >= 3 && loss(n - 1) > loss(n - 2) && loss(n - 2) > loss(n - 3);
  const higher = loss(n - 1) > loss(0) + Math.max(0.05 * Math.abs(loss(0)), 0.02 * span);
  if (rising && (higher || turns >= 2)) return "diverging";
  let push = 0;
  for (let i = 0; i < k; i++) push += Math.abs(path[(n - 1) * w + k + 1 + i]) * widths[i];
  if (push < 2e-3 * span && size(last) < 2e-4) return "rest";
  if (turns >= Math.min(2, pairs) && turns > 0) return "bouncing";
  for (let r = n - 1; r > 0 && r > n - 21; r--) if (loss(r) - loss(r - 1) > 0.01 * span) return "bouncing";
  return size(last) < 5e-4 && (n < 3 || size(last) > 0.97 * size(move(n - 2))) ? "crawling" : "converging";
}

export default {
  render({ model, el }) {
    const life = new Life(), box = outbox(model, life);
    const { f: { names: all, javascript_names: names, variable: horizontal, value: expression, slopes }, losses, vary, xlabel, ylabel } = box.get("spec");
    const variable = names[horizontal];
    const k = vary.length, wide = 2 * k + 1, held = all.filter((p) => !vary.includes(p)), args = [...all.map((p) => names[p]), variable];
    const f = compile(expression, args), df = vary.map((p) => compile(slopes[p], args));
    const xs = floats(box.get("x")), ys = floats(box.get("y")), count = xs.length;
    const kinds = Object.fromEntries(losses.map((o) => [o.name, { ...o, value: compile(o.value, ["pred", "target"]), slope: compile(o.slope, ["pred", "target"]) }]));
    const ranges = () => box.get("ranges"), limits = (p) => ranges()[p], state = () => box.get("state");
    const { put } = box;

    // ---- the mathematics
    const vector = (params) => [...all.map((p) => params[p]), 0];
    function lossAt(v, kind) {
      let total = 0;
      for (let i = 0; i < count; i++) { v[all.length] = xs[i]; total += kind.value(f.apply(null, v), ys[i]); }
      return kind.reduction === "mean" ? total / count : total;
    }
    /** Loss and slopes, one row of the path. */
    function row(params, kind) {
      const v = vector(params), out = new Array(wide).fill(0), scale = kind.reduction === "mean" ? 1 / count : 1;
      for (let i = 0; i < count; i++) {
        v[all.length] = xs[i];
        const pred = f.apply(null, v), d = kind.slope(pred, ys[i]);
        out[k] += kind.value(pred, ys[i]) * scale;
        for (let j = 0; j < k; j++) out[k + 1 + j] += d * df[j].apply(null, v) * scale;
      }
      vary.forEach((p, j) => { out[j] = params[p]; });
      return out;
    }
    const begin = (params, criterion) => ({ params, criterion, velocity: vary.map(() => 0), grad: vary.map(() => 0), steps: 0,
      path: packed(row(params, kinds[criterion])) });
    /** The state one step on, as torch's loop does it: add to the gradient, step, zero if asked. `null` if it has no finite loss. */
    function advance(now, path) {
      const lr = box.get("lr"), momentum = box.get("momentum"), zero = box.get("zero_grad"), here = path.length - wide;
      const grad = now.grad.map((g, j) => g + path[here + k + 1 + j]), velocity = now.velocity.map((v, j) => momentum * v + grad[j]);
      const params = { ...now.params };
      vary.forEach((p, j) => { params[p] -= lr * velocity[j]; });
      const added = row(params, kinds[now.criterion]);
      if (![...added, ...velocity, ...grad].every(Number.isFinite)) return null;
      const kept = path.length / wide >= KEEP ? path.subarray(wide) : path, longer = new Float64Array(kept.length + wide);
      longer.set(kept); longer.set(added, kept.length);
      return { params, criterion: now.criterion, velocity, grad: zero ? grad.map(() => 0) : grad, steps: now.steps + 1, path: packed(longer) };
    }
    let seen = null, rows = new Float64Array(0);
    const path = () => { if (seen !== state()) { seen = state(); rows = floats(seen.path); } return rows; };

    // ---- the landscape: losses over the map, recomputed when a held parameter, the loss or a range changes
    let land = null;
    function landscape() {
      const now = state(), key = JSON.stringify([now.criterion, held.map((p) => now.params[p]), vary.map(limits)]);
      if (land?.key === key) return land;
      const n = k === 1 ? 241 : Math.max(24, Math.min(96, Math.floor(Math.sqrt(4e6 / count)))), values = new Float64Array(k === 1 ? n : n * n);
      const v = vector(now.params), at = vary.map((p) => all.indexOf(p)), kind = kinds[now.criterion];
      const sample = (p, i) => { const [lo, hi] = limits(p); return lo + (hi - lo) * i / (n - 1); };
      for (let j = 0; j < (k === 1 ? 1 : n); j++) for (let i = 0; i < n; i++) {
        v[at[0]] = sample(vary[0], i);
        if (k === 2) v[at[1]] = sample(vary[1], j);
        values[j * n + i] = lossAt(v, kind);
      }
      return land = { key, n, values, sample, ...roundLevels(values) };
    }

    // ---- the page
    const root = makeRoot({ el, name: "DescentExplorer", label: "Gradient descent explorer", life });
    const lossName = () => kinds[state().criterion].label;
    const plot = new Plot({ xlim: limits(vary[0]), ylim: k === 2 ? limits(vary[1]) : [0, 1], xlabel: vary[0], ylabel: k === 2 ? vary[1] : "loss", label: "",
      aspect: k === 2 ? 0.82 : 0.66, maxHeight: 460, life, draw: () => { drawn = null; draw(); } });
    const strip = lossStrip({ life, caption: "Loss, step by step", label: "Loss over the steps", size: { aspect: 0.6, minHeight: 130, maxHeight: 170 } });
    const fit = new Plot({ xlim: padded(...ends(xs), 0.03), ylim: [0, 1], xlabel, ylabel, label: "The data and the model's curve", aspect: 0.6, minHeight: 130,
      maxHeight: 170, ticksX: 4, ticksY: 3, life, draw: () => { fitted.fit = ""; draw(); } });
    const ground = s("g"), trail = s("path", { class: k === 2 ? "nnf-curve nnf-trail" : "nnf-trail" }), dots = s("path", { class: "nnf-trail-dots" });
    const nextLine = s("path", { class: "nnf-next" }), startMark = s("circle", { class: "nnf-start", r: 4.5 }), ball = s("circle", { class: "nnf-ball", r: 7.5 });
    const tangent = s("path", { class: "nnf-tangent" });
    plot.layer.append(ground, tangent, trail, dots, nextLine, startMark, ball);
    const away = s("g", { class: "nnf-away" }, s("path", { d: "M0 -9L14 0L0 9Z" }));
    const labels = s("g", { class: "nnf-levels" });
    plot.over.append(labels, away);
    const fitLine = s("path", { class: "nnf-strip-line" }), fitPoints = s("g");
    fit.layer.append(fitPoints, fitLine);

    const loss = readout("Loss", "nnf-loss"), slope = readout("Gradient", "nnf-gradient"), steps = readout("Steps", "nnf-steps");
    const word = h("strong"), rest = h("span"), verdict = h("p", { class: "nnf-state", role: "status" }, word, " ", rest);
    const place = (changes) => { runner.stop(); const params = { ...state().params, ...changes }; put({ start: params, state: begin(params, state().criterion) }); };
    const params = Object.fromEntries(all.map((p) => [p, sliderRow({ name: p, label: p, min: limits(p)[0], max: limits(p)[1],
      step: (limits(p)[1] - limits(p)[0]) / 400, value: state().params[p], oninput: (v) => place({ [p]: v }) })]));

    const lowest = Math.min(-4, Math.floor(Math.log10(box.get("lr")))), highest = Math.max(1, Math.ceil(Math.log10(box.get("lr"))));
    const rate = knob("Learning rate", { ...RATE, value: box.get("lr"), range: { min: lowest, max: highest, step: 0.02, "aria-label": "Learning rate, on a logarithmic scale" },
      onSlide: (v) => Number((10 ** v).toPrecision(3)), toSlide: Math.log10 }, (lr) => put({ lr }));
    const inertia = knob("Momentum", { action: "momentum", value: box.get("momentum"), range: { min: 0, max: 0.99, step: 0.01, "aria-label": "Momentum" },
      onSlide: (v) => v, accepts: (v) => v >= 0 && v < 1 }, (momentum) => put({ momentum }));
    const zero = toggle("Zero the gradient after each step", "zero", box.get("zero_grad"), (on) => put({ zero_grad: on }));
    const group = `nnf-loss-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    const choices = losses.map((o) => h("label", { class: "nnf-choice" },
      h("input", { type: "radio", name: group, value: o.name, "data-action": `loss-${o.name}`, onchange: () => { runner.stop(); put({ criterion: o.name, state: begin(box.get("start"), o.name) }); } }),
      h("span", { text: o.label })));
    const stepButton = button("Step", "step", () => { runner.stop(); step(); }), runs = runButton(() => runner.toggle(), { "data-primary": true });
    const resetButton = button("Reset", "reset", () => { runner.stop(); put({ state: begin(box.get("start"), state().criterion) }); });

    root.append(h("div", { class: "nnf-descent" },
      h("div", { class: "nnf-descent-map" }, plot.node, h("p", { class: "nnf-note", text: k === 2
        ? "Each line joins places of equal loss. Click to choose a start; the dotted line is the next step."
        : "Click to choose a start; the green line is the slope there, the dotted one the next step." })),
      h("div", { class: "nnf-stack nnf-descent-side" },
        loss.node, verdict,
        h("div", { class: "nnf-bar" }, stepButton, runs.node, resetButton),
        h("div", { class: "nnf-stack nnf-tight", role: "group", "aria-label": "Start values" }, ...vary.map((p) => params[p].node),
          held.length ? h("span", { class: "nnf-label nnf-small", text: "Held still" }) : null, ...held.map((p) => params[p].node)),
        h("div", { class: "nnf-stack nnf-tight" }, rate.node, inertia.node),
        h("div", { class: "nnf-choices", role: "radiogroup", "aria-label": "Loss" }, ...choices), zero.node,
        h("div", { class: "nnf-stack nnf-few" }, slope.node, steps.node)),
      h("div", { class: "nnf-descent-minis" },
        strip.node,
        h("figure", { class: "nnf-strip" }, h("figcaption", { class: "nnf-label", text: "The fit at this point" }), fit.node))));

    // ---- start by pointing: a mouse or pen may drag, a finger taps (dragging a finger scrolls the page)
    const aim = (event) => {
      const [a, b] = plot.at(event), within = (p, v) => Math.min(limits(p)[1], Math.max(limits(p)[0], v)), nice = (v) => Number(v.toPrecision(4));
      place(k === 2 ? { [vary[0]]: nice(within(vary[0], a)), [vary[1]]: nice(within(vary[1], b)) } : { [vary[0]]: nice(within(vary[0], a)) });
    };
    let dragging = false;
    life.listen(plot.svg, "pointerdown", (e) => {
      if (e.pointerType === "touch" || e.button !== 0) return;
      dragging = true; e.preventDefault(); plot.svg.setPointerCapture(e.pointerId); aim(e);
    });
    life.listen(plot.svg, "pointermove", (e) => { if (dragging) aim(e); });
    for (const type of ["pointerup", "pointercancel"]) life.listen(plot.svg, type, () => { dragging = false; });
    life.listen(plot.svg, "click", (e) => { if (e.pointerType === "touch") aim(e); });

    // ---- steps
    let taken = 0;
    function step() {
      const further = advance(state(), path());
      if (further) put({ state: further }); else draw();
      return further !== null;
    }
    const runner = runLoop(life, {
      wait: (beats) => (beats < 40 ? 45 : 0), // slow enough to watch at first, then as fast as the screen
      tell: (running) => { if (running) taken = 0; else drawNow(); runs.set(running); },
      beat: (n) => {
        for (let i = 0; i < n; i++) {
          taken++;
          if (!step() || taken >= 1000) return false;
          const what = verdictNow();
          if (what === "rest" || (what === "diverging" && offMap())) return false;
        }
        return true;
      },
    });
    const offMap = () => vary.some((p) => state().params[p] < limits(p)[0] || state().params[p] > limits(p)[1]);
    const widths = () => vary.map((p) => limits(p)[1] - limits(p)[0]);
    const verdictNow = () => judge(path(), k, widths(), landscape().span, advance(state(), path()) === null);

    // ---- drawing
    let drawn = null;
    const fitted = { fit: "" };
    function drawLandscape() {
      const field = landscape(), { n, values, sample, levels, low } = field, [xlim, ylim] = vary.length === 2 ? vary.map(limits) : [limits(vary[0]), null];
      const key = `${field.key} ${plot.width}`;
      if (drawn === key) return;
      drawn = key;
      labels.replaceChildren();
      if (k === 1) {
        plot.limits(xlim, padded(low, ends(values.filter(Number.isFinite))[1], 0.06));
        ground.replaceChildren(s("path", { class: "nnf-curve", d: plot.line(Array.from(values, (_, i) => sample(vary[0], i)), values) }));
        return;
      }
      plot.limits(xlim, ylim);
      const px = (i) => plot.x(xlim[0] + (xlim[1] - xlim[0]) * i / (n - 1)), py = (j) => plot.y(ylim[0] + (ylim[1] - ylim[0]) * j / (n - 1));
      const m = plot.margin, band = (b) => `--nnf-depth:${Math.round(6 + 50 * b / Math.max(1, levels.length))}%`;
      ground.replaceChildren(s("rect", { x: m.left, y: m.top, width: plot.width - m.left - m.right, height: plot.height - m.top - m.bottom, class: "nnf-band", style: band(levels.length) }));
      const placed = [];
      for (let b = levels.length - 1; b >= 0; b--) {
        const { d, loops } = outline(values, n, levels[b], px, py);
        ground.append(s("path", { class: "nnf-band", "fill-rule": "evenodd", d, style: band(b) }));
        const room = (x, y) => x > m.left + 22 && x < plot.width - m.right - 22 && y > m.top + 12 && y < plot.height - m.bottom - 10
          && placed.every(([a, c]) => Math.abs(a - x) > 44 || Math.abs(c - y) > 17);
        const spot = loops.flat().filter(([x, y]) => room(x, y)).sort((p, q) => p[1] - p[0] - q[1] + q[0])[0];
        if (!spot) continue;
        placed.push(spot);
        labels.append(s("text", { x: spot[0], y: spot[1] + 4, "text-anchor": "middle", text: String(levels[b]).replace("-", "−") }));
      }
    }
    function mini(plotted, key, xlim, ylim) {
      const text = JSON.stringify([xlim, ylim, plotted.width]);
      if (fitted[key] === text) return false;
      fitted[key] = text; plotted.limits(xlim, ylim);
      return true;
    }
    function drawNow() {
      drawLandscape();
      const now = state(), r = path(), n = r.length / wide, here = (n - 1) * wide, value = r[here + k];
      const bound = (v, size) => Math.min(2 * size, Math.max(-size, v));
      const point = (q) => { const i = q * wide; return [bound(plot.x(r[i]), 4000), bound(plot.y(k === 2 ? r[i + 1] : r[i + k]), 4000)]; };
      const points = Array.from({ length: n }, (_, q) => point(q)), [bx, by] = points[n - 1];
      trail.setAttribute("d", points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join(""));
      dots.setAttribute("d", points.slice(-300).map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join(""));
      startMark.setAttribute("cx", points[0][0]); startMark.setAttribute("cy", points[0][1]);
      const m = plot.margin, left = m.left, right = plot.width - m.right, top = m.top, bottom = plot.height - m.bottom;
      const cx = Math.min(right, Math.max(left, bx)), cy = Math.min(bottom, Math.max(top, by)), off = cx !== bx || cy !== by;
      ball.setAttribute("cx", bx); ball.setAttribute("cy", by);
      away.style.display = off ? "" : "none";
      if (off) {
        const turn = Math.atan2(by - cy, bx - cx), inset = 16;
        away.setAttribute("transform", `translate(${cx - inset * Math.cos(turn)} ${cy - inset * Math.sin(turn)}) rotate(${turn * 180 / Math.PI})`);
      }
      const further = advance(now, r);
      nextLine.setAttribute("d", "");
      if (further) {
        const ahead = floats(further.path).subarray(-wide);
        const [ax, ay] = [bound(plot.x(ahead[0]), 4000), bound(plot.y(k === 2 ? ahead[1] : ahead[k]), 4000)];
        nextLine.setAttribute("d", `M${bx.toFixed(1)} ${by.toFixed(1)}L${ax.toFixed(1)} ${ay.toFixed(1)}`);
      }
      if (k === 1) {
        const g = r[here + 2], reach = 0.16 * (limits(vary[0])[1] - limits(vary[0])[0]), p = r[here];
        tangent.setAttribute("d", plot.line([p - reach, p + reach], [value - reach * g, value + reach * g]));
      }
      // the two small plots
      strip.set(Array.from({ length: n }, (_, q) => r[q * wide + k]), now.steps);
      const [x0, x1] = fit.xlim, v = vector(now.params), grid = Array.from({ length: 101 }, (_, i) => x0 + (x1 - x0) * i / 100);
      if (mini(fit, "fit", fit.xlim, padded(...ends(ys))))
        fitPoints.replaceChildren(...Array.from(xs, (x, i) => (i % Math.ceil(count / 400) ? null // a sample is enough to see
          : s("circle", { class: "nnf-point", r: 3, cx: fit.x(x), cy: fit.y(ys[i]) }))).filter(Boolean));
      fitLine.setAttribute("d", fit.line(grid, grid.map((x) => { v[all.length] = x; return f.apply(null, v); })));
      // words and controls
      loss.set(read(value, 5));
      loss.rename(lossName());
      slope.set(vary.map((p, j) => `${p} ${read(r[here + k + 1 + j])}`).join(", "));
      steps.set(String(now.steps));
      const what = judge(r, k, widths(), landscape().span, further === null);
      let why = WORDS[what][1];
      if (what === "bouncing" && !box.get("zero_grad")) why = "the old gradients add up and carry it past the lowest place. Zero them, and it settles.";
      else if (what === "bouncing" && box.get("momentum") > 0) why = "momentum carries it past the lowest place. Less of it, or a smaller learning rate, settles it.";
      else if (what === "diverging" && further === null) why = now.steps ? "the next step has no finite loss, so it stops here. Lower the learning rate, then Reset."
        : "there is no finite loss here, or one step away. Choose another start or a smaller learning rate.";
      else if (what === "diverging" && !box.get("zero_grad")) why = "the old gradients add up and throw it higher. Zero them, or lower the learning rate, then Reset.";
      else if (what === "converging" && offMap()) why = "the ball has left the map, but the loss falls.";
      if (verdict.dataset.state !== what || rest.textContent !== why) { verdict.dataset.state = what; word.textContent = WORDS[what][0]; rest.textContent = why; }
      for (const p of all) params[p].set(now.params[p]);
      rate.set(box.get("lr"));
      inertia.set(box.get("momentum"));
      zero.set(box.get("zero_grad"));
      for (const c of choices) c.firstChild.checked = c.firstChild.value === now.criterion;
      stepButton.disabled = runs.node.disabled = further === null;
      plot.svg.setAttribute("aria-label", `${k === 2 ? "Contour map" : "Curve"} of the loss over ${vary.join(" and ")}. The ball is at `
        + `${vary.map((p) => `${p} = ${format(now.params[p])}`).join(", ")}${off ? ", beyond the edge of the map" : ""}. Loss ${format(value)} after ${now.steps} steps.`);
    }
    const draw = onFrame(drawNow, life);
    for (const name of ["lr", "momentum", "zero_grad", "ranges", "criterion"]) box.on(name, draw);
    box.on("state", (foreign) => { if (foreign) runner.stop(); draw(); });
    box.on("ranges", () => { for (const p of all) params[p].ends(...limits(p)); });
    drawNow();
    return life.end;
  },
};
