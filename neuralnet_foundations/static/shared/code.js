// Python for what is on the page: a button that copies it and shows what it copied.
import { button } from "./controls.js";
import { h, say } from "./dom.js";

const COPIED = "Copied: paste it into a notebook.", BY_HAND = "This page may not copy: select the code and copy it by hand.";

/**
 * @param {{code: () => string, about: () => unknown[]}} o the code, and the values that it is about: once they are
 *   others, it is put away
 * @returns {import("./dom.js").Part & {button: HTMLElement}}
 */
export function copyCode({ code, about }) {
  const said = h("p", { class: "nnf-copied-said", role: "status" });
  const text = h("pre", { class: "nnf-code", role: "region", "aria-label": "Python for what is on the page", tabindex: 0 });
  const node = h("div", { class: "nnf-stack nnf-tight nnf-copied" }, said);
  let of = /** @type {unknown[]} */ ([]);
  const copy = button("Copy as Python", "copy", async () => {
    of = about();
    say(text, code());
    node.append(text);
    try {
      await navigator.clipboard.writeText(text.textContent ?? "");
      say(said, COPIED);
    } catch { say(said, BY_HAND); }
  });
  const words = () => {
    if (!text.isConnected || about().every((v, i) => v === of[i])) return;
    text.remove();
    say(said, "");
  };
  return { node, button: copy, words };
}
