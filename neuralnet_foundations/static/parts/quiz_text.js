// Text of the bank on the page: words in backticks are code, an empty line begins a paragraph.
import { h } from "../shared/dom.js";

/** @param {string} text @returns {Node[]} */
export const rich = (text) => text.split("`").map((part, i, all) =>
  (i % 2 && i < all.length - 1 ? h("code", { text: part }) : document.createTextNode(i % 2 ? "`" + part : part)));

/** @param {string} text */
export const paragraphs = (text) => text.split(/\n{2,}/).map((part) => h("p", null, rich(part)));

/** Lines of Python. @param {string} text */
export const codeBlock = (text) => h("pre", { class: "nnf-quiz-code", tabindex: 0, "aria-label": "Python" },
  h("code", { text }));

/** The same without backticks, for labels. @param {string} text */
export const spoken = (text) => text.replaceAll("`", "").trim();
