// What a quiz knows: its questions, a card for each, which of them is asked, and what the browser has kept.
import { checkedCard, dayNumber, dueIds, isForYourself, judgedAnswer, shownCard } from "../maths/answers.js";
import { cardStore } from "./quiz_store.js";

/** @typedef {import("../maths/answers.js").Card} Card */
/** @typedef {import("../maths/answers.js").Given} Given */
/** @typedef {import("../maths/answers.js").Version} Version */
/** @typedef {Record<string, Card>} Cards */

/** What stands there before anybody answers. @param {Version} q */
const untouched = (q) =>
  ({ order: q.shown, match: q.pairs?.map(() => null), choice: [], several: [], drawn: [] })[q.kind] ?? "";

export class Deck {
  /** @param {WidgetModel} model @param {import("../shared/outbox.js").Part} box */
  constructor(model, box) {
    this.box = box;
    this.page = model.get("page");
    const questions = /** @type {any[]} */ (model.get("questions"));
    this.questions = new Map(questions.map((q) => [q.id, q]));
    this.store = this.page.store ? cardStore(this.page.store, this.page.version) : null;
  }

  get today() { return dayNumber(Date.now(), new Date().getTimezoneOffset()); }
  get cards() { return /** @type {Cards} */ (this.box.get("cards")); }
  get chosen() { return /** @type {string[]} */ (this.box.get("chosen")); }
  get at() { return /** @type {number} */ (this.box.get("at")); }
  get id() { return this.chosen[this.at]; }
  get card() { return this.cards[this.id]; }
  get asked() { return this.version(this.id); }
  get judging() { return { says: this.page.says, days: this.page.days, today: this.today }; }

  /** How many sets of numbers a question has. @param {string} id @returns {number} */
  versions(id) { return this.questions.get(id).versions.length; }

  /** The question with the numbers of its card. @param {string} id @returns {Version} */
  version(id) {
    const q = this.questions.get(id);
    return { ...q, ...q.versions[this.cards[id].draw] };
  }

  /** @param {string} id */
  reply(id) { return judgedAnswer(this.version(id), this.cards[id].said, this.page.says); }

  /** Is anything left to do with it? @param {string} id */
  isOpen(id) { return !this.cards[id].tries && this.reply(id).ok === null; }

  /** @param {Partial<Card>} changes of the card that is asked */
  change(changes) { this.box.put({ cards: { ...this.cards, [this.id]: { ...this.card, ...changes } } }); }

  check() {
    const { asked, card } = this;
    if (!isForYourself(asked.kind)) this.change(checkedCard(asked, card, card.given ?? untouched(asked), this.judging));
  }

  /** What only the reader can judge. @param {"yes" | "no"} said */
  judge(said) {
    if (isForYourself(this.asked.kind)) this.change(checkedCard(this.asked, this.card, said, this.judging));
  }

  hint() { this.change({ hints: Math.min(this.card.hints + 1, this.asked.hints.length) }); }
  show() { this.change(shownCard(this.asked, this.card, this.judging)); }

  /** The question anew, with other numbers where it has some; the card keeps its place in the box. */
  again() {
    const { tries, box, due, draw } = this.card;
    this.change({ ...this.page.card, tries, box, due, draw: (draw + 1) % this.versions(this.id) });
  }

  forget() {
    this.box.put({ cards: Object.fromEntries(Object.keys(this.cards).map((id) => [id, this.page.card])) });
  }

  /** What the browser has kept, into the cards that nobody has touched yet. */
  restore() {
    const kept = this.store?.read() ?? {}, top = this.page.days.length - 1, cards = { ...this.cards };
    const fresh = Object.keys(cards).filter((id) => kept[id] && !cards[id].tries && cards[id].due !== kept[id][1]);
    for (const id of fresh) cards[id] = { ...cards[id], box: Math.min(kept[id][0], top), due: kept[id][1] };
    if (fresh.length) this.box.put({ cards });
  }

  /** So many questions as a day has: those that are due, and then new ones if `fresh`. @param {boolean} fresh */
  deal(fresh) {
    const { cards } = this, never = Object.keys(cards).filter((id) => !cards[id].box);
    const chosen = [...dueIds(cards, this.today), ...(fresh ? never : [])].slice(0, this.page.daily);
    if (chosen.length) this.box.put({ chosen, at: 0 });
  }
}
