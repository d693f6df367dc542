// What a link tells of each explorer, and what of that is believed. A check gives the value that the page takes, or
// throws.
import { row } from "../maths/descent.js";
import { rows } from "../maths/loop.js";
import { runOrder } from "../maths/seven_steps.js";
import { plain } from "./link.js";
import { floats as numbersIn, packed } from "./numbers.js";
import { NET } from "./told_net.js";
import {
  count, ends, fewPoints, floats, from, like, list, maybe, must, named, newest, number, one, POINTS, rate, record, someOf,
  STEPS, text, truth,
} from "./trust.js";

/** @typedef {import("./trust.js").Check} Check */
/** @typedef {import("./trust.js").Checks} Checks */
/** @typedef {Record<string, any>} State a page's values by the names of traits */

/** Somebody's own points, or none. @type {Check} */
const ownData = (v, what) => {
  if (v !== null && typeof v === "object" && !Array.isArray(v) && !Object.keys(v).length) return {};
  const own = record({ points: floats(2, 2 * POINTS), xlabel: text(200), ylabel: text(200) })(v, what);
  must(own.points.byteLength % 16 === 0, what);
  return own;
};

// What follows from a value that is told short

/** The data of a descent, and what it computes with. @param {State} now @param {string} criterion */
function problemOf({ spec, points, own_data: own }, criterion) {
  const all = numbersIn(own.points ?? points), n = all.length / 2;
  const loss = spec.losses.find((/** @type {{name: string}} */ one) => one.name === criterion);
  return { curve: spec.f, loss, xs: all.slice(0, n), ys: all.slice(n) };
}

/** A descent's state with loss and slopes at each place of its path. @param {State} state @param {State} now */
function withSlopes(state, now) {
  const vary = /** @type {string[]} */ (now.spec.vary), k = vary.length, places = numbersIn(state.path);
  const problem = problemOf(now, state.criterion), path = [], many = places.length / k;
  must(Number.isInteger(many) && many <= state.steps + 1, "state: path");
  for (let i = 0; i < many; i++) {
    const at = Object.fromEntries(vary.map((name, j) => [name, places[i * k + j]]));
    path.push(...row(problem, vary, { ...state.params, ...at }));
  }
  must(path.every(Number.isFinite), "state: path");
  must(vary.every((name, j) => state.params[name] === places[(many - 1) * k + j]), "state: path");
  return { ...state, path: packed(path) };
}

/** A descent's state with the places of its path alone, the newest of them. @param {State} state @param {State} now */
function withoutSlopes(state, { spec: { vary: { length: k } } }) {
  const path = newest(numbersIn(state.path), 2 * k + 1);
  return { ...state, path: packed(path.filter((_, i) => i % (2 * k + 1) < k)) };
}

/**
 * Points that come with the state of a descent on them; without one, that of the page must be it.
 * @param {any} own @param {State} now
 */
function withState(own, now) {
  const [was, is] = [now.state, withSlopes(withoutSlopes(now.state, now), now)].map(({ path }) => numbersIn(path));
  const end = was.slice(-is.length);
  must(is.every((v, i) => Math.abs(v - end[i]) <= 1e-9 * Math.max(Math.abs(v), Math.abs(end[i]))), "own_data");
  return own;
}

/** ReLUs of one number. @param {State} state */
function ofOneLength(state) {
  const sizes = [state.params, state.velocity].flatMap(({ w, m, b }) => [w.length, m.length, b.length]);
  must(new Set(sizes).size === 1, "state: the number of ReLUs");
  return state;
}

/** A loop whose next stage has what it needs. @param {State} loop @param {State} now */
function inOrder(loop, { shape: [n], batch_size: size, page: { stages } }) {
  const name = stages[loop.stage], { first, last } = rows({ n, size }, loop.shown);
  const before = loop.stage ? [loop.stage - 1] : [null, stages.length - 2, stages.length - 1];
  must(before.includes(loop.done) && (!loop.stage || loop.shown === loop.batch), "loop: stage");
  must(loop.preds === null || loop.preds.length === last - first, "loop: preds");
  must(loop.preds !== null || !["loss", "gradient"].includes(name), "loop: preds");
  must((loop.grad === null) === (loop.summed === 0), "loop: grad");
  must(loop.grad !== null || !["step", "zero"].includes(name), "loop: grad");
  must(loop.losses.length <= loop.steps, "loop: losses");
  return loop;
}

/** Strokes of no more points than a pad takes. @param {number[][][]} strokes @param {State} now */
function notTooMany(strokes, { page }) {
  must(strokes.flat().length <= page.most_points, "strokes");
  return strokes;
}

/** Different rows of a table. @param {number[]} all */
function different(all) {
  must(new Set(all).size === all.length, "kept");
  return all;
}

/** A curve that the page computes, or else nothing that a link could tell. @param {State} now @returns {Checks} */
function fitChecks({ spec }) {
  if (!spec.f || !spec.losses[0].value) return {};
  const { names } = spec, values = named(names, number);
  const points = { own_data: ownData, ranges: named(names, ends) };
  return { ...points, params: values, best_params: values, lr: rate, arrows: truth };
}

/** @param {State} now @returns {Checks} */
function descentChecks({ spec }) {
  const { f: { names }, vary: { length: k } } = spec, some = list(number, k);
  const criterion = one(spec.losses.map((/** @type {{name: string}} */ o) => o.name)), values = named(names, number);
  const state = record({ params: values, velocity: some, grad: some, steps: count(0, 1e9), path: floats(k, k * STEPS),
    criterion });
  return { own_data: ownData, ranges: named(names, ends), start: values, lr: rate, momentum: from(0, 1 - 1e-9),
    zero_grad: truth, criterion, state };
}

/** @param {State} now @returns {Checks} */
function reluChecks({ page, heights }) {
  const each = list(number, 1, page.most), relus = record({ w: each, m: each, b: each, c: number });
  const state = record({ params: relus, velocity: relus, steps: count(0, 1e9), losses: floats(1, STEPS) });
  return { heights: floats(numbersIn(heights).length), lr: rate, momentum: from(0, 1 - 1e-9), state };
}

/** @param {State} now @returns {Checks} */
function loopChecks({ page, shape: [n, d], batch_size: size }) {
  const each = list(number, d + 1), stage = count(0, page.stages.length - 1), batch = count(0, Math.ceil(n / size) - 1);
  const many = count(0, 1e9);
  const loop = record({ params: each, grad: maybe(each), summed: many, preds: maybe(list(number, 1, size)),
    loss: maybe(number), stage, done: maybe(stage), batch, shown: batch, epoch: many, steps: many,
    losses: list(number, 0, STEPS) });
  return { lr: rate, zero_grad: truth, loop };
}

/** @param {State} now @returns {Checks} */
function broadcastChecks({ page }) {
  const shape = list(count(0, page.largest), 0, page.most_axes);
  /** @type {Check} */
  const guess = (v, what) => (v === page.impossible ? v : shape(v, what));
  return { shape_a: shape, shape_b: shape, guess: maybe(guess), revealed: truth };
}

/** Each of the steps once. @param {State} now @returns {Checks} */
function sevenChecks({ page }) {
  const names = Object.keys(page.steps), some = list(one(names), names.length);
  /** @type {Check} */
  const order = (v, what) => {
    must(new Set(some(v, what)).size === names.length, what);
    return v;
  };
  return { order, ran: count(0, 1e6) };
}

/** No more lines than an order runs. @param {number} ran @param {State} now */
function asFar(ran, { order, page }) {
  must(ran <= runOrder(order, page).length, "ran");
  return ran;
}

/** @param {State} now @returns {Checks} */
const whichChecks = ({ page }) => ({ lr: one(page.rates), batch_size: one(page.sizes),
  asked: count(0, page.runs.length - 1), help: count(0, 2) });

/** @param {State} now @returns {Checks} */
const logitsChecks = ({ page, labels: { length: n } }) => ({ logits: list(number, n), target: count(0, n - 1),
  temperature: from(page.coldest, page.hottest), subtract: truth, lr: rate, guess: maybe(from(0, 1)),
  revealed: truth });

/** @param {State} now @returns {Checks} */
function frontierChecks({ page, models }) {
  const place = count(0, models.model.length - 1);
  const machines = page.devices.map((/** @type {{name: string}} */ o) => o.name);
  return { device: one(machines), search: text(page.letters), family: one(["", ...models.family]),
    need: from(1e-9, 1e9), chosen: maybe(place),
    kept: list(place, 0, page.most), round: count(0, 1e6), guess: list(maybe(one([0, 1])), 2) };
}

/** Which questions, and which of them is asked; not what anybody answered. @param {State} now @returns {Checks} */
function quizChecks({ questions }) {
  const ids = questions.map((/** @type {{id: string}} */ q) => q.id);
  return { chosen: someOf(ids), at: count(0, ids.length - 1) };
}

/** A place among those that are chosen. @param {any} value of either trait @param {State} now */
function amongThem(value, { chosen, at }) {
  must(at < chosen.length, "at");
  return value;
}

/** @param {State} now @returns {Checks} */
function sheetChecks({ start }) {
  const params = Object.fromEntries(Object.entries(start).map(([name, first]) => [name, like(first)]));
  return { params: record(params), lr: rate, backward: truth };
}

/** @param {State} now @returns {Checks} */
function anythingChecks({ page: { functions } }) {
  const names = functions.map((/** @type {{name: string}} */ o) => o.name);
  /** @type {Check} */
  const state = (v, what) => {
    const chosen = one(names)(v?.chosen, what), { spec } = functions[names.indexOf(chosen)];
    const values = named(spec.names, number), ranges = named(spec.names, ends);
    return record({ chosen: one([chosen]), params: values, best_params: values, ranges })(v, what);
  };
  return { state, own_data: ownData, lr: rate, arrows: truth };
}

/** Own points that a link carries, or none. @param {State} own */
function fewOwn(own) {
  if (own.points) fewPoints(own.points, 2);
  return own;
}

/**
 * For each explorer the checks of what a link tells of it; `tell` makes a value shorter, `take` makes it whole again.
 * @type {Record<string, {checks: (now: State) => Checks, tell?: Record<string, (v: any, now: State) => any>,
 *   take?: Record<string, (v: any, now: State) => any>}>}
 */
const KINDS = {
  FitByHand: { checks: fitChecks, tell: { own_data: fewOwn } },
  DescentExplorer: { checks: descentChecks, tell: { own_data: fewOwn, state: withoutSlopes }, 
    take: { state: withSlopes, own_data: withState } },
  ReluBuilder: { checks: reluChecks, take: { state: ofOneLength },
    tell: { state: (state) => ({ ...state, losses: packed(newest(numbersIn(state.losses), 1)) }) } },
  LoopStepper: { checks: loopChecks, take: { loop: inOrder },
    tell: { loop: (loop) => ({ ...loop, losses: newest(loop.losses, 1) }) } },
  BroadcastExplorer: { checks: broadcastChecks },
  SevenSteps: { checks: sevenChecks, take: { ran: asFar } },
  WhichRun: { checks: whichChecks },
  DrawDigit: { checks: ({ page: { most_points: most } }) => ({ strokes: list(list(list(from(0, 1), 2), 1, most), 0, most) }),
    take: { strokes: notTooMany } },
  LogitsExplorer: { checks: logitsChecks },
  FrontierExplorer: { checks: frontierChecks, take: { kept: different } },
  Quiz: { checks: quizChecks, take: { chosen: amongThem, at: amongThem } },
  SheetExplorer: { checks: sheetChecks },
  NetPlayground: NET,
  FitAnything: { checks: anythingChecks, tell: { own_data: fewOwn } },
};

/** What a link may tell of an explorer. @param {string} name @param {State} now */
export const keysOf = (name, now) => Object.keys(KINDS[name].checks(now));

/** Can a link tell what this explorer shows? @param {string} name @param {State} now */
export const canTell = (name, now) => Object.hasOwn(KINDS, name) && keysOf(name, now).length > 0;

/** @param {unknown} v */
const written = (v) => JSON.stringify(v, plain);

/**
 * The values of an explorer that are not those of its page; an error where a link cannot carry them.
 * @param {string} name @param {State} now @param {State} saved as its page has them @returns {Record<string, unknown>}
 */
export function tell(name, now, saved) {
  const { tell: short = {} } = KINDS[name];
  const other = keysOf(name, saved).filter((key) => written(now[key]) !== written(saved[key]));
  const shorter = (/** @type {string} */ key) => (Object.hasOwn(short, key) ? short[key](now[key], now) : now[key]);
  return Object.fromEntries(other.map((key) => [key, shorter(key)]));
}

/**
 * The values that a page takes of what somebody told; an error where any of them is not what it should be.
 * @param {string} name @param {Record<string, unknown>} told @param {State} saved as its page has them @returns {State}
 */
export function take(name, told, saved) {
  const { checks, take: whole = {} } = KINDS[name], known = checks(saved);
  must(Object.keys(told).every((key) => Object.hasOwn(known, key)), "a name in it");
  const now = { ...saved }, keys = Object.keys(told);
  for (const key of keys) now[key] = known[key](told[key], key);
  for (const key of Object.keys(whole)) if (Object.hasOwn(told, key)) now[key] = whole[key](now[key], now);
  return Object.fromEntries(keys.map((key) => [key, now[key]]));
}
