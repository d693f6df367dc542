// Questions that answer back: guess, check, hints one by one, the answer with its reasons; and a box of cards that
// brings back what was missed. All of it in the page; progress stays in this browser.
import { dueIds } from "./maths/answers.js";
import { Deck } from "./parts/quiz_deck.js";
import { SIGNS, putAway, quizStage } from "./parts/quiz_stage.js";
import { spoken } from "./parts/quiz_text.js";
import { button } from "./shared/controls.js";
import { Life, h, hasKernel, listen, makeRoot, onFrame, say } from "./shared/dom.js";
import { outbox } from "./shared/outbox.js";

const LONG = 70; // letters of a question in the list
const DONE = "That was all for now. What you missed comes back tomorrow.", NONE = "Nothing is due today.";

/** A question in the list. @param {Deck} deck @param {string} id @param {number} i */
function listed(deck, id, i) {
  const { ok } = deck.reply(id), text = spoken(deck.version(id).ask).replace(/\s+/g, " ");
  const short = text.length > LONG ? `${text.slice(0, LONG).trimEnd()} …` : text;
  return `${i + 1} of ${deck.chosen.length}  ${ok === null ? "" : SIGNS[`${ok}`]}${short}`;
}

/** The bar on top: which question, and the way to others. @param {Deck} deck */
function navigation(deck) {
  const go = (/** @type {number} */ by) => () => deck.box.put({ at: deck.at + by });
  const back = button("‹", "back", go(-1), { "aria-label": "Previous question" });
  const next = button("Next ›", "next", go(1), { "aria-label": "Next question" });
  const select = h("select", { "data-action": "question", "aria-label": "Question" });
  listen(select, "change", () => deck.box.put({ at: select.selectedIndex }));
  const node = h("div", { class: "nnf-quiz-head" }, back, select, next);
  let shown = "";
  function words() {
    const { chosen, at } = deck;
    node.hidden = chosen.length < 2;
    if (shown !== chosen.join()) select.replaceChildren(...chosen.map(() => h("option")));
    shown = chosen.join();
    chosen.forEach((id, i) => say(select.options[i], listed(deck, id, i)));
    select.selectedIndex = at;
    select.disabled = node.hidden;
    back.disabled = at === 0;
    next.disabled = at >= chosen.length - 1;
  }
  return { node, words };
}

/** For a daily quiz: what is done, and the way to more. @param {Deck} deck */
function daily(deck) {
  const done = h("p", { class: "nnf-quiz-done", role: "status" });
  const more = button("", "more", () => deck.deal(true), { "data-primary": true });
  const node = h("div", { class: "nnf-bar" }, done, more);
  function words() {
    const { cards, chosen, page } = deck, late = dueIds(cards, deck.today).length;
    const n = Math.min(page.daily, late + Object.values(cards).filter((c) => !c.box).length);
    node.hidden = !page.daily || chosen.some((id) => deck.isOpen(id));
    say(done, chosen.length ? DONE : NONE);
    say(more, late ? `Ask ${n} more` : `Ask ${n} new ${n === 1 ? "one" : "ones"}`);
    putAway(more, node.hidden || n === 0);
  }
  return { node, words };
}

/** How far one is, for who wants to know, and the way to forget it. @param {Deck} deck */
function standing(deck) {
  const told = h("p", { class: "nnf-note" });
  let sure = false;
  const ask = (/** @type {boolean} */ again) => {
    sure = again;
    words();
  };
  const forget = button("", "forget", () => {
    if (sure) deck.forget();
    ask(!sure);
  });
  listen(forget, "blur", () => ask(false));
  const node = h("details", { class: "nnf-quiz-fold" }, h("summary", { text: "How am I doing?" }), told, forget);
  listen(node, "toggle", () => words());
  function words() {
    const all = Object.values(deck.cards), asked = all.filter((c) => c.box > 0), { store, cards, today } = deck;
    const where = `It is kept in ${store ? "this browser and nowhere else" : "the file that you named"}.`;
    say(told, `${asked.length} of ${all.length} asked, ${asked.filter((c) => c.box > 1).length} known at the first try. `
      + `${dueIds(cards, today).length} to ask again today. ${store?.problem() || where}`);
    say(forget, sure ? "Yes, forget all of it" : "Forget my answers");
    forget.disabled = !node.open;
  }
  return { node, words };
}

/** @param {{model: WidgetModel, el: HTMLElement}} o */
function render({ model, el }) {
  const life = new Life(), box = outbox(model, life), deck = new Deck(model, box);
  const root = makeRoot({ el, name: "Quiz", label: "Questions", life });
  deck.restore();
  const begins = Object.values(deck.cards).every((card) => !card.box);
  if (deck.page.daily && !deck.chosen.length) deck.deal(begins);
  const parts = [navigation(deck), quizStage(deck, hasKernel(model), life), daily(deck), standing(deck)];
  root.append(...parts.map((part) => part.node));
  const words = () => { for (const part of parts) part.words(); };
  const draw = onFrame(words, life);
  for (const name of ["cards", "chosen", "at"]) box.on(name, () => {
    if (name === "cards") deck.store?.write(deck.cards);
    draw();
  });
  words();
  return life.end;
}

export default { render };
