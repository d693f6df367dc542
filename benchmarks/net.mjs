// An epoch and a surface of the page's network beside an object for each link; prints milliseconds as JSON. Both must
// give the same numbers.
import { countOf } from "../neuralnet_foundations/static/maths/dense.js";
import { surfaces, workFor } from "../neuralnet_foundations/static/maths/net.js";
import { begun, stepsLeft, trained } from "../neuralnet_foundations/static/maths/net_training.js";
import { mulberry } from "../neuralnet_foundations/static/maths/shuffle.js";
import { objectEpoch, objectNet, objectParams, objectSurface } from "./net_objects.mjs";

const SIZES = [2, 8, 8, 8, 1], N = 250, BATCH = 10, LR = 0.03, GRID = 100, EPOCHS = 301, PICTURES = 31;
const next = mulberry(1), random = () => next() / 2 ** 32 - 0.5;
const rows = Array.from({ length: N }, () => [2 * random(), 2 * random(), Math.sign(random())]);
const start = Float64Array.from({ length: countOf(SIZES) }, random);
const shape = { sizes: SIZES, acts: ["tanh", "tanh", "tanh"] }, problem = { name: "mse_loss", shape };
const train = { x: Float64Array.from([0, 1].flatMap((c) => rows.map((row) => row[c]))),
  y: Float64Array.from(rows, (row) => row[2]), n: N }, test = { x: new Float64Array(0), y: new Float64Array(0), n: 0 };
const how = { lr: LR, momentum: 0, batch_size: BATCH, shuffle: false, keep: 1000, farthest: 1e25 };

/** The median of so many times. */
function timed(f, n) {
  const times = Array.from({ length: n }, () => {
    const before = performance.now();
    f();
    return performance.now() - before;
  });
  return times.toSorted((a, b) => a - b)[n >> 1];
}
const far = (a, b) => Math.max(...Array.from(a, (v, i) => Math.abs(v - b[i])));

let run = begun(problem, start, train, test);
const layers = objectNet(SIZES, start), limits = [-1, 1, -1, 1];
const epoch = timed(() => { ({ run } = trained(problem, run, train, test, how, stepsLeft(run, N, how))); }, EPOCHS);
const epochObjects = timed(() => objectEpoch(layers, rows, LR, BATCH), EPOCHS);
const ours = surfaces(shape, run.params, limits, GRID).at(-1);
const theirs = objectSurface(layers, GRID)[`${SIZES.length - 1}-0`].flat();
if (far(run.params, objectParams(layers)) > 1e-9 || far(ours, theirs) > 1e-9) throw new Error("the two networks differ");
const room = workFor(SIZES, GRID * GRID), surface = timed(() => surfaces(shape, run.params, limits, GRID, room), PICTURES);
const surfaceObjects = timed(() => objectSurface(layers, GRID), PICTURES);
console.log(JSON.stringify({ epoch, epochObjects, surface, surfaceObjects }));
