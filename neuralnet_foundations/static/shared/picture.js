// A picture of a plot for a slide or a report: as it looks, with lines of text above it, as PNG.
import { h, s } from "./dom.js";

const SHARP = 3; // pixels of the picture for one of the screen
const EDGE = 16, LINE = 26, TEXT = 18, LETTER = 0.55; // px: around, a line, its letters; how wide one is, about
const LOOKS = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin",
  "opacity", "display", "font-family", "font-size", "font-weight"];

/** @param {Element} node */
const looksOf = (node) => {
  const style = getComputedStyle(node);
  return LOOKS.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";");
};

/** A copy that looks the same where there is no stylesheet. @param {SVGSVGElement} svg */
function asItLooks(svg) {
  const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true)), theirs = copy.querySelectorAll("*");
  svg.querySelectorAll("*").forEach((node, i) => theirs[i].setAttribute("style", looksOf(node)));
  copy.querySelector(".nnf-ring")?.remove(); // which point is chosen is nobody else's business
  return copy;
}

/**
 * The picture as SVG. @param {SVGSVGElement} svg the plot @param {string[]} lines above it
 */
export function pictureOf(svg, lines) {
  const { width, height } = svg.viewBox.baseVal, { color, fontFamily } = getComputedStyle(svg);
  const root = /** @type {Element} */ (svg.closest(".nnf-explorer")), top = EDGE + lines.length * LINE;
  const all = { width: width + 2 * EDGE, height: height + top + EDGE };
  const size = Math.min(TEXT, ...lines.map((text) => width / (LETTER * text.length)));
  const plot = asItLooks(svg);
  for (const [name, v] of Object.entries({ x: EDGE, y: top, width, height })) plot.setAttribute(name, String(v));
  return s("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${all.width} ${all.height}`, ...all },
    s("rect", { ...all, fill: getComputedStyle(root).backgroundColor }),
    lines.map((text, i) => s("text", { x: EDGE, y: EDGE + TEXT + i * LINE, fill: color, "font-family": fontFamily,
      "font-size": size.toFixed(1), text })), plot);
}

/** @param {SVGSVGElement} picture @returns {Promise<Blob>} PNG */
async function painted(picture) {
  const { width, height } = picture.viewBox.baseVal, image = new Image(), canvas = h("canvas");
  image.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(picture))}`;
  await image.decode();
  Object.assign(canvas, { width: SHARP * width, height: SHARP * height });
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("no picture")))));
}

/**
 * Save a plot with lines of text above it.
 * @param {SVGSVGElement} svg @param {string[]} lines @param {string} name of the file
 */
export async function savePicture(svg, lines, name) {
  const url = URL.createObjectURL(await painted(pictureOf(svg, lines)));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be asking where to
}
