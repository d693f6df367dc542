// What DrawDigit shows: a pad to draw on, what a model sees of the drawing, and its answer as bars.
import { pathOf } from "../maths/digit.js";
import { h, listen, s, say } from "../shared/dom.js";

/** @typedef {import("../maths/digit.js").Strokes} Strokes */
/** @typedef {import("../maths/digit.js").Bar} Bar */

const NEAR = 0.006; // a hand that moved less, as a share of the pad, has not moved
const FAINT = 0.002; // ink too faint to see

/** Where a pointer is on the pad, in 0..1, rounded. @param {Element} pad @param {PointerEvent} event */
function placeOf(pad, { clientX, clientY }) {
  const { left, top, width, height } = pad.getBoundingClientRect();
  const inside = [(clientX - left) / width, (clientY - top) / height].map((v) => Math.min(1, Math.max(0, v)));
  return inside.map((v) => Math.round(1e4 * v) / 1e4);
}

/**
 * The pad. `set` shows a drawing; `draws()` is true while a hand is at it.
 * @param {{pen: number, most: number}} paper the pen's width, and how many points a drawing may have
 * @param {{now: () => Strokes, begin: () => void, change: (strokes: Strokes) => void, full: () => void}} drawing
 */
export function drawingPad({ pen, most }, drawing) {
  const ink = s("g", { class: "nnf-ink" });
  const hint = s("text", { x: 50, y: 52, class: "nnf-hint", text: "Draw a digit here" });
  const node = s("svg", { class: "nnf-pad", viewBox: "0 0 100 100", role: "img",
    "aria-label": "Drawing pad. From the keyboard, use the ready-drawn digits below." }, hint, ink);
  /** @type {{id: number, points: number[][], room: number} | null} */
  let hand = null;
  listen(node, "pointerdown", (/** @type {PointerEvent} */ event) => {
    if (hand || event.button) return;
    event.preventDefault();
    const strokes = drawing.now(), room = most - strokes.flat().length;
    if (room < 1) return drawing.full();
    try { node.setPointerCapture(event.pointerId); } catch { /* the pointer has gone already */ }
    hand = { id: event.pointerId, points: [placeOf(node, event)], room };
    drawing.begin();
    drawing.change([...strokes, [...hand.points]]);
  });
  listen(node, "pointermove", (/** @type {PointerEvent} */ event) => {
    if (event.pointerId !== hand?.id) return;
    const all = event.getCoalescedEvents?.() ?? [], { points, room } = hand;
    for (const [x, y] of (all.length ? all : [event]).map((one) => placeOf(node, one))) {
      const [lastX, lastY] = points[points.length - 1];
      if (Math.hypot(x - lastX, y - lastY) >= NEAR && points.length < room) points.push([x, y]);
    }
    drawing.change([...drawing.now().slice(0, -1), [...points]]);
  });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
    listen(node, type, (/** @type {PointerEvent} */ event) => {
      if (event.pointerId !== hand?.id) return;
      hand = null;
      drawing.change(drawing.now()); // it stands, whatever came in meanwhile
    });
  }
  /** @param {Strokes} strokes */
  const set = (strokes) => {
    const wide = { class: "nnf-stroke", "stroke-width": 100 * pen };
    ink.replaceChildren(...strokes.map((o) => s("path", { d: pathOf(o), ...wide })));
    hint.style.display = strokes.length ? "none" : "";
  };
  return { node, set, draws: () => hand !== null };
}

/** What the model sees, pixel by pixel. @param {number} size of the sheet */
export function sheet(size) {
  const pixels = Array.from({ length: size * size }, (_, i) =>
    s("rect", { x: i % size, y: Math.floor(i / size), width: 1.02, height: 1.02, "fill-opacity": 0 }));
  const label = `What the model sees, ${size} by ${size}`;
  const node = s("svg", { class: "nnf-seen", viewBox: `0 0 ${size} ${size}`, role: "img" }, ...pixels);
  const shown = pixels.map(() => "0");
  /** @param {Float64Array} image @param {boolean} empty */
  const set = (image, empty) => {
    pixels.forEach((pixel, i) => {
      const opacity = image[i] < FAINT ? "0" : image[i].toFixed(3);
      if (shown[i] === opacity) return;
      shown[i] = opacity;
      pixel.setAttribute("fill-opacity", opacity);
    });
    node.setAttribute("aria-label", empty ? "Nothing drawn yet" : label);
  };
  return { node, set };
}

/**
 * A small picture in the colour of the text around it.
 * @param {ArrayLike<number>} values from 0 to 1 @param {number} size
 */
function thumbnail(values, size) {
  const canvas = h("canvas", { width: size, height: size }), pen = canvas.getContext("2d");
  const data = pen.createImageData(size, size);
  for (let i = 0; i < size * size; i++) data.data[4 * i + 3] = Math.round(255 * Math.min(1, Math.max(0, values[i])));
  pen.putImageData(data, 0, 0);
  const node = h("span", { class: "nnf-ideal", "aria-hidden": "true" });
  for (const name of ["mask-image", "-webkit-mask-image"]) node.style.setProperty(name, `url(${canvas.toDataURL()})`);
  return node;
}

/** The bar of one label. @param {string} label @param {Node | null} picture */
function bar(label, picture) {
  const filled = h("div", { class: "nnf-fill" }), value = h("span", { class: "nnf-value" });
  const node = h("div", { class: "nnf-answer-row", "data-label": label },
    h("span", { class: "nnf-answer-label" }, picture, label), h("div", { class: "nnf-track-bar" }, filled), value);
  /** @param {Bar} [o] none: no answer */
  const set = ({ part, text, wins } = { label, part: 0, text: "", wins: false }) => {
    filled.style.width = `${(100 * part).toFixed(2)}%`;
    say(value, text);
    node.toggleAttribute("data-wins", wins);
  };
  return { label, node, set };
}

/**
 * The bars of an answer; `set` shows them, or without any empties those that are there.
 * @param {number} size of a picture
 */
export function answerBars(size) {
  const node = h("div", { class: "nnf-bars" });
  /** @type {ReturnType<typeof bar>[]} */
  let rows = [];
  /** @param {Bar[]} bars @param {Float64Array | null} pictures one after the other */
  const set = (bars, pictures) => {
    const labels = bars.map((o) => o.label);
    if (bars.length && labels.join("\n") !== rows.map((row) => row.label).join("\n")) {
      const n = size * size;
      rows = labels.map((label, i) => bar(label, pictures && thumbnail(pictures.subarray(i * n, (i + 1) * n), size)));
      node.replaceChildren(...rows.map((row) => row.node));
    }
    rows.forEach((row, i) => row.set(bars[i]));
  };
  const clear = () => {
    rows = [];
    node.replaceChildren();
  };
  return { node, set, clear };
}
