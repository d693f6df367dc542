// A question, its answers, and what is said about them: the reply, hints, the reasons, and the way back to the lesson.
import { isForYourself, lessonAddress } from "../maths/answers.js";
import { button } from "../shared/controls.js";
import { Life, h, say } from "../shared/dom.js";
import { answering, rightAnswer } from "./quiz_answers.js";
import { codeBlock, paragraphs, rich, spoken } from "./quiz_text.js";

/** @typedef {import("../maths/answers.js").Card} Card */
/** @typedef {import("../maths/answers.js").Version} Version */
/** @typedef {import("./quiz_deck.js").Deck} Deck */

/** @type {Record<string, string>} */
const ASKS = { choice: "Choose one", several: "Choose all that are right", number: "Type a number",
  shape: "Type a shape", order: "Put them in order", match: "Find the partners", word: "Type one word",
  drawn: "Drag the points, or move them with the arrow keys", code: "Write it in Python",
  think: "Think first, then look" };
/** Kinds whose answers have their reasons beside them once all is open. */
const ROWS = ["choice", "several", "match"];
/** @type {Record<string, string>} */
export const SIGNS = { true: "✓ ", false: "✗ ", null: "○ " };

/** Put a control away, so that no key finds it either. @param {HTMLButtonElement | HTMLSelectElement} node
 * @param {boolean} hide */
export function putAway(node, hide) {
  node.hidden = hide;
  node.disabled = hide;
}

/** Where a question is explained. @param {any} q @param {boolean} kernel */
function lessonLink(q, kernel) {
  const root = kernel ? undefined : document.documentElement.dataset.content_root ?? "";
  const href = lessonAddress(q, { root, path: location.pathname }), text = `Lesson ${q.lesson}: ${spoken(q.under)}`;
  const away = kernel ? { target: "_blank", rel: "noopener" } : {};
  return href ? h("a", { href, text, ...away }) : h("span", { text });
}

/** The right answer with its reasons. @param {Version} q @param {boolean} kernel @returns {Node[]} */
function reasons(q, kernel) {
  const note = (/** @type {(Node | string)[]} */ ...parts) => h("p", { class: "nnf-note" }, parts);
  const slips = (q.slips ?? []).flatMap((/** @type {{code: string, says: string}} */ o) =>
    [codeBlock(o.code.trim()), h("p", null, rich(o.says))]);
  return [...rightAnswer(q), ...(q.kind === "code" ? [codeBlock(q.solution)] : []), ...paragraphs(q.because),
    ...(slips.length ? [h("p", { class: "nnf-title", text: "Likely slips" }), ...slips] : []),
    ...(q.proof ? [note("In Python: ", h("code", { text: q.proof }))] : []),
    note("To read again: ", lessonLink(q, kernel))];
}

/** The buttons below a question. @param {Deck} deck */
function quizButtons(deck) {
  const first = { "data-primary": true };
  const check = button("Check", "check", () => deck.check(), first);
  const had = button("I had it", "yes", () => deck.judge("yes"), first);
  const not = button("Not yet", "no", () => deck.judge("no"));
  const hint = button("Hint", "hint", () => deck.hint());
  const show = button("Show the answer", "show", () => deck.show());
  const again = button("Again", "again", () => deck.again());
  /** @param {Version | null} q @param {boolean} open is the answer there to read? */
  function words(q, open) {
    if (!q) return [check, had, not, hint, show, again].forEach((one) => putAway(one, true));
    const { card } = deck, self = isForYourself(q.kind), asked = card.said !== null;
    putAway(check, self || open);
    for (const one of [had, not]) putAway(one, !self || !card.shown || asked);
    putAway(hint, card.hints >= q.hints.length || open);
    putAway(show, open);
    putAway(again, !open || (self && !asked));
    say(hint, card.hints ? "Another hint" : "Hint");
    say(again, deck.versions(q.id) > 1 ? "Other numbers" : "Again");
  }
  return { node: h("div", { class: "nnf-bar" }, check, had, not, hint, show, again), words };
}

/** What is said of the last answer. @param {Deck} deck */
function quizReply(deck) {
  const sign = h("b"), text = h("span"), node = h("p", { class: "nnf-quiz-reply", role: "status" }, sign, text);
  /** @param {Version} q @param {boolean} open */
  function verdict(q, open) {
    const { ok, says } = deck.reply(q.id), own = deck.page.says;
    if (isForYourself(q.kind) && ok === false) return own.later;
    return open && ok !== null && ROWS.includes(q.kind) ? own[ok ? "right" : "other"] : says;
  }
  /** @param {Version} q @param {boolean} open */
  function words(q, open) {
    node.hidden = deck.card.said === null;
    if (node.hidden) return;
    const { ok } = deck.reply(q.id), now = verdict(q, open);
    node.dataset.kind = String(ok);
    say(sign, SIGNS[`${ok}`]);
    if (text.dataset.of !== now) text.replaceChildren(...rich(now));
    text.dataset.of = now;
  }
  return { node, words };
}

/** The question that is asked. @param {Deck} deck @param {boolean} kernel @param {Life} life */
export function quizStage(deck, kernel, life) {
  const kind = h("p", { class: "nnf-label nnf-quiz-kind", "aria-live": "polite" }), place = h("div");
  const ask = h("div", { class: "nnf-quiz-ask" }), hints = h("ol", { class: "nnf-quiz-hints", "aria-live": "polite" });
  const why = h("div", { class: "nnf-quiz-why" }), bar = quizButtons(deck), reply = quizReply(deck);
  const node = h("div", { class: "nnf-stack nnf-quiz-stage" }, kind, ask, place, bar.node, reply.node, hints, why);
  const hand = { give: (/** @type {any} */ given) => deck.change({ given }), submit: () => deck.check(),
    letters: deck.page.letters };
  let asking = new Life(); // of the question that shows
  life.add(() => asking.end());
  let made = "", way = /** @type {import("./quiz_answers.js").Answering | null} */ (null);

  /** @param {Version} q */
  function make(q) {
    asking.end();
    asking = new Life();
    way = answering(q, { ...hand, life: asking });
    say(kind, `${ASKS[q.kind]}${deck.versions(q.id) > 1 ? ", with numbers of your own" : ""}`);
    ask.replaceChildren(...paragraphs(q.ask), ...(q.code ? [codeBlock(q.code)] : []));
    place.replaceChildren(way.node);
    hints.replaceChildren(...q.hints.map((/** @type {string} */ text) => h("li", null, rich(text))));
    why.replaceChildren(...reasons(q, kernel));
  }
  function words() {
    node.hidden = !deck.id;
    if (node.hidden) return bar.words(null, false);
    const { card, asked, id } = deck, open = card.shown || deck.reply(id).ok === true, name = `${id} ${card.draw}`;
    if (made !== name) make(asked);
    made = name;
    way?.set(card, open);
    bar.words(asked, open);
    reply.words(asked, open);
    hints.hidden = card.hints === 0;
    [...hints.children].forEach((item, i) => item.toggleAttribute("hidden", i >= card.hints));
    why.hidden = !open;
  }
  return { node, words };
}
