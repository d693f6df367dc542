// Predict the shape that two shapes broadcast to, then see their axes line up, stretch or clash. All of it in the page.
import { button } from "./shared/controls.js";
import { Life, h, listen, makeRoot, s } from "./shared/dom.js";

const NO = "does not work";
const MOST_AXES = 8, MOST_CELLS = 6;
const PAIRS = [
  [[3, 3], [3]], [[4, 1], [3]], [[3], [4]], [[5, 3, 3], [3, 3]], [[2, 3], [3, 2]], [[], [2, 4]], [[4, 1, 3], [2, 1]],
  [[3], [3, 4]], [[6, 28, 28], [28, 28]], [[6, 28, 28], [6]], [[2, 1, 3, 1], [4, 1, 5]],
];

/** A shape from what a learner types: "5, 3", "(5, 3)", "[5]", "torch.Size([5, 3])", "()" ; null where it is none. */
export function parseShape(text) {
  const written = text.trim().replace(/^torch\.Size\s*/, "");
  if (!written) return null;
  const inner = written.replace(/^[\s([]+|[\s)\]]+$/g, "");
  if (!inner) return [];
  const parts = inner.replace(/\s*,$/, "").split(/\s*[,x×]\s*|\s+/);
  return parts.length <= MOST_AXES && parts.every((p) => /^\d{1,9}$/.test(p)) ? parts.map(Number) : null;
}

/** A shape as Python writes it: (5, 3), (3,), (). */
export const shapeText = (shape) => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/**
 * The rule, axis by axis, aligned from the right.
 * @returns {{result: number[] | null, axes: {axis: number, a: ?number, b: ?number, out: ?number}[]}} `a` or `b` is null where
 *   that shape has no such axis, `out` is null where the two clash
 */
export function broadcast(a, b) {
  const rank = Math.max(a.length, b.length), axes = [];
  for (let axis = -rank; axis < 0; axis++) {
    const sizeA = a.at(axis) ?? null, sizeB = b.at(axis) ?? null, x = sizeA ?? 1, y = sizeB ?? 1;
    axes.push({ axis, a: axis + a.length < 0 ? null : sizeA, b: axis + b.length < 0 ? null : sizeB, out: x === y || y === 1 ? x : x === 1 ? y : null });
  }
  return { result: axes.some((o) => o.out == null) ? null : axes.map((o) => o.out), axes };
}

const axisName = (axis) => `axis −${-axis}`;

/** The rule that applied to one axis, in words. */
export function rule({ a, b, out }) {
  const x = a ?? 1, y = b ?? 1;
  if (out == null) return `${x} against ${y}: they differ and neither is 1, so they clash.`;
  const missing = a == null ? "A" : b == null ? "B" : null;
  const start = missing ? `${missing} has no such axis, so it gets one of size 1` : "";
  if (x === y) return missing ? `${start}; the other is 1 too.` : `${x} and ${y}: the same, so nothing to do.`;
  const small = x === out ? "B" : "A", to = out === 0 ? "0, which leaves nothing" : out;
  return missing ? `${start}, and that 1 is stretched to ${to}.` : `${x} and ${y}: ${small}’s 1 is stretched to ${to}.`;
}

/** What to say of a prediction: whether it is right, and where it went wrong if not, without giving the rest away. */
export function verdict(guess, a, b) {
  const { result, axes } = broadcast(a, b);
  if (guess === NO) return result ? { right: false, text: "They do broadcast. Go from the right: in every pair the sizes are equal, or one of them is 1 or missing." }
    : { right: true, text: "Right: these two shapes do not broadcast." };
  const clash = axes.findLast((o) => o.out == null);
  if (clash) return { right: false, text: `There is no result. Look at ${axisName(clash.axis)}: ${rule(clash)}` };
  if (guess.length !== result.length) {
    const many = (n) => `${n} ${n === 1 ? "axis" : "axes"}`;
    return { right: false, text: `The result has ${many(result.length)}, as many as the longer of the two shapes. Yours has ${many(guess.length)}.` };
  }
  const wrong = axes.findLast((o, i) => o.out !== guess[i]);
  if (!wrong) return { right: true, text: `Right: the result has shape ${shapeText(result)}.` };
  return { right: false, text: `Look at ${axisName(wrong.axis)}: ${wrong.a ?? "nothing"} and ${wrong.b ?? "nothing"} do not give ${guess.at(wrong.axis)}.` };
}

/** Ways to mend a clash: new axes of size 1, or a transpose. @returns {{which: "A"|"B", code: string, shape: number[], result: number[]}[]} */
export function fixes(a, b) {
  if (broadcast(a, b).result) return [];
  const found = [], top = Math.max(a.length, b.length, 2);
  const attempt = (which, code, shape) => {
    const { result } = which === "A" ? broadcast(shape, b) : broadcast(a, shape);
    if (result) found.push({ which, code: which.toLowerCase() + code, shape, result });
  };
  const order = a.length <= b.length ? ["A", "B"] : ["B", "A"];
  const transposes = () => { for (const which of order.toReversed()) {
    const own = which === "A" ? a : b;
    if (own.length === 2) attempt(which, ".T", own.toReversed());
  } };
  if (a.length === b.length) transposes();
  for (const which of order) {
    const own = which === "A" ? a : b;
    for (let more = 1; own.length + more <= top; more++) {
      for (let after = own.length; after > 0; after--) { // the new axes stand together, behind `after` old ones
        const keep = ":, ".repeat(after), ones = Array(more).fill("None").join(", ");
        attempt(which, `[${keep}${ones}]`, [...own.slice(0, after), ...Array(more).fill(1), ...own.slice(after)]);
      }
    }
  }
  if (a.length !== b.length) transposes();
  return found.slice(0, 2);
}

/** How many cells stand for an axis of n: a long one is drawn shorter than it is, and says its real size. */
const drawn = (n) => Math.min(n, MOST_CELLS);

/** One tensor as a grid, or a stack of grids; `full` is the shape it is stretched to (its own before that). */
function block({ which, shape, full, clashes = [], other = null, numbers }) {
  const pad = (v, one) => [...Array(3 - v.length).fill(one), ...v];
  const own = pad(shape.map(drawn), 1), size = pad(full, 1), rank = full.length;
  const [sheets, rows, cols] = size.map(drawn);
  const big = Math.max(rows, cols) > 4, cell = !big ? 32 : rank > 2 ? 22 : 26, [dx, dy] = big ? [10, 9] : [13, 11];
  const left = rank > 1 ? 26 : 4, top = (rank > 2 ? (sheets - 1) * dy : 0) + 4;
  const width = left + Math.max(cols, 1) * cell + (rank > 2 ? (sheets - 1) * dx + 28 : 4), height = top + Math.max(rows, 1) * cell + (rank > 0 ? 22 : 4);
  const label = `${which === "R" ? "The result" : which}, shape ${shapeText(shape)}${shapeText(shape) === shapeText(full) ? "" : `, stretched to ${shapeText(full)}`}`;
  const svg = s("svg", { class: "nnf-block", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const at = (k, i, j) => [left + j * cell + k * dx, top + i * cell - k * dy];
  const flat = (dims, [k, i, j]) => (Math.min(k, dims[0] - 1) * dims[1] + Math.min(i, dims[1] - 1)) * dims[2] + Math.min(j, dims[2] - 1);
  const shade = (dims, e) => { const n = dims[0] * dims[1] * dims[2]; return n > 1 ? Math.round(14 + (40 * e) / (n - 1)) : 36; };
  const fillOf = (name, dims, e) => `color-mix(in oklab, var(--nnf-${name}) ${shade(dims, e)}%, var(--nnf-paper))`;
  if (!sheets || !rows || !cols) svg.append(s("rect", { x: left, y: top, width: cell, height: cell, rx: 3, class: "nnf-empty" }));
  for (let k = sheets - 1; k >= 0; k--) for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) {
    const place = [k, i, j], to = at(k, i, j);
    const from = at(own[0] === 1 ? 0 : k, own[1] === 1 ? 0 : i, own[2] === 1 ? 0 : j);
    const copied = place.some((p, d) => p >= own[d]);
    const g = s("g", { class: `nnf-cell${copied ? " nnf-copy" : ""}` });
    if (other) {
      const [dimsA, dimsB] = other.map((v) => pad(v.map(drawn), 1)), a = flat(dimsA, place), b = flat(dimsB, place);
      g.append(s("path", { d: `M0 0H${cell}L0 ${cell}Z`, style: `fill:${fillOf("accent", dimsA, a)}` }),
        s("path", { d: `M${cell} 0V${cell}H0Z`, style: `fill:${fillOf("data", dimsB, b)}` }), s("rect", { width: cell, height: cell, style: "fill:none" }));
      if (numbers && k === 0) g.append(s("text", { x: cell / 2, y: cell / 2 + 4, text: String(10 * (a + 1) + b + 1) }));
    } else {
      const e = flat(own, place);
      g.append(s("rect", { width: cell, height: cell, style: `fill:${fillOf(which === "A" ? "accent" : "data", own, e)}` }));
      if (numbers && k === 0) g.append(s("text", { x: cell / 2, y: cell / 2 + 4, text: String(which === "A" ? 10 * (e + 1) : e + 1) }));
    }
    g.style.transform = `translate(${to[0]}px, ${to[1]}px)`;
    if (from[0] !== to[0] || from[1] !== to[1]) g.dataset.from = `translate(${from[0]}px, ${from[1]}px)`;
    svg.append(g);
  }
  const mark = (axis, x, y, anchor) => {
    const bad = clashes.includes(axis);
    svg.append(s("text", { x, y, "text-anchor": anchor, class: `nnf-size${bad ? " nnf-clash" : ""}`, text: String(size[3 + axis]) }));
  };
  if (rank > 0) mark(-1, left + (Math.max(cols, 1) * cell) / 2, height - 5, "middle");
  if (rank > 1) mark(-2, left - 8, top + (Math.max(rows, 1) * cell) / 2 + 4, "end");
  if (rank > 2) mark(-3, left + cols * cell + (sheets - 1) * dx + 6, top + Math.max(rows, 1) * cell - (Math.max(sheets, 1) - 1) * dy / 2 - cell / 2, "start");
  return svg;
}

/** The aligned sizes as a table: one column for each axis, the right one last, as shapes are written. */
function alignment(axes, animate) {
  const box = (size, out, side) => {
    const missing = size == null, from = size ?? 1, stretched = out != null && from !== out;
    const text = stretched ? [String(from), h("span", { class: "nnf-to", text: "→" }), String(out)] : [String(from)];
    return h("td", {}, h("span", { class: `nnf-axis nnf-axis-${side}`, "data-missing": missing, "data-stretched": stretched, "data-clash": out == null }, ...text));
  };
  const row = (name, f) => h("tr", {}, h("th", { scope: "row", text: name }), ...axes.map(f));
  const table = h("table", { class: "nnf-align" },
    h("thead", {}, h("tr", {}, h("td"), ...axes.map((o) => h("th", { scope: "col", text: axisName(o.axis) })))),
    h("tbody", {}, row("A", (o) => box(o.a, o.out, "a")), row("B", (o) => box(o.b, o.out, "b")),
      row("Result", (o) => h("td", {}, h("span", { class: "nnf-axis nnf-axis-out", "data-clash": o.out == null }, o.out == null ? "clash" : String(o.out))))));
  if (animate) for (const tr of table.querySelectorAll("tr")) [...tr.children].slice(1).forEach((td, i) => {
    td.classList.add("nnf-appear");
    td.style.animationDelay = `${(axes.length - 1 - i) * 260}ms`;
  });
  return table;
}

/** @param {{model: Object, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life();
  const root = makeRoot({ el, name: "BroadcastExplorer", label: "Broadcasting: predict the shape, then see why", life });
  const shapes = () => [model.get("shape_a"), model.get("shape_b")];
  const change = (values) => { model.set(values); model.save_changes(); };
  const say = (text, kind) => { said.textContent = text; said.dataset.kind = kind; };

  const shapeField = (name, key, cls) => {
    const input = h("input", { type: "text", class: "nnf-shape", "data-action": key, autocomplete: "off", spellcheck: "false", "aria-label": `Shape of ${name}`,
      onchange: () => {
        const shape = parseShape(input.value);
        if (shape) return change({ [key]: shape, guess: null, revealed: false });
        say(`“${input.value}” is not a shape. Write whole numbers with commas, such as 5, 3, or () for a single number; at most ${MOST_AXES} axes.`, "bad");
        input.value = shapeText(model.get(key));
      } });
    listen(input, "keydown", (e) => { if (e.key === "Enter") input.blur(); });
    return { input, wrap: h("label", { class: "nnf-field", "data-param": key }, h("span", { class: `nnf-operand ${cls}`, text: name }), input) };
  };
  const a = shapeField("A", "shape_a", "nnf-operand-a"), b = shapeField("B", "shape_b", "nnf-operand-b");
  const guess = h("input", { type: "text", class: "nnf-shape nnf-guess", "data-action": "guess", autocomplete: "off", spellcheck: "false", placeholder: "5, 3",
    "aria-label": "Your prediction: the shape of A + B" });
  listen(guess, "keydown", (e) => { if (e.key === "Enter") check(); });
  const said = h("p", { class: "nnf-verdict", role: "status" });
  const figure = h("div", { class: "nnf-blocks" }), reason = h("div", { class: "nnf-stack nnf-reason" });
  const reveal = button("Show why", "reveal", () => change({ revealed: !model.get("revealed") }));
  function check() {
    const shape = parseShape(guess.value);
    if (!shape) return say("Type the shape that you expect, such as 5, 3, or choose “It does not work”.", "bad");
    change({ guess: shape });
    judge();
  }
  function another() {
    const now = JSON.stringify(shapes()), next = PAIRS[(PAIRS.findIndex((p) => JSON.stringify(p) === now) + 1) % PAIRS.length];
    change({ shape_a: next[0], shape_b: next[1], guess: null, revealed: false });
  }
  root.append(
    h("div", { class: "nnf-bar nnf-given" }, a.wrap, b.wrap, button("Another pair", "next", another)),
    h("div", { class: "nnf-bar nnf-predict" },
      h("label", { class: "nnf-field" }, h("span", { text: "A + B has shape" }), guess), button("Check", "check", check, { "data-primary": true }),
      button("It does not work", "impossible", () => { change({ guess: NO }); judge(); }), reveal),
    said, figure, reason);

  function judge() {
    const g = model.get("guess");
    if (g == null) guess.value = "";
    if (g == null) return say("Predict first: what shape will the result have, if there is one?", "");
    const { right, text } = verdict(g, ...shapes());
    say(text, right ? "good" : "bad");
    guess.value = g === NO ? "" : shapeText(g);
  }

  function draw(animate) {
    const [sa, sb] = shapes(), shown = model.get("revealed"), { result, axes } = broadcast(sa, sb);
    a.input.value = shapeText(sa); b.input.value = shapeText(sb);
    reveal.textContent = shown ? "Hide" : "Show why";
    reveal.setAttribute("aria-expanded", String(shown));
    const rank = axes.length, clashes = shown ? axes.filter((o) => o.out == null).map((o) => o.axis) : [];
    const numbers = axes.every((o) => Math.max(o.a ?? 1, o.b ?? 1) <= MOST_CELLS);
    const one = (which, shape, note, extra = {}) => h("figure", { class: "nnf-tensor" },
      h("figcaption", {}, h("span", { class: `nnf-operand nnf-operand-${which.toLowerCase()}`, text: which === "R" ? "A + B" : which }), ` ${shapeText(note)}`),
      block({ which, shape, full: shown && result ? result : shape, clashes, numbers, ...extra }));
    const sign = (text, next) => h("div", { class: "nnf-term" }, h("span", { class: "nnf-sign", "aria-hidden": "true", text }), next);
    if (rank > 3) figure.replaceChildren(h("p", { class: "nnf-note", text: "Shapes of up to three axes are drawn. The rule is the same for any number of them." }));
    else figure.replaceChildren(one("A", sa, sa), sign("+", one("B", sb, sb)),
      sign("=", shown && result ? one("R", result, result, { other: [sa, sb] })
        : h("figure", { class: "nnf-tensor nnf-unknown", "data-clash": shown }, h("figcaption", { text: shown ? "no result" : "which shape?" }),
          h("span", { "aria-hidden": "true", text: shown ? "×" : "?" }))));
    reason.replaceChildren(...(shown ? why(result, axes, sa, sb, animate, numbers) : []));
    if (!animate || !shown) return;
    const moving = [...figure.querySelectorAll("[data-from]")].map((g) => { const to = g.style.transform; g.style.transform = g.dataset.from; return [g, to]; });
    void figure.getBoundingClientRect(); // the start is laid out before the cells move
    for (const [g, to] of moving) g.style.transform = to;
  }

  function why(result, axes, sa, sb, animate, numbers) {
    const parts = [h("div", { class: "nnf-why" }, alignment(axes, animate), h("ol", { class: "nnf-rules" },
      ...axes.toReversed().map((o, i) => {
        const item = h("li", { "data-axis": o.axis, "data-clash": o.out == null, class: animate ? "nnf-appear" : null }, h("b", { text: `${axisName(o.axis)}  ` }), rule(o));
        item.style.animationDelay = `${i * 260}ms`;
        return item;
      })))];
    if (!axes.length) parts[0] = h("p", { class: "nnf-note", text: "Two single numbers have no axes to line up: the result is a single number." });
    if (result) {
      parts.push(h("p", { class: "nnf-result" }, "Result: ", h("code", { text: shapeText(result) })));
      const dashed = figure.querySelector(".nnf-copy") && "Solid cells are the tensor’s own numbers. Dashed ones are the same numbers used again: nothing is copied.";
      const short = axes.length <= 3 && !numbers && `Axes longer than ${MOST_CELLS} are drawn with ${MOST_CELLS} cells.`;
      if (dashed || short) parts.push(h("p", { class: "nnf-note", text: [dashed, short].filter(Boolean).join(" ") }));
    } else {
      parts.push(h("p", { class: "nnf-result", "data-clash": true, text: "No result: PyTorch stops with an error here." }));
      const ways = fixes(sa, sb);
      parts.push(ways.length
        ? h("div", { class: "nnf-bar nnf-fixes" }, h("span", { class: "nnf-label", text: ways.length > 1 ? "If that is what you mean, one of these fits:" : "If that is what you mean, this fits:" }), ...ways.map((w) =>
          button(`${w.code}  gives ${shapeText(w.result)}`, "fix", () => change({ [w.which === "A" ? "shape_a" : "shape_b"]: w.shape, guess: null, revealed: false }), { "data-code": w.code })))
        : h("p", { class: "nnf-note", text: "Neither a new axis of size 1 nor a transpose makes these fit: look again at where the shapes come from." }));
    }
    return parts;
  }

  for (const key of ["shape_a", "shape_b"]) life.model(model, `change:${key}`, () => { judge(); draw(false); });
  life.model(model, "change:guess", judge);
  life.model(model, "change:revealed", () => draw(true));
  judge();
  draw(false);
  return life.end;
}

export default { render };
