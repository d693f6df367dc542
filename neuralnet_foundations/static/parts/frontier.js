// What FrontierExplorer knows: the models, which of them are shown, and what is said of one.
import { bestRow, bySpeed, frontierRows, rowsShown } from "../maths/frontier.js";
import { precise } from "../shared/numbers.js";

/** @typedef {import("../shared/outbox.js").Part} Box */
/**
 * @typedef {{model: string[], family: string[], img_size: number[], top1: number[], params: number[],
 *   [machine: string]: any}} Models a column each
 * @typedef {{order: number[], frontier: number[], has: Set<number>}} Found rows by speed, and those that none beats
 */

/** Images a second, for reading. @param {number | null} v */
export function pace(v) {
  if (v === null) return "not measured";
  return v >= 1000 ? Math.round(v).toLocaleString("en") : precise(v, 3);
}

export class Fleet {
  /** @param {Box} box @param {any} models @param {any} page */
  constructor(box, models, page) {
    this.box = box;
    this.models = /** @type {Models} */ (models);
    this.page = page;
    this.hovered = -1;
    /** @type {Map<string, Found>} */
    this.known = new Map();
  }
  /** @type {(number | null)[]} */
  get speeds() { return this.models[this.box.get("device")]; }

  /** @param {string} search @param {string} family @returns {Found} */
  find(search, family) {
    const key = JSON.stringify([this.box.get("device"), search, family]), { models, speeds } = this;
    let found = this.known.get(key);
    if (!found) {
      const rows = rowsShown(models.model, models.family, speeds, search, family);
      const order = bySpeed(rows, speeds, models.top1);
      found = { order, frontier: frontierRows(order, speeds, models.top1), has: new Set(rows) };
      this.known.set(key, found);
    }
    return found;
  }
  get shown() { return this.find(this.box.get("search"), this.box.get("family")); }
  get all() { return this.find("", ""); }

  /** The most accurate model shown that is fast enough, or -1. */
  get best() { return bestRow(this.shown.frontier, this.speeds, this.box.get("need")); }

  /** How many of those shown are fast enough. */
  get enough() { return this.shown.order.filter((i) => Number(this.speeds[i]) >= this.box.get("need")).length; }

  /** The row that is read: under the pointer, else the chosen one, else the best; -1 where there is none. */
  get read() { return this.hovered >= 0 ? this.hovered : this.box.get("chosen") ?? this.best; }

  /** @param {number} i */
  name(i) { return this.models.model[i]; }

  /** What it is, without its speed and accuracy. @param {number} i */
  kind(i) {
    const { family, img_size: size, params } = this.models;
    return `${family[i]} · ${size[i]} px · ${precise(params[i], 3)} million parameters`;
  }
  /** @param {number} i */
  figures(i) { return `${this.models.top1[i].toFixed(1)} % right, ${pace(this.speeds[i])} images a second`; }

  /** How it stands among those shown. @param {number} i */
  standing(i) {
    const { shown, speeds } = this, speed = speeds[i];
    if (speed === null) return "It was not measured on this machine.";
    if (!shown.has.has(i)) return "The search or the family leaves it out.";
    if (shown.frontier.includes(i)) return "On the frontier: none that is shown beats it.";
    const better = bestRow(shown.frontier, speeds, speed);
    return `Beaten by ${this.name(better)}: ${this.figures(better)}.`;
  }
}
