// Progress in the browser: {version, cards: {id: [compartment, day]}} under one key, and nowhere else.

/** @typedef {import("../maths/answers.js").Card} Card */
/** @typedef {Record<string, [number, number]>} Kept */

/** @param {any} card */
const isKept = (card) => Array.isArray(card) && card.length === 2 && card.every((n) => Number.isInteger(n) && n >= 0);

/**
 * What a text of the store says; null where it is broken or of another version.
 * @param {string} text @param {number} version @returns {Kept | null}
 */
function keptIn(text, version) {
  try {
    const data = JSON.parse(text);
    const sound = data?.version === version && data.cards instanceof Object && Object.values(data.cards).every(isKept);
    return sound ? data.cards : null;
  } catch { return null; }
}

/**
 * The browser's store under a key; where the browser has none, nothing is kept. What cannot be read is put aside.
 * @param {string} key @param {number} version
 */
export function cardStore(key, version) {
  let problem = "";
  /** @returns {Kept} */
  function read() {
    try {
      const text = localStorage.getItem(key);
      if (text === null) return {};
      const kept = keptIn(text, version);
      if (kept) return kept;
      localStorage.setItem(`${key}:aside`, text);
      problem = `The progress that was saved here cannot be read. It is kept under “${key}:aside”, and a new one begins.`;
    } catch { problem = "This browser keeps nothing for this page: progress is forgotten when you leave."; }
    return {};
  }
  /** @param {Record<string, Card>} cards */
  function write(cards) {
    const kept = read();
    for (const [id, { box, due }] of Object.entries(cards)) {
      delete kept[id];
      if (box > 0) kept[id] = [box, due];
    }
    try { localStorage.setItem(key, JSON.stringify({ version, cards: kept })); } catch { /* said when it was read */ }
  }
  return { read, write, problem: () => problem };
}
