// Checks of values that come in from somebody: each gives the value that a page takes, or throws.
import { packed } from "./numbers.js";

export const POINTS = 300; // of somebody's own data
export const STEPS = 100; // newest places of a path, and losses

/** @typedef {(v: any, what: string) => any} Check */
/** @typedef {Record<string, Check>} Checks */

/** @param {boolean} right @param {string} what */
export function must(right, what) { if (!right) throw new Error(`${what} is not what it should be`); }

/** @type {Check} */
export const number = (v, what) => {
  must(typeof v === "number" && Number.isFinite(v), what);
  return v;
};
/** @type {Check} */
export const truth = (v, what) => {
  must(typeof v === "boolean", what);
  return v;
};
/** @param {number} lo @param {number} hi @returns {Check} both ends belong to it */
export const from = (lo, hi) => (v, what) => {
  must(number(v, what) >= lo && v <= hi, what);
  return v;
};
/** @type {Check} */
export const rate = (v, what) => {
  must(number(v, what) > 0, what);
  return v;
};
/** @param {number} lo @param {number} hi @returns {Check} */
export const count = (lo, hi) => (v, what) => {
  must(Number.isInteger(v) && v >= lo && v <= hi, what);
  return v;
};
/** @param {number} most letters @returns {Check} */
export const text = (most) => (v, what) => {
  must(typeof v === "string" && v.length <= most, what);
  return v;
};
/** @param {unknown[]} all @returns {Check} */
export const one = (all) => (v, what) => {
  must(all.includes(v), what);
  return v;
};
/** @param {Check} check @returns {Check} */
export const maybe = (check) => (v, what) => (v === null ? null : check(v, what));
/** @param {Check} check @param {number} least @param {number} [most] @returns {Check} */
export const list = (check, least, most = least) => (v, what) => {
  must(Array.isArray(v) && v.length >= least && v.length <= most, what);
  return v.map((/** @type {unknown} */ o) => check(o, what));
};
/** An object with just these keys. @param {Checks} checks @returns {Check} */
export const record = (checks) => (v, what) => {
  must(v !== null && typeof v === "object" && !Array.isArray(v), what);
  must(Object.keys(v).length === Object.keys(checks).length, what);
  must(Object.keys(checks).every((key) => Object.hasOwn(v, key)), what);
  return Object.fromEntries(Object.entries(checks).map(([key, check]) => [key, check(v[key], `${what}: ${key}`)]));
};
/** One for each name. @param {string[]} names @param {Check} check */
export const named = (names, check) => record(Object.fromEntries(names.map((name) => [name, check])));
/** Packed numbers, so many of them. @param {number} least @param {number} [most] @returns {Check} */
export const floats = (least, most = least) => (v, what) => packed(record({ f: list(number, least, most) })(v, what).f);

/** The ends of a slider. @type {Check} */
export const ends = (v, what) => {
  const [lo, hi] = list(from(-1e12, 1e12), 2)(v, what);
  must(hi - lo > 1e-9 * Math.max(Math.abs(lo), Math.abs(hi)), what);
  return [lo, hi];
};

/** Numbers in lists, one inside another like those of `first`. @param {any} first @returns {Check} */
export const like = (first) => (Array.isArray(first) ? (v, what) => {
  list(() => 0, first.length)(v, what);
  return v.map((/** @type {unknown} */ o, /** @type {number} */ i) => like(first[i])(o, what));
} : number);

/** Some of these, each once. @param {unknown[]} all @returns {Check} */
export const someOf = (all) => (v, what) => {
  const some = list(one(all), 1, all.length)(v, what);
  must(new Set(some).size === some.length, what);
  return some;
};

/** The newest rows of a table. @param {ArrayLike<number>} table @param {number} wide @param {number} most */
export const newest = (table, wide, most = STEPS) => Array.from(table).slice(-wide * most);

/** Points that a link carries, or an error. @param {any} points packed @param {number} columns */
export function fewPoints(points, columns) {
  const n = points.byteLength / 8 / columns;
  if (n > POINTS) throw new Error(`A link carries ${POINTS} points, and these are ${n.toLocaleString("en")}.`);
  return points;
}
