// The model of one function's fit, inside a model that has several functions: what FitByHand's view asks for, and what
// it changes.
import { same } from "../shared/outbox.js";

/** @typedef {{get: (name: string) => any, put: (changes: Record<string, unknown>) => void,
 *   on: (name: string, f: (foreign: boolean) => void) => void}} Box */
/** @typedef {{name: string, label: string, says: string, start: Record<string, number>, spec: any}} Ready */

const OF_STATE = ["params", "best_params", "ranges"], OF_ALL = ["lr", "arrows", "own_data", "points"];

/** The state in which a function starts. @param {Ready} ready */
export const freshState = ({ name, start, spec: { ranges } }) => ({ chosen: name, params: start, best_params: start, ranges });

/**
 * @param {Box} box of the whole @param {Ready} ready the function @returns {WidgetModel}
 */
export function fitModel(box, { name: chosen, spec, start }) {
  const { fit } = box.get("page"), handlers = /** @type {Map<string, Set<() => void>>} */ (new Map());
  /** @type {Record<string, unknown>} */
  const values = { page: fit, spec, start, note: "", shown: null, steep: 1 };
  const told = () => ({ ...box.get("state"), ...Object.fromEntries(OF_ALL.map((name) => [name, box.get(name)])) });
  /** @param {string} name @param {unknown} value */
  function set(name, value) {
    values[name] = value;
    for (const f of handlers.get(`change:${name}`) ?? []) f();
  }
  /** What the whole has heard of. */
  function hear() {
    if (box.get("state").chosen !== chosen) return;
    const now = told();
    for (const name of [...OF_STATE, ...OF_ALL]) if (!same(values[name], now[name])) set(name, now[name]);
  }
  /** What the view has changed. */
  function save() {
    const [params, best_params, ranges] = OF_STATE.map((name) => values[name]), before = told();
    const others = OF_ALL.filter((name) => !same(values[name], before[name])).map((name) => [name, values[name]]);
    const mine = before.chosen === chosen ? { state: { chosen, params, best_params, ranges } } : {};
    box.put({ ...mine, ...Object.fromEntries(others) });
  }
  hear();
  for (const name of ["state", ...OF_ALL]) box.on(name, (foreign) => { if (foreign) hear(); });
  return /** @type {any} */ ({ static: true, inner: true, get: (/** @type {string} */ name) => values[name], set,
    save_changes: save,
    on: (/** @type {string} */ name, /** @type {() => void} */ f) =>
      handlers.set(name, (handlers.get(name) ?? new Set()).add(f)),
    off: (/** @type {string} */ name, /** @type {() => void} */ f) => handlers.get(name)?.delete(f) });
}
