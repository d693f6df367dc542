// A formula on the page, made of what a formula is made of and of nothing else: its text may come from a saved
// notebook.

const MATHML = "http://www.w3.org/1998/Math/MathML";
const ELEMENTS = new Set(["math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msub",
  "msup", "msubsup", "munder",
  "mover", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom"]);
const ATTRIBUTES = new Set(["display", "mathvariant", "stretchy", "fence", "separator", "form", "lspace", "rspace",
  "columnalign", "rowspacing",
  "columnspacing", "width", "linethickness", "data-param"]);

/**
 * A MathML element.
 * @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children
 */
export function mathElement(tag, attributes = {}, ...children) {
  const node = /** @type {MathMLElement} */ (document.createElementNS(MATHML, tag));
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** What is allowed of a node, made anew; null where nothing is. @param {Node} node @returns {Node | null} */
function copied(node) {
  if (node.nodeType === Node.TEXT_NODE) return document.createTextNode(node.nodeValue ?? "");
  if (!(node instanceof Element) || node.namespaceURI !== MATHML || !ELEMENTS.has(node.localName)) return null;
  const allowed = [...node.attributes].filter(({ name }) => ATTRIBUTES.has(name)).map(({ name, value }) => [name,
    value]);
  const children = [...node.childNodes].map(copied).filter((child) => child !== null);
  return mathElement(node.localName, Object.fromEntries(allowed), ...children);
}

/**
 * The formula that MathML text describes; null where it describes none. What is no formula (scripts, handlers, links,
 * HTML) is left out.
 * @param {string} text
 */
export function mathFrom(text) {
  const page = new DOMParser().parseFromString(text, "text/html"); // a page that is never shown: nothing in it runs
  const math = page.querySelector("math");
  return math && /** @type {MathMLElement | null} */ (copied(math));
}
