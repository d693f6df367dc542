// Draw a digit; beside it what a model sees of it, and what it answers. The page computes the answer where it has the model.
import { button } from "./shared/controls.js";
import { Life, h, hasKernel, listen, makeRoot, onFrame, s } from "./shared/dom.js";
import { floats, format } from "./shared/numbers.js";
import { outbox } from "./shared/outbox.js";

// The same numbers as in Python.
const PEN = 0.115, EDGE = 1.3, BOX = 20, SIZE = 28;
const MOST_POINTS = 5000, NEAR = 0.006;

/**
 * What a model sees of a drawing: fitted to 20x20 and centred by mass on 28x28, as `strokes_image` does in Python.
 * @param {number[][][]} strokes lists of [x, y] in 0..1 @returns {Float64Array} 784 numbers, paper 0 and ink 1
 */
export function strokesImage(strokes) {
  const sheet = new Float64Array(SIZE * SIZE);
  let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
  for (const stroke of strokes) for (const [x, y] of stroke) { x0 = Math.min(x0, x); x1 = Math.max(x1, x); y0 = Math.min(y0, y); y1 = Math.max(y1, y); }
  if (x0 > x1) return sheet;
  const size = Math.max(x1 - x0, y1 - y0), width = Math.min(Math.max((BOX * PEN) / (size + PEN), 2.0), 3.2);
  const scale = (BOX - width) / Math.max(size, 0.15), nearest = new Float64Array(BOX * BOX).fill(Infinity);
  for (const stroke of strokes) for (let i = 0; i < Math.max(stroke.length - 1, 1); i++) {
    const [sx, sy] = stroke[i], [ex, ey] = stroke[Math.min(i + 1, stroke.length - 1)];
    const ax = (sx - x0) * scale + width / 2, ay = (sy - y0) * scale + width / 2, dx = (ex - sx) * scale, dy = (ey - sy) * scale;
    const length2 = dx * dx + dy * dy || 1, reach = width / 2 + 1;
    const first = Math.max(0, Math.floor(Math.min(ay, ay + dy) - reach)), last = Math.min(BOX - 1, Math.ceil(Math.max(ay, ay + dy) + reach));
    const left = Math.max(0, Math.floor(Math.min(ax, ax + dx) - reach)), right = Math.min(BOX - 1, Math.ceil(Math.max(ax, ax + dx) + reach));
    for (let r = first; r <= last; r++) for (let c = left; c <= right; c++) {
      const px = c + 0.5 - ax, py = r + 0.5 - ay, t = Math.min(1, Math.max(0, (px * dx + py * dy) / length2));
      const far = Math.sqrt((px - t * dx) ** 2 + (py - t * dy) ** 2);
      if (far < nearest[r * BOX + c]) nearest[r * BOX + c] = far;
    }
  }
  const ink = nearest.map((far) => Math.min(1, Math.max(0, 0.5 + (width / 2 - far) / EDGE)));
  let mass = 0, mr = 0, mc = 0, r0 = BOX, r1 = 0, c0 = BOX, c1 = 0;
  for (let r = 0; r < BOX; r++) for (let c = 0; c < BOX; c++) {
    const v = ink[r * BOX + c];
    if (!v) continue;
    mass += v; mr += v * r; mc += v * c;
    r0 = Math.min(r0, r); r1 = Math.max(r1, r); c0 = Math.min(c0, c); c1 = Math.max(c1, c);
  }
  const move = (m, first, last) => Math.min(Math.max(Math.floor(SIZE / 2 - m / mass + 0.5), -first), SIZE - 1 - last); // never off the sheet
  const down = move(mr, r0, r1), right = move(mc, c0, c1);
  for (let r = r0; r <= r1; r++) for (let c = c0; c <= c1; c++) sheet[(r + down) * SIZE + c + right] = ink[r * BOX + c];
  return sheet;
}

/** A page model with its bytes read as numbers. */
export function unpack(model) {
  if (!model?.kind) return null;
  if (model.kind === "nearest") return { ...model, means: floats(model.means, "float32") };
  return { ...model, layers: model.layers.map((o) => (typeof o === "string" ? o : { ...o, weight: floats(o.weight, "float32"), bias: floats(o.bias, "float32") })) };
}

const ACTIVATIONS = {
  relu: (v) => v.map((o) => Math.max(0, o)),
  sigmoid: (v) => v.map((o) => 1 / (1 + Math.exp(-o))),
  softmax: (v) => { const top = Math.max(...v), e = v.map((o) => Math.exp(o - top)), sum = e.reduce((a, b) => a + b, 0); return e.map((o) => o / sum); },
};

/** What an unpacked model answers to an image. @returns {{labels: string[], scores: number[], error?: string}} */
export function answerOf(model, image) {
  const { labels } = model;
  if (model.kind === "nearest") {
    const scores = labels.map((_, k) => {
      let sum = 0;
      for (let i = 0; i < image.length; i++) { const d = image[i] - model.means[k * image.length + i]; sum += model.metric === "l1" ? Math.abs(d) : d * d; }
      return model.metric === "l1" ? sum / image.length : Math.sqrt(sum / image.length);
    });
    return { labels, scores };
  }
  let v = Array.from(image);
  for (const layer of model.layers) {
    if (typeof layer === "string") { v = ACTIVATIONS[layer](v); continue; }
    const { outputs, inputs, weight, bias } = layer, x = v;
    v = Array.from({ length: outputs }, (_, o) => { let sum = bias[o]; for (let i = 0, at = o * inputs; i < inputs; i++) sum += weight[at + i] * x[i]; return sum; });
  }
  if (v.length === 1 && labels.length === 2) {
    if (!(v[0] >= 0 && v[0] <= 1)) return { labels, scores: [], error: `one number for two labels must be a probability from 0 to 1, got ${format(v[0])}: add a sigmoid` };
    v = [v[0], 1 - v[0]];
  }
  return { labels, scores: v };
}

/** An SVG path through points, rounded at the corners that a hand did not mean. */
function pathOf(stroke) {
  const p = (v) => `${(v[0] * 100).toFixed(2)} ${(v[1] * 100).toFixed(2)}`;
  if (stroke.length === 1) return `M${p(stroke[0])}h0.01`;
  let d = `M${p(stroke[0])}`;
  for (let i = 1; i < stroke.length - 1; i++) d += `Q${p(stroke[i])} ${p([(stroke[i][0] + stroke[i + 1][0]) / 2, (stroke[i][1] + stroke[i + 1][1]) / 2])}`;
  return `${d}L${p(stroke.at(-1))}`;
}

/** Is `next` the drawing `strokes` with nothing but its last stroke drawn on? */
const goesOn = (strokes, next) => strokes.length > 0 && strokes.length === next.length && strokes.every((o, i) => {
  const now = next[i];
  return o.length > 0 && (i < strokes.length - 1 ? o.length === now.length : o.length <= now.length) && o.every((p, j) => p[0] === now[j][0] && p[1] === now[j][1]);
});

/** A small picture of 28x28 numbers in the colour of the text around it. */
function thumbnail(values) {
  const canvas = h("canvas", { width: SIZE, height: SIZE }), pen = canvas.getContext("2d"), data = pen.createImageData(SIZE, SIZE);
  for (let i = 0; i < SIZE * SIZE; i++) data.data[4 * i + 3] = Math.round(255 * Math.min(1, Math.max(0, values[i])));
  pen.putImageData(data, 0, 0);
  const picture = h("span", { class: "nnf-ideal", "aria-hidden": "true" });
  for (const name of ["mask-image", "-webkit-mask-image"]) picture.style.setProperty(name, `url(${canvas.toDataURL()})`);
  return picture;
}

/** @param {{model: Object, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life();
  const root = makeRoot({ el, name: "DrawDigit", label: "Draw a digit, and see what a model makes of it", life });
  let net = unpack(model.get("page_model"));
  const box = outbox(model, life);
  let strokes = box.get("strokes"), pen = null, ideals = new Map();
  let saved = JSON.stringify(strokes); // the drawing that the reply answers
  const past = [];
  let rows = [];

  const ink = s("g", { class: "nnf-ink" });
  const hint = s("text", { x: 50, y: 52, class: "nnf-hint", text: "Draw a digit here" });
  const pad = s("svg", { class: "nnf-pad", viewBox: "0 0 100 100", role: "img", "aria-label": "Drawing pad. From the keyboard, use the ready-drawn digits below." }, hint, ink);
  const pixels = Array.from({ length: SIZE * SIZE }, (_, i) => s("rect", { x: i % SIZE, y: Math.floor(i / SIZE), width: 1.02, height: 1.02, "fill-opacity": 0 }));
  const seen = s("svg", { class: "nnf-seen", viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": "What the model sees, 28 by 28" }, ...pixels);
  const best = h("output", { class: "nnf-winner" }), bars = h("div", { class: "nnf-bars" }), note = h("p", { class: "nnf-note", role: "status" });
  const caption = h("span", { class: "nnf-label" });
  const undo = button("Undo", "undo", () => { if (past.length) put(past.pop(), false); }), clear = button("Clear", "clear", () => put([]));
  const ready = Object.entries(model.get("ready")).map(([label, o]) => button(label, "ready", () => put(o), { "data-digit": label, "aria-label": `Load a ready-drawn ${label}` }));
  root.append(
    h("div", { class: "nnf-draw" },
      h("div", { class: "nnf-stack nnf-hand" }, h("span", { class: "nnf-label", text: "Draw with mouse, finger or pen" }), pad, h("div", { class: "nnf-bar" }, undo, clear)),
      h("div", { class: "nnf-stack" }, h("span", { class: "nnf-label", text: "What the model sees: 28 × 28" }), seen),
      h("div", { class: "nnf-stack nnf-answer" }, caption, best, bars, note)),
    h("div", { class: "nnf-bar nnf-ready" }, h("span", { class: "nnf-label", text: "Ready-drawn:" }), ...ready));

  const redraw = onFrame(draw, life);

  /** A new drawing, whole: from a button or from undo. */
  function put(next, remember = true) {
    if (pen) return;
    if (remember) past.push(strokes);
    set(next);
  }

  function set(next) {
    strokes = next;
    box.put({ strokes });
  }

  function draw() {
    ink.replaceChildren(...strokes.map((o) => s("path", { class: "nnf-stroke", d: pathOf(o), "stroke-width": 100 * PEN })));
    hint.style.display = strokes.length ? "none" : "";
    undo.disabled = !past.length; clear.disabled = !strokes.length;
    const image = strokesImage(strokes);
    for (let i = 0; i < pixels.length; i++) {
      const v = image[i] < 0.002 ? "0" : image[i].toFixed(3);
      if (pixels[i].getAttribute("fill-opacity") !== v) pixels[i].setAttribute("fill-opacity", v);
    }
    seen.setAttribute("aria-label", strokes.length ? "What the model sees, 28 by 28" : "Nothing drawn yet");
    answer(image);
  }

  function answer(image) {
    const reply = model.get("reply") || {}, alone = !hasKernel(model);
    const lost = reply.error && (!net || !alone);
    const told = !strokes.length ? null : lost ? reply : net ? answerOf(net, image) : reply;
    caption.textContent = net?.kind === "nearest" ? "Distance to each ideal: the nearest wins" : "The model’s answer";
    const stale = alone && !net && JSON.stringify(strokes) !== saved;
    note.textContent = stale ? "This model is a Python function: run the notebook with a kernel to ask it about your own drawing."
      : told?.error ? `The model raised an error. ${told.error}` : !strokes.length ? "Draw something, or load a ready-drawn digit." : "";
    note.dataset.kind = !stale && told?.error ? "bad" : "";
    show(stale || told?.error ? null : told);
  }

  function show(told) {
    const labels = told?.labels ?? [], scores = told?.scores ?? [], near = net?.kind === "nearest" && scores.length > 0;
    if (!scores.length) {
      best.textContent = labels[0] ?? "–";
      for (const row of rows) row.set(0, "", false);
      return;
    }
    const lo = Math.min(...scores), hi = Math.max(...scores), sum = scores.reduce((a, b) => a + b, 0);
    const share = !near && lo >= 0 && Math.abs(sum - 1) < 1e-3, winner = scores.indexOf(near ? lo : hi);
    best.textContent = labels[winner];
    if (rows.map((row) => row.label).join("\n") !== labels.join("\n")) {
      rows = labels.map(bar);
      bars.replaceChildren(...rows.map((row) => row.node));
    }
    const base = lo < 0 ? lo : 0, top = share ? 1 : hi;
    scores.forEach((v, i) => rows[i].set(top > base ? (v - base) / (top - base) : 0, share ? `${(100 * v).toFixed(1)} %` : format(v), i === winner));
  }

  function bar(label, i) {
    const fillNode = h("div", { class: "nnf-fill" }), value = h("span", { class: "nnf-value" });
    if (net?.kind === "nearest" && !ideals.has(label)) ideals.set(label, thumbnail(net.means.subarray(i * SIZE * SIZE, (i + 1) * SIZE * SIZE)));
    const node = h("div", { class: "nnf-answer-row", "data-label": label },
      h("span", { class: "nnf-answer-label" }, ideals.get(label), label), h("div", { class: "nnf-track-bar" }, fillNode), value);
    const set = (part, text, wins) => {
      fillNode.style.width = `${(100 * part).toFixed(2)}%`;
      if (value.textContent !== text) value.textContent = text;
      node.toggleAttribute("data-wins", wins);
    };
    return { node, set, label };
  }

  const at = (event) => {
    const box = pad.getBoundingClientRect(), clip = (v) => Math.round(1e4 * Math.min(1, Math.max(0, v))) / 1e4;
    return [clip((event.clientX - box.left) / box.width), clip((event.clientY - box.top) / box.height)];
  };
  listen(pad, "pointerdown", (event) => {
    if (pen || event.button) return;
    event.preventDefault();
    try { pad.setPointerCapture(event.pointerId); } catch { /* the pointer has gone already */ }
    past.push(strokes);
    pen = { id: event.pointerId, points: [at(event)], room: MOST_POINTS - strokes.flat().length };
    if (pen.room < 1) { pen = null; past.pop(); note.textContent = "The sheet is full: undo something or clear it."; return; }
    set([...strokes, [...pen.points]]);
  });
  listen(pad, "pointermove", (event) => {
    if (event.pointerId !== pen?.id) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) {
      const p = at(one), last = pen.points.at(-1);
      if (Math.hypot(p[0] - last[0], p[1] - last[1]) >= NEAR && pen.points.length < pen.room) pen.points.push(p);
    }
    set([...strokes.slice(0, -1), [...pen.points]]);
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) listen(pad, type, (event) => {
    if (event.pointerId !== pen?.id) return;
    pen = null;
    set(strokes);
  });

  box.on("strokes", () => {
    const next = box.get("strokes");
    if (!pen && next !== strokes) {
      if (!goesOn(strokes, next)) past.push(strokes);
      strokes = next;
    }
    redraw();
  });
  life.model(model, "change:reply", () => { saved = JSON.stringify(model.get("strokes")); redraw(); });
  life.model(model, "change:page_model", () => { net = unpack(model.get("page_model")); ideals = new Map(); rows = []; bars.replaceChildren(); redraw(); });
  draw();
  return life.end;
}

export default { render };
