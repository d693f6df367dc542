// The seven steps of training in any order, run line by line, as `SevenSteps` in Python runs them with torch.

/** @typedef {{x: number[], y: number[], start: number[], lr: number, rounds: number}} Setting */
/**
 * What a line left behind. `missing` names what it lacks, and then nothing runs after it; `summed` is how many slopes
 * `grad` adds up, `step` how many a step went by, `late` whether they belong to earlier parameters.
 * @typedef {{name: string, line: number, w: number[] | null, loss: number | null, grad: number[] | null,
 *   summed: number, step: number, late: boolean, missing: string}} Ran
 */
/**
 * @typedef {{w: number[] | null, preds: number[] | null, loss: {value: number, at: number[]} | null,
 *   grad: number[] | null, summed: number, at: number[] | null}} Made `preds`, `at`: the parameters they were made with
 */

/** How far each point lies below the line. @param {number[]} w @param {Setting} o */
const errors = ([a, b], { x, y }) => x.map((v, i) => a * v + b - y[i]);

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** @param {number[]} w @param {Setting} o @returns {number[]} the slopes of the loss along both parameters */
function slopes(w, o) {
  const off = errors(w, o);
  return [mean(off.map((e, i) => 2 * e * o.x[i])), mean(off.map((e) => 2 * e))];
}

/** What each line needs, and what it does. @type {Record<string, {needs?: keyof Made, run: (m: Made, o: Setting) => void}>} */
const LINES = {
  initialise: { run: (m, { start }) => { m.w = [...start]; } },
  predict: { needs: "w", run: (m) => { m.preds = m.w; } },
  loss: { needs: "preds", run(m, o) {
    const at = /** @type {number[]} */ (m.preds);
    m.loss = { value: mean(errors(at, o).map((e) => e * e)), at };
  } },
  gradient: { needs: "loss", run(m, o) {
    const { at } = /** @type {{at: number[]}} */ (m.loss), more = slopes(at, o);
    m.grad = m.grad ? m.grad.map((v, i) => v + more[i]) : more;
    m.summed += 1;
    m.at = at;
  } },
  step: { needs: "w", run(m, { lr }) {
    const { grad } = m;
    if (grad) m.w = /** @type {number[]} */ (m.w).map((v, i) => v - lr * grad[i]);
    Object.assign(m, { grad: null, summed: 0 });
  } },
  repeat: { run() {} },
  stop: { run() {} },
};

/**
 * Run one line; what it changed, and what it left.
 * @param {string} name @param {number} line @param {Made} m @param {Setting} o @returns {Ran}
 */
function runLine(name, line, m, o) {
  const { needs, run } = LINES[name], missing = needs && !m[needs] ? needs : "";
  const { summed, w, at } = m, steps = name === "step" && !missing;
  if (!missing) run(m, o);
  return { name, line, w: m.w, loss: m.loss?.value ?? null, grad: m.grad, summed: m.summed, missing,
    step: steps ? summed : 0, late: steps && summed > 0 && w !== at };
}

/**
 * Run the lines in this order: Repeat goes back to Predict so many times, Stop ends it, and so does a line that lacks
 * something.
 * @param {string[]} order @param {Setting} o @returns {Ran[]}
 */
export function runOrder(order, o) {
  /** @type {Made} */
  const made = { w: null, preds: null, loss: null, grad: null, summed: 0, at: null };
  const out = [];
  let at = 0, left = o.rounds;
  while (at < order.length) {
    const ran = runLine(order[at], at, made, o);
    out.push(ran);
    if (ran.missing || ran.name === "stop") break;
    const back = ran.name === "repeat" && left > 0;
    if (back) left -= 1;
    at = back ? order.indexOf("predict") : at + 1;
  }
  return out;
}

/**
 * What came of it, in a word: of a run that came to its end.
 * @param {Ran[]} run @param {number} rounds
 */
export function verdict(run, rounds) {
  const { missing } = run[run.length - 1], steps = run.filter((o) => o.step > 0);
  if (missing) return missing;
  if (!steps.length) return "never";
  if (steps.some((o) => o.step > 1)) return "piled";
  if (steps.some((o) => o.late)) return "late";
  return steps.length === rounds + 1 ? "right" : "once";
}

/** The losses that were measured so far. @param {Ran[]} run */
export const lossesOf = (run) => run.filter((o) => o.name === "loss" && !o.missing).map((o) => o.loss ?? NaN);

/** In which round a run is, from 1: after the last one it stays there. @param {Ran[]} run @param {number} rounds */
export const roundOf = (run, rounds) => 1 + Math.min(rounds, run.slice(0, -1).filter((o) => o.name === "repeat").length);
