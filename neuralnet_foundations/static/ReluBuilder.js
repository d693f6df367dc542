// A curve from n ReLUs: c + sum of w * max(0, m x + b), built by hand (drag the kinks) or by gradient descent, all in the page.
// What is fitted is one trait, `state`, and the target another, so that every view and Python see the same.
import { button, rateField, readout, runButton, sliderRow } from "./shared/controls.js";
import { Life, h, makeRoot, onFrame, s } from "./shared/dom.js";
import { floats, format, packed, snap } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";
import { Plot } from "./shared/plot.js";
import { runLoop } from "./shared/run.js";
import { lossStrip } from "./shared/strip.js";

const MOST = 20, LOSSES = 5000, EACH = ["w", "m", "b"];

/** The targets that are ready, as functions of where in the domain: t from -2 to 2. */
const READY = {
  step: ["A step", "step", (t) => (t > 0 ? 1 : 0)],
  sine: ["A sine", "sine", (t) => Math.sin(Math.PI * t)],
  absolute: ["|x|", "absolute value", (t) => Math.abs(t)],
};

/** What n ReLUs predict at each x. */
function predictAll(p, xs) {
  const out = new Float64Array(xs.length).fill(p.c);
  p.w.forEach((w, i) => { for (let q = 0; q < xs.length; q++) { const z = p.m[i] * xs[q] + p.b[i]; if (z > 0) out[q] += w * z; } });
  return out;
}

/** Mean squared error and its slopes, in the shape of the parameters. */
function slopesOf(p, xs, ys) {
  const out = predictAll(p, xs), n = xs.length, g = { w: p.w.map(() => 0), m: p.w.map(() => 0), b: p.w.map(() => 0), c: 0 };
  let loss = 0;
  for (let q = 0; q < n; q++) {
    const e = out[q] - ys[q], d = 2 * e / n;
    loss += e * e / n; g.c += d;
    for (let i = 0; i < p.w.length; i++) {
      const z = p.m[i] * xs[q] + p.b[i];
      if (!(z > 0)) continue; // the slope at the kink itself is 0, as torch has it
      g.w[i] += d * z; g.m[i] += d * p.w[i] * xs[q]; g.b[i] += d * p.w[i];
    }
  }
  return { loss, g };
}

/** A size for reading, with as many digits below 1 as above. */
const read = (v, digits = 4) => (v < 1 && v >= 1e-4 ? v.toPrecision(digits) : format(v, digits));
const finite = (p) => [...p.w, ...p.m, ...p.b, p.c].every(Number.isFinite);
const zeros = (n) => ({ w: Array(n).fill(0), m: Array(n).fill(0), b: Array(n).fill(0), c: 0 });
/** Both with the same f, number by number. */
const combine = (p, q, f) => ({ ...Object.fromEntries(EACH.map((k) => [k, p[k].map((v, i) => f(v, q[k][i]))])), c: f(p.c, q.c) });

export default {
  render({ model, el }) {
    const life = new Life(), box = outbox(model, life), xs = floats(box.get("points")), count = xs.length, x0 = xs[0], x1 = xs[count - 1], wide = x1 - x0;
    const state = () => box.get("state"), params = () => state().params, size = () => params().w.length;
    let unpacked = null, ys = null;
    const target = () => { if (unpacked !== box.get("heights")) { unpacked = box.get("heights"); ys = floats(unpacked); } return ys; };
    const { put } = box;

    // ---- the mathematics
    /** A fit that begins here: no speed yet, no loss but this one. */
    const begin = (p, heights = target()) => ({ params: p, velocity: zeros(p.w.length), steps: 0, losses: packed([slopesOf(p, xs, heights).loss]) });
    /** Kinks spread evenly, small weights of changing sign, the constant at the target's mean. */
    function fresh(n, heights = target()) {
      const w = Array.from({ length: n }, (_, i) => (i % 2 ? -1 : 1) * 2 * box.get("scale") / wide / Math.sqrt(n)), m = Array(n).fill(1);
      return { w, m, b: w.map((_, i) => -(x0 + wide * (i + 0.5) / n)), c: heights.reduce((t, v) => t + v, 0) / count };
    }
    /** One step of gradient descent with momentum on all points; `null` if it leads to no finite loss. */
    function advance(now, seen) {
      const lr = box.get("lr"), mu = box.get("momentum"), velocity = combine(now.velocity, seen.g, (v, g) => mu * v + g);
      const next = combine(now.params, velocity, (p, v) => p - lr * v), after = slopesOf(next, xs, target());
      return finite(next) && finite(velocity) && Number.isFinite(after.loss) && finite(after.g) ? { params: next, velocity, after } : null;
    }
    /** Up to `n` steps; tells how many were possible. */
    function descend(n) {
      const old = floats(state().losses), losses = [];
      let now = state(), seen = slopesOf(now.params, xs, target()), taken = 0;
      for (; taken < n; taken++) {
        const further = advance(now, seen);
        if (!further) break;
        now = { params: further.params, velocity: further.velocity }; seen = further.after; losses.push(seen.loss);
      }
      if (taken) put({ state: { params: now.params, velocity: now.velocity, steps: state().steps + taken, losses: packed([...old, ...losses].slice(-LOSSES)) } });
      return taken;
    }
    /** Add ReLUs in the middle of the widest gaps, with weight 0, or take the newest away. */
    function resized(p, n) {
      const q = { w: p.w.slice(0, n), m: p.m.slice(0, n), b: p.b.slice(0, n), c: p.c };
      while (q.w.length < n) {
        const edges = [x0, ...q.w.map((_, i) => kink(q, i)).filter((k) => k > x0 && k < x1).sort((a, b) => a - b), x1];
        let best = 0;
        for (let i = 1; i < edges.length - 1; i++) if (edges[i + 1] - edges[i] > edges[best + 1] - edges[best] + 1e-12) best = i;
        q.w.push(0); q.m.push(1); q.b.push(-(edges[best] + edges[best + 1]) / 2);
      }
      return q;
    }
    const kink = (p, i) => (p.m[i] === 0 ? Infinity : -p.b[i] / p.m[i]);
    const grade = (p, i) => p.w[i] * Math.abs(p.m[i]); // how steeply it leaves its kink

    // ---- changes by hand
    let chosen = 0, ended = "";
    const rebuild = (change) => { runner.stop(); ended = ""; put({ state: begin(change) }); };
    const withOne = (i, changes) => {
      const p = params(), q = { ...p };
      for (const [key, v] of Object.entries(changes)) q[key] = p[key].map((o, j) => (j === i ? v : o));
      rebuild(q);
    };
    const moveKink = (i, k) => { const p = params(), m = p.m[i] || 1; withOne(i, { m, b: -m * Math.min(x1, Math.max(x0, k)) }); };
    const tilt = (i, slope) => { const p = params(), m = p.m[i] || 1; withOne(i, { m, w: slope / Math.abs(m) }); };
    const flip = (i) => { const p = params(); withOne(i, { m: -p.m[i], b: -p.b[i] }); };
    const setTarget = (values) => { runner.stop(); ended = ""; const y = Float64Array.from(values); put({ heights: packed(y), state: begin(params(), y) }); };

    // ---- the page
    const root = makeRoot({ el, name: "ReluBuilder", label: "ReLU builder", life });
    const plot = new Plot({ xlim: [x0, x1], ylim: box.get("ylim"), xlabel: "x", ylabel: "y", label: "", aspect: 0.66, maxHeight: 460, life, draw: () => { grown = ""; draw(); } });
    const strip = lossStrip({ life, caption: "Loss, step by step", label: "Loss over the steps", size: { aspect: 0.32, minHeight: 130, maxHeight: 150, ticksX: 5 } });
    const miss = s("path", { class: "nnf-miss" }), owns = s("g"), base = s("path", { class: "nnf-base" });
    const targetLine = s("path", { class: "nnf-target" }), curve = s("path", { class: "nnf-curve" });
    plot.layer.append(miss, base, owns, curve, targetLine);
    const handles = s("g"), lever = s("g", { class: "nnf-lever", "aria-hidden": "true" }, s("circle", { class: "nnf-hit", r: 18 }), s("rect", { x: -6, y: -6, width: 12, height: 12, rx: 2 }));
    const mark = s("circle", { class: "nnf-mark", r: 7, "aria-hidden": "true" }); // the chosen kink, above those that it may share a place with
    plot.over.append(handles, mark, lever);
    plot.svg.setAttribute("role", "group"); // it holds handles that can be moved

    const loss = readout("Mean squared error", "nnf-loss"), worst = readout("Largest error", "nnf-worst"), many = readout("Parameters", "nnf-count"), steps = readout("Steps", "nnf-steps");
    const said = h("p", { class: "nnf-note nnf-fit-said", role: "status" });
    const number = sliderRow({ name: "n", label: "n", min: 1, max: MOST, step: 1, value: size(), oninput: (v) => {
      const n = Math.min(MOST, Math.max(1, Math.round(v)));
      if (n !== size()) rebuild(resized(params(), n)); else draw();
    } });
    const ready = Object.entries(READY).map(([name, [label, spoken, f]]) => button(label, `target-${name}`, () =>
      setTarget(Array.from(xs, (x) => f(4 * (x - x0) / wide - 2) * box.get("scale") + box.get("middle")), { "aria-label": `Target: ${spoken}` })));
    const stepButton = button("Step", "step", () => { runner.stop(); if (!descend(1)) stop(); }), runs = runButton(() => runner.toggle(), { "data-primary": true });
    const resetButton = button("Reset", "reset", () => { rebuild(fresh(size())); });
    const rate = rateField("Rate", { value: box.get("lr"), "aria-label": "Learning rate" }, (lr) => put({ lr }));
    const reach = 6 * Math.max(Math.abs(x0), Math.abs(x1), 1), tall = () => box.get("ylim")[1] - box.get("ylim")[0];
    const ends = { w: 4 * Math.max(1, tall() / wide), m: 6, b: reach, c: tall() };
    const rows = Object.fromEntries([...EACH, "c"].map((key) => [key, sliderRow({ name: key, label: key, min: -ends[key], max: ends[key], step: ends[key] / 50, fine: ends[key] / 500, value: 0,
      oninput: (v) => (key === "c" ? rebuild({ ...params(), c: v }) : withOne(chosen, { [key]: v })) })]));
    const which = h("span", { class: "nnf-title" }), formula = h("output", { class: "nnf-relu-formula", "aria-live": "off" });
    const previous = button("‹", "previous", () => choose(chosen - 1), { "aria-label": "Previous ReLU" }), following = button("›", "next", () => choose(chosen + 1), { "aria-label": "Next ReLU" });
    const turn = button("Turn round", "flip", () => flip(chosen));

    root.append(h("div", { class: "nnf-descent" },
      h("div", { class: "nnf-descent-map nnf-relu-map" }, plot.node, h("div", { class: "nnf-bar nnf-key" },
        h("span", {}, h("i", { class: "nnf-swatch", "data-of": "target" }), "target"), h("span", {}, h("i", { class: "nnf-swatch", "data-of": "sum" }), "sum of all"),
        h("span", {}, h("i", { class: "nnf-swatch", "data-of": "own" }), "each ReLU")),
        h("p", { class: "nnf-note", text: "Draw a target in the plot. Drag a round handle to move a kink, the square one to tilt its ReLU; arrow keys do both." })),
      h("div", { class: "nnf-stack nnf-descent-side" },
        h("div", { class: "nnf-stack nnf-few" }, loss.node, worst.node, many.node, steps.node),
        h("div", { class: "nnf-bar" }, stepButton, runs.node, resetButton, rate.node),
        said,
        h("div", { class: "nnf-stack nnf-tight" }, h("span", { class: "nnf-label", text: "Number of ReLUs" }), number.node),
        h("div", { class: "nnf-stack nnf-tight" }, h("span", { class: "nnf-label", text: "Target" }), h("div", { class: "nnf-bar", role: "group", "aria-label": "Ready targets" }, ...ready)),
        h("div", { class: "nnf-stack nnf-tight nnf-one", role: "group", "aria-label": "The chosen ReLU" },
          h("div", { class: "nnf-bar nnf-spread" }, previous, which, following, turn), formula, rows.w.node, rows.m.node, rows.b.node),
        h("div", { class: "nnf-stack nnf-tight" }, h("span", { class: "nnf-label", text: "Constant, added to all" }), rows.c.node)),
      h("div", { class: "nnf-relu-strip" }, strip.node)));

    // ---- handles
    const choose = (i) => { chosen = (i + size()) % size(); draw(); };
    const nudge = (i) => (event) => {
      const p = params(), big = event.shiftKey ? 5 : 1, across = { ArrowRight: 1, ArrowLeft: -1 }[event.key], up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (across) moveKink(i, snap(Math.min(x1, Math.max(x0, kink(p, i))) + across * big * wide / 100, wide / 1000));
      else if (up) { const grain = tall() / wide / 20; tilt(i, snap(grade(p, i) + up * big * grain, grain / 10)); }
      else return;
      event.preventDefault();
    };
    function dress() {
      while (handles.children.length > size()) handles.lastChild.remove();
      while (handles.children.length < size()) {
        const i = handles.children.length;
        handles.append(s("g", { class: "nnf-kink", tabindex: 0, role: "slider", "data-kink": i, "aria-orientation": "horizontal", onkeydown: nudge(i), onfocus: () => { if (chosen !== i) choose(i); } },
          s("circle", { class: "nnf-hit", r: 16 }), s("circle", { r: 7 })));
      }
      while (owns.children.length > size()) owns.lastChild.remove();
      while (owns.children.length < size()) owns.append(s("path", { class: "nnf-own" }));
    }
    let grip = null, pen = null;
    const drawTo = (a, b) => {
      const [xa, ya] = a, [xb, yb] = b, values = Float64Array.from(target()), [lo, hi] = plot.ylim, inside = (v) => Math.min(hi, Math.max(lo, v)), gap = wide / count;
      let touched = false;
      for (let q = 0; q < count; q++) {
        const near = Math.min(xa, xb) - gap / 2 <= xs[q] && xs[q] <= Math.max(xa, xb) + gap / 2;
        if (!near) continue;
        const t = xa === xb ? 1 : Math.min(1, Math.max(0, (xs[q] - xa) / (xb - xa)));
        values[q] = snap(inside(ya + t * (yb - ya)), 1e-4); touched = true;
      }
      if (touched) setTarget(values);
    };
    life.listen(plot.svg, "pointerdown", (e) => {
      if (e.button !== 0 || grip || pen) return;
      const round = e.target.closest(".nnf-kink"), at = plot.at(e);
      e.preventDefault(); plot.svg.setPointerCapture(e.pointerId);
      if (round) { chosen = +round.dataset.kink; round.focus({ preventScroll: true }); grip = { kind: "kink", i: chosen, off: kink(params(), chosen) - at[0] }; if (!Number.isFinite(grip.off) || Math.abs(grip.off) > wide / 10) grip.off = 0; draw(); }
      else if (e.target.closest(".nnf-lever")) grip = { kind: "lever", i: chosen };
      else { pen = at; drawTo(at, at); }
    });
    life.listen(plot.svg, "pointermove", (e) => {
      const at = plot.at(e);
      if (pen) { drawTo(pen, at); pen = at; return; }
      if (!grip) return;
      if (grip.kind === "kink") return moveKink(grip.i, snap(at[0] + grip.off, wide / 2000));
      const p = params(), k = Math.min(x1, Math.max(x0, kink(p, grip.i))), far = at[0] - k, m = Math.abs(p.m[grip.i]) || 1;
      if (Math.abs(far) < wide / 100) return;
      const side = Math.sign(far);
      withOne(grip.i, { m: side * m, b: -side * m * k, w: (at[1] - p.c) / Math.abs(far) / m });
    });
    for (const type of ["pointerup", "pointercancel"]) life.listen(plot.svg, type, () => { grip = null; pen = null; });

    // ---- fitting
    let begun = 0;
    function stop() { runner.stop(); ended = "No finite loss one step on: it stops with the last finite values. Lower the rate, then Reset."; draw(); return false; }
    const runner = runLoop(life, {
      steps: 6, calm: 150,
      tell: (running) => {
        if (running) { begun = state().steps; ended = ""; }
        runs.set(running);
      },
      beat: (n) => {
        if (descend(n) < n) return stop();
        const losses = floats(state().losses), done = state().steps - begun;
        if (done >= 600 && Math.min(...losses.slice(-300)) > 0.999 * Math.min(...losses.slice(0, -300))) { ended = "It no longer gets better."; draw(); return false; }
        return done < 6000;
      },
    });
    // ---- drawing
    let grown = "";
    function drawNow() {
      const p = params(), n = size(), y = target();
      chosen = Math.min(chosen, n - 1);
      dress();
      const low = Math.min(...y), high = Math.max(...y), [a, b] = box.get("ylim"), room = 0.08 * (b - a);
      const ylim = [low < a ? low - room : a, high > b ? high + room : b];
      if (pen === null && grown !== JSON.stringify([ylim, plot.width])) { grown = JSON.stringify([ylim, plot.width]); plot.limits([x0, x1], ylim); }
      const [lo, hi] = plot.ylim;
      // the curve bends only at kinks: edges and kinks are all the points it needs
      const bends = [x0, ...p.w.map((_, i) => kink(p, i)).filter((k) => k > x0 && k < x1).sort((u, v) => u - v), x1];
      curve.setAttribute("d", plot.line(bends, predictAll(p, bends)));
      targetLine.setAttribute("d", plot.line(xs, y));
      const model_ = predictAll(p, xs), there = plot.line(xs, y), back = plot.line([...xs].reverse(), [...model_].reverse());
      miss.setAttribute("d", `${there}L${back.slice(1)}Z`);
      base.setAttribute("d", plot.line([x0, x1], [p.c, p.c]));
      p.w.forEach((w, i) => {
        const k = kink(p, i), steep = grade(p, i), side = p.m[i] < 0 ? -1 : 1, at = Math.min(x1, Math.max(x0, k)), own = owns.children[i], g = handles.children[i];
        const here = [x0, ...(k > x0 && k < x1 ? [k] : []), x1], alone = { w: [w], m: [p.m[i]], b: [p.b[i]], c: p.c };
        own.setAttribute("d", plot.line(here, predictAll(alone, here)));
        own.toggleAttribute("data-chosen", i === chosen);
        g.toggleAttribute("data-chosen", i === chosen);
        g.toggleAttribute("data-beyond", at !== k);
        g.setAttribute("transform", `translate(${plot.x(at).toFixed(1)} ${plot.y(Math.min(hi, Math.max(lo, p.c))).toFixed(1)})`);
        for (const [key, v] of Object.entries({ "aria-valuemin": x0, "aria-valuemax": x1, "aria-valuenow": +at.toPrecision(6), "aria-label": `Kink of ReLU ${i + 1} of ${n}`,
          "aria-valuetext": `kink at ${Number.isFinite(k) ? format(k) : "no place"}, slope ${format(steep)} to the ${side > 0 ? "right" : "left"}` })) g.setAttribute(key, v);
        if (i !== chosen) return;
        mark.setAttribute("transform", g.getAttribute("transform"));
        const rise = steep * 0.16 * wide, cut = rise > 0 ? (hi - p.c) / rise : rise < 0 ? (lo - p.c) / rise : 1, part = Math.max(0.15, Math.min(1, 0.97 * cut));
        lever.setAttribute("transform", `translate(${plot.x(at + side * 0.16 * wide * part).toFixed(1)} ${plot.y(Math.min(hi, Math.max(lo, p.c + rise * part))).toFixed(1)})`);
      });
      const losses = floats(state().losses);
      strip.set(losses, state().steps);
      // words and controls
      let furthest = 0;
      for (let q = 0; q < count; q++) furthest = Math.max(furthest, Math.abs(model_[q] - y[q]));
      loss.set(read(losses.at(-1))); worst.set(read(furthest, 3)); many.set(`3 × ${n} + 1 = ${3 * n + 1}`); steps.set(String(state().steps));
      const words = ended || `Gradient descent on all ${count} points at once, momentum ${box.get("momentum")}.`;
      if (said.textContent !== words) said.textContent = words;
      number.set(n);
      which.textContent = `ReLU ${chosen + 1} of ${n}`;
      const sign = p.b[chosen] < 0 ? "−" : "+";
      formula.textContent = `${format(p.w[chosen], 3)} · max(0, ${format(p.m[chosen], 3)} x ${sign} ${format(Math.abs(p.b[chosen]), 3)})`;
      for (const key of EACH) rows[key].set(p[key][chosen]);
      rows.c.set(p.c);
      previous.disabled = following.disabled = n === 1;
      rate.set(box.get("lr"));
      plot.svg.setAttribute("aria-label", `The target and the sum of ${n} ReLUs. Mean squared error ${read(losses.at(-1))}, largest error ${read(furthest, 3)}.`);
    }
    const draw = onFrame(drawNow, life);
    for (const name of ["heights", "ylim", "lr", "momentum"]) box.on(name, draw);
    box.on("state", (foreign) => { if (foreign) { runner.stop(); ended = ""; } draw(); });
    drawNow();
    return life.end;
  },
};
