// The one run loop.

const CALM = "(prefers-reduced-motion: reduce)";
const CALM_PAUSE = 500; // ms between two jumps where somebody wants little motion

/**
 * A loop that a button starts and pauses, and that ends with its view.
 * @param {import("./dom.js").Life} life
 * @param {{ beat: (steps: number) => boolean | void, wait?: (beats: number) => number, steps?: number, calm?: number,
 *   tell?: (running: boolean) => void, }} o `beat` takes that many steps and gives false where the loop ends; `wait`:
 *   ms after so many beats until the next, 0 for the next frame; `steps` a beat, or `calm` of them seldom, for those
 *   who want little motion; `tell` hears of every start and end
 * @returns {{start: () => void, stop: () => void, toggle: () => void, readonly running: boolean}}
 */
export function runLoop(life, { beat, wait = () => 0, steps = 1, calm = 10, tell = () => {} }) {
  let frame = 0, timer = 0, running = false, beats = 0;
  const few = () => matchMedia(CALM).matches;
  function next() {
    const ms = beats === 0 ? 0 : Math.max(few() ? CALM_PAUSE : 0, wait(beats));
    if (ms > 0) timer = setTimeout(once, ms); else frame = requestAnimationFrame(once);
  }
  function once() {
    if (beat(few() ? calm : steps) === false) return stop();
    beats++;
    if (running) next();
  }
  function start() {
    if (running) return;
    running = true; beats = 0;
    tell(true);
    next();
  }
  function stop() {
    clearTimeout(timer); cancelAnimationFrame(frame);
    if (!running) return;
    running = false;
    tell(false);
  }
  life.add(stop);
  return { start, stop, toggle: () => (running ? stop() : start()), get running() { return running; } };
}
